package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// session is one connection in use by one goroutine, with the statements it has
// prepared.
type session struct {
	conn *sql.Conn
	// prepared is nil when the driver keeps the statements itself.
	prepared map[string]*sql.Stmt
	// interruptible is false when a statement must not be cut short, because
	// others' work shares its transaction.
	interruptible bool
	// batches is true when statements without a result are put off, in pending.
	batches bool
	pending []statement
}

// openSession takes a connection out of db.
func openSession(ctx context.Context, db *sql.DB, prepares, interruptible bool) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, interruptible: interruptible}
	if prepares {
		s.prepared = make(map[string]*sql.Stmt)
	}
	return s, nil
}

// close gives the connection back to db.
func (s *session) close() error {
	var errs []error
	for _, st := range s.prepared {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

// ready sends what was put off and returns what a statement runs under.
func (s *session) ready(ctx context.Context) (context.Context, error) {
	if !s.interruptible {
		return context.Background(), ctx.Err()
	}
	if len(s.pending) > 0 {
		// Statements take effect in the order they were written in.
		return ctx, s.send(ctx)
	}
	return ctx, nil
}

// stmt prepares a statement once per connection.
func (s *session) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := s.prepared[query]; ok {
		return st, nil
	}
	st, err := s.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.prepared[query] = st
	return st, nil
}

// exec runs a statement and tells how many rows it changed.
func (s *session) exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx, err := s.ready(ctx)
	if err != nil {
		return 0, err
	}
	if args, err = plain(args); err != nil {
		return 0, err
	}
	var res sql.Result
	if s.prepared == nil {
		res, err = s.conn.ExecContext(ctx, query, args...)
	} else {
		var st *sql.Stmt
		if st, err = s.stmt(ctx, query); err == nil {
			res, err = st.ExecContext(ctx, args...)
		}
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// query runs a statement that returns rows. The caller closes them.
func (s *session) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := s.ready(ctx)
	if err != nil {
		return nil, err
	}
	if args, err = plain(args); err != nil {
		return nil, err
	}
	if s.prepared == nil {
		return s.conn.QueryContext(ctx, query, args...)
	}
	st, err := s.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// row runs a statement that returns at most one row and scans it into dest;
// sql.ErrNoRows when there is none.
func (s *session) row(ctx context.Context, query string, dest []any, args ...any) error {
	rows, err := s.query(ctx, query, args...)
	if err != nil {
		return err
	}
	if !rows.Next() {
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := rows.Scan(dest...); err != nil {
		return errors.Join(err, rows.Close())
	}
	// A statement that writes and returns must be run to its end.
	for rows.Next() {
	}
	return errors.Join(rows.Err(), rows.Close())
}

// each runs a statement and calls scan for every row.
func (s *session) each(ctx context.Context, query string, scan func(dest func(...any) error) error, args ...any) error {
	rows, err := s.query(ctx, query, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// pool hands out sessions first come, first served; database/sql alone serves
// waiters in no order.
type pool struct {
	// free holds as many places as there may be sessions. A nil is a place whose
	// session has not been opened yet, or was given up.
	free chan *session
	open func(context.Context) (*session, error)
	// keep is true when a session is kept open between uses.
	keep bool
	// closed is closed by close.
	closed chan struct{}
}

func newPool(size int, keep bool, open func(context.Context) (*session, error)) *pool {
	p := &pool{free: make(chan *session, size), open: open, keep: keep, closed: make(chan struct{})}
	for range size {
		p.free <- nil
	}
	return p
}

func (p *pool) get(ctx context.Context) (*session, error) {
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
func (p *pool) put(s *session, broken bool) {
	if p.keep && !broken {
		p.free <- s
		return
	}
	if broken {
		// The driver is told to close the connection; its error says only that.
		_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	// A connection that cannot be closed is gone either way.
	_ = s.close()
	p.free <- nil
}

// close waits until every session has been given back and closes them.
func (p *pool) close() error {
	close(p.closed)
	var errs []error
	for range cap(p.free) {
		if s := <-p.free; s != nil {
			errs = append(errs, s.close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close connections: %w", err)
	}
	return nil
}
