package slack

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"taskbridge/bot/chat"
)

const (
	// maxWait bounds how long a call waits for its turn; what must wait longer
	// goes back to the lane, which has other work to do meanwhile.
	maxWait = 2 * time.Second
	// defaultBlock is how long a method rests when Slack did not say.
	defaultBlock = 5 * time.Second
	// channelBurst is how many posts a channel takes at once. Slack tolerates
	// bursts and publishes no number.
	channelBurst = 2
	// maxLanes bounds the memory of the pacer.
	maxLanes = 4096
)

// pacer keeps to Slack's rates before Slack complains: those of each method, and
// one message per second and channel
// (docs.slack.dev/apis/web-api/rate-limits). Limits are per method, so a method
// that was told to wait holds up no other.
type pacer struct {
	meter chat.Meter

	mu    sync.Mutex
	lanes map[string]*lane
}

type lane struct {
	limit   *rate.Limiter
	blocked time.Time
}

func newPacer() *pacer { return &pacer{meter: chat.NoMeter{}, lanes: map[string]*lane{}} }

// wait returns when the call may be made, or a *chat.SendError that says when.
func (p *pacer) wait(ctx context.Context, method, channel string) error {
	now := time.Now()
	delay, scope, cancel := p.reserve(now, method, channel)
	if delay <= 0 {
		return nil
	}
	p.meter.Held(ctx, chat.Hold{Platform: platform, Method: method, Scope: scope, Wait: delay})
	deadline, bounded := ctx.Deadline()
	if delay > maxWait || bounded && now.Add(delay).After(deadline) {
		cancel()
		return &chat.SendError{
			Reason: chat.RateLimited, Retry: true, RetryAfter: delay,
			Err: fmt.Errorf("%s: held back to keep Slack's rate", method),
		}
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		cancel()
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("%s: %w", method, ctx.Err())}
	}
}

// reserve takes a place in each queue that the call stands in, and tells which of
// them makes it wait.
func (p *pacer) reserve(now time.Time, method, channel string) (time.Duration, chat.HoldScope, func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keys := []string{method}
	if channel != "" {
		keys = append(keys, method+" "+channel)
	}
	scope := chat.HeldByMethod
	var delay time.Duration
	var taken []*rate.Reservation
	for i, key := range keys {
		l := p.lane(key, method, i > 0, now)
		r := l.limit.ReserveN(now, 1)
		taken = append(taken, r)
		if wait := max(l.blocked.Sub(now), r.DelayFrom(now)); wait > delay {
			delay = wait
			if i > 0 {
				scope = chat.HeldByChannel
			}
		}
	}
	return delay, scope, func() {
		for _, r := range taken {
			r.CancelAt(now)
		}
	}
}

// block makes later calls wait as Slack asked. Posts are limited by channel, so
// only the channel rests.
func (p *pacer) block(method, channel string, wait time.Duration) {
	if wait <= 0 {
		wait = defaultBlock
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key, now := method, time.Now()
	if channel != "" {
		key = method + " " + channel
	}
	l := p.lane(key, method, channel != "", now)
	if until := now.Add(wait); until.After(l.blocked) {
		l.blocked = until
	}
}

func (p *pacer) lane(key, method string, channel bool, now time.Time) *lane {
	if l := p.lanes[key]; l != nil {
		return l
	}
	if len(p.lanes) >= maxLanes {
		for k, l := range p.lanes {
			if l.blocked.Before(now) && l.limit.TokensAt(now) >= float64(l.limit.Burst()) {
				delete(p.lanes, k)
			}
		}
	}
	limit := rate.NewLimiter(1, channelBurst)
	if !channel {
		limit = tierOf(method)
	}
	l := &lane{limit: limit}
	p.lanes[key] = l
	return l
}

// tierOf is the method's allowance. Bursts are a part of the minute's worth that
// Slack tolerates.
func tierOf(method string) *rate.Limiter {
	perMinute, burst := 50, 25
	switch method {
	case "chat.postMessage", "auth.test":
		perMinute, burst = 240, 60
	case "apps.connections.open":
		// Its tier is one a minute; the reconnects keep their own back-off.
		perMinute, burst = 20, 4
	case "conversations.create", "conversations.list", "conversations.inviteShared", "conversations.setPurpose", "users.list":
		perMinute, burst = 20, 10
	case "chat.postEphemeral", "views.open", "users.info", "conversations.members", "files.info":
		perMinute, burst = 100, 50
	}
	return rate.NewLimiter(rate.Limit(float64(perMinute)/60), burst)
}
