package web

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestSessionEndsWhileTyping: the session ends in the middle of a sentence and of a form.
// What was typed stays, one signs in and sends it, and it is there once.
func TestSessionEndsWhileTyping(t *testing.T) {
	s, b := serve(t), browser(t)
	w := open(t, b, 1100, 800, "about:blank")
	signsIn(t, w, s.run("web", "add", "Olivia Hart", "olivia@example.org", "--admin"))
	w.says("/task new Boiler down")
	w.sees("the card", card(1))
	w.js("open the thread", card(1)+`.closest(".message").querySelector(".replies").click()`)
	w.sees("the thread", `document.querySelector("#thread-list .message")`)
	w.types(reply, "A long thought that")

	// It is ended elsewhere in the same browser.
	other := open(t, b, 1000, 600, s.address+"/web/")
	other.sees("the way out", `document.querySelector("form[action$='/sign-out']")`)
	other.click(`form[action$='/sign-out'] button`)
	other.sees("the door", `document.body.textContent.includes("You are not signed in")`)

	w.run("send it", chromedp.SendKeys(reply, " took a while\r", chromedp.ByQuery))
	w.sees("that the session is over", `!document.querySelector("#out").hidden`)
	w.picture("signed-out")
	if got := w.value(`document.querySelector("#thread .composer textarea").value.trim()`); got != "A long thought that took a while" {
		t.Errorf("what was typed is %q", got)
	}
	signsIn(t, other, s.run("web", "link", "olivia@example.org"))
	w.run("send it again", chromedp.SendKeys(reply, "\r", chromedp.ByQuery))
	w.sees("the reply", `document.querySelector("#thread-list").textContent.includes("A long thought")`)
	w.sees("that all is well", `document.querySelector("#out").hidden && document.querySelector("#thread .composer textarea").value === ""`)
	if got := s.comments(1); len(got) != 1 || got[0].Text != "A long thought that took a while" {
		t.Errorf("the history is %+v", got)
	}
	// A form keeps what was filled in, too.
	w.says("/task new")
	w.sees("the form", `document.querySelector("dialog[open] form")`)
	w.types(`dialog [name="f-title"]`, "Lock stuck")
	other.sees("the way out", `document.querySelector("form[action$='/sign-out']")`)
	other.click(`form[action$='/sign-out'] button`)
	other.sees("the door", `document.body.textContent.includes("You are not signed in")`)
	w.click(`dialog button[type=submit]`)
	w.sees("that the session is over", `!document.querySelector("#out").hidden && document.querySelector('dialog[open] [name="f-title"]').value === "Lock stuck"`)
	w.sees("it said where it can be read, with the way in", `document.querySelector("dialog[open] #error a")?.href.endsWith("/web/")`)
	w.picture("signed-out-form")
	signsIn(t, other, s.run("web", "link", "olivia@example.org"))
	w.click(`dialog button[type=submit]`)
	w.sees("the form is sent", `!document.querySelector("dialog[open]")`)
	w.sees("the card of the second", card(2))

	// What is being written survives that the page is loaded anew.
	w.types(composer, "Half a sentence")
	w.run("load it anew", chromedp.Reload())
	w.sees("what was being written", `document.querySelector("#main .composer textarea").value === "Half a sentence"`)
}

// TestTypingWhileItIsSent: what is typed while a message is on its way is not sent with it,
// and stays.
func TestTypingWhileItIsSent(t *testing.T) {
	s, b := serve(t), browser(t)
	w := open(t, b, 1100, 800, "about:blank")
	signsIn(t, w, s.run("web", "add", "Olivia Hart", "olivia@example.org"))
	w.js("send and go on", `(() => { const t = document.querySelector("#main .composer textarea"); t.value = "The first."; t.form.requestSubmit(); t.value += " And the second"; })()`)
	w.sees("the first", `[...document.querySelectorAll("#list .text")].some((m) => m.textContent.trim() === "The first.")`)
	w.sees("the second, still to be sent", `document.querySelector("#main .composer textarea").value === "And the second"`)
	w.says("And the second, all of it")
	w.sees("an empty field", `document.querySelectorAll("#list .text").length === 2 && document.querySelector("#main .composer textarea").value === ""`)
}

// TestTooLargeForTheBrowser: a file that is too large is refused before it is sent, and
// the words beside it stay.
func TestTooLargeForTheBrowser(t *testing.T) {
	s, b := serve(t), browser(t)
	w := open(t, b, 1100, 800, "about:blank")
	signsIn(t, w, s.run("web", "add", "Olivia Hart", "olivia@example.org"))
	large, small := filepath.Join(t.TempDir(), "large.bin"), filepath.Join(t.TempDir(), "plan.txt")
	for name, n := range map[string]int{large: 1<<20 + 1, small: 10} {
		if err := os.WriteFile(name, bytes.Repeat([]byte("x"), n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.types(composer, "The plan")
	choose := func(name string) {
		w.run("choose a file", chromedp.SetUploadFiles(`#main .composer input[type=file]`, []string{name}, chromedp.ByQuery))
	}
	choose(large)
	w.told("too large")
	if got := w.value(`document.querySelector("#main .composer textarea").value + document.querySelectorAll("#main .chosen li").length`); got != "The plan0" {
		t.Errorf("the field and the files are %q", got)
	}
	choose(small)
	w.sees("the file to send", `document.querySelector("#main .chosen").textContent.includes("plan.txt")`)
	w.click(`#main .composer .send`)
	w.sees("the message with its file", `[...document.querySelectorAll(".message")].some((m) => m.textContent.includes("The plan") && m.querySelector(".files a"))`)
}

// TestHostileWordsDoNothing: what looks like a page's own is words on it, in messages and
// in a file's name, drawn by the server and by the page's script.
func TestHostileWordsDoNothing(t *testing.T) {
	s, b := serve(t), browser(t)
	w := open(t, b, 1100, 800, "about:blank")
	signsIn(t, w, s.run("web", "add", "Olivia Hart", "olivia@example.org"))
	chromedp.ListenTarget(w.ctx, func(e any) {
		if e, ok := e.(*page.EventJavascriptDialogOpening); ok {
			t.Errorf("a script of a message's ran: %s", e.Message)
		}
	})
	hostile := []string{
		`<script>alert(1)</script>`, `<img src=x onerror=alert(2)>`, `<svg onload=alert(3)></svg>`, `"><b hx-get="/web/sign-out" hx-trigger="load">x</b>`,
		`javascript:alert(4)`, `</textarea><script>alert(5)</script>`,
	}
	for n, words := range hostile {
		w.says(words)
		w.sees(words, `document.querySelectorAll("#list .message").length > `+string(rune('0'+n)))
	}
	for range 2 {
		for _, words := range hostile {
			w.sees(words, `[...document.querySelectorAll("#list .text")].some((m) => m.textContent.trim() === `+"`"+words+"`"+`)`)
		}
		if got := w.value(`document.querySelectorAll("#list script, #list img[src=x], #list svg[onload], #list [hx-trigger=load], #list a[href^=javascript]").length`); got != "0" {
			t.Errorf("%s elements were made of words", got)
		}
		w.run("load it anew", chromedp.Reload())
	}
}
