package slacktest

import (
	"slices"
	"sync"
	"time"
)

// clock is the wall clock plus what tests advanced it by, with timers that
// fire on either.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
	timers []*timer
	closed bool
}

type timer struct {
	due  time.Time
	real *time.Timer
	run  func()
}

// Now is the scheduling time; it never goes back.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

// AfterFunc calls run once d has passed, in its own goroutine or in the one
// that calls Advance. After Close it does nothing.
func (c *clock) AfterFunc(d time.Duration, run func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	t := &timer{due: time.Now().Add(c.offset + d), run: run}
	t.real = time.AfterFunc(d, func() { c.fire(t) })
	c.timers = append(c.timers, t)
}

// fire runs t unless Advance or Close took it first.
func (c *clock) fire(t *timer) {
	c.mu.Lock()
	i := slices.Index(c.timers, t)
	if i >= 0 {
		c.timers = slices.Delete(c.timers, i, i+1)
	}
	c.mu.Unlock()
	if i >= 0 {
		t.run()
	}
}

// Advance moves the clock by d and runs what became due, in due order.
func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	c.offset += d
	now := time.Now().Add(c.offset)
	var due []*timer
	c.timers = slices.DeleteFunc(c.timers, func(t *timer) bool {
		if t.due.After(now) {
			t.real.Reset(t.due.Sub(now))
			return false
		}
		t.real.Stop()
		due = append(due, t)
		return true
	})
	c.mu.Unlock()
	slices.SortStableFunc(due, func(a, b *timer) int { return a.due.Compare(b.due) })
	for _, t := range due {
		t.run()
	}
}

// Close stops every timer.
func (c *clock) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, t := range c.timers {
		t.real.Stop()
	}
	c.timers = nil
}
