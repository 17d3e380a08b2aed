package replica

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
	"taskbridge/storage"
)

// shared is a shared count that can be away.
type shared struct {
	away   atomic.Bool
	counts atomic.Pointer[pace.Local]
}

var errAway = errors.New("away")

func (s *shared) Reserve(ctx context.Context, patience time.Duration, of ...storage.Allowance) (storage.Turn, error) {
	if s.away.Load() {
		return storage.Turn{}, errAway
	}
	list := make([]chat.Allowance, len(of))
	for i, a := range of {
		list[i] = chat.Allowance(a)
	}
	return storage.Turn(s.counts.Load().Reserve(ctx, patience, list...)), nil
}

func (s *shared) Block(ctx context.Context, a storage.Allowance, wait time.Duration) error {
	if s.away.Load() {
		return errAway
	}
	s.counts.Load().Block(ctx, chat.Allowance(a), wait)
	return nil
}

func (s *shared) Blocked(ctx context.Context, a storage.Allowance) (time.Duration, error) {
	if s.away.Load() {
		return 0, errAway
	}
	return s.counts.Load().Blocked(ctx, chat.Allowance(a)), nil
}

func (s *shared) Forget(context.Context) error {
	if s.away.Load() {
		return errAway
	}
	s.counts.Load().Forget(0)
	return nil
}

// restart makes the count come back empty.
func (s *shared) restart() {
	l := pace.NewLocal(nil)
	l.Forget(0)
	s.counts.Store(l)
	s.away.Store(false)
}

// platform allows what an allowance says to all callers together.
type platform struct {
	every time.Duration
	burst int

	mu      sync.Mutex
	paid    time.Time
	calls   int
	refused int
}

func (p *platform) call() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.paid.Before(now) {
		p.paid = now
	}
	if p.paid.Sub(now) > time.Duration(p.burst-1)*p.every {
		p.refused++
		return
	}
	p.calls++
	p.paid = p.paid.Add(p.every)
}

// TestReplicasStayWithinTheAllowance: with the shared count, without it and through
// every change between the two, three replicas together are never refused.
func TestReplicasStayWithinTheAllowance(t *testing.T) {
	t.Parallel()
	for name, remote := range map[string]bool{"with a shared count": true, "by the database alone": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &shared{}
				s.restart()
				// The platform takes twice our burst, as Slack's tiers do.
				p := &platform{every: time.Second, burst: 20}
				a := chat.Allowance{Workspace: "slack:T1", Key: "update", Every: 1020 * time.Millisecond, Burst: 10}
				const replicas, callers = 3, 4
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				var wg sync.WaitGroup
				for range replicas {
					var counts storage.Pacing
					if remote {
						counts = s
					}
					l := NewPace(counts, func() int { return replicas }, slog.New(slog.DiscardHandler))
					for range callers {
						wg.Go(func() {
							for ctx.Err() == nil {
								turn := l.Reserve(ctx, 2*time.Second, a)
								<-time.After(turn.Wait)
								if turn.Taken {
									p.call()
								}
							}
						})
					}
				}
				wg.Go(func() {
					for range 5 {
						<-time.After(time.Minute)
						s.away.Store(true)
						<-time.After(30 * time.Second)
						s.restart()
					}
				})
				wg.Wait()
				if p.refused > 0 {
					t.Errorf("refused %d times", p.refused)
				}
				if least := 600 * 85 / 100; p.calls < least {
					t.Errorf("%d calls in 10 minutes, want %d at least", p.calls, least)
				}
			})
		})
	}
}

// TestOneAfterAnother: posts in one channel, which come one after another and each from
// any replica, keep to the channel's pace, with a burst of ours and no more, while the
// shared count goes away and comes back empty again and again.
func TestOneAfterAnother(t *testing.T) {
	t.Parallel()
	for name, remote := range map[string]bool{"with a shared count": true, "by the database alone": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &shared{}
				s.restart()
				const burst, replicas, patience = 2, 3, 3 * time.Second
				p := &platform{every: time.Second, burst: burst}
				post := chat.Allowance{Workspace: "slack:T1", Key: "post", Every: 1020 * time.Millisecond, Burst: burst}
				update := chat.Allowance{Workspace: "slack:T1", Key: "update", Every: time.Second, Burst: 20}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				var wg sync.WaitGroup
				var all []*Pace
				for i := range replicas {
					var counts storage.Pacing
					if remote {
						counts = s
					}
					l := NewPace(counts, func() int { return replicas }, slog.New(slog.DiscardHandler))
					all = append(all, l)
					// Each learns in its own time what has become of the shared count.
					wg.Go(func() {
						for ctx.Err() == nil {
							<-time.After(time.Duration(2*i+1) * 150 * time.Millisecond)
							_, _ = pace.Wait(ctx, l, 0, update)
						}
					})
				}
				wg.Go(func() {
					for i := 0; ctx.Err() == nil; i++ {
						turn, err := pace.Wait(ctx, all[i%replicas], patience, post)
						if err == nil && turn.Taken {
							p.call()
							<-time.After(10 * time.Millisecond)
						} else {
							<-time.After(turn.Wait)
						}
					}
				})
				wg.Go(func() {
					up, down := 11*time.Second, 7*time.Second
					for ; ctx.Err() == nil; up, down = up+70*time.Millisecond, down+110*time.Millisecond {
						<-time.After(up)
						s.away.Store(true)
						<-time.After(down)
						s.restart()
					}
				})
				wg.Wait()
				if p.refused > 0 {
					t.Errorf("refused %d times", p.refused)
				}
				if least := 600 * 80 / 100; p.calls < least {
					t.Errorf("%d calls in 10 minutes, want %d at least", p.calls, least)
				}
			})
		})
	}
}

// TestBlocksOutliveTheSharedCount: what the platform asked for is kept to, whatever
// becomes of Redis.
func TestBlocksOutliveTheSharedCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shared{}
		s.restart()
		l := NewPace(s, func() int { return 2 }, slog.New(slog.DiscardHandler))
		a := chat.Allowance{Workspace: "slack:T1", Key: "post C1", Every: time.Second, Burst: 2}
		l.Block(t.Context(), a, 30*time.Second)
		if turn := l.Reserve(t.Context(), time.Second, a); turn.Taken || turn.Wait != 30*time.Second {
			t.Errorf("shared: %+v", turn)
		}
		if left := l.Blocked(t.Context(), a); left != 30*time.Second {
			t.Errorf("shared: blocked for %v", left)
		}
		s.away.Store(true)
		<-time.After(10 * time.Second)
		if turn := l.Reserve(t.Context(), time.Second, a); turn.Taken || turn.Wait < 20*time.Second {
			t.Errorf("alone: %+v", turn)
		}
		if left := l.Blocked(t.Context(), a); left != 20*time.Second {
			t.Errorf("alone: blocked for %v", left)
		}
		if !l.Degraded() {
			t.Error("not degraded")
		}
	})
}
