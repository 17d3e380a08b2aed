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
