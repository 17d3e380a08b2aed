package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// session is one connection in use by one goroutine. Arguments and destinations
// are those of plain: values, or pointers to the fields of a record.
type session interface {
	// begin starts a transaction by the statement how, together with the first
	// statement of it.
	begin(ctx context.Context, how string) error
	// exec runs a statement and tells how many rows it changed.
	exec(ctx context.Context, query string, args ...any) (int64, error)
	// each runs a statement to its end and calls row for every row of its result.
	// row must not use the session.
	each(ctx context.Context, query string, row func(scan func(dest ...any) error) error, args ...any) error
	// later runs a statement of which only the failure matters, at the latest
	// before the next one whose result does.
	later(ctx context.Context, query string, args ...any) error
	// lock keeps others who name the same out until the caller's function has ended,
	// where functions that share a transaction run side by side.
	lock(ctx context.Context, m lockMode, name string) error
	// postponed is what the transaction is to do before its commit.
	postponed() *postponed
	// commit and rollback end a transaction. They go on when ctx is canceled: once
	// asked to, a server commits whether or not we wait for its answer, so giving
	// up would only hide what happened.
	commit(ctx context.Context) error
	rollback(ctx context.Context) error
	// close gives the connection up. broken says that the state it is in is not
	// known, so that nobody may use it again.
	close(broken bool) error
}

// lockMode tells those who may hold a lock together from those who hold it alone.
type lockMode int

const (
	exclusive lockMode = iota
	shared
)

// readRow runs a statement that returns at most one row and scans it into dest;
// sql.ErrNoRows when there is none.
func readRow(ctx context.Context, s session, query string, dest []any, args ...any) error {
	found := false
	err := s.each(ctx, query, func(scan func(...any) error) error {
		if found {
			return nil
		}
		found = true
		return scan(dest...)
	}, args...)
	if err == nil && !found {
		return sql.ErrNoRows
	}
	return err
}

// pool hands out sessions first come, first served.
type pool struct {
	// free holds as many places as there may be sessions. A nil is a place whose
	// session has not been opened yet, or was given up.
	free chan session
	open func(context.Context) (session, error)
	// keep is true when a session is kept open between uses.
	keep bool
	// closed is closed by close.
	closed chan struct{}
}

func newPool(size int, keep bool, open func(context.Context) (session, error)) *pool {
	p := &pool{free: make(chan session, size), open: open, keep: keep, closed: make(chan struct{})}
	for range size {
		p.free <- nil
	}
	return p
}

func (p *pool) get(ctx context.Context) (session, error) {
	select {
	case <-p.closed:
		return nil, errClosed
	case s := <-p.free:
		if s != nil {
			return s, nil
		}
		s, err := p.open(ctx)
		if err != nil {
			p.free <- nil
			return nil, err
		}
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// put gives a session back. broken is true when its transaction could not be
// ended, so that nobody may use the connection again.
func (p *pool) put(s session, broken bool) {
	if p.keep && !broken {
		p.free <- s
		return
	}
	// A connection that cannot be closed is gone either way.
	_ = s.close(broken)
	p.free <- nil
}

// close waits until every session has been given back and closes them.
func (p *pool) close() error {
	close(p.closed)
	var errs []error
	for range cap(p.free) {
		if s := <-p.free; s != nil {
			errs = append(errs, s.close(false))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close connections: %w", err)
	}
	return nil
}
