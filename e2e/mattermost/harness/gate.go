package harness

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// Gate stands at the product's public address. It passes everything on and keeps a
// copy of what Mattermost sent, so that a scenario can send it again, as it was or
// altered, the way a double delivery or a forger would.
type Gate struct {
	// URL is the public address of the product.
	URL string

	target string
	mu     sync.Mutex
	seen   []Captured
}

// Captured is one request that passed the gate.
type Captured struct {
	Path   string
	Header http.Header
	Body   []byte
}

// NewGate opens a gate in front of the base address target.
func NewGate(t testing.TB, target string) *Gate {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatalf("open a gate: %v", err)
	}
	g := &Gate{target: target}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		// A product that is down on purpose is no news.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		g.mu.Lock()
		g.seen = append(g.seen, Captured{Path: r.URL.Path, Header: r.Header.Clone(), Body: body})
		g.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	g.URL = srv.URL
	return g
}

// Last is the newest request to a path.
func (g *Gate) Last(t testing.TB, path string) Captured {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range slices.Backward(g.seen) {
		if c.Path == path {
			return c
		}
	}
	t.Fatalf("nothing was sent to %s", path)
	return Captured{}
}

// Answer is what the product said to a request of the scenario's own.
type Answer struct {
	Status int
	Body   string
}

// Replay sends a captured request straight to the product; alter may change its
// JSON body.
func (g *Gate) Replay(t testing.TB, c Captured, alter func(map[string]any)) Answer {
	t.Helper()
	body := c.Body
	if alter != nil {
		var fields map[string]any
		if err := json.Unmarshal(body, &fields); err != nil {
			t.Fatalf("alter a request: %v", err)
		}
		alter(fields)
		var err error
		if body, err = json.Marshal(fields); err != nil {
			t.Fatalf("alter a request: %v", err)
		}
	}
	return g.Send(t, c.Path, c.Header, body)
}

// Send posts a body straight to the product.
func (g *Gate) Send(t testing.TB, path string, header http.Header, body []byte) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.target+path, bytes.NewReader(body))
	if err != nil {
		t.Fatalf("send to %s: %v", path, err)
	}
	for _, name := range []string{"Content-Type", "Authorization", "Accept"} {
		if v := header.Get(name); v != "" {
			req.Header.Set(name, v)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("send to %s: %v", path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("send to %s: %v", path, err)
	}
	return Answer{Status: resp.StatusCode, Body: string(answer)}
}
