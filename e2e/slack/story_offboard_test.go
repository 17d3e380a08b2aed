package slack_test

import (
	"slices"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestOffboardingAFirm: its open work goes to another firm or back to the desk, it is
// told, and its channel is archived; taking it back says what Slack does not let an app
// undo.
func TestOffboardingAFirm(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		baker, _ := d.firm("York", "Baker")
		first, _ := d.accepted(acme, "Half done", "acme", who[0])
		second, _ := d.offered(acme, "Not answered", "acme")
		_, err := d.oskar.Command(d.ops, "/task contractor offboard acme")
		d.must(err)
		d.submit(d.oskar, "Off-board a firm", slacktest.Values{
			"Open jobs": "Offer to another firm", "Other firm": "Baker, York", "Farewell": "It was good to work with you",
		})
		d.card(baker, first, "Half done")
		d.card(baker, second, "Not answered")
		_, err = d.slack.WaitMessage(acme, showing("It was good to work with you", "archived"))
		d.must(err)
		until(d.t, "the firm's people out of the channel", func() bool {
			return !slices.Contains(d.slack.Members(acme), who[0].ID())
		})
		until(d.t, "the firm off-boarded", func() bool {
			a, err := d.oskar.Command(d.ops, "/task contractor list")
			return err == nil && strings.Contains(a.Plain(), "· off-boarded")
		})
		d.status(first, "allocated", "assigned")
		d.told(d.oskar, func() error {
			_, err := d.oskar.Command(d.ops, "/task contractor resume acme")
			return err
		}, "could not be brought back", "Unarchive it by hand")
	})
}
