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
	end := time.Now().Add(time.Minute)
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
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		space := rapid.StringMatching(`slack:T[A-Z0-9]{12}`).Draw(r, "workspace")
		if err := c.Forget(ctx); err != nil {
			r.Fatal(err)
		}
		local := pace.NewLocal(nil)
		// Real clocks go on between two questions: the counts differ by what passed between
		// the same question to one and to the other, and decide alike while that is little.
		tolerance := 50 * time.Millisecond
		forgot := time.Now()
		local.Forget(0)
		apart := func(since time.Time) {
			tolerance = max(tolerance, 50*time.Millisecond+time.Since(since))
			if tolerance > 4*time.Second {
				r.Skip("the machine stood still for seconds")
			}
		}
		apart(forgot)
		kinds := []storage.Allowance{
			{Workspace: space, Key: "wide", Every: 10 * time.Second, Burst: 5},
			{Workspace: space, Key: "narrow", Every: time.Minute, Burst: 1},
			{Workspace: space, Key: "other", Every: 30 * time.Second, Burst: 2},
		}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			if rapid.IntRange(0, 9).Draw(r, "forget") == 0 {
				asked := time.Now()
				local.Forget(0)
				if err := c.Forget(ctx); err != nil {
					r.Fatal(err)
				}
				apart(asked)
				continue
			}
			if rapid.IntRange(0, 9).Draw(r, "block") == 0 {
				a := rapid.SampledFrom(kinds).Draw(r, "of")
				wait := time.Duration(rapid.IntRange(1, 300).Draw(r, "seconds")) * time.Second
				asked := time.Now()
				local.Block(ctx, chat.Allowance(a), wait)
				if err := c.Block(ctx, a, wait); err != nil {
					r.Fatal(err)
				}
				apart(asked)
				continue
			}
			of := rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 1, 3, func(a storage.Allowance) string { return a.Key }).Draw(r, "of")
			// Off the tens, so that a few milliseconds decide nothing.
			patience := time.Duration(10*rapid.IntRange(0, 30).Draw(r, "patience")+5) * time.Second
			list := make([]chat.Allowance, len(of))
			for i, a := range of {
				list[i] = chat.Allowance(a)
			}
			asked := time.Now()
			want := local.Reserve(ctx, patience, list...)
			got, err := c.Reserve(ctx, patience, of...)
			if err != nil {
				r.Fatal(err)
			}
			apart(asked)
			if got.Taken != want.Taken || got.By != want.By || (got.Wait-want.Wait).Abs() > tolerance {
				r.Fatalf("of %v with %v: %+v, and one process says %+v", of, patience, got, want)
			}
		}
	})
}

// TestReplicasTogetherKeepToAnAllowance: many who ask at once from several connections
// use the allowance up and no more: nobody is turned away who could have had a turn within
// their patience.
func TestReplicasTogetherKeepToAnAllowance(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	const replicas, each, burst, patience = 3, 6, 5, 50 * time.Millisecond
	a := storage.Allowance{Workspace: "slack:T1", Key: "post", Every: 10 * time.Millisecond, Burst: burst}
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	var mu sync.Mutex
	turns, refusals := 0, 0
	began := time.Now()
	for range replicas {
		c := open(t, server.URL())
		for range each {
			wg.Go(func() {
				for ctx.Err() == nil {
					turn, err := c.Reserve(context.Background(), patience, a)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					if turn.Taken {
						turns++
					} else {
						refusals++
						// Who is turned away is asked back half their patience before their turn.
						if turn.Wait <= patience/2 {
							t.Errorf("turned away and asked back in %v", turn.Wait)
						}
					}
					mu.Unlock()
					<-time.After(turn.Wait)
				}
			})
		}
	}
	wg.Wait()
	took := time.Since(began)
	if most := burst + int(took/a.Every) + 6; turns > most {
		t.Errorf("%d turns in %v, %d at most", turns, took, most)
	}
	if turns <= burst || refusals == 0 {
		t.Errorf("%d turns and %d refusals show nothing", turns, refusals)
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
		lost := time.Now()
		if err := lose(); err != nil {
			t.Fatal(err)
		}
		until(t, "Redis answers", func() bool { return c.Ping(t.Context()) == nil })
		turn, err := c.Reserve(t.Context(), time.Second, a)
		// Who asked in vain before may have been told an earlier time.
		if least := time.Minute - time.Since(lost) - time.Second; err != nil || turn.Taken || turn.Wait < least || turn.Wait > 2*time.Minute {
			t.Errorf("%+v, %v, want a wait of %v at least", turn, err, least)
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

// TestForgettingKeepsTurns: turns that were given are still to be used when counting begins
// anew, and nobody calls in between.
func TestForgettingKeepsTurns(t *testing.T) {
	t.Parallel()
	c := open(t, redistest.Start(t).URL())
	a := storage.Allowance{Workspace: "slack:T1", Key: "post", Every: time.Minute, Burst: 2}
	var last storage.Turn
	var err error
	for range 5 {
		if last, err = c.Reserve(t.Context(), time.Hour, a); err != nil || !last.Taken {
			t.Fatalf("%+v, %v", last, err)
		}
	}
	asked := time.Now()
	if err := c.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	turn, err := c.Reserve(t.Context(), time.Hour, a)
	if least := last.Wait + a.Every - time.Since(asked) - time.Second; err != nil || turn.Wait < least {
		t.Errorf("%+v, %v, want a wait of %v at least", turn, err, least)
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
