package mattermost

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// ago is a moment before now, in the server's milliseconds.
func ago(d time.Duration) int64 { return time.Now().Add(-d).UnixMilli() }

func reply1(name string, at int64) post {
	return post{ID: id(name), ChannelID: chanID, UserID: annID, RootID: id("root"), Message: "text of " + name, CreateAt: at, UpdateAt: at}
}

func watchedSince(d time.Duration) chat.WatchedChannel {
	return chat.WatchedChannel{Channel: chanID, Since: time.Now().Add(-d)}
}

// connected waits until the adapter is up and its channel complete.
func connected(t *testing.T, a *Adapter, b *fakeBot) {
	t.Helper()
	b.until(t, "the first mark", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return !b.marks[chanID].IsZero()
	})
	b.until(t, "healthy", func() bool { return a.Healthy() == nil })
}

func TestLiveEventsBecomeInbounds(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	run(t, a)
	connected(t, a, b)
	at := ago(0)
	p := reply1("one", at)
	f.put("posted", p)
	p.EditAt, p.UpdateAt, p.Message = at+5, at+5, "changed"
	f.put("post_edited", p)
	f.put("post_deleted", p)
	f.emit("user_added", map[string]any{"user_id": annID}, map[string]any{"channel_id": chanID})
	f.emit("user_removed", map[string]any{"channel_id": chanID}, map[string]any{"user_id": botID})
	// The event is the same for a channel that becomes public or shared; the record
	// tells which.
	f.emit("channel_converted", map[string]any{"channel_id": chanID}, nil)
	f.emit("channel_deleted", map[string]any{"channel_id": chanID, "delete_at": at}, nil)
	f.emit("typing", map[string]any{"user_id": annID}, map[string]any{"channel_id": chanID})
	b.until(t, "six events", func() bool { return b.count(func(chat.Inbound) bool { return true }) == 6 })
	f.shared.Store(true)
	f.emit("channel_converted", map[string]any{"channel_id": chanID}, nil)
	b.until(t, "seven events", func() bool { return b.count(func(chat.Inbound) bool { return true }) == 7 })
	b.mu.Lock()
	defer b.mu.Unlock()
	said, ok := b.seen[0].Body.(chat.Said)
	if !ok || said.Text != "text of one" || said.Thread != id("root") || said.Own {
		t.Errorf("said = %+v", b.seen[0])
	}
	if from := b.seen[0].From; from.Name != "Ann Lee" || from.Kind != chat.Member {
		t.Errorf("from = %+v", from)
	}
	if e, ok := b.seen[1].Body.(chat.Edited); !ok || !e.Version.Equal(time.UnixMilli(at+5)) {
		t.Errorf("edited = %+v", b.seen[1])
	}
	if d, ok := b.seen[2].Body.(chat.Deleted); !ok || d.WithReplies {
		t.Errorf("deleted = %+v", b.seen[2])
	}
	if c, ok := b.seen[4].Body.(chat.ChannelChanged); !ok || c.Change != chat.ChannelBotRemoved {
		t.Errorf("removed = %+v", b.seen[4])
	}
	if c, ok := b.seen[6].Body.(chat.ChannelChanged); !ok || c.Change != chat.ChannelShared {
		t.Errorf("shared = %+v", b.seen[6])
	}
}

func TestE18ResumeLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	run(t, a)
	connected(t, a, b)
	f.put("posted", reply1("before", ago(0)))
	b.until(t, "the first post", func() bool { return b.has("post:" + id("before") + ":0") })
	f.mu.Lock()
	reads := f.sinceCalls
	f.mu.Unlock()
	f.cut()
	f.put("posted", reply1("during", ago(0)))
	b.until(t, "the post of the drop", func() bool { return b.has("post:" + id("during") + ":0") })
	f.put("posted", reply1("after", ago(0)))
	b.until(t, "the post after", func() bool { return b.has("post:" + id("after") + ":0") })
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.resumed) == 0 {
		t.Error("the connection was not resumed")
	}
	if f.sinceCalls != reads {
		t.Error("a resumed connection needs no catch-up")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, n := range b.keys {
		if n != 1 {
			t.Errorf("%s was handed over %d times", key, n)
		}
	}
}

func TestE18NewConnectionCatchesUp(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	run(t, a)
	connected(t, a, b)
	edited, deleted := reply1("edited", ago(0)), reply1("deleted", ago(0))
	f.put("posted", edited)
	f.put("posted", deleted)
	b.until(t, "both posts", func() bool { return b.has("post:"+id("edited")+":0") && b.has("post:"+id("deleted")+":0") })
	edited.EditAt = ago(0) + 1
	edited.UpdateAt, edited.Message = edited.EditAt, "now different"
	deleted.DeleteAt = ago(0) + 2
	deleted.UpdateAt = deleted.DeleteAt
	f.store(edited)
	f.store(deleted)
	f.store(reply1("missed", ago(0)))
	f.restart()
	b.until(t, "what was missed", func() bool {
		return b.has("post:"+id("missed")+":0") && b.has("del:"+id("deleted")) && b.has(fmt.Sprintf("post:%s:%d", id("edited"), edited.EditAt))
	})
}

// TestCatchUpWithoutAReason: a post that no event told of, on a connection in good
// order, is found by the slow comparison, though the mark has moved past it.
func TestCatchUpWithoutAReason(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	a.timing.compare, a.timing.overlap = 100*time.Millisecond, time.Millisecond
	run(t, a)
	connected(t, a, b)
	told := reply1("told", ago(0))
	f.put("posted", told)
	b.until(t, "the post that was told of", func() bool { return b.has("post:" + told.ID + ":0") })
	f.store(reply1("untold", ago(0)))
	b.until(t, "the post that was not", func() bool { return b.has("post:" + id("untold") + ":0") })
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, in := range b.seen {
		if in.Key == "post:"+id("untold")+":0" && !in.FromHistory {
			t.Error("it does not say where it was found")
		}
	}
}

func TestGapLeadsToCatchUp(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	run(t, a)
	connected(t, a, b)
	f.store(reply1("swallowed", ago(0)))
	f.mu.Lock()
	for _, c := range f.conns {
		// The server counted an event that never arrived.
		c.sent = append(c.sent, nil)
	}
	f.mu.Unlock()
	f.put("posted", reply1("next", ago(0)))
	b.until(t, "both posts", func() bool {
		return b.has("post:"+id("swallowed")+":0") && b.has("post:"+id("next")+":0")
	})
}

func TestFailedEventHoldsTheMark(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	run(t, a)
	connected(t, a, b)
	var mu sync.Mutex
	down := true
	tries := 0
	b.mu.Lock()
	b.refuse = func(in chat.Inbound) error {
		mu.Lock()
		defer mu.Unlock()
		if down && in.Channel == chanID {
			tries++
			return errTest
		}
		return nil
	}
	b.mu.Unlock()
	f.put("posted", reply1("held", ago(0)))
	// No sign of life that came before the post is of a later moment, however long the
	// machine took to send it.
	at := ago(0)
	f.emit("user_added", map[string]any{"user_id": annID}, map[string]any{"channel_id": chanID})
	b.until(t, "many tries", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return tries > 3*handleTries
	})
	b.mu.Lock()
	if b.marks[chanID].UnixMilli() > at {
		t.Errorf("the mark moved past an event that was not kept: %v", b.marks[chanID])
	}
	b.mu.Unlock()
	mu.Lock()
	down = false
	mu.Unlock()
	b.until(t, "the held post and the join, and the mark behind them", func() bool {
		if !b.has("post:"+id("held")+":0") || b.count(func(in chat.Inbound) bool { return in.Body == chat.Body(chat.Joined{}) }) != 1 {
			return false
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.marks[chanID].UnixMilli() > at
	})
}

func TestE15OwnPostsAreMarked(t *testing.T) {
	t.Parallel()
	p := reply1("own", 5)
	p.UserID = botID
	in, ok := testDecoder().said(&p)
	if !ok || !in.Body.(chat.Said).Own {
		t.Errorf("own post = %+v, %v", in, ok)
	}
	// So is one that shows another author.
	p.Props = map[string]json.RawMessage{"from_webhook": json.RawMessage(`"true"`)}
	if in, ok := testDecoder().said(&p); !ok || !in.Body.(chat.Said).Own {
		t.Errorf("own post for somebody = %+v, %v", in, ok)
	}
}

func TestE16SlashAnswersAreNoComments(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`"true"`, `true`} {
		p := reply1("slash", 5)
		p.EditAt = 6
		p.Props = map[string]json.RawMessage{"from_webhook": json.RawMessage(value)}
		if _, ok := testDecoder().said(&p); ok {
			t.Errorf("from_webhook %s was taken for a comment", value)
		}
		if _, ok := testDecoder().edited(&p); ok {
			t.Errorf("from_webhook %s was taken for an edit", value)
		}
	}
}

func TestE17RootTakesItsRepliesAlong(t *testing.T) {
	t.Parallel()
	root := post{ID: id("root"), ChannelID: chanID, UserID: annID, CreateAt: 5, UpdateAt: 5}
	in, ok := testDecoder().deleted(&root, botID)
	if d := in.Body.(chat.Deleted); !ok || !d.WithReplies || in.From.ID != botID {
		t.Errorf("deleted root = %+v", in)
	}
}

func TestE19CatchUpTraps(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(time.Minute))
	a := adapterFor(t, f, b)
	root := post{ID: id("root"), ChannelID: chanID, UserID: annID, Message: "root", CreateAt: ago(time.Hour), UpdateAt: ago(0)}
	f.store(root)
	reply := reply1("reply", ago(10*time.Second))
	reply.EditAt = ago(time.Second)
	reply.UpdateAt = reply.EditAt
	f.store(reply)
	copied := reply1("copy", ago(10*time.Second))
	copied.OriginalID, copied.DeleteAt, copied.UpdateAt = reply.ID, reply.EditAt, reply.EditAt
	f.store(copied)
	notice := reply1("notice", ago(time.Second))
	notice.Type = "system_add_to_channel"
	f.store(notice)
	run(t, a)
	connected(t, a, b)
	b.mu.Lock()
	defer b.mu.Unlock()
	want := []string{"post:" + id("reply") + ":0", fmt.Sprintf("post:%s:%d", id("reply"), reply.EditAt)}
	var got []string
	for _, in := range b.seen {
		got = append(got, in.Key)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("caught up %v, want %v", got, want)
	}
}

func TestCatchUpBeyondTheCap(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(time.Hour))
	a := adapterFor(t, f, b)
	const n = 2*sinceCap + 137
	for i := range n {
		f.store(reply1(fmt.Sprintf("p%05d", i), ago(30*time.Minute)+int64(i)))
	}
	run(t, a)
	connected(t, a, b)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.seen) != n {
		t.Fatalf("caught up %d posts of %d", len(b.seen), n)
	}
	for i := 1; i < n; i++ {
		if b.seen[i].At.Before(b.seen[i-1].At) {
			t.Fatal("not in the order of creation")
		}
	}
}

func TestCatchUpTellsOfLostChannel(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(time.Minute))
	a := adapterFor(t, f, b)
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/api/v4/channels/"+chanID) {
			fail(w, 403, "api.context.permissions.app_error")
			return true
		}
		return false
	})
	run(t, a)
	b.until(t, "the bot is told", func() bool {
		return b.count(func(in chat.Inbound) bool {
			c, ok := in.Body.(chat.ChannelChanged)
			return ok && c.Change == chat.ChannelBotRemoved
		}) == 1
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.marks) > 0 {
		t.Error("the mark of a channel that cannot be read moved")
	}
}

// TestSaidWhileTheBotWasOut: what was said in a channel while the bot was taken out of it is
// read when it is back.
func TestSaidWhileTheBotWasOut(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	run(t, a)
	connected(t, a, b)
	var out atomic.Bool
	out.Store(true)
	var tried atomic.Int32
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		if !out.Load() || !strings.HasPrefix(r.URL.Path, "/api/v4/channels/"+chanID) {
			return false
		}
		fail(w, 403, "api.context.permissions.app_error")
		tried.Add(1)
		return true
	})
	f.emit("user_removed", map[string]any{"channel_id": chanID}, map[string]any{"user_id": botID})
	b.until(t, "the channel to be looked at", func() bool { return tried.Load() > 0 })
	f.store(reply1("missed", ago(0)))
	out.Store(false)
	f.emit("user_added", map[string]any{"user_id": botID}, map[string]any{"channel_id": chanID})
	b.until(t, "what was said meanwhile", func() bool {
		return b.count(func(in chat.Inbound) bool {
			s, ok := in.Body.(chat.Said)
			return ok && s.Text == "text of missed"
		}) == 1
	})
}

func TestStartStopStress(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(time.Minute))
	a := adapterFor(t, f, b)
	for i := range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		if i%2 == 0 {
			f.put("posted", reply1(fmt.Sprintf("s%d", i), ago(0)))
			b.until(t, "up", func() bool { return a.Healthy() == nil })
		}
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(patience):
			t.Fatal("Run did not end")
		}
	}
	if a.Healthy() == nil {
		t.Error("healthy although stopped")
	}
}

func TestRunRefusesASecondOne(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	run(t, a)
	b.until(t, "up", func() bool { return a.Healthy() == nil })
	if err := a.Run(t.Context()); err == nil {
		t.Error("a second Run was let in")
	}
}

func TestRunStartsWhenTheServerIsBack(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	a.server.Store(nil)
	var mu sync.Mutex
	calls := 0
	f.before(func(w http.ResponseWriter, _ *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		calls++
		if calls < 4 {
			fail(w, 503, "")
			return true
		}
		return false
	})
	run(t, a)
	connected(t, a, b)
}

func TestUnreadableEventIsKept(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	run(t, a)
	connected(t, a, b)
	f.emit("posted", map[string]any{"post": "{not json"}, map[string]any{"channel_id": chanID})
	f.emit("posted", map[string]any{"post": 7}, map[string]any{"channel_id": chanID})
	b.until(t, "both are kept", func() bool {
		return b.count(func(in chat.Inbound) bool {
			u, ok := in.Body.(chat.Unknown)
			return ok && u.Type == "posted" && len(in.Raw) > 0 && in.Channel == chanID
		}) == 2
	})
}

func TestChannelsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	l := newLanes(ctx, 4)
	held, free := make(chan struct{}), make(chan struct{})
	l.push("slow", func(context.Context) { <-held })
	l.push("fast", func(context.Context) { close(free) })
	<-free
	barrier := l.barrier()
	var order []int
	done := make(chan struct{})
	for i := range 10 {
		l.push("slow", func(context.Context) {
			order = append(order, i)
			if i == 9 {
				close(done)
			}
		})
	}
	select {
	case <-barrier:
		t.Error("the barrier did not wait")
	default:
	}
	close(held)
	<-barrier
	<-done
	cancel()
	l.wait()
	for i, n := range order {
		if n != i {
			t.Errorf("order = %v", order)
		}
	}
}

func TestReplayKeepsTheKey(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot(watchedSince(0))
	a := adapterFor(t, f, b)
	run(t, a)
	connected(t, a, b)
	f.put("posted", reply1("one", ago(0)))
	b.until(t, "the post", func() bool { return b.has("post:" + id("one") + ":0") })
	b.mu.Lock()
	raw := b.seen[0].Raw
	b.mu.Unlock()
	if err := a.Replay(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := b.keys["post:"+id("one")+":0"]; n != 2 {
		t.Errorf("handed over %d times under its key", n)
	}
}
