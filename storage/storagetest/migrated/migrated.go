package migrated

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	sqlstore "taskbridge/storage/sql"
)

// SQLite is a file that was migrated once. The zero value is ready to use; tests
// that are to share the file share the value.
type SQLite struct {
	once    sync.Once
	content []byte
	err     error
}

// Database makes a database in a folder of the test's own, and returns its URL.
func (s *SQLite) Database(t testing.TB) string {
	t.Helper()
	s.once.Do(func() { s.content, s.err = build(context.Background()) })
	if s.err != nil {
		t.Fatalf("sqlite: %v", s.err)
	}
	path := filepath.Join(t.TempDir(), "t.db")
	if err := os.WriteFile(path, s.content, 0o600); err != nil {
		t.Fatalf("sqlite: %v", err)
	}
	return "sqlite:" + path
}

// build migrates a file and returns what is in it.
func build(ctx context.Context) (content []byte, err error) {
	dir, err := os.MkdirTemp("", "migrated")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "t.db")
	if err := migrate(ctx, "sqlite:"+path); err != nil {
		return nil, err
	}
	// What is still in the log would be missing in the copies.
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return nil, fmt.Errorf("the log of %s was not written back when it was closed", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// Postgres migrates an empty database. It is what a pgtest.Cluster prepares its
// databases with.
func Postgres(ctx context.Context, url string) error { return migrate(ctx, url) }

func migrate(ctx context.Context, url string) error {
	store, err := sqlstore.Open(ctx, url, sqlstore.Options{Migrate: true, Volatile: true})
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return store.Close()
}
