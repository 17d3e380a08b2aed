package web

import (
	"testing"

	"github.com/chromedp/cdproto/page"
)

// TestCalledOnce: a tab that takes the line over from another calls nobody for what that
// one has called them for.
func TestCalledOnce(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	tab := func() *window { return openTab(t, b, at) }
	keeps := tab()
	next := tab()
	keeps.sees("it is out of sight", `document.hidden`)
	next.listens()
	tab()
	next.sees("it is out of sight", `document.hidden`)
	next.sees("its line ends", `window.lineEnds`)
	// Not called line: as window.line, the page's element of that name is always there.
	next.js("have a line that the test speaks on", `(() => {
		window.calls = [];
		window.Notification = class { static permission = "granted"; constructor(words) { calls.push(words); } close() {} };
		window.EventSource = class extends EventTarget {
			static CLOSED = 2;
			readyState = 1;
			constructor() { super(); window.spoken = this; }
			close() { this.readyState = 2; }
			tells(kind, data) { this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) })); }
		};
	})()`)
	keeps.run("look at the one that kept its line", page.BringToFront())
	next.sees("it takes the line over", `window.spoken`)
	next.js("tell it what it missed and what is new", `
		spoken.tells("hello", {});
		spoken.tells("message", { id: "m1", room: "elsewhere", seq: 1, call: "Missed" });
		spoken.tells("rooms", { html: document.querySelector("#rooms").innerHTML });
		spoken.tells("message", { id: "m2", room: "elsewhere", seq: 2, call: "New" });`)
	next.sees("it calls for what is new", `calls.includes("New")`)
	if got := next.value(`calls.join()`); got != "New" {
		t.Errorf("it calls for %s", got)
	}
}
