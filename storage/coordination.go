package storage

import (
	"context"
	"time"
)

// Leasing lets one replica at a time do what must not be done by two. Leases run by
// the database's clock, so that replicas whose clocks differ agree.
type Leasing interface {
	// AcquireLease takes a lease that nobody holds, or prolongs one's own. ErrConflict
	// when somebody else holds it. Its token grows whenever the holder changes.
	AcquireLease(ctx context.Context, p LeaseParams) (token int64, err error)
	// ReleaseLease ends a lease before its time. One that is lost already is no error.
	ReleaseLease(ctx context.Context, name, holder string) error
	// CountLeases counts the leases that run and whose name begins with prefix.
	CountLeases(ctx context.Context, prefix string) (int, error)
}

// LeaseParams says what lease is wanted, by whom and for how long.
type LeaseParams struct {
	Name, Holder string
	For          time.Duration
}

// The contracts below are those of a coordinator beside the database, such as
// Redis. Everything works without one: it only makes replicas quicker.

// Coordinator is what replicas share beside the database.
type Coordinator interface {
	Signals
	Pacing
	// Ping tells whether it can be used now.
	Ping(ctx context.Context) error
	Close() error
}

// Signals carries hints between replicas. A hint may be lost, so nothing depends on
// it: it says where it is worth looking before the usual time.
type Signals interface {
	// Send tells the other replicas.
	Send(ctx context.Context, s Signal) error
	// Receive hands over what other replicas tell until ctx ends, and connects
	// again by itself. It calls missed once it has connected anew: what was told
	// meanwhile was not heard.
	Receive(ctx context.Context, heard func(Signal), missed func())
}

// Signal is one hint.
type Signal struct {
	Kind SignalKind
	// Name says what it is about: a workspace, a lease.
	Name string
}

// SignalKind says what a signal means.
type SignalKind string

// The kinds of signals.
const (
	// Enqueued tells that the outbox has something for a workspace.
	Enqueued SignalKind = "enqueued"
	// LeaseReleased tells that a lease is free.
	LeaseReleased SignalKind = "lease"
)

// Pacing counts what all replicas together take of a platform's allowances.
type Pacing interface {
	// Reserve takes a place for one call that counts against each allowance, which
	// are of one workspace, when its turn comes within patience; else it tells when
	// to ask again.
	Reserve(ctx context.Context, patience time.Duration, of ...Allowance) (Turn, error)
	// Block lets nobody take of an allowance for a while.
	Block(ctx context.Context, a Allowance, wait time.Duration) error
	// Blocked is how long nobody may take of an allowance yet because of a Block.
	Blocked(ctx context.Context, a Allowance) (time.Duration, error)
	// Forget counts every allowance as just used up, and more where turns have been given
	// that are still to be used: somebody has called without asking.
	Forget(ctx context.Context) error
}

// Allowance is how often something may be done: once in Every, and Burst times at
// once after a rest.
type Allowance struct {
	Workspace, Key string
	Every          time.Duration
	Burst          int
}

// Turn says when to call, or when to ask again.
type Turn struct {
	Taken bool
	Wait  time.Duration
	// By is which of the allowances makes the caller wait.
	By int
}
