package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// The two desks of the growth section: the same program on the same engine, the second
// with as many times the channels and jobs as these factors say.
const (
	smallDesk = "small-desk"
	grownDesk = "grown-desk"

	smallChannels = 2
	smallJobs     = 1000
	moreChannels  = 10
	moreJobs      = 100

	// growthRate is low enough for neither desk to be the limit, so that what differs
	// is the cost of a request.
	growthRate = 200
)

// growthSection is the name of -only.
const growthSection = "growth"

// growth measures what requests cost on a small desk and on a grown one.
func (b *bench) growth(ctx context.Context) ([]*table, []string, error) {
	var pair []*server
	var notes []string
	for _, d := range []struct {
		name           string
		channels, jobs int
	}{{smallDesk, smallChannels, smallJobs}, {grownDesk, smallChannels * moreChannels, smallJobs * moreJobs}} {
		s, err := newTaskbridge(b.bin, b.work, d.name, nil, b.slow)
		if err != nil {
			return nil, nil, err
		}
		b.atEnd(s.slack.close)
		b.progress("starting the server on %s", s.addr)
		if err := s.boot(ctx); err != nil {
			return nil, nil, err
		}
		b.atEnd(s.stop)
		plan := b.cfg.seed
		plan.contractors, plan.targets, plan.buttons = d.channels, d.jobs, smallJobs
		if _, err := seed(ctx, s, plan, b.progress); err != nil {
			return nil, nil, fmt.Errorf("seed: %w", s.failure(err))
		}
		notes = append(notes, fmt.Sprintf("%s: %d firms with a channel each, %d jobs", d.name, d.channels, len(s.threads)+d.jobs))
		pair = append(pair, s)
	}
	r := &runner{servers: pair, rounds: b.cfg.rounds, conns: b.cfg.conns, progress: b.progress}
	slice := min(b.cfg.slice, time.Duration(smallJobs/b.cfg.rounds)*time.Second/growthRate)
	tables, err := r.drive(ctx, []section{
		{growthSection, "Thread replies as a desk grows", replies, growthRate, slice},
		{growthSection, "Clicks as a desk grows", clicks, growthRate, slice},
	})
	return tables, notes, err
}

// writeGrowth prints what a request costs on both desks and how the grown one compares.
func writeGrowth(w io.Writer, tables []*table) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	p := &printer{w: tw}
	_, p50, p99, cpu := metrics()
	p.line("\nA desk with %d times the channels and %d times the jobs (%d requests a second; medians, range in brackets)",
		moreChannels, moreJobs, growthRate)
	p.line("load\tserver\tp50 ms\tp99 ms\tCPU us/req\tfailed")
	for _, t := range tables {
		for _, name := range []string{smallDesk, grownDesk} {
			failed := 0
			for _, s := range t.samples[name] {
				failed += s.Failed
			}
			p.line("%s\t%s\t%s\t%s\t%s\t%d", t.title, name, t.spread(name, sample.p50ms).text("%.2f"),
				t.spread(name, sample.p99ms).text("%.2f"), t.spread(name, sample.cpuPerRequest).text("%.0f"), failed)
		}
		p.line("%s\tratio per round\t%s\t%s\t%s\t", t.title, t.ratio(grownDesk, smallDesk, p50).text("%.2f"),
			t.ratio(grownDesk, smallDesk, p99).text("%.2f"), t.ratio(grownDesk, smallDesk, cpu).text("%.2f"))
	}
	if p.err != nil {
		return fmt.Errorf("write report: %w", p.err)
	}
	return tw.Flush()
}
