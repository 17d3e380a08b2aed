package web

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestButtonSaysWhoReads: a form with two buttons says which of them it was sent with, so
// that a note for the desk alone does not go to the firm.
func TestButtonSaysWhoReads(t *testing.T) {
	t.Parallel()
	at, b := demo(t), browser(t)
	w := open(t, b, 1280, 860, at+"/web/as/olivia/jobs/8")
	w.sees("the job", `document.querySelector("#content")`)
	w.js("have the form of somebody who came in from chat", `(() => {
		window.sent = [];
		const ask = window.fetch;
		window.fetch = (at, how) => how?.method === "POST" && String(at).endsWith("/write") ? (sent.push(new URLSearchParams(how.body).get("to")), Promise.resolve(new Response(null, { status: 204 }))) : ask(at, how);
		document.querySelector("#content").insertAdjacentHTML("beforebegin", '<form id="both" hx-post="/web/as/olivia/jobs/8/write" data-write><textarea name="text">They are late</textarea>' +
			'<button type="submit" name="to" value="comment">Firm</button><button type="submit" name="to" value="note">Desk</button></form>');
	})()`)
	for _, to := range []string{"note", "comment"} {
		w.run("send it to "+to, chromedp.Click(`#both [value="`+to+`"]`, chromedp.ByQuery))
		w.sees("it is sent to "+to, `sent.at(-1) === "`+to+`" && !document.querySelector("#both").dataset.busy`)
	}
}
