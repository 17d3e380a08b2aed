package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	stdlog "log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// program is the path of the program under test, which TestMain builds.
var program string

// patience bounds every wait for a fact; it is long for a machine that has much else to do.
const patience = 60 * time.Second

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "taskbridge-web-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(folder)
		program = filepath.Join(folder, "taskbridge")
		build := exec.Command("go", "build", "-o", program, "./cmd/taskbridge")
		build.Dir = filepath.Join("..", "..")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// demo starts a demonstration and gives the address it is at.
func demo(t *testing.T, flags ...string) string {
	t.Helper()
	cmd := exec.Command(program, append([]string{"demo", "--port", "0", "--weeks", "0"}, flags...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var faults strings.Builder
	cmd.Stderr = &faults
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the program: %v\n%s", err, faults.String())
		}
	})
	lines := bufio.NewScanner(out)
	address := ""
	for lines.Scan() {
		if at := strings.Index(lines.Text(), "http://"); at >= 0 && address == "" {
			address, _, _ = strings.Cut(lines.Text()[at:], "/web/")
		}
		if strings.Contains(lines.Text(), "Ctrl-C") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return address
		}
	}
	t.Fatalf("the program never was ready\n%s", faults.String())
	return ""
}

// browser starts a Chromium, with more options than usual.
func browser(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WSURLReadTimeout(patience))
	options = append(options, more...)
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(all, chromedp.WithErrorf(faults), chromedp.WithBrowserOption(chromedp.WithDialTimeout(patience)))
	t.Cleanup(func() { end(); stop() })
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// faults logs what goes wrong on the line to Chromium. Events that chromedp does not know,
// because Chromium is newer, are none of it.
func faults(format string, v ...any) {
	if !strings.HasPrefix(format, "unhandled ") {
		stdlog.Printf(format, v...)
	}
}

// window is a person's window.
type window struct {
	t   *testing.T
	ctx context.Context
}

// open opens a window.
func open(t *testing.T, browser context.Context, width, height int64, address string) *window {
	t.Helper()
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	w := &window{t, ctx}
	// The first use makes the window, which lives as long as the context it was given.
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	chromedp.ListenTarget(ctx, func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page: %s", e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			t.Logf("the page logs: %s %s", e.Entry.Text, e.Entry.URL)
		}
	})
	w.run("note what is said in passing", chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(hears).Do(ctx)
		return err
	}))
	// Each window believes that it is the one in front, so that focus is where it put it.
	w.run("open "+address, emulation.SetFocusEmulationEnabled(true), emulation.SetDeviceMetricsOverride(width, height, 1, width < 600), chromedp.Navigate(address))
	return w
}

// js does something in the page.
func (w *window) js(what, script string) {
	w.t.Helper()
	w.run(what, chromedp.Evaluate(script, nil))
}

// listens notes what becomes of the page's line, from its next event on: lineEnds when the
// page ends it, and missedMuch when the page is told to draw itself anew.
func (w *window) listens() {
	w.t.Helper()
	w.js("note what becomes of the line", `(() => {
		const line = EventSource.prototype, close = line.close, listen = line.addEventListener;
		line.close = function () { window.lineEnds = true; close.call(this); };
		line.addEventListener = function (kind, act) {
			listen.call(this, kind, kind === "again" ? (e) => { window.missedMuch = true; act(e); } : act);
		};
	})()`)
}

// value is what an expression of the page's comes to.
func (w *window) value(expression string) string {
	w.t.Helper()
	var s string
	w.run("ask for "+expression, chromedp.Evaluate("String("+expression+")", &s))
	return s
}

// click presses what a selector names, with the mouse.
func (w *window) click(selector string) {
	w.t.Helper()
	w.run("click "+selector, chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
}

// types types into what a selector names.
func (w *window) types(selector, text string) {
	w.t.Helper()
	w.run("type into "+selector, chromedp.SendKeys(selector, text, chromedp.ByQuery))
}

const (
	composer = `#main .composer textarea`
	reply    = `#thread .composer textarea`
)

// says writes in the channel and sends it.
func (w *window) says(text string) {
	w.t.Helper()
	w.run("say "+text, chromedp.SetValue(composer, text, chromedp.ByQuery), chromedp.Click(`#main .composer .send`, chromedp.ByQuery))
}

// card names the card of a job in the channel, as a script does.
func card(number int) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#list .card")].findLast((c) => c.querySelector("h3")?.textContent.startsWith("#%d "))`, number)
}

// button names a button of a job's card.
func button(number int, key string) string {
	return fmt.Sprintf(`%s?.querySelector('button[data-key="%s"]')`, card(number), key)
}

// presses presses a button of a job's card.
func (w *window) presses(number int, key string) {
	w.t.Helper()
	w.sees(key+" on the card", button(number, key))
	w.js("press "+key, button(number, key)+".click()")
}

// pressesHeld presses a button of a job's card, which must stand there, and keeps back what
// the page then asks of the server until letsGo: another window may meanwhile press what it
// still shows.
func (w *window) pressesHeld(number int, key string) {
	w.t.Helper()
	w.sees(key+" on the card", button(number, key))
	w.js("press "+key, `(() => {
		const ask = window.fetch, gate = new Promise((open) => { window.openGate = open; });
		window.fetch = async (...what) => { await gate; return ask(...what); };
	})();`+button(number, key)+".click()")
}

// letsGo sends what was kept back.
func (w *window) letsGo() {
	w.t.Helper()
	w.js("send what was kept back", `openGate()`)
}

// hears has a page note what is said in passing, which is gone again soon, and that it has
// its line, which is the last of what it does by itself when it is opened.
const hears = `window.EventSource = class extends EventSource {
	constructor(at) { super(at); this.addEventListener("open", () => { window.hasLine = true; }); }
};
window.heard = ""; document.addEventListener("DOMContentLoaded", () => {
	const said = document.querySelector("#toasts");
	if (said) new MutationObserver((list) => { for (const m of list) for (const n of m.addedNodes) heard += n.textContent + "\n"; }).observe(said, { childList: true, subtree: true });
});`

// toldSoFar is what was said on a page in passing, and to this person alone.
const toldSoFar = `[heard, ...[...document.querySelectorAll(".message.private")].map((t) => t.textContent)].join(" ").trim()`

// told waits for words in passing, or in a message that this person alone sees.
func (w *window) told(words string) {
	w.t.Helper()
	w.sees(words, fmt.Sprintf(`%s.includes(%q)`, toldSoFar, words))
}

// fills fills in fields of the form that is open, and sends it.
func (w *window) fills(fields map[string]string) {
	w.t.Helper()
	w.sees("the form", `document.querySelector("dialog[open] form")`)
	for name, value := range fields {
		w.run("fill in "+name, chromedp.SetValue(`dialog [name="f-`+name+`"]`, value, chromedp.ByQuery))
	}
	w.click(`dialog button[type=submit]`)
	w.sees("the form is sent", `!document.querySelector("dialog[open]")`)
}

// run does something within patience.
func (w *window) run(what string, actions ...chromedp.Action) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		w.t.Fatalf("%s: %v\n%s", what, err, w.text())
	}
}

// text is what the page says, for a test that fails.
func (w *window) text() string {
	var s string
	ctx, cancel := context.WithTimeout(w.ctx, time.Second)
	defer cancel()
	_ = chromedp.Run(ctx, chromedp.Evaluate(`document.body.innerText`, &s))
	return s
}

// sees waits for an expression of the page's to be true. A page that is still being loaded
// shows what nobody can press yet, because its scripts do not listen.
func (w *window) sees(what, expression string) {
	w.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for seen := false; !seen; {
		// A page that is being loaded has nothing to see yet, and says so with an error.
		ctx, cancel := context.WithTimeout(w.ctx, patience)
		_ = chromedp.Run(ctx, chromedp.Evaluate("(() => { try { return document.readyState === 'complete' && !!("+expression+"); } catch { return false; } })()", &seen))
		cancel()
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("never seen: %s\n%s", what, w.text())
		}
	}
}

// picture takes a picture when the environment names a folder for them.
func (w *window) picture(name string) {
	w.t.Helper()
	folder := os.Getenv("PICTURES")
	if folder == "" {
		return
	}
	var png []byte
	w.run("picture", chromedp.CaptureScreenshot(&png))
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		w.t.Error(err)
	}
}

// awaited waits for what a promise comes to.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// evaluate waits for a promise of the page's.
func evaluate(promise string) chromedp.Action { return chromedp.Evaluate(promise, nil, awaited) }
