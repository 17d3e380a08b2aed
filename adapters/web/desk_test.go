package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
	"taskbridge/storage/files"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/storage/storagetest/migrated"
)

// shelf is a reading model that answers what a test put there.
type shelf struct {
	doors chat.Doors
	job   chat.JobPage
	list  chat.ListPage
	board chat.BoardPage
	steps chat.StepsPage
	// content is that of the file, a page when empty.
	content string
	err     error
	// asked is what was asked for last.
	number int
	before string
	query  chat.ListQuery
	asked  chat.BoardQuery
}

func (s *shelf) Doors(context.Context, chat.Viewer) (chat.Doors, error) { return s.doors, s.err }

func (s *shelf) JobPage(_ context.Context, _ chat.Viewer, number int, before string) (chat.JobPage, error) {
	s.number, s.before = number, before
	return s.job, s.err
}

func (s *shelf) JobMark(_ context.Context, _ chat.Viewer, number int) (string, error) {
	s.number = number
	return s.job.Mark, s.err
}

func (s *shelf) JobFile(_ context.Context, _ chat.Viewer, number int, digest string) (chat.FileContent, error) {
	s.number = number
	if s.err != nil || digest != strings.Repeat("a", 64) {
		return chat.FileContent{}, errors.Join(s.err, chat.ErrNoSuch)
	}
	text := s.content
	if text == "" {
		text = "<script>alert(1)</script>"
	}
	return chat.FileContent{Name: "a \"plan\".html", Type: "text/html", Content: content{strings.NewReader(text)}}, nil
}

func (s *shelf) ListPage(_ context.Context, _ chat.Viewer, q chat.ListQuery) (chat.ListPage, error) {
	s.query = q
	if q.Firm == "nobody" {
		return chat.ListPage{}, &chat.RefusedPage{Words: "No firm fits <nobody>."}
	}
	return s.list, s.err
}

func (s *shelf) BoardPage(_ context.Context, _ chat.Viewer, q chat.BoardQuery) (chat.BoardPage, error) {
	s.asked = q
	if q.Firm == "nobody" {
		return chat.BoardPage{}, &chat.RefusedPage{Words: "No firm fits <nobody>."}
	}
	return s.board, s.err
}

func (s *shelf) StepsPage(context.Context, chat.Viewer) (chat.StepsPage, error) {
	return s.steps, s.err
}

type content struct{ *strings.Reader }

func (content) Close() error { return nil }

var _ Reader = (*shelf)(nil)

// tables is the database that those of the tests are copies of.
var tables migrated.SQLite

// desk is a workspace with somebody signed in.
type deskUnderTest struct {
	t      *testing.T
	a      *Adapter
	cookie string
}

func newDesk(t *testing.T, pages Reader) *deskUnderTest {
	t.Helper()
	folder := t.TempDir()
	store, err := sqlstore.Open(t.Context(), tables.Database(t), sqlstore.Options{Volatile: true})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	blobs, err := files.Open("file:" + filepath.Join(folder, "files"))
	must(t, err)
	a, err := New(Config{Talk: store, Blobs: blobs, PublicURL: "http://tasks.example.org", Handler: nothing{}, Pages: pages})
	must(t, err)
	must(t, a.Start(t.Context()))
	ann, err := a.AddPerson(t.Context(), storage.Talker{Name: "Ann Lee", Email: "ann@example.org", Kind: string(chat.Member)})
	must(t, err)
	return &deskUnderTest{t: t, a: a, cookie: signIn(t, a, ann.ID)}
}

type nothing struct{}

func (nothing) Handle(context.Context, chat.Inbound) (chat.Answer, error) { return chat.Answer{}, nil }

// get reads a page as a browser does.
func (d *deskUnderTest) get(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://tasks.example.org"+Prefix+path, nil)
	r.Header.Set("Accept", "text/html")
	if d.cookie != "" {
		r.AddCookie(&http.Cookie{Name: cookieName, Value: d.cookie})
	}
	w := httptest.NewRecorder()
	d.a.Routes().ServeHTTP(w, r)
	return w
}

// hostile is what somebody types who means harm.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

// harmless fails when a page has an element or an attribute that only hostile text could
// have brought in, or that the policy would not run.
func harmless(t *testing.T, text string) *html.Node {
	t.Helper()
	doc := parse(t, text)
	each(doc, func(n *html.Node) {
		if n.Data == "script" && attr(n, "src") == "" || n.Data == "img" && attr(n, "src") == "x" {
			t.Errorf("the page has a <%s> of somebody's", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				t.Errorf("the page has %s=%q", a.Key, a.Val)
			}
		}
	})
	return doc
}

// TestJobPage draws a job with everything on it, most of it meant as harm.
func TestJobPage(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	s := &shelf{doors: chat.Doors{Lists: true, Board: true}, job: chat.JobPage{
		Number: 12, Title: hostile, Status: "In progress", Tone: chat.Active, Customer: hostile, Overdue: true, Description: hostile,
		Facts:  []chat.Fact{{Label: "Place", Value: chat.T(hostile)}, {Label: "Reference", Value: chat.Text{}.Link("CRM", "javascript:alert(1)")}},
		People: []chat.PersonPage{{Name: hostile, Part: "in charge"}},
		Offers: []chat.OfferPage{{Firm: hostile, Status: "Accepted", Checklist: []chat.ItemView{{Text: hostile, Required: true, By: "Cora", At: &at}, {Text: "Open item"}}}},
		Entries: []chat.Entry{
			{At: at, Text: chat.T(hostile)},
			{ID: "c1", At: at, Comment: true, Who: hostile, Side: "contractor", Text: chat.T(hostile), Edited: at, Versions: []chat.VersionView{{Text: "earlier " + hostile, At: at}}},
			{At: at, Comment: true, Who: "Cora", Side: "contractor", Deleted: at, By: "Cora"},
			{At: at, Comment: true, Who: "Olivia", Side: "operator", Internal: true, Held: true, Text: chat.T("see https://example.org/x"), Files: []chat.FilePage{
				{Name: hostile, Size: "1 kB", Digest: strings.Repeat("a", 64)}, {Name: "big.mov", Missing: "it is too large"},
			}},
		}, Earlier: `7.c"1`, Files: []chat.FilePage{{Name: hostile, Digest: strings.Repeat("a", 64)}}, MoreFiles: true,
	}}
	d := newDesk(t, s)
	w := d.get("/jobs/12?before=90.c9")
	if w.Code != http.StatusOK || s.number != 12 || s.before != "90.c9" {
		t.Fatalf("%d, asked for %d before %q: %s", w.Code, s.number, s.before, w.Body)
	}
	doc := harmless(t, w.Body.String())
	said := textIn(doc)
	for _, want := range []string{"earlier entries", "Older files stand in the history.", "earlier " + hostile, "This was deleted.", "internal", "held until the work is sent back", "not here: it is too large", "Overdue", "Open item"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	links := map[string]bool{}
	each(doc, func(n *html.Node) { links[attr(n, "href")] = true })
	for _, want := range []string{"?before=7.c%221#history", "/web/jobs/12#history", "/web/jobs/12/files/" + strings.Repeat("a", 64), "https://example.org/x"} {
		if !links[want] {
			t.Errorf("no link leads to %s", want)
		}
	}
	if f := d.get("/jobs/12/files/" + strings.Repeat("a", 64)); f.Code != http.StatusOK || f.Body.String() != "<script>alert(1)</script>" ||
		f.Header().Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(f.Header().Get("Content-Disposition"), "attachment") || !strings.Contains(f.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the file came as %d %v", f.Code, f.Header())
	}
	s.job.Earlier, s.job.Latest, s.job.MoreFiles = "", true, false
	for _, gone := range []string{"arlier entries", "Latest entries", "Older files"} {
		if strings.Contains(d.get("/jobs/12").Body.String(), gone) {
			t.Errorf("the only page says %q", gone)
		}
	}
	if d.get("/jobs/99999999999999999999"); s.number != 0 {
		t.Errorf("a number beyond all asks for %d", s.number)
	}
}

// TestPagesThatAreRefused: what cannot be shown is said, and nothing of why.
func TestPagesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	d := newDesk(t, s)
	for _, tc := range []struct {
		err    error
		status int
		words  string
	}{
		{chat.ErrNoSuch, 404, "This is not here, or not for you."},
		{chat.ErrForbidden, 403, "This page is not for you."},
		{&chat.RefusedPage{Words: "Say it otherwise <now>."}, 422, "Say it otherwise <now>."},
		{io.ErrUnexpectedEOF, 503, unavailable(words.Words{})},
	} {
		s.err = tc.err
		w := d.get("/jobs/1")
		if w.Code != tc.status || !strings.Contains(textIn(harmless(t, w.Body.String())), tc.words) {
			t.Errorf("%v: %d %s", tc.err, w.Code, w.Body)
		}
	}
	d.cookie = ""
	s.err = nil
	for _, path := range []string{"/jobs", "/jobs/1", "/jobs/1/files/" + strings.Repeat("a", 64)} {
		if w := d.get(path); w.Code != http.StatusUnauthorized {
			t.Errorf("nobody opens %s: %d", path, w.Code)
		}
	}
	if without := newDesk(t, nil).get("/jobs"); without.Code != http.StatusNotFound {
		t.Errorf("without a reading model: %d", without.Code)
	}
}

// TestListOfJobs draws a list with its filters, which stay in every link.
func TestListOfJobs(t *testing.T) {
	t.Parallel()
	s := &shelf{list: chat.ListPage{
		ListQuery: chat.ListQuery{List: "open", Topic: `gas & "air"`}, Heading: "Open jobs · " + hostile, Count: 1000, Most: 1000, Older: true, Newer: true,
		Lists: []chat.NamedCount{{Name: "new", Heading: "New jobs", Count: 3}, {Name: "open", Heading: "Open jobs", Count: 1000}},
		Rows:  []chat.ListRow{{Number: 40, Title: hostile, Status: "Assigned", Firm: hostile, Place: hostile, Topic: hostile, Person: hostile, Priority: "urgent", Overdue: true}, {Number: 31, Title: "Boiler"}},
	}}
	d := newDesk(t, s)
	w := d.get("/jobs?list=open&topic=gas&before=41")
	if w.Code != http.StatusOK || s.query != (chat.ListQuery{List: "open", Topic: "gas", Before: 41}) {
		t.Fatalf("%d, asked for %+v", w.Code, s.query)
	}
	doc := harmless(t, w.Body.String())
	if !strings.Contains(textIn(doc), "1000+") {
		t.Error("a long list is counted exactly")
	}
	links := map[string]bool{}
	each(doc, func(n *html.Node) { links[attr(n, "href")] = true })
	const topic = "topic=gas+%26+%22air%22"
	if !links["/web/jobs?list=open"] {
		t.Error("the topic cannot be taken off")
	}
	for _, want := range []string{"/web/jobs/40", "/web/jobs?list=new&" + topic, "?before=31&list=open&" + topic, "?after=40&list=open&" + topic} {
		if !links[want] {
			t.Errorf("no link leads to %s: %v", want, links)
		}
	}
	wrong := d.get("/jobs?firm=nobody")
	if wrong.Code != http.StatusUnprocessableEntity || !strings.Contains(textIn(harmless(t, wrong.Body.String())), "No firm fits <nobody>.") || !strings.Contains(wrong.Body.String(), `value="nobody"`) {
		t.Errorf("a filter that fits nothing: %d %s", wrong.Code, wrong.Body)
	}
}

// TestOwnAddresses: a link of the bot's to a page of ours stays in the person's window
// and beneath their address; every other opens another window.
func TestOwnAddresses(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &shelf{})
	v := &visit{base: Prefix + "/as/ann", own: d.a.address("/")}
	m := storage.TalkMessage{ID: newID(), Author: selfID}
	must(t, fill(&m, chat.Message{
		Title: "#1 Boiler", Text: chat.Text{}.Link("inside", d.a.JobLink(7)).Link("outside", "http://tasks.example.org.evil/web/jobs/7"),
		Buttons: []chat.Button{{ID: "page", Label: "History", URL: d.a.JobLink(7)}, {ID: "deal", Label: "Deal", URL: "https://crm.example/1"}},
	}))
	text, err := d.a.draw(words.Words{}, "message", view(v, nil, m, nil))
	must(t, err)
	targets := map[string]string{}
	each(parse(t, text), func(n *html.Node) {
		if n.Data == "a" {
			targets[attr(n, "href")] = attr(n, "target")
		}
	})
	for href, want := range map[string]string{"/web/as/ann/jobs/7": "", "https://crm.example/1": "_blank", "http://tasks.example.org.evil/web/jobs/7": "_blank"} {
		if got, ok := targets[href]; !ok || got != want {
			t.Errorf("%s opens in %q, there: %v", href, got, ok)
		}
	}
}
