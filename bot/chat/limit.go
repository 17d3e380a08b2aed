package chat

import (
	"context"
	"time"
)

// Allowance is how often a platform lets something be done: once in Every, and
// Burst times at once after a rest.
type Allowance struct {
	// Workspace is the installation it belongs to; Key names what is counted there,
	// such as a method, or a method in one channel.
	Workspace, Key string
	Every          time.Duration
	Burst          int
}

// Limiter shares a platform's allowances out among everybody who calls it, in this
// process or in all replicas. It is safe for concurrent use.
type Limiter interface {
	// Reserve asks for one call that counts against each of the allowances, which
	// are of one workspace. When the call's turn comes within patience, its place is
	// taken, and the caller waits for it and calls. Otherwise nothing is taken.
	Reserve(ctx context.Context, patience time.Duration, of ...Allowance) Turn
	// Block lets nobody call for a while because the platform said so.
	Block(ctx context.Context, a Allowance, wait time.Duration)
	// Blocked is how long nobody may call yet because the platform said so; 0 when
	// everybody may.
	Blocked(ctx context.Context, a Allowance) time.Duration
}

// Turn says when to call.
type Turn struct {
	// Taken tells that the place is the caller's.
	Taken bool
	// Wait is how long until the call may be made or, when the place was not taken,
	// until it is worth asking again. Those who ask meanwhile are told later times,
	// one after another, so that they do not all come back at once.
	Wait time.Duration
	// By is which of the allowances makes the caller wait, counted from zero.
	By int
}
