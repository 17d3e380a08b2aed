package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
)

// sqliteSession is a connection to SQLite with the statements it has prepared. It
// does without database/sql, whose locks, goroutines and conversions cost more
// than most of our statements do.
type sqliteSession struct {
	conn     *sqlite.Conn
	prepared map[string]prepared
	// shared is true when others' work shares the transaction, so that a statement
	// must not be cut short because its caller is gone.
	shared bool
	// done is what interrupts the connection now.
	done <-chan struct{}
	// wrote is set by every statement that may write.
	wrote bool
	work  postponed
}

// prepared is a statement that a connection keeps.
type prepared struct {
	*sqlite.Stmt

	reads bool
}

// openSQLiteSession opens a file with settings that hold for the connection.
func openSQLiteSession(path string, shared bool, pragmas ...string) (*sqliteSession, error) {
	conn, err := sqlite.OpenConn(sqliteURI(path, nil), sqlite.OpenReadWrite|sqlite.OpenURI)
	if err != nil {
		return nil, err
	}
	conn.SetBusyTimeout(busyTimeout)
	s := &sqliteSession{conn: conn, prepared: make(map[string]prepared), shared: shared}
	for _, pragma := range pragmas {
		if _, err := s.exec(context.Background(), "PRAGMA "+pragma); err != nil {
			return nil, errors.Join(fmt.Errorf("set %s: %w", pragma, err), s.close(true))
		}
	}
	return s, nil
}

// close finalizes the statements and closes the connection; nobody else knows
// either, so neither can be gone before.
func (s *sqliteSession) close(bool) error { return s.conn.Close() }

// follow has the connection interrupted when ctx is canceled, and no more by the
// context before.
func (s *sqliteSession) follow(ctx context.Context) error {
	if s.shared {
		return ctx.Err()
	}
	if done := ctx.Done(); done != s.done {
		s.conn.SetInterrupt(done)
		s.done = done
	}
	return ctx.Err()
}

func (s *sqliteSession) each(ctx context.Context, query string, row func(func(...any) error) error, args ...any) error {
	if err := s.follow(ctx); err != nil {
		return err
	}
	err := s.run(query, row, args)
	if err != nil && sqlite.ErrCode(err).ToPrimary() == sqlite.ResultInterrupt && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// maxPrepared bounds the statements that a connection keeps: a few hundred texts
// occur, but which columns change together is not ours to bound.
const maxPrepared = 1000

// sqliteParameters writes parameters as SQLite is to read them. To SQLite $2 is the name
// of a parameter and ?2 is its number. With a sign before it the parameter's value is of
// no weight in the plan: SQLite plans a statement anew each time that a value is bound
// which its plan depends on, and that takes ten times as long as to run it. It looks
// through a sign in a limit alone, but not through a sum.
// https://sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigenableqpsg
var sqliteParameters = strings.NewReplacer("LIMIT $", "LIMIT 0 + ?", "OFFSET $", "OFFSET 0 + ?", "$", "+?")

// prepare prepares a statement once per connection.
func (s *sqliteSession) prepare(query string) (prepared, error) {
	if st, ok := s.prepared[query]; ok {
		return st, nil
	}
	if len(s.prepared) >= maxPrepared {
		for old, st := range s.prepared {
			if err := st.Finalize(); err != nil {
				return prepared{}, err
			}
			delete(s.prepared, old)
		}
	}
	st, err := s.conn.Prepare(sqliteParameters.Replace(query))
	if err != nil {
		return prepared{}, err
	}
	p := prepared{Stmt: st, reads: reads(query)}
	s.prepared[query] = p
	return p, nil
}

// reads tells whether a statement writes nothing.
func reads(query string) bool { return strings.HasPrefix(query, "SELECT ") }

// run runs a statement to its end.
func (s *sqliteSession) run(query string, row func(func(...any) error) error, args []any) (err error) {
	st, err := s.prepare(query)
	if err != nil {
		return err
	}
	// Every argument is bound anew each time, so the old ones need not be cleared.
	if len(args) != st.BindParamCount() {
		return fmt.Errorf("bind %d arguments to %d parameters", len(args), st.BindParamCount())
	}
	s.wrote = s.wrote || !st.reads
	for i, a := range args {
		if err := bindSQLite(st.Stmt, i+1, a); err != nil {
			return fmt.Errorf("bind argument %d: %w", i+1, err)
		}
	}
	// The reset ends the statement. It repeats the error of a step that failed.
	defer func() {
		if reset := st.Reset(); err == nil {
			err = reset
		}
	}()
	scan := func(dest ...any) error { return scanSQLite(st.Stmt, dest) }
	for {
		found, err := st.Step()
		if err != nil || !found {
			return err
		}
		if row != nil {
			if err := row(scan); err != nil {
				return err
			}
		}
	}
}

func (s *sqliteSession) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := s.each(ctx, query, nil, args...); err != nil {
		return 0, err
	}
	return int64(s.conn.Changes()), nil
}

func (s *sqliteSession) begin(ctx context.Context, how string) error { return s.later(ctx, how) }

func (s *sqliteSession) later(ctx context.Context, query string, args ...any) error {
	return s.each(ctx, query, nil, args...)
}

// lock has nothing to do: who has the connection has it alone.
func (s *sqliteSession) lock(context.Context, lockMode, string) error { return nil }

func (s *sqliteSession) postponed() *postponed { return &s.work }

func (s *sqliteSession) commit(ctx context.Context) error {
	return s.each(context.WithoutCancel(ctx), "COMMIT", nil)
}

func (s *sqliteSession) rollback(ctx context.Context) error {
	return s.each(context.WithoutCancel(ctx), "ROLLBACK", nil)
}

// ended tells whether no transaction is open. SQLite itself rolls back after some
// failures, such as a full disk.
func (s *sqliteSession) ended() bool { return s.conn.AutocommitEnabled() }

// bindSQLite binds an argument without making an interface of it where it is of a
// usual type.
func bindSQLite(st *sqlite.Stmt, i int, a any) error {
	switch v := a.(type) {
	case string:
		st.BindText(i, clean(v))
	case *string:
		st.BindText(i, clean(*v))
	case int:
		st.BindInt64(i, int64(v))
	case *int:
		st.BindInt64(i, int64(*v))
	case int64:
		st.BindInt64(i, v)
	case *bool:
		st.BindBool(i, *v)
	case *micros:
		st.BindInt64(i, toMicros(time.Time(*v)))
	default:
		p, err := plain(a)
		if err != nil {
			return err
		}
		switch v := p.(type) {
		case nil:
			st.BindNull(i)
		case string:
			st.BindText(i, v)
		case int64:
			st.BindInt64(i, v)
		case bool:
			st.BindBool(i, v)
		case []byte:
			if v == nil {
				st.BindNull(i)
			} else {
				st.BindBytes(i, v)
			}
		default:
			return fmt.Errorf("unexpected %T", p)
		}
	}
	return nil
}

// scanSQLite reads the row that a statement is at.
func scanSQLite(st *sqlite.Stmt, dest []any) error {
	if len(dest) != st.ColumnCount() {
		return fmt.Errorf("scan %d columns into %d destinations", st.ColumnCount(), len(dest))
	}
	for i, d := range dest {
		switch v := d.(type) {
		case *string:
			*v = st.ColumnText(i)
		case *int:
			*v = int(st.ColumnInt64(i))
		case *int64:
			*v = st.ColumnInt64(i)
		case *bool:
			*v = st.ColumnInt64(i) != 0
		case *micros:
			*v = micros(fromMicros(st.ColumnInt64(i)))
		case *[]byte:
			*v = nil
			if st.ColumnType(i) != sqlite.TypeNull {
				*v = make([]byte, st.ColumnLen(i))
				st.ColumnBytes(i, *v)
			}
		case sql.Scanner:
			if err := v.Scan(st.ColumnText(i)); err != nil {
				return err
			}
		default:
			r := reflect.ValueOf(d)
			if r.Kind() != reflect.Pointer || r.Elem().Kind() != reflect.String {
				return fmt.Errorf("scan column %d: unexpected %T", i, d)
			}
			r.Elem().SetString(st.ColumnText(i))
		}
	}
	return nil
}
