package replica

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"taskbridge/storage"
)

const (
	// presentFor is how long a replica counts as there without a sign of life, and
	// presentEvery is how often it gives one and counts the others.
	presentFor   = 30 * time.Second
	presentEvery = 5 * time.Second
	// presence begins the names of the leases by which replicas are counted.
	presence = "replica/"
	// announceEvery is the least time between two hints of one kind: a burst of
	// commits is one hint.
	announceEvery = 20 * time.Millisecond
	// sendFor bounds the sending of one hint.
	sendFor = time.Second
	// leaveFor bounds what is done at the end.
	leaveFor = 3 * time.Second
)

// Config is what a Replica needs. Leasing must be set.
type Config struct {
	Leasing storage.Leasing
	// Signals carries hints between replicas; without it they look at intervals.
	Signals storage.Signals
	// Wake is called when another replica has put something into the outbox of a
	// workspace, of any when it is empty. It must not block.
	Wake func(workspace string)
	// Logger discards when nil.
	Logger *slog.Logger
}

// Replica is this process among others that serve the same desk. Run it before any
// of them is asked to share.
type Replica struct {
	config Config
	id     string
	log    *slog.Logger
	dirty  chan struct{}
	timing timing

	mu sync.Mutex
	// counts are the latest counts of replicas, the newest last.
	counts []int
	// outbox are the workspaces that others have not been told of yet.
	outbox map[string]struct{}
	// waiting are rung when somebody has given up a lease.
	waiting map[chan struct{}]struct{}
}

// New makes a replica. It calls nobody; Join does.
func New(c Config) *Replica {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Replica{
		config: c, id: rand.Text(), log: c.Logger, dirty: make(chan struct{}, 1), timing: usual(),
		outbox: map[string]struct{}{}, waiting: map[chan struct{}]struct{}{},
	}
}

// Join makes this replica known to the others, so that they leave it its part, and
// counts them.
func (r *Replica) Join(ctx context.Context) error {
	_, err := r.config.Leasing.AcquireLease(ctx, storage.LeaseParams{Name: presence + r.id, Holder: r.id, For: presentFor})
	if err != nil {
		return err //nolint:wrapcheck // it says all.
	}
	n, err := r.config.Leasing.CountLeases(ctx, presence)
	if err != nil {
		return err //nolint:wrapcheck // it says all.
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// Who has just left may still be sending, and one that is late with a sign of
	// life is not gone: the most of the latest counts is what holds.
	r.counts = append(r.counts, n)
	if most := int(presentFor/presentEvery) + 1; len(r.counts) > most {
		r.counts = r.counts[len(r.counts)-most:]
	}
	return nil
}

// Count is how many replicas there are, this one included.
func (r *Replica) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	most := 1
	for _, n := range r.counts {
		most = max(most, n)
	}
	return most
}

// Run keeps this replica known, and passes hints on, until ctx is done.
func (r *Replica) Run(ctx context.Context) error {
	var parts sync.WaitGroup
	parts.Go(func() { r.stay(ctx) })
	if r.config.Signals != nil {
		parts.Go(func() { r.config.Signals.Receive(ctx, r.heard, r.missed) })
		parts.Go(func() { r.tell(ctx) })
	}
	parts.Wait()
	return nil
}

func (r *Replica) stay(ctx context.Context) {
	tick := time.NewTicker(presentEvery)
	defer tick.Stop()
	for {
		if err := r.Join(ctx); err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "replica: not made known to the others", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveFor)
			defer cancel()
			if err := r.config.Leasing.ReleaseLease(leaving, presence+r.id, r.id); err != nil {
				r.log.WarnContext(leaving, "replica: the others will count this one a little longer", "err", err)
			}
			return
		}
	}
}

// heard takes a hint of another replica.
func (r *Replica) heard(s storage.Signal) {
	switch s.Kind {
	case storage.Enqueued:
		r.wake(s.Name)
	case storage.LeaseReleased:
		r.ring()
	}
}

// missed is called when hints may have been lost: everything is looked at.
func (r *Replica) missed() {
	r.wake("")
	r.ring()
}

func (r *Replica) wake(workspace string) {
	if r.config.Wake != nil {
		r.config.Wake(workspace)
	}
}

// Announce tells the others that there is something to send to workspaces. It does
// not block.
func (r *Replica) Announce(workspaces []string) {
	if r.config.Signals == nil {
		return
	}
	r.mu.Lock()
	for _, w := range workspaces {
		r.outbox[w] = struct{}{}
	}
	r.mu.Unlock()
	select {
	case r.dirty <- struct{}{}:
	default:
		// It is about to look anyway.
	}
}

// tell sends what was announced.
func (r *Replica) tell(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.dirty:
		}
		r.mu.Lock()
		list := r.outbox
		r.outbox = map[string]struct{}{}
		r.mu.Unlock()
		for w := range list {
			r.send(ctx, storage.Signal{Kind: storage.Enqueued, Name: w})
		}
		timer.Reset(announceEvery)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
	}
}

// send sends a hint; one that is lost is made up for by looking at intervals.
func (r *Replica) send(ctx context.Context, s storage.Signal) {
	if r.config.Signals == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendFor)
	defer cancel()
	if err := r.config.Signals.Send(ctx, s); err != nil {
		r.log.DebugContext(ctx, "replica: a hint was not sent", "err", err)
	}
}
