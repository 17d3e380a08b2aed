package pace

import (
	"context"
	"sync"
	"time"

	"taskbridge/bot/chat"
)

const (
	// maxKept bounds the memory: what has been paid back is forgotten beyond it.
	maxKept = 4096
	// restEarlier is how long before its place a call that found none is asked
	// back, as a part of its patience: then it finds a place that can be taken, and
	// those who wait in line are never too few to use the allowance up.
	restEarlier = 2
)

// Local counts within one process.
type Local struct {
	now func() time.Time

	mu   sync.Mutex
	born time.Time
	// credit is how much of a burst is there for what is not remembered.
	credit float64
	by     map[place]*count
}

type place struct{ workspace, key string }

// count is what is remembered of one allowance.
type count struct {
	// paid is when everything that was taken will have been paid back.
	paid time.Time
	// line is the next place for somebody who is sent away.
	line time.Time
	// until is when a block ends.
	until time.Time
}

var _ chat.Limiter = (*Local)(nil)

// startCredit is how much of a burst a process may use that has just begun: what
// it used before a restart is not remembered.
const startCredit = 0.5

// NewLocal makes a limiter of one process. The clock is time.Now when nil.
func NewLocal(now func() time.Time) *Local {
	if now == nil {
		now = time.Now
	}
	return &Local{now: now, born: now(), credit: startCredit, by: map[place]*count{}}
}

// Reserve implements chat.Limiter.
func (l *Local) Reserve(_ context.Context, patience time.Duration, of ...chat.Allowance) chat.Turn {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	var wait time.Duration
	narrowest := 0
	counts := make([]*count, len(of))
	for i, a := range of {
		c := l.count(a, now)
		c.paid = later(c.paid, l.owed(a))
		counts[i] = c
		// The call may be made once all but one of a burst are paid back.
		free := later(c.paid, now).Add(-time.Duration(a.Burst-1) * a.Every)
		if w := later(free, c.until).Sub(now); w > wait {
			wait, narrowest = w, i
		}
	}
	at := now.Add(wait)
	if wait <= patience {
		for i, a := range of {
			counts[i].paid = later(counts[i].paid, at).Add(a.Every)
		}
		return chat.Turn{Taken: true, Wait: wait, By: narrowest}
	}
	c := counts[narrowest]
	asked := later(c.line, at)
	c.line = asked.Add(of[narrowest].Every)
	// Nobody comes back before a block ends: another process may not know of it.
	back := later(asked.Add(-patience/restEarlier), c.until)
	return chat.Turn{Wait: back.Sub(now), By: narrowest}
}

// Block implements chat.Limiter.
func (l *Local) Block(_ context.Context, a chat.Allowance, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	c := l.count(a, now)
	c.until = later(c.until, now.Add(wait))
}

// Blocked implements chat.Limiter.
func (l *Local) Blocked(_ context.Context, a chat.Allowance) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	return max(l.count(a, now).until.Sub(now), 0)
}

// Forget counts everything as just used up but for a part of each burst. Blocks stay, and
// so do the turns that have been given beyond that: they are still to be used.
func (l *Local) Forget(credit float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.born, l.credit = l.now(), credit
}

// owed is when an allowance will be paid back of which nothing was used since counting
// began.
func (l *Local) owed(a chat.Allowance) time.Time {
	used := time.Duration((1 - l.credit) * float64(a.Burst) * float64(a.Every))
	if l.credit == startCredit {
		// One call is never too many after a start.
		used = min(used, time.Duration(a.Burst-1)*a.Every)
	}
	return l.born.Add(used)
}

func (l *Local) count(a chat.Allowance, now time.Time) *count {
	key := place{a.Workspace, a.Key}
	if c := l.by[key]; c != nil {
		return c
	}
	if len(l.by) >= maxKept {
		for k, c := range l.by {
			if !c.paid.After(now) && !c.until.After(now) && !c.line.After(now) {
				delete(l.by, k)
			}
		}
	}
	c := &count{}
	l.by[key] = c
	return c
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
