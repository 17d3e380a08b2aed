package slack_test

import (
	"fmt"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestApprovalBeforeTheOffer: a template says which answers need an approval; a task that
// is made with one is offered to nobody before somebody who may has approved it, and is
// closed when they refuse.
func TestApprovalBeforeTheOffer(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, _ := d.firm("Leeds", "Acme", "frank")
		d.slack.AddUser(slacktest.UserSpec{Name: "mona", RealName: "Mona"})
		mona := d.slack.Person("mona")
		managers := d.slack.AddChannel(slacktest.ChannelSpec{Name: "managers", Private: true, Members: []string{"ada", "mona"}})
		d.command(d.ada, managers, "/task here managers", "This is now the managers channel")

		d.says("/task template new")
		tpl := slacktest.Values{"Name": "Boiler", "Title": "Boiler at {place}", "Description": "Gas: {gas}, estimate: {estimate}", "Approval if": "rooms > 3"}
		d.view(d.oskar, "New template")
		d.refusedForm(d.oskar, tpl, "approval", "put that word in braces")
		tpl["Approval if"] = "gas"
		d.refusedForm(d.oskar, tpl, "approval", "Write a rule like")
		tpl["Approval if"] = "gas = yes; estimate > 500 EUR"
		d.told(d.oskar, func() error { d.submit(d.oskar, "New template", tpl); return nil }, "is saved")
		d.says("/task template show boiler", "Approval if", "gas = yes; estimate", "500.00 EUR")

		// create makes a task from the template.
		create := func(title string, v slacktest.Values, parts ...string) int {
			d.says("/task new boiler: " + title)
			return d.created(d.told(d.oskar, func() error { d.submit(d.oskar, "New job", v); return nil }, parts...).Plain())
		}
		free := create("1 Elm St", slacktest.Values{"Gas": "no", "Estimate": "500 EUR", "Contractor": "Acme, Leeds"}, "is offered to Acme, Leeds")
		d.stands(free, "allocated", "assigned")

		n := create("2 Elm St", slacktest.Values{"Gas": "Yes", "Estimate": "900 EUR", "Contractor": "Acme, Leeds"}, "needs an approval before it is offered", "gas: Yes; estimate: 900 EUR", "is prepared until then")
		ops := d.card(d.ops, n, "needs an approval before it is offered (gas: Yes; estimate: 900 EUR)", "Approve it or refuse it")
		d.buttons(ops, "Approve", "Refuse", "Edit details", "Close")
		if _, err := d.slack.WaitMessage(managers, showing(fmt.Sprintf("#%d", n), "needs an approval before it is offered", fmt.Sprintf("/task approve %d", n))); err != nil {
			t.Errorf("the managers are not told: %v", err)
		}
		if i := d.issue(n); i.LiesWith != "operator" || i.Status != "reported" {
			t.Errorf("the job is %+v", i)
		}
		d.sentence(d.says(fmt.Sprintf("/task assign %d acme", n), "needs an approval before it is offered", "managers' channel").Plain())
		for _, button := range []string{"Approve", "Refuse"} {
			d.must(d.oskar.Click(d.ops, ops.TS, button))
			if button == "Refuse" {
				d.view(d.oskar, fmt.Sprintf("Refuse #%d", n))
				_, err := d.oskar.Submit(slacktest.Values{"Why": "No"})
				d.must(err)
				d.must(d.oskar.CloseView())
			}
		}
		d.stands(n, "reported", "unsent")
		d.command(mona, managers, fmt.Sprintf("/task approve %d", n), "is approved. It can be offered now")
		d.reply(ops, "mona approved this job")
		d.buttons(d.card(d.ops, n, "An offer to Acme, Leeds is prepared"), "Send offer", "Discard draft", "Offer to a firm", "Edit details", "Close")
		d.told(d.oskar, func() error { return d.oskar.Click(d.ops, ops.TS, "Send offer") }, "is offered to Acme, Leeds")
		d.lacks("the firm's card", d.card(acme, n, "accept or decline").Plain(), "approv", "mona")
		d.says(fmt.Sprintf("/task history %d", n), "It needs an approval before it is offered: gas: Yes", "mona approved that it is offered")

		// What is refused is closed, and whoever made it reads why; taken up again, it
		// needs the approval again.
		m := create("3 Elm St", slacktest.Values{"Gas": "yes", "Estimate": "10 EUR"}, "needs an approval before it is offered")
		ops = d.card(d.ops, m, "needs an approval before it is offered")
		d.sentence(d.command(mona, managers, fmt.Sprintf("/task refuse %d", m), "Usage: /task refuse N REASON").Plain())
		d.command(mona, managers, fmt.Sprintf("/task refuse %d Wait for May", m), "is closed")
		d.reply(ops, "<@"+d.oskar.ID()+">: mona did not approve", "Wait for May")
		d.stands(m, "closed")
		d.says(fmt.Sprintf("/task reopen %d", m), "is open again")
		d.sentence(d.says(fmt.Sprintf("/task assign %d acme", m), "needs an approval before it is offered").Plain())

		// Who may approve makes a task that waits for nobody.
		d.command(d.ada, d.ops, "/task rights grant oskar money", "has the right")
		d.stands(create("4 Elm St", slacktest.Values{"Gas": "yes", "Estimate": "10 EUR"}, "Created"), "reported")
		d.must(d.oskar.Click(d.ops, d.card(d.ops, m, "needs an approval before it is offered").TS, "Approve"))
		d.says(fmt.Sprintf("/task assign %d acme", m), "is offered to")
	})
}
