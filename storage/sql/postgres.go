package sqlstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresSession is a connection to PostgreSQL, taken out of the driver's pool,
// which keeps its prepared statements.
type postgresSession struct {
	conn *pgxpool.Conn
	// pending are the statements that were put off. Each is a message to the server
	// and back, so they are sent together with the next one whose result matters.
	pending *pgx.Batch
	work    postponed
}

func openPostgresSession(ctx context.Context, p *pgxpool.Pool) (*postgresSession, error) {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &postgresSession{conn: conn, pending: &pgx.Batch{}}, nil
}

// close gives the connection back. The driver's pool does not keep one that is
// closed.
func (s *postgresSession) close(broken bool) error {
	defer s.conn.Release()
	if !broken {
		return nil
	}
	// A canceled context has it closed without a farewell that might block.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return s.conn.Conn().Close(ctx)
}

// run sends a statement behind those that were put off, which take effect before
// it. The first failure keeps all after it from being run.
func (s *postgresSession) run(ctx context.Context, query string, row func(func(...any) error) error, args []any) (changed int64, err error) {
	if err := plainAll(args); err != nil {
		return 0, err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	batch := s.pending
	s.pending = &pgx.Batch{}
	before := batch.Len()
	batch.Queue(query, args...)
	results := s.conn.SendBatch(ctx, batch)
	defer func() {
		if end := results.Close(); err == nil {
			err = end
		}
	}()
	for range before {
		if _, err := results.Exec(); err != nil {
			return 0, err
		}
	}
	st := statement{row: row}
	return st.read(results)
}

// statement is one statement on its way. row is nil where nothing is read.
type statement struct {
	query string
	args  []any
	row   func(func(...any) error) error
}

// read takes the next result of a batch.
func (st *statement) read(results pgx.BatchResults) (int64, error) {
	if st.row == nil {
		tag, err := results.Exec()
		return tag.RowsAffected(), err
	}
	rows, err := results.Query()
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := st.row(rows.Scan); err != nil {
			return 0, err
		}
	}
	return rows.CommandTag().RowsAffected(), rows.Err()
}

// plansLast is how long a connection keeps the plans of its statements.
//
// The server chooses a plan by the size that the tables have at that moment and then
// keeps it until their statistics change, which takes a minute or more. While a table
// holds next to nothing, to read all of it costs no more than to look one row up, and
// any index that begins with the desk is as good as the one that names the row. Such a
// plan reads the whole table, or all that the desk has in it, with each click when
// thousands of rows have come since.
const plansLast = 2 * time.Second

// planned is where a connection keeps when it planned last.
const planned = "taskbridge.planned"

func (s *postgresSession) begin(_ context.Context, how string) error {
	s.pending.Queue(how)
	now, kept := time.Now(), s.conn.Conn().PgConn().CustomData()
	since, ok := kept[planned].(time.Time)
	if !ok || now.Sub(since) >= plansLast {
		kept[planned] = now
	}
	if ok && now.Sub(since) >= plansLast {
		// Behind the start, which has to be first in its transaction.
		s.pending.Queue("DISCARD PLANS")
	}
	return nil
}

func (s *postgresSession) exec(ctx context.Context, query string, args ...any) (int64, error) {
	return s.run(ctx, query, nil, args)
}

func (s *postgresSession) each(ctx context.Context, query string, row func(func(...any) error) error, args ...any) error {
	_, err := s.run(ctx, query, row, args)
	return err
}

func (s *postgresSession) later(_ context.Context, query string, args ...any) error {
	if err := plainAll(args); err != nil {
		return err
	}
	s.pending.Queue(query, args...)
	return nil
}

// lock has nothing to do: a transaction that has the connection to itself locks rows.
func (s *postgresSession) lock(context.Context, lockMode, string) error { return nil }

func (s *postgresSession) postponed() *postponed { return &s.work }

func (s *postgresSession) commit(ctx context.Context) error {
	ctx, cancel := ending(ctx)
	defer cancel()
	_, err := s.run(ctx, "COMMIT", nil, nil)
	return err
}

func (s *postgresSession) rollback(ctx context.Context) error {
	s.pending = &pgx.Batch{}
	ctx, cancel := ending(ctx)
	defer cancel()
	_, err := s.conn.Exec(ctx, "ROLLBACK")
	return err
}

// endFor bounds the end of a transaction, which is brought about also for callers
// that are gone. It is longer than the server keeps the locks of the silent.
const endFor = 10 * time.Second

func ending(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), endFor)
}

// silence is what a connection tells the server on its opening: how long the server
// keeps the locks of a client that says nothing, be it that the process is stuck or
// that the line is dead. Others wait for these locks. It is no part of the opening
// message, which poolers take only a few settings in.
const silence = "SET idle_in_transaction_session_timeout = '5s'; SET tcp_user_timeout = '10s'; " +
	"SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2"

// steady keeps the server from starting processes for a statement and from compiling it,
// which it does by its own guess of the costs. Nearly all of our statements take less
// time than either, there are many at once, and a guess that is wrong by much is what a
// reader waits for.
const steady = "SET max_parallel_workers_per_gather = 0; SET jit = off"

// arrange makes the settings of a new connection.
func arrange(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, silence+"; "+steady, pgx.QueryExecModeSimpleProtocol)
	return err
}
