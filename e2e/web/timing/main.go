package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/chromedp/chromedp"
)

// aim is what somebody may wait for another one's step.
const aim = 50 * time.Millisecond

func main() {
	at := flag.String("at", "", "address of a demonstration that runs")
	fresh := flag.String("fresh", "", "addresses of demonstrations that nobody has looked at, separated by commas")
	times := flag.Int("times", 50, "how often to measure each")
	steps := flag.Bool("steps", true, "measure steps at two windows, too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := measure(ctx, *at, strings.FieldsFunc(*fresh, func(r rune) bool { return r == ',' }), *times, *steps)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "timing:", err)
		os.Exit(1)
	}
}

// row is what one kind of step took.
type row struct {
	name string
	aim  time.Duration
	took []time.Duration
}

func measure(ctx context.Context, at string, fresh []string, times int, steps bool) error {
	if at == "" || times < 1 {
		return errors.New("say -at ADDRESS of a demonstration, and -times of at least 1")
	}
	// Pages have processes of their own, as in the browsers that people have.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WSURLReadTimeout(patience), chromedp.Flag("disable-features", "Translate"))
	all, stop := chromedp.NewExecAllocator(ctx, options...)
	defer stop()
	browser, end := chromedp.NewContext(all)
	defer end()
	if err := chromedp.Run(browser); err != nil {
		return fmt.Errorf("start Chromium, which has to be installed (Debian: apt-get install chromium): %w", err)
	}
	if err := firstPages(browser, at, fresh, times); err != nil || !steps {
		return err
	}
	s, err := newStage(browser, at)
	if err != nil {
		return err
	}
	defer s.close()
	bare := &row{name: "bare page: post until it is seen"}
	accept := &row{name: "Accept until the desk's card shows it", aim: aim}
	count := &row{name: "reply until the desk's card counts it", aim: aim}
	reply := &row{name: "reply until a colleague's thread shows it", aim: aim}
	for n := range times {
		for _, m := range []measured{{bare, s.bare}, {accept, s.accept}, {count, s.count}} {
			if err := m.again(ctx, n); err != nil {
				return err
			}
		}
	}
	if err := s.relieve(); err != nil {
		return err
	}
	for n := range times {
		if err := (measured{reply, s.reply}).again(ctx, n); err != nil {
			return err
		}
	}
	return report([]*row{bare, accept, count, reply})
}

// measured is a step and where what it took is noted.
type measured struct {
	row  *row
	step func(n int) (time.Duration, error)
}

// again measures it once more. Behind it comes what a person takes at least between two steps;
// it also keeps to what a person may do at once.
func (m measured) again(ctx context.Context, n int) error {
	took, err := m.step(n)
	if err != nil {
		return fmt.Errorf("%s: %w", m.row.name, err)
	}
	m.row.took = append(m.row.took, took)
	return rest(ctx)
}

// rest is what a person takes between two steps.
func rest(ctx context.Context) error {
	select {
	case <-time.After(400 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle is what a browser needs for a window that was just opened: beside the page it loads
// parts of its own.
func settle(ctx context.Context) error {
	select {
	case <-time.After(2 * time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func report(rows []*row) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "in the browser\tmeasured\tp50 ms\tp99 ms\tp50 / bare page\taim")
	var base time.Duration
	for _, r := range rows {
		slices.Sort(r.took)
		if r.aim == 0 {
			base = quantile(r.took, 0.5)
		}
	}
	for _, r := range rows {
		median := quantile(r.took, 0.5)
		met := ""
		if r.aim > 0 {
			met = fmt.Sprintf("%v: met", r.aim)
			if median > r.aim {
				met = fmt.Sprintf("%v: missed", r.aim)
			}
		}
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t%.1f x\t%s\n", r.name, len(r.took), ms(median), ms(quantile(r.took, 0.99)), float64(median)/float64(base), met)
	}
	return w.Flush()
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile is the nearest-rank quantile of sorted values.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[index(len(sorted), q)]
}

// index is where that quantile stands among so many.
func index(n int, q float64) int { return min(max(int(q*float64(n)+0.999999)-1, 0), n-1) }
