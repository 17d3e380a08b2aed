package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
)

// fakeAdapter fails to start a number of times. The rest of chat.Platform is not
// called by a link.
type fakeAdapter struct {
	chat.Platform
	failures  int
	starts    int
	runs      atomic.Int32
	unhealthy error
	replay    func(raw []byte) error
}

var errRefused = errors.New("connection refused")

func (f *fakeAdapter) Start(context.Context) error {
	f.starts++
	if f.starts <= f.failures {
		return errRefused
	}
	return nil
}

func (f *fakeAdapter) Run(ctx context.Context) error {
	if f.runs.Add(1) == 1 {
		return errors.New("dropped")
	}
	<-ctx.Done()
	return nil
}

func (f *fakeAdapter) Healthy() error { return f.unhealthy }

func (f *fakeAdapter) Routes() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
}

func (f *fakeAdapter) Replay(_ context.Context, raw []byte) error { return f.replay(raw) }

type fakeEngine struct{ operations, managers string }

func (f *fakeEngine) Attach(_ context.Context, _ chat.Platform, operations, managers string) error {
	f.operations, f.managers = operations, managers
	return nil
}

func ask(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
	return w
}

func TestALinkTriesUntilThePlatformIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, e := &fakeAdapter{failures: 5}, &fakeEngine{}
		l := newLink("fake", a, e, quiet())
		l.operations, l.managers = "ops", "bosses"
		router := mux.NewRouter()
		l.mount(router)
		if w := ask(router, "/fake/events"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("before it is attached: %d", w.Code)
		}
		if err := l.healthy(); !errors.Is(err, errConnecting) {
			t.Errorf("healthy before the start: %v", err)
		}

		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- l.run(ctx) }()
		synctest.Wait()
		if err := l.healthy(); !errors.Is(err, errRefused) {
			t.Errorf("after a failure: %v", err)
		}
		// Five failures wait 1, 1.5, 2.25 … seconds, give or take half.
		synctestAdvance(2 * time.Minute)
		if err := l.healthy(); err != nil || a.starts != 6 || e.operations != "ops" || e.managers != "bosses" {
			t.Errorf("healthy %v after %d starts, engine %+v", err, a.starts, e)
		}
		if w := ask(router, "/fake/events"); w.Code != http.StatusNoContent {
			t.Errorf("after it is attached: %d", w.Code)
		}
		if n := a.runs.Load(); n != 2 {
			t.Errorf("run %d times, want once more after a drop", n)
		}
		a.unhealthy = errors.New("socket is down")
		if err := l.healthy(); !errors.Is(err, a.unhealthy) {
			t.Errorf("health of the adapter is hidden: %v", err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestACommandWaitsForAServiceThatStarts: as long as a platform was not tried, and not for
// one that answers nobody.
func TestACommandWaitsForAServiceThatStarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tried, silent := newLink("fake", &fakeAdapter{}, &fakeEngine{}, quiet()), newLink("silent", &fakeAdapter{}, &fakeEngine{}, quiet())
		for _, c := range []struct {
			links []*link
			want  time.Duration
		}{
			{nil, 0},
			{[]*link{tried}, time.Second},
			{[]*link{tried}, 0},
			{[]*link{tried, silent}, settleTimeout},
		} {
			time.AfterFunc(time.Second, func() { tried.set(errRefused) })
			began := time.Now()
			(&station{links: c.links}).settle(t.Context())
			if took := time.Since(began); took != c.want {
				t.Errorf("%d links: waited %v, want %v", len(c.links), took, c.want)
			}
		}
		synctestAdvance(time.Minute)
	})
}

func TestOnlyWhatIsEarlyPassesTheGate(t *testing.T) {
	t.Parallel()
	l := newLink("fake", &fakeAdapter{}, &fakeEngine{}, quiet())
	l.early = func(otherwise http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/fake/challenge" {
				w.WriteHeader(http.StatusAccepted)
				return
			}
			otherwise.ServeHTTP(w, r)
		})
	}
	router := mux.NewRouter()
	l.mount(router)
	for path, want := range map[string][2]int{
		"/fake/challenge": {http.StatusAccepted, http.StatusNoContent},
		"/fake/events":    {http.StatusServiceUnavailable, http.StatusNoContent},
	} {
		l.set(errConnecting)
		before := ask(router, path).Code
		l.set(nil)
		if after := ask(router, path).Code; before != want[0] || after != want[1] {
			t.Errorf("%s: %d before it is attached, %d after", path, before, after)
		}
	}
}

// synctestAdvance lets d pass on the bubble's clock.
func synctestAdvance(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
