package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"

	"github.com/google/go-cmp/cmp"
)

const (
	rivalChannel = "ext-hull-other-firm"
	managers     = "mgr"
)

var secretKey = []byte("0123456789abcdef0123456789abcdef")

// withRival adds a second firm with dora, a manager mona, an administrator adam of
// no channel and a channel that is not the desk's.
func (d *desk) withRival() {
	d.t.Helper()
	d.p.addPerson("dora", chat.External, false)
	d.p.addPerson("mona", chat.Member, false)
	d.p.addPerson("adam", chat.Member, true)
	d.p.addChannel(managers, "mona", "anna")
	d.p.addChannel("general", "sam", "olivia", "adam")
	d.says("anna", managers, "here managers")
	d.says("olivia", "ops", "contractor add Hull | Other Firm")
	d.waitText(rivalChannel, "Accept")
	d.join(rivalChannel, "dora")
}

// offered makes issue 1, offers it and returns the firm's card.
func (d *desk) offered() fakePost {
	d.t.Helper()
	expect(d.t, d.says("olivia", "ops", "new Boiler down"), "#1")
	expect(d.t, d.says("olivia", "ops", "assign 1 acme by 2h"), "offered")
	return d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
}

// accepted is offered, and Cora has accepted.
func (d *desk) accepted() fakePost {
	d.t.Helper()
	d.click("cora", firmChannel, d.offered(), "Accept")
	return d.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
}

// handedIn is accepted, and the work is done. It returns the desk's card.
func (d *desk) handedIn() fakePost {
	d.t.Helper()
	card := d.accepted()
	d.submit("cora", firmChannel, d.click("cora", firmChannel, card, "Complete").Form, map[string]string{"note": "New pump"})
	d.waitCard(firmChannel, "#1")
	return d.waitCard("ops", "#1", "Approve", "Send back", "Reply to firm", "Edit details")
}

func (d *desk) issueCard(part string) fakePost {
	d.t.Helper()
	return d.waitPost("ops", "card "+part, func(p fakePost) bool { return p.Thread == "" && strings.Contains(p.Message.Title, part) })
}

// advance moves the clock and lets what became due happen.
func (d *desk) advance(by time.Duration) {
	d.t.Helper()
	d.clock.Advance(by)
	d.fire()
}

func (d *desk) fire() {
	d.t.Helper()
	if err := d.engine.FireDue(d.t.Context()); err != nil {
		d.t.Fatalf("fire: %v", err)
	}
	d.engine.Nudge()
}

// press sends a click as it is given.
func (d *desk) press(who, channel, message, token, choice string) chat.Answer {
	d.t.Helper()
	return d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Click{Token: token, Message: message, Choice: choice}})
}

func (d *desk) command(who, channel, text string) chat.Answer {
	d.t.Helper()
	return d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Command{Text: text}})
}

func (d *desk) reply(who, channel, thread, message, text string) {
	d.t.Helper()
	d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Said{Message: message, Thread: thread, Text: text}})
}

func token(t *testing.T, m chat.Message, label string) string {
	t.Helper()
	for _, b := range m.Buttons {
		if b.Label == label {
			return b.Token
		}
	}
	t.Fatalf("no button %q on %v", label, labels(m))
	return ""
}

// events are the kinds of an issue's events, without those of comments.
func (d *desk) events(number int) []string {
	d.t.Helper()
	list, err := d.engine.Events(d.t.Context(), number, 0, 0)
	if err != nil {
		d.t.Fatalf("events: %v", err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Kind)
	}
	return out
}

func (d *desk) status(number int) string {
	d.t.Helper()
	i := d.issue(number)
	var all []string
	for _, a := range i.Assignments {
		all = append(all, a.Status)
	}
	return i.Status + "/" + strings.Join(all, ",")
}

func (d *desk) wantStatus(number int, want string) {
	d.t.Helper()
	if got := d.status(number); got != want {
		d.t.Fatalf("issue %d is %s, want %s", number, got, want)
	}
}

func (d *desk) same(number int, before chat.IssueView, what string) {
	d.t.Helper()
	if diff := cmp.Diff(before, d.issue(number)); diff != "" {
		d.t.Errorf("%s changed the issue:\n%s", what, diff)
	}
}

// posts are the messages of a channel that say something, but for its board.
func (d *desk) posts(channel, part string) []fakePost {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	var out []fakePost
	if c := d.p.channels[channel]; c != nil {
		for _, p := range c.posts {
			if !p.Message.Pinned && strings.Contains(p.Message.Title+"\n"+p.Message.Text.String(), part) {
				out = append(out, *p)
			}
		}
	}
	return out
}

// patience bounds a wait for a fact. It is long, because only a test that fails waits
// for its end, and a machine may be busy.
const patience = time.Minute

// until waits for a fact that the platform or the store shows.
func (d *desk) until(what string, is func() bool) {
	d.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline.C:
			d.t.Fatalf("never: %s; by %v there waits:\n%s", what, d.clock.Now(), d.queue())
		}
	}
}

// untilWritten waits for a fact that attempts show, and until what became of them is written
// down: a clock that is moved before counts for what is written after it.
func (d *desk) untilWritten(what string, is func() bool) {
	d.t.Helper()
	d.until(what+", and it is written down", func() bool {
		if !is() {
			return false
		}
		inFlight, _ := d.outbox()
		return !inFlight
	})
}

// drained waits until nothing is left to send.
func (d *desk) drained() {
	d.t.Helper()
	d.untilSent("an empty outbox", func() bool { return d.waiting() == 0 })
}

// untilSent waits for what the outbox comes to. The clock goes on while nothing but time
// is missing: an attempt that has to be repeated, as after a conflict with another one,
// would wait for ever by a clock that stands.
func (d *desk) untilSent(what string, is func() bool) {
	d.t.Helper()
	last := time.Now()
	d.until(what, func() bool {
		if is() {
			return true
		}
		if time.Since(last) > 20*time.Millisecond && d.goOn() {
			last = time.Now()
		}
		return false
	})
}

// goOn lets a second pass where nothing but time is missing, and tells whether it did.
func (d *desk) goOn() bool {
	d.t.Helper()
	inFlight, postponed := d.outbox()
	if inFlight || !postponed {
		return false
	}
	d.advance(time.Second)
	return true
}

// outbox tells whether an attempt is under way and whether one is put off, other than
// by the rest that boards take.
func (d *desk) outbox() (inFlight, postponed bool) {
	all, err := d.store.ListDeliveries(d.t.Context(), storage.ListDeliveriesParams{Limit: 1000})
	if err != nil {
		d.t.Fatalf("list deliveries: %v", err)
	}
	now := d.clock.Now()
	for _, w := range all {
		inFlight = inFlight || w.InFlight
		postponed = postponed || w.ParkedAt.IsZero() && w.NotBefore.After(now) && !strings.HasPrefix(w.Lane.Name, "board/")
	}
	return inFlight, postponed
}

// queue is all that waits to be sent, for a test that fails.
func (d *desk) queue() string {
	all, err := d.store.ListDeliveries(d.t.Context(), storage.ListDeliveriesParams{Limit: 1000})
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, w := range all {
		fmt.Fprintf(&b, "%+v\n", w)
	}
	return b.String()
}

// drainedInTime waits for an empty outbox while the clock goes on.
func (d *desk) drainedInTime() {
	d.t.Helper()
	d.untilInTime("an empty outbox", func() bool { return d.waiting() == 0 })
}

// untilInTime waits while the clock goes on: a second passes for every 20 milliseconds
// in which no attempt is under way, so that no lease runs out under one that is slow here.
func (d *desk) untilInTime(what string, is func() bool) {
	d.t.Helper()
	last := time.Now()
	d.until(what, func() bool {
		if time.Since(last) > 20*time.Millisecond {
			if inFlight, _ := d.outbox(); !inFlight {
				last = time.Now()
				d.advance(time.Second)
			}
		}
		return is()
	})
}

func (d *desk) waiting() int {
	list, err := d.store.Backlog(d.t.Context())
	if err != nil {
		d.t.Fatalf("backlog: %v", err)
	}
	n := 0
	for _, b := range list {
		n += b.Waiting
	}
	// Boards rest for a while by the clock that tests move.
	all, err := d.store.ListDeliveries(d.t.Context(), storage.ListDeliveriesParams{Limit: 1000})
	if err != nil {
		d.t.Fatalf("list deliveries: %v", err)
	}
	for _, w := range all {
		if strings.HasPrefix(w.Lane.Name, "board/") && !w.InFlight {
			n--
		}
	}
	return n
}

// anotherEngine runs a second engine on the same store and platform. Stop it, or
// the end of the test does.
func (d *desk) anotherEngine() (e *bot.Engine, stop func()) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.t.Context())
	e, err := bot.New(ctx, bot.Config{
		Store: d.store, SecretKey: secretKey, Now: d.clock.Now, Zone: time.UTC, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		cancel()
		d.t.Fatalf("new: %v", err)
	}
	d.attach(e)
	done := make(chan struct{})
	go func() { defer close(done); _ = e.Run(ctx) }()
	stop = func() { cancel(); <-done }
	d.t.Cleanup(stop)
	return e, stop
}

func has(list []string, s string) int {
	n := 0
	for _, v := range list {
		if v == s {
			n++
		}
	}
	return n
}

func lacks(t *testing.T, got, part string) {
	t.Helper()
	if strings.Contains(strings.ToLower(got), strings.ToLower(part)) {
		t.Errorf("%q has %q", got, part)
	}
}
