package mattermost

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"taskbridge/bot/chat"
)

// maxPaceWait is how long a call waits for the rate limit itself; a longer wait is
// the caller's to plan.
const maxPaceWait = 10 * time.Second

// pacer keeps to the server's rate limit. Mattermost counts per remote address
// (server/channels/app/ratelimit.go), so that one pacer holds all calls.
type pacer struct {
	now   func() time.Time
	meter chat.Meter

	mu    sync.Mutex
	until time.Time
}

// wait blocks until the server wants to hear of us again.
func (p *pacer) wait(ctx context.Context, op string) error {
	p.mu.Lock()
	left := p.until.Sub(p.now())
	p.mu.Unlock()
	if left <= 0 {
		return nil
	}
	p.meter.Held(ctx, chat.Hold{Platform: platform, Method: op, Scope: chat.HeldByServer, Wait: left})
	deadline, ok := ctx.Deadline()
	if left > maxPaceWait || ok && time.Until(deadline) < left {
		return &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: left}
	}
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: ctx.Err()}
	}
}

// learn reads the limit out of an answer.
func (p *pacer) learn(status int, h http.Header) {
	var hold time.Duration
	switch {
	case status == http.StatusTooManyRequests:
		hold = max(retryAfter(h), time.Second)
	case h.Get("X-Ratelimit-Remaining") != "":
		left, err := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
		reset, err2 := strconv.Atoi(h.Get("X-Ratelimit-Reset"))
		if err != nil || err2 != nil || left > 0 || reset <= 0 {
			return
		}
		// Reset tells when the whole allowance is back; a part of it is back
		// within a second, and a 429 would say more.
		hold = time.Second
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.now().Add(hold); until.After(p.until) {
		p.until = until
	}
}
