package harness

import (
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
)

// Patience is how long a fact may take to become true. It is generous because the
// server, the database and the product share a small machine.
const Patience = time.Minute

// pollEvery is how often a fact is looked at when no event announces it.
const pollEvery = 150 * time.Millisecond

// Eventually waits until check returns nil, and fails the test with what and the
// last error when that takes longer than Patience.
func Eventually(t testing.TB, what string, check func() error) {
	t.Helper()
	eventually(t, Patience, what, nil, check)
}

// Within is Eventually for a fact that may take longer or must not take so long.
func Within(t testing.TB, patience time.Duration, what string, check func() error) {
	t.Helper()
	eventually(t, patience, what, nil, check)
}

// eventually looks again whenever the log grows, and now and then in between.
func eventually(t testing.TB, patience time.Duration, what string, log *eventLog, check func() error) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		grown := log.grown()
		err := check()
		if err == nil {
			return
		}
		select {
		case <-grown:
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited %s for %s: %v", patience, what, err)
		}
	}
}

// eventLog holds what one person's websocket received, in order.
type eventLog struct {
	mu     sync.Mutex
	events []*model.WebSocketEvent
	signal chan struct{}
}

func newEventLog() *eventLog { return &eventLog{signal: make(chan struct{})} }

func (l *eventLog) add(ev *model.WebSocketEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, ev)
	close(l.signal)
	l.signal = make(chan struct{})
}

// grown is closed by the next event. A nil log never grows.
func (l *eventLog) grown() <-chan struct{} {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.signal
}

// mark is the place where the next event will stand.
func (l *eventLog) mark() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.events)
}

// first finds the first event from mark on that match accepts.
func (l *eventLog) first(mark int, match func(*model.WebSocketEvent) bool) *model.WebSocketEvent {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ev := range l.events[mark:] {
		if match(ev) {
			return ev
		}
	}
	return nil
}
