package replica

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
)

// cut is a store that can be cut off from a replica.
type cut struct {
	storage.Leasing
	off atomic.Bool
}

func (c *cut) AcquireLease(ctx context.Context, p storage.LeaseParams) (int64, error) {
	if c.off.Load() {
		return 0, errors.New("the database cannot be reached")
	}
	return c.Leasing.AcquireLease(ctx, p)
}

func (c *cut) ReleaseLease(ctx context.Context, name, holder string) error {
	if c.off.Load() {
		return errors.New("the database cannot be reached")
	}
	return c.Leasing.ReleaseLease(ctx, name, holder)
}

// office are replicas on one store, each of which wants a seat.
type office struct {
	t        *testing.T
	store    *sqlstore.Store
	replicas []*Replica
	cuts     []*cut
	stops    []context.CancelFunc
	ended    []chan struct{}
	// woken are the workspaces for which each replica was woken.
	woken []chan string

	mu      sync.Mutex
	holding map[int]bool
	most    int
}

func newOffice(t *testing.T, people, seats int, signals func() storage.Signals) *office {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), sqlstore.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, store: store, holding: map[int]bool{}}
	for n := range people {
		c := &cut{Leasing: store}
		woken := make(chan string, 100)
		o.woken = append(o.woken, woken)
		config := Config{Leasing: c, Wake: func(workspace string) { woken <- workspace }}
		if signals != nil {
			config.Signals = signals()
		}
		r := New(config)
		r.timing = timing{lease: 600 * time.Millisecond, renew: 100 * time.Millisecond, margin: 200 * time.Millisecond, look: 50 * time.Millisecond}
		if signals != nil {
			// Nobody gets anywhere by looking.
			r.timing.look = time.Hour
		}
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		ended := make(chan struct{})
		var parts sync.WaitGroup
		parts.Go(func() { _ = r.Run(ctx) })
		parts.Go(func() {
			r.Hold(ctx, "socket", seats, func(ctx context.Context) {
				o.note(n, true)
				<-ctx.Done()
				o.note(n, false)
			})
		})
		go func() { parts.Wait(); close(ended) }()
		o.replicas, o.cuts = append(o.replicas, r), append(o.cuts, c)
		o.stops, o.ended = append(o.stops, stop), append(o.ended, ended)
	}
	t.Cleanup(func() {
		for n := range o.stops {
			o.cuts[n].off.Store(false)
			o.stop(n)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func (o *office) stop(n int) {
	o.stops[n]()
	<-o.ended[n]
}

func (o *office) note(n int, holds bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if holds {
		o.holding[n] = true
	} else {
		delete(o.holding, n)
	}
	o.most = max(o.most, len(o.holding))
}

func (o *office) holders() (list []int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for n := range o.holding {
		list = append(list, n)
	}
	return list
}

func until(t *testing.T, what string, fact func() bool) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for !fact() {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}

// TestOneHolds: of three replicas one holds the seat, whether it leaves in order or
// is cut off from the database, and never two at once.
func TestOneHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 3, 1, nil)
		until(t, "one holds it", func() bool { return len(o.holders()) == 1 })
		first := o.holders()[0]
		until(t, "all are counted", func() bool {
			if err := o.replicas[first].Join(t.Context()); err != nil {
				t.Fatal(err)
			}
			return o.replicas[first].Count() == 3
		})
		o.stop(first)
		until(t, "another holds it", func() bool { h := o.holders(); return len(h) == 1 && h[0] != first })
		second := o.holders()[0]
		o.cuts[second].off.Store(true)
		until(t, "the third holds it", func() bool { h := o.holders(); return len(h) == 1 && h[0] != first && h[0] != second })
		o.cuts[second].off.Store(false)
		if o.most != 1 {
			t.Errorf("%d held it at once", o.most)
		}
	})
}

func TestTwoSeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 4, 2, nil)
		until(t, "two hold seats", func() bool { return len(o.holders()) == 2 })
		gone := o.holders()[0]
		o.stop(gone)
		until(t, "two hold seats again", func() bool { return len(o.holders()) == 2 })
		if o.most != 2 {
			t.Errorf("%d held seats at once", o.most)
		}
	})
}

// wire carries signals between replicas in memory.
type wire struct {
	mu   sync.Mutex
	ends []*end
}

type end struct {
	*wire
	heard func(storage.Signal)
}

func (w *wire) join() storage.Signals {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := &end{wire: w}
	w.ends = append(w.ends, e)
	return e
}

func (e *end) Send(_ context.Context, s storage.Signal) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, other := range e.ends {
		if other != e && other.heard != nil {
			other.heard(s)
		}
	}
	return nil
}

func (e *end) Receive(ctx context.Context, heard func(storage.Signal), missed func()) {
	e.mu.Lock()
	e.heard = heard
	e.mu.Unlock()
	missed()
	<-ctx.Done()
}

// TestHintsHurry: a lease that is given up is taken at once, and what is enqueued
// wakes the others, although nobody looks.
func TestHintsHurry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		o := newOffice(t, 2, 1, w.join)
		until(t, "one holds it", func() bool { return len(o.holders()) == 1 })
		first := o.holders()[0]
		o.replicas[first].Announce([]string{"slack:T1", "mattermost:M1"})
		for got := map[string]bool{}; !got["slack:T1"] || !got["mattermost:M1"]; {
			got[<-o.woken[1-first]] = true
		}
		o.stop(first)
		until(t, "the other holds it", func() bool { h := o.holders(); return len(h) == 1 && h[0] != first })
	})
}
