package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"taskbridge/storage"
)

// Options are what Open can be told. The zero value is usable.
type Options struct {
	// Logger hears of migrations and of connections that had to be given up. Nil
	// is silence.
	Logger *slog.Logger
	// Now tells the time; nil is the database's own clock where it has one that all
	// replicas share, else time.Now.
	Now func() time.Time
	// Migrate brings the schema up to date. Without it a schema that is out of
	// date is an error.
	Migrate bool
	// Connections is the most that write to PostgreSQL at once, and the most that
	// read from either engine. Zero is 16 for PostgreSQL and 4 for SQLite.
	Connections int
	// Volatile is for a database that is thrown away: SQLite does not wait for the
	// disk, and a crash of the machine may leave a file that cannot be read.
	Volatile bool
}

// flushing is how SQLite waits for the disk.
func (o Options) flushing() string {
	if o.Volatile {
		return "synchronous(off)"
	}
	return "synchronous(full)"
}

// Store keeps everything in one database. It implements storage.Store.
type Store struct {
	dialect dialect
	log     *slog.Logger
	now     func() time.Time
	sql     statements
	zone    atomic.Pointer[time.Location]
	runner  runner
	readers *pool
	// release are what Close does, last first.
	release []func() error
	closing sync.Once
	closed  error
}

var _ storage.Store = (*Store)(nil)

// Open opens the database that the URL names: "sqlite:PATH", or a URL or a keyword
// list of PostgreSQL such as "postgres://user@host/database". Nothing of the URL
// but its host, user and database is in an error. The caller closes the store.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	s := &Store{log: o.Logger, now: o.Now, sql: newStatements()}
	s.zone.Store(time.UTC)
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "sqlite":
		err = s.openSQLite(ctx, strings.TrimPrefix(rest, "//"), o)
	case "postgres", "postgresql":
		err = s.openPostgres(ctx, url, o)
	default:
		return nil, errors.New("open the database: its URL must begin with sqlite: or postgres://")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), s.Close())
	}
	return s, nil
}

func (s *Store) onClose(fn func() error) { s.release = append(s.release, fn) }

// Now is the time by the clock that all users of the database share.
func (s *Store) Now() time.Time { return s.now() }

// Close waits for the transactions that run and closes the database.
func (s *Store) Close() error {
	s.closing.Do(func() {
		var errs []error
		for _, release := range slices.Backward(s.release) {
			errs = append(errs, release())
		}
		s.closed = errors.Join(errs...)
	})
	return s.closed
}

// Ping tells whether the store can be used now.
func (s *Store) Ping(ctx context.Context) error {
	return s.view(ctx, func(t *tx) error {
		var one int
		return t.row(ctx, "SELECT 1", []any{&one})
	})
}

// defaultReaders is enough for SQLite to keep the processors of a small machine
// busy; each reader has a page cache of its own.
const defaultReaders = 4

func (s *Store) openSQLite(ctx context.Context, path string, o Options) error {
	s.dialect = sqliteDialect()
	if s.now == nil {
		s.now = time.Now
	}
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return errors.New("a SQLite database needs a file, as in sqlite:taskbridge.db")
	}
	lock, err := lockFile(path)
	if err != nil {
		return err
	}
	s.onClose(lock.Close)

	// The file holds what customers wrote, so it is made for its owner alone; SQLite
	// gives its other files the same mode.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(checkSQLite(file), file.Close()); err != nil {
		return err
	}
	writer, err := openSQLiteSession(path, true, append(sqlitePragmas(),
		o.flushing(), "cache_size(-32000)", lastResort)...)
	if err != nil {
		return mapSQLiteError(err)
	}
	if !upToDate(ctx, writer) {
		if err := s.migrateSQLite(ctx, path, o); err != nil {
			return errors.Join(fmt.Errorf("migrate %s: %w", path, mapSQLiteError(err)), writer.close(true))
		}
	}
	size := o.Connections
	if size <= 0 {
		size = defaultReaders
	}
	s.readers = newPool(size, true, func(context.Context) (session, error) {
		return openSQLiteSession(path, false, append(sqlitePragmas(), "query_only(true)")...)
	})
	s.onClose(s.readers.close)
	copies, err := openSQLiteSession(path, false, append(sqlitePragmas(), o.flushing())...)
	if err != nil {
		return errors.Join(mapSQLiteError(err), writer.close(true))
	}
	g := newGrouped(writer, copies, s.dialect, s.log, s.writeOut)
	s.runner = g
	s.onClose(g.close)
	return nil
}

// checkSQLite tells a file that holds something else from a database and from an
// empty file, before anything is written to it (www.sqlite.org/fileformat2.html).
func checkSQLite(file *os.File) error {
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	n, err := io.ReadFull(file, head)
	if err == nil && string(head) == magic || n == 0 && errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("%s holds something else than a SQLite database: name another file", file.Name())
}

// busyTimeout is how long a connection waits for another's lock. Only a checkpoint
// or a backup by another program holds one that long.
const busyTimeout = 10 * time.Second

// sqlitePragmas are the settings that all connections have.
func sqlitePragmas() []string { return []string{"foreign_keys(true)", "temp_store(memory)"} }

// upToDate tells whether a database has all migrations and no other, and a write-ahead
// log. Mostly it has, and asking so takes a fraction of what the tool takes that migrates.
func upToDate(ctx context.Context, s *sqliteSession) bool {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return false
	}
	newest, err := goose.NumericComponent(names[len(names)-1])
	if err != nil {
		return false
	}
	var mode string
	var applied int
	var last int64
	// The tool notes that it began, as version 0.
	err = errors.Join(
		readRow(ctx, s, "PRAGMA journal_mode", []any{&mode}),
		readRow(ctx, s, "SELECT count(DISTINCT version_id), max(version_id) FROM goose_db_version WHERE is_applied", []any{&applied, &last}),
	)
	return err == nil && mode == "wal" && applied == len(names)+1 && last == newest
}

// migrateSQLite migrates through a connection of database/sql, which goose needs.
// Only the writer, which does nothing meanwhile, is open beside it.
func (s *Store) migrateSQLite(ctx context.Context, path string, o Options) error {
	connector, err := sqlite.NewConnector(sqliteURI(path, append(sqlitePragmas(),
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "journal_mode(wal)", o.flushing())))
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	return errors.Join(s.dialect.migrate(ctx, db, o.Migrate, s.log), db.Close())
}

// sqliteURI names a file to SQLite, whatever characters are in its path.
func sqliteURI(path string, pragmas []string) string {
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	name.RawQuery = url.Values{"_pragma": pragmas}.Encode()
	return name.String()
}

// defaultConnections is what a PostgreSQL of ordinary size serves well; beyond it
// callers wait their turn here and not in the server.
const defaultConnections = 16

func (s *Store) openPostgres(ctx context.Context, url string, o Options) error {
	s.dialect = postgresDialect()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx quotes the URL with its password struck out, but a URL that cannot be
		// parsed may have its password anywhere.
		return errors.New("the PostgreSQL URL cannot be read: write it as postgres://user:password@host:port/database")
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "taskbridge"
	}
	size := o.Connections
	if size <= 0 {
		size = defaultConnections
	}
	config.MaxConns = int32(2 * size)
	config.MaxConnIdleTime = 5 * time.Minute
	config.AfterConnect = arrange
	connections, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return mapPostgresError(err)
	}
	s.onClose(func() error { connections.Close(); return nil })
	db := stdlib.OpenDBFromPool(connections)
	s.onClose(db.Close)
	if err := db.PingContext(ctx); err != nil {
		return mapPostgresError(err)
	}
	if s.now == nil {
		c, err := startClock(ctx, s.log, func(ctx context.Context) (at time.Time, err error) {
			return at, db.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&at)
		})
		if err != nil {
			return mapPostgresError(err)
		}
		s.now = c.now
		s.onClose(c.close)
	}
	if err := s.dialect.migrate(ctx, db, o.Migrate, s.log); err != nil {
		return fmt.Errorf("migrate: %w", mapPostgresError(err))
	}
	open := func(ctx context.Context) (session, error) { return openPostgresSession(ctx, connections) }
	s.readers = newPool(size, false, open)
	s.onClose(s.readers.close)
	writers := newPool(size, false, open)
	s.onClose(writers.close)
	p := newPipelined(&single{pool: writers, dialect: s.dialect, writeOut: s.writeOut})
	s.onClose(p.close)
	s.runner = p
	return nil
}
