package bot_test

import (
	"slices"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// TestE17ReplayFindsADeletedCard deletes the card of a job, with and without replies
// under it, and tells nobody: it is posted anew, and its replies stay.
func TestE17ReplayFindsADeletedCard(t *testing.T) {
	t.Parallel()
	for name, replied := range map[string]bool{"with replies": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			card := d.jobs(2)[1]
			h := withHistory(d)
			if replied {
				d.handle(h.reply("cora", firmChannel, card.ID, "told"))
				h.reply("cora", firmChannel, card.ID, "lost")
			}
			h.removeRoot(card.ID)
			d.missed(firmChannel)
			d.reconciled()
			d.waitPost(firmChannel, "a new card", func(p fakePost) bool { return p.ID != card.ID && p.Message.Title == card.Message.Title })
			d.drained()
			if replied {
				h.sameAsPlatform(t, d, 2, card.ID)
				if n := len(d.comments(2)); n != 2 {
					t.Errorf("%d replies are known, want 2", n)
				}
			}
			// The old thread stays part of the job, and the next round changes nothing.
			if replied {
				h.reply("carl", firmChannel, card.ID, "under the old card")
			}
			d.missed("")
			d.reconciled()
			d.drained()
			h.sameAsPlatform(t, d, 2, card.ID)
			if n := len(d.posts(firmChannel, card.Message.Title)); n != 2 {
				t.Errorf("the card was posted %d times, want 2", n)
			}
		})
	}
}

// TestReplaySparesWhatIsNew: a message that was just written and is not in the answer
// yet is not deleted.
func TestReplaySparesWhatIsNew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.jobs(1)[0]
	h := withHistory(d)
	told := h.reply("cora", firmChannel, card.ID, "just written")
	d.handle(told)
	h.remove(told.Body.(chat.Said).Message)
	d.missed("")
	if err := d.engine.Reconcile(t.Context(), workspace); err == nil {
		t.Error("the round was taken for complete")
	}
	if c := d.comments(1)[0]; c.DeletedAt != nil {
		t.Error("it was deleted at once")
	}
	d.reconciled()
	if c := d.comments(1)[0]; c.DeletedAt == nil {
		t.Error("it is not deleted a while later")
	}
}

// TestE30ReplayFollowsChannels: no event tells that a channel got a new id, that the
// bot was removed, or that it is back.
func TestE30ReplayFollowsChannels(t *testing.T) {
	t.Parallel()
	t.Run("a new id", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.withFirm()
		card := d.jobs(1)[0]
		h := withHistory(d)
		d.handle(h.reply("cora", firmChannel, card.ID, "before"))
		const moved = "C-moved"
		d.p.mu.Lock()
		ch := d.p.channels[firmChannel]
		delete(d.p.channels, firmChannel)
		ch.ID = moved
		d.p.channels[moved] = ch
		d.p.mu.Unlock()
		h.mu.Lock()
		for _, m := range h.said {
			m.channel = moved
		}
		h.mu.Unlock()
		h.alias = map[string]string{firmChannel: moved}
		h.reply("cora", moved, card.ID, "lost")
		d.missed("")
		d.reconciled()
		d.reconciled()
		h.sameAsPlatform(t, d, 1, card.ID)
		if n := len(d.comments(1)); n != 2 {
			t.Errorf("%d replies are known, want 2", n)
		}
		// Work goes on there.
		d.says("olivia", "ops", "comment 1 Hello over there")
		d.waitText(moved, "Hello over there")
	})
	t.Run("another channel of the name", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.withFirm()
		d.jobs(1)
		h := withHistory(d)
		d.p.mu.Lock()
		delete(d.p.channels, firmChannel)
		d.p.mu.Unlock()
		d.p.addChannel("C-squatter")
		h.alias = map[string]string{firmChannel: "C-squatter"}
		d.missed("")
		d.reconciled()
		d.waitText("ops", "no longer has me in it")
		if c := d.channel(firmChannel); c.State != "bot_removed" {
			t.Errorf("the channel is %q", c.State)
		}
	})
	t.Run("removed and back", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.withFirm()
		card := d.jobs(1)[0]
		h := withHistory(d)
		members := func(change func(list []string) []string) {
			d.p.mu.Lock()
			defer d.p.mu.Unlock()
			c := d.p.channels[firmChannel]
			c.members = change(c.members)
		}
		members(func(list []string) []string {
			return slices.DeleteFunc(list, func(id string) bool { return id == "bot" })
		})
		h.reply("cora", firmChannel, card.ID, "said without us")
		d.missed("")
		d.reconciled()
		d.waitText("ops", "no longer has me in it")
		if len(d.comments(1)) != 0 {
			t.Error("we read what we may not")
		}
		// As long as it is away it is not read.
		h.asked = nil
		d.missed("")
		d.reconciled()
		if slices.Contains(h.asked, firmChannel) {
			t.Error("a channel was read that we are not in")
		}
		members(func(list []string) []string { return append(list, "bot") })
		d.missed("")
		d.reconciled()
		h.sameAsPlatform(t, d, 1, card.ID)
		if c := d.channel(firmChannel); c.State != "" || len(d.comments(1)) != 1 {
			t.Errorf("the channel is %q, %d replies are known", c.State, len(d.comments(1)))
		}
	})
	t.Run("archived and back", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.withFirm()
		card := d.jobs(1)[0]
		h := withHistory(d)
		h.reply("cora", firmChannel, card.ID, "before the archive")
		d.handle(chat.Inbound{Channel: firmChannel, Body: chat.ChannelChanged{Change: chat.ChannelArchived}})
		d.p.mu.Lock()
		d.p.channels[firmChannel].Archived = true
		d.p.mu.Unlock()
		h.asked = nil
		d.missed("")
		d.reconciled()
		if slices.Contains(h.asked, firmChannel) {
			t.Error("an archived channel was read")
		}
		d.p.mu.Lock()
		d.p.channels[firmChannel].Archived = false
		d.p.mu.Unlock()
		d.handle(chat.Inbound{Channel: firmChannel, Body: chat.ChannelChanged{Change: chat.ChannelUnarchived}})
		d.reconciled()
		h.sameAsPlatform(t, d, 1, card.ID)
	})
}

// TestReplayReadsTheOldestWorkFirst, and what is known to be incomplete before what
// may be.
func TestReplayReadsTheOldestWorkFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	cards := d.jobs(12)
	h := withHistory(d)
	for _, c := range cards {
		d.handle(h.reply("cora", firmChannel, c.ID, "told"))
	}
	d.missed("")
	d.reconciled()
	h.reply("cora", firmChannel, cards[9].ID, "lost")
	h.reply("cora", firmChannel, cards[4].ID, "lost")
	h.read = nil
	d.missed("")
	d.reconciled()
	want := []string{cards[4].ID, cards[9].ID}
	for n, c := range cards {
		if n != 4 && n != 9 {
			want = append(want, c.ID)
		}
	}
	if !slices.Equal(h.read, want) {
		t.Errorf("read in the order %v, want %v", h.read, want)
	}
	// A day later all are read again, though nothing seems to be missing.
	h.read = nil
	d.clock.Advance(25 * time.Hour)
	d.reconciled()
	if len(h.read) != len(cards) {
		t.Errorf("%d threads were read after a day, want %d", len(h.read), len(cards))
	}
}
