package storagetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"taskbridge/storage"
)

func testInstallations(t *testing.T, open opener) {
	t.Run("a workspace stays with its desk", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		err := s.PutWorkspace(t.Context(), storage.Workspace{ID: space, Desk: otherDesk})
		wantError(t, err, storage.ErrExists)
		w, err := s.Workspace(t.Context(), space)
		must(t, err)
		same(t, "desk", w.Desk, desk)
	})
	t.Run("a desk is made once", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		insert(t, s, issue("I1"))
		must(t, s.EnsureDesk(t.Context(), storage.Desk{ID: desk, Name: "again"}))
		same(t, "next number", insert(t, s, issue("I2")), []int{2})
	})
	t.Run("what is not there is not found", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		_, err := s.Workspace(t.Context(), "slack:none")
		wantError(t, err, storage.ErrNotFound)
		err = s.PutWorkspace(t.Context(), storage.Workspace{ID: "slack:T9", Desk: "no desk"})
		wantError(t, err, storage.ErrNotFound)
		err = s.Update(t.Context(), "no desk", func(tx storage.Tx) error {
			_, err := tx.InsertIssue(t.Context(), issue("I1"))
			return err
		})
		wantError(t, err, storage.ErrNotFound)
	})
	t.Run("list and ping", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		must(t, s.Ping(t.Context()))
		list, err := s.Workspaces(t.Context())
		must(t, err)
		var ids []string
		for _, w := range list {
			ids = append(ids, w.ID)
		}
		same(t, "workspaces", ids, []string{otherSpace, space})
	})
}

func testTransactions(t *testing.T, open opener) {
	boom := errors.New("boom")
	setting := func(t *testing.T, s storage.Store, name string) (value string, err error) {
		t.Helper()
		err = s.View(t.Context(), desk, func(tx storage.Tx) error {
			value, err = tx.Setting(t.Context(), name)
			return err
		})
		return value, err
	}
	t.Run("who reads a setting may rest on it", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
					v, err := tx.Setting(t.Context(), "a")
					if err != nil && !errors.Is(err, storage.ErrNotFound) {
						return err
					}
					return tx.SetSetting(t.Context(), "a", v+"x")
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got, err := setting(t, s, "a")
		must(t, err)
		same(t, "all of them", got, "xxxxxxxx")
	})
	t.Run("an error undoes all of its function", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
			must(t, tx.SetSetting(t.Context(), "a", "1"))
			_, err := tx.InsertIssue(t.Context(), issue("I1"))
			must(t, err)
			must(t, tx.Enqueue(t.Context(), delivery("C1", "x")))
			return boom
		})
		wantError(t, err, boom)
		_, err = setting(t, s, "a")
		wantError(t, err, storage.ErrNotFound)
		same(t, "claimed", claim(t, s, noon(), 10), []storage.Delivery(nil))
		same(t, "the number is given again", insert(t, s, issue("I2")), []int{1})
	})
	t.Run("an error undoes nobody else's", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var wg sync.WaitGroup
		results := make([]error, 60)
		for n := range results {
			wg.Go(func() {
				results[n] = s.Update(t.Context(), desk, func(tx storage.Tx) error {
					if err := tx.SetSetting(t.Context(), name("s", n), "set"); err != nil {
						return err
					}
					if n%3 == 0 {
						return boom
					}
					return nil
				})
			})
		}
		wg.Wait()
		for n, err := range results {
			_, found := setting(t, s, name("s", n))
			if n%3 == 0 {
				wantError(t, err, boom)
				wantError(t, found, storage.ErrNotFound)
				continue
			}
			must(t, err)
			must(t, found)
		}
	})
	t.Run("a panic is its caller's alone", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		func() {
			defer func() { same(t, "recovered", recover(), any("oh no")) }()
			_ = s.Update(t.Context(), desk, func(tx storage.Tx) error {
				must(t, tx.SetSetting(t.Context(), "a", "1"))
				panic("oh no")
			})
		}()
		_, err := setting(t, s, "a")
		wantError(t, err, storage.ErrNotFound)
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.SetSetting(ctx, "b", "2") })
	})
	t.Run("a conflict runs the function again", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		runs := 0
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			runs++
			must(t, tx.SetSetting(ctx, name("run", runs), "x"))
			if runs < 3 {
				return storage.ErrConflict
			}
			return nil
		})
		same(t, "runs", runs, 3)
		_, err := setting(t, s, name("run", 2))
		wantError(t, err, storage.ErrNotFound)
		runs = 0
		err = s.Update(t.Context(), desk, func(storage.Tx) error { runs++; return storage.ErrConflict })
		wantError(t, err, storage.ErrConflict)
		if runs < 2 || runs > 20 {
			t.Errorf("a lasting conflict was tried %d times", runs)
		}
	})
	t.Run("a canceled caller does nothing", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := s.Update(ctx, desk, func(tx storage.Tx) error { return tx.SetSetting(ctx, "a", "1") })
		wantError(t, err, context.Canceled)
		_, err = setting(t, s, "a")
		wantError(t, err, storage.ErrNotFound)
	})
	t.Run("a caller can give up while it waits", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		ctx, cancel := context.WithCancel(t.Context())
		inside, finish := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
				close(inside)
				<-finish
				return tx.SetSetting(t.Context(), "first", "1")
			}); err != nil {
				t.Error(err)
			}
		})
		<-inside
		// More wait than any engine has connections.
		errs := make(chan error, 40)
		for range cap(errs) {
			wg.Go(func() {
				errs <- s.Update(ctx, desk, func(storage.Tx) error {
					<-ctx.Done()
					return ctx.Err()
				})
			})
		}
		cancel()
		for range cap(errs) {
			wantError(t, <-errs, context.Canceled)
		}
		close(finish)
		wg.Wait()
		_, err := setting(t, s, "first")
		must(t, err)
	})
	t.Run("a view is one state and cannot write", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.SetSetting(ctx, "a", "1") })
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			first, err := tx.Setting(ctx, "a")
			must(t, err)
			update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.SetSetting(ctx, "a", "2") })
			second, err := tx.Setting(ctx, "a")
			must(t, err)
			same(t, "within the view", second, first)
			for what, err := range map[string]error{
				"set":     tx.SetSetting(ctx, "a", "3"),
				"enqueue": tx.Enqueue(ctx, delivery("C1", "x")),
				"append":  tx.Append(ctx, storage.Event{Issue: "I1"}),
			} {
				if err == nil {
					t.Errorf("%s in a view was not refused", what)
				}
			}
			return nil
		})
		value, err := setting(t, s, "a")
		must(t, err)
		same(t, "after the view", value, "2")
	})
	t.Run("a refused insert leaves the transaction usable", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		insert(t, s, issue("I1"))
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.InsertIssue(ctx, issue("I1"))
			wantError(t, err, storage.ErrExists)
			return tx.SetSetting(ctx, "a", "1")
		})
		_, err := setting(t, s, "a")
		must(t, err)
	})
}
