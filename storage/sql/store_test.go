package sqlstore_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/storage/storagetest"
	"taskbridge/storage/storagetest/migrated"
	"taskbridge/storage/storagetest/pgtest"
)

// cluster is the PostgreSQL of this test binary. Only TestMain can stop what tests
// share, which is why it is a variable of the package.
var cluster = pgtest.Cluster{Prepare: migrated.Postgres}

// file is the SQLite database that those of the tests are copies of.
var file migrated.SQLite

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
		"sqlite":   file.Database,
		"postgres": cluster.Database,
	}
}

// open opens a database that a crash of the machine may ruin: none of the tests that
// open one so have the machine crash.
func open(t testing.TB, url string) *sqlstore.Store {
	t.Helper()
	return openWith(t, url, sqlstore.Options{Migrate: true, Volatile: true})
}

func openWith(t testing.TB, url string, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), url, o)
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
			if name == "sqlite" {
				storagetest.Run(t, func(t *testing.T) storage.Store { return open(t, url(t)) })
				return
			}
			// What the suite had PostgreSQL prepare is explained when all of it has ended.
			var mu sync.Mutex
			statements := map[string]int{}
			grown := url(t)
			t.Cleanup(func() { explainGrown(t, grown, statements) })
			storagetest.Run(t, func(t *testing.T) storage.Store {
				s := openWith(t, url(t), sqlstore.Options{Connections: 4})
				t.Cleanup(func() {
					// A test may have closed its store or taken the server away.
					list, err := s.Prepared(context.WithoutCancel(t.Context()))
					if err != nil {
						t.Logf("statements that are not explained: %v", err)
					}
					mu.Lock()
					defer mu.Unlock()
					for _, p := range list {
						statements[p.Text] = p.Args
					}
				})
				return s
			})
		})
	}
}
