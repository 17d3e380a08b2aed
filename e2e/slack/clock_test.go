package slack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/e2e/process"
)

// movedClock is the program's clock, which a test sets forward and back while the program
// runs. Slack's own stays as it is. A nil one is the machine's.
type movedClock struct {
	t    testing.TB
	path string
}

func newMovedClock(t testing.TB) *movedClock {
	t.Helper()
	c := &movedClock{t: t, path: filepath.Join(t.TempDir(), "clock")}
	c.set(0)
	return c
}

// set puts the clock so much ahead of the machine's, or behind it.
func (c *movedClock) set(by time.Duration) {
	c.t.Helper()
	next := c.path + ".next"
	if err := os.WriteFile(next, []byte(by.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
	// The program sees either the old text or the new one.
	if err := os.Rename(next, c.path); err != nil {
		c.t.Fatal(err)
	}
}

// givenTo has a program go by the clock.
func (c *movedClock) givenTo(p *process.Process) {
	if c == nil {
		return
	}
	c.t.Helper()
	binary, err := shared.shifted()
	if err != nil {
		c.t.Fatalf("build the program with another clock: %v", err)
	}
	p.Binary = binary
	p.Env = append(p.Env, "SHIFTED_CLOCK="+c.path)
}

// pass lets time pass for the program, once it has said all there was to say: what is
// under way when Slack's clock is hours off cannot be looked for there.
func (d *desk) pass(c *movedClock, to time.Duration) {
	d.t.Helper()
	until(d.t, "an empty outbox", func() bool { return d.waiting() == 0 })
	c.set(to)
}

// withClock sets the program's clock ten minutes back in the middle of everything, and
// ten minutes forward again.
func withClock(name string, v variant) trouble {
	var clock *movedClock
	return trouble{
		name: name, variant: v,
		open: func(t *testing.T, o *options) {
			t.Helper()
			clock = newMovedClock(t)
			o.clock = clock
		},
		// What waits for its time when a clock is set back waits for it all the same, so
		// that the clock is set forward at the end.
		begin: func(*history) { clock.set(-10 * time.Minute) },
		end:   func(*history) { clock.set(0) },
	}
}

// sockets are the variants in which the moment of a request does not matter: Slack signs
// requests over HTTP with its own time, and one that is minutes old is refused.
func sockets() []variant { return variants()[2:] }

// limits sets the desk's time limits by the form.
func (d *desk) limits(v slacktest.Values) {
	d.t.Helper()
	_, err := d.ada.Command(d.ops, "/task settings sla")
	d.must(err)
	d.submit(d.ada, "Time limits (SLA)", v)
}

// happened waits until the history of a job has an event.
func (d *desk) happened(number int, kind string) {
	d.t.Helper()
	until(d.t, fmt.Sprintf("%s of #%d", kind, number), func() bool { return slices.Contains(d.events(number), kind) })
}

// count is how many replies under a card say a text.
func (d *desk) count(root slacktest.Message, text string) int {
	n := 0
	for _, m := range d.slack.Thread(root.Channel, root.TS) {
		if m.IsReply() && strings.Contains(m.Plain(), text) {
			n++
		}
	}
	return n
}

// TestClockJumps sets the clock ten minutes forward and back around every deadline of an
// offer: each comes once, and what people say meanwhile is there once.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	each(t, sockets(), func(t *testing.T, v variant) {
		clock := newMovedClock(t)
		d := open(t, v, options{clock: clock})
		acme, who := d.firm("Leeds", "Acme", "frank")
		d.limits(slacktest.Values{"Time limits": "normal | 4m | 30m | 60m", "Warn after": "50"})
		n := d.newIssue("Against the clock")
		d.says(fmt.Sprintf("/task assign %d acme by 8m", n), "is offered to")
		card := d.card(acme, n, "accept or decline", "*15 minutes* left")
		said := 0
		talk := func() {
			said++
			text := fmt.Sprintf("word %d", said)
			_, err := who[0].Reply(acme, card.TS, text)
			d.must(err)
			d.once(n, text)
		}
		for _, step := range []struct {
			minutes int
			event   string
		}{{3, "limit_near"}, {5, "limit_broken"}, {5, "warned"}, {9, "expired"}} {
			at := time.Duration(step.minutes) * time.Minute
			clock.set(at)
			d.happened(n, step.event)
			clock.set(at - 10*time.Minute)
			if step.event != "expired" {
				talk()
			}
			clock.set(at)
		}
		d.card(acme, n, "Declined")
		// What is over stays so when it would not be yet.
		clock.set(-time.Minute)
		d.says(fmt.Sprintf("/task assign %d acme by 8m", n), "is offered to")
		again := d.card(acme, n, "accept or decline")
		clock.set(2 * time.Minute)
		d.must(who[0].Click(acme, again.TS, "Accept"))
		d.status(n, "allocated", "accepted")
		d.must(d.slack.Settle())

		events := d.events(n)
		for kind, want := range map[string]int{"limit_near": 1, "limit_broken": 1, "warned": 1, "expired": 1, "offered": 2, "accepted": 1} {
			if got := len(slices.DeleteFunc(slices.Clone(events), func(e string) bool { return e != kind })); got != want {
				t.Errorf("%s stands in the history %d times, want %d: %v", kind, got, want, events)
			}
		}
		for _, text := range []string{"Please answer this offer soon", "should have been accepted by", "Please answer this offer by", "The time to answer is over"} {
			if got := d.count(card, text); got != 1 {
				t.Errorf("the firm was told %d times: %s", got, text)
			}
		}
		// What waited for its time when the clock was set back comes by the same clock.
		d.must(d.slack.Settle())
		clock.set(11 * time.Minute)
		until(t, "an empty outbox", func() bool { return d.waiting() == 0 })
	})
}

// TestTimeLimits is the way of overdue work and of a missed time limit through the real
// program: people are warned and told, figures count it, and the managers hear of it.
func TestTimeLimits(t *testing.T) {
	t.Parallel()
	each(t, sockets(), func(t *testing.T, v variant) {
		clock := newMovedClock(t)
		d := open(t, v, options{clock: clock})
		managers := d.slack.AddChannel(slacktest.ChannelSpec{Name: "managers", Private: true, Members: []string{"ada"}})
		d.command(d.ada, managers, "/task here managers", "This is now the managers channel")
		acme, who := d.firm("Leeds", "Acme", "frank")
		d.limits(slacktest.Values{"Time limits": "normal | 1h | 2h | 4h", "Warn after": "50", "Tell managers after": "3h"})
		n := d.newIssue("Boiler down")
		d.must(d.oskar.Click(d.ops, d.card(d.ops, n, "Reported").TS, "Edit details"))
		d.submit(d.oskar, fmt.Sprintf("Job #%d", n), slacktest.Values{"Due": "90m"})
		d.says(fmt.Sprintf("/task assign %d acme by 8h", n), "is offered to")
		offer := d.card(acme, n, "Time limits", "accept by", "*8 hours* left")
		ops := d.card(d.ops, n, "accept by")

		d.pass(clock, 31*time.Minute)
		d.reply(offer, "Please answer this offer soon")
		d.reply(ops, "Time limit near", "Acme, Leeds should accept")
		d.pass(clock, 61*time.Minute)
		d.reply(offer, "should have been accepted by")
		d.card(acme, n, "Time limits missed", "not accepted by")
		d.says("/task list breached", "time limit missed", "Boiler down")
		d.must(who[0].Click(acme, offer.TS, "Accept"))
		d.card(acme, n, "start by", "complete by")

		d.pass(clock, 91*time.Minute)
		d.reply(ops, "Overdue:")
		d.card(d.ops, n, "overdue")
		d.pass(clock, 271*time.Minute)
		d.reply(ops, "Time limit missed", "has not started")
		d.reply(ops, "Time limit near", "should complete")
		_, err := d.slack.WaitMessage(managers, showing("Overdue:", "nobody at the desk took note"))
		d.must(err)
		d.says(fmt.Sprintf("/task seen %d", n), "You took note")
		d.card(d.ops, n, "overdue, noted by oskar")
		d.must(who[0].Click(acme, offer.TS, "Complete"))
		d.submit(who[0], fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "All of it"})
		d.says(fmt.Sprintf("/task approve %d", n), "is approved")
		d.says("/task summary week", "Time limits kept: to accept 0 of 1, to start 0 of 1, to complete 1 of 1")
		d.says("/task score acme", "Time limits kept", "33%")
	})
}
