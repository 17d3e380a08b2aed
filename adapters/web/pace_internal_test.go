package web

import (
	"testing"
	"time"
)

// TestKnocking: what comes in haste from one place keeps nobody out who comes from another.
func TestKnocking(t *testing.T) {
	t.Parallel()
	p, err := newPaces()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for n := range 2 * actsAtOnce {
		if wait := p.knock("203.0.113.9", now); (wait > 0) != (n >= actsAtOnce) {
			t.Fatalf("knock %d waits %v", n+1, wait)
		}
	}
	if wait := p.knock("198.51.100.7", now); wait > 0 {
		t.Errorf("somebody else waits %v", wait)
	}
}
