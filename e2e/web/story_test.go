package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// signsIn opens a sign-in link in a profile of its own and presses its button.
func signsIn(t *testing.T, w *window, link string) {
	t.Helper()
	w.run("open the link", chromedp.Navigate(link))
	w.click(`form button`)
	w.sees("a page of the workspace", `document.body.dataset.base || document.body.textContent.includes("no channel yet")`)
}

// TestMainJob: an operator, a contractor and a manager, each in a browser of their own,
// do a job from the first word to the approval, and each sees what the others do as it
// happens, without loading a page again.
func TestMainJob(t *testing.T) {
	s := serve(t)
	person := func(link string) *window {
		w := open(t, browser(t), 1280, 860, "about:blank")
		signsIn(t, w, link)
		return w
	}
	olivia := person(s.run("web", "add", "Olivia Hart", "olivia@example.org", "--admin"))
	priya := person(s.run("web", "add", "Priya Shah", "priya@example.org", "--channel", "managers"))
	olivia.sees("the empty state", `document.querySelector(".empty h2")?.offsetParent`)
	olivia.says("/task contractor add Leeds | Acme Heating")
	olivia.sees("the firm's channel", `[...document.querySelectorAll("#rooms a")].some((a) => a.textContent.includes("Acme Heating"))`)
	olivia.says("/task contractor invite acme ben@example.org")
	s.until("the invitation", func() bool { return strings.Contains(s.run("web", "list"), "ben@example.org") })
	ben := person(s.run("web", "link", "ben@example.org"))
	ben.sees("the firm's channel alone", `document.querySelectorAll("#rooms .rooms a").length === 1 && document.body.textContent.includes("No jobs yet")`)

	// The form opens, what is missing is said in it, and what was typed stays.
	olivia.says("/task new")
	olivia.sees("the form", `document.querySelector("dialog[open] form")`)
	olivia.types(`dialog [name="f-description"]`, "Shows F28 and locks out.")
	olivia.click(`dialog button[type=submit]`)
	olivia.sees("what is missing", `document.querySelector('dialog [name="f-title"]').getAttribute("aria-invalid") === "true"`)
	if got := olivia.value(`document.querySelector('dialog [name="f-description"]').value`); got != "Shows F28 and locks out." {
		t.Errorf("what was typed is %q", got)
	}
	olivia.fills(map[string]string{"title": "Boiler down"})
	olivia.sees("the desk's card", card(1))
	olivia.says("/task settings money")
	olivia.sees("the form of money", `document.querySelector("dialog[open] form")`)
	olivia.js("close it", `document.querySelector('dialog [data-do="close-dialog"]').click()`)

	olivia.says("/task assign 1 acme by 2h")
	ben.sees("the offer", button(1, "accept"))
	ben.presses(1, "accept")
	olivia.sees("that it is accepted", card(1)+`.textContent.includes("Ben")`)

	// Talk in the thread, both ways, live.
	ben.js("open the thread", card(1)+`.closest(".message").querySelector(".replies").click()`)
	ben.sees("the thread", `document.querySelector("#thread-list .message")`)
	ben.run("reply", chromedp.SendKeys(reply, "On my way\r", chromedp.ByQuery))
	s.until("the reply in the history", func() bool { return len(s.comments(1)) == 1 })
	olivia.sees("that there is a reply", card(1)+`.textContent.includes("1 reply")`)
	olivia.says("/task comment 1 Mind the dog")
	ben.sees("the desk's words in the open thread", `document.querySelector("#thread-list").textContent.includes("Mind the dog")`)

	ben.presses(1, "submit")
	ben.fills(map[string]string{"note": "Electrode replaced"})
	olivia.sees("the work that waits", button(1, "approve"))
	olivia.presses(1, "approve")
	ben.sees("that it is approved", card(1)+`.textContent.includes("Complete")`)
	priya.says("/task summary week")
	priya.sees("the summary", `[...document.querySelectorAll(".message")].some((m) => m.textContent.includes("1 completed"))`)
	for name, w := range map[string]*window{"Olivia": olivia, "Ben": ben, "Priya": priya} {
		if got := w.value(`performance.getEntriesByType("navigation").length`); got != "1" {
			t.Errorf("%s loaded the page %s times", name, got)
		}
	}
}

// TestDemonstrationFromOfferToApproval: who tries it out offers a task, becomes the
// firm, accepts and completes, and becomes the operator again to approve.
func TestDemonstrationFromOfferToApproval(t *testing.T) {
	at, b := demo(t), browser(t)
	w := open(t, b, 1280, 860, at+"/web/as/olivia/")
	become := func(name string) {
		w.js("become "+name, fmt.Sprintf(`[...document.querySelectorAll(".persona a")].find((a) => a.textContent.includes(%q)).click()`, name))
		w.sees("who it is now", fmt.Sprintf(`document.querySelector(".me-name")?.textContent === %q`, name))
	}
	w.sees("the desk", `document.querySelectorAll(".card").length > 5`)
	w.says("/task assign 17 acme by 4h")
	w.sees("that it is offered", card(17)+`?.textContent.includes("Acme")`)
	become("Ben Carter")
	w.presses(17, "accept")
	w.sees("that it is accepted", button(17, "submit"))
	w.presses(17, "submit")
	w.fills(map[string]string{"note": "Spring replaced, door runs", "effort": "1h"})
	w.sees("that it waits", card(17)+`.textContent.includes("Waiting approval")`)
	become("Olivia Hart")
	w.presses(17, "approve")
	w.sees("that it is approved", card(17)+`.textContent.includes("Resolved")||`+card(17)+`.textContent.includes("Complete")`)
}

// TestTwoRaceOnOneButton: two people of a firm press Accept at the same moment. One is
// in charge, and the other is told in private who was first.
func TestTwoRaceOnOneButton(t *testing.T) {
	at, b := demo(t), browser(t)
	ben := open(t, b, 1100, 800, at+"/web/as/ben/")
	tess := open(t, b, 1100, 800, at+"/web/as/tess/")
	windows := []*window{ben, tess}
	// A task that is offered to Acme Heating and not answered.
	const offered = 16
	for _, w := range windows {
		w.pressesHeld(offered, "accept")
	}
	for _, w := range windows {
		w.letsGo()
	}
	winner, loser := "", ""
	for n, w := range windows {
		w.sees("what became of it", toldSoFar)
		said := w.value(toldSoFar)
		name := []string{"Ben", "Tess"}[n]
		switch {
		case strings.Contains(said, "You are in charge"):
			winner += name
		case strings.Contains(said, "Ben Carter") || strings.Contains(said, "Tess Whitlock"):
			loser += name
		default:
			t.Errorf("%s reads %q", name, said)
		}
	}
	if len(winner) == 0 || len(loser) == 0 || winner == "BenTess" {
		t.Errorf("%q won and %q was told", winner, loser)
	}
	for _, w := range windows {
		w.sees("who is in charge", card(offered)+fmt.Sprintf(`.textContent.includes(%q)`, winner))
	}
}

// TestTwoTabsOfOnePerson: the same person presses in two tabs; it counts once, and
// neither tab is left with a button that does nothing.
func TestTwoTabsOfOnePerson(t *testing.T) {
	at, b := demo(t), browser(t)
	one := open(t, b, 1100, 800, at+"/web/as/mia/")
	two := open(t, b, 1100, 800, at+"/web/as/mia/")
	const offered = 14
	for _, w := range []*window{one, two} {
		w.pressesHeld(offered, "accept")
	}
	for _, w := range []*window{one, two} {
		w.letsGo()
	}
	for _, w := range []*window{one, two} {
		w.sees("an answer", toldSoFar)
		w.sees("what comes next", button(offered, "submit"))
		if w.value(button(offered, "accept")) != "null" {
			t.Error("the old button is still there")
		}
	}
}
