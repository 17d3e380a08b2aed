package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// TestJobPageIsTold: the page of a job of somebody from chat is told by its line when there
// is something new to read, once, and of a job of others nothing but that it is not there.
func TestJobPageIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.a.cfg.PollEvery = 5 * time.Millisecond
	h.job = chat.JobPage{Number: 7, Title: "Boiler", Mark: "41"}
	c := h.in("U2", "C9")
	if page := c.do(http.MethodGet, "/web/jobs/7", nil).Body.String(); !strings.Contains(page, `data-job="7" data-mark="41"`) {
		t.Fatalf("the page does not say what it shows: %s", page)
	}
	s := httptest.NewServer(h.a.Routes())
	t.Cleanup(s.Close)
	listen := func(query string) func() string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/web/live?room=&since=0"+query, nil)
		must(t, err)
		r.AddCookie(c.cookie)
		res, err := s.Client().Do(r)
		must(t, err)
		t.Cleanup(func() { _ = res.Body.Close() })
		lines := bufio.NewScanner(res.Body)
		return func() string {
			t.Helper()
			for lines.Scan() {
				if lines.Text() == "event: job" {
					lines.Scan()
					return lines.Text()
				}
			}
			t.Fatalf("the line ended: %v", lines.Err())
			return ""
		}
	}
	next, late := listen("&job=7&mark=41"), listen("&job=7&mark=40")
	if got := late(); got != `data: {"mark":"41"}` {
		t.Errorf("a page that has missed something is told %s", got)
	}
	for n := range 3 {
		h.mu.Lock()
		h.job.Mark = fmt.Sprint(42 + n)
		h.mu.Unlock()
		want := fmt.Sprintf(`data: {"mark":"%d"}`, 42+n)
		if got := next(); got != want {
			t.Errorf("the page is told %s, want %s", got, want)
		}
		if got := late(); got != want {
			t.Errorf("the other page is told %s, want %s", got, want)
		}
	}
	// A job of others looks like one that is not there, whatever becomes of it.
	h.mu.Lock()
	h.foreign = 8
	h.mu.Unlock()
	if got := listen("&job=8&mark=1")(); got != `data: {"mark":""}` {
		t.Errorf("of another's job a page is told %s", got)
	}
}

// away is a database that does not answer, or that knows a session no more.
type away struct {
	storage.Talk

	err error
}

func (a away) TalkSession(context.Context, string, string, time.Time) (storage.TalkPass, error) {
	return storage.TalkPass{}, a.err
}

// TestWhoIsSignedOutOnALine: a page is told that its reader is signed out when that is so,
// and not when nobody can say.
func TestWhoIsSignedOutOnALine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/web/live", nil)
	r.AddCookie(h.in("U2", "C9").cookie)
	for _, tt := range []struct {
		name string
		err  error
		want bool
	}{
		{"the session is gone", storage.ErrNotFound, true},
		{"the database does not answer", errors.New("connection refused"), false},
	} {
		h.a.cfg.Talk = away{h.a.cfg.Talk, tt.err}
		w := &slowBrowser{ResponseRecorder: httptest.NewRecorder()}
		l := &listener{Adapter: h.a, w: w, control: http.NewResponseController(w)}
		pulse := make(chan time.Time, 1)
		pulse <- time.Now()
		if err := l.await(t.Context(), r, nil, nil, pulse); err == nil {
			t.Errorf("%s: the line goes on", tt.name)
		}
		if told := strings.Contains(w.Body.String(), "event: out"); told != tt.want {
			t.Errorf("%s: told to be signed out: %t", tt.name, told)
		}
	}
}
