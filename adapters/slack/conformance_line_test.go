package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"taskbridge/adapters/slack/slacktest"
)

// tap is a line of HTTP: it listens in front of the adapter.
type tap struct {
	fake *slacktest.Server
	next http.Handler

	mu   sync.Mutex
	list []sent
}

// kinds are the paths by what is delivered to them.
func (p *tap) kinds() map[string]string {
	return map[string]string{kindEvent: "/slack/events", kindInteraction: "/slack/interactions", kindCommand: "/slack/commands"}
}

func (p *tap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cut off", http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	p.next.ServeHTTP(rec, r)
	for kind, at := range p.kinds() {
		if at == r.URL.Path {
			p.mu.Lock()
			p.list = append(p.list, sent{
				kind: kind, contentType: r.Header.Get("Content-Type"), body: body,
				acked: rec.Code == http.StatusOK, answer: rec.Body.Bytes(),
			})
			p.mu.Unlock()
		}
	}
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

func (p *tap) sent(kind string) []sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return ofKind(p.list, kind)
}

func ofKind(list []sent, kind string) []sent {
	var out []sent
	for _, s := range list {
		if s.kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// again signs the same body anew, as Slack does for a retry.
func (p *tap) again(s sent) sent {
	header := p.fake.Sign(s.body, time.Now())
	header.Set("Content-Type", s.contentType)
	header.Set("X-Slack-Retry-Num", "1")
	header.Set("X-Slack-Retry-Reason", "http_timeout")
	got, err := p.fake.Post(p.kinds()[s.kind], s.body, header)
	s.acked, s.answer = err == nil && got.Status == http.StatusOK, got.Body
	return s
}

// relay is a line of Socket Mode: it stands between the fake Slack and the adapter,
// passes every frame on, and can deliver one again in an envelope of its own.
type relay struct {
	t    *testing.T
	http *httptest.Server
	// fake is the host of the fake Slack, which relay takes the place of.
	fake string

	mu      sync.Mutex
	adapter *websocket.Conn
	ids     []string
	byID    map[string]*sent
	acked   map[string]chan struct{}
	repeats int
}

func newRelay(t *testing.T, api string) *relay {
	t.Helper()
	r := &relay{t: t, byID: map[string]*sent{}, acked: map[string]chan struct{}{}}
	r.fake = strings.TrimSuffix(strings.TrimPrefix(api, "http://"), "/api/")
	r.http = httptest.NewServer(r)
	t.Cleanup(r.http.Close)
	return r
}

// RoundTrip makes the Web API's calls and puts the relay's address into the answer
// that names the socket.
func (r *relay) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || path.Base(req.URL.Path) != "apps.connections.open" {
		return resp, err
	}
	raw, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	raw = bytes.ReplaceAll(raw, []byte("ws://"+r.fake), []byte("ws://"+strings.TrimPrefix(r.http.URL, "http://")))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	resp.Header.Del("Content-Length")
	return resp, err
}

func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	slack, resp, err := websocket.DefaultDialer.Dial("ws://"+r.fake+req.URL.RequestURI(), nil)
	if err != nil {
		http.Error(w, "refused", http.StatusForbidden)
		return
	}
	_ = resp.Body.Close()
	defer slack.Close()
	adapter, err := (&websocket.Upgrader{}).Upgrade(w, req, nil)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.adapter = adapter
	r.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() {
		defer adapter.Close()
		for {
			_, raw, err := slack.ReadMessage()
			if err != nil {
				return
			}
			r.down(adapter, raw)
		}
	})
	both.Go(func() {
		defer slack.Close()
		for {
			_, raw, err := adapter.ReadMessage()
			if err != nil {
				return
			}
			r.up(raw)
			_ = slack.WriteMessage(websocket.TextMessage, raw)
		}
	})
	both.Wait()
}

// down passes a frame to the adapter and remembers it.
func (r *relay) down(to *websocket.Conn, raw []byte) {
	var f frame
	_ = json.Unmarshal(raw, &f)
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.EnvelopeID != "" {
		r.ids = append(r.ids, f.EnvelopeID)
		r.byID[f.EnvelopeID] = &sent{kind: f.Type, body: raw}
		r.acked[f.EnvelopeID] = make(chan struct{})
	}
	_ = to.WriteMessage(websocket.TextMessage, raw)
}

// up remembers what the adapter acknowledges.
func (r *relay) up(raw []byte) {
	var a ack
	_ = json.Unmarshal(raw, &a)
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.byID[a.EnvelopeID]; s != nil && !s.acked {
		s.acked, s.answer = true, a.Payload
		close(r.acked[a.EnvelopeID])
	}
}

func (r *relay) sent(kind string) []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []sent
	for _, id := range r.ids {
		all = append(all, *r.byID[id])
	}
	return ofKind(all, kind)
}

// again puts the same payload into a new envelope, as Slack does.
func (r *relay) again(s sent) sent {
	var f map[string]any
	if err := json.Unmarshal(s.body, &f); err != nil {
		r.t.Error(err)
		return s
	}
	r.mu.Lock()
	r.repeats++
	id := fmt.Sprintf("again-%d", r.repeats)
	to := r.adapter
	r.mu.Unlock()
	f["envelope_id"] = id
	raw, err := json.Marshal(f)
	if err != nil {
		r.t.Error(err)
	}
	r.down(to, raw)
	r.mu.Lock()
	acked := r.acked[id]
	r.mu.Unlock()
	select {
	case <-acked:
	case <-time.After(10 * time.Second):
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return *r.byID[id]
}
