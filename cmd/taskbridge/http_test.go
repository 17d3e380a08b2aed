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

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
	redisstore "taskbridge/storage/redis"
)

type fakeStore struct{ down error }

func (f fakeStore) Ping(context.Context) error { return f.down }

func (f fakeStore) Backlog(context.Context) ([]storage.Backlog, error) {
	return []storage.Backlog{{Workspace: "slack:T1", Waiting: 3, Oldest: time.Now().Add(-time.Minute)}}, f.down
}

func (f fakeStore) ParkedLanes(context.Context) ([]storage.ParkedLane, error) {
	return []storage.ParkedLane{{Lane: storage.Lane{Workspace: "slack:T1", Name: "C1"}, Reason: "channel_gone"}}, f.down
}

func (f fakeStore) CountKept(context.Context) (int, error) { return 2, f.down }

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

// Without Redis we are as good as ready, and say what is different.
func TestReadinessSaysWhenItIsDegraded(t *testing.T) {
	t.Parallel()
	coordinator, err := redisstore.Open("redis://:a-password@127.0.0.1:1/0", quiet())
	if err != nil {
		t.Fatal(err)
	}
	s := sharing{coordinator: coordinator}
	registry := prometheus.NewRegistry()
	registry.MustRegister(s)
	router := newRouter(registry, append(checksOf(fakeStore{}, nil, quiet()), s.checks(quiet())...))
	for path, want := range map[string]string{
		"/readyz": `{"ready":true,"degraded":true,"checks":[{"name":"database","ok":true},{"name":"redis","ok":false,` +
			`"detail":"Redis cannot be reached; replicas go on by the database alone, more slowly"}]}`,
		"/metrics": "taskbridge_redis_up 0\n",
	} {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), "a-password") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
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
	ctx := t.Context()
	m.Handled(ctx, bot.Handled{Kind: "message", Outcome: "ok", Took: 3 * time.Millisecond})
	m.Handled(ctx, bot.Handled{Kind: "a type\nfrom outside", Outcome: "kept", Took: time.Millisecond})
	m.Handled(ctx, bot.Handled{Kind: "click", Outcome: "refused", Refusal: "stale", Took: time.Millisecond})
	m.Delivered(ctx, bot.Delivered{Workspace: "slack:T1", Kind: "card", Outcome: "ok", Waited: time.Second, Took: time.Millisecond})
	m.Delivered(ctx, bot.Delivered{Workspace: "slack:T1", Kind: "card", Outcome: "parked", Reason: "channel_gone"})
	m.Merged(bot.MergeOutOfOrder)
	m.Found("mattermost:M1", bot.FoundEdit)
	m.Called(ctx, chat.Call{Platform: "slack", Method: "chat.postMessage", Took: time.Second})
	m.Called(ctx, chat.Call{Platform: "slack", Method: "ABC0123", Err: &chat.SendError{Reason: chat.Unavailable}, Took: time.Second})
	m.Called(ctx, chat.Call{Platform: "mattermost", Method: "get user by e-mail", Err: errors.New("what people wrote"), Took: time.Second})
	m.Held(ctx, chat.Hold{Platform: "slack", Method: "chat.update", Scope: chat.HeldByChannel, Wait: 1500 * time.Millisecond})
	w := httptest.NewRecorder()
	newRouter(registry, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`taskbridge_inbound_duration_seconds_count{kind="message",outcome="ok"} 1`,
		`taskbridge_inbound_duration_seconds_count{kind="other",outcome="kept"} 1`,
		`taskbridge_refusals_total{reason="stale"} 1`,
		`taskbridge_delivery_attempt_duration_seconds_count{kind="card",outcome="parked",platform="slack"} 1`,
		`taskbridge_delivery_wait_seconds_sum{platform="slack"} 1`,
		`taskbridge_ledger_merges_total{merge="out_of_order"} 1`,
		`taskbridge_replay_findings_total{finding="edit",platform="mattermost"} 1`,
		`taskbridge_platform_call_duration_seconds_count{method="chat.postMessage",outcome="ok",platform="slack"} 1`,
		`taskbridge_platform_call_duration_seconds_count{method="other",outcome="unavailable",platform="slack"} 1`,
		`taskbridge_platform_call_duration_seconds_count{method="get user by e-mail",outcome="failed",platform="mattermost"} 1`,
		`taskbridge_rate_limit_waits_total{method="chat.update",platform="slack",scope="channel"} 1`,
		`taskbridge_rate_limit_wait_seconds_total{method="chat.update",platform="slack",scope="channel"} 1.5`,
		`taskbridge_outbox_deliveries{platform="slack"} 3`,
		`taskbridge_parked_lanes{platform="slack",reason="channel_gone"} 1`,
		`taskbridge_kept_events 2`,
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
