package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// firstAim is what somebody may wait for the first page until they see it.
const firstAim = 100 * time.Millisecond

// milestones are when a page had come how far, in milliseconds from the moment at which the
// window was told its address.
type milestones struct {
	// Answered and Whole are when the first and the last byte of the page had come.
	Answered, Whole float64
	// Painted is when anything was drawn, and Largest when the greatest part of what is in
	// sight was: what a person waits for.
	Painted, Largest float64
	// Parsed is when the page's own scripts had run, Loaded when all that it names was there.
	Parsed, Loaded float64
}

// columns are the names of the milestones and how each is read.
func columns() []struct {
	name string
	of   func(milestones) float64
} {
	return []struct {
		name string
		of   func(milestones) float64
	}{
		{"first byte", func(m milestones) float64 { return m.Answered }},
		{"last byte", func(m milestones) float64 { return m.Whole }},
		{"first paint", func(m milestones) float64 { return m.Painted }},
		{"largest paint", func(m milestones) float64 { return m.Largest }},
		{"scripts", func(m milestones) float64 { return m.Parsed }},
		{"loaded", func(m milestones) float64 { return m.Loaded }},
	}
}

// told has a page say how far it came when. What was painted is told a moment after it was
// loaded.
const told = `new Promise((done) => {
	let largest = 0;
	new PerformanceObserver((list) => { for (const e of list.getEntries()) largest = e.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
	// A machine that has much else to do may have loaded it before anything is drawn.
	const tell = () => !performance.getEntriesByName("first-contentful-paint").length ? setTimeout(tell, 20) : setTimeout(() => {
		const n = performance.getEntriesByType("navigation")[0];
		done({
			Answered: n.responseStart, Whole: n.responseEnd, Painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
			Largest: largest, Parsed: n.domContentLoadedEventEnd, Loaded: n.loadEventEnd,
		});
	}, 250);
	document.readyState === "complete" ? tell() : addEventListener("load", tell);
})`

// firstPage opens an address in a window of its own, in a browser that has nothing of it
// yet, and closes it again.
func firstPage(browser context.Context, address string) (milestones, error) {
	var m milestones
	w, err := open(browser, "about:blank")
	if err != nil {
		return m, err
	}
	defer w.close()
	// A browser that has just opened a window is still busy with it.
	if err := settle(w.ctx); err != nil {
		return m, err
	}
	if err := w.run(network.ClearBrowserCache(), chromedp.Navigate(address)); err != nil {
		return m, fmt.Errorf("open %s: %w", address, err)
	}
	if err := w.run(chromedp.Evaluate(told, &m, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) })); err != nil {
		return m, fmt.Errorf("ask %s how far it came: %w", address, err)
	}
	if m.Painted == 0 || m.Largest == 0 || m.Loaded == 0 {
		return m, fmt.Errorf("%s was never drawn: %+v", address, m)
	}
	return m, nil
}

// firstPages measures what people wait for who open their first page: of demonstrations
// that nobody has looked at yet, of one that others have, and of bare pages, one after the
// other so that what else the machine does concerns them alike.
func firstPages(browser context.Context, at string, fresh []string, times int) error {
	bare := newBare()
	defer func() { bare.CloseClientConnections(); bare.Close() }()
	alone := httptest.NewServer(oneWord(false))
	defer alone.Close()
	apart := httptest.NewServer(oneWord(true))
	defer apart.Close()
	rows := []struct {
		name    string
		address func(n int) string
		seen    []milestones
	}{
		{name: "one word", address: func(int) string { return alone.URL }},
		{name: "one word, apart from other windows", address: func(int) string { return apart.URL }},
		{name: "the way in, signed out", address: func(int) string { return at + "/web/sign-in" }},
		{name: "the desk's first page", address: func(int) string { return at + "/web/as/olivia/" }},
		{name: "a firm's first page", address: func(int) string { return at + "/web/as/ben/" }},
		{name: "the first page that anybody opens", address: func(n int) string {
			if n < len(fresh) {
				return fresh[n] + "/web/as/olivia/"
			}
			return ""
		}},
	}
	// The first window of a browser is its own warming up.
	if _, err := firstPage(browser, alone.URL); err != nil {
		return err
	}
	for n := range times {
		for i := range rows {
			address := rows[i].address(n)
			if address == "" {
				continue
			}
			m, err := firstPage(browser, address)
			if err != nil {
				return fmt.Errorf("%s: %w", rows[i].name, err)
			}
			rows[i].seen = append(rows[i].seen, m)
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "first pages in the browser, p50 and p99 in ms\twindows")
	for _, c := range columns() {
		fmt.Fprintf(w, "\t%s", c.name)
	}
	fmt.Fprintf(w, "\tlargest / one word apart\taim\n")
	of := func(seen []milestones, read func(milestones) float64, q float64) float64 {
		var all []float64
		for _, m := range seen {
			all = append(all, read(m))
		}
		slices.Sort(all)
		return all[index(len(all), q)]
	}
	largest := columns()[3].of
	for i, r := range rows {
		if len(r.seen) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s\t%d", r.name, len(r.seen))
		for _, c := range columns() {
			fmt.Fprintf(w, "\t%.0f · %.0f", of(r.seen, c.of, 0.5), of(r.seen, c.of, 0.99))
		}
		median, met := of(r.seen, largest, 0.5), ""
		if i > 1 {
			met = fmt.Sprintf("%v: %s", firstAim, map[bool]string{true: "met", false: "missed"}[median <= ms(firstAim)])
		}
		fmt.Fprintf(w, "\t%.1f x\t%s\n", median/of(rows[1].seen, largest, 0.5), met)
	}
	fmt.Fprintln(w, strings.Repeat("\t", 9))
	return w.Flush()
}
