package bot_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"taskbridge/bot/chat"
)

// heldPost keeps back the platform's answer to the first post that is meant, until it is
// released; the message is there.
func (d *desk) heldPost(meant func(chat.Post) bool) (held <-chan struct{}, release func()) {
	d.t.Helper()
	reached, hold := make(chan struct{}), make(chan struct{})
	release = sync.OnceFunc(func() { close(hold) })
	// A test that fails meanwhile must not leave the engine hanging.
	d.t.Cleanup(release)
	var first sync.Once
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	d.p.afterPost = func(in chat.Post, _ string) error {
		if meant(in) {
			first.Do(func() { close(reached); <-hold })
		}
		return nil
	}
	return reached, release
}

// reached waits for a post that is held, while the clock goes on.
func (d *desk) reached(held <-chan struct{}) {
	d.t.Helper()
	d.untilInTime("the post that is held", func() bool {
		select {
		case <-held:
			return true
		default:
			return false
		}
	})
}

// onBoth runs a test on either engine.
func onBoth(t *testing.T, test func(*testing.T, *desk)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newDesk(t))
	})
	t.Run("postgres, two replicas", func(t *testing.T) {
		t.Parallel()
		d, _ := replicas(t)
		test(t, d)
	})
}

// neverSaid fails where a channel shows a text.
func (d *desk) neverSaid(channel, text string) {
	d.t.Helper()
	if got := d.posts(channel, text); len(got) != 0 {
		d.t.Errorf("%s reads %q:\n%s", channel, text, d.dump(channel))
	}
}

// TestExternalLetGoDuringThePost: somebody outside who is let go while their card is on its
// way reads that they were, and nothing that is said to others afterwards.
func TestExternalLetGoDuringThePost(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.withOutsiders()
		held, release := d.heldPost(func(in chat.Post) bool { return in.Channel == direct("ivan") })
		expect(t, d.says("olivia", "ops", "external 1 claims@insurer.example"), "Ivan is asked")
		d.reached(held)
		expect(t, d.says("olivia", "ops", "external 1 comment BEFORE"), "Sent to the people outside")
		expect(t, d.says("olivia", "ops", "external 1 remove claims@insurer.example"), "Ivan is no longer involved")
		release()
		d.waitPost(direct("ivan"), "a card that says so", func(p fakePost) bool {
			return strings.Contains(p.Message.Text.String(), "no longer involved") && !strings.Contains(p.Message.Title, "Water")
		})
		expect(t, d.says("olivia", "ops", "external 1 @carol"), "Carol is asked")
		expect(t, d.says("olivia", "ops", "external 1 comment AFTER"), "Sent to the people outside")
		d.waitText(direct("carol"), "AFTER")
		d.drained()
		d.neverSaid(direct("ivan"), "BEFORE")
		d.neverSaid(direct("ivan"), "AFTER")
	})
}

// TestExternalLetGoDuringTheRoot: the same where the card was deleted and is posted anew
// because something is to be said under it.
func TestExternalLetGoDuringTheRoot(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.withOutsiders()
		card := d.involved()
		d.drained()
		held, release := d.heldPost(func(in chat.Post) bool { return in.Message.Text.String() == "FIRST" })
		d.says("olivia", "ops", "external 1 comment FIRST")
		d.reached(held)
		d.says("olivia", "ops", "external 1 comment SECOND")
		d.p.mu.Lock()
		ch := d.p.channels[direct("ivan")]
		ch.posts = slices.DeleteFunc(ch.posts, func(p *fakePost) bool { return p.ID == card.ID })
		d.p.mu.Unlock()
		d.handle(chat.Inbound{From: chat.Person{ID: "ivan"}, Channel: direct("ivan"), Body: chat.Deleted{Message: card.ID, Own: true}})
		root, releaseRoot := d.heldPost(func(in chat.Post) bool { return strings.HasSuffix(in.DeliveryID, "-card") })
		release()
		d.reached(root)
		expect(t, d.says("olivia", "ops", "external 1 remove ivan"), "Ivan is no longer involved")
		releaseRoot()
		d.waitPost(direct("ivan"), "a card that says so", func(p fakePost) bool {
			return strings.Contains(p.Message.Text.String(), "no longer involved")
		})
		d.drained()
		d.neverSaid(direct("ivan"), "SECOND")
	})
}

// withAnnex gives the firm a second channel.
func (d *desk) withAnnex() {
	d.t.Helper()
	d.withFirm()
	d.p.addChannel("annex", "anna", "olivia")
	expect(d.t, d.says("olivia", "annex", "contractor link acme here"), "annex")
	d.drainedInTime()
}

// TestUnlinkDuringThePostOfACard: the card ends as a closed one.
func TestUnlinkDuringThePostOfACard(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.withAnnex()
		d.says("olivia", "ops", "new Boiler down")
		held, release := d.heldPost(func(in chat.Post) bool { return in.Channel == "annex" && strings.Contains(in.Message.Title, "#1") })
		d.says("olivia", "ops", "assign 1 acme")
		d.reached(held)
		expect(t, d.says("olivia", "ops", "contractor unlink acme #annex"), "annex")
		release()
		d.waitPost("annex", "a closed card", func(p fakePost) bool {
			return len(p.Message.Buttons) == 0 && strings.Contains(p.Message.Text.String(), "no longer linked")
		})
		d.says("olivia", "ops", "comment 1 AFTER")
		d.waitText(firmChannel, "AFTER")
		d.drainedInTime()
		d.neverSaid("annex", "AFTER")
	})
}

// TestUnlinkDuringTheUpdateOfAGoneCard: a card that was deleted by hand is not posted anew
// in a channel that was taken from the firm while that was found out.
func TestUnlinkDuringTheUpdateOfAGoneCard(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.withAnnex()
		d.says("olivia", "ops", "new Boiler down")
		d.says("olivia", "ops", "assign 1 acme")
		card := d.waitCard("annex", "#1", "Accept", "Decline", "Suggest other terms")
		d.drainedInTime()
		reached, hold := make(chan struct{}), make(chan struct{})
		release := sync.OnceFunc(func() { close(hold) })
		t.Cleanup(release)
		var first sync.Once
		d.p.mu.Lock()
		ch := d.p.channels["annex"]
		ch.posts = slices.DeleteFunc(ch.posts, func(p *fakePost) bool { return p.ID == card.ID })
		d.p.beforeUpdate = func(channel string) {
			if channel == "annex" {
				first.Do(func() { close(reached); <-hold })
			}
		}
		d.p.mu.Unlock()
		expect(t, d.says("olivia", "ops", "cancel 1"), "withdrawn")
		d.reached(reached)
		expect(t, d.says("olivia", "ops", "contractor unlink acme #annex"), "annex")
		release()
		d.drainedInTime()
		for _, p := range d.posts("annex", "") {
			if strings.Contains(p.Message.Title, "#1") {
				t.Errorf("the card came back:\n%s", d.dump("annex"))
			}
		}
	})
}

// TestUnlinkDuringThePostOfABoard: no board stays in a channel that is no firm's.
func TestUnlinkDuringThePostOfABoard(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.withAnnex()
		d.says("olivia", "ops", "new Boiler down")
		held, release := d.heldPost(func(in chat.Post) bool { return in.Channel == "annex" && in.Message.Pinned })
		d.says("olivia", "ops", "assign 1 acme")
		d.reached(held)
		expect(t, d.says("olivia", "ops", "contractor unlink acme #annex"), "annex")
		release()
		d.drainedInTime()
		for _, p := range d.posts("annex", "") {
			if p.Message.Pinned {
				t.Errorf("the board stayed:\n%s", d.dump("annex"))
			}
		}
	})
}
