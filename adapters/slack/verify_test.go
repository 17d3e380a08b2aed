package slack

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

func fixed(t time.Time) func() time.Time { return func() time.Time { return t } }

func TestVerify(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 999)
	body := []byte(`{"type":"event_callback"}`)
	stamp := func(offset int64) string { return strconv.FormatInt(now.Unix()+offset, 10) }
	good := func(offset int64) string { return sign(testSecret, stamp(offset), body) }
	tests := map[string]struct {
		secret, timestamp, signature string
		body                         []byte
		ok                           bool
	}{
		"now":               {testSecret, stamp(0), good(0), body, true},
		"299 s old":         {testSecret, stamp(-299), good(-299), body, true},
		"300 s old":         {testSecret, stamp(-300), good(-300), body, true},
		"301 s old":         {testSecret, stamp(-301), good(-301), body, false},
		"299 s ahead":       {testSecret, stamp(299), good(299), body, true},
		"301 s ahead":       {testSecret, stamp(301), good(301), body, false},
		"changed body":      {testSecret, stamp(0), good(0), []byte(`{"type":"event_callbacK"}`), false},
		"no prefix":         {testSecret, stamp(0), strings.TrimPrefix(good(0), "v0="), body, false},
		"other version":     {testSecret, stamp(0), "v1=" + strings.TrimPrefix(good(0), "v0="), body, false},
		"other timestamp":   {testSecret, stamp(1), good(0), body, false},
		"empty signature":   {testSecret, stamp(0), "", body, false},
		"short signature":   {testSecret, stamp(0), good(0)[:20], body, false},
		"no hex":            {testSecret, stamp(0), "v0=" + strings.Repeat("zz", 32), body, false},
		"no timestamp":      {testSecret, "", sign(testSecret, "", body), body, false},
		"overflowing":       {testSecret, "9223372036854775807", sign(testSecret, "9223372036854775807", body), body, false},
		"signed with empty": {testSecret, stamp(0), sign("", stamp(0), body), body, false},
		"empty secret":      {"", stamp(0), sign("", stamp(0), body), body, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newVerifier(tt.secret, fixed(now)).verify(tt.timestamp, tt.signature, tt.body)
			if (err == nil) != tt.ok {
				t.Errorf("verify = %v, want ok = %v", err, tt.ok)
			}
			if err != nil && !errors.Is(err, errSignature) {
				t.Errorf("the error tells more than it should: %v", err)
			}
		})
	}
}

// The edge cases E01 and E02: a request that is not Slack's gets 401 and never
// reaches the handler.
func TestE01E02BadSignatureNeverReachesTheBot(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a := newOffline(t, h)
	body := readFile(t, "testdata/inbound/message.json")
	resign := func(secret string, offset time.Duration) func(http.Header) {
		return func(hd http.Header) {
			ts := strconv.FormatInt(time.Now().Add(offset).Unix(), 10)
			hd.Set("X-Slack-Request-Timestamp", ts)
			hd.Set("X-Slack-Signature", sign(secret, ts, body))
		}
	}
	for name, change := range map[string]func(http.Header){
		"301 s old":    resign(testSecret, -301*time.Second),
		"6 min ahead":  resign(testSecret, 6*time.Minute),
		"empty secret": resign("", 0),
		"no prefix": func(hd http.Header) {
			hd.Set("X-Slack-Signature", strings.TrimPrefix(hd.Get("X-Slack-Signature"), "v0="))
		},
		"no headers": func(hd http.Header) { clear(hd) },
	} {
		for _, path := range []string{"/slack/events", "/slack/interactions", "/slack/commands"} {
			if rec := post(a, path, body, change); rec.Code != http.StatusUnauthorized {
				t.Errorf("%s %s: status %d, want 401", name, path, rec.Code)
			}
		}
	}
	if n := len(h.all()); n != 0 {
		t.Errorf("the handler was called %d times", n)
	}
	if rec := post(a, "/slack/events", body, resign(testSecret, -4*time.Minute)); rec.Code != http.StatusOK || len(h.all()) != 1 {
		t.Errorf("4 min old: status %d, %d handled", rec.Code, len(h.all()))
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	a := newOffline(t, newRecorder())
	rec := post(a, "/slack/events", bytes.Repeat([]byte("x"), maxBody+1), nil)
	if rec.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, want 413", rec.Code)
	}
}

// The edge case E03: the challenge is answered before Start, without the handler.
func TestE03URLVerification(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a := newOffline(t, h)
	a.id.Store(nil)
	rec := post(a, "/slack/events", []byte(`{"token":"x","challenge":"3eZbrw1aB<b>","type":"url_verification"}`), nil)
	if rec.Code != http.StatusOK || rec.Body.String() != "3eZbrw1aB<b>" || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("answered %d %q %q", rec.Code, rec.Header().Get("Content-Type"), rec.Body)
	}
	if len(h.all()) != 0 {
		t.Error("the handler was called")
	}
	if rec := post(a, "/slack/events", readFile(t, "testdata/inbound/message.json"), nil); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("an event before Start: status %d, want 503", rec.Code)
	}
}

// Before the adapter is attached only the challenge is answered, and only to Slack.
func TestE03ChallengeBeforeAttach(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a := newOffline(t, h)
	early := a.Challenge(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	challenge := []byte(`{"challenge":"3eZbrw1a","type":"url_verification"}`)
	for name, tc := range map[string]struct {
		path, secret string
		body         []byte
		status       int
	}{
		"challenge":        {"/slack/events", testSecret, challenge, http.StatusOK},
		"forged challenge": {"/slack/events", "guessed", challenge, http.StatusUnauthorized},
		"event":            {"/slack/events", testSecret, readFile(t, "testdata/inbound/message.json"), http.StatusServiceUnavailable},
		"no JSON":          {"/slack/events", testSecret, []byte("{"), http.StatusServiceUnavailable},
		"interaction":      {"/slack/interactions", testSecret, challenge, http.StatusTeapot},
	} {
		ts := strconv.FormatInt(time.Now().Unix(), 10)
		r := httptest.NewRequest(http.MethodPost, tc.path, bytes.NewReader(tc.body))
		r.Header.Set("X-Slack-Request-Timestamp", ts)
		r.Header.Set("X-Slack-Signature", sign(tc.secret, ts, tc.body))
		w := httptest.NewRecorder()
		early.ServeHTTP(w, r)
		if w.Code != tc.status || (w.Code == http.StatusOK) != (w.Body.String() == "3eZbrw1a") {
			t.Errorf("%s: answered %d %q", name, w.Code, w.Body)
		}
	}
	if n := len(h.all()); n != 0 {
		t.Errorf("the handler was called %d times", n)
	}
}

func FuzzVerify(f *testing.F) {
	now := time.Unix(1_700_000_000, 0)
	f.Add("1700000000", sign(testSecret, "1700000000", []byte("{}")), []byte("{}"))
	f.Add("-1", "v0=", []byte(nil))
	v := newVerifier(testSecret, fixed(now))
	f.Fuzz(func(t *testing.T, ts, sig string, body []byte) {
		_, err := v.verify(ts, sig, body)
		if err == nil && !strings.EqualFold(sig, sign(testSecret, ts, body)) {
			t.Errorf("accepted %q %q", ts, sig)
		}
	})
}

func BenchmarkSignature(b *testing.B) {
	body := readFile(b, "testdata/inbound/message.json")
	now := time.Now()
	v := newVerifier(testSecret, fixed(now))
	ts := strconv.FormatInt(now.Unix(), 10)
	sig := sign(testSecret, ts, body)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.verify(ts, sig, body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyDecode(b *testing.B) {
	body := readFile(b, "testdata/inbound/message.json")
	now := time.Now()
	v := newVerifier(testSecret, fixed(now))
	ts := strconv.FormatInt(now.Unix(), 10)
	sig := sign(testSecret, ts, body)
	id := testIdentity()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.verify(ts, sig, body); err != nil {
			b.Fatal(err)
		}
		env, err := decodeEnvelope(body)
		if err != nil {
			b.Fatal(err)
		}
		got, _, _ := translator{id: id, env: &env, name: noName}.translate()
		if _, ok := got.(chat.Said); !ok {
			b.Fatalf("decoded %T", got)
		}
	}
}

func noName(string) string { return "" }
