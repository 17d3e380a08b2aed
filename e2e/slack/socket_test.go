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
		d.slack.Advance(time.Minute)
		d.must(d.slack.Settle())
		d.once(n, before)
		d.once(n, after)
	}
	d.says(fmt.Sprintf("/task show %d", n), "In progress")
}

// TestGapIsRead: what Slack gave up delivering while the program was away is read
// from the thread's history when it is back.
func TestGapIsRead(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		// Slack never tries a second time here, as after its last retry.
		d, frank, n, card := thread(t, v, options{slack: slacktest.Options{Retries: []time.Duration{}, AckTimeout: 2 * time.Second}})
		edited, err := frank.Reply(card.Channel, card.TS, "edited in the gap")
		d.must(err)
		gone, err := frank.Reply(card.Channel, card.TS, "deleted in the gap")
		d.must(err)
		d.once(n, "deleted in the gap")
		d.program.stop()
		_, err = frank.Reply(card.Channel, card.TS, "said in the gap")
		d.must(err)
		d.must(frank.Edit(card.Channel, edited.TS, "edited in the gap, indeed"))
		d.must(frank.Delete(card.Channel, gone.TS))
		d.must(d.slack.Settle())
		d.start(v)
		d.once(n, "said in the gap")
		d.once(n, "edited in the gap, indeed")
		until(t, "the deletion", func() bool { return d.once(n, "deleted in the gap").DeletedAt != nil })
	})
}
