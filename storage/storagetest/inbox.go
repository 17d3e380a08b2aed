package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskbridge/storage"
)

func testInbox(t *testing.T, open opener) {
	t.Run("without an answer", func(t *testing.T) { testMemory(t, open, false) })
	t.Run("with an answer", func(t *testing.T) { testMemory(t, open, true) })
}

// testMemory remembers inbounds of which an answer is expected, or none is.
func testMemory(t *testing.T, open opener, answered bool) {
	remember := func(t *testing.T, s storage.Store, workspace, key string, at time.Time) (fresh bool, answer []byte) {
		t.Helper()
		update(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			fresh, answer, err = tx.Remember(ctx, storage.Memory{Workspace: workspace, Key: key, At: at, Answered: answered})
			return err
		})
		return fresh, answer
	}
	t.Run("the second time has the first one's answer", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		fresh, answer := remember(t, s, space, "E1", noon())
		if !fresh || answer != nil {
			t.Errorf("first: %v %q", fresh, answer)
		}
		if fresh, answer = remember(t, s, space, "E1", noon()); fresh || len(answer) != 0 {
			t.Errorf("second, without an answer: %v %q", fresh, answer)
		}
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			return tx.SetAnswer(ctx, space, "E1", []byte("\x00done"))
		})
		if fresh, answer = remember(t, s, space, "E1", noon()); fresh || string(answer) != "\x00done" {
			t.Errorf("second: %v %q", fresh, answer)
		}
		if fresh, _ = remember(t, s, "slack:T2", "E1", noon()); !fresh {
			t.Error("another workspace's key was taken for this one's")
		}
	})
	t.Run("the answer can be set where it is remembered", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			_, _, err := tx.Remember(ctx, storage.Memory{Workspace: space, Key: "E1", At: noon(), Answered: answered})
			must(t, err)
			return tx.SetAnswer(ctx, space, "E1", []byte("yes"))
		})
		if _, answer := remember(t, s, space, "E1", noon()); string(answer) != "yes" {
			t.Errorf("answer %q", answer)
		}
		err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
			return tx.SetAnswer(t.Context(), space, "E2", nil)
		})
		wantError(t, err, storage.ErrNotFound)
	})
	t.Run("what comes twice in a transaction has one answer", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			for n := range 2 {
				fresh, answer, err := tx.Remember(ctx, storage.Memory{Workspace: space, Key: "E1", At: noon(), Answered: answered})
				must(t, err)
				if fresh != (n == 0) || len(answer) != 0 {
					t.Errorf("time %d: %v %q", n, fresh, answer)
				}
			}
			return tx.SetAnswer(ctx, space, "E1", []byte("yes"))
		})
		if fresh, answer := remember(t, s, space, "E1", noon()); fresh || string(answer) != "yes" {
			t.Errorf("afterwards: %v %q", fresh, answer)
		}
	})
	t.Run("what fails is not remembered", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		boom := errors.New("boom")
		err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
			_, _, err := tx.Remember(t.Context(), storage.Memory{Workspace: space, Key: "E1", At: noon(), Answered: answered})
			must(t, err)
			must(t, tx.SetSetting(t.Context(), "name", "value"))
			return boom
		})
		wantError(t, err, boom)
		if fresh, _ := remember(t, s, space, "E1", noon()); !fresh {
			t.Error("what failed was remembered")
		}
	})
	t.Run("purge forgets the old ones only", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		for n := range 20 {
			remember(t, s, space, name("E", n), noon().Add(time.Duration(n)*time.Minute))
		}
		purged, err := s.Purge(t.Context(), storage.PurgeParams{Before: noon().Add(10 * time.Minute), KeptMost: 10})
		must(t, err)
		same(t, "purged", purged, 10)
		purged, err = s.Purge(t.Context(), storage.PurgeParams{Before: noon().Add(10 * time.Minute), KeptMost: 10})
		must(t, err)
		same(t, "purged again", purged, 0)
		if fresh, _ := remember(t, s, space, name("E", 9), noon()); !fresh {
			t.Error("an old key was kept")
		}
		if fresh, _ := remember(t, s, space, name("E", 10), noon()); fresh {
			t.Error("a young key was forgotten")
		}
	})
}

func testKeeping(t *testing.T, open opener) {
	keep := func(t *testing.T, s storage.Store, key string) {
		t.Helper()
		must(t, s.Keep(t.Context(), storage.Kept{
			Desk: desk, Workspace: space, Key: key, Type: "message", Fault: "unknown shape",
			Route: "/slack/events", Raw: []byte("{}"), At: noon(),
		}))
	}
	t.Run("a repeat raises the count", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		for range 3 {
			keep(t, s, "E1")
		}
		keep(t, s, "E2")
		list, err := s.ListKept(t.Context(), storage.ListKeptParams{Limit: 10})
		must(t, err)
		if len(list) != 2 || list[0].Key != "E2" || list[1].Key != "E1" || list[1].Count != 3 || list[0].Count != 1 {
			t.Errorf("got %+v", list)
		}
	})
	t.Run("lists go on where they ended", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		for n := range 5 {
			keep(t, s, name("E", n))
		}
		var keys []string
		var after int64
		for range 3 {
			list, err := s.ListKept(t.Context(), storage.ListKeptParams{After: after, Limit: 2})
			must(t, err)
			for _, k := range list {
				keys, after = append(keys, k.Key), k.ID
			}
		}
		same(t, "keys", keys, []string{name("E", 4), name("E", 3), name("E", 2), name("E", 1), name("E", 0)})
	})
	t.Run("release forgets", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		keep(t, s, "E1")
		list, err := s.ListKept(t.Context(), storage.ListKeptParams{})
		must(t, err)
		must(t, s.Release(t.Context(), list[0].ID))
		wantError(t, s.Release(t.Context(), list[0].ID), storage.ErrNotFound)
		_, err = s.Kept(t.Context(), list[0].ID)
		wantError(t, err, storage.ErrNotFound)
		keep(t, s, "E1")
		again, err := s.ListKept(t.Context(), storage.ListKeptParams{})
		must(t, err)
		if len(again) != 1 || again[0].ID <= list[0].ID || again[0].Count != 1 {
			t.Errorf("kept anew: %+v, before: %+v", again, list)
		}
	})
	t.Run("purge bounds how many are kept and how long", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		for n := range 8 {
			must(t, s.Keep(t.Context(), storage.Kept{
				Desk: desk, Workspace: space, Key: name("E", n), Type: "message", At: noon().Add(time.Duration(n) * time.Hour),
			}))
		}
		left := func(p storage.PurgeParams, want int) {
			t.Helper()
			_, err := s.Purge(t.Context(), p)
			must(t, err)
			n, err := s.CountKept(t.Context())
			must(t, err)
			same(t, "left", n, want)
		}
		left(storage.PurgeParams{KeptBefore: noon(), KeptMost: 8}, 8)
		left(storage.PurgeParams{KeptBefore: noon().Add(2 * time.Hour), KeptMost: 8}, 6)
		left(storage.PurgeParams{KeptBefore: noon(), KeptMost: 2}, 2)
		list, err := s.ListKept(t.Context(), storage.ListKeptParams{})
		must(t, err)
		same(t, "the newest stay", list[len(list)-1].Key, name("E", 6))
	})
}
