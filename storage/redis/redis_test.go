package redisstore_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
	"taskbridge/storage"
	redisstore "taskbridge/storage/redis"
	"taskbridge/storage/storagetest/redistest"
)

func open(t testing.TB, url string) *redisstore.Coordinator {
	t.Helper()
	c, err := redisstore.Open(url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func until(t testing.TB, what string, fact func() bool) {
	t.Helper()
	end := time.Now().Add(20 * time.Second)
	for !fact() {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// TestCountsLikeOneProcess: whatever is asked, the shared count says what the count
// of one process says.
func TestCountsLikeOneProcess(t *testing.T) {
	t.Parallel()
	c := open(t, redistest.Start(t).URL())
	// Real clocks go on between two questions; the intervals are long beside that.
	const tolerance = 500 * time.Millisecond
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		space := rapid.StringMatching(`slack:T[A-Z0-9]{12}`).Draw(r, "workspace")
		if err := c.Forget(ctx); err != nil {
			r.Fatal(err)
		}
		local := pace.NewLocal(nil)
		local.Forget(0)
		kinds := []storage.Allowance{
			{Workspace: space, Key: "wide", Every: 10 * time.Second, Burst: 5},
			{Workspace: space, Key: "narrow", Every: time.Minute, Burst: 1},
			{Workspace: space, Key: "other", Every: 30 * time.Second, Burst: 2},
		}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			if rapid.IntRange(0, 9).Draw(r, "block") == 0 {
				a := rapid.SampledFrom(kinds).Draw(r, "of")
				wait := time.Duration(rapid.IntRange(1, 300).Draw(r, "seconds")) * time.Second
				local.Block(ctx, chat.Allowance(a), wait)
				if err := c.Block(ctx, a, wait); err != nil {
					r.Fatal(err)
				}
				continue
			}
			of := rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 1, 3, func(a storage.Allowance) string { return a.Key }).Draw(r, "of")
			// Off the tens, so that a few milliseconds decide nothing.
			patience := time.Duration(10*rapid.IntRange(0, 30).Draw(r, "patience")+5) * time.Second
			list := make([]chat.Allowance, len(of))
			for i, a := range of {
				list[i] = chat.Allowance(a)
			}
			want := local.Reserve(ctx, patience, list...)
			got, err := c.Reserve(ctx, patience, of...)
			if err != nil {
				r.Fatal(err)
			}
			if got.Taken != want.Taken || got.By != want.By || (got.Wait-want.Wait).Abs() > tolerance {
				r.Fatalf("of %v with %v: %+v, and one process says %+v", of, patience, got, want)
			}
		}
	})
}

// TestReplicasTogetherKeepToAnAllowance: many who ask at once from several
// connections use the allowance up and no more.
func TestReplicasTogetherKeepToAnAllowance(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	const replicas, each, burst = 3, 6, 5
	a := storage.Allowance{Workspace: "slack:T1", Key: "post", Every: 10 * time.Millisecond, Burst: burst}
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var turns []time.Time
	for range replicas {
		c := open(t, server.URL())
		for range each {
			wg.Go(func() {
				for ctx.Err() == nil {
					turn, err := c.Reserve(context.Background(), 50*time.Millisecond, a)
					if err != nil {
						t.Error(err)
						return
					}
					if turn.Taken {
						mu.Lock()
						turns = append(turns, time.Now().Add(turn.Wait))
						mu.Unlock()
					}
					<-time.After(turn.Wait)
				}
			})
		}
	}
	began := time.Now()
	wg.Wait()
	took := time.Since(began)
	if most := burst + int(took/a.Every) + 6; len(turns) > most {
		t.Errorf("%d turns in %v, %d at most", len(turns), took, most)
	}
	if least := int(1500*time.Millisecond/a.Every) * 90 / 100; len(turns) < least {
		t.Errorf("%d turns in %v, want %d at least", len(turns), took, least)
	}
}

// TestForgottenIsUsedUp: a Redis that has lost everything gives no burst away a
// second time.
func TestForgottenIsUsedUp(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	c := open(t, server.URL())
	a := storage.Allowance{Workspace: "slack:T1", Key: "update", Every: time.Minute, Burst: 10}
	blocked := storage.Allowance{Workspace: "slack:T1", Key: "blocked", Every: time.Millisecond, Burst: 10}
	for _, lose := range []func() error{
		func() error { return nil },
		func() error { server.Restart(); return nil },
		func() error { return c.Forget(t.Context()) },
	} {
		if err := lose(); err != nil {
			t.Fatal(err)
		}
		until(t, "Redis answers", func() bool { return c.Ping(t.Context()) == nil })
		turn, err := c.Reserve(t.Context(), time.Second, a)
		if err != nil || turn.Taken || turn.Wait < 59*time.Second || turn.Wait > time.Minute {
			t.Errorf("%+v, %v", turn, err)
		}
	}
	if err := c.Block(t.Context(), blocked, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := c.Block(t.Context(), blocked, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := c.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if turn, err := c.Reserve(t.Context(), time.Second, blocked); err != nil || turn.Taken || turn.Wait < 59*time.Minute {
		t.Errorf("a block that Redis was told of: %+v, %v", turn, err)
	}
	if left, err := c.Blocked(t.Context(), blocked); err != nil || left < 59*time.Minute || left > time.Hour {
		t.Errorf("blocked for %v, %v", left, err)
	}
	if left, err := c.Blocked(t.Context(), a); err != nil || left != 0 {
		t.Errorf("what is not blocked is blocked for %v, %v", left, err)
	}
}

// TestSignalsReachOthers: all others hear a signal, also after Redis was away, which
// they are told of.
func TestSignalsReachOthers(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	sender := open(t, server.URL())
	type ear struct{ heard, connected atomic.Int32 }
	ears := []*ear{{}, {}}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	listen := func(c *redisstore.Coordinator, e *ear) {
		wg.Go(func() {
			c.Receive(ctx, func(s storage.Signal) {
				if s == (storage.Signal{Kind: storage.Enqueued, Name: "slack:T1"}) {
					e.heard.Add(1)
				}
			}, func() { e.connected.Add(1) })
		})
	}
	for _, e := range ears {
		listen(open(t, server.URL()), e)
	}
	self := &ear{}
	listen(sender, self)
	for round := range int32(2) {
		until(t, "all listen", func() bool {
			return ears[0].connected.Load() > round && ears[1].connected.Load() > round && self.connected.Load() > round
		})
		if err := sender.Send(t.Context(), storage.Signal{Kind: storage.Enqueued, Name: "slack:T1"}); err != nil {
			t.Fatal(err)
		}
		until(t, "all have heard", func() bool { return ears[0].heard.Load() > round && ears[1].heard.Load() > round })
		if round == 0 {
			server.Restart()
		}
	}
	if self.heard.Load() != 0 {
		t.Error("somebody heard himself")
	}
}

// TestRedisAway: everything fails soon and without a secret, and works again by
// itself.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Kill()
	c := open(t, strings.Replace(server.URL(), "redis://", "redis://someone:a-password@", 1))
	began := time.Now()
	_, err := c.Reserve(t.Context(), time.Second, storage.Allowance{Workspace: "w", Key: "k", Every: time.Second, Burst: 1})
	errs := []error{
		err, c.Ping(t.Context()), c.Forget(t.Context()), c.Send(t.Context(), storage.Signal{}),
		c.Block(t.Context(), storage.Allowance{}, time.Second),
	}
	for i, err := range errs {
		if err == nil || strings.Contains(err.Error(), "a-password") {
			t.Errorf("%d: %v", i, err)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	anyone := open(t, server.URL())
	server.Restart()
	until(t, "Redis answers", func() bool { return anyone.Ping(t.Context()) == nil })
	for _, bad := range []string{"redis://:a-password@host:port", "http://a-password"} {
		if _, err := redisstore.Open(bad, nil); err == nil || strings.Contains(err.Error(), "a-password") {
			t.Errorf("%v", err)
		}
	}
}
