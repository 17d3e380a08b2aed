package slack_test

import (
	"fmt"
	"slices"
	"strings"

	"taskbridge/adapters/slack/slacktest"
)

// talk: the thread under the firm's card is the job's shared record, that under
// the operators' card stays inside.
func (s *story) talk() {
	d := s.desk
	n, card := d.accepted(s.acme, "Valve stuck", "acme heating", s.frank)
	ops := d.card(d.ops, n, "Accepted")

	first, err := s.frank.Reply(s.acme, card.TS, "We come at 9")
	d.must(err)
	if c := d.once(n, "We come at 9"); c.Visibility != "shared" || c.Author.Name != "frank" || c.Author.Side != "contractor" {
		d.t.Errorf("the firm's comment is %+v", c)
	}
	// The firm's first word starts the work.
	d.card(s.acme, n, "In progress")
	_, err = d.oskar.Reply(s.acme, card.TS, "The caretaker opens")
	d.must(err)
	if c := d.once(n, "The caretaker opens"); c.Visibility != "shared" || c.Author.Side != "operator" {
		d.t.Errorf("the operator's comment is %+v", c)
	}
	_, err = d.oskar.Reply(d.ops, ops.TS, "They were late last time")
	d.must(err)
	if c := d.once(n, "They were late last time"); c.Visibility != "internal" {
		d.t.Errorf("the note is %+v", c)
	}

	// Edits and deletions follow, and what was said before stays in the history.
	d.must(s.frank.Edit(s.acme, first.TS, "We come at 10"))
	if c := d.once(n, "We come at 10"); !slices.Equal(c.said(), []string{"We come at 9", "We come at 10"}) || c.EditedAt == nil {
		d.t.Errorf("after the edit it is %+v", c)
	}
	wrong, err := s.frank.Reply(s.acme, card.TS, "Wrong thread, sorry")
	d.must(err)
	d.once(n, "Wrong thread, sorry")
	d.must(s.frank.Delete(s.acme, wrong.TS))
	until(d.t, "the deletion", func() bool { return d.once(n, "Wrong thread, sorry").DeletedAt != nil })

	// What operators write elsewhere reaches the firm's thread.
	d.says(fmt.Sprintf("/task comment %d Bring a ladder <!channel>", n), "Sent to the firm's thread")
	ladder := d.reply(card, "Bring a ladder")
	if len(calls(ladder)) > 0 {
		d.t.Errorf("what was typed calls %v", calls(ladder))
	}
	d.must(d.oskar.Click(d.ops, ops.TS, "Reply to firm"))
	d.submit(d.oskar, fmt.Sprintf("Reply on #%d", n), slacktest.Values{"Your reply": "Ring twice"})
	d.reply(card, "Ring twice")
	for _, m := range d.slack.Messages(s.acme) {
		d.lacks("the firm's channel", m.Plain(), "They were late last time")
	}
	d.card(d.ops, n, "4 replies")

	a := d.says(fmt.Sprintf("/task history %d", n), "History of", "We come at 9", "We come at 10", "(edited)", "deleted", "The caretaker opens", "(internal)", "They were late last time", "Ring twice")
	d.inOrder(a.Plain(), "We come at 9", "The caretaker opens", "They were late last time", "Wrong thread, sorry", "Bring a ladder", "Ring twice")
	var texts []string
	for _, c := range d.comments(n) {
		texts = append(texts, c.Text)
	}
	d.inOrder(strings.Join(texts, "\n"), "We come at 10", "The caretaker opens", "They were late last time", "Wrong thread, sorry", "Bring a ladder", "Ring twice")
	if len(texts) != 6 {
		d.t.Errorf("the ledger is %q", texts)
	}
}

// inOrder checks that the parts stand in a text one after the other.
func (d *desk) inOrder(text string, parts ...string) {
	d.t.Helper()
	rest := text
	for _, p := range parts {
		_, after, ok := strings.Cut(rest, p)
		if !ok {
			d.t.Errorf("%q does not stand where it should in:\n%s", p, text)
			return
		}
		rest = after
	}
}

// complete: the firm hands in, the desk sends back with a reason or approves, and
// the issue can be closed; no card keeps a live button.
func (s *story) complete() {
	d := s.desk
	n, card := d.accepted(s.acme, "Flue blocked", "acme heating", s.frank)
	old := d.card(s.acme, n, "Accepted")
	ops := d.card(d.ops, n, "Accepted")
	d.must(s.frank.Click(s.acme, card.TS, "Complete"))
	title := fmt.Sprintf("Complete #%d", n)
	d.view(s.frank, title)
	d.refusedForm(s.frank, slacktest.Values{"What was done": "Cleaned", "Effort": "ages"}, "effort", "1h30m")
	d.submit(s.frank, title, slacktest.Values{"What was done": "Cleaned the flue", "Effort": "1h30m", "Costs": "20 EUR"})
	d.buttons(d.card(s.acme, n, "Waiting approval", "Cleaned the flue", "1 h 30 min"))
	ops = d.card(d.ops, n, "Waiting approval", "Cleaned the flue", "1 h 30 min", "20.00 EUR")
	d.buttons(ops, "Approve", "Send back", "Reply to firm", "Edit details")
	d.reply(ops, "frank", "handed the work in", "Cleaned the flue")

	// What is said meanwhile is held, and released when the work is sent back.
	d.says(fmt.Sprintf("/task comment %d Not quite", n), "waits for approval")
	d.must(d.oskar.Click(d.ops, ops.TS, "Send back"))
	title = fmt.Sprintf("Send back #%d", n)
	d.view(d.oskar, title)
	d.refusedForm(d.oskar, slacktest.Values{}, "reason", required)
	d.submit(d.oskar, title, slacktest.Values{"What is missing": "The photo is missing"})
	d.buttons(d.card(s.acme, n, "In progress", "The photo is missing"), "Complete", "Hand over", "Steps and more")
	d.reply(card, "sent the work back", "The photo is missing")
	d.reply(card, "Not quite")
	a := d.says(fmt.Sprintf("/task sendback %d", n), "Usage: /task sendback N REASON")
	d.sentence(a.Plain())

	d.must(s.frank.Click(s.acme, card.TS, "Complete"))
	d.submit(s.frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "Cleaned the flue, photo above"})
	d.card(d.ops, n, "Waiting approval", "photo above")
	d.must(d.oskar.Click(d.ops, ops.TS, "Approve"))
	d.buttons(d.card(s.acme, n, "Complete", "Thank you"), "Our score")
	// People of another organisation have no commands, and see their score by a button.
	score := d.told(s.frank, func() error { return s.frank.Click(s.acme, card.TS, "Our score") }, "Score: Acme Heating, Leeds", "1 sent back", "Time to answer")
	d.lacks("the firm's score", score.Plain(), "Bolt", "Other")
	d.reply(card, "oskar", "approved the work")
	ops = d.card(d.ops, n, "Resolved", "Complete")
	d.buttons(ops, "Close", "Reopen", "Rate")
	// The requester is asked once what they think of it. The firm does not see the answer.
	asked := d.reply(ops, "how was the work of Acme Heating, Leeds")
	d.told(d.oskar, func() error { return d.oskar.Select(d.ops, asked.TS, "stars", "4") }, "rated 4 of 5")
	d.card(d.ops, n, "Resolved", "★★★★☆ 4 of 5")
	d.lacks("the firm's card", d.card(s.acme, n, "Complete").Plain(), "4 of 5")
	d.status(n, "resolved", "complete")

	d.must(d.oskar.Click(d.ops, ops.TS, "Close"))
	d.buttons(d.card(d.ops, n, "Closed"))
	d.buttons(d.card(s.acme, n, "Complete"), "Our score")
	d.status(n, "closed", "complete")
	// A card on a screen that was not refreshed is told how things stand.
	m := d.told(s.frank, func() error { return s.frank.ClickOld(old, "Start") }, "nothing to start")
	d.sentence(m.Plain())
	d.status(n, "closed", "complete")

	// A job that is closed early leaves no live card either.
	n, _ = d.offered(s.acme, "Not needed", "acme heating")
	d.says(fmt.Sprintf("/task close %d", n), "is closed")
	d.buttons(d.card(s.acme, n, "Canceled"))
	d.buttons(d.card(d.ops, n, "Closed"))
	d.says(fmt.Sprintf("/task reopen %d", n), "is open again")
	d.card(d.ops, n, "Reported")
}
