package slack_test

import (
	"fmt"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestTakeBack: a firm that accepted and cannot do the job after all says so, and somebody
// outside is asked meanwhile; the desk takes the job back with a reason that the firm reads,
// and another firm gets it. What the first one says and presses afterwards is not passed on.
func TestTakeBack(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	baker, others := d.firm("Hull", "Baker", "berta")
	frank, berta := who[0], others[0]
	clara := d.slack.AddUser(slacktest.UserSpec{Name: "clara", RealName: "Clara Insurer", Email: "claims@insurer.example", Guest: true})
	n, card := d.offered(acme, "The pump stands still", "acme")
	d.says(fmt.Sprintf("/task takeback %d", n), "Say why you take it back")
	d.must(frank.Click(acme, card.TS, "Accept"))
	d.status(n, "allocated", "accepted")
	_, err := frank.Reply(acme, card.TS, "We have no such part")
	d.must(err)
	d.status(n, "allocated", "in_progress")
	d.says(fmt.Sprintf("/task cancel %d", n), "take it back")

	// While the firm has the job, the insurer is asked as well, and it stays with the firm.
	d.says(fmt.Sprintf("/task external %d @clara", n), "clara is asked")
	dm, err := clara.Direct()
	d.must(err)
	theirs := d.card(dm, n, "would like your comments")
	_, err = clara.Reply(dm, theirs.TS, "Covered up to 300")
	d.must(err)
	d.reads(d.ops, "Covered up to 300")
	if i := d.issue(n); i.Status != "allocated" || i.LiesWith != "contractor" {
		t.Errorf("the job is %s with %s", i.Status, i.LiesWith)
	}

	ops := d.card(d.ops, n, "In progress")
	d.must(d.oskar.Click(d.ops, ops.TS, "Take back"))
	d.view(d.oskar, fmt.Sprintf("Take back #%d", n))
	d.submit(d.oskar, fmt.Sprintf("Take back #%d", n), slacktest.Values{"Why": "Another firm has the part."})
	d.stands(n, "reported", "canceled")
	d.buttons(d.card(acme, n, "Canceled"))
	d.reply(card, "The desk took this job back")
	d.reply(card, "Another firm has the part.")
	d.says(fmt.Sprintf("/task history %d", n), "took it back from", "Another firm has the part.")
	d.says(fmt.Sprintf("/task takeback %d again", n), "nothing to take back")

	d.says(fmt.Sprintf("/task assign %d baker", n), "is offered to")
	d.must(berta.Click(baker, d.card(baker, n, "accept or decline").TS, "Accept"))
	d.status(n, "allocated", "accepted")
	_, err = clara.Reply(dm, theirs.TS, "Still covered")
	d.must(err)
	d.reads(d.ops, "Still covered")
	d.must(d.slack.Settle())
	for _, channel := range []string{acme, baker} {
		for _, m := range d.slack.Messages(channel) {
			d.lacks("a firm's channel", m.Plain(), "overed")
		}
	}
	for _, m := range d.slack.Messages(baker) {
		d.lacks("the other firm's channel", m.Plain(), "no such part", "has the part")
	}
}
