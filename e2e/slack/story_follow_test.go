package slack_test

import (
	"fmt"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// TestFollow: a job waits with its offer prepared until another firm's job is done, and is
// offered then. No firm reads of the other's job, and the desk decides about what was closed.
func TestFollow(t *testing.T) {
	t.Parallel()
	for _, v := range []variant{variants()[0], variants()[3]} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, v, options{})
			acme, who := d.firm("Leeds", "Acme", "frank")
			frank := who[0]
			baker, _ := d.firm("Hull", "Baker", "berta")
			first, card := d.offered(acme, "Dry the wall", "acme")
			second := d.newIssue("Paint the wall")
			d.says(fmt.Sprintf("/task draft %d baker by 3h due in 2 days price 90 EUR", second), "Only you see this", "90.00 EUR")
			d.sentence(d.says(fmt.Sprintf("/task follow %d after %d", second, second), "cannot wait for itself").Plain())
			d.says(fmt.Sprintf("/task follow %d after %d", second, first), "waits for", "it is offered to Baker, Hull as prepared")
			d.sentence(d.says(fmt.Sprintf("/task follow %d after %d", first, second), "A firm has this job already").Plain())
			third := d.newIssue("Hang the picture")
			d.says(fmt.Sprintf("/task follow %d after %d", third, second), "can be handed out")
			d.sentence(d.says(fmt.Sprintf("/task follow %d after %d", second, third), "waits for this job itself").Plain())
			d.card(d.ops, second, fmt.Sprintf("Waits for #%d; then it is offered to Baker, Hull", first))
			d.card(d.ops, first, "Then", fmt.Sprintf("#%d", second))
			d.says("/task list later", "(2)", "Paint the wall", "Hang the picture")
			d.stands(second, "reported", "unsent")
			if d.cards(baker, second) != 0 {
				t.Error("a firm has a card of a job that waits")
			}

			// Done: offered as prepared, the times counted from now.
			d.told(frank, func() error { return frank.Click(acme, card.TS, "Accept") }, "You are in charge")
			began := time.Now()
			d.says(fmt.Sprintf("/task complete %d", first), "is complete")
			offer := d.card(baker, second, "accept or decline", "90.00 EUR")
			d.lacks("the second firm's card", offer.Plain(), fmt.Sprintf("#%d", first), "Dry the wall", "Acme", "After")
			i := d.issue(second)
			if until := i.Assignments[0].AcceptBy.Sub(began); until < 2*time.Hour || until > 73*time.Hour {
				t.Errorf("the firm has %s to answer", until)
			}
			d.reply(d.card(d.ops, second, "has this offer"), fmt.Sprintf("#%d is done: this job is offered to Baker, Hull now", first))
			d.says(fmt.Sprintf("/task history %d", second), fmt.Sprintf("lets it wait for #%d", first), fmt.Sprintf("taskbridge let it go on after #%d", first))
			d.says(fmt.Sprintf("/task show %d", second), "After", fmt.Sprintf("#%d", first))

			// Reopened: nothing is taken back.
			d.says(fmt.Sprintf("/task reopen %d", first), "open again")
			d.reply(d.card(d.ops, second, "has this offer"), "no longer waits for it and stays as it is")
			d.stands(second, "allocated", "assigned")

			// Closed without being done: the desk is asked, and goes on.
			d.says(fmt.Sprintf("/task close %d", second), "is closed")
			asked := d.reply(d.card(d.ops, third, "which was closed without being done"), "closed without being done", "Shall it go on anyway")
			d.told(d.oskar, func() error { return d.oskar.Click(d.ops, asked.TS, "Go on anyway") }, "can be handed out")
			d.sentence(d.told(d.oskar, func() error { return d.oskar.ClickOld(asked, "Go on anyway") }, "waits for no other").Plain())
			d.card(d.ops, third, "Nobody has this job yet")
			for channel, secrets := range map[string][]string{acme: {"Paint", "Baker", "Hang"}, baker: {"Dry the wall", "Acme", "Hang"}} {
				for _, m := range d.slack.Messages(channel) {
					d.lacks("the channel "+channel, m.Plain(), secrets...)
				}
			}
		})
	}
}

// TestNewTaskAfterAnother: the form of a new task takes the task that has to be done first,
// and the firm chosen in it waits with it.
func TestNewTaskAfterAnother(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	first, card := d.accepted(acme, "Dry the wall", "acme", who[0])
	d.says("/task new")
	d.view(d.oskar, "New job")
	d.refusedForm(d.oskar, slacktest.Values{"Title": "Paint", "Contractor": "Acme, Leeds", "After job": "999"}, "after", "no such job")
	d.told(d.oskar, func() error {
		d.submit(d.oskar, "New job", slacktest.Values{"Title": "Paint", "Contractor": "Acme, Leeds", "After job": fmt.Sprintf("#%d", first)})
		return nil
	}, "Paint", fmt.Sprintf("waits for #%d", first))
	second := first + 1
	d.stands(second, "reported", "unsent")
	d.must(who[0].Click(acme, card.TS, "Complete"))
	d.submit(who[0], fmt.Sprintf("Complete #%d", first), slacktest.Values{"What was done": "Dry."})
	d.card(d.ops, first, "Waiting approval")
	d.stands(second, "reported", "unsent")
	d.says(fmt.Sprintf("/task approve %d", first), "is approved")
	d.card(acme, second, "accept or decline")
}
