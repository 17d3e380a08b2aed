package sqlstore_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	taken := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	open(t, taken)
	const secret = "hunter2"
	letter := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(letter, []byte("Dear Sir, dear Madam"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, url, want string }{
		{"a second process", taken, "in use by another taskbridge: stop that one first"},
		{"another scheme", "mysql://u:" + secret + "@h/db", "sqlite: or postgres://"},
		{"no scheme", secret, "sqlite: or postgres://"},
		{"no file", "sqlite:", "needs a file"},
		{"another file", "sqlite:" + letter, "something else than a SQLite database"},
		{"memory", "sqlite::memory:", "needs a file"},
		{"a folder that is not there", "sqlite:" + filepath.Join(t.TempDir(), "none", "x.db"), "no such file"},
		{"a schema that was never made", "sqlite:" + filepath.Join(t.TempDir(), "x.db"), "run taskbridge migrate"},
		{"a URL that cannot be read", "postgres://u:" + secret + "@host:port:1/db", "cannot be read"},
		{"a server that is not there", "postgres://u:" + secret + "@127.0.0.1:1/db", "connect"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := sqlstore.Open(t.Context(), tt.url, sqlstore.Options{Migrate: tt.name == "a second process"})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q in it", err, tt.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}

func TestPathsWithSpecialCharacters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a b.db", "a?b.db", "a#b%20.db", "ä.db"} {
		s := open(t, "sqlite:"+filepath.Join(dir, name))
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("the database is elsewhere: %v", err)
			continue
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by others: %s", name, info.Mode())
		}
	}
}

// TestOpenTogether has replicas start at once on an empty database.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	url := cluster.Empty(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			s, err := sqlstore.Open(t.Context(), url, sqlstore.Options{Migrate: true, Volatile: true})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestClosed(t *testing.T) {
	t.Parallel()
	for name, url := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, url(t))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := s.Ping(ctx); err == nil || ctx.Err() != nil {
				t.Errorf("ping after close: %v", err)
			}
			err := s.Update(ctx, "D", func(storage.Tx) error { return nil })
			if err == nil || ctx.Err() != nil {
				t.Errorf("update after close: %v", err)
			}
		})
	}
}

// TestExitInsideUpdate ends a goroutine inside its function, as a failing test
// does; the writer must survive it.
func TestExitInsideUpdate(t *testing.T) {
	t.Parallel()
	for name, url := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, url(t))
			var wg sync.WaitGroup
			wg.Go(func() {
				_ = s.Update(t.Context(), "D", func(tx storage.Tx) error {
					_ = tx.SetSetting(t.Context(), "a", "1")
					runtime.Goexit()
					return nil
				})
			})
			wg.Wait()
			err := s.Update(t.Context(), "D", func(tx storage.Tx) error { return tx.SetSetting(t.Context(), "b", "1") })
			if err != nil {
				t.Error(err)
			}
		})
	}
}
