package web

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

// openTab opens the operator's page as a tab like any: it is in sight only while it is in
// front. It has its line, so that it is known which tabs give theirs up.
func openTab(t *testing.T, browser context.Context, at string) *window {
	t.Helper()
	w := open(t, browser, 1280, 860, at+"/web/as/olivia/")
	w.run("be a tab like any", emulation.SetFocusEmulationEnabled(false), page.BringToFront())
	w.sees("the channel", `document.querySelector("#list .card")`)
	w.sees("its line", `window.hasLine`)
	return w
}

// TestManyTabs: a browser has six connections to a place, and more tabs than that all work:
// those out of sight need none, and know what they missed when they are looked at.
func TestManyTabs(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	var tabs []*window
	for range 9 {
		w := openTab(t, b, at)
		if len(tabs) > 0 {
			tabs[len(tabs)-1].sees("it is out of sight", `document.hidden`)
		}
		tabs = append(tabs, w)
	}
	last := tabs[len(tabs)-1]
	last.says("Said in the last of nine tabs.")
	const there = `document.querySelector("#list").textContent.includes("Said in the last of nine tabs.")`
	last.sees("what it said", there)
	for _, w := range tabs[:3] {
		w.run("look at another", page.BringToFront())
		w.sees("what was said meanwhile", there)
	}
	tabs[0].run("look at the first again", page.BringToFront())
	tabs[0].says("And this in the first.")
	tabs[0].sees("what it says itself", `document.querySelector("#list").textContent.includes("And this in the first.")`)
}

// TestFormOutlivesMuchNews: who left a half-filled form for another tab finds it as it was,
// however much has happened meanwhile. The page is of today when the form is closed.
func TestFormOutlivesMuchNews(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	tab := func() *window { return openTab(t, b, at) }
	// The first of those out of sight keeps its line.
	keeps := tab()
	w := tab()
	keeps.sees("it is out of sight", `document.hidden`)
	w.listens()
	w.says("/task new")
	w.sees("the form", `document.querySelector("dialog[open] form")`)
	w.types(`dialog [name="f-title"]`, "Lock stuck")
	other := tab()
	w.sees("it is out of sight", `document.hidden`)
	w.sees("its line ends", `window.lineEnds`)
	other.run("say much", evaluate(`(async () => {
		const to = document.querySelector("#main .composer").getAttribute("hx-post");
		const say = (n) => fetch(to, { method: "POST", body: new URLSearchParams({ text: "News " + n }) });
		await Promise.all(Array.from({ length: 209 }, (_, n) => say(n + 1)));
		await say(210);
	})()`))
	w.run("look again", page.BringToFront())
	w.sees("it missed much", `window.missedMuch`)
	if got := w.value(`document.querySelector('dialog[open] [name="f-title"]')?.value`); got != "Lock stuck" {
		t.Errorf("the form has %q", got)
	}
	w.answers().yes.Store(true)
	w.js("close the form", `document.querySelector('dialog [data-do="close-dialog"]').click()`)
	w.sees("the news", `document.querySelector("#list").textContent.includes("News 210")`)
}
