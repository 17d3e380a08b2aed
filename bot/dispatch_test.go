package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// failing makes posts to a channel fail until it is told to stop.
func (d *desk) failing(channel string, se *chat.SendError) (stop func()) {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	d.p.failPost = func(in chat.Post) error {
		if in.Channel == channel {
			d.p.calls["refused "+channel]++
			return se
		}
		return nil
	}
	return func() {
		d.p.mu.Lock()
		defer d.p.mu.Unlock()
		d.p.failPost = nil
	}
}

// refuse fails each call of a method until takeAll.
func (p *fakePlatform) refuse(method string, se *chat.SendError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = func(called string) error {
		if called == method {
			return se
		}
		return nil
	}
}

func (p *fakePlatform) takeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = nil
}

func (d *desk) called(what string) int {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	return d.p.calls[what]
}

// texts are the messages of a channel that begin with a word, in order.
func (d *desk) texts(channel, prefix string) []string {
	var out []string
	for _, p := range d.posts(channel, prefix) {
		if s := p.Message.Text.String(); strings.HasPrefix(s, prefix) {
			out = append(out, s)
		}
	}
	return out
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	d.accepted()
	d.drained()
	stop := d.failing(firmChannel, &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: 30 * time.Second})
	for n := range 3 {
		d.says("olivia", "ops", fmt.Sprintf("comment 1 word %d", n))
	}
	d.until("the first refusal is written down", func() bool {
		next, err := d.store.NextDelivery(t.Context(), workspace)
		return err == nil && next.After(d.clock.Now().Add(25*time.Second))
	})
	stop()
	if n := d.called("refused " + firmChannel); n != 1 {
		t.Errorf("tried %d times", n)
	}
	d.clock.Advance(20 * time.Second)
	// Other lanes are not delayed, which also shows that the dispatcher has looked.
	expect(t, d.says("olivia", "ops", "new Other job"), "#2")
	expect(t, d.says("olivia", "ops", "assign 2 other"), "offered")
	d.waitCard(rivalChannel, "#2", "Accept", "Decline", "Suggest other terms")
	if got := d.texts(firmChannel, "word"); len(got) != 0 {
		t.Errorf("after 20 seconds of 30: %v", got)
	}
	d.advance(11 * time.Second)
	d.drainedInTime()
	if got := d.texts(firmChannel, "word"); !slices.Equal(got, []string{"word 0", "word 1", "word 2"}) {
		t.Errorf("sent %v", got)
	}
}

// TestOrderUnderFailures lets every other post fail: the order within the lane and
// the number of messages stay right.
func TestOrderUnderFailures(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.drained()
	tries := 0
	d.p.mu.Lock()
	d.p.failPost = func(in chat.Post) error {
		tries++
		if in.Channel == firmChannel && tries%3 != 0 {
			return &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: time.Second}
		}
		return nil
	}
	d.p.mu.Unlock()
	var want []string
	for n := range 6 {
		want = append(want, fmt.Sprintf("word %d", n))
		d.says("olivia", "ops", "comment 1 "+want[n])
	}
	d.drainedInTime()
	if got := d.texts(firmChannel, "word"); !slices.Equal(got, want) {
		t.Errorf("sent %v", got)
	}
}

// TestLostAnswer loses the answer to a post that worked: it is found and not sent
// again.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	lost := map[string]bool{}
	d.p.mu.Lock()
	d.p.afterPost = func(in chat.Post, _ string) error {
		d.p.mu.Lock()
		defer d.p.mu.Unlock()
		if lost[in.DeliveryID] {
			return nil
		}
		lost[in.DeliveryID] = true
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}
	}
	d.p.mu.Unlock()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme")
	d.says("olivia", "ops", "comment 1 Mind the dog")
	d.drainedInTime()
	for channel, part := range map[string]string{"ops": "#1 Boiler", firmChannel: "#1 Boiler"} {
		if got := d.posts(channel, part); len(got) != 1 {
			t.Errorf("%s has %d cards", channel, len(got))
		}
	}
	if got := d.texts(firmChannel, "Mind"); len(got) != 1 {
		t.Errorf("posted %d times", len(got))
	}
	if d.called("find") == 0 {
		t.Error("nothing was looked for")
	}
	// The card that was found is the card: its buttons work.
	d.p.mu.Lock()
	d.p.afterPost = nil
	d.p.mu.Unlock()
	card := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	d.reply("cora", firmChannel, card.ID, "r", "hello")
	if _, ok := d.comment("r"); !ok {
		t.Error("a reply under the card that was found is not the job's")
	}
}

// TestBurstIsOneUpdate holds a card's lane while the job changes often.
func TestBurstIsOneUpdate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.reply("cora", firmChannel, card.ID, "r0", "start")
	d.drained()
	ops := d.issueCard("#1")
	hold, held := make(chan struct{}), make(chan struct{})
	once := true
	d.p.mu.Lock()
	d.p.afterPost = func(in chat.Post, _ string) error {
		if in.Channel == "ops" && strings.Contains(in.Message.Title, "#2") && once {
			once = false
			close(held)
			<-hold
		}
		return nil
	}
	d.p.mu.Unlock()
	d.says("olivia", "ops", "new Plug")
	<-held
	before := d.issueCard("#1").Updates
	for n := range 20 {
		d.reply("cora", firmChannel, card.ID, fmt.Sprintf("b%d", n), "word")
	}
	close(hold)
	d.drained()
	after := d.waitPost("ops", "the card with all replies", func(p fakePost) bool {
		return p.ID == ops.ID && len(p.Message.Notes) > 0 && strings.Contains(p.Message.Notes[0].String(), "21 replies")
	})
	if n := after.Updates - before; n != 1 {
		t.Errorf("20 replies made %d updates", n)
	}
}

// TestMendedWhileItIsTried: the bot is back in a channel before an attempt that failed
// without it has come to its end. The next one gets through and nobody is told.
func TestMendedWhileItIsTried(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.drained()
	var once sync.Once
	d.p.mu.Lock()
	d.p.failPost = func(in chat.Post) (err error) {
		if in.Channel == firmChannel {
			once.Do(func() {
				d.handle(chat.Inbound{From: chat.Person{ID: "bot"}, Channel: firmChannel, Body: chat.Joined{}})
				err = &chat.SendError{Reason: chat.NotInChannel}
			})
		}
		return err
	}
	d.p.mu.Unlock()
	d.says("olivia", "ops", "comment 1 word")
	d.untilSent("the word", func() bool { return len(d.texts(firmChannel, "word")) == 1 })
	if n := len(d.posts("ops", "I cannot post to")); n != 0 {
		t.Errorf("the operators were told %d times", n)
	}
}

func TestParkedLane(t *testing.T) {
	t.Parallel()
	posting := chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.ChannelChanged{Change: chat.ChannelPosting}}
	for name, tt := range map[string]struct {
		why  chat.Reason
		mend chat.Inbound
		// says is how the operators are told why.
		says string
	}{
		"joined again":    {chat.NotInChannel, chat.Inbound{From: chat.Person{ID: "bot"}, Channel: firmChannel, Body: chat.Joined{}}, "I am not in the channel"},
		"unarchived":      {chat.NotInChannel, chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.ChannelChanged{Change: chat.ChannelUnarchived}}, "I am not in the channel"},
		"opened for us":   {chat.PostingClosed, posting, "its settings let me write nothing there"},
		"replies allowed": {chat.RepliesClosed, posting, "its settings allow no replies in threads"},
		"posts allowed":   {chat.RootsClosed, posting, "its settings let me only reply in threads"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			d.accepted()
			d.drained()
			stop := d.failing(firmChannel, &chat.SendError{Reason: tt.why})
			for n := range 3 {
				d.says("olivia", "ops", fmt.Sprintf("comment 1 word %d", n))
			}
			d.untilSent("the desk is told", func() bool { return len(d.posts("ops", "I cannot post to "+firmChannel+" ("+tt.says)) == 1 })
			d.advance(time.Hour)
			expect(t, d.says("olivia", "ops", "new Other"), "#2")
			d.waitCard("ops", "#2", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
			if n := len(d.posts("ops", "I cannot post to")); n != 1 {
				t.Errorf("the operators were told %d times", n)
			}
			if n := d.called("refused " + firmChannel); n > 3 {
				t.Errorf("a parked lane was tried %d times", n)
			}
			stop()
			d.handle(tt.mend)
			d.drained()
			if got := d.texts(firmChannel, "word"); !slices.Equal(got, []string{"word 0", "word 1", "word 2"}) {
				t.Errorf("after mending: %v", got)
			}
		})
	}
}

// TestWithheldWorkspaceIsTold: what an organisation keeps from us is tried on, and after a
// while the operators are told, once.
func TestWithheldWorkspaceIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.drained()
	stop := d.failing(firmChannel, &chat.SendError{Reason: chat.Withheld, Retry: true})
	d.says("olivia", "ops", "comment 1 word")
	d.untilWritten("a try", func() bool { return d.called("refused "+firmChannel) > 0 })
	if n := len(d.posts("ops", "I cannot post to")); n != 0 {
		t.Errorf("the operators were told at once")
	}
	for range 3 {
		tried := d.called("refused " + firmChannel)
		d.clock.Advance(16 * time.Minute)
		d.untilWritten("another try", func() bool { return d.called("refused "+firmChannel) > tried })
		d.waitText("ops", "I cannot post to "+firmChannel+" (its organisation")
	}
	if n := len(d.posts("ops", "I cannot post to")); n != 1 {
		t.Errorf("the operators were told %d times", n)
	}
	stop()
	d.clock.Advance(16 * time.Minute)
	d.drained()
	if got := d.texts(firmChannel, "word"); len(got) != 1 {
		t.Errorf("after mending: %v", got)
	}
}

// TestChannelThatCannotBeMade tells the one who asked, whatever the reason.
func TestChannelThatCannotBeMade(t *testing.T) {
	t.Parallel()
	for _, reason := range []chat.Reason{chat.MissingScope, chat.Invalid} {
		t.Run(string(reason), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.says("anna", "ops", "here operations")
			d.p.refuse("create", &chat.SendError{Reason: reason})
			first := d.says("olivia", "ops", "contractor add Leeds | Acme Heating")
			d.until("somebody is told that making the channel failed for good; there is only: "+first, func() bool {
				d.p.mu.Lock()
				told := strings.Join(d.p.whispers, "\n")
				d.p.mu.Unlock()
				told = strings.ToLower(told + first + d.dump("ops"))
				return strings.Contains(told, "permission") || strings.Contains(told, "could not") || strings.Contains(told, "cannot")
			})
		})
	}
}

// TestRestartWithAFullOutbox stops the engine with work in its outbox.
func TestRestartWithAFullOutbox(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.drained()
	unavailable := &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: time.Minute}
	stop := d.failing(firmChannel, unavailable)
	var want []string
	for n := range 30 {
		want = append(want, fmt.Sprintf("word %02d", n))
		d.says("olivia", "ops", "comment 1 "+want[n])
	}
	d.until("a first try is written down", func() bool {
		next, err := d.store.NextDelivery(t.Context(), workspace)
		return err == nil && next.After(d.clock.Now().Add(30*time.Second))
	})
	stop()
	d.anotherEngine()
	d.clock.Advance(2 * time.Minute)
	d.anotherEngine()
	d.drained()
	if got := d.texts(firmChannel, "word"); !slices.Equal(got, want) {
		t.Errorf("sent %v", got)
	}
}

// TestTwoEngines runs two engines on one store, as two replicas: nothing is posted
// twice, and what one has made the other knows.
func TestTwoEngines(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other, _ := d.anotherEngine()
	mine := d.engine
	d.withFirm()
	d.clock.Advance(2 * time.Second)
	for n := range 20 {
		d.engine = mine
		if n%2 == 1 {
			d.engine = other
		}
		expect(t, d.says("olivia", "ops", fmt.Sprintf("new Job %02d", n)), "created")
		expect(t, d.says("olivia", "ops", fmt.Sprintf("assign %d acme", n+1)), "offered")
	}
	d.drained()
	for n := range 20 {
		title := fmt.Sprintf("Job %02d", n)
		for _, channel := range []string{"ops", firmChannel} {
			if got := d.posts(channel, title); len(got) != 1 {
				t.Errorf("%s has %d cards of %s", channel, len(got), title)
			}
		}
	}
	card := d.waitCard(firmChannel, "Job 07", "Accept", "Decline", "Suggest other terms")
	in := chat.Inbound{Key: "both", Workspace: workspace, From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Click{Token: token(t, card.Message, "Accept"), Message: card.ID}}
	d.engine = mine
	first := d.handle(in)
	d.engine = other
	if second := d.handle(in); first.Refused != "" || second.Message.Text.String() != first.Message.Text.String() {
		t.Errorf("one event at both: %+v and %+v", first, second)
	}
	if n := has(d.events(8), "accepted"); n != 1 {
		t.Errorf("accepted %d times", n)
	}
}

// TestClockJumpsUnderAnAttempt: the clock goes ten minutes forward or back while a
// message is on its way, so that its lease looks run out or endless. It is posted
// once, and what is behind it goes out.
func TestClockJumpsUnderAnAttempt(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]time.Duration{"forward": 10 * time.Minute, "back": -10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			d.accepted()
			d.drained()
			began, goOn := make(chan struct{}), make(chan struct{})
			var once sync.Once
			d.p.mu.Lock()
			d.p.beforePost = func(in chat.Post) {
				if strings.Contains(in.Message.Text.String(), "word 0") {
					once.Do(func() { close(began); <-goOn })
				}
			}
			d.p.mu.Unlock()
			d.says("olivia", "ops", "comment 1 word 0")
			d.says("olivia", "ops", "comment 1 word 1")
			<-began
			d.clock.Advance(jump)
			d.engine.Nudge()
			if jump > 0 {
				d.until("somebody takes the delivery over", func() bool {
					next, err := d.store.NextDelivery(t.Context(), workspace)
					return err == nil && next.After(d.clock.Now())
				})
			}
			close(goOn)
			d.drainedInTime()
			if got := d.texts(firmChannel, "word"); !slices.Equal(got, []string{"word 0", "word 1"}) {
				t.Errorf("sent %v", got)
			}
		})
	}
}

// refusing is a store whose outbox cannot be read.
type refusing struct {
	storage.Store
	asked chan time.Time
}

func (r *refusing) Claim(ctx context.Context, p storage.ClaimParams) ([]storage.Delivery, error) {
	select {
	case r.asked <- time.Now():
		return nil, errors.New("the disk is full")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestAnOutboxThatCannotBeRead is asked again after a growing while, not at once: a
// disk that is full should not be kept busy, nor the log.
func TestAnOutboxThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := &refusing{asked: make(chan time.Time)}
	newDesk(t, func(c *bot.Config) { r.Store, c.Store, c.Files = c.Store, r, nil })
	// The pools of a workspace ask for themselves.
	const pools, times = 2, 3
	var first, last time.Time
	for range pools * times {
		at := <-r.asked
		if first.IsZero() {
			first = at
		}
		last = at
	}
	// The waits are half a second at least, and one.
	if waited := last.Sub(first); waited < 1400*time.Millisecond {
		t.Errorf("the outbox was asked %d times within %s", pools*times, waited)
	}
}
