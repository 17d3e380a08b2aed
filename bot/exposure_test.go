package bot_test

import (
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// share makes another company a reader of a channel, and no more when shared is false.
func (d *desk) share(channel string, shared bool) {
	d.t.Helper()
	d.p.mu.Lock()
	d.p.channels[channel].Shared = shared
	d.p.mu.Unlock()
	change := chat.ChannelSevered
	if shared {
		change = chat.ChannelShared
	}
	d.handle(chat.Inbound{Channel: channel, Body: chat.ChannelChanged{Change: change}})
}

// settled waits until nothing is on its way but what a parked lane holds.
func (d *desk) settled() {
	d.t.Helper()
	d.untilSent("an outbox that holds parked messages alone", func() bool {
		lanes, err := d.store.ParkedLanes(d.t.Context())
		if err != nil {
			d.t.Fatalf("parked lanes: %v", err)
		}
		parked := 0
		for _, l := range lanes {
			parked += l.Waiting
		}
		return d.waiting() == parked
	})
}

func (d *desk) whispered(who, part string) bool {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	return slices.ContainsFunc(d.p.whispers, func(s string) bool {
		return strings.HasPrefix(s, who+": ") && strings.Contains(s, part)
	})
}

// TestSharedChannelIsRefused: what another company reads cannot be the desk's own
// channel, neither by command nor by configuration.
func TestSharedChannelIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.p.addChannel("joint", "anna")
	d.p.channels["joint"].Shared = true
	for _, kind := range []string{"operations", "managers"} {
		a := d.command("anna", "joint", "here "+kind)
		if a.Refused != "invalid" || !strings.Contains(a.Message.Text.String(), "shared with another company") {
			t.Errorf("here %s: %+v", kind, a)
		}
	}
	for _, names := range [][2]string{{"joint", ""}, {"", "joint"}} {
		err := d.engine.Attach(t.Context(), d.p, names[0], names[1])
		if err == nil || !strings.Contains(err.Error(), "shared with another company") {
			t.Errorf("configured as %v: %v", names, err)
		}
	}
	if got := d.says("anna", "joint", "new Boiler"); !strings.Contains(got, "no operations channel") {
		t.Errorf("it is the operations channel all the same: %q", got)
	}
}

// TestOperationsChannelBecomesShared: nothing internal is posted from then on, the
// operators are told, and what waited goes out when the channel is theirs alone again.
func TestOperationsChannelBecomesShared(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.offered()
	d.drained()
	d.share(firmChannel, true)
	d.share("ops", true)
	d.settled()
	for _, who := range []string{"olivia", "otto", "anna"} {
		if !d.whispered(who, "shared with another company") {
			t.Errorf("%s was not told: %q", who, d.p.whispers)
		}
	}
	if d.whispered("gina", "shared") {
		t.Error("a guest was told")
	}
	before := d.dump("ops")
	d.says("olivia", "ops", "note 1 SECRET")
	d.says("olivia", "ops", "new SECRET boiler")
	d.says("olivia", "ops", "comment 1 To the firm")
	d.waitText(firmChannel, "To the firm")
	d.settled()
	if after := d.dump("ops"); after != before {
		t.Errorf("posted into a shared channel:\n%s", after)
	}

	// A restart forgets nothing, and asks again.
	d.start()
	d.says("olivia", "ops", "new SECRET pipe")
	d.settled()
	if after := d.dump("ops"); after != before {
		t.Errorf("posted into a shared channel after a restart:\n%s", after)
	}

	d.share("ops", false)
	d.waitCard("ops", "SECRET pipe", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	d.waitCard("ops", "SECRET boiler", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
}

// TestChannelSharedWhileAway: the share is noticed at the next start, and so is its end.
func TestChannelSharedWhileAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.p.mu.Lock()
	d.p.channels["ops"].Shared = true
	d.p.mu.Unlock()
	if err := d.engine.Attach(t.Context(), d.p, "ops", ""); err != nil {
		t.Fatal(err)
	}
	d.says("olivia", "ops", "new SECRET boiler")
	d.settled()
	if strings.Contains(d.dump("ops"), "SECRET") {
		t.Errorf("posted into a shared channel:\n%s", d.dump("ops"))
	}
	if !d.whispered("olivia", "shared with another company") {
		t.Error("nobody was told")
	}
	// A safe channel takes over: the open tasks are shown there.
	d.p.addChannel("ops2", "anna", "olivia")
	expect(t, d.says("anna", "ops2", "here operations"), "now the operations channel", "open job gets its card here")
	d.waitCard("ops2", "SECRET boiler", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	if err := d.engine.Attach(t.Context(), d.p, "", ""); err != nil {
		t.Fatal(err)
	}
	d.settled()
	if strings.Contains(d.dump("ops"), "SECRET") {
		t.Errorf("posted into a former channel that is shared:\n%s", d.dump("ops"))
	}
}

// TestChannelSharedDuringAPost: a channel becomes shared while a message is on its way into
// it. What comes after that one waits, is known to wait, and goes out in the end.
func TestChannelSharedDuringAPost(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.withFirm()
		d.drained()
		held, release := d.heldPost(func(in chat.Post) bool { return in.Channel == "ops" && strings.Contains(in.Message.Title, "#1") })
		d.says("olivia", "ops", "new Boiler down")
		d.reached(held)
		d.share("ops", true)
		release()
		d.says("olivia", "ops", "new SECRET boiler")
		d.settled()
		if strings.Contains(d.dump("ops"), "SECRET") {
			t.Errorf("posted into a shared channel:\n%s", d.dump("ops"))
		}
		lanes, err := d.store.ParkedLanes(t.Context())
		if err != nil || len(lanes) != 1 || lanes[0].Lane.Name != "ops" || lanes[0].Reason != "channel_shared" || lanes[0].Waiting != 1 {
			t.Errorf("parked are %+v, %v", lanes, err)
		}
		d.share("ops", false)
		d.waitCard("ops", "SECRET boiler", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	})
}

// TestGuestsInTheOperationsChannel are pointed out: they have no rights, but read.
func TestGuestsInTheOperationsChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	expect(t, d.says("anna", "ops", "here operations"), "Guests have no rights", "Gina")
	d.p.addPerson("gregor", chat.Guest, false)
	d.join("ops", "gregor", "sam")
	d.waitText("ops", "Gregor. Remove them")
	d.drained()
	if strings.Contains(d.dump("ops"), "Sam.") {
		t.Errorf("a full member was pointed out:\n%s", d.dump("ops"))
	}
}

// TestFormerOperationsChannel: what is said under an old card still counts.
func TestFormerOperationsChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	old := d.waitCard("ops", "#1", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	d.p.addChannel("ops2", "anna", "olivia")
	d.says("anna", "ops2", "here operations")
	d.waitCard("ops2", "#1", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	d.handle(chat.Inbound{From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Said{Message: "x1", Thread: old.ID, Text: "Old habits"}})
	list := d.comments(1)
	if len(list) != 1 || list[0].Visibility != "internal" || list[0].Text != "Old habits" {
		t.Errorf("the ledger holds %+v", list)
	}
	d.says("olivia", "ops2", "close 1")
	d.waitCard("ops", "#1")
	d.waitCard("ops2", "#1")
	// Said again, nothing is shown twice.
	d.says("anna", "ops2", "here operations")
	d.drained()
	if got := len(d.posts("ops2", "#1 Boiler")); got != 1 {
		t.Errorf("%d cards:\n%s", got, d.dump("ops2"))
	}
}

// TestChannelsDoNotChangeSides: what was the desk's own cannot become a firm's, and the
// other way round.
func TestChannelsDoNotChangeSides(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.p.addChannel("ops2", "anna", "olivia")
	d.says("anna", "ops2", "here operations")
	expect(t, d.says("olivia", "ops", "contractor link acme here"), "was the desk's own channel")
	if err := d.engine.Attach(t.Context(), d.p, firmChannel, ""); err == nil || !strings.Contains(err.Error(), "belongs to a contractor") {
		t.Errorf("a firm's channel was configured as the desk's: %v", err)
	}
	// A firm's former channel keeps nothing and is nobody's to warn of.
	d.p.addChannel("annex", "anna", "olivia")
	expect(t, d.says("olivia", "annex", "contractor link acme here"), "annex")
	expect(t, d.says("olivia", "annex", "contractor unlink acme here"), "annex")
	d.share("annex", true)
	d.drainedInTime()
	if d.whispered("olivia", "shared with another company") {
		t.Errorf("a firm's channel that is shared was warned of: %q", d.p.whispers)
	}
	expect(t, d.says("anna", "annex", "here operations"), "belongs to a contractor")
}
