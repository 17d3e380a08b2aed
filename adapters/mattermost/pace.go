package mattermost

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
)

const (
	// maxPaceWait is how long a call waits for the rate limit itself; a longer wait
	// is the caller's to plan.
	maxPaceWait = 10 * time.Second
	// defaultBlock is how long calls rest when the server refused one and did not
	// say for how long.
	defaultBlock = time.Second
	// paceKey names the one allowance of a server: Mattermost counts all calls of
	// an address together (server/channels/app/ratelimit.go).
	paceKey = "rest"
	// enoughUsed is how many calls must have been used before the server's whole
	// seconds tell the rate well enough.
	enoughUsed = 10
)

// pacer keeps to the server's rate limit, which is off unless its answers speak of
// one: X-Ratelimit-Limit is how many calls it takes at once, -Remaining how many
// are left of them, -Reset in how many seconds all are back.
type pacer struct {
	limiter   chat.Limiter
	workspace func() string
	meter     chat.Meter

	mu    sync.Mutex
	limit int
	every time.Duration
}

// wait blocks until the server wants to hear of us again.
func (p *pacer) wait(ctx context.Context, op string, yields bool) error {
	a := p.allowance()
	if yields {
		// Half is left to what cannot wait.
		a.Burst = max(a.Burst/2, 1)
	}
	turn, err := pace.Wait(ctx, p.limiter, maxPaceWait, a)
	if turn.Wait > 0 {
		p.meter.Held(ctx, chat.Hold{Platform: platform, Method: op, Scope: chat.HeldByServer, Wait: turn.Wait})
	}
	switch {
	case err != nil:
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: err}
	case !turn.Taken:
		return &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: turn.Wait}
	}
	return nil
}

// allowance is what is known of the server's limit. Half of what it takes at once
// is left to those who share our address.
func (p *pacer) allowance() chat.Allowance {
	p.mu.Lock()
	defer p.mu.Unlock()
	return chat.Allowance{Workspace: p.workspace(), Key: paceKey, Every: p.every, Burst: max(p.limit/2, 1)}
}

// learn reads the limit out of an answer.
func (p *pacer) learn(ctx context.Context, status int, h http.Header) {
	if status == http.StatusTooManyRequests {
		p.limiter.Block(ctx, p.allowance(), blockFor(h))
		return
	}
	limit, err := strconv.Atoi(h.Get("X-Ratelimit-Limit"))
	left, err2 := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
	if err != nil || err2 != nil || limit <= 0 {
		return
	}
	reset, err := strconv.Atoi(h.Get("X-Ratelimit-Reset"))
	if err != nil {
		return
	}
	p.mu.Lock()
	if limit != p.limit {
		p.limit, p.every = limit, 0
	}
	// The seconds are rounded up, so that the least that was seen is the truest.
	if used := limit - left; used >= enoughUsed {
		if every := time.Duration(reset) * time.Second / time.Duration(used); p.every == 0 || every < p.every {
			p.every = every
		}
	}
	p.mu.Unlock()
	if left <= 0 {
		// A part of the allowance is back within a second, and a 429 would say more.
		p.limiter.Block(ctx, p.allowance(), defaultBlock)
	}
}

// blockFor is how long a server that refused a call is left alone.
func blockFor(h http.Header) time.Duration { return max(retryAfter(h), defaultBlock) }
