package storagetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"taskbridge/storage"
)

// delivered removes a claimed delivery and fails the test on an error.
func delivered(t *testing.T, s storage.Store, d storage.Delivery) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.Delivered(ctx, d.ID, d.Token) })
}

func postpone(t *testing.T, s storage.Store, p storage.PostponeParams) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.Postpone(ctx, p) })
}

func testOutbox(t *testing.T, open opener) {
	t.Run("first in, first out, one at a time", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"), delivery("C2", "x"), delivery("C1", "b"))
		enqueue(t, s, delivery("C1", "c"))
		first := claim(t, s, noon(), 10)
		same(t, "heads", kinds(first), []string{"a", "x"})
		same(t, "while they are out", claim(t, s, noon(), 10), []storage.Delivery(nil))
		delivered(t, s, first[0])
		for _, kind := range []string{"b", "c"} {
			d := claimOne(t, s, noon())
			same(t, "next", d.Kind, kind)
			delivered(t, s, d)
		}
		same(t, "at the end", claim(t, s, noon(), 10), []storage.Delivery(nil))
	})
	t.Run("a claim is bounded", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		for n := range 10 {
			enqueue(t, s, delivery(name("C", n), "x"))
		}
		seen := map[string]bool{}
		for _, want := range []int{4, 4, 2, 0} {
			list := claim(t, s, noon(), 4)
			same(t, "claimed", len(list), want)
			for _, d := range list {
				if seen[d.Lane.Name] {
					t.Errorf("lane %s twice", d.Lane.Name)
				}
				seen[d.Lane.Name] = true
			}
		}
	})
	t.Run("only of the workspace asked for", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		elsewhere := delivery("C1", "there")
		elsewhere.Lane.Workspace = otherSpace
		enqueue(t, s, delivery("C1", "here"), elsewhere)
		same(t, "elsewhere", kinds(claimOf(t, s, otherSpace, noon(), 10)), []string{"there"})
		same(t, "here", kinds(claim(t, s, noon(), 10)), []string{"here"})
	})
	t.Run("ids grow for ever", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var last int64
		for range 3 {
			enqueue(t, s, delivery("C1", "x"))
			d := claimOne(t, s, noon())
			if d.ID <= last {
				t.Errorf("id %d after %d", d.ID, last)
			}
			last = d.ID
			delivered(t, s, d)
		}
	})
	t.Run("a postponed head blocks its lane only", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"), delivery("C1", "b"))
		d := claimOne(t, s, noon())
		postpone(t, s, storage.PostponeParams{
			ID: d.ID, Token: d.Token, NotBefore: noon().Add(time.Minute), LastError: "503", Ambiguous: true,
		})
		enqueue(t, s, delivery("C2", "x"))
		meanwhile := claimOne(t, s, noon().Add(59*time.Second))
		same(t, "meanwhile", meanwhile.Kind, "x")
		delivered(t, s, meanwhile)
		again := claimOne(t, s, noon().Add(time.Minute))
		want := d
		want.Token, want.Attempts, want.Ambiguous, want.LastError = d.Token+1, 2, true, "503"
		want.NotBefore = noon().Add(time.Minute)
		same(t, "again", again, want)
		postpone(t, s, storage.PostponeParams{ID: again.ID, Token: again.Token, Uncounted: true})
		third := claimOne(t, s, noon().Add(2*time.Minute))
		same(t, "attempts", third.Attempts, 2)
		same(t, "ambiguous", third.Ambiguous, false)
		delivered(t, s, third)
		same(t, "after it", claimOne(t, s, noon().Add(2*time.Minute)).Kind, "b")
	})
	t.Run("a lease that ran out is taken over", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"), delivery("C1", "b"))
		first := claimOne(t, s, noon())
		same(t, "first", first.Ambiguous, false)
		same(t, "a moment before", claim(t, s, noon().Add(time.Minute-time.Microsecond), 10), []storage.Delivery(nil))
		second := claimOne(t, s, noon().Add(time.Minute))
		same(t, "id", second.ID, first.ID)
		same(t, "ambiguous", second.Ambiguous, true)
		if second.Token <= first.Token {
			t.Errorf("token %d after %d", second.Token, first.Token)
		}
		same(t, "first tried", second.FirstTriedAt, noon())
		for what, fn := range map[string]func(tx storage.Tx) error{
			"delivered": func(tx storage.Tx) error { return tx.Delivered(t.Context(), first.ID, first.Token) },
			"postponed": func(tx storage.Tx) error {
				return tx.Postpone(t.Context(), storage.PostponeParams{ID: first.ID, Token: first.Token})
			},
		} {
			err := s.Update(t.Context(), desk, fn)
			t.Log(what)
			wantError(t, err, storage.ErrConflict)
		}
		delivered(t, s, second)
		err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
			return tx.Delivered(t.Context(), second.ID, second.Token)
		})
		wantError(t, err, storage.ErrConflict)
		same(t, "next", claimOne(t, s, noon().Add(time.Minute)).Kind, "b")
	})
	t.Run("a lease that is renewed lasts", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"), delivery("C1", "b"))
		first := claimOne(t, s, noon())
		must(t, s.Renew(t.Context(), first, noon().Add(2*time.Minute)))
		foreign := first
		foreign.Desk = otherDesk
		wantError(t, s.Renew(t.Context(), foreign, noon().Add(time.Hour)), storage.ErrConflict)
		same(t, "a moment before", claim(t, s, noon().Add(2*time.Minute-time.Microsecond), 10), []storage.Delivery(nil))
		second := claimOne(t, s, noon().Add(2*time.Minute))
		same(t, "id", second.ID, first.ID)
		wantError(t, s.Renew(t.Context(), first, noon().Add(time.Hour)), storage.ErrConflict)
		postpone(t, s, storage.PostponeParams{ID: second.ID, Token: second.Token})
		wantError(t, s.Renew(t.Context(), second, noon().Add(time.Hour)), storage.ErrConflict)
		third := claimOne(t, s, noon().Add(2*time.Minute))
		delivered(t, s, third)
		wantError(t, s.Renew(t.Context(), third, noon().Add(time.Hour)), storage.ErrConflict)
		same(t, "next", claimOne(t, s, noon().Add(2*time.Minute)).Kind, "b")
	})
	t.Run("a lease that ran out but was not taken over still counts", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"))
		d := claimOne(t, s, noon())
		delivered(t, s, d)
		same(t, "left", claim(t, s, noon().Add(time.Hour), 10), []storage.Delivery(nil))
	})
	t.Run("waiting refreshes of a card are one", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		refresh := func(kind string) storage.Delivery {
			d := delivery("C1", kind)
			d.Card = "D1"
			return d
		}
		other := refresh("other card")
		other.Card = "D2"
		enqueue(t, s, refresh("1"), refresh("2"), other, delivery("C1", "text"))
		enqueue(t, s, refresh("3"))
		first := claimOne(t, s, noon())
		same(t, "first", first.Kind, "1")
		// What changes while a refresh is out is shown by another one.
		enqueue(t, s, refresh("4"))
		enqueue(t, s, refresh("5"))
		// Given back it stands for both.
		postpone(t, s, storage.PostponeParams{ID: first.ID, Token: first.Token})
		enqueue(t, s, refresh("6"))
		var got []string
		for range 3 {
			d := claimOne(t, s, noon())
			got = append(got, d.Kind)
			delivered(t, s, d)
		}
		same(t, "sent", got, []string{"1", "other card", "text"})
		same(t, "left", claim(t, s, noon(), 10), []storage.Delivery(nil))
		enqueue(t, s, refresh("7"))
		same(t, "later", claimOne(t, s, noon()).Kind, "7")
	})
	t.Run("refreshes that meet are one", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var wg sync.WaitGroup
		for n := range writers {
			wg.Go(func() {
				err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
					d := delivery("C1", name("d", n))
					d.Card = "D1"
					return tx.Enqueue(t.Context(), d)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		backlog, err := s.Backlog(t.Context())
		must(t, err)
		same(t, "backlog", backlog, []storage.Backlog{{Workspace: space, Waiting: 1, Oldest: noon()}})
	})
	t.Run("the next delivery", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		next := func(want time.Time) {
			t.Helper()
			got, err := s.NextDelivery(t.Context(), space)
			must(t, err)
			same(t, "next", got, want)
		}
		next(time.Time{})
		later := delivery("C1", "later")
		later.NotBefore = noon().Add(time.Hour)
		enqueue(t, s, later)
		next(noon().Add(time.Hour))
		enqueue(t, s, delivery("C2", "now"), delivery("C2", "behind"))
		d := claimOne(t, s, noon())
		postpone(t, s, storage.PostponeParams{ID: d.ID, Token: d.Token, NotBefore: noon().Add(time.Minute)})
		next(noon().Add(time.Minute))
	})
	t.Run("several claimers share the work", func(t *testing.T) {
		t.Parallel()
		testClaimers(t, setup(t, open))
	})
}

// testClaimers has several dispatchers drain lanes that are still being filled, and
// checks that everything arrives once and in order.
func testClaimers(t *testing.T, s storage.Store) {
	const lanes, each, claimers = 8, 25, 4
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for l := range lanes {
		wg.Go(func() {
			for n := range each {
				err := s.Update(ctx, desk, func(tx storage.Tx) error {
					return tx.Enqueue(ctx, delivery(name("C", l), name("d", n)))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	var mu sync.Mutex
	got := map[string][]string{}
	total := 0
	for range claimers {
		wg.Go(func() {
			for ctx.Err() == nil {
				list, err := s.Claim(ctx, storage.ClaimParams{
					Now: noon(), Until: noon().Add(time.Hour), Workspace: space, Limit: 3,
				})
				if err != nil {
					t.Error(err)
					return
				}
				for _, d := range list {
					mu.Lock()
					got[d.Lane.Name] = append(got[d.Lane.Name], d.Kind)
					total++
					mu.Unlock()
					if err := s.Update(ctx, desk, func(tx storage.Tx) error {
						return tx.Delivered(ctx, d.ID, d.Token)
					}); err != nil {
						t.Error(err)
						return
					}
				}
				mu.Lock()
				done := total >= lanes*each
				mu.Unlock()
				if done {
					return
				}
			}
		})
	}
	wg.Wait()
	var want []string
	for n := range each {
		want = append(want, name("d", n))
	}
	for l := range lanes {
		same(t, name("C", l), got[name("C", l)], want)
	}
	same(t, "left", claim(t, s, noon().Add(24*time.Hour), 100), []storage.Delivery(nil))
}

func testLanes(t *testing.T, open opener) {
	park := func(t *testing.T, s storage.Store, lane, reason string, at time.Time) (first bool) {
		t.Helper()
		update(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			first, err = tx.Park(ctx, storage.Lane{Workspace: space, Name: lane}, reason, at)
			return err
		})
		return first
	}
	t.Run("a lane stays parked while something waits that was not given up", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"), delivery("C1", "b"))
		lane := storage.Lane{Workspace: space, Name: "C1"}
		first := claimOne(t, s, noon())
		postpone(t, s, storage.PostponeParams{ID: first.ID, Token: first.Token})
		same(t, "parked", park(t, s, "C1", "is_archived", noon()), true)
		for n, kind := range []string{"a", "b"} {
			lanes, err := s.ParkedLanes(t.Context())
			must(t, err)
			same(t, "parked for "+kind, lanes, []storage.ParkedLane{{Desk: desk, Lane: lane, Reason: "is_archived", ParkedAt: noon(), Waiting: 2 - n}})
			update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.Resume(ctx, lane) })
			d := claimOne(t, s, noon().Add(time.Second))
			same(t, "given up", d.Kind, kind)
			update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.GiveUp(ctx, d.ID, d.Token) })
		}
		lanes, err := s.ParkedLanes(t.Context())
		must(t, err)
		same(t, "parked for nothing", lanes, []storage.ParkedLane(nil))
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.Resume(ctx, lane) })
		enqueue(t, s, delivery("C1", "c"))
		same(t, "goes on", claimOne(t, s, noon().Add(time.Second)).Kind, "c")
	})
	t.Run("a parked lane waits until it is resumed", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"), delivery("C1", "b"), delivery("C2", "x"))
		first := claim(t, s, noon(), 10)
		i := slices.IndexFunc(first, func(d storage.Delivery) bool { return d.Kind == "a" })
		var told bool
		update(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			must(t, tx.Postpone(ctx, storage.PostponeParams{ID: first[i].ID, Token: first[i].Token}))
			told, err = tx.Park(ctx, first[i].Lane, "is_archived", noon())
			return err
		})
		same(t, "first time", told, true)
		same(t, "second time", park(t, s, "C1", "is_archived", noon().Add(time.Hour)), false)
		enqueue(t, s, delivery("C1", "c"))
		same(t, "parked", claim(t, s, noon().Add(time.Second), 10), []storage.Delivery(nil))
		next, err := s.NextDelivery(t.Context(), space)
		must(t, err)
		if !next.IsZero() && next.Before(noon().Add(time.Minute)) {
			t.Errorf("next delivery at %s, although the lane is parked", next)
		}
		lanes, err := s.ParkedLanes(t.Context())
		must(t, err)
		lane := storage.Lane{Workspace: space, Name: "C1"}
		same(t, "parked lanes", lanes, []storage.ParkedLane{
			{Desk: desk, Lane: lane, Reason: "is_archived", ParkedAt: noon(), Waiting: 3},
		})
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.Resume(ctx, lane) })
		d := claimOne(t, s, noon().Add(time.Second))
		same(t, "resumed", d.Kind, "a")
		lanes, err = s.ParkedLanes(t.Context())
		must(t, err)
		same(t, "while it is tried", len(lanes), 1)
		update(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			must(t, tx.Postpone(ctx, storage.PostponeParams{ID: d.ID, Token: d.Token}))
			told, err = tx.Park(ctx, lane, "not_in_channel", noon().Add(time.Hour))
			return err
		})
		same(t, "tried in vain", told, false)
		same(t, "parked again", claim(t, s, noon().Add(2*time.Second), 10), []storage.Delivery(nil))
		lanes, err = s.ParkedLanes(t.Context())
		must(t, err)
		same(t, "parked since the first time", lanes, []storage.ParkedLane{
			{Desk: desk, Lane: lane, Reason: "not_in_channel", ParkedAt: noon(), Waiting: 3},
		})
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.Resume(ctx, lane) })
		delivered(t, s, claimOne(t, s, noon().Add(2*time.Second)))
		lanes, err = s.ParkedLanes(t.Context())
		must(t, err)
		same(t, "parked lanes left", lanes, []storage.ParkedLane(nil))
		same(t, "parked anew", park(t, s, "C1", "is_archived", noon()), true)
	})
	t.Run("what gets through ends that its lane was parked meanwhile", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"), delivery("C1", "b"))
		d := claimOne(t, s, noon())
		same(t, "parked while it is tried", park(t, s, "C1", "channel_shared", noon()), true)
		delivered(t, s, d)
		lanes, err := s.ParkedLanes(t.Context())
		must(t, err)
		same(t, "parked lanes", lanes, []storage.ParkedLane(nil))
		same(t, "next", claimOne(t, s, noon().Add(time.Second)).Kind, "b")
	})
	t.Run("a lane that waits for a time can be hurried, one in flight is left alone", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"), delivery("C2", "b"))
		both := claim(t, s, noon(), 10)
		postpone(t, s, storage.PostponeParams{ID: both[0].ID, Token: both[0].Token, NotBefore: noon().Add(time.Hour)})
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.Resume(ctx, both[0].Lane))
			return tx.Resume(ctx, both[1].Lane)
		})
		same(t, "hurried", kinds(claim(t, s, noon(), 10)), []string{both[0].Kind})
	})
	t.Run("a delivery can be discarded unless it is in flight", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		enqueue(t, s, delivery("C1", "a"), delivery("C1", "b"))
		d := claimOne(t, s, noon())
		discard := func(id int64) (got storage.Delivery, err error) {
			err = s.Update(t.Context(), desk, func(tx storage.Tx) (err error) {
				got, err = tx.Discard(t.Context(), id)
				return err
			})
			return got, err
		}
		_, err := discard(d.ID)
		wantError(t, err, storage.ErrConflict)
		_, err = discard(d.ID + 100)
		wantError(t, err, storage.ErrNotFound)
		postpone(t, s, storage.PostponeParams{ID: d.ID, Token: d.Token, NotBefore: noon().Add(time.Hour), LastError: "503"})
		got, err := discard(d.ID)
		must(t, err)
		same(t, "what was discarded", got.Kind+" "+got.LastError+" "+got.Lane.Name, "a 503 C1")
		same(t, "the next goes at once", claimOne(t, s, noon()).Kind, "b")
	})
	t.Run("what waits is listed", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		traced := delivery("C1", "a")
		traced.Trace = "4bf92f3577b34da6a3ce929d0e0e4736"
		enqueue(t, s, traced, delivery("C1", "b"), delivery("C2", "x"))
		first := claim(t, s, noon(), 10)
		same(t, "the trace comes along", first[0].Trace, traced.Trace)
		postpone(t, s, storage.PostponeParams{ID: first[0].ID, Token: first[0].Token, LastError: "is_archived"})
		same(t, "first time", park(t, s, "C1", "is_archived", noon()), true)
		list := func(p storage.ListDeliveriesParams) []string {
			all, err := s.ListDeliveries(t.Context(), p)
			must(t, err)
			var out []string
			for _, w := range all {
				line := w.Kind
				if w.InFlight {
					line += " in flight"
				}
				if !w.ParkedAt.IsZero() {
					line += " parked: " + w.ParkedFor
				}
				out = append(out, line)
			}
			return out
		}
		all := []string{"a parked: is_archived", "b parked: is_archived", "x in flight"}
		same(t, "all", list(storage.ListDeliveriesParams{}), all)
		same(t, "a page", list(storage.ListDeliveriesParams{After: first[0].ID, Limit: 1}), all[1:2])
		same(t, "parked", list(storage.ListDeliveriesParams{Parked: true}), all[:2])
		same(t, "of a lane", list(storage.ListDeliveriesParams{Lane: storage.Lane{Workspace: space, Name: "C2"}}), all[2:])
		whole, err := s.ListDeliveries(t.Context(), storage.ListDeliveriesParams{Limit: 1})
		must(t, err)
		same(t, "whole", whole[0], storage.Waiting{
			Delivery: storage.Delivery{
				ID: first[0].ID, Desk: desk, Lane: first[0].Lane, Kind: "a", Payload: first[0].Payload,
				CreatedAt: first[0].CreatedAt, Trace: traced.Trace, Attempts: 1, LastError: "is_archived",
			},
			ParkedAt: noon(), ParkedFor: "is_archived",
		})
	})
	t.Run("a lane can be parked before it is used", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		same(t, "first time", park(t, s, "C1", "not_in_channel", noon()), true)
		enqueue(t, s, delivery("C1", "a"))
		same(t, "parked", claim(t, s, noon(), 10), []storage.Delivery(nil))
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			return tx.Resume(ctx, storage.Lane{Workspace: space, Name: "C1"})
		})
		same(t, "resumed", claimOne(t, s, noon()).Kind, "a")
	})
	t.Run("lanes take turns", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		for n := range 30 {
			enqueue(t, s, delivery(name("C", n%3), "x"))
		}
		served := map[string]int{}
		for n := range 15 {
			list := claim(t, s, noon().Add(time.Duration(n)*time.Second), 1)
			if len(list) != 1 {
				t.Fatalf("claimed %v", list)
			}
			served[list[0].Lane.Name]++
			delivered(t, s, list[0])
		}
		same(t, "served", served, map[string]int{name("C", 0): 5, name("C", 1): 5, name("C", 2): 5})
	})
	t.Run("the backlog is counted", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		old := delivery("C1", "old")
		old.CreatedAt = noon().Add(-time.Hour)
		elsewhere := delivery("C1", "x")
		elsewhere.Lane.Workspace = otherSpace
		enqueue(t, s, delivery("C1", "new"), old, elsewhere)
		got, err := s.Backlog(t.Context())
		must(t, err)
		same(t, "backlog", got, []storage.Backlog{
			{Workspace: otherSpace, Waiting: 1, Oldest: noon()},
			{Workspace: space, Waiting: 2, Oldest: noon().Add(-time.Hour)},
		})
	})
}
