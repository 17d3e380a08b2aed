package web

import (
	"testing"
)

// TestFirstPage: the page comes with what is seen at first, and has the rest a moment later,
// above it and in order, while the reader stays at the end of the list.
func TestFirstPage(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	w := open(t, b, 1280, 860, at+"/web/as/olivia/")
	w.sees("the rest of the channel", `document.querySelectorAll("#list > .message").length > 20 && !document.querySelector("[data-rest]")`)
	w.sees("the end of the list", `document.querySelector("#messages").scrollTop === 0`)
	w.sees("each message once and in order", `(() => {
		const all = [...document.querySelectorAll("#list > .message")].map((m) => Number(m.dataset.seq));
		return all.every((n, i) => i === 0 || all[i - 1] < n);
	})()`)
	w.sees("what comes is read aloud again", `document.querySelector("#messages").ariaLive === "polite"`)
	w.sees("days above what came, too", `document.querySelector("#list > .message").dataset.day`)
	w.says("/task new Seen after the rest")
	w.sees("what comes now", `[...document.querySelectorAll("#list .card h3")].at(-1)?.textContent.includes("Seen after the rest")`)
	// Who opens a thread there and goes back is at the channel's own address.
	w.js("open a thread", `[...document.querySelectorAll("#list .replies")].at(-1).click()`)
	w.sees("the thread", `document.querySelector("#thread-list .message")`)
	w.js("close it", `document.querySelector("#thread .back").click()`)
	w.sees("the channel's address", `/\/c\/[^/]+$/.test(location.pathname)`)
}
