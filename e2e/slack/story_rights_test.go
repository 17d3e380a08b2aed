package slack_test

import (
	"fmt"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestRightsOfTheDesk: who may do what follows from the channel a person is in; an
// administrator makes exceptions, which count at once; and a sum above the desk's limit
// waits for somebody who may decide about it.
func TestRightsOfTheDesk(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[1], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	frank := who[0]
	d.slack.AddUser(slacktest.UserSpec{Name: "mona", RealName: "Mona"})
	mona := d.slack.Person("mona")
	managers := d.slack.AddChannel(slacktest.ChannelSpec{Name: "managers", Private: true, Members: []string{"ada", "mona"}})
	d.command(d.ada, managers, "/task here managers", "This is now the managers channel")

	// A manager reads, until she is given more.
	d.sentence(d.command(mona, managers, "/task new Not hers", "Only the desk").Plain())
	d.sentence(d.says("/task rights grant Mona hand out", "administrator").Plain())
	d.command(d.ada, d.ops, "/task rights grant Mona hand out", "has the right")
	d.command(d.ada, d.ops, "/task rights grant mona handout", "already")
	n := d.created(d.command(mona, managers, "/task new Hers now", "Created").Plain())
	d.command(mona, managers, fmt.Sprintf("/task assign %d acme", n), "is offered to")
	card := d.card(acme, n, "accept or decline")
	d.sentence(d.command(mona, managers, "/task contractor pause acme", "Only the desk").Plain())

	// An operator loses one right, and keeps the others.
	d.command(d.ada, d.ops, "/task rights revoke oskar firms", "not have the right")
	d.says("/task contractor pause acme", "was taken")
	d.says(fmt.Sprintf("/task note %d Still his to do", n), "only the desk reads it")
	d.says("/task rights", "given:", "taken:")
	d.command(d.ada, d.ops, "/task rights history", "to mona", "from oskar")
	d.command(d.ada, d.ops, "/task rights grant oskar firms", "has the right")
	d.says("/task contractor pause acme", "gets no new offers")
	d.says("/task contractor resume acme", "gets offers again")
	for text, want := range map[string]string{
		"revoke ada admin": "yourself", "grant frank admin": "obody in the desk's channels", "grant Mona everything": "ay which right",
	} {
		d.sentence(d.command(d.ada, d.ops, "/task rights "+text, want).Plain())
	}

	// Above the limit the desk's people are told who can decide.
	_, err := d.ada.Command(d.ops, "/task settings money")
	d.must(err)
	d.view(d.ada, "Approval limit")
	d.refusedForm(d.ada, slacktest.Values{"Approval limit": "a lot"}, "limit", "500 EUR")
	d.submit(d.ada, "Approval limit", slacktest.Values{"Approval limit": "€1.000"})
	d.sentence(d.says(fmt.Sprintf("/task assign %d acme price 1,000.01 EUR", d.newIssue("Dear")), "above the desk's limit of 1000.00 EUR").Plain())
	d.told(frank, func() error { return frank.Click(acme, card.TS, "Accept") }, "You are in charge")
	d.card(acme, n, "Accepted")
	d.must(frank.Click(acme, card.TS, "Complete"))
	d.submit(frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "All of it", "Costs": "1 200,50 EUR"})
	ops := d.card(d.ops, n, "Waiting approval", "1200.50 EUR")
	d.sentence(d.told(d.oskar, func() error { return d.oskar.Click(d.ops, ops.TS, "Approve") }, "above the desk's limit").Plain())
	d.says(fmt.Sprintf("/task close %d", n), "above the desk's limit")
	d.status(n, "allocated", "waiting_approval")
	d.command(d.ada, d.ops, "/task rights grant oskar money", "has the right")
	d.must(d.oskar.Click(d.ops, ops.TS, "Approve"))
	d.status(n, "resolved", "complete")
}
