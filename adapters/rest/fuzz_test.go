package rest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// holds checks what is true of every answer, whatever was sent.
func holds(t *testing.T, b *bench, r reply) {
	t.Helper()
	if r.status >= http.StatusInternalServerError {
		t.Errorf("status %d: %s", r.status, r.body)
	}
	if !json.Valid([]byte(r.body)) {
		t.Errorf("status %d with a body that is not JSON: %q", r.status, r.body)
	}
	if r.status >= http.StatusBadRequest && r.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("status %d as %q", r.status, r.header.Get("Content-Type"))
	}
	if r.status >= http.StatusBadRequest && len(b.handler.seen) > 0 {
		t.Errorf("status %d after the handler was asked", r.status)
	}
	if len(r.body) > 64<<10 {
		t.Errorf("an answer of %d bytes", len(r.body))
	}
}

func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{"title":"Tap"}`, `{"title":"Tap","due_at":"2026-04-01T08:00:00Z","url":"https://x"}`, `{"title":null}`,
		`{"text":"x","visibility":"internal"}`, `[`, `{"title":"\u0000"}`, `{"a":{"b":[1,2,{}]}}`, "\xff", `{"title":"a","title":"b"}`,
	} {
		f.Add(seed)
	}
	b := setup(f, token)
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{"/api/v1/issues", "/api/v1/issues/7/comments"} {
			b.handler.seen = nil
			holds(t, b, b.send("POST", path, body))
			for _, in := range b.handler.seen {
				if strings.ContainsRune(in.Key, ' ') {
					t.Errorf("key %q", in.Key)
				}
			}
		}
	})
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"limit=1", "limit=-1", "after=3&limit=2", "list=open&contractor=f1", "limit=1&limit=2", "%zz", "period=week", "since=2026-01-01T00:00:00Z", "a[b]=c"} {
		f.Add(seed)
	}
	b := setup(f, token)
	f.Fuzz(func(t *testing.T, query string) {
		query = (&url.URL{Path: "/", RawQuery: query}).RawQuery
		if strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r == '#' || r > '~' }) {
			t.Skip("no client can send this")
		}
		for _, path := range []string{"/issues", "/issues/7/comments", "/issues/7/events", "/contractors", "/summary"} {
			holds(t, b, b.send("GET", "/api/v1"+path+"?"+query, ""))
		}
	})
}
