package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// look says how a page is looked at.
type look struct {
	name          string
	width, height int64
	dark, print   bool
}

func looks() []look {
	return []look{
		{"", 1360, 900, false, false}, {"-dark", 1360, 900, true, false}, {"-phone", 360, 780, false, false}, {"-print", 900, 1200, false, true},
	}
}

// at shows a window as a look says.
func (w *window) at(l look) {
	w.t.Helper()
	scheme, medium := "light", "screen"
	if l.dark {
		scheme = "dark"
	}
	if l.print {
		medium = "print"
	}
	w.run("look"+l.name, emulation.SetDeviceMetricsOverride(l.width, l.height, 1, l.width < 600),
		emulation.SetEmulatedMedia().WithMedia(medium).WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}))
}

// fits fails when a page is wider than its window: nobody scrolls sideways.
func (w *window) fits(what string) {
	w.t.Helper()
	var wide string
	w.run("measure", chromedp.Evaluate(`[...document.querySelectorAll("#main, #main > *")].filter((e) => e.scrollWidth > innerWidth + 1).map((e) => e.className + " " + e.scrollWidth).join("; ")`, &wide))
	if wide != "" {
		w.t.Errorf("%s is wider than its window: %s", what, wide)
	}
}

// TestDeskPages opens the pages about jobs and figures as those who work with them, in
// every look.
func TestDeskPages(t *testing.T) {
	at, b := demo(t), browser(t)
	// One window after another: a browser keeps few connections to one address, and each
	// page holds one.
	w := open(t, b, 1360, 900, at+"/web/as/olivia/jobs")
	for _, page := range []struct{ who, path, name, has string }{
		{"olivia", "/jobs", "jobs", ".jobs tbody tr"},
		{"olivia", "/jobs?list=open&topic=heating", "jobs-filtered", ".jobs tbody tr"},
		{"olivia", "/jobs/8", "job", ".entries .said"},
		{"olivia", "/jobs/4", "job-approval", ".acts button"},
		{"priya", "/board", "board", ".chart rect"},
		{"priya", "/board?period=year&firm=Acme+Heating", "board-acme", ".chart rect"},
		{"mia", "/board", "board-firm", ".chart rect"},
		{"olivia", "/steps", "steps", ".step select"},
		{"mia", "/jobs", "jobs-firm", ".jobs tbody tr"},
		{"mia", "/jobs/8", "job-firm", ".entries .said"},
		{"priya", "/jobs/15", "job-manager", ".entries .said"},
	} {
		w.run("open "+page.path, chromedp.Navigate(at+"/web/as/"+page.who+page.path))
		for _, l := range looks() {
			w.at(l)
			w.sees(page.name, fmt.Sprintf(`document.querySelector(%q)`, page.has))
			w.fits(page.name + l.name)
			w.picture(page.name + l.name)
		}
	}
}
