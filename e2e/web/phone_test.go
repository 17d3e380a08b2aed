package web

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// fitsAll fails when anything can be scrolled sideways that is not meant to be.
func (w *window) fitsAll(what string) {
	w.t.Helper()
	const wide = `document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll("body *")].some((e) => {
		const s = getComputedStyle(e), r = e.getBoundingClientRect();
		return r.width > 0 && s.visibility !== "hidden" && s.position !== "fixed" && r.right > innerWidth + 1 && !e.closest(".persona, .side, .sr, pre, [data-wide]") && s.clipPath === "none";
	}) ? "wide" : ""`
	if w.value(wide) != "" {
		w.t.Errorf("%s is wider than the window: %s", what, w.value(`[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".persona, .side, .sr")).map((e) => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right)).slice(0, 6).join(", ")`))
	}
}

// TestPhone: at 360 pixels nothing has to be scrolled sideways, and what is pressed is
// large enough for a finger.
func TestPhone(t *testing.T) {
	at, b := demo(t), browser(t)
	w := open(t, b, 360, 740, at+"/web/as/ben/")
	w.run("be touched", emulation.SetTouchEmulationEnabled(true))
	w.sees("cards", `document.querySelectorAll(".card").length > 3`)
	w.fitsAll("a channel")
	w.picture("phone-channel")
	if small := w.value(`[...document.querySelectorAll(".card button, .composer button, .open-side")].filter((e) => e.offsetParent && e.getBoundingClientRect().height < 40).length`); small != "0" {
		t.Errorf("%s buttons are lower than a finger", small)
	}
	w.click(`.open-side`)
	w.sees("the channels", `document.body.classList.contains("side-open")`)
	w.fitsAll("the list of channels")
	w.js("close it", `document.querySelector(".close-side").click()`)
	w.js("open a thread", `document.querySelector(".message .replies:not(.none)").click()`)
	w.sees("the thread", `document.querySelector("#thread-list .message")`)
	w.fitsAll("a thread")
	w.picture("phone-thread")
	w.js("close it", `document.querySelector('[data-do="close-thread"]').click()`)
	w.js("open a form", `document.querySelector('button[data-key="decline"], button[data-key="submit"]').click()`)
	w.sees("the form", `document.querySelector("dialog[open] form")`)
	w.fitsAll("a form")
	w.picture("phone-form")
	w.run("the desk", chromedp.Navigate(at+"/web/as/olivia/"))
	w.sees("cards", `document.querySelectorAll(".card").length > 3`)
	w.fitsAll("the desk")
	w.says("/task list open")
	w.sees("a private answer", `document.querySelector(".private")`)
	w.fitsAll("a list")
	w.run("finished jobs", chromedp.Navigate(at+"/web/as/olivia/jobs?list=done"))
	w.sees("which list it is", `((r) => r.left >= 0 && r.right <= innerWidth)(document.querySelector(".tabs [aria-current]").getBoundingClientRect())`)
	w.picture("phone-jobs")
	w.run("a job that is not there", chromedp.Navigate(at+"/web/as/olivia/c/zzzz"))
	w.fitsAll("a page that is not there")
	w.run("the door", chromedp.Navigate(at+"/web/"))
	w.fitsAll("the door")
}
