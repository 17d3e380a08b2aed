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

// shownPage is a page as somebody opens it: what it has when it is there.
type shownPage struct{ who, path, name, has string }

// TestDeskPages opens the pages about jobs and figures as those who work with them, in
// every look.
func TestDeskPages(t *testing.T) {
	b := browser(t)
	for _, group := range []struct {
		weeks string
		pages []shownPage
	}{
		{"0", []shownPage{
			{"olivia", "/jobs", "jobs", ".jobs tbody tr"},
			{"olivia", "/jobs?list=open&topic=heating", "jobs-filtered", ".jobs tbody tr"},
			{"olivia", "/jobs/8", "job", ".entries .said"},
			{"olivia", "/jobs/4", "job-approval", ".acts button"},
			{"olivia", "/steps", "steps", ".step select"},
			{"mia", "/jobs", "jobs-firm", ".jobs tbody tr"},
			{"mia", "/jobs/8", "job-firm", ".entries .said"},
			{"priya", "/jobs/15", "job-manager", ".entries .said"},
		}},
		{"6", []shownPage{
			{"priya", "/board", "board", ".chart rect"},
			{"priya", "/board?period=quarter&firm=Acme+Heating", "board-acme", ".chart rect"},
			{"ben", "/board", "board-firm", ".chart rect"},
		}},
	} {
		at := demo(t, "--weeks", group.weeks)
		// One window for one page after another: a browser keeps few connections to one
		// address, and each page holds one.
		w := open(t, b, 1360, 900, at+"/web/as/olivia/jobs")
		for _, p := range group.pages {
			w.run("open "+p.path, chromedp.Navigate(at+"/web/as/"+p.who+p.path))
			for _, l := range looks() {
				w.at(l)
				w.sees(p.name, fmt.Sprintf(`document.querySelector(%q)`, p.has))
				w.fits(p.name + l.name)
				w.whole(p.name + l.name)
			}
		}
	}
}

// whole takes a picture of a page to its end, when the environment names a folder.
func (w *window) whole(name string) {
	w.t.Helper()
	var height int64
	w.run("measure", chromedp.Evaluate(`Math.min(4000, Math.max(innerHeight, document.querySelector("#main").scrollHeight + 60))`, &height))
	var width int64
	w.run("measure", chromedp.Evaluate(`innerWidth`, &width))
	w.run("make room", emulation.SetDeviceMetricsOverride(width, height, 1, width < 600))
	w.picture(name)
}
