package web

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axe reads the rules of accessibility that the pages are checked against, and installs
// them once.
func axe(t *testing.T) string {
	t.Helper()
	script := filepath.Join("axe", "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(script); err != nil {
		cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
		cmd.Dir = "axe"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// finding is one rule that a page breaks.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct {
		Target         []any
		FailureSummary string
	}
}

// accessible checks the page as it stands, in light and in dark: no finding is serious
// or critical.
func (w *window) accessible(what, rules string) {
	w.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		w.run(scheme, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}))
		if w.value(`typeof axe`) == "undefined" {
			w.js("load the rules", rules)
		}
		var text string
		w.run("check "+what, chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`, &text, chromedp.EvalIgnoreExceptions, awaited))
		var found []finding
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			w.t.Fatalf("check %s: %v: %.200s", what, err, text)
		}
		for _, f := range found {
			if f.Impact != "serious" && f.Impact != "critical" {
				continue
			}
			var where []string
			for _, n := range f.Nodes {
				where = append(where, fmt.Sprint(n.Target, " ", strings.ReplaceAll(n.FailureSummary, "\n", " ")))
			}
			w.t.Errorf("%s, %s: %s (%s): %s\n\t%s", what, scheme, f.Help, f.ID, f.Impact, strings.Join(where[:min(4, len(where))], "\n\t"))
		}
	}
}

// TestAccessible checks every page in every state that people bring it to, in light and
// in dark.
func TestAccessible(t *testing.T) {
	rules := axe(t)
	at, b := demo(t), browser(t)
	w := open(t, b, 1280, 860, at+"/web/")
	w.accessible("the door", rules)
	for _, p := range []struct{ path, name, ready string }{
		{"/web/sign-in/" + strings.Repeat("A", 52), "a sign-in link that is spent", `document.querySelector("h1")`},
		{"/web/as/olivia/c/zzzz", "a page that is not there", `document.querySelector(".sheet")`},
		{"/web/as/priya/", "an empty channel", `document.querySelector(".composer")`},
		{"/web/as/ben/", "a firm's channel", `document.querySelectorAll(".card").length > 3`},
		{"/web/as/olivia/jobs", "the list of jobs", `document.querySelector("tbody tr")`},
		{"/web/as/olivia/jobs/8", "the page of a job", `document.querySelector(".entries")`},
		{"/web/as/mia/jobs/8", "the page of a firm's job", `document.querySelector(".entries")`},
		{"/web/as/priya/board", "the board", `document.querySelector("main")`},
		{"/web/as/priya/board?firm=Acme&city=Leeds", "a board that is narrowed", `document.querySelector(".chips a")`},
		{"/web/as/ben/board", "a firm's score", `document.querySelector(".chart rect")`},
		{"/web/as/olivia/board?firm=nobody", "a board that was asked for wrongly", `document.querySelector(".page-error")`},
		{"/web/as/olivia/steps", "the steps for customers", `document.querySelector(".step")`},
		{"/web/as/olivia/", "the desk", `document.querySelectorAll(".card").length > 5`},
	} {
		w.run("open "+p.path, chromedp.Navigate(at+p.path))
		w.sees(p.name, p.ready)
		w.accessible(p.name, rules)
	}
	// On the desk's page, one state after the other.
	w.says("/task list open")
	w.sees("a private answer", `document.querySelector(".private")`)
	w.accessible("a private answer", rules)
	w.types(composer, "/task")
	w.sees("the commands", `document.querySelector(".hints:not([hidden]) .hint")`)
	w.accessible("commands that complete themselves", rules)
	w.js("empty the field", `const t = document.querySelector("#main .composer textarea"); t.value = ""; t.dispatchEvent(new Event("input", {bubbles: true}))`)
	w.js("open a thread", `[...document.querySelectorAll(".replies:not(.none)")].at(-1).click()`)
	w.sees("the thread", `document.querySelector("#thread-list .message")`)
	w.accessible("a thread", rules)
	closeDialog := func() {
		w.js("close it", `document.querySelector('dialog [data-do="close-dialog"]').click()`)
		w.sees("it is closed", `!document.querySelector("dialog[open]")`)
	}
	for _, d := range []struct{ name, open string }{
		{"who is in the channel", `document.querySelector('.quiet-button[hx-get$="/people"]').click()`},
		{"what is pinned", `document.querySelector('.quiet-button[hx-get$="/pins"]').click()`},
		{"a form", `document.querySelector('button[data-key="sendback"]').click()`},
	} {
		w.js("open "+d.name, d.open)
		w.sees(d.name, `document.querySelector("dialog[open] .form")`)
		w.accessible(d.name, rules)
		if d.name == "a form" {
			w.click(`dialog button[type=submit]`)
			w.sees("what is wrong", `document.querySelector('dialog [aria-invalid="true"]')`)
			w.accessible("a form with a mistake", rules)
		}
		closeDialog()
	}
	w.says("/task new")
	w.sees("a long form", `document.querySelector("dialog[open] .form")`)
	w.accessible("a long form", rules)
	closeDialog()
	w.says("/nonsense")
	w.sees("a refusal", `document.querySelector(".toast.bad")`)
	w.accessible("a refusal in passing", rules)
	w.js("lose the line", `document.querySelector("#line").hidden = false; document.querySelector("#out").hidden = false`)
	w.accessible("a line that is down and a session that is over", rules)
	w.run("on a phone", emulation.SetDeviceMetricsOverride(360, 740, 1, true), chromedp.Navigate(at+"/web/as/ben/"))
	w.sees("cards", `document.querySelectorAll(".card").length > 3`)
	w.accessible("a phone", rules)
	w.click(`.open-side`)
	w.sees("the channels", `document.body.classList.contains("side-open")`)
	w.accessible("the channels on a phone", rules)
}
