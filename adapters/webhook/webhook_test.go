package webhook_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"taskbridge/adapters/webhook"
	"taskbridge/bot/chat"
)

const (
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	next   = "whsec_c2VjcmV0IG9mIHRoZSBuZXh0IHllYXIsIGxvbmc="
)

func call() chat.WebhookCall {
	return chat.WebhookCall{Endpoint: "crm", ID: "msg_1", Body: []byte(`{"type":"issue.created"}`)}
}

func caller(t *testing.T, e webhook.Endpoint) *webhook.Caller {
	t.Helper()
	e.Name = "crm"
	if e.Secrets == nil {
		e.Secrets = []string{secret}
	}
	c, err := webhook.New([]webhook.Endpoint{e}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDocumentsAreSigned so that the specification's own library takes them, by the old
// secret and by the new one.
func TestDocumentsAreSigned(t *testing.T) {
	t.Parallel()
	var got atomic.Pointer[http.Request]
	var body atomic.Value
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		body.Store(raw)
		got.Store(r)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer s.Close()
	c := caller(t, webhook.Endpoint{URL: s.URL + "/in?key=hush", Secrets: []string{secret, next}, Private: true})
	if err := c.Call(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	r := got.Load()
	if r == nil || r.Method != http.MethodPost || r.URL.String() != "/in?key=hush" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Webhook-Id") != "msg_1" {
		t.Fatalf("it got %+v", r)
	}
	for _, s := range []string{secret, next} {
		verifier, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(body.Load().([]byte), r.Header); err != nil {
			t.Errorf("by one secret: %v", err)
		}
	}
	other, _ := standardwebhooks.NewWebhook("whsec_YW5vdGhlciBzZWNyZXQsIHdoaWNoIG5vYm9keSBnYXZl")
	if err := other.Verify(body.Load().([]byte), r.Header); err == nil {
		t.Error("by a secret of somebody else's it is taken, too")
	}
}

// TestAnswers holds what each answer means.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		after  string
		reason chat.Reason
		retry  bool
		wait   time.Duration
	}{
		"taken":                     {status: 200},
		"taken, to be done later":   {status: 202},
		"a redirect is not taken":   {status: 307, reason: chat.Unavailable, retry: true},
		"not found":                 {status: 404, reason: chat.Unavailable, retry: true},
		"gone":                      {status: 410, reason: chat.EndpointGone},
		"broken":                    {status: 500, reason: chat.Unavailable, retry: true},
		"broken, with a time":       {status: 503, after: "120", reason: chat.Unavailable, retry: true, wait: 2 * time.Minute},
		"too much":                  {status: 429, after: "7", reason: chat.RateLimited, retry: true, wait: 7 * time.Second},
		"too much, for a long time": {status: 429, after: "99999999", reason: chat.RateLimited, retry: true, wait: 24 * time.Hour},
		"too much, in no words":     {status: 429, after: "soon", reason: chat.RateLimited, retry: true},
		"too much, until a date":    {status: 429, after: "Mon, 01 Jan 2001 00:00:00 GMT", reason: chat.RateLimited, retry: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				if c.after != "" {
					w.Header().Set("Retry-After", c.after)
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				// More than anybody reads.
				_, _ = io.WriteString(w, strings.Repeat("hush ", 1<<20))
			}))
			defer s.Close()
			err := caller(t, webhook.Endpoint{URL: s.URL + "/hush", Private: true}).Call(t.Context(), call())
			se, failed := errors.AsType[*chat.SendError](err)
			if failed != (c.reason != "") {
				t.Fatalf("said %v", err)
			}
			if failed && (se.Reason != c.reason || se.Retry != c.retry || se.RetryAfter != c.wait || strings.Contains(err.Error(), "hush")) {
				t.Errorf("said %+v", se)
			}
			if calls.Load() != 1 {
				t.Errorf("%d calls", calls.Load())
			}
		})
	}
}

// TestAddressesThatAreNotCalled holds that what a name leads to is looked at, and not
// what it is called.
func TestAddressesThatAreNotCalled(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer s.Close()
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, c := range []struct {
		host    string
		private bool
	}{
		{"127.0.0.1" + port, false},
		{"localhost" + port, false},
		{"[::1]" + port, false},
		{"[::ffff:127.0.0.1]" + port, false},
		{"0.0.0.0" + port, false},
		{"0.0.0.0" + port, true},
		{"10.0.0.1:80", false},
		{"192.168.1.1:80", false},
		{"100.64.0.1:80", false},
		{"[fd00::1]:80", false},
		{"169.254.169.254:80", false},
		{"169.254.169.254:80", true},
		{"[fe80::1]:80", true},
	} {
		client := caller(t, webhook.Endpoint{URL: "http://" + c.host + "/hush", Private: c.private})
		err := client.Call(t.Context(), call())
		if chat.ReasonOf(err) != chat.Unavailable || !strings.Contains(err.Error(), "private or reserved") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s, private %v: %v", c.host, c.private, err)
		}
		if found := client.Check(t.Context()); len(found) != 1 || !strings.Contains(found[0].Problem, "private or reserved") {
			t.Errorf("%s: doctor finds %+v", c.host, found)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls were made", n)
	}
	if found := caller(t, webhook.Endpoint{URL: s.URL, Private: true}).Check(t.Context()); len(found) != 1 || found[0].Problem != "" {
		t.Errorf("doctor finds %+v", found)
	}
}

// TestNoWordOfAnAddressInErrors, whatever goes wrong.
func TestNoWordOfAnAddressInErrors(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, strings.Repeat("no HTTP ", 1000))
			_ = conn.Close()
		}
	}))
	defer s.Close()
	dead := httptest.NewServer(nil)
	dead.Close()
	for _, address := range []string{s.URL, dead.URL, "https" + strings.TrimPrefix(s.URL, "http"), "http://no-such-host.invalid"} {
		err := caller(t, webhook.Endpoint{URL: address + "/hush?hush", Private: true}).Call(t.Context(), call())
		if chat.ReasonOf(err) != chat.Unavailable || strings.Contains(err.Error(), "hush") || len(err.Error()) > 300 {
			t.Errorf("said %v", err)
		}
	}
	if _, err := webhook.New([]webhook.Endpoint{{Name: "crm", Secrets: []string{"whsec_hush!"}}}, time.Now); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("a bad secret: %v", err)
	}
	if err := caller(t, webhook.Endpoint{}).Call(t.Context(), chat.WebhookCall{Endpoint: "other"}); chat.ReasonOf(err) != chat.Invalid {
		t.Errorf("an endpoint that is not there: %v", err)
	}
}
