package slack_test

import (
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestReadAllOfAJob: a firm, which has no command, reads with a button of its card what the
// card has no room for. What fits has no such button.
func TestReadAllOfAJob(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		frank := who[0]
		const end = "The key is at number 9."
		d.says("/task new")
		n := d.created(d.told(d.oskar, func() error {
			d.submit(d.oskar, "New job", slacktest.Values{
				"Title": "Pump leaks", "Description": strings.Repeat("The pump in the cellar leaks. ", 60) + end, "Contractor": "Acme, Leeds",
			})
			return nil
		}, "is offered to Acme, Leeds").Plain())
		card := d.card(acme, n, "accept or decline", "The pump in the cellar leaks.")
		d.lacks("the card", card.Plain(), end)
		d.buttons(card, "Accept", "Decline", "Suggest other terms", "Read all of it")
		d.told(frank, func() error { return frank.Click(acme, card.TS, "Read all of it") }, "Pump leaks", "The pump in the cellar leaks.", end)
		d.stands(n, "allocated", "assigned")

		_, card = d.offered(acme, "Boiler down", "acme")
		d.buttons(card, "Accept", "Decline", "Suggest other terms")
	})
}
