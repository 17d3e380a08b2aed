package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// metric is a figure of a sample that is compared between servers.
type metric struct {
	name string
	of   func(sample) float64
}

func metrics() (rate, p50, p99, cpu metric) {
	return metric{"req/s", sample.perSecond}, metric{"p50", sample.p50ms}, metric{"p99", sample.p99ms}, metric{"CPU", sample.cpuPerRequest}
}

// ratio compares two servers round by round.
func (t *table) ratio(a, b string, m metric) spread {
	var list []float64
	for i := range min(len(t.samples[a]), len(t.samples[b])) {
		if d := m.of(t.samples[b][i]); d > 0 {
			list = append(list, m.of(t.samples[a][i])/d)
		}
	}
	return spreadOf(list)
}

func (t *table) spread(server string, of func(sample) float64) spread {
	var list []float64
	for _, s := range t.samples[server] {
		list = append(list, of(s))
	}
	return spreadOf(list)
}

// aim is a promise about a ratio.
type aim struct {
	section, reference string
	metric             metric
	least              bool // at least the bound, else at most
	bound              float64
}

func aims() []aim {
	rate, _, p99, _ := metrics()
	return []aim{
		{"replies", boltVerify, rate, true, 1.5},
		{"replies", boltPG, rate, true, 3},
		{"clicks", boltVerify, rate, true, 2.5},
		{"clicks", boltPG, rate, true, 5},
		{"steady", boltVerify, p99, false, 0.5},
		{"steady-clicks", boltVerify, p99, false, 0.5},
	}
}

// The aims of the footprint, against the Bolt app that stores nothing.
const (
	residentBound = 1.0 / 3
	startBound    = 1.0 / 5
)

// printer writes lines and remembers the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (s spread) text(format string) string {
	if s.n == 0 {
		return "-"
	}
	return fmt.Sprintf(format+" ("+format+"-"+format+")", s.median, s.low, s.high)
}

// writeTable prints a section's figures and its ratios to the Bolt apps.
func writeTable(w io.Writer, t *table, names []string, conns int) error {
	load := fmt.Sprintf("closed loop, %d connections", conns)
	if t.rate > 0 {
		load = fmt.Sprintf("open loop, %d/s over %d connections", t.rate, conns)
	}
	body := 0
	for _, list := range t.samples {
		for _, s := range list {
			body = max(body, s.BodySize)
		}
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	p := &printer{w: tw}
	p.line("\n%s (%s; body %d B; medians, range in brackets)", t.title, load, body)
	p.line("server\treq/s\tp50 ms\tp99 ms\tCPU us/req\tof it database\tfailed\tpressed again\tother cores")
	for _, name := range names {
		failed, repeated, requests := 0, 0, 0
		for _, s := range t.samples[name] {
			failed += s.Failed
			repeated += s.Repeated
			requests += s.Requests
		}
		again := "-"
		if t.kind == clicks && isTaskbridge(name) {
			again = fmt.Sprintf("%d of %d", repeated, requests)
		}
		db := t.spread(name, func(s sample) float64 { return s.dbCPU.Seconds() * 1e6 / float64(max(1, s.Requests)) })
		p.line("%s\t%s\t%s\t%s\t%s\t%.0f\t%d\t%s\t%.1f", name,
			t.spread(name, sample.perSecond).text("%.0f"),
			t.spread(name, sample.p50ms).text("%.2f"), t.spread(name, sample.p99ms).text("%.2f"),
			t.spread(name, sample.cpuPerRequest).text("%.0f"), db.median, failed, again,
			t.spread(name, func(s sample) float64 { return s.other }).median)
	}
	p.line("")
	p.line("ratio per round\treq/s\tp50\tp99\tCPU")
	rate, p50, p99, cpu := metrics()
	for _, a := range names {
		for _, b := range append([]string{boltVerify, boltPG}, besides(a)...) {
			if a == b || len(t.samples[b]) == 0 || a == boltVerify {
				continue
			}
			p.line("%s / %s\t%s\t%s\t%s\t%s", a, b, t.ratio(a, b, rate).text("%.2f"), t.ratio(a, b, p50).text("%.2f"),
				t.ratio(a, b, p99).text("%.2f"), t.ratio(a, b, cpu).text("%.2f"))
		}
	}
	if p.err != nil {
		return fmt.Errorf("write report: %w", p.err)
	}
	return tw.Flush()
}

// besides are what a server is compared with apart from the Bolt apps: the floor of its
// engine, and the binary before it.
func besides(name string) []string {
	switch name {
	case taskbridgeSQLite:
		return []string{floorSQLite, beforeSQLite}
	case taskbridgePostgres:
		return []string{floorPostgres, beforePostgres}
	default:
		return nil
	}
}

func isTaskbridge(name string) bool {
	return slices.Contains([]string{taskbridgeSQLite, taskbridgePostgres, beforeSQLite, beforePostgres}, name)
}

// writeFootprint prints start times and memory.
func writeFootprint(w io.Writer, found map[string]*footprint, names []string) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	p := &printer{w: tw}
	p.line("\nFootprint (each alone, on its existing data; medians, range in brackets)")
	p.line("server\tstart to first answered event, ms\tidle memory, MiB")
	for _, n := range names {
		if f := found[n]; f != nil {
			p.line("%s\t%s\t%s", n, spreadOf(f.start).text("%.1f"), spreadOf(f.resident).text("%.1f"))
		}
	}
	if p.err != nil {
		return fmt.Errorf("write report: %w", p.err)
	}
	return tw.Flush()
}

// writeVerdicts prints each aim that this run can judge.
func writeVerdicts(w io.Writer, tables []*table, found map[string]*footprint, products []string) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	p := &printer{w: tw}
	p.line("\naim\tserver\tmedian\tbound\tverdict")
	judge := func(what, server string, s spread, least bool, bound float64) {
		sign, met := "<=", s.median <= bound
		if least {
			sign, met = ">=", s.median >= bound
		}
		verdict := "missed"
		if met {
			verdict = "met"
		}
		p.line("%s\t%s\t%.2f\t%s %.2f\t%s", what, server, s.median, sign, bound, verdict)
	}
	for _, a := range aims() {
		for _, t := range tables {
			if t.name != a.section {
				continue
			}
			for _, product := range products {
				if s := t.ratio(product, a.reference, a.metric); s.n > 0 {
					judge(a.section+": "+a.metric.name+" / "+a.reference, product, s, a.least, a.bound)
				}
			}
		}
	}
	if own, bolt := found[taskbridgeSQLite], found[boltVerify]; own != nil && bolt != nil {
		judge("start / "+boltVerify, taskbridgeSQLite, pairs(own.start, bolt.start), false, startBound)
		judge("idle memory / "+boltVerify, taskbridgeSQLite, pairs(own.resident, bolt.resident), false, residentBound)
	}
	if p.err != nil {
		return fmt.Errorf("write report: %w", p.err)
	}
	return tw.Flush()
}

// pairs divides round by round.
func pairs(a, b []float64) spread {
	var list []float64
	for i := range min(len(a), len(b)) {
		list = append(list, a[i]/b[i])
	}
	return spreadOf(list)
}
