package visitor

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// Place is where a request comes from, as near as it can be told: a proxy on this
// machine or in the same private network says for whom it asks. Of an IPv6 address the
// network counts, because each of its machines has as many addresses as it likes.
func Place(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap(); ip.IsLoopback() || ip.IsPrivate() {
		// What comes last is what the proxy saw, also when it adds a line of its own below
		// one that the sender made up.
		list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if told, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1])); err == nil {
			ip = told.Unmap()
		}
	}
	if ip.Is6() {
		if network, err := ip.Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}

// remembered is how many places' paces are kept; one that was forgotten begins anew.
const remembered = 4096

// Pace bounds how often each place may do something.
type Pace struct {
	mu     sync.Mutex
	places *lru.Cache[string, *rate.Limiter]
	every  time.Duration
	burst  int
}

// NewPace lets each place do something so often at once, and once more each time after
// every has passed.
func NewPace(every time.Duration, burst int) (*Pace, error) {
	places, err := lru.New[string, *rate.Limiter](remembered)
	if err != nil {
		return nil, fmt.Errorf("remember paces: %w", err)
	}
	return &Pace{places: places, every: every, burst: burst}, nil
}

// Allow counts what a place does, and tells whether it may.
func (p *Pace) Allow(place string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit, known := p.places.Get(place)
	if !known {
		limit = rate.NewLimiter(rate.Every(p.every), p.burst)
		p.places.Add(place, limit)
	}
	return limit.Allow()
}
