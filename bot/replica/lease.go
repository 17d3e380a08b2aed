package replica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// timing holds the intervals of leases, so that tests need not wait.
type timing struct {
	// lease is how long a lease lasts, renew how often it is prolonged, and margin
	// how long before its end the work has to have been told.
	lease, renew, margin time.Duration
	// look is how often somebody who waits tries again.
	look time.Duration
}

func usual() timing {
	return timing{lease: 10 * time.Second, renew: 3 * time.Second, margin: 2 * time.Second, look: 2 * time.Second}
}

var _ chat.Leases = (*Replica)(nil)

// Hold implements chat.Leases.
func (r *Replica) Hold(ctx context.Context, name string, seats int, work func(ctx context.Context)) {
	for ctx.Err() == nil {
		seat, until, ok := r.sit(ctx, name, seats)
		if !ok {
			return
		}
		if r.work(ctx, seat, until, work) {
			return
		}
	}
}

// sit waits until one of the seats is free and takes it. until is when it is lost
// unless it is prolonged.
func (r *Replica) sit(ctx context.Context, name string, seats int) (seat string, until time.Time, ok bool) {
	bell := make(chan struct{}, 1)
	r.mu.Lock()
	r.waiting[bell] = struct{}{}
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.waiting, bell)
		r.mu.Unlock()
	}()
	tick := time.NewTicker(r.timing.look)
	defer tick.Stop()
	for ctx.Err() == nil {
		for n := range seats {
			seat := fmt.Sprintf("%s#%d", name, n+1)
			until, err := r.acquire(ctx, seat)
			if err == nil {
				return seat, until, true
			}
			if !errors.Is(err, storage.ErrConflict) && ctx.Err() == nil {
				r.log.WarnContext(ctx, "replica: a lease was not asked for", "lease", seat, "err", err)
				break
			}
		}
		select {
		case <-ctx.Done():
		case <-bell:
		case <-tick.C:
		}
	}
	return "", time.Time{}, false
}

// acquire takes or prolongs a lease, and tells until when it is ours by our own
// count of time. It is counted from before we asked.
func (r *Replica) acquire(ctx context.Context, seat string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timing.renew)
	defer cancel()
	until := time.Now().Add(r.timing.lease - r.timing.margin)
	_, err := r.config.Leasing.AcquireLease(ctx, storage.LeaseParams{Name: seat, Holder: r.id, For: r.timing.lease})
	return until, err //nolint:wrapcheck // it says all.
}

// work runs the work while the seat is ours and gives the seat up after it. It tells
// whether there is nothing left to do.
func (r *Replica) work(ctx context.Context, seat string, until time.Time, work func(context.Context)) (done bool) {
	r.log.InfoContext(ctx, "replica: lease taken", "lease", seat)
	working, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		work(working)
	}()
	lost := time.NewTimer(time.Until(until))
	defer lost.Stop()
	renew := time.NewTicker(r.timing.renew)
	defer renew.Stop()
	for {
		select {
		case <-ended:
			r.giveUp(ctx, seat)
			return true
		case <-ctx.Done():
			<-ended
			r.giveUp(ctx, seat)
			return true
		case <-lost.C:
			r.log.WarnContext(ctx, "replica: lease lost", "lease", seat)
			stop()
			<-ended
			return false
		case <-renew.C:
			again, err := r.acquire(ctx, seat)
			switch {
			case err == nil:
				lost.Reset(time.Until(again))
			case errors.Is(err, storage.ErrConflict):
				// Somebody else has it already, after a stop of this whole process.
				lost.Reset(0)
			case ctx.Err() == nil:
				r.log.WarnContext(ctx, "replica: a lease was not prolonged", "lease", seat, "err", err)
			}
		}
	}
}

// giveUp ends a lease and tells those who wait for it.
func (r *Replica) giveUp(ctx context.Context, seat string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveFor)
	defer cancel()
	if err := r.config.Leasing.ReleaseLease(ctx, seat, r.id); err != nil {
		r.log.WarnContext(ctx, "replica: a lease will run out by itself", "lease", seat, "err", err)
		return
	}
	r.send(ctx, storage.Signal{Kind: storage.LeaseReleased, Name: seat})
}

// ring lets those who wait for a lease try at once.
func (r *Replica) ring() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for bell := range r.waiting {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}
