package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
)

// house is a workspace whose people come from chat: it knows who has a part at the desk,
// and notes what they do.
type house struct {
	shelf

	t     *testing.T
	store *sqlstore.Store
	a     *Adapter
	mu    sync.Mutex
	now   time.Time
	// parts are the pages that people of the home platform have.
	parts  map[string]chat.Doors
	viewed []chat.Viewer
	// foreign is a job that is nobody's here.
	foreign int
	taken   []chat.Inbound
	answer  chat.Answer
}

const home = "slack:T1"

func (h *house) Doors(_ context.Context, v chat.Viewer) (chat.Doors, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if v.Workspace != home {
		return chat.Doors{Lists: true}, nil
	}
	return h.parts[v.From.ID], h.err
}

func (h *house) JobPage(ctx context.Context, v chat.Viewer, number int, before string) (chat.JobPage, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.viewed = append(h.viewed, v)
	if h.foreign != 0 && number == h.foreign {
		return chat.JobPage{}, chat.ErrNoSuch
	}
	return h.shelf.JobPage(ctx, v, number, before)
}

func (h *house) JobMark(ctx context.Context, v chat.Viewer, number int) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.foreign != 0 && number == h.foreign {
		return "", chat.ErrNoSuch
	}
	return h.shelf.JobMark(ctx, v, number)
}

func (h *house) Handle(_ context.Context, in chat.Inbound) (chat.Answer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.taken = append(h.taken, in)
	return h.answer, nil
}

func newHouse(t *testing.T) *house {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), sqlstore.Options{Migrate: true})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	h := &house{t: t, store: store, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), parts: map[string]chat.Doors{
		"U1": {Lists: true, Board: true}, "U2": {Lists: true, Score: true}, "U3": {Steps: true},
	}}
	h.a = h.adapter("main")
	return h
}

func (h *house) adapter(desk string) *Adapter {
	h.t.Helper()
	a, err := New(Config{
		Desk: desk, Talk: h.store, PublicURL: "http://tasks.example.org", Handler: h, Pages: h, FromChat: true,
		Now: func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now },
	})
	must(h.t, err)
	must(h.t, a.Start(h.t.Context()))
	return a
}

// link asks for a way in as somebody does in chat.
func (h *house) link(who, channel string, job int) string {
	h.t.Helper()
	pass, err := h.a.Admit(h.t.Context(), chat.Entrant{Workspace: home, Person: chat.Person{ID: who, Name: "Ann Lee"}, Channel: channel, Job: job})
	must(h.t, err)
	return strings.TrimPrefix(pass.Link, "http://tasks.example.org")
}

// client is a browser with its cookie.
type client struct {
	h      *house
	a      *Adapter
	cookie *http.Cookie
}

func (c *client) do(method, path string, values url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://tasks.example.org"+path, strings.NewReader(values.Encode()))
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.cookie != nil {
		r.AddCookie(c.cookie)
	}
	w := httptest.NewRecorder()
	c.a.Routes().ServeHTTP(w, r)
	for _, set := range w.Result().Cookies() {
		c.cookie = set
	}
	return w
}

// in is a browser in which somebody has signed in from chat.
func (h *house) in(who, channel string) *client {
	h.t.Helper()
	c := &client{h: h, a: h.a}
	if w := c.do(http.MethodPost, h.link(who, channel, 0), nil); w.Code != http.StatusSeeOther || c.cookie == nil {
		h.t.Fatalf("%s is not in: %d %s", who, w.Code, w.Body)
	}
	return c
}

// TestLinkFromChat: a link lets one browser in, once, in time and at its own desk.
func TestLinkFromChat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path := h.link("U1", "", 12)
	first, second, elsewhere := &client{h: h, a: h.a}, &client{h: h, a: h.a}, &client{h: h, a: h.adapter("other")}
	if w := first.do(http.MethodGet, path, nil); w.Code != http.StatusOK || first.cookie != nil || !strings.Contains(w.Body.String(), "?job=12") || !strings.Contains(w.Body.String(), "Sign in as Ann Lee") {
		t.Errorf("who only opens it gets %d %v", w.Code, first.cookie)
	}
	if w := elsewhere.do(http.MethodGet, path, nil); w.Code != http.StatusGone || strings.Contains(w.Body.String(), "Ann") {
		t.Errorf("another desk shows %d %s", w.Code, w.Body)
	}
	if w := elsewhere.do(http.MethodPost, path, nil); w.Code != http.StatusGone || elsewhere.cookie != nil {
		t.Errorf("another desk let it in: %d", w.Code)
	}
	w := first.do(http.MethodPost, path, nil)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/web/jobs/12" || first.cookie == nil {
		t.Fatalf("the first: %d %s", w.Code, w.Header().Get("Location"))
	}
	for name, c := range map[string]*client{"again": {h: h, a: h.a, cookie: first.cookie}, "another browser": second} {
		if w := c.do(http.MethodPost, path, nil); w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "/task web") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := second.do(http.MethodGet, "/web/jobs", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("whoever came late is in: %d", w.Code)
	}
	late := h.link("U1", "", 0)
	h.mu.Lock()
	h.now = h.now.Add(linkLife)
	h.mu.Unlock()
	if w := second.do(http.MethodPost, late, nil); w.Code != http.StatusGone {
		t.Errorf("an expired link: %d", w.Code)
	}
	if w := (&client{h: h, a: elsewhere.a, cookie: first.cookie}).do(http.MethodGet, "/web/jobs", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("a session of another desk: %d", w.Code)
	}
	for range linksPerHour - 2 {
		h.link("U1", "", 0)
	}
	if _, err := h.a.Admit(t.Context(), chat.Entrant{Workspace: home, Person: chat.Person{ID: "U1", Name: "Ann Lee"}}); !errors.Is(err, chat.ErrTooManyPasses) {
		t.Errorf("one too many: %v", err)
	}
	h.link("U2", "", 0)
}

// TestWhoComesFromChat: everything is asked for as the person of chat; nobody is taken for
// somebody else of the same e-mail address or name; who has lost their part is out.
func TestWhoComesFromChat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	native, err := h.a.AddPerson(t.Context(), storage.Talker{Name: "Ann Lee", Email: "ann@example.org", Kind: string(chat.Member)})
	must(t, err)
	must(t, h.a.Furnish(t.Context()))
	ops, err := h.a.Channel(t.Context(), Operations)
	must(t, err)
	must(t, h.a.AddMembers(t.Context(), ops.ID, []string{native.ID}))
	h.job = chat.JobPage{Number: 7, Title: "Boiler", Revision: 3, Comment: true, Note: true, Acts: chat.Message{Buttons: []chat.Button{{ID: "approve", Label: "Approve", Token: "TOKEN"}}}}

	c := h.in("U2", "C9")
	page := c.do(http.MethodGet, "/web/jobs/7", nil)
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "Approve") || strings.Contains(page.Body.String(), "TOKEN") {
		t.Errorf("the job's page: %d %s", page.Code, page.Body)
	}
	want := chat.Viewer{Workspace: home, From: chat.Person{ID: "U2", Name: "Ann Lee", Locale: "en"}, Channel: "C9", Acts: true}
	if got := h.viewed[len(h.viewed)-1]; got != want {
		t.Errorf("it is read as %+v, want %+v", got, want)
	}
	for name, to := range map[string]string{"": "/web/jobs", "U3": "/web/steps"} {
		if name != "" {
			if got := h.in(name, "").do(http.MethodGet, "/web/", nil).Header().Get("Location"); got != to {
				t.Errorf("%s begins at %s", name, got)
			}
		} else if got := c.do(http.MethodGet, "/web/", nil).Header().Get("Location"); got != to {
			t.Errorf("they begin at %s", got)
		}
	}
	// What is done is done as the person of chat, and the same sent again has the same key.
	before := len(h.taken)
	for range 2 {
		if w := c.do(http.MethodPost, "/web/jobs/7/press?revision=3", url.Values{"button": {"approve"}, "once": {"once-and-again"}}); w.Code != http.StatusNoContent {
			t.Errorf("press: %d %s", w.Code, w.Body)
		}
	}
	if w := c.do(http.MethodPost, "/web/jobs/7/write", url.Values{"text": {"On my way"}, "to": {"comment"}}); w.Code != http.StatusNoContent {
		t.Errorf("write: %d %s", w.Code, w.Body)
	}
	done := h.taken[before:]
	if len(done) != 3 || done[0].Key != done[1].Key || done[0].Workspace != home || done[0].From.ID != "U2" || done[0].Channel != "C9" || !done[0].FromBrowser || done[0].Body.(chat.Click).Token != "TOKEN" {
		t.Errorf("it is done as %+v", done)
	}
	if len(done) == 3 && done[2].Body.(chat.Command).Text != "comment 7 On my way" {
		t.Errorf("it is written as %+v", done[2])
	}
	// What was meant for somebody who has the job no longer is read by nobody else.
	h.job.To = "second"
	for seen, want := range map[string]int{"first": http.StatusConflict, "second": http.StatusNoContent} {
		n := len(h.taken)
		w := c.do(http.MethodPost, "/web/jobs/7/write", url.Values{"text": {"You owe us 500"}, "to": {"comment"}, "for": {seen}})
		if taken := len(h.taken) - n; w.Code != want || (taken > 0) != (want == http.StatusNoContent) {
			t.Errorf("for the %s: %d, %d were taken", seen, w.Code, taken)
		}
	}
	if page := c.do(http.MethodGet, "/web/jobs/7", nil).Body.String(); !strings.Contains(page, `name="for" value="second"`) {
		t.Error("the page does not say whom it was drawn for")
	}
	// Where it does not say who is to read it, nobody does.
	for _, values := range []url.Values{{"text": {"The firm is late"}}, {"text": {"The firm is late"}, "to": {"all"}}} {
		n := len(h.taken)
		if w := c.do(http.MethodPost, "/web/jobs/7/write", values); w.Code != http.StatusBadRequest || len(h.taken) != n {
			t.Errorf("for nobody in particular: %d %s, taken as %+v", w.Code, w.Body, h.taken[n:])
		}
	}
	// Who sees no answer and writes something else says something else.
	again := len(h.taken)
	for _, values := range []url.Values{
		{"text": {"At noon"}, "to": {"comment"}}, {"text": {"At noon"}, "to": {"comment"}}, {"text": {"At two"}, "to": {"comment"}}, {"text": {"At two"}, "to": {"note"}},
	} {
		values.Set("once", "written-again")
		if w := c.do(http.MethodPost, "/web/jobs/7/write", values); w.Code != http.StatusNoContent {
			t.Errorf("write: %d %s", w.Code, w.Body)
		}
	}
	if w := h.taken[again:]; len(w) != 4 || w[0].Key != w[1].Key || w[1].Key == w[2].Key || w[2].Key == w[3].Key {
		t.Errorf("it is written as %+v", w)
	}
	before = len(h.taken) - 3
	for name, path := range map[string]string{"an older page": "/web/jobs/7/press?revision=2", "no page": "/web/jobs/7/press"} {
		if w := c.do(http.MethodPost, path, url.Values{"button": {"approve"}}); w.Code != http.StatusConflict {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := c.do(http.MethodPost, "/web/jobs/7/press?revision=3", url.Values{"button": {"close"}}); w.Code != http.StatusConflict {
		t.Errorf("a button that is not there: %d", w.Code)
	}
	if n := len(h.taken) - before; n != 3 {
		t.Errorf("%d were taken", n)
	}
	// They type commands where nobody else reads, and are in no channel.
	if w := c.do(http.MethodPost, "/web/c/you/say", url.Values{"text": {"/task list"}}); w.Code != http.StatusNoContent {
		t.Errorf("a command: %d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/web/c/" + ops.ID, "/web/c/" + ops.ID + "/people"} {
		if w := c.do(http.MethodGet, path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	who, err := h.store.Talker(t.Context(), "main", home+"/U2")
	must(t, err)
	if err := h.a.AddMembers(t.Context(), ops.ID, []string{who.ID}); chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("a channel takes them: %v", err)
	}
	if w := c.do(http.MethodPost, "/web/c/"+ops.ID+"/say", url.Values{"text": {"Hello"}}); w.Code != http.StatusNotFound {
		t.Errorf("they speak in a channel: %d", w.Code)
	}
	if who.ID == native.ID || who.Email != "" || who.Admin {
		t.Errorf("they are %+v", who)
	}
	// Somebody of this workspace has their cards and none of these ways.
	own := &client{h: h, a: h.a, cookie: &http.Cookie{Name: cookieName, Value: signIn(t, h.a, native.ID)}}
	if w := own.do(http.MethodPost, "/web/jobs/7/press?revision=3", url.Values{"button": {"approve"}}); w.Code != http.StatusNotFound {
		t.Errorf("somebody of here: %d", w.Code)
	}

	h.mu.Lock()
	delete(h.parts, "U2")
	h.mu.Unlock()
	for _, path := range []string{"/web/jobs", "/web/jobs/7", "/web/c/you"} {
		if w := c.do(http.MethodGet, path, nil); w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "Boiler") {
			t.Errorf("who is out reads %s: %d", path, w.Code)
		}
	}
	if w := c.do(http.MethodPost, "/web/jobs/7/press?revision=3", url.Values{"button": {"approve"}}); w.Code != http.StatusUnauthorized {
		t.Errorf("who is out presses: %d", w.Code)
	}
	first, second := h.in("U1", ""), h.in("U1", "")
	must(t, h.a.Dismiss(t.Context(), home, "U1"))
	must(t, h.a.Dismiss(t.Context(), home, "U99"))
	for _, c := range []*client{first, second} {
		if w := c.do(http.MethodGet, "/web/jobs", nil); w.Code != http.StatusUnauthorized {
			t.Errorf("who was sent out is in: %d", w.Code)
		}
	}
}
