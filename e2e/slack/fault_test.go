package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// TestRestartLosesNothing: what people write, change and press while the program is
// away is there when it is back, once.
func TestRestartLosesNothing(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		n, card := d.accepted(acme, "Across a restart", "acme", who[0])
		before, err := who[0].Reply(acme, card.TS, "before the stop")
		d.must(err)
		d.once(n, "before the stop")
		d.program.Stop()
		_, err = who[0].Reply(acme, card.TS, "while it was away")
		d.must(err)
		d.must(who[0].Edit(acme, before.TS, "before the stop, edited"))
		// Both tries that Slack makes at once go wrong; the next comes in a minute.
		_, err = d.slack.WaitDelivery(func(got slacktest.Delivery) bool { return got.Retry == 1 && got.Failed != "" })
		d.must(err)
		d.must(d.slack.Settle())
		d.start(v)
		d.slack.Advance(time.Minute)
		d.must(d.slack.Settle())
		d.once(n, "while it was away")
		d.once(n, "before the stop, edited")
		// The old card's buttons still work: they are signed with the same key.
		d.must(who[0].Click(acme, card.TS, "Complete"))
		d.submit(who[0], fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "All of it"})
		d.card(d.ops, n, "Waiting approval")
	})
}

// TestKillLosesNothing: the program dies without a warning in the middle of a
// conversation, three times, and every reply is in the ledger once.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		n, card := d.accepted(acme, "Across a crash", "acme", who[0])
		const rounds, each = 3, 8
		for round := range rounds {
			said := make(chan error, 1)
			half := make(chan struct{})
			go func() {
				var err error
				for i := range each {
					if i == each/2 {
						close(half)
					}
					if _, e := who[0].Reply(acme, card.TS, fmt.Sprintf("reply %d of round %d", i, round)); e != nil {
						err = e
					}
				}
				said <- err
			}()
			<-half
			d.program.Kill()
			d.must(<-said)
			d.start(v)
			d.must(d.slack.Settle())
			d.slack.Advance(time.Minute)
			d.must(d.slack.Settle())
		}
		d.slack.Advance(5 * time.Minute)
		d.must(d.slack.Settle())
		for round := range rounds {
			for i := range each {
				d.once(n, fmt.Sprintf("reply %d of round %d", i, round))
			}
		}
		if got := len(d.comments(n)); got != rounds*each {
			d.t.Errorf("the ledger has %d comments, want %d", got, rounds*each)
		}
	})
}

// TestFormsDoNotOpenForStrangers: where Slack opens no form for people of another
// organisation, they decline, hand over and complete without one.
func TestFormsDoNotOpenForStrangers(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{slack: slacktest.Options{NoExternalViews: true}})
		acme, who := d.firm("Leeds", "Acme", "frank", "fiona")
		frank := who[0]
		n, card := d.offered(acme, "No form here", "acme")
		ask := d.told(frank, func() error { return frank.Click(acme, card.TS, "Decline") }, "Why do you decline")
		d.told(frank, func() error { return frank.SelectOld(ask, "Choose a reason", "Too far away") }, "You declined")
		d.card(acme, n, "Declined", "Too far away")
		d.card(d.ops, n, "Reported", "Too far away")

		n, card = d.accepted(acme, "Nor here", "acme", frank)
		ask = d.told(frank, func() error { return frank.Click(acme, card.TS, "Hand over") }, "Who takes over")
		d.must(frank.SelectOld(ask, "Choose a person", "fiona"))
		d.card(acme, n, "In progress", "fiona")
		_, err := frank.Reply(acme, card.TS, "Replaced the seal, one hour")
		d.must(err)
		d.once(n, "Replaced the seal, one hour")
		ask = d.told(frank, func() error { return frank.Click(acme, card.TS, "Complete") }, "Hand in")
		d.told(frank, func() error { return frank.ClickOld(ask, "Hand in") }, "is handed in")
		d.card(acme, n, "Waiting approval")
		d.card(d.ops, n, "Waiting approval")
		if _, open := frank.View(); open {
			d.t.Error("a form is open all the same")
		}
		d.says(fmt.Sprintf("/task approve %d", n), "is approved")
		d.buttons(d.card(acme, n, "Complete"), "Our score")
	})
}

// TestLostAnswerPostsOnce: Slack took a message and its answer was lost; the
// message stands there once, and its buttons and thread work.
func TestLostAnswerPostsOnce(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]slacktest.FaultKind{
		"cut": slacktest.FaultDropAfter, "gateway": slacktest.FaultStatusAfter, "time-out": slacktest.FaultHangAfter,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, variants()[0], options{slack: slacktest.Options{WaitTimeout: time.Minute}})
			acme, who := d.firm("Leeds", "Acme", "frank")
			n := d.newIssue("Posted once")
			d.card(d.ops, n, "Reported")
			d.slack.Inject(slacktest.Fault{Method: "chat.postMessage", Channel: acme, Kind: kind})
			d.says(fmt.Sprintf("/task assign %d acme", n), "is offered to")
			card := d.card(acme, n, "accept or decline")
			d.told(who[0], func() error { return who[0].Click(acme, card.TS, "Accept") }, "You are in charge")
			// The card that changes is that which was posted: it is known.
			if again := d.card(acme, n, "Accepted"); again.TS != card.TS {
				t.Errorf("the card moved from %s to %s", card.TS, again.TS)
			}
			d.slack.Inject(slacktest.Fault{Method: "chat.postMessage", Channel: acme, Kind: kind})
			d.says(fmt.Sprintf("/task comment %d First word", n), "Sent")
			d.says(fmt.Sprintf("/task comment %d Second word", n), "Sent")
			d.reply(card, "Second word")
			if got := d.cards(acme, n); got != 1 {
				t.Errorf("there are %d cards", got)
			}
			d.threadIs(card, "First word", "Second word")
			d.card(d.ops, n, "Accepted")
		})
	}
}

// threadIs checks the replies of the bot under a root: these texts, each once, in
// this order.
func (d *desk) threadIs(root slacktest.Message, texts ...string) {
	d.t.Helper()
	var have []string
	for _, m := range d.slack.Thread(root.Channel, root.TS) {
		if !m.IsReply() || m.User != d.slack.BotUserID() {
			continue
		}
		for _, text := range texts {
			if strings.Contains(visible(m.Plain()), text) {
				have = append(have, text)
			}
		}
	}
	if got, want := strings.Join(have, " | "), strings.Join(texts, " | "); got != want {
		d.t.Errorf("the thread is %q, want %q", got, want)
	}
}

// TestStormOfRateLimits: Slack says wait in every way it has; every message comes
// once, in order, and other channels go on meanwhile.
func TestStormOfRateLimits(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[1], options{slack: slacktest.Options{WaitTimeout: time.Minute}})
	acme, who := d.firm("Leeds", "Acme", "frank")
	zenith, _ := d.firm("York", "Zenith", "zoe")
	n, card := d.accepted(acme, "In a storm", "acme", who[0])
	for _, f := range []slacktest.Fault{
		{Kind: slacktest.FaultRateLimited, RetryAfter: 3 * time.Second},
		{Kind: slacktest.FaultRateLimited, RetryAfter: time.Second, Times: 2},
		{Kind: slacktest.FaultRateLimitedBare},
		{Kind: slacktest.FaultRateLimitedBody},
		{Kind: slacktest.FaultDropBefore},
	} {
		f.Method, f.Channel = "chat.postMessage", acme
		d.slack.Inject(f)
	}
	// It lasts until the other channel has what is its.
	d.slack.Inject(slacktest.Fault{Method: "chat.postMessage", Channel: acme, Kind: slacktest.FaultRateLimited, RetryAfter: time.Second, Times: 1 << 20})
	before := len(d.slack.Calls("chat.postMessage"))
	storm := func() (n int) {
		for _, c := range d.slack.Calls("chat.postMessage")[before:] {
			if c.Args["channel"] == acme {
				n++
			}
		}
		return n
	}
	var texts []string
	for i := range 5 {
		text := fmt.Sprintf("Message %d of the storm", i)
		texts = append(texts, text)
		d.says(fmt.Sprintf("/task comment %d %s", n, text), "Sent")
	}
	other, _ := d.offered(zenith, "Fine weather", "zenith")
	d.card(d.ops, other, "Assigned")
	until(t, "all of the storm", func() bool { return storm() > 6 })
	if m := d.slack.Thread(acme, card.TS); len(m) > 1 {
		t.Errorf("in the storm there are %d messages", len(m))
	}
	d.slack.ClearFaults()
	d.reply(card, texts[len(texts)-1])
	d.threadIs(card, texts...)
}

// TestArchivedChannelWaits: an archived channel holds back its own messages only,
// operators are told what to do, and all goes out when it is back.
func TestArchivedChannelWaits(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		zenith, _ := d.firm("York", "Zenith", "zoe")
		n, card := d.accepted(acme, "In the archive", "acme", who[0])
		d.must(d.slack.Archive(acme, "ada"))
		_, err := d.slack.WaitMessage(d.ops, showing("ext-leeds-acme", "archived"))
		d.must(err)
		d.says(fmt.Sprintf("/task comment %d Are you there?", n))
		d.says(fmt.Sprintf("/task comment %d Anybody?", n))
		d.says("/task contractor show acme", "archived")
		other, _ := d.offered(zenith, "Elsewhere", "zenith")
		d.card(d.ops, other, "Assigned")
		if len(d.slack.Thread(acme, card.TS)) != 1 {
			t.Error("something was posted into the archive")
		}
		d.must(d.slack.Unarchive(acme, "ada"))
		d.reply(card, "Anybody?")
		d.threadIs(card, "Are you there?", "Anybody?")
		told := 0
		for _, m := range d.slack.Messages(d.ops) {
			if strings.Contains(m.Plain(), "ext-leeds-acme") && strings.Contains(m.Plain(), "archived") && !m.IsReply() {
				told++
			}
		}
		if told > 2 {
			t.Errorf("the operators were told %d times", told)
		}
	})
}

// TestSlackIsAwayAtStart: the program starts without Slack, says that it is not
// ready, and serves once Slack is back.
func TestSlackIsAwayAtStart(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	n := d.newIssue("Before the outage")
	d.program.Stop()
	d.slack.Inject(slacktest.Fault{Method: "auth.test", Kind: slacktest.FaultStatus, Times: 2})
	d.start(variants()[0])
	d.says(fmt.Sprintf("/task show %d", n), "Before the outage")
}

// TestKillWhilePosting: the program dies after Slack took a message and before it
// could record that; once it is back it finds the message and posts no second one.
func TestKillWhilePosting(t *testing.T) {
	t.Parallel()
	each(t, variants()[:2], func(t *testing.T, v variant) {
		d := open(t, v, options{slack: slacktest.Options{WaitTimeout: 80 * time.Second}})
		acme, who := d.firm("Leeds", "Acme", "frank")
		n := d.newIssue("Killed while posting")
		d.card(d.ops, n, "Reported")
		d.slack.Inject(slacktest.Fault{Method: "chat.postMessage", Channel: acme, Kind: slacktest.FaultHangAfter})
		d.says(fmt.Sprintf("/task assign %d acme", n), "is offered to")
		card := d.card(acme, n, "accept or decline")
		d.program.Kill()
		d.start(v)
		d.told(who[0], func() error { return who[0].Click(acme, card.TS, "Accept") }, "You are in charge")
		if now := d.card(acme, n, "Accepted", "frank"); now.TS != card.TS || d.cards(acme, n) != 1 {
			t.Errorf("there are %d cards, the first %s and the last %s", d.cards(acme, n), card.TS, now.TS)
		}
		_, err := who[0].Reply(acme, card.TS, "In the thread of the found card")
		d.must(err)
		if c := d.once(n, "In the thread of the found card"); c.Visibility != "shared" {
			t.Errorf("the reply is %+v", c)
		}
	})
}
