package bot_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"taskbridge/bot/chat"
)

// TestThreadThatWentWithItsRoot fills the new card's thread where deleting a card takes
// its replies along (E17).
func TestThreadThatWentWithItsRoot(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	a.reply("cora", firmChannel, card.ID, "r1", "one")
	a.reply("cora", firmChannel, card.ID, "r2", "two")
	b.reply("mia", firmChannel, other.ID, "s1", "three")
	a.wantThread(firmChannel, card.ID, "Mia (Acme Heating): three")
	a.drained()
	b.p.mu.Lock()
	ch := b.p.channels[firmChannel]
	ch.posts = slices.DeleteFunc(ch.posts, func(p *fakePost) bool { return p.ID == other.ID || p.Thread == other.ID })
	b.p.mu.Unlock()
	for range 2 {
		b.handle(chat.Inbound{From: chat.Person{ID: "max"}, Channel: firmChannel, Body: chat.Deleted{Message: other.ID, WithReplies: true, Own: true}})
		a.drained()
	}
	fresh := b.waitPost(firmChannel, "a new card", func(p fakePost) bool { return p.ID != other.ID && strings.Contains(p.Message.Title, "#1") })
	b.wantThread(firmChannel, fresh.ID, "Cora (Acme Heating): one", "Cora (Acme Heating): two")
	// What was said there itself is deleted, and so are its mirrors.
	a.wantThread(firmChannel, card.ID)
	if c, _ := b.comment("s1"); c.DeletedAt == nil {
		t.Error("a reply that went with its root is not deleted")
	}
}

// TestSaidWhileACardGoes: what is on its way into a thread that goes with its root meanwhile
// is said under the card that is posted anew, once, also where it is the only word there.
func TestSaidWhileACardGoes(t *testing.T) {
	t.Parallel()
	for name, withReplies := range map[string]bool{"the thread goes, too": true, "the thread stays": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b, card, other := linked(t)
			a.drained()
			held, release := b.heldPost(func(in chat.Post) bool { return in.Thread == other.ID })
			a.reply("cora", firmChannel, card.ID, "r1", "one")
			b.reached(held)
			b.p.mu.Lock()
			ch := b.p.channels[firmChannel]
			ch.posts = slices.DeleteFunc(ch.posts, func(p *fakePost) bool { return p.ID == other.ID || withReplies && p.Thread == other.ID })
			b.p.mu.Unlock()
			b.handle(chat.Inbound{From: chat.Person{ID: "max"}, Channel: firmChannel, Body: chat.Deleted{Message: other.ID, WithReplies: withReplies, Own: true}})
			// It is taken back from where it was said, however often that fails.
			var tries atomic.Int32
			b.p.mu.Lock()
			b.p.fail = func(called string) error {
				if called == "delete" && tries.Add(1) < 3 {
					return &chat.SendError{Reason: chat.Unavailable, Retry: true}
				}
				return nil
			}
			b.p.mu.Unlock()
			release()
			a.drained()
			fresh := b.waitPost(firmChannel, "a new card", func(p fakePost) bool { return p.ID != other.ID && strings.Contains(p.Message.Title, "#1") })
			b.wantThread(firmChannel, fresh.ID, "Cora (Acme Heating): one")
			b.wantThread(firmChannel, other.ID)
			a.edits("cora", firmChannel, card.ID, "r1", "changed", a.clock.Now())
			b.wantThread(firmChannel, fresh.ID, "Cora (Acme Heating): changed")
		})
	}
}

// TestEditedWhileACardGoes: what is being changed in a thread that goes with its root is
// shown under the card that is posted anew.
func TestEditedWhileACardGoes(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	a.reply("cora", firmChannel, card.ID, "r1", "one")
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): one")
	a.drained()
	held, hold := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(hold) })
	t.Cleanup(release)
	var first atomic.Bool
	b.p.mu.Lock()
	b.p.beforeUpdate = func(string) {
		if first.CompareAndSwap(false, true) {
			close(held)
			<-hold
		}
	}
	b.p.mu.Unlock()
	a.edits("cora", firmChannel, card.ID, "r1", "two", a.clock.Now())
	b.reached(held)
	b.p.mu.Lock()
	ch := b.p.channels[firmChannel]
	ch.posts = slices.DeleteFunc(ch.posts, func(p *fakePost) bool { return p.ID == other.ID || p.Thread == other.ID })
	b.p.mu.Unlock()
	b.handle(chat.Inbound{From: chat.Person{ID: "max"}, Channel: firmChannel, Body: chat.Deleted{Message: other.ID, WithReplies: true, Own: true}})
	release()
	a.drained()
	fresh := b.waitPost(firmChannel, "a new card", func(p fakePost) bool { return p.ID != other.ID && strings.Contains(p.Message.Title, "#1") })
	b.wantThread(firmChannel, fresh.ID, "Cora (Acme Heating): two")
}
