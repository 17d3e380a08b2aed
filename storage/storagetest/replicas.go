package storagetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taskbridge/storage"
)

// access reads the version of access and what changed since another one.
func access(t *testing.T, s storage.Store, since int64) (version int64, changed []storage.ChannelKey) {
	t.Helper()
	view(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
		version, changed, err = tx.Access(ctx, since)
		return err
	})
	return version, changed
}

func testAccess(t *testing.T, open opener) {
	t.Run("each change makes a version", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		at, _ := access(t, s, 0)
		if at <= 0 {
			t.Errorf("begins with the version %d", at)
		}
		step := func(what string, grows bool, changed []storage.ChannelKey, fn func(ctx context.Context, tx storage.Tx) error) {
			t.Helper()
			update(t, s, fn)
			now, got := access(t, s, at)
			if (now > at) != grows {
				t.Errorf("%s: version %d after %d", what, now, at)
			}
			same(t, what, got, changed)
			at = now
		}
		here := []storage.ChannelKey{{Workspace: space, ID: "C1"}}
		members := func(since int64, people ...string) func(context.Context, storage.Tx) error {
			return func(ctx context.Context, tx storage.Tx) error {
				return tx.SetMembers(ctx, space, "C1", people, since, noon())
			}
		}
		step("members are set", true, here, members(0, "U1", "U2"))
		step("the same again", false, nil, members(at, "U2", "U1"))
		step("others", true, here, members(at, "U2"))
		add := func(ctx context.Context, tx storage.Tx) error { return tx.AddMember(ctx, space, "C1", "U3") }
		step("one comes", true, here, add)
		step("who is in comes", false, nil, add)
		remove := func(ctx context.Context, tx storage.Tx) error { return tx.RemoveMember(ctx, space, "C1", "U3") }
		step("one goes", true, here, remove)
		step("who is out goes", false, nil, remove)
		step("a channel is recorded", true, nil, func(ctx context.Context, tx storage.Tx) error {
			return tx.PutChannel(ctx, storage.Channel{Workspace: space, ID: "C1", Kind: storage.OperationsChannel})
		})
		step("it is asked for", true, nil, func(ctx context.Context, tx storage.Tx) error { return tx.ChangeAccess(ctx) })
		step("a channel is synced", false, nil, func(ctx context.Context, tx storage.Tx) error {
			return tx.SetSynced(ctx, space, "C1", noon())
		})
		step("a channel moves", true, []storage.ChannelKey{{Workspace: space, ID: "C2"}}, func(ctx context.Context, tx storage.Tx) error {
			return tx.MoveChannel(ctx, space, "C1", "C2")
		})
	})
	refusesOlder := func(t *testing.T, answered bool) {
		t.Parallel()
		s := setup(t, open)
		old, _ := access(t, s, 0)
		remember := func(key string, version int64) (fresh bool, err error) {
			err = s.Update(t.Context(), desk, func(tx storage.Tx) (err error) {
				fresh, _, err = tx.Remember(t.Context(), storage.Memory{Workspace: space, Key: key, At: noon(), Access: version, Answered: answered})
				return err
			})
			return fresh, err
		}
		fresh, err := remember("E1", old)
		must(t, err)
		same(t, "with the version of now", fresh, true)
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.AddMember(ctx, space, "C1", "U1") })
		_, err = remember("E2", old)
		wantError(t, err, storage.ErrStale)
		// A repeat is a repeat, whoever it is from.
		fresh, err = remember("E1", old)
		must(t, err)
		same(t, "a repeat", fresh, false)
		now, _ := access(t, s, old)
		fresh, err = remember("E2", now)
		must(t, err)
		same(t, "after looking again", fresh, true)
		fresh, err = remember("E3", 0)
		must(t, err)
		same(t, "without a version", fresh, true)
		err = s.Update(t.Context(), desk, func(tx storage.Tx) error {
			return tx.SetMembers(t.Context(), space, "C1", []string{"U9"}, old, noon())
		})
		wantError(t, err, storage.ErrStale)
	}
	t.Run("what rests on an older version is refused", func(t *testing.T) { refusesOlder(t, false) })
	t.Run("what rests on an older version is refused, with an answer", func(t *testing.T) { refusesOlder(t, true) })
}

func testLeases(t *testing.T, open opener) {
	acquire := func(t *testing.T, s storage.Store, name, holder string, length time.Duration) (int64, error) {
		t.Helper()
		token, err := s.AcquireLease(t.Context(), storage.LeaseParams{Name: name, Holder: holder, For: length})
		if err != nil && !errors.Is(err, storage.ErrConflict) {
			t.Fatal(err)
		}
		return token, err
	}
	t.Run("one holds it", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		first, err := acquire(t, s, "socket", "a", time.Hour)
		must(t, err)
		_, err = acquire(t, s, "socket", "b", time.Hour)
		wantError(t, err, storage.ErrConflict)
		again, err := acquire(t, s, "socket", "a", time.Hour)
		must(t, err)
		same(t, "the holder's token", again, first)
		_, err = acquire(t, s, "other", "b", time.Hour)
		must(t, err)
		must(t, s.ReleaseLease(t.Context(), "socket", "b"))
		_, err = acquire(t, s, "socket", "b", time.Hour)
		wantError(t, err, storage.ErrConflict)
		must(t, s.ReleaseLease(t.Context(), "socket", "a"))
		second, err := acquire(t, s, "socket", "b", time.Hour)
		must(t, err)
		if second <= first {
			t.Errorf("token %d after %d", second, first)
		}
		must(t, s.ReleaseLease(t.Context(), "never there", "a"))
	})
	t.Run("one that ran out is taken over", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		first, err := acquire(t, s, "socket", "a", time.Millisecond)
		must(t, err)
		var second int64
		for err = storage.ErrConflict; err != nil; {
			second, err = acquire(t, s, "socket", "b", time.Hour)
		}
		if second <= first {
			t.Errorf("token %d after %d", second, first)
		}
		_, err = acquire(t, s, "socket", "a", time.Hour)
		wantError(t, err, storage.ErrConflict)
	})
	t.Run("of many who want it one gets it", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var wg sync.WaitGroup
		var got atomic.Int32
		for n := range writers {
			wg.Go(func() {
				if _, err := acquire(t, s, "socket", name("r", n), time.Hour); err == nil {
					got.Add(1)
				}
			})
		}
		wg.Wait()
		same(t, "holders", got.Load(), int32(1))
	})
	t.Run("they are counted", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		for holder, length := range map[string]time.Duration{"a": time.Hour, "b": time.Hour, "gone": 0, "left": time.Hour} {
			_, err := acquire(t, s, "replica/"+holder, holder, length)
			must(t, err)
		}
		_, err := acquire(t, s, "replicas", "x", time.Hour)
		must(t, err)
		must(t, s.ReleaseLease(t.Context(), "replica/left", "left"))
		n, err := s.CountLeases(t.Context(), "replica/")
		must(t, err)
		same(t, "running", n, 2)
	})
}
