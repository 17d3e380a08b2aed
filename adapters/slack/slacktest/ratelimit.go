package slacktest

import (
	"math"
	"time"
)

// tierSpecial marks methods with "hundreds per minute"
// (docs.slack.dev/apis/web-api/rate-limits).
const tierSpecial = 0

// tierOneBurst lets a client reconnect a few times at once: tier 1 is "1+ per
// minute", with bursts tolerated.
const tierOneBurst = 5

// keptCalls is how many calls of a bucket a violation names.
const keptCalls = 8

// bucket is a token bucket on the scheduling clock.
type bucket struct {
	burst   float64
	rate    float64 // tokens per second
	tokens  float64
	last    time.Time
	told    time.Time   // when a 429 told the caller to wait
	blocked time.Time   // and until when
	taken   []time.Time // the latest calls, for those who ask why
}

// since tells how long ago the latest calls were.
func (b *bucket) since(now time.Time) []time.Duration {
	var ago []time.Duration
	for _, at := range b.taken {
		ago = append(ago, now.Sub(at).Round(time.Millisecond))
	}
	return ago
}

type limits struct {
	buckets map[string]*bucket
	custom  map[string]allowance
	faults  []*Fault
}

type allowance struct {
	perMinute float64
	burst     int
}

func newLimits() limits {
	return limits{buckets: map[string]*bucket{}, custom: map[string]allowance{}}
}

// SetLimit replaces the tier of one method.
func (s *Server) SetLimit(method string, perMinute float64, burst int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.custom[method] = allowance{perMinute: perMinute, burst: burst}
	delete(s.buckets, method)
}

// throttle takes one token of the method, and of the channel for
// chat.postMessage; otherwise it says how many seconds to wait. The lock is
// held.
func (s *Server) throttle(c *call, m method) int {
	now := s.clock.Now()
	keys := map[string]allowance{c.method: s.allowanceOf(c.method, m)}
	if c.method == "chat.postMessage" {
		id := c.args["channel"]
		if ch := s.channelByID(id); ch != nil {
			id = ch.id
		}
		keys[c.method+" in "+id] = allowance{perMinute: 60, burst: s.opts.PostBurst}
	}
	wait := 0
	for key, a := range keys {
		b := s.buckets[key]
		if b == nil {
			b = &bucket{burst: float64(a.burst), rate: a.perMinute / 60, tokens: float64(a.burst), last: now}
			s.buckets[key] = b
		}
		if b.blocked.After(now) {
			if now.Sub(b.told) >= s.opts.InFlight {
				s.violatef(RuleRetryAfter, key, "called %v before Retry-After had passed", b.blocked.Sub(now).Round(time.Millisecond))
			}
			wait = max(wait, seconds(b.blocked.Sub(now)))
			continue
		}
		if s.opts.NoRateLimits {
			continue
		}
		b.tokens = math.Min(b.burst, b.tokens+now.Sub(b.last).Seconds()*b.rate)
		b.last = now
		if b.tokens < 1 {
			short := time.Duration((1 - b.tokens) / b.rate * float64(time.Second))
			s.violatef(RuleRate, key, "over %.0f per minute with a burst of %.0f at %s: %v too early after calls %v ago",
				a.perMinute, b.burst, now.UTC().Format("15:04:05.000"), short.Round(time.Millisecond), b.since(now))
			wait = max(wait, seconds(short))
			b.told, b.blocked = now, now.Add(time.Duration(wait)*time.Second)
		}
	}
	if wait > 0 {
		return wait
	}
	for key := range keys {
		b := s.buckets[key]
		b.tokens--
		b.taken = append(b.taken[max(0, len(b.taken)-keptCalls+1):], now)
	}
	return 0
}

// allowanceOf is the tier's rate; bursts up to a minute's worth are tolerated.
func (s *Server) allowanceOf(name string, m method) allowance {
	if a, ok := s.custom[name]; ok {
		return a
	}
	if s.opts.Distributed && (name == "conversations.history" || name == "conversations.replies") {
		return allowance{perMinute: 1, burst: 1}
	}
	switch m.tier {
	case 1:
		return allowance{perMinute: 1, burst: tierOneBurst}
	case 2:
		return allowance{perMinute: 20, burst: 20}
	case 3:
		return allowance{perMinute: 50, burst: 50}
	case 4:
		return allowance{perMinute: 100, burst: 100}
	}
	return allowance{perMinute: 300, burst: 300}
}

// block makes earlier calls of the method, or of its channel, a violation.
func (s *Server) block(c *call, channel string, d time.Duration) {
	key, now := c.method, s.clock.Now()
	if channel != "" && c.method == "chat.postMessage" {
		if ch := s.channelByID(channel); ch != nil {
			channel = ch.id
		}
		key += " in " + channel
	}
	b := s.buckets[key]
	if b == nil {
		a := s.allowanceOf(c.method, s.methods[c.method])
		if key != c.method {
			a = allowance{perMinute: 60, burst: s.opts.PostBurst}
		}
		b = &bucket{burst: float64(a.burst), rate: a.perMinute / 60, tokens: float64(a.burst), last: now}
		s.buckets[key] = b
	}
	b.told, b.blocked = now, now.Add(d)
}

// seconds rounds up, since Retry-After has whole seconds and is at least one.
func seconds(d time.Duration) int {
	return max(1, int(math.Ceil(d.Seconds())))
}
