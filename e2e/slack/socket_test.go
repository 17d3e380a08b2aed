package slack_test

import (
	"fmt"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// TestSocketsComeAndGo: refreshed and cut connections lose no reply and double
// none.
func TestSocketsComeAndGo(t *testing.T) {
	t.Parallel()
	d, frank, n, card := thread(t, variants()[2], options{})
	for i, disturb := range []func(){
		func() { d.slack.Disconnect(slacktest.DisconnectWarning); d.slack.Advance(10 * time.Second) },
		func() { d.slack.Disconnect(slacktest.DisconnectRefresh) },
		d.slack.DropSockets,
	} {
		before, after := fmt.Sprintf("before disturbance %d", i), fmt.Sprintf("after disturbance %d", i)
		_, err := frank.Reply(card.Channel, card.TS, before)
		d.must(err)
		disturb()
		_, err = frank.Reply(card.Channel, card.TS, after)
		d.must(err)
		d.must(d.slack.Settle())
		// A second try that found no socket either would be followed by one five
		// minutes later.
		d.must(d.slack.WaitSockets(1))
		d.slack.Advance(time.Minute)
		d.must(d.slack.Settle())
		d.once(n, before)
		d.once(n, after)
	}
	d.says(fmt.Sprintf("/task show %d", n), "In progress")
}
