package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"taskbridge/storage"
)

type fakeStore struct {
	storage.Dispatching
	down error
}

func (f fakeStore) Ping(context.Context) error { return f.down }

func (f fakeStore) Backlog(context.Context) ([]storage.Backlog, error) {
	return []storage.Backlog{{Workspace: "slack:T1", Waiting: 3, Oldest: time.Now().Add(-time.Minute)}}, f.down
}

func (f fakeStore) ParkedLanes(context.Context) ([]storage.ParkedLane, error) {
	return []storage.ParkedLane{{}}, f.down
}

func TestReadinessTellsWhatFails(t *testing.T) {
	t.Parallel()
	down := errors.New("dial postgres://admin@db")
	for name, tc := range map[string]struct {
		store  fakeStore
		status int
		want   string
	}{
		"all well":      {fakeStore{}, 200, `{"ready":true,"checks":[{"name":"database","ok":true}]}`},
		"database down": {fakeStore{down: down}, 503, `{"ready":false,"checks":[{"name":"database","ok":false,"detail":"the database cannot be reached"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			router := newRouter(prometheus.NewRegistry(), checksOf(tc.store, nil, quiet()))
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			if got := strings.TrimSpace(w.Body.String()); w.Code != tc.status || got != tc.want {
				t.Errorf("%d %s", w.Code, got)
			}
		})
	}
}

// Anybody may ask whether we are ready; why we are not is for the log.
func TestReadinessKeepsThePlatformsErrorsToTheLog(t *testing.T) {
	t.Parallel()
	secret := errors.New("dial 10.0.0.7: channel board-meeting is archived")
	connecting := newLink("fake", &fakeAdapter{}, &fakeEngine{}, quiet())
	connecting.set(secret)
	dropped := newLink("fake", &fakeAdapter{unhealthy: secret}, &fakeEngine{}, quiet())
	dropped.set(nil)
	for _, l := range []*link{connecting, dropped} {
		var log strings.Builder
		l.logger = slog.New(slog.NewTextHandler(&log, nil))
		router := newRouter(prometheus.NewRegistry(), checksOf(fakeStore{}, []*link{l}, quiet()))
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		const want = `{"name":"fake","ok":false,"detail":"not connected; see the log"}`
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), "board") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if !strings.Contains(log.String(), "board-meeting") {
			t.Errorf("the log does not tell why: %s", &log)
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry, m := newRegistry(fakeStore{}, quiet())
	m.Handled("message", "ok", 3*time.Millisecond)
	m.Handled("a type\nfrom outside", "kept", time.Millisecond)
	m.Delivered("slack:T1", "card", "ok", time.Second)
	w := httptest.NewRecorder()
	newRouter(registry, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`taskbridge_inbound_total{kind="message",outcome="ok"} 1`,
		`taskbridge_inbound_total{kind="other",outcome="kept"} 1`,
		`taskbridge_deliveries_total{kind="card",outcome="ok",workspace="slack:T1"} 1`,
		`taskbridge_outbox_waiting{workspace="slack:T1"} 3`,
		`taskbridge_lanes_parked 1`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestMetricsWithoutADatabase(t *testing.T) {
	t.Parallel()
	registry, _ := newRegistry(fakeStore{down: errors.New("down")}, quiet())
	w := httptest.NewRecorder()
	newRouter(registry, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "go_goroutines") {
		t.Errorf("status %d", w.Code)
	}
}
