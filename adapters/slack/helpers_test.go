package slack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	testSecret = "8f742231b10e8888abcd99yyyzzz85a5"
	testToken  = "xoxb-very-secret-token"
)

// recorder is a handler that keeps what it got and answers as told.
type recorder struct {
	mu      sync.Mutex
	got     []chat.Inbound
	gaps    []chat.Inbound
	answer  func(chat.Inbound) (chat.Answer, error)
	changed chan struct{}
}

func newRecorder() *recorder { return &recorder{changed: make(chan struct{}, 1024)} }

func (r *recorder) Handle(_ context.Context, in chat.Inbound) (chat.Answer, error) {
	r.mu.Lock()
	answer := r.answer
	if _, ok := in.Body.(chat.Missed); ok {
		// The adapter tells of gaps by itself, beside what a test is about.
		r.gaps = append(r.gaps, in)
		answer = nil
	} else {
		r.got = append(r.got, in)
	}
	r.mu.Unlock()
	r.changed <- struct{}{}
	if answer != nil {
		return answer(in)
	}
	return chat.Answer{}, nil
}

func (r *recorder) respond(f func(chat.Inbound) (chat.Answer, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

// missed are the gaps that were told of.
func (r *recorder) missed() []chat.Inbound {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]chat.Inbound(nil), r.gaps...)
}

// all is everything that was handed over but gaps.
func (r *recorder) all() []chat.Inbound {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]chat.Inbound(nil), r.got...)
}

// patience bounds every wait for a fact; only a test that fails waits for its end.
const patience = time.Minute

// wait returns the first inbound that matches, or fails.
func (r *recorder) wait(t *testing.T, match func(chat.Inbound) bool) chat.Inbound {
	t.Helper()
	deadline := time.After(patience)
	for {
		for _, in := range r.all() {
			if match(in) {
				return in
			}
		}
		select {
		case <-r.changed:
		case <-deadline:
			t.Fatalf("the handler did not get what was waited for; got %d", len(r.all()))
		}
	}
}

// newOffline is an adapter that knows who it is and can call nobody.
func newOffline(t testing.TB, h chat.Handler) *Adapter {
	t.Helper()
	a, err := New(Config{
		BotToken: testToken, SigningSecret: testSecret, APIURL: "http://127.0.0.1:1/api/",
		HTTPClient: &http.Client{Transport: refuser{}},
	}, h)
	if err != nil {
		t.Fatal(err)
	}
	a.id.Store(testIdentity())
	return a
}

func testIdentity() *identity {
	return &identity{
		teamID: "T0HOME001", teamURL: "https://acme.slack.com/", userID: "U0BOT0001", botID: "B0BRIDGE1",
		person: chat.Person{ID: "U0BOT0001", Name: "taskbridge", Kind: chat.Bot},
	}
}

type refuser struct{}

func (refuser) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no network in this test")
}

// newConnected is an adapter behind a real HTTP server, connected to a fake Slack.
func newConnected(t *testing.T, o slacktest.Options, h chat.Handler) (*Adapter, *slacktest.Server) {
	t.Helper()
	fake := slacktest.New(t, o)
	a, err := New(Config{BotToken: fake.BotToken(), SigningSecret: fake.SigningSecret(), APIURL: fake.URL()}, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(a.Routes())
	t.Cleanup(srv.Close)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := a.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	fake.Connect(slacktest.Endpoints{Base: srv.URL})
	return a, fake
}

func sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + timestamp + ":"))
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// post sends a signed request to the adapter's routes.
func post(a *Adapter, path string, body []byte, change func(http.Header)) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	ts := strconv.FormatInt(a.now().Unix(), 10)
	req.Header.Set("X-Slack-Request-Timestamp", ts)
	req.Header.Set("X-Slack-Signature", sign(testSecret, ts, body))
	if change != nil {
		change(req.Header)
	}
	rec := httptest.NewRecorder()
	a.Routes().ServeHTTP(rec, req)
	return rec
}

func readFile(t testing.TB, parts ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// golden compares a value, as indented JSON, with a file.
func golden(t *testing.T, path string, got any) {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if diff := cmp.Diff(string(want), buf.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
