package web

import (
	"fmt"
	"strconv"
	"testing"
)

// TestWhereOneReads: a channel is opened at its end and stays there when something comes;
// who reads further up stays at what they read.
func TestWhereOneReads(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	reader, other := open(t, b, 1280, 860, at+"/web/as/olivia/"), open(t, b, 1280, 860, at+"/web/as/olivia/")
	const lastIsSeen = `(() => { const s = document.querySelector("#messages").getBoundingClientRect(), m = document.querySelector("#list .message:last-child").getBoundingClientRect(); return m.height > 0 && m.bottom <= s.bottom + 1; })()`
	reader.sees("its line, behind the rest of the channel", `window.hasLine`)
	reader.sees("the end", lastIsSeen)
	hears := func(words string) {
		t.Helper()
		other.says(words)
		reader.sees(words, fmt.Sprintf(`document.querySelector("#list .message:last-child").textContent.includes(%q)`, words))
	}
	hears("The first of two.")
	reader.sees("the end with what is new", lastIsSeen)

	reader.js("read further up", `document.querySelector("#messages").scrollTop = -1800`)
	const drawn = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`
	for range 3 {
		// What comes near is laid out, and may move what is above it.
		reader.run("wait for a frame", evaluate(drawn))
	}
	reader.js("note where", `window.mark = [...document.querySelectorAll("#list .message")].find((m) => m.getBoundingClientRect().bottom > document.querySelector("#messages").getBoundingClientRect().top)`)
	where := func() int {
		t.Helper()
		n, err := strconv.ParseFloat(reader.value(`window.mark.getBoundingClientRect().top`), 64)
		if err != nil {
			t.Fatal(err)
		}
		return int(n)
	}
	was := where()
	hears("The second of two.")
	reader.run("wait for a frame", evaluate(drawn))
	if is := where(); is < was-1 || is > was+1 {
		t.Errorf("what was read stood at %d and stands at %d", was, is)
	}
	if reader.value(lastIsSeen) != "false" {
		t.Error("who reads further up was taken to the end")
	}
}

// TestSkipAfterAThread: who closed a thread and goes to the messages with the skip link
// stays on the page.
func TestSkipAfterAThread(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	w := open(t, b, 1280, 860, at+"/web/as/olivia/")
	w.sees("the channel", `document.querySelector("#list .card")`)
	w.js("open a thread", `document.querySelector("#list .replies").click()`)
	w.sees("the thread", `document.querySelector("#thread-list .message")`)
	w.js("close it", `document.querySelector('[data-do="close-thread"]').click()`)
	w.js("skip to the messages", `window.stays = true; addEventListener("popstate", () => { window.moved = true; }); document.querySelector(".skip").click()`)
	w.sees("it is there", `window.moved || window.stays !== true`)
	// A page that is left takes no answer to what it asked.
	w.run("ask for something", evaluate(`fetch(location.href).then((a) => a.text()).then(() => true)`))
	if got := w.value(`window.stays === true && location.hash`); got != "#messages" {
		t.Errorf("it was loaded anew: %s", got)
	}
}

// TestWhatIsAsItWasStays: of a card that changes what is as it was stays, the button too on
// which somebody is with the keyboard, and nothing on it is drawn for nothing.
func TestWhatIsAsItWasStays(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	reader, other := open(t, b, 1280, 860, at+"/web/as/olivia/"), open(t, b, 1280, 860, at+"/web/as/olivia/")
	other.says("/task new Door sticks")
	const own = `[...document.querySelectorAll("#list .card")].findLast((c) => c.textContent.includes("Door sticks"))`
	reader.sees("the card", own)
	reader.sees("its line, behind the rest of the channel", `window.hasLine`)
	reader.js("go to a button of the card", `window.card = `+own+`; window.heading = card.querySelector("h3"); window.key = card.querySelector("button[data-key]"); key.focus()`)
	other.sees("the card", own)
	other.js("open its thread", own+`.closest(".message").querySelector(".replies").click()`)
	other.sees("the thread", `document.querySelector("#thread-list .message")`)
	other.types(reply, "The lower hinge is loose\r")
	reader.sees("that it is counted", `card.closest(".message")?.querySelector(".replies").textContent.includes("1 reply")`)
	if got := reader.value(`heading.isConnected && key.isConnected && document.activeElement === key`); got != "true" {
		t.Errorf("the heading, the button and who is on it stayed: %s", got)
	}
}
