package slack_test

import (
	"fmt"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestKeptTexts: a desk keeps a text ready, sends it by command and in the form of a reply,
// with what is known of the job filled in, and sends work back with it. The firm reads the
// result alone.
func TestKeptTexts(t *testing.T) {
	t.Parallel()
	for _, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, v, options{})
			acme, who := d.firm("Leeds", "Acme Heating", "frank")
			frank := who[0]
			d.says("/task text", "No texts are kept yet", "/task text new")
			d.says("/task text new")
			d.view(d.oskar, "New kept text")
			filled := slacktest.Values{"Name": "Way in", "Text": "Way in for {number} {title}: ring <!channel>, {tenant}."}
			d.refusedForm(d.oskar, filled, "text", "tenant", "firm in braces")
			filled["Text"] = "Way in for {number} {title}: ring <!channel>, {firm}."
			d.told(d.oskar, func() error { d.submit(d.oskar, "New kept text", filled); return nil }, "Way in", "is kept", "/task comment N text:Way in")

			n, card := d.accepted(acme, "Boiler down", "acme", frank)
			whole := fmt.Sprintf("Way in for #%d Boiler down: ring <!channel>, Acme Heating, Leeds.", n)
			d.sentence(d.says(fmt.Sprintf("/task comment %d text:way", n), "There is no kept text", "Did you mean Way in?").Plain())
			d.says(fmt.Sprintf("/task comment %d text:way in", n), "Sent to the firm's thread")
			if c := d.once(n, whole); c.Visibility != "shared" {
				t.Errorf("the comment is %+v", c)
			}
			if said := d.reply(card, "Way in for", "Boiler down"); len(calls(said)) > 0 {
				t.Errorf("a kept text calls %v", calls(said))
			}

			ops := d.card(d.ops, n, "Accepted")
			d.must(d.oskar.Click(d.ops, ops.TS, "Reply to firm"))
			d.submit(d.oskar, fmt.Sprintf("Reply on #%d", n), slacktest.Values{"Kept text": "Way in", "Your reply": "The key is under the mat."})
			d.once(n, whole+"\nThe key is under the mat.")
			d.reply(card, "The key is under the mat.")

			d.must(frank.Click(acme, card.TS, "Complete"))
			d.submit(frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "All of it"})
			ops = d.card(d.ops, n, "Waiting approval")
			d.must(d.oskar.Click(d.ops, ops.TS, "Send back"))
			d.submit(d.oskar, fmt.Sprintf("Send back #%d", n), slacktest.Values{"Kept text": "Way in"})
			d.reply(card, "sent the work back", "Way in for", "Boiler down")
			d.status(n, "allocated", "in_progress")

			// Whoever is no operator has none of it.
			d.command(d.ada, d.ops, "/task text remove way in", "is removed")
			d.says(fmt.Sprintf("/task comment %d text:way in", n), "There is no kept text")
		})
	}
}
