package slack_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestLongHistory: the history of a job on which much was said is shown from its end and
// turned to its beginning, in the message that shows it.
func TestLongHistory(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[2], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	n, card := d.accepted(acme, "Boiler down", "acme", who[0])
	const said = 42
	for k := range said {
		_, err := who[0].Reply(acme, card.TS, fmt.Sprintf("Valve %02d is tight", k))
		d.must(err)
	}
	for k := range said {
		d.once(n, fmt.Sprintf("Valve %02d is tight", k))
	}
	history := fmt.Sprintf("/task history %d", n)
	page := d.told(d.oskar, func() error { _, err := d.oskar.Command(d.ops, history); return err },
		fmt.Sprintf("Valve %02d is tight", said-1))
	d.lacks("the last page", page.Plain(), "created it", "Valve 00 is tight")
	d.buttons(page, "Earlier")
	d.must(d.oskar.ClickOld(page, "Earlier"))
	turned, err := d.oskar.WaitEphemeral(func(m slacktest.Message) bool {
		return m.TS == page.TS && strings.Contains(m.Plain(), "created it")
	})
	d.must(err)
	d.has("the first page", turned.Plain(), "Valve 00 is tight")
	d.lacks("the first page", turned.Plain(), fmt.Sprintf("Valve %02d is tight", said-1))
	d.buttons(turned, "Latest")
	d.must(d.oskar.ClickOld(turned, "Latest"))
	_, err = d.oskar.WaitEphemeral(func(m slacktest.Message) bool {
		return m.TS == page.TS && m.Plain() == page.Plain()
	})
	d.must(err)
}
