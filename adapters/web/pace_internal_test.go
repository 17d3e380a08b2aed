package web

import (
	"net/http"
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

// TestPlaces: only a proxy of our own is believed, and only what it added itself.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, peer string
		told       []string
		want       string
	}{
		{"directly", "203.0.113.9:4711", []string{"198.51.100.7"}, "203.0.113.9"},
		{"by a proxy", "127.0.0.1:4711", []string{"198.51.100.7"}, "198.51.100.7"},
		{"by a proxy that goes on with the line", "10.0.0.2:4711", []string{"192.0.2.1, 198.51.100.7"}, "198.51.100.7"},
		{"by a proxy that adds a line", "10.0.0.2:4711", []string{"192.0.2.1", "198.51.100.7"}, "198.51.100.7"},
		{"by a proxy that tells nothing", "10.0.0.2:4711", nil, "10.0.0.2"},
		{"from a network", "[2001:db8:1:2:3::4]:4711", nil, "2001:db8:1:2::/64"},
	} {
		r := &http.Request{RemoteAddr: tc.peer, Header: http.Header{"X-Forwarded-For": tc.told}}
		if got := placeOf(r); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
