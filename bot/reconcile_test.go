package bot_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"

	"pgregory.net/rapid"
)

// missed notes a gap, and reconciled makes the round that follows.
func (d *desk) missed(channel string) {
	d.t.Helper()
	d.handle(chat.Inbound{Channel: channel, Body: chat.Missed{}})
}

func (d *desk) reconciled() {
	d.t.Helper()
	// What was just written counts as missing only when it had time to settle.
	d.clock.Advance(2 * time.Minute)
	if err := d.engine.Reconcile(d.t.Context(), workspace); err != nil {
		d.t.Fatalf("reconcile: %v", err)
	}
}

// channel is what is recorded of a channel.
func (d *desk) channel(id string) (c storage.Channel) {
	d.t.Helper()
	err := d.store.View(d.t.Context(), "main", func(tx storage.Tx) (err error) {
		c, err = tx.Channel(d.t.Context(), workspace, id)
		return err
	})
	if err != nil {
		d.t.Fatalf("channel %s: %v", id, err)
	}
	return c
}

// jobs makes so many accepted jobs and gives their cards in the firm's channel.
func (d *desk) jobs(n int) (cards []fakePost) {
	d.t.Helper()
	for i := range n {
		d.says("olivia", "ops", fmt.Sprintf("new Job %d", i+1))
		expect(d.t, d.says("olivia", "ops", fmt.Sprintf("assign %d acme", i+1)), "offered")
		title := fmt.Sprintf("#%d ", i+1)
		d.click("cora", firmChannel, d.waitCard(firmChannel, title, "Accept", "Decline", "Suggest other terms"), "Accept")
		cards = append(cards, d.waitCard(firmChannel, title, "Start", "Complete", "Hand over"))
	}
	d.drained()
	return cards
}

// sameAsPlatform compares the ledger of a job with the thread as it is shown.
func (h *historian) sameAsPlatform(t interface{ Fatalf(string, ...any) }, d *desk, number int, thread string) {
	want := map[string]string{}
	h.mu.Lock()
	for _, m := range h.said {
		if m.thread == thread {
			want[m.id] = m.text
		}
	}
	h.mu.Unlock()
	seen := map[string]int{}
	for _, c := range d.comments(number) {
		id := c.Source.Message
		seen[id]++
		text, there := want[id]
		switch {
		case seen[id] > 1:
			t.Fatalf("job %d: %s is in the ledger twice", number, id)
		case there && c.DeletedAt != nil:
			t.Fatalf("job %d: %s is deleted in the ledger and there on the platform", number, id)
		case there && c.Text != text:
			t.Fatalf("job %d: %s says %q in the ledger and %q on the platform", number, id, c.Text, text)
		case !there && c.DeletedAt == nil:
			t.Fatalf("job %d: %s is gone on the platform and not in the ledger", number, id)
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Fatalf("job %d: the ledger lacks %v", number, want)
	}
}

// TestReplayMakesTheLedgerEqual loses any of the events of a conversation. After a
// comparison the ledger equals the platform, and stays equal when the lost events
// come late after all, in any order.
func TestReplayMakesTheLedgerEqual(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]int{"internal app": 200, "distributed app": 15} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			cards := d.jobs(3)
			h := withHistory(d)
			h.page = page
			texts := map[string][]string{}
			rapid.Check(t, func(rt *rapid.T) {
				var late []chat.Inbound
				deliver := func(in chat.Inbound) {
					if rapid.Bool().Draw(rt, "lost") {
						late = append(late, in)
					} else {
						d.handle(in)
					}
				}
				var alive []string
				for range rapid.IntRange(1, 10).Draw(rt, "happenings") {
					what := rapid.SampledFrom([]string{"say", "say", "edit", "delete"}).Draw(rt, "what")
					if what == "say" || len(alive) == 0 {
						card := rapid.SampledFrom(cards).Draw(rt, "thread")
						in := h.reply(rapid.SampledFrom([]string{"cora", "carl"}).Draw(rt, "author"), firmChannel, card.ID, "first")
						id := in.Body.(chat.Said).Message
						alive = append(alive, id)
						texts[id] = []string{"first"}
						deliver(in)
						continue
					}
					i := rapid.IntRange(0, len(alive)-1).Draw(rt, "message")
					if what == "delete" {
						deliver(h.remove(alive[i]))
						alive = slices.Delete(alive, i, i+1)
						continue
					}
					text := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "text")
					texts[alive[i]] = append(texts[alive[i]], text)
					deliver(h.edit(alive[i], text))
				}
				d.missed(rapid.SampledFrom([]string{"", firmChannel}).Draw(rt, "where"))
				d.reconciled()
				for n, card := range cards {
					h.sameAsPlatform(rt, d, n+1, card.ID)
				}
				if len(late) > 0 {
					late = rapid.Permutation(late).Draw(rt, "late order")
				}
				for _, in := range late {
					d.handle(in)
				}
				for n, card := range cards {
					h.sameAsPlatform(rt, d, n+1, card.ID)
					for _, c := range d.comments(n + 1) {
						var have []string
						for _, v := range c.Versions {
							have = append(have, v.Text)
						}
						if want := slices.Compact(slices.Clone(texts[c.Source.Message])); !slices.Equal(have, want) {
							rt.Fatalf("%s: the ledger has the texts %q, want %q", c.Source.Message, have, want)
						}
					}
				}
			})
		})
	}
}

// TestReplayIsIdle: what is complete is not read again, not even after a restart of
// the work, and quiet threads cost one look for many.
func TestReplayIsIdle(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	cards := d.jobs(12)
	h := withHistory(d)
	for _, c := range cards[:3] {
		h.reply("cora", firmChannel, c.ID, "lost")
	}
	d.missed("")
	d.reconciled()
	// One look over each of the two channels, and the three threads with a reply.
	if h.calls != 2+3 {
		t.Errorf("%d calls for 3 changed threads of 12 in 2 channels", h.calls)
	}
	h.calls = 0
	d.reconciled()
	if h.calls != 2 {
		t.Errorf("%d calls though nothing happened", h.calls)
	}
	// A missed edit does not show at the root, so that threads with replies are read.
	h.calls = 0
	h.edit(h.said[0].id, "edited in the gap")
	d.missed("")
	d.reconciled()
	if h.calls != 2+3 {
		t.Errorf("%d calls for 3 threads with replies", h.calls)
	}
	h.sameAsPlatform(t, d, 1, cards[0].ID)
}

// TestReplayNeverTakesAnOutageForDeletions breaks the reading at every call and
// takes rights, channels and old messages away.
func TestReplayNeverTakesAnOutageForDeletions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.jobs(1)[0]
	h := withHistory(d)
	h.page = 4
	for n := range 9 {
		d.handle(h.reply("cora", firmChannel, card.ID, fmt.Sprint("reply ", n)))
	}
	alive := func(what string) {
		t.Helper()
		n := 0
		for _, c := range d.comments(1) {
			if c.DeletedAt == nil {
				n++
			}
		}
		if n != 9 {
			t.Errorf("%s: %d of 9 are left", what, n)
		}
		if posts := d.posts(firmChannel, "Job 1"); len(posts) != 1 {
			t.Errorf("%s: the card was posted %d times", what, len(posts))
		}
	}
	for fail := range 4 {
		for _, reason := range []chat.Reason{chat.Unauthorised, chat.MissingScope, chat.Invalid} {
			calls := 0
			h.broken = func(string) error {
				if calls++; calls > fail {
					return &chat.SendError{Reason: reason, Err: errors.New("broken")}
				}
				return nil
			}
			d.missed("")
			d.clock.Advance(2 * time.Minute)
			if err := d.engine.Reconcile(t.Context(), workspace); err == nil {
				t.Errorf("%s at call %d went unnoticed", reason, fail+1)
			}
			alive(fmt.Sprintf("%s at call %d", reason, fail+1))
		}
	}
	h.broken = nil
	d.reconciled()
	alive("mended")
	// A rule lets old messages expire: the thread, and the card itself.
	h.expire(h.said[4].id)
	d.missed("")
	d.reconciled()
	alive("expired")
}
