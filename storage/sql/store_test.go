package sqlstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/storage/storagetest"
	"taskbridge/storage/storagetest/pgtest"
)

// cluster is the PostgreSQL of this test binary. Only TestMain can stop what tests
// share, which is why it is a variable of the package.
var cluster pgtest.Cluster

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		os.Exit(child(path))
	}
	code := m.Run()
	if err := cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// engines are the databases that everything is tested on.
func engines() map[string]func(t testing.TB) string {
	return map[string]func(t testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") },
		"postgres": cluster.Database,
	}
}

func open(t testing.TB, url string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), url, sqlstore.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, url := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storagetest.Run(t, func(t *testing.T) storage.Store { return open(t, url(t)) })
		})
	}
}
