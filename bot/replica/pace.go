package replica

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
	"taskbridge/storage"
)

const (
	// askFor bounds one question to the shared count.
	askFor = 500 * time.Millisecond
	// restFor is how long the shared count is left alone after a failure, so that
	// calls do not each wait for it in vain.
	restFor = time.Second
	// aloneCredit is how much of its part of a burst a replica may use once the shared
	// count is away. The platforms' bursts are twice ours; a person who waits for an
	// answer should not wait for the most careful count as well.
	aloneCredit = 0.25
)

// Pace counts in all replicas together. While the shared count cannot be asked,
// each replica keeps to its own part of every allowance, the whole divided by the
// number of replicas, and counts what it does not know as used up but for a little:
// then all of them together stay within it.
type Pace struct {
	remote   storage.Pacing
	local    *pace.Local
	replicas func() int
	log      *slog.Logger
	now      func() time.Time

	mu sync.Mutex
	// down is true since the last failure, and rests until when it is asked again.
	down  bool
	rests time.Time
	// parts is into how many parts allowances were divided last.
	parts int
}

var _ chat.Limiter = (*Pace)(nil)

// NewPace makes a limiter of all replicas, whose number is asked for when the
// shared count is away. Remote may be nil: then it always is.
func NewPace(remote storage.Pacing, replicas func() int, log *slog.Logger) *Pace {
	return &Pace{remote: remote, local: pace.NewLocal(nil), replicas: replicas, log: log, now: time.Now, parts: 1}
}

// Reserve implements chat.Limiter.
func (s *Pace) Reserve(ctx context.Context, patience time.Duration, of ...chat.Allowance) chat.Turn {
	var turn storage.Turn
	list := make([]storage.Allowance, len(of))
	for i, a := range of {
		list[i] = storage.Allowance(a)
	}
	if s.ask(ctx, func(ctx context.Context) (err error) {
		turn, err = s.remote.Reserve(ctx, patience, list...)
		return err
	}) {
		return chat.Turn(turn)
	}
	n := s.divide()
	parts := make([]chat.Allowance, len(of))
	for i, a := range of {
		parts[i] = part(a, n)
	}
	return spaced(s.local.Reserve(ctx, patience, parts...), patience, n, of)
}

// spaced makes a turn of one replica alone wait where the burst is less than a call for
// each of n: all of them together would have more than the burst. What comes one after
// another, as all does that is posted in a channel, then keeps to the whole allowance
// whichever replica makes the next call.
func spaced(turn chat.Turn, patience time.Duration, n int, of []chat.Allowance) chat.Turn {
	if !turn.Taken {
		return turn
	}
	for i, a := range of {
		if rest := min(a.Every, patience); a.Burst < n && rest > turn.Wait {
			turn.Wait, turn.By = rest, i
		}
	}
	return turn
}

// divide is into how many parts allowances are divided now. A replica that has come
// may have used what this one has not counted.
func (s *Pace) divide() int {
	n := max(s.replicas(), 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > s.parts {
		s.local.Forget(aloneCredit)
	}
	s.parts = n
	return n
}

// Block implements chat.Limiter. The block is kept here as well, should the shared
// count be lost.
func (s *Pace) Block(ctx context.Context, a chat.Allowance, wait time.Duration) {
	s.local.Block(ctx, a, wait)
	s.ask(ctx, func(ctx context.Context) error { return s.remote.Block(ctx, storage.Allowance(a), wait) })
}

// Blocked implements chat.Limiter.
func (s *Pace) Blocked(ctx context.Context, a chat.Allowance) time.Duration {
	var left time.Duration
	if s.ask(ctx, func(ctx context.Context) (err error) {
		left, err = s.remote.Blocked(ctx, storage.Allowance(a))
		return err
	}) {
		return left
	}
	return s.local.Blocked(ctx, a)
}

// Degraded tells whether the shared count could not be asked when it was last
// needed.
func (s *Pace) Degraded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

// ask asks the shared count, unless it failed a moment ago, and tells whether it
// answered.
func (s *Pace) ask(ctx context.Context, question func(context.Context) error) bool {
	if s.remote == nil {
		return false
	}
	s.mu.Lock()
	down, rests := s.down, s.rests.After(s.now())
	s.mu.Unlock()
	if rests {
		return false
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), askFor)
	defer cancel()
	var err error
	if down {
		// What was called meanwhile is not in the shared count.
		err = s.remote.Forget(bounded)
	}
	if err == nil {
		err = question(bounded)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		if s.down {
			s.down = false
			s.log.InfoContext(ctx, "pace: allowances are shared with the other replicas again")
		}
		return true
	}
	if !s.down {
		s.down = true
		s.local.Forget(aloneCredit)
		s.log.WarnContext(ctx, "pace: the shared count cannot be asked; keeping to a part of each allowance", "err", err)
	}
	s.rests = s.now().Add(restFor)
	return false
}

// part is one replica's part of an allowance.
func part(a chat.Allowance, n int) chat.Allowance {
	a.Every *= time.Duration(n)
	a.Burst = max(a.Burst/n, 1)
	return a
}
