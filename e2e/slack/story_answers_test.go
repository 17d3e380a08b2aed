package slack_test

import (
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestWhoAnswersForAFirm: the desk names who of a firm answers its offers. A colleague who
// presses a button reads privately who does; the work is everybody's. When the one who was
// named leaves the channel, the desk is told and everybody answers again.
func TestWhoAnswersForAFirm(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank", "fiona")
		frank, fiona := who[0], who[1]
		_, err := d.slack.WaitMessage(d.ops, showing("fiona is in", "ext-leeds-acme"))
		d.must(err)
		d.sentence(d.says("/task contractor answers acme nobody", "contractor show").Plain())
		d.says("/task contractor answers acme fiona", "are answered by", "fiona")
		d.says("/task contractor show acme", "Answer offers:", "fiona")

		n, card := d.offered(acme, "Boiler down", "acme")
		for _, button := range []string{"Accept", "Decline", "Suggest other terms"} {
			d.sentence(d.told(frank, func() error { return frank.Click(acme, card.TS, button) }, "answered by", "fiona").Plain())
		}
		d.stands(n, "allocated", "assigned")
		d.told(fiona, func() error { return fiona.Click(acme, card.TS, "Accept") }, "You are in charge")
		d.card(acme, n, "Accepted")
		d.must(frank.Click(acme, card.TS, "Complete"))
		d.submit(frank, "Complete #1", slacktest.Values{"What was done": "Replaced the pump"})
		d.card(acme, n, "Waiting approval")

		d.must(d.slack.Leave(acme, "fiona"))
		_, err = d.slack.WaitMessage(d.ops, showing("none of them is in its channel any more"))
		d.must(err)
		_, card = d.offered(acme, "Drains blocked", "acme")
		d.told(frank, func() error { return frank.Click(acme, card.TS, "Accept") }, "You are in charge")
	})
}
