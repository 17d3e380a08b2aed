package chat

import (
	"context"
	"time"
)

// Meter is told of an adapter's calls, as figures. Its methods must not block.
type Meter interface {
	// Called tells of one call to the platform.
	Called(ctx context.Context, c Call)
	// Held tells that a rate limit made a call wait or sent it back.
	Held(ctx context.Context, h Hold)
}

// Call is one call to a platform.
type Call struct {
	// Platform is slack or mattermost; Method names the call by a constant of the
	// adapter's, never by an address.
	Platform, Method string
	// Err is why it failed, nil when it did not.
	Err error
	// Took is the time until the answer, the wait for a rate limit not included.
	Took time.Duration
}

// Hold is one wait for a rate limit.
type Hold struct {
	Platform, Method string
	Scope            HoldScope
	// Wait is how long the call waits, or has to wait when it was sent back.
	Wait time.Duration
}

// HoldScope is whose limit makes a call wait.
type HoldScope string

// The scopes. The first three are waits of our own before a call; HeldByRefusal is
// a call that the platform refused, which should not happen.
const (
	HeldByMethod  HoldScope = "method"
	HeldByChannel HoldScope = "channel"
	HeldByServer  HoldScope = "server"
	HeldByRefusal HoldScope = "refused"
)

// NoMeter measures nothing.
type NoMeter struct{}

// Called implements Meter.
func (NoMeter) Called(context.Context, Call) {}

// Held implements Meter.
func (NoMeter) Held(context.Context, Hold) {}

// OutcomeOf names how a call ended: "ok" or the reason of its error.
func OutcomeOf(err error) string {
	if err == nil {
		return "ok"
	}
	if r := ReasonOf(err); r != "" {
		return string(r)
	}
	return "failed"
}
