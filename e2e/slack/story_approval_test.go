package slack_test

import (
	"fmt"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// approvals is a desk with two firms that do not know of each other, and a manager.
type approvals struct {
	*desk
	acme, baker, managers string
	frank, fiona, mona    *slacktest.Person
}

// TestApprovalInMidWork: a firm at work asks the desk for more than was agreed. A yes
// raises what is agreed, a no ends nothing, and no other firm reads of it.
func TestApprovalInMidWork(t *testing.T) {
	t.Parallel()
	for _, v := range transports() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, v, options{})
			a := &approvals{desk: d}
			var who []*slacktest.Person
			a.acme, who = d.firm("Leeds", "Acme", "frank", "fiona")
			a.frank, a.fiona = who[0], who[1]
			a.baker, _ = d.firm("Hull", "Baker", "berta")
			d.slack.AddUser(slacktest.UserSpec{Name: "mona", RealName: "Mona"})
			a.mona = d.slack.Person("mona")
			a.managers = d.slack.AddChannel(slacktest.ChannelSpec{Name: "managers", Private: true, Members: []string{"ada", "mona"}})
			d.command(d.ada, a.managers, "/task here managers", "This is now the managers channel")
			for _, c := range []struct {
				name string
				tell func(*approvals)
			}{
				{"given", (*approvals).given},
				{"refused", (*approvals).refused},
				{"withdrawn", (*approvals).withdrawn},
				{"ended with the work", (*approvals).ended},
				{"above the limit", (*approvals).aboveTheLimit},
			} {
				t.Run(c.name, func(t *testing.T) {
					here := *a
					here.desk = a.in(t)
					c.tell(&here)
				})
			}
			for _, m := range d.slack.Messages(a.baker) {
				d.lacks("the other firm's channel", m.Plain(), "pump", "Acme", "frank", "asked for")
			}
		})
	}
}

// atWork is a job that the firm has accepted on terms.
func (a *approvals) atWork(title, terms string) (n int, card slacktest.Message) {
	a.t.Helper()
	n = a.newIssue(title)
	a.says(fmt.Sprintf("/task assign %d acme %s", n, terms), "is offered to")
	card = a.card(a.acme, n, "accept or decline")
	a.told(a.frank, func() error { return a.frank.Click(a.acme, card.TS, "Accept") }, "You are in charge")
	return n, a.card(a.acme, n, "Accepted")
}

// ask sends the firm's request.
func (a *approvals) ask(n int, card slacktest.Message, v slacktest.Values) {
	a.t.Helper()
	a.must(a.frank.Select(a.acme, card.TS, "Steps and more", "Ask for an approval…"))
	a.told(a.frank, func() error { a.submit(a.frank, fmt.Sprintf("Approval #%d", n), v); return nil }, "The desk looks at what you ask for")
}

// given: the amount goes on top of the price, nobody has to accept anew, and the work is
// handed in only after the answer.
func (a *approvals) given() {
	n, card := a.atWork("Heating in the hall", "price 250 EUR")
	a.must(a.frank.Select(a.acme, card.TS, "Steps and more", "Ask for an approval…"))
	a.view(a.frank, fmt.Sprintf("Approval #%d", n))
	a.refusedForm(a.frank, slacktest.Values{"Extra cost": "80 EUR"}, "text")
	a.refusedForm(a.frank, slacktest.Values{"What": "Another pump", "Extra cost": "80"}, "amount", "like 84.50 EUR")
	a.refusedForm(a.frank, slacktest.Values{"What": "Another pump", "Extra cost": "80 USD"}, "amount", "in EUR")
	a.refusedForm(a.frank, slacktest.Values{"What": "Another pump", "Needed by": "2020-01-01 10:00"}, "needed_by", "later one")
	a.must(a.frank.CloseView())
	a.ask(n, card, slacktest.Values{"What": "Another pump", "Extra cost": "80 EUR", "Needed by": "3h"})
	ops := a.card(a.ops, n, "Waiting for the desk: Acme, Leeds asks for an approval", "Another pump", "80.00 EUR more", "needed by", "frank")
	a.buttons(ops, "Approve", "Refuse", "Reply to firm", "Edit details")
	a.reply(ops, "frank (Acme, Leeds) asks for an approval: Another pump", "80.00 EUR")
	before := card
	card = a.card(a.acme, n, "Waiting for the desk: you asked for an approval", "Another pump")
	a.buttons(card, "Start", "Hand over", "Steps and more")
	if i := a.issue(n); i.LiesWith != "operator" || i.Assignments[0].ApprovalRequest == nil || i.Assignments[0].ApprovalRequest.State != "open" || i.Assignments[0].ApprovalRequest.Amount.Amount != "80.00" {
		a.t.Errorf("the job is %+v", i)
	}
	a.sentence(a.told(a.frank, func() error { return a.frank.ClickOld(before, "Complete") }, "wait for that, or withdraw").Plain())
	a.must(a.oskar.Click(a.ops, ops.TS, "Approve"))
	a.reply(card, "oskar approved what you asked for: Another pump")
	a.card(a.acme, n, "Accepted.", "Approved", "Another pump", "330.00 EUR", "frank")
	a.status(n, "allocated", "accepted")
	a.says(fmt.Sprintf("/task history %d", n), "frank asked for an approval", "oskar approved what Acme, Leeds asked for", "250.00 EUR", "330.00 EUR")
	a.sentence(a.told(a.oskar, func() error { return a.oskar.ClickOld(ops, "Refuse") }, "nothing to answer").Plain())
	if i := a.issue(n); i.LiesWith != "contractor" || i.Assignments[0].Terms.Price.Amount != "330.00" {
		a.t.Errorf("the job is %+v", i)
	}
}

// refused: the firm reads why, and goes on with what was agreed.
func (a *approvals) refused() {
	n, card := a.atWork("Lock at the back", "price 90 EUR limit 40 EUR")
	a.must(a.frank.Click(a.acme, card.TS, "Start"))
	card = a.card(a.acme, n, "In progress")
	a.ask(n, card, slacktest.Values{"What": "A second lock"})
	ops := a.card(a.ops, n, "asks for an approval", "A second lock")
	a.sentence(a.says(fmt.Sprintf("/task refuse %d", n), "Usage: /task refuse N REASON").Plain())
	a.must(a.oskar.Click(a.ops, ops.TS, "Refuse"))
	title := fmt.Sprintf("Refuse #%d", n)
	a.view(a.oskar, title)
	a.refusedForm(a.oskar, slacktest.Values{}, "reason")
	a.told(a.oskar, func() error { a.submit(a.oskar, title, slacktest.Values{"Why": "One is enough"}); return nil }, "goes on as agreed")
	a.reply(card, "oskar did not approve what you asked for", "One is enough")
	a.card(a.acme, n, "In progress. Press", "Not approved", "One is enough", "90.00 EUR", "40.00 EUR")
	a.status(n, "allocated", "in_progress")
	a.must(a.frank.Click(a.acme, card.TS, "Complete"))
	a.submit(a.frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "The one lock"})
	a.status(n, "allocated", "waiting_approval")
	a.lacks("the card of work that is handed in", a.card(a.ops, n, "Waiting approval").Plain(), "A second lock")
	a.says(fmt.Sprintf("/task approve %d", n), "is approved")
}

// withdrawn: anybody of the firm takes the request back, until it is answered.
func (a *approvals) withdrawn() {
	n, card := a.atWork("Door that sticks", "price 60 EUR")
	a.ask(n, card, slacktest.Values{"What": "A new frame", "Extra cost": "200 EUR"})
	ops := a.card(a.ops, n, "asks for an approval")
	a.sentence(a.told(a.fiona, func() error {
		return a.fiona.SelectOld(card, "Steps and more", "Ask for an approval…")
	}, "asked for an approval").Plain())
	card = a.card(a.acme, n, "you asked for an approval")
	a.told(a.fiona, func() error { return a.fiona.Select(a.acme, card.TS, "Steps and more", "Withdraw the request") }, "is withdrawn")
	a.reply(ops, "fiona (Acme, Leeds) withdrew the request")
	a.lacks("the card", a.card(a.acme, n, "Accepted. Press").Plain(), "A new frame")
	a.sentence(a.told(a.oskar, func() error { return a.oskar.ClickOld(ops, "Approve") }, "fiona").Plain())
	a.sentence(a.says(fmt.Sprintf("/task refuse %d Too late", n), "nothing to answer").Plain())
}

// ended: what ends the work ends the request.
func (a *approvals) ended() {
	n, card := a.atWork("Over too soon", "price 60 EUR")
	a.ask(n, card, slacktest.Values{"What": "Another day"})
	ops := a.card(a.ops, n, "asks for an approval")
	a.says(fmt.Sprintf("/task complete %d", n), "is complete")
	a.lacks("the card", a.card(a.acme, n, "marked this as complete").Plain(), "Another day")
	a.told(a.oskar, func() error { return a.oskar.ClickOld(ops, "Approve") })
	a.status(n, "resolved", "complete")
	a.says(fmt.Sprintf("/task reopen %d", n), "open again")
	if r := a.issue(n).Assignments[0].ApprovalRequest; r != nil {
		a.t.Errorf("reopened work still asks for %+v", r)
	}
}

// aboveTheLimit: what the sum comes to counts; a manager decides about it.
func (a *approvals) aboveTheLimit() {
	_, err := a.ada.Command(a.ops, "/task settings money")
	a.must(err)
	a.submit(a.ada, "Approval limit", slacktest.Values{"Approval limit": "300 EUR"})
	n, card := a.atWork("Roof", "price 250 EUR")
	a.ask(n, card, slacktest.Values{"What": "Ten tiles more", "Extra cost": "50.01 EUR"})
	ops := a.card(a.ops, n, "Ten tiles more")
	a.sentence(a.told(a.oskar, func() error { return a.oskar.Click(a.ops, ops.TS, "Approve") }, "above the desk's limit of 300.00 EUR").Plain())
	a.command(a.mona, a.managers, fmt.Sprintf("/task show %d", n), "Ten tiles more", "50.01 EUR")
	a.sentence(a.command(a.mona, a.managers, "/task new Not hers", "Only the desk").Plain())
	a.command(a.mona, a.managers, fmt.Sprintf("/task approve %d", n), "is approved")
	a.card(a.acme, n, "300.01 EUR", "Approved")
	a.sentence(a.command(a.mona, a.managers, fmt.Sprintf("/task approve %d", n)).Plain())
}

// TestApprovalWithoutForms: where Slack opens no form for people of another organisation,
// what they ask for is taken from their thread.
func TestApprovalWithoutForms(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{slack: slacktest.Options{NoExternalViews: true}})
	acme, who := d.firm("Leeds", "Acme", "frank")
	frank := who[0]
	n, card := d.accepted(acme, "No forms to ask", "acme", frank)
	ask := d.told(frank, func() error { return frank.Select(acme, card.TS, "Steps and more", "Ask for an approval…") }, "approval: another pump", "amount: 80 EUR")
	d.sentence(d.told(frank, func() error { return frank.ClickOld(ask, "Ask the desk") }, "Say in a few words").Plain())
	_, err := frank.Reply(acme, card.TS, "It leaks.\nApproval: a new valve\nAmount: 35 EUR")
	d.must(err)
	d.once(n, "It leaks.\nApproval: a new valve\nAmount: 35 EUR")
	d.told(frank, func() error { return frank.ClickOld(ask, "Ask the desk") }, "The desk looks at what you ask for")
	ops := d.card(d.ops, n, "a new valve", "35.00 EUR more")
	d.must(d.oskar.Click(d.ops, ops.TS, "Approve"))
	d.reply(card, "approved what you asked for")
}
