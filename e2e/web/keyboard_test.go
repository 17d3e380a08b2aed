package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// presses what is focused, and goes from one thing to the next.
func (w *window) keys(keys string) {
	w.t.Helper()
	w.run("press keys", chromedp.KeyEvent(keys))
}

// focused is a short name of what has the focus.
func (w *window) focused() string {
	w.t.Helper()
	return w.value(`((e) => e && e !== document.body ? (e.dataset.key || e.name || e.getAttribute("aria-label") || e.textContent.trim().slice(0, 30)) : "")(document.activeElement)`)
}

// visibleFocus is true for what shows that it has the focus: by a frame around itself, or
// around the field that it is a part of.
const visibleFocus = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return true;
	const shown = (x) => { const s = getComputedStyle(x); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || x !== e && s.boxShadow !== "none"; };
	return [e, e.closest(".composer"), e.closest(".attach")].some((x) => x && shown(x)) || e.tabIndex < 0;
})()`

// tabs goes on with Tab until an expression is true of what is focused, e.
func (w *window) tabs(what, expression string) {
	w.t.Helper()
	for range 400 {
		if w.value(`((e) => !!(`+expression+`))(document.activeElement)`) == "true" {
			return
		}
		w.keys(kb.Tab)
		if w.value(visibleFocus) != "true" {
			w.t.Errorf("nobody sees that %q has the focus", w.focused())
		}
	}
	w.t.Fatalf("Tab never comes to %s; it is at %q", what, w.focused())
}

// TestKeyboardOnly: a job is accepted, completed and approved without a mouse; the focus
// can be seen at every stop, and comes back to where it was after a form.
func TestKeyboardOnly(t *testing.T) {
	at, b := demo(t), browser(t)
	w := open(t, b, 1280, 900, at+"/web/as/mia/")
	const offered = 14
	mine := fmt.Sprintf(`e.closest(".message")?.querySelector("h3")?.textContent.startsWith("#%d ")`, offered)
	w.sees("the offer", button(offered, "accept"))
	// The first stop leads past the channels.
	w.keys(kb.Tab)
	if got := w.focused(); !strings.HasPrefix(got, "To the messages") {
		t.Errorf("the first stop is %q", got)
	}
	w.keys(kb.Enter)
	w.tabs("Accept", `e.dataset.key === "accept" && `+mine)
	w.keys(kb.Enter)
	w.sees("Complete", button(offered, "submit"))
	w.sees("the focus on the card that has changed", `document.activeElement.closest(".message")?.querySelector("h3")?.textContent.startsWith("#14 ")`)
	w.tabs("Complete", `e.dataset.key === "submit" && `+mine)
	w.keys(kb.Enter)
	w.sees("the form, with the focus in it", `document.querySelector("dialog[open]")?.contains(document.activeElement) && document.activeElement.name`)
	// Escape closes it, and the focus is where it was.
	w.keys(kb.Escape)
	w.sees("the focus back on the button", `!document.querySelector("dialog[open]") && document.activeElement.dataset.key === "submit"`)
	w.keys(kb.Enter)
	w.sees("the form again", `document.querySelector("dialog[open]")?.contains(document.activeElement) && document.activeElement.name`)
	w.tabs("the note", `e.name === "f-note"`)
	w.keys("Cylinder replaced")
	w.tabs("Send", `e.type === "submit" && e.closest("dialog")`)
	// The focus stays within the form for as long as it is open.
	for range 12 {
		w.keys(kb.Tab)
		if w.value(`document.activeElement === document.body || !!document.activeElement.closest("dialog")`) != "true" {
			t.Errorf("the focus left the form for %q", w.focused())
		}
	}
	w.tabs("Send", `e.type === "submit" && e.closest("dialog")`)
	w.keys(kb.Enter)
	w.sees("that it waits for approval", `!document.querySelector("dialog[open]") && `+card(offered)+`.textContent.includes("Waiting approval")`)
	w.sees("the focus on the card", `document.activeElement.closest(".message")?.querySelector("h3")?.textContent.startsWith("#14 ")`)

	w.run("be the operator", chromedp.Navigate(at+"/web/as/olivia/"))
	w.sees("the work that waits", button(offered, "approve"))
	w.tabs("Approve", `e.dataset.key === "approve" && `+mine)
	w.keys(kb.Enter)
	w.sees("that it is approved", card(offered)+`.textContent.includes("Resolved") || `+card(offered)+`.textContent.includes("Complete")`)

	// A thread opens with Enter, takes a reply and closes with Escape.
	w.tabs("a thread", `e.matches(".replies")`)
	w.keys(kb.Enter)
	w.sees("the thread, with the focus in its field", `document.activeElement.closest("#thread .composer")`)
	w.keys("By keyboard")
	w.keys(kb.Enter)
	w.sees("the reply", `document.querySelector("#thread-list").textContent.includes("By keyboard")`)
	w.keys(kb.Escape)
	w.sees("the focus back at the thread's link", `document.activeElement.matches(".replies")`)
}
