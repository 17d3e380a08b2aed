package visitor_test

import (
	"net/http"
	"testing"
	"time"

	"taskbridge/adapters/visitor"
)

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
		if got := visitor.Place(r); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestPace: what one place does keeps no other out.
func TestPace(t *testing.T) {
	t.Parallel()
	p, err := visitor.NewPace(time.Hour, 3)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 6 {
		if p.Allow("203.0.113.9") != (n < 3) {
			t.Errorf("the answer to number %d is wrong", n+1)
		}
	}
	if !p.Allow("198.51.100.7") {
		t.Error("somebody else has to wait")
	}
}
