package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"taskbridge/storage"
)

// runner runs functions in read-write transactions.
type runner interface {
	// run runs fn and commits when it returns nil. fn runs on the caller's
	// goroutine, so that what it does there (a panic, the end of a test) is the
	// caller's and nobody else's.
	run(ctx context.Context, k kind, fn func(session) error) error
}

// kind is what a runner knows of a transaction.
type kind struct {
	// desk is the desk it writes to; empty for those that cross desks.
	desk string
	// alone asks that no other transaction of the desk runs meanwhile.
	alone bool
}

// reruns is how often a function is run again after a conflict. Where transactions
// run side by side, a rerun has its desk to itself, so more than one or two means a
// caller that goes on writing from what it read in another transaction.
const reruns = 5

// Update implements storage.Transactor.
func (s *Store) Update(ctx context.Context, desk string, fn func(storage.Tx) error) error {
	return s.write(ctx, desk, func(c session) error {
		t := &tx{store: s, session: c, desk: desk}
		if err := fn(t); err != nil {
			return err
		}
		c.postponed().add(&t.work)
		return nil
	})
}

// View implements storage.Transactor.
func (s *Store) View(ctx context.Context, desk string, fn func(storage.Tx) error) error {
	return s.read(ctx, func(c session) error {
		return fn(&tx{store: s, session: c, desk: desk, readOnly: true})
	})
}

// write runs fn in a read-write transaction, again after a conflict.
func (s *Store) write(ctx context.Context, desk string, fn func(session) error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	for attempt := 0; ; attempt++ {
		err := s.runner.run(ctx, kind{desk: desk, alone: attempt > 0}, fn)
		if !errors.Is(err, storage.ErrConflict) || attempt == reruns {
			return err
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// patience is how long a caller without a deadline waits for the database.
const patience = 15 * time.Second

// bounded lets nobody wait for ever: a database that falls silent says no more than
// one that is slow.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, patience)
}

// pause waits a little, so that those who met do not meet again.
func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(time.Duration(rand.Int64N(int64(time.Millisecond) << attempt)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read runs fn on one consistent state.
func (s *Store) read(ctx context.Context, fn func(session) error) (err error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	c, err := s.readers.get(ctx)
	if err != nil {
		return s.dialect.mapError(err)
	}
	broken := true
	defer func() { s.readers.put(c, broken) }()
	if err := c.begin(ctx, s.dialect.beginRead); err != nil {
		return fmt.Errorf("begin: %w", s.dialect.mapError(err))
	}
	// There is nothing to keep, so both engines may simply drop the state.
	defer func() { broken = c.rollback(ctx) != nil }()
	return fn(c)
}

// single runs every function in a transaction of its own.
type single struct {
	pool     *pool
	dialect  dialect
	writeOut func(context.Context, session) error
}

func (r *single) run(ctx context.Context, fn func(session) error) (err error) {
	c, err := r.pool.get(ctx)
	if err != nil {
		return r.dialect.mapError(err)
	}
	broken := true
	defer func() { r.pool.put(c, broken) }()
	if err := errors.Join(ctx.Err(), c.begin(ctx, r.dialect.begin)); err != nil {
		return fmt.Errorf("begin: %w", r.dialect.mapError(err))
	}
	committed := false
	defer func() {
		if !committed {
			c.postponed().take()
			broken = c.rollback(ctx) != nil
		}
	}()
	if err := fn(c); err != nil {
		return err
	}
	if err := r.writeOut(ctx, c); err != nil {
		return err
	}
	if err := c.commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", r.dialect.mapError(err))
	}
	committed, broken = true, false
	return nil
}
