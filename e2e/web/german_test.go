package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestGermanBrowser: who reads the browser in German reads the workspace in German, with
// what scripts say and times as Germans write them, at the desk and on a phone.
func TestGermanBrowser(t *testing.T) {
	at, b := demo(t, "--weeks", "6"), browser(t, chromedp.Flag("lang", "de-DE"), chromedp.Flag("accept-lang", "de-DE,de,en"))
	w := open(t, b, 1360, 900, "about:blank")
	w.run("without motion", emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}))
	for _, p := range []shownPage{
		{"olivia", "/", "german-desk", ".card"},
		{"olivia", "/jobs", "german-jobs", ".jobs tbody tr"},
		{"olivia", "/jobs/8", "german-job", ".entries"},
		{"olivia", "/steps", "german-steps", ".step select"},
		{"priya", "/board", "german-board", ".chart rect"},
		{"ben", "/", "german-firm", ".card"},
	} {
		w.run("open "+p.path, emulation.SetDeviceMetricsOverride(1360, 900, 1, false), chromedp.Navigate(at+"/web/as/"+p.who+p.path))
		w.sees(p.name, fmt.Sprintf(`document.querySelector(%q) && document.documentElement.lang === "de" && document.body.innerText.includes("Aufträge")`, p.has))
		w.picture(p.name)
		w.run("on a phone", emulation.SetDeviceMetricsOverride(360, 780, 1, true))
		w.fits(p.name)
		w.picture(p.name + "-phone")
	}
	w.run("at the desk", emulation.SetDeviceMetricsOverride(1360, 900, 1, false))
	w.sees("what people are in German", `/Olivia Hart\s+Disponent/.test(document.body.innerText)`)
	w.sees("the day as scripts say it", `[...document.querySelectorAll(".message")].some((m) => m.dataset.day === "Heute")`)
	w.sees("a time as Germans write it", `[...document.querySelectorAll("time[data-moment]")].some((t) => /\d{1,2}\. \p{L}+\.?, \d\d:\d\d/u.test(t.textContent))`)
	w.js("decline", `document.querySelector('button[data-key="decline"]').click()`)
	w.sees("the form in German", `document.querySelector("dialog[open] form")?.innerText.includes("Ablehnen")`)
	w.picture("german-form")
	w.click(`dialog button[type=submit]`)
	w.sees("what is wrong, in German", `/Wählen|Nennen|Sagen|Geben/.test(document.querySelector("dialog[open]").innerText)`)
	w.picture("german-form-wrong")
}
