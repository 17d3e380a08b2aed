package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
)

// figuresAim is what a summary may take on the largest desk.
const figuresAim = 10 * time.Millisecond

// runFigures measures summaries and score cards as a desk grows.
func runFigures(args []string) int { return runGrowing("figures", args, measureFigures) }

// wish is a summary as somebody asks for it.
type wish struct {
	name string
	firm bool
	days int
}

func wishes() []wish {
	return []wish{
		{"desk, today", false, 1},
		{"desk, a week", false, 7},
		{"desk, a month", false, 30},
		{"a firm, a month", true, 30},
		{"a firm's score, 90 days", true, 90},
	}
}

// asked is what one question took on one desk.
type asked struct {
	engine, question string
	size             int
	took             []time.Duration
	// counting is what it takes to count the statuses instead, aim what it may take.
	counting, aim time.Duration
}

func measureFigures(ctx context.Context, c growing, out, log io.Writer) error {
	work, err := os.MkdirTemp(c.dir, "taskbridge-figures-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(work)
	// PostgreSQL may run as another user, who must be able to pass through.
	if err := os.Chmod(work, 0o711); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	var all []asked
	for _, engine := range c.engines {
		for n, size := range c.sizes {
			some, err := measureDesk(ctx, c, engine, size, filepath.Join(work, fmt.Sprintf("%s-%d", engine, n)), log)
			if err != nil {
				return fmt.Errorf("%s with %d assignments: %w", engine, size, err)
			}
			all = append(all, some...)
		}
	}
	return writeFigures(out, all)
}

// measureDesk fills a desk of a size and asks it everything.
func measureDesk(ctx context.Context, c growing, engine string, size int, work string, log io.Writer) ([]asked, error) {
	if err := os.Mkdir(work, 0o711); err != nil {
		return nil, err
	}
	// A desk that was measured makes room for the next.
	defer os.RemoveAll(work)
	url, driver, dsn := "sqlite:"+filepath.Join(work, "t.db"), "sqlite", filepath.Join(work, "t.db")
	if engine == "postgres" {
		bin, err := postgresBin(c.pgbin)
		if err != nil {
			return nil, err
		}
		pg, err := startPostgres(ctx, bin, work, "pg", nil)
		if err != nil {
			return nil, err
		}
		defer pg.stop()
		url, driver, dsn = pg.dsn(), "pgx", pg.dsn()
	}
	began := time.Now()
	counting, err := fillFigures(ctx, url, driver, dsn, size)
	if err != nil {
		return nil, err
	}
	// Progress is for whoever watches; the report does not depend on it.
	_, _ = fmt.Fprintf(log, "%s: %d assignments of %d firms in %s\n", engine, size, figureFirms, time.Since(began).Round(time.Second))
	store, err := sqlstore.Open(ctx, url, sqlstore.Options{})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	var all []asked
	for _, q := range wishes() {
		a := asked{engine: engine, question: q.name, size: size, counting: counting, aim: figuresAim}
		for n := range c.times + 10 {
			f := storage.SummaryFilter{Now: time.Now(), Since: time.Now().AddDate(0, 0, 1-q.days)}
			if q.firm {
				f.Contractor = fmt.Sprintf("firm%d", n%figureFirms)
			}
			began := time.Now()
			var s storage.Summary
			err := store.View(ctx, figureDesk, func(tx storage.Tx) (err error) {
				s, err = tx.Summarise(ctx, f)
				return err
			})
			if err != nil {
				return nil, err
			}
			if n >= 10 {
				a.took = append(a.took, time.Since(began))
			}
			if total := sum(s.Assignments); !q.firm && total != size {
				return nil, fmt.Errorf("the summary has %d assignments", total)
			}
		}
		slices.Sort(a.took)
		all = append(all, a)
	}
	boards, err := measureBoards(ctx, c, engine, size, counting, store)
	return append(all, boards...), err
}

func sum[K comparable](m map[K]int) (total int) {
	for _, n := range m {
		total += n
	}
	return total
}

// writeFigures prints what was measured, and how it grows.
func writeFigures(w io.Writer, all []asked) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	p := &printer{w: tw}
	p.line("Summaries and boards, %d firms, a year of work; medians (aims: %v and %v)", figureFirms, figuresAim, boardAim)
	p.line("engine\tquestion\tassignments\tp50 ms\tp99 ms\tas the smallest\tGROUP BY ms\tGROUP BY / p50\taim")
	for _, a := range all {
		first := a
		for _, b := range all {
			if b.engine == a.engine && b.question == a.question {
				first = b
				break
			}
		}
		median := quantile(a.took, 0.5)
		met := "met"
		if median > a.aim {
			met = "missed"
		}
		ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
		p.line("%s\t%s\t%d\t%.2f\t%.2f\t%.2f x\t%.1f\t%.0f x\t%s", a.engine, a.question, a.size, ms(median), ms(quantile(a.took, 0.99)),
			float64(median)/float64(quantile(first.took, 0.5)), ms(a.counting), float64(a.counting)/float64(median), met)
	}
	if p.err != nil {
		return fmt.Errorf("write report: %w", p.err)
	}
	return tw.Flush()
}
