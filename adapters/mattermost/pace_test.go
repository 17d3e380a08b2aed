package mattermost

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
)

// throttled counts as Mattermost does (github.com/throttled/throttled): burst calls
// at once and one more each interval, told in whole seconds, rounded up.
type throttled struct {
	every time.Duration
	burst int

	mu      sync.Mutex
	paid    time.Time
	refused int
}

func (s *throttled) call() (int, http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.paid.Before(now) {
		s.paid = now
	}
	limit := s.burst + 1
	h := http.Header{"X-Ratelimit-Limit": {strconv.Itoa(limit)}}
	status := http.StatusOK
	if s.paid.Add(s.every).Sub(now) > time.Duration(limit)*s.every {
		s.refused++
		status = http.StatusTooManyRequests
	} else {
		s.paid = s.paid.Add(s.every)
	}
	owed := s.paid.Sub(now)
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(limit-int(math.Ceil(float64(owed)/float64(s.every)))))
	h.Set("X-Ratelimit-Reset", strconv.Itoa(int(math.Ceil(owed.Seconds()))))
	return status, h
}

// TestPaceFollowsTheServersHeaders: many callers at once use the server's allowance
// up and are never refused.
func TestPaceFollowsTheServersHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &throttled{every: 100 * time.Millisecond, burst: 100}
		p := &pacer{limiter: pace.NewLocal(nil), workspace: func() string { return "mattermost:T1" }, meter: chat.NoMeter{}}
		const minutes, callers = 2, 16
		end := time.Now().Add(minutes * time.Minute)
		var mu sync.Mutex
		calls := 0
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for time.Now().Before(end) {
					if err := p.wait(t.Context(), "test", false); err != nil {
						continue
					}
					status, h := s.call()
					<-time.After(5 * time.Millisecond)
					p.learn(t.Context(), status, h)
					mu.Lock()
					calls++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if s.refused > 0 {
			t.Errorf("refused %d times", s.refused)
		}
		if least := minutes * 600 * 95 / 100; calls < least {
			t.Errorf("%d calls, want %d at least", calls, least)
		}
	})
}
