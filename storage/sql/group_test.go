package sqlstore

import (
	"errors"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"

	"taskbridge/storage"
)

// openAlone opens a SQLite store with one desk, D.
func openAlone(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.EnsureDesk(t.Context(), storage.Desk{ID: "D"}); err != nil {
		t.Fatal(err)
	}
	return s
}

func has(t *testing.T, s *Store, setting string) bool {
	t.Helper()
	err := s.View(t.Context(), "D", func(tx storage.Tx) error {
		_, err := tx.Setting(t.Context(), setting)
		return err
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// TestUndoneGroup has a function fail in the middle of a group, first outside of
// savepoints and then inside of one: the others' work is kept either way.
func TestUndoneGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openAlone(t)
		boom := errors.New("boom")
		for round, wantRuns := range []int{2, 1} {
			name := func(who string) string { return who + strconv.Itoa(round) }
			results := map[string]chan error{"first": make(chan error), "failing": make(chan error), "last": make(chan error)}
			runs, others := 0, make(chan struct{})
			start := func(who string, end func() error) {
				go func() {
					results[who] <- s.Update(t.Context(), "D", func(tx storage.Tx) error {
						if err := tx.SetSetting(t.Context(), name(who), "1"); err != nil {
							return err
						}
						return end()
					})
				}()
				synctest.Wait()
			}
			start("first", func() error { runs++; <-others; return nil })
			start("failing", func() error { return boom })
			start("last", func() error { return nil })
			close(others)
			for who, result := range results {
				err := <-result
				if who == "failing" {
					if !errors.Is(err, boom) || has(t, s, name(who)) {
						t.Errorf("round %d: the one that failed was told %v", round, err)
					}
					continue
				}
				if err != nil || !has(t, s, name(who)) {
					t.Errorf("round %d: %s: its work is not there: %v", round, who, err)
				}
			}
			if runs != wantRuns {
				t.Errorf("round %d: the first ran %d times, want %d", round, runs, wantRuns)
			}
		}
	})
}

// TestFailureWithoutAWrite undoes nothing, so that nobody runs again.
func TestFailureWithoutAWrite(t *testing.T) {
	t.Parallel()
	s := openAlone(t)
	err := s.Update(t.Context(), "D", func(tx storage.Tx) error {
		_, err := tx.Setting(t.Context(), "none")
		return err
	})
	if !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	g, ok := s.runner.(*grouped)
	if !ok {
		t.Fatalf("the runner is a %T", s.runner)
	}
	if g.wary != 0 {
		t.Error("a function that only read made the next ones run in savepoints")
	}
}

// TestStatementsAreBounded runs more texts than a connection keeps.
func TestStatementsAreBounded(t *testing.T) {
	t.Parallel()
	s := openAlone(t)
	err := s.write(t.Context(), "D", func(c session) error {
		for n := range 2*maxPrepared + 1 {
			var got int
			err := readRow(t.Context(), c, "SELECT $1 + "+strconv.Itoa(n), []any{&got}, 1)
			if err != nil {
				return err
			}
			if got != n+1 {
				t.Errorf("got %d, want %d", got, n+1)
			}
		}
		if kept := len(c.(*sqliteSession).prepared); kept > maxPrepared {
			t.Errorf("%d statements are kept", kept)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
