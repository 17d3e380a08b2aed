package slack_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestTalkBeforeAndAfter: what is said in a thread counts from the offer on, and goes on
// counting when the work is complete and when the job is closed. What a firm whose offer was
// withdrawn said stays between it and the desk. Long texts come whole.
func TestTalkBeforeAndAfter(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	baker, others := d.firm("Hull", "Baker", "berta")
	frank, berta := who[0], others[0]

	// A question before the answer does not accept.
	n, card := d.offered(acme, "Questions first", "acme")
	_, err := frank.Reply(acme, card.TS, "Is there a lift?")
	d.must(err)
	if c := d.once(n, "Is there a lift?"); c.Visibility != "shared" || c.Author.Side != "contractor" {
		t.Errorf("the question is %+v", c)
	}
	d.status(n, "allocated", "assigned")
	d.says(fmt.Sprintf("/task comment %d There is one", n), "Sent to the firm's thread")
	d.reply(card, "There is one")

	// The card's own button takes an offer back, and ends the talk under it.
	ops := d.card(d.ops, n, "Assigned")
	d.must(d.oskar.Click(d.ops, ops.TS, "Withdraw offer"))
	d.buttons(d.card(acme, n, "Canceled"))
	d.reply(card, "The desk withdrew this offer")
	d.stands(n, "reported", "canceled")
	d.says(fmt.Sprintf("/task assign %d baker", n), "is offered to")
	theirs := d.card(baker, n, "accept or decline")
	_, err = frank.Reply(acme, card.TS, "Are you still there?")
	d.must(err)
	d.once(n, "Are you still there?")
	d.must(berta.Click(baker, theirs.TS, "Accept"))
	d.status(n, "allocated", "accepted")
	_, err = berta.Reply(baker, theirs.TS, "On our way")
	d.must(err)
	d.once(n, "On our way")

	// A text of the greatest length comes whole, from both sides.
	long := strings.TrimSpace(strings.Repeat("a long story about a pump ", 150))
	_, err = berta.Reply(baker, theirs.TS, long)
	d.must(err)
	d.once(n, long)
	ops = d.card(d.ops, n, "In progress")
	d.must(d.oskar.Click(d.ops, ops.TS, "Reply to firm"))
	mine := long[:2900]
	d.submit(d.oskar, fmt.Sprintf("Reply on #%d", n), slacktest.Values{"Your reply": mine})
	d.once(n, strings.TrimSpace(mine))
	d.reply(theirs, strings.TrimSpace(mine)[2000:])

	// After the end.
	d.says(fmt.Sprintf("/task complete %d", n), "is complete")
	d.card(baker, n, "Complete")
	_, err = berta.Reply(baker, theirs.TS, "The key is in the box")
	d.must(err)
	if c := d.once(n, "The key is in the box"); c.Visibility != "shared" {
		t.Errorf("after the work it is %+v", c)
	}
	d.says(fmt.Sprintf("/task close %d", n), "is closed")
	d.card(baker, n, "Complete")
	_, err = berta.Reply(baker, theirs.TS, "The invoice is on its way")
	d.must(err)
	d.once(n, "The invoice is on its way")
	_, err = d.oskar.Reply(d.ops, ops.TS, "Paid on Monday")
	d.must(err)
	if c := d.once(n, "Paid on Monday"); c.Visibility != "internal" {
		t.Errorf("the note is %+v", c)
	}
	d.status(n, "closed", "complete")
	for _, m := range d.slack.Messages(acme) {
		d.lacks("the firm that lost the offer", m.Plain(), "On our way", "pump", "invoice", "Baker")
	}
	for _, m := range d.slack.Messages(baker) {
		d.lacks("the firm that has the job", m.Plain(), "lift", "still there", "Paid on Monday", "Acme")
	}
}

// TestLiesWith: at each step it is told who has to act next, and a new reminder follows
// it, except where a person set one or somebody outside was asked.
func TestLiesWith(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[2], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	frank := who[0]
	clara := d.slack.AddUser(slacktest.UserSpec{Name: "clara", RealName: "Clara Insurer", Guest: true})
	n := d.newIssue("Whose turn is it")
	lies := func(side string, moved bool, act func()) {
		t.Helper()
		was := d.issue(n).RemindAt
		act()
		i := d.issue(n)
		until(t, fmt.Sprintf("#%d lies with %s", n, side), func() bool { i = d.issue(n); return i.LiesWith == side })
		if was == nil || i.RemindAt == nil || moved != i.RemindAt.After(*was) {
			t.Errorf("with the %s the reminder moved from %v to %v", side, was, i.RemindAt)
		}
	}
	lies("both", false, func() {
		d.says(fmt.Sprintf("/task external %d @%s", n, clara.Name()), "is asked on Slack")
	})
	lies("operator", true, func() {
		d.says(fmt.Sprintf("/task external %d remove @%s", n, clara.Name()), "is no longer involved")
	})
	lies("contractor", true, func() { d.says(fmt.Sprintf("/task assign %d acme", n), "is offered to") })
	card := d.card(acme, n, "accept or decline")
	lies("contractor", true, func() { d.must(frank.Click(acme, card.TS, "Accept")); d.status(n, "allocated", "accepted") })
	d.card(acme, n, "Accepted")
	lies("operator", true, func() {
		d.must(frank.Click(acme, card.TS, "Complete"))
		d.submit(frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "All"})
	})
	lies("contractor", true, func() { d.says(fmt.Sprintf("/task sendback %d Not all", n)) })
	d.says(fmt.Sprintf("/task remind %d in 3 days", n), "The reminder of")
	d.card(acme, n, "In progress", "Not all")
	lies("operator", false, func() {
		d.must(frank.Click(acme, card.TS, "Complete"))
		d.submit(frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "Now all"})
	})
	d.says(fmt.Sprintf("/task approve %d", n), "is approved")
	d.status(n, "resolved", "complete")
}
