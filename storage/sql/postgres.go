package sqlstore

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresSession is a connection to PostgreSQL, taken out of the driver's pool,
// which keeps its prepared statements.
type postgresSession struct {
	conn *pgxpool.Conn
	// pending are the statements that were put off. Each is a message to the server
	// and back, so they are sent together, if possible with the commit.
	pending *pgx.Batch
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

// send sends what was put off. The first failure keeps all after it from being run.
func (s *postgresSession) send(ctx context.Context) error {
	if s.pending.Len() == 0 {
		return nil
	}
	batch := s.pending
	s.pending = &pgx.Batch{}
	return s.conn.SendBatch(ctx, batch).Close()
}

func (s *postgresSession) exec(ctx context.Context, query string, args ...any) (int64, error) {
	// Statements take effect in the order they were written in.
	if err := s.send(ctx); err != nil {
		return 0, err
	}
	if err := plainAll(args); err != nil {
		return 0, err
	}
	tag, err := s.conn.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (s *postgresSession) each(ctx context.Context, query string, row func(func(...any) error) error, args ...any) error {
	if err := s.send(ctx); err != nil {
		return err
	}
	if err := plainAll(args); err != nil {
		return err
	}
	rows, err := s.conn.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *postgresSession) later(_ context.Context, query string, args ...any) error {
	if err := plainAll(args); err != nil {
		return err
	}
	s.pending.Queue(query, args...)
	return nil
}

func (s *postgresSession) commit(ctx context.Context) error {
	s.pending.Queue("COMMIT")
	return s.send(context.WithoutCancel(ctx))
}

func (s *postgresSession) rollback(ctx context.Context) error {
	s.pending = &pgx.Batch{}
	_, err := s.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK")
	return err
}
