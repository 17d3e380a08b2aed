package slack_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/e2e/process"
)

// thread is a desk with one firm that has one job in progress.
func thread(t *testing.T, v variant, o options) (d *desk, frank *slacktest.Person, n int, card slacktest.Message) {
	t.Helper()
	d = open(t, v, o)
	acme, who := d.firm("Leeds", "Acme", "frank")
	n, card = d.accepted(acme, "One job", "acme", who[0])
	return d, who[0], n, card
}

// heldEvent is the event that is held back and tells of a message. Others may be held as
// well: what the program posts and changes meanwhile makes events, too.
func (d *desk) heldEvent(m slacktest.Message) slacktest.Event {
	d.t.Helper()
	for _, ev := range d.slack.Held() {
		if ev.Type == "message" && bytes.Contains(ev.Body, []byte(`"ts":"`+m.TS+`"`)) {
			return ev
		}
	}
	d.t.Fatalf("no event that is held back tells of %q", m.Text)
	return slacktest.Event{}
}

// TestE04SameEventFourTimes: the first delivery and three retries, all at once and
// one after the other, are one comment.
func TestE04SameEventFourTimes(t *testing.T) {
	t.Parallel()
	each(t, variants(), func(t *testing.T, v variant) {
		d, frank, n, card := thread(t, v, options{})
		for _, atOnce := range []bool{true, false} {
			text := fmt.Sprintf("four times, at once: %v", atOnce)
			d.slack.Hold()
			said, err := frank.Reply(card.Channel, card.TS, text)
			d.must(err)
			id := d.heldEvent(said).ID
			again := func() {
				if got, err := d.slack.Redeliver(id); err != nil || got.Failed != "" {
					t.Errorf("the retry ended with %v, %v", got, err)
				}
			}
			var tries sync.WaitGroup
			if atOnce {
				for range 3 {
					tries.Go(again)
				}
			}
			d.slack.Release()
			tries.Wait()
			for range 3 {
				again()
			}
			d.once(n, text)
		}
	})
}

// eventOf is the id of the event that told of a message.
func (d *desk) eventOf(m slacktest.Message) string {
	d.t.Helper()
	for _, ev := range d.slack.Events() {
		if ev.Type == "message" && bytes.Contains(ev.Body, []byte(`"ts":"`+m.TS+`"`)) {
			return ev.ID
		}
	}
	d.t.Fatalf("no event tells of %q", m.Text)
	return ""
}

// TestE05FirstDeliveryFailed: a retry may be the only delivery that arrives.
func TestE05FirstDeliveryFailed(t *testing.T) {
	t.Parallel()
	d, frank, n, card := thread(t, variants()[0], options{slack: slacktest.Options{Retries: []time.Duration{time.Minute, time.Minute, time.Minute}}})
	d.slack.Connect(slacktest.Endpoints{Base: "http://" + process.FreeAddress(t)})
	reply, err := frank.Reply(card.Channel, card.TS, "only by a retry")
	d.must(err)
	d.must(d.slack.Settle())
	d.slack.Connect(slacktest.Endpoints{Base: d.program.URL})
	d.slack.Advance(time.Minute)
	d.must(d.slack.Settle())
	id := d.eventOf(reply)
	for _, got := range d.slack.Deliveries() {
		if got.EventID == id && (got.Failed != "") != (got.Retry == 0) {
			t.Errorf("a delivery went like %+v", got)
		}
	}
	d.once(n, "only by a retry")
}

// TestE06KeptBeforeAcknowledged: what was acknowledged survives a kill at that very
// moment.
func TestE06KeptBeforeAcknowledged(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d, frank, n, card := thread(t, v, options{})
		for i := range 3 {
			text := fmt.Sprintf("kept before the acknowledgement %d", i)
			m, err := frank.Reply(card.Channel, card.TS, text)
			d.must(err)
			id := d.eventOf(m)
			got, err := d.slack.WaitDelivery(func(got slacktest.Delivery) bool { return got.EventID == id && got.Status == http.StatusOK })
			d.must(err)
			// Nothing is waited for between the acknowledgement and the end.
			d.program.Kill()
			if got.Retry != 0 {
				t.Errorf("it was not acknowledged at first, but at retry %d", got.Retry)
			}
			d.start(v)
			d.once(n, text)
		}
	})
}

// TestE12AllOrders: a reply, its edit and its deletion arrive in each of their six
// orders and end in the same history.
func TestE12AllOrders(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d, frank, n, card := thread(t, v, options{})
		for i, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			first, last := fmt.Sprintf("first text %d", i), fmt.Sprintf("last text %d", i)
			d.slack.Hold()
			m, err := frank.Reply(card.Channel, card.TS, first)
			d.must(err)
			d.must(frank.Edit(card.Channel, m.TS, last))
			d.must(frank.Delete(card.Channel, m.TS))
			// The program's own card changes meanwhile; that is not of interest here.
			held := slices.DeleteFunc(d.slack.Held(), func(e slacktest.Event) bool { return !strings.Contains(string(e.Body), m.TS) })
			if len(held) != 3 {
				t.Fatalf("%d events are held", len(held))
			}
			for _, at := range order {
				for _, got := range d.slack.Release(held[at].ID) {
					if got.Failed != "" {
						t.Fatalf("order %v: %+v", order, got)
					}
				}
			}
			d.slack.Release()
			c := d.once(n, last)
			if c.DeletedAt == nil || c.Text != last || !slices.Equal(c.said(), []string{first, last}) || c.Author.Name != "frank" || c.Visibility != "shared" {
				t.Errorf("in order %v it is %+v", order, c)
			}
		}
		if got := len(d.comments(n)); got != 6 {
			t.Errorf("the ledger has %d comments", got)
		}
	})
}

// TestE13NoEditNoVersion: an unfurled link and the same text again are no edits.
func TestE13NoEditNoVersion(t *testing.T) {
	t.Parallel()
	d, frank, n, card := thread(t, variants()[0], options{})
	m, err := frank.Reply(card.Channel, card.TS, "see https://example.com/plan")
	d.must(err)
	d.commentsWith(n, "see https://example.com/plan")
	d.card(d.ops, n, "1 reply")
	d.card(card.Channel, n, "In progress")
	// The firm's list of open jobs is drawn a moment after its cards.
	d.board(card.Channel, "Accepted or in progress (1)")
	until(t, "an empty outbox", func() bool { return d.waiting() == 0 })
	before := len(d.slack.Calls("chat.update"))
	d.must(d.slack.Unfurl(card.Channel, m.TS))
	d.must(frank.Edit(card.Channel, m.TS, "see https://example.com/plan"))
	_, err = frank.Reply(card.Channel, card.TS, "marks the end")
	d.must(err)
	d.once(n, "marks the end")
	d.card(d.ops, n, "2 replies")
	c := d.once(n, "see https://example.com/plan")
	if len(c.said()) != 1 || c.DeletedAt != nil {
		t.Errorf("it became %+v", c)
	}
	if kinds := d.events(n); slices.Contains(kinds, "comment_edited") {
		t.Errorf("the history is %v", kinds)
	}
	if got := len(d.slack.Calls("chat.update")) - before; got > 1 {
		t.Errorf("%d cards were drawn for one reply", got)
	}
}

// TestE14BroadcastIsOneReply: a reply that is also shown in the channel is stored
// once.
func TestE14BroadcastIsOneReply(t *testing.T) {
	t.Parallel()
	d, frank, n, card := thread(t, variants()[0], options{})
	_, err := frank.Post(slacktest.PostSpec{Channel: card.Channel, Thread: card.TS, Text: "for everybody", Broadcast: true})
	d.must(err)
	if c := d.once(n, "for everybody"); c.Visibility != "shared" {
		t.Errorf("it is %+v", c)
	}
	_, err = frank.Say(card.Channel, "not in a thread")
	d.must(err)
	d.must(d.slack.Settle())
	if got := d.comments(n); len(got) != 1 {
		t.Errorf("the ledger is %+v", got)
	}
}

// TestE15OwnMessagesStayOut: what the bot posts comes back as an event and is no
// comment; nothing is mirrored twice.
func TestE15OwnMessagesStayOut(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d, _, n, card := thread(t, v, options{})
		d.says(fmt.Sprintf("/task comment %d Said by a command", n), "Sent")
		own := d.reply(card, "Said by a command")
		_, err := d.slack.WaitDelivery(func(got slacktest.Delivery) bool { return got.Type == "message" })
		d.must(err)
		d.must(d.slack.Settle())
		d.once(n, "Said by a command")
		d.threadIs(card, "Said by a command")
		// Even a second time, and under another event id.
		for _, ev := range d.slack.Events() {
			if ev.Type == "message" && ev.Channel == own.Channel {
				_, err := d.slack.Redeliver(ev.ID)
				d.must(err)
			}
		}
		if got := d.comments(n); len(got) != 1 {
			t.Errorf("the ledger is %+v", got)
		}
		d.threadIs(card, "Said by a command")
	})
}
