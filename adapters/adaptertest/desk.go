package adaptertest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// patience bounds every wait for a fact.
const patience = time.Minute

// errDown is what the desk fails with. Nobody outside may read it.
var errDown = errors.New("the database at db.internal is down")

// desk is a handler that remembers what it was given and answers as told.
type desk struct {
	mu      sync.Mutex
	changed chan struct{}
	// kept were taken, failed were not.
	kept, failed []chat.Inbound
	answer       func(chat.Inbound) chat.Answer
	broken       func(chat.Inbound) bool
}

func newDesk() *desk { return &desk{changed: make(chan struct{})} }

// Handle implements chat.Handler.
func (d *desk) Handle(_ context.Context, in chat.Inbound) (chat.Answer, error) {
	if _, ok := in.Body.(chat.Missed); ok {
		// An adapter may tell of gaps whenever it likes.
		return chat.Answer{}, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	defer func() {
		close(d.changed)
		d.changed = make(chan struct{})
	}()
	if d.broken != nil && d.broken(in) {
		d.failed = append(d.failed, in)
		return chat.Answer{}, errDown
	}
	d.kept = append(d.kept, in)
	if d.answer == nil {
		return chat.Answer{}, nil
	}
	return d.answer(in), nil
}

func (d *desk) answers(f func(chat.Inbound) chat.Answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = f
}

// breaks makes the desk fail for what matches; nil mends it.
func (d *desk) breaks(match func(chat.Inbound) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = match
}

// everything is what was kept and what was not.
func (d *desk) everything() (kept, failed []chat.Inbound) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.kept), slices.Clone(d.failed)
}

// wait returns the first of at least n kept inbounds that match.
func (d *desk) wait(t *testing.T, what string, n int, match func(chat.Inbound) bool) chat.Inbound {
	t.Helper()
	return d.waitIn(t, what, n, match, func() []chat.Inbound { return d.kept })
}

// waitFailed is wait for what was not kept.
func (d *desk) waitFailed(t *testing.T, what string, n int, match func(chat.Inbound) bool) chat.Inbound {
	t.Helper()
	return d.waitIn(t, what, n, match, func() []chat.Inbound { return d.failed })
}

func (d *desk) waitIn(t *testing.T, what string, n int, match func(chat.Inbound) bool, list func() []chat.Inbound) chat.Inbound {
	t.Helper()
	deadline := time.After(patience)
	for {
		d.mu.Lock()
		changed := d.changed
		var hits []chat.Inbound
		for _, in := range list() {
			if match(in) {
				hits = append(hits, in)
			}
		}
		d.mu.Unlock()
		if len(hits) >= n {
			return hits[0]
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%s: came %d times of %d", what, len(hits), n)
		}
	}
}

// alike matches what tells of the same in the same words. Two presses of one
// button are not alike, for each has its own trigger.
func alike(in chat.Inbound) func(chat.Inbound) bool {
	return func(o chat.Inbound) bool { return reflect.DeepEqual(o.Body, in.Body) }
}

// about matches the bodies of type B that a condition holds for.
func about[B chat.Body](holds func(B) bool) func(chat.Inbound) bool {
	return func(in chat.Inbound) bool {
		b, ok := in.Body.(B)
		return ok && holds(b)
	}
}
