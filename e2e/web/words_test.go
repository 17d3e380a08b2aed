package web

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// questions are what a page asks with a dialog of the browser's, and how it is answered.
type questions struct {
	yes   atomic.Bool
	asked chan string
}

// answers answers what a window's pages ask, with no at first.
func (w *window) answers() *questions {
	q := &questions{asked: make(chan string, 10)}
	chromedp.ListenTarget(w.ctx, func(e any) {
		if e, ok := e.(*page.EventJavascriptDialogOpening); ok {
			q.asked <- e.Type.String()
			go func() { _ = chromedp.Run(w.ctx, page.HandleJavaScriptDialog(q.yes.Load())) }()
		}
	})
	return q
}

// pictures takes a picture in light and one in dark.
func (w *window) pictures(name string) {
	w.t.Helper()
	for _, scheme := range []string{"dark", "light"} {
		w.run("read in "+scheme, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
		w.picture(name + "-" + scheme)
	}
}

// typed is what stands in the channel's field.
const typed = `document.querySelector("#main .composer textarea").value`

// TestCommandsKeepWhatWasTyped: the command's word can be completed; from then on neither
// Tab nor the mouse takes anything of what follows it, and how it goes on stays in sight.
// A file that goes with a command is refused, and both stay.
func TestCommandsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	w := open(t, b, 1280, 860, at+"/web/as/olivia/")
	w.sees("the channel", `document.querySelector("#list .card")`)
	w.types(composer, "/task comm")
	w.sees("the command", `document.querySelector('.hint[aria-selected="true"]')`)
	w.types(composer, kb.Tab)
	w.sees("its word", typed+` === "/task comment "`)
	w.run("load it anew", chromedp.Reload())
	w.sees("the word that was kept", typed+` === "/task comment "`)
	const text = "/task comment 12 Mind the dog…"
	w.types(composer, "12 Mind the dog…")
	w.sees("how it goes on, with nothing to take", `document.querySelector(".hints:not([hidden]) .hint") && !document.querySelector('.hint[aria-selected="true"]')`)
	w.pictures("command-usage")
	w.click(`.hint`)
	if got := w.value(typed); got != text {
		t.Errorf("after a click on the usage the field has %q", got)
	}
	w.types(composer, kb.Escape)
	w.sees("the usage away", `document.querySelector(".hints").hidden`)
	w.types(composer, kb.Tab)
	w.sees("the focus on Send", `document.activeElement.matches(".send")`)
	if got := w.value(typed); got != text {
		t.Errorf("after Tab the field has %q", got)
	}
	photo := filepath.Join(t.TempDir(), "photo.png")
	if err := os.WriteFile(photo, []byte("a photo"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.run("choose a file", chromedp.SetUploadFiles(`#main .composer input[type=file]`, []string{photo}, chromedp.ByQuery))
	w.click(`#main .composer .send`)
	w.told("a command takes no files")
	w.pictures("command-with-file")
	w.sees("both, as they were", typed+` === "`+text+`" && document.querySelector("#main .chosen").textContent.includes("photo.png") && document.querySelector("#main .composer input[type=file]").files.length === 1`)
}

// TestHalfFilledFormsAreNotLost: a form in which something was filled in is closed, and its
// page left, when that was confirmed; one in which nothing was is closed at once.
func TestHalfFilledFormsAreNotLost(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	w := open(t, b, 1280, 860, at+"/web/as/olivia/")
	q := w.answers()
	w.sees("the channel", `document.querySelector("#list .card")`)
	form := func() {
		t.Helper()
		w.says("/task new")
		w.sees("the form", `document.querySelector("dialog[open] form")`)
	}
	form()
	w.keys(kb.Escape)
	w.sees("it is closed", `!document.querySelector("dialog[open]")`)
	form()
	w.types(`dialog [name="f-title"]`, "Lock stuck")
	for _, away := range []struct {
		what, kind string
		leave      func()
	}{
		{"Escape", "confirm", func() { w.keys(kb.Escape) }},
		{"Escape again", "confirm", func() { w.keys(kb.Escape) }},
		{"Cancel", "confirm", func() { w.click(`dialog footer [data-do="close-dialog"]`) }},
		{"leaving the page", "beforeunload", func() { w.js("leave", `setTimeout(() => location.reload())`) }},
	} {
		away.leave()
		if got := <-q.asked; got != away.kind {
			t.Errorf("%s: asked by %q", away.what, got)
		}
		if got := w.value(`document.querySelector('dialog[open] [name="f-title"]')?.value`); got != "Lock stuck" {
			t.Errorf("after %s the form has %q", away.what, got)
		}
	}
	q.yes.Store(true)
	w.keys(kb.Escape)
	w.sees("it is closed", `!document.querySelector("dialog[open]")`)
	<-q.asked

	// What is written about a job, by who came in from chat, is there again when its page is
	// loaded anew.
	w.run("have the form of somebody who came in from chat", chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(`document.addEventListener("readystatechange", () => {
			if (document.readyState === "interactive") document.querySelector("#content").insertAdjacentHTML("beforebegin", '<form hx-post="/web/as/olivia/jobs/8/write" data-write><textarea id="write-text" name="text"></textarea></form>');
		})`).Do(ctx)
		return err
	}), chromedp.Navigate(at+"/web/as/olivia/jobs/8"))
	w.types("#write-text", "They come at noon")
	w.run("load it anew", chromedp.Reload())
	w.sees("what was written", `document.querySelector("#write-text").value === "They come at noon"`)
	select {
	case kind := <-q.asked:
		t.Errorf("asked by %q without a need", kind)
	default:
	}
}

// databaseFiles are the files of a service's database.
func databaseFiles(t *testing.T, s *service) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(strings.TrimPrefix(s.env[1], "HOME="), "t.db*"))
	files = slices.DeleteFunc(files, func(name string) bool {
		is, err := os.Stat(name)
		return err != nil || !is.Mode().IsRegular()
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("the database: %v %v", files, err)
	}
	return files
}

// TestDatabaseOfBefore: that the line is down is said where it can be seen, beside an open
// form too. When a backup was put back meanwhile the page is drawn anew, as the database
// has it, with what was being written.
func TestDatabaseOfBefore(t *testing.T) {
	t.Parallel()
	s, b := serve(t), browser(t)
	w := open(t, b, 1100, 800, "about:blank")
	signsIn(t, w, s.run("web", "add", "Olivia Hart", "olivia@example.org", "--admin"))
	w.says("Before the backup.")
	const said = `[...document.querySelectorAll("#list .text")].map((m) => m.textContent.trim()).join()`
	w.sees("it", said+` === "Before the backup."`)
	w.says("/task new")
	w.sees("the form", `document.querySelector("dialog[open] form")`)
	s.kill()
	w.sees("that the line is down, in the form", `document.querySelector("dialog[open] .line-down")?.checkVisibility()`)
	w.pictures("line-down")
	backup := map[string][]byte{}
	for _, name := range databaseFiles(t, s) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		backup[name] = content
	}
	s.start()
	w.sees("that it is up again", `document.querySelector("dialog[open]") && !document.querySelector(".line-down")`)
	w.keys(kb.Escape)
	w.says("After the backup.")
	w.sees("it, too", said+` === "Before the backup.,After the backup."`)
	w.types(composer, "Half a sentence")
	s.kill()
	for _, name := range databaseFiles(t, s) {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range backup {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.start()
	w.sees("the channel as it was", said+` === "Before the backup." && `+typed+` === "Half a sentence"`)
}

// TestUnreadReplies: who reads a channel to its end has nothing unread there, also when a
// reply came last. A thread says what is new in it until it is opened.
func TestUnreadReplies(t *testing.T) {
	t.Parallel()
	s, b := serve(t), browser(t)
	ann := open(t, b, 1100, 800, "about:blank")
	signsIn(t, ann, s.run("web", "add", "Ann Lee", "ann@example.org", "--admin"))
	bob := open(t, browser(t), 1100, 800, "about:blank")
	signsIn(t, bob, s.run("web", "add", "Bob Ray", "bob@example.org", "--admin"))
	ann.says("Who has the key?")
	bob.sees("the question", `document.querySelector("#list .text")`)
	channel := bob.value(`location.href`)
	bob.run("leave", chromedp.Navigate(s.address+"/web/jobs"))
	ann.js("open the thread", `document.querySelector("#list .replies").click()`)
	ann.sees("the thread", `document.querySelector("#thread-list .message")`)
	ann.types(reply, "I have it\r")
	ann.sees("the reply, which is not new", `document.querySelector("#list .replies").textContent.includes("1 reply") && !document.querySelector("#list .new")`)
	bob.sees("that something is unread", `document.querySelector("#rooms .count")`)
	bob.run("go back", chromedp.Navigate(channel))
	bob.sees("where it is", `document.querySelector("#list .replies .new")?.textContent === "1 new"`)
	bob.sees("nothing unread", `!document.querySelector("#rooms .count")`)
	bob.pictures("new-reply")
	bob.run("load it anew", chromedp.Reload())
	bob.sees("that it is new still", `document.querySelector("#list .replies .new")`)
	bob.js("note how far a thread is told to be read", `(() => {
		const ask = window.fetch;
		window.fetch = async (at, how) => {
			const answer = await ask(at, how);
			if (String(at).endsWith("/seen") && how.body.get("thread")) window.readTo = Number(how.body.get("seq"));
			return answer;
		};
	})()`)
	bob.js("open the thread", `document.querySelector("#list .replies").click()`)
	bob.sees("the reply", `document.querySelector("#thread-list").textContent.includes("I have it")`)
	bob.sees("that it is not new any more", `!document.querySelector("#list .new")`)
	ann.types(reply, "And the bell rings\r")
	bob.sees("what comes while it is open", `document.querySelector("#thread-list").textContent.includes("And the bell rings")`)
	bob.sees("that this is told", `window.readTo === Number([...document.querySelectorAll("#thread-list .message")].at(-1).dataset.seq)`)
	bob.types(reply, kb.Escape)
	bob.run("load it anew", chromedp.Reload())
	bob.sees("that it was read", `document.querySelector("#list .replies")?.textContent.includes("2 replies") && !document.querySelector("#list .new")`)
}
