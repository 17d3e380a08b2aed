package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/mux"

	"taskbridge/adapters/rest"
	"taskbridge/bot/chat"
)

const token = "an-api-token-that-must-not-leak"

var update = flag.Bool("update", false, "write golden files")

// fakeHandler answers what it is told to and remembers what it was asked.
type fakeHandler struct {
	answer chat.Answer
	err    error

	mu   sync.Mutex
	seen []chat.Inbound
}

func (f *fakeHandler) Handle(_ context.Context, in chat.Inbound) (chat.Answer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, in)
	return f.answer, f.err
}

// fakeReader holds one issue, number 7, with five comments and five events.
type fakeReader struct {
	err     error
	query   chat.IssueQuery
	summary chat.SummaryQuery
	issues  []chat.IssueView
	limits  []chat.TimeLimitView
}

func newReader() *fakeReader {
	r := &fakeReader{}
	for n := 9; n > 0; n-- {
		r.issues = append(r.issues, chat.IssueView{Number: n, Title: "A leaking tap", CreatedAt: noon})
	}
	return r
}

func (f *fakeReader) ListIssues(_ context.Context, q chat.IssueQuery) ([]chat.IssueView, error) {
	f.query = q
	var out []chat.IssueView
	for _, i := range f.issues {
		if (q.Before == 0 || i.Number < q.Before) && len(out) < q.Limit {
			out = append(out, i)
		}
	}
	return out, f.err
}

func (f *fakeReader) Issue(_ context.Context, number int) (chat.IssueView, error) {
	if f.err != nil {
		return chat.IssueView{}, f.err
	}
	for _, i := range f.issues {
		if i.Number == number {
			i.Assignments = []chat.AssignmentView{{ID: "a1", Status: "assigned", CreatedAt: noon, TimeLimits: f.limits}}
			return i, nil
		}
	}
	return chat.IssueView{}, chat.ErrNoSuch
}

func (f *fakeReader) Comments(ctx context.Context, number int, after string, limit int) ([]chat.CommentView, error) {
	if _, err := f.Issue(ctx, number); err != nil {
		return nil, err
	}
	var out []chat.CommentView
	for _, id := range []string{"c1", "c2", "c3", "c4", "c5"} {
		if id > after && len(out) < limit {
			out = append(out, chat.CommentView{ID: id, Text: "Text of " + id, Visibility: "shared", CreatedAt: noon})
		}
	}
	return out, nil
}

func (f *fakeReader) Events(ctx context.Context, number int, after int64, limit int) ([]chat.EventView, error) {
	if _, err := f.Issue(ctx, number); err != nil {
		return nil, err
	}
	var out []chat.EventView
	for seq := after + 1; seq <= 5 && len(out) < limit; seq++ {
		out = append(out, chat.EventView{Seq: seq, At: noon, Actor: "API", Kind: "created"})
	}
	return out, nil
}

func (f *fakeReader) Contractors(context.Context) ([]chat.ContractorView, error) {
	return []chat.ContractorView{{ID: "f1", City: "Bremen", Company: "Rohr AG"}, {ID: "f2", City: "Ulm", Company: "Dach GmbH"}}, f.err
}

func (f *fakeReader) Summary(_ context.Context, q chat.SummaryQuery) (chat.SummaryView, error) {
	f.summary = q
	return chat.SummaryView{Overdue: 2}, f.err
}

func (f *fakeReader) Score(_ context.Context, contractor string) (chat.ScoreView, error) {
	if contractor != "f1" && f.err == nil {
		return chat.ScoreView{}, chat.ErrNoSuch
	}
	return chat.ScoreView{Contractor: chat.ContractorView{ID: contractor}, Days: 90}, f.err
}

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

type bench struct {
	handler *fakeHandler
	reader  *fakeReader
	files   *fakeFiles
	logs    *bytes.Buffer
	server  http.Handler
}

func setup(t testing.TB, token string) *bench {
	t.Helper()
	b := &bench{
		handler: &fakeHandler{answer: chat.Answer{Number: 7, Subject: "c4"}},
		reader:  newReader(),
		files:   &fakeFiles{},
		logs:    &bytes.Buffer{},
	}
	api, err := rest.New(rest.Config{
		Token: token, Handler: b.handler, Reader: b.reader, Files: b.files,
		Logger: slog.New(slog.NewTextHandler(b.logs, nil)),
		Now:    func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	router := mux.NewRouter()
	api.Mount(router)
	b.server = router
	return b
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (b *bench) send(method, path, body string, headers ...string) reply {
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, in)
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.server.ServeHTTP(w, r)
	return reply{status: w.Code, header: w.Header(), body: w.Body.String()}
}

// problem checks that the reply is one and gives its detail and type.
func (r reply) problem(t *testing.T, status int) (detail, kind string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d; body: %s", r.status, status, r.body)
	}
	if ct := r.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("content type %q, want application/problem+json", ct)
	}
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatalf("the problem is not JSON: %v: %s", err, r.body)
	}
	if p.Status != status || p.Title == "" {
		t.Errorf("problem %+v does not name its status %d", p, status)
	}
	if !strings.HasSuffix(p.Detail, ".") {
		t.Errorf("detail %q is not a sentence", p.Detail)
	}
	return p.Detail, p.Type
}

func TestTheAPIIsOffWithoutAToken(t *testing.T) {
	t.Parallel()
	b := setup(t, "")
	for _, path := range []string{"/api/v1/issues", "/api/v1/nothing", "/api/v1"} {
		detail, _ := b.send("GET", path, "").problem(t, http.StatusNotFound)
		if !strings.Contains(detail, "TASKBRIDGE_API_TOKEN") {
			t.Errorf("%s: %q does not say how to switch the API on", path, detail)
		}
	}
	if r := b.send("GET", "/api/v1/openapi.json", ""); r.status != http.StatusOK {
		t.Errorf("the description answers %d without a token", r.status)
	}
}

func TestOnlyTheRightTokenPasses(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer x", "Basic " + token, token, "Bearer " + token + "x"} {
		r := b.send("GET", "/api/v1/issues", "", "Authorization", header)
		r.problem(t, http.StatusUnauthorized)
		if !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%q: no challenge", header)
		}
		if strings.Contains(r.body, token) {
			t.Errorf("%q: the token leaks", header)
		}
	}
	for _, header := range []string{"Bearer " + token, "bearer " + token} {
		if r := b.send("GET", "/api/v1/issues", "", "Authorization", header); r.status != http.StatusOK {
			t.Errorf("%q: status %d", header, r.status)
		}
	}
	if strings.Contains(b.logs.String(), token) {
		t.Error("the token is in the log")
	}
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	b.send("GET", "/api/v1/nothing", "").problem(t, http.StatusNotFound)
	r := b.send("DELETE", "/api/v1/issues", "")
	r.problem(t, http.StatusMethodNotAllowed)
	if diff := cmp.Diff([]string{"GET", "POST"}, r.header.Values("Allow")); diff != "" {
		t.Errorf("Allow (-want +got):\n%s", diff)
	}
}

func TestCreateIssue(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	r := b.send("POST", "/api/v1/issues", `{"title":"Tap","description":"Drips\nall night","topic":"water","priority":"high",
		"place":"Kitchen","customer":"Ms. Blum","due_at":"2026-04-01T08:00:00+02:00","external_ref":"CRM-4","url":"https://crm.example/4",
		"follows":3,"certificates":["Gas safety","Ladders"],"needs_approval":"Over the budget"}`,
		"Idempotency-Key", "k1")
	if r.status != http.StatusCreated || r.header.Get("Location") != "/api/v1/issues/7" {
		t.Fatalf("status %d, location %q: %s", r.status, r.header.Get("Location"), r.body)
	}
	want := []chat.Inbound{{
		Key: "idempotent:new:k1", Workspace: "rest:api", At: noon, From: chat.Person{ID: "api", Name: "API"},
		Body: chat.Request{Verb: "new", Fields: map[string]string{
			"title": "Tap", "description": "Drips\nall night", "topic": "water", "priority": "high", "place": "Kitchen",
			"customer": "Ms. Blum", "due": "2026-04-01T08:00:00+02:00", "external_ref": "CRM-4", "url": "https://crm.example/4",
			"follows": "3", "certificates": "Gas safety\nLadders", "needs_approval": "Over the budget",
		}},
	}}
	if diff := cmp.Diff(want, b.handler.seen); diff != "" {
		t.Errorf("inbound (-want +got):\n%s", diff)
	}
}

func TestWritesWithoutAKeyNeverShareOne(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	b.send("POST", "/api/v1/issues", `{"title":"Tap"}`)
	b.send("POST", "/api/v1/issues", `{"title":"Tap"}`)
	if len(b.handler.seen) != 2 || b.handler.seen[0].Key == b.handler.seen[1].Key {
		t.Errorf("inbounds: %+v", b.handler.seen)
	}
}

func TestAnIssueThatCannotBeReadBackIsStillCreated(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	b.reader.err = errors.New("the database went away")
	r := b.send("POST", "/api/v1/issues", `{"title":"Tap"}`)
	if r.status != http.StatusCreated || !strings.Contains(r.body, `"number":7`) || !strings.Contains(r.body, `"assignments":[]`) {
		t.Errorf("status %d: %s", r.status, r.body)
	}
}

func TestCloseIssue(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	r := b.send("POST", "/api/v1/issues/7/close", "", "Idempotency-Key", "k1")
	if r.status != http.StatusOK || !strings.Contains(r.body, `"number":7`) {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	in := b.handler.seen[0]
	if diff := cmp.Diff(chat.Request{Verb: "close", Number: 7}, in.Body); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if in.Key != "idempotent:close:7:k1" {
		t.Errorf("key %q does not name the issue", in.Key)
	}
}

// TestChangesOfAnIssue: each is one inbound, with a key that names the issue, and answers
// with the issue.
func TestChangesOfAnIssue(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path, body string
		want       chat.Request
		key        string
	}{
		{"follow", `{"after":3}`, chat.Request{Verb: "follow", Number: 7, Fields: map[string]string{"after": "3"}}, "idempotent:follow:7:k1"},
		{"follow", `{"after":0}`, chat.Request{Verb: "follow", Number: 7, Fields: map[string]string{}}, "idempotent:follow:7:k1"},
		{
			"certificates", `{"certificates":["Gas safety","Ladders"]}`,
			chat.Request{Verb: "certificates", Number: 7, Fields: map[string]string{"certificates": "Gas safety\nLadders"}},
			"idempotent:certificates:7:k1",
		},
		{"certificates", `{"certificates":[]}`, chat.Request{Verb: "certificates", Number: 7, Fields: map[string]string{"certificates": ""}}, "idempotent:certificates:7:k1"},
		{
			"approval", `{"answer":"refuse","reason":"Too dear","asked_at":"2026-03-14T12:00:00.000123Z"}`,
			chat.Request{Verb: "approval", Number: 7, Fields: map[string]string{"answer": "refuse", "reason": "Too dear", "asked_at": "2026-03-14T12:00:00.000123Z"}},
			"idempotent:approval:7:k1",
		},
	} {
		b := setup(t, token)
		r := b.send("POST", "/api/v1/issues/7/"+tc.path, tc.body, "Idempotency-Key", "k1")
		if r.status != http.StatusOK || !strings.Contains(r.body, `"number":7`) {
			t.Fatalf("%s: status %d: %s", tc.body, r.status, r.body)
		}
		if diff := cmp.Diff(chat.Body(tc.want), b.handler.seen[0].Body); diff != "" {
			t.Errorf("%s: request (-want +got):\n%s", tc.body, diff)
		}
		if key := b.handler.seen[0].Key; key != tc.key {
			t.Errorf("%s: key %q", tc.body, key)
		}
	}
	for path, body := range map[string]string{
		"follow": `{}`, "certificates": `{"certificates":null}`, "approval": `{"answer":"maybe","asked_at":"2026-03-14T12:00:00Z"}`,
	} {
		b := setup(t, token)
		b.send("POST", "/api/v1/issues/7/"+path, body).problem(t, http.StatusUnprocessableEntity)
		if len(b.handler.seen) > 0 {
			t.Errorf("%s went through", body)
		}
	}
}

func TestAddComment(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want chat.Request
	}{
		"shared when nothing is said": {
			`{"text":"On my way"}`,
			chat.Request{Verb: "comment", Number: 7, Fields: map[string]string{"text": "On my way", "visibility": "shared"}},
		},
		"shared": {
			`{"text":"On my way","visibility":"shared","author":"CRM"}`,
			chat.Request{Verb: "comment", Number: 7, Fields: map[string]string{"text": "On my way", "visibility": "shared", "author": "CRM"}},
		},
		"internal": {
			`{"text":"Too dear","visibility":"internal"}`,
			chat.Request{Verb: "note", Number: 7, Fields: map[string]string{"text": "Too dear", "visibility": "internal"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, token)
			r := b.send("POST", "/api/v1/issues/7/comments", tc.body)
			if r.status != http.StatusCreated || !strings.Contains(r.body, `"text":"Text of c4"`) {
				t.Errorf("status %d: %s", r.status, r.body)
			}
			if diff := cmp.Diff(chat.Body(tc.want), b.handler.seen[0].Body); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACommentThatCannotBeReadBackIsStillAdded(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	b.handler.answer.Subject = "c-of-another-page"
	r := b.send("POST", "/api/v1/issues/7/comments", `{"text":"On my way"}`)
	if r.status != http.StatusCreated || !strings.Contains(r.body, `"id":"c-of-another-page"`) {
		t.Errorf("status %d: %s", r.status, r.body)
	}
}

func TestRefusalsKeepTheirCodeAndSentence(t *testing.T) {
	t.Parallel()
	for code, status := range map[string]int{
		"forbidden": 403, "not_found": 404, "conflict": 409, "invalid": 422,
		"ambiguous": 422, "expired": 410, "too_late": 409, "of_a_later_version": 422,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			for path, body := range map[string]string{
				"/api/v1/issues": `{"title":"Tap"}`, "/api/v1/issues/7/close": "", "/api/v1/issues/7/comments": `{"text":"x"}`,
			} {
				b := setup(t, token)
				b.handler.answer = chat.Private(chat.T("This was ").Bold("refused").Plain("."))
				b.handler.answer.Refused = code
				detail, kind := b.send("POST", path, body).problem(t, status)
				if detail != "This was refused." || kind != "urn:taskbridge:refusal:"+code {
					t.Errorf("%s: detail %q, type %q", path, detail, kind)
				}
			}
		})
	}
}

func TestFieldErrorsAreListedByField(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	b.handler.answer = chat.Answer{FieldErrors: map[string]string{"url": "The address is wrong.", "place": "There is no such place."}}
	r := b.send("POST", "/api/v1/issues", `{"title":"Tap"}`)
	detail, _ := r.problem(t, http.StatusUnprocessableEntity)
	if detail != "There is no such place." || !strings.Contains(r.body, `"location":"body.url"`) {
		t.Errorf("problem: %s", r.body)
	}
}

func TestWhatFailsInsideStaysInside(t *testing.T) {
	t.Parallel()
	secret := errors.New("dial postgres://user:pass@db")
	b := setup(t, token)
	b.handler.err, b.reader.err = secret, secret
	for _, r := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/api/v1/issues", `{"title":"Tap"}`, 503},
		{"POST", "/api/v1/issues/7/close", "", 503},
		{"POST", "/api/v1/issues/7/comments", `{"text":"x"}`, 503},
		{"GET", "/api/v1/issues", "", 500},
		{"GET", "/api/v1/issues/7", "", 500},
		{"GET", "/api/v1/issues/7/assignments", "", 500},
		{"GET", "/api/v1/issues/7/comments", "", 500},
		{"GET", "/api/v1/issues/7/events", "", 500},
		{"GET", "/api/v1/contractors", "", 500},
		{"GET", "/api/v1/summary", "", 500},
		{"GET", "/api/v1/contractors/f1/score", "", 500},
	} {
		got := b.send(r.method, r.path, r.body)
		got.problem(t, r.status)
		if strings.Contains(got.body, "postgres") {
			t.Errorf("%s %s leaks: %s", r.method, r.path, got.body)
		}
		if r.status == 503 && got.header.Get("Retry-After") == "" {
			t.Errorf("%s %s does not say when to repeat", r.method, r.path)
		}
	}
	if !strings.Contains(b.logs.String(), "dial") {
		t.Error("the cause is not in the log")
	}
}

func TestInvalidRequestsGetOneSentence(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_001)
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		detail             string
	}{
		"no title":            {"POST", "/issues", `{}`, 422, "The field title is required."},
		"blank title":         {"POST", "/issues", `{"title":"  "}`, 422, "The field title must not be empty."},
		"two-line title":      {"POST", "/issues", `{"title":"a\nb"}`, 422, "The field title must be one line without control characters."},
		"zero byte":           {"POST", "/issues", `{"title":"a","description":"\u0000"}`, 422, "The field description must not hold control characters."},
		"unknown field":       {"POST", "/issues", `{"title":"a","colour":"red"}`, 422, "There is no field colour in this request."},
		"unknown priority":    {"POST", "/issues", `{"title":"a","priority":"asap"}`, 422, `The value of priority is wrong: expected value to be one of "low, normal, high, urgent".`},
		"script address":      {"POST", "/issues", `{"title":"a","url":"javascript:alert(1)"}`, 422, "The field url must be an http or https address."},
		"bad date":            {"POST", "/issues", `{"title":"a","due_at":"tomorrow"}`, 422, "The value of due_at must be a time such as 2026-03-14T12:00:00Z."},
		"long text":           {"POST", "/issues", `{"title":"a","description":"` + long + `"}`, 422, "The value of description is wrong: expected length <= 10000."},
		"long title":          {"POST", "/issues", `{"title":"` + long[:151] + `"}`, 422, "The value of title is wrong: expected length <= 150."},
		"long topic":          {"POST", "/issues", `{"title":"a","topic":"` + long[:61] + `"}`, 422, "The value of topic is wrong: expected length <= 60."},
		"long place":          {"POST", "/issues", `{"title":"a","place":"` + long[:151] + `"}`, 422, "The value of place is wrong: expected length <= 150."},
		"long customer":       {"POST", "/issues", `{"title":"a","customer":"` + long[:201] + `"}`, 422, "The value of customer is wrong: expected length <= 200."},
		"long reference":      {"POST", "/issues", `{"title":"a","external_ref":"` + long[:101] + `"}`, 422, "The value of external_ref is wrong: expected length <= 100."},
		"number for text":     {"POST", "/issues", `{"title":7}`, 422, "The value of title is wrong: expected string."},
		"no comment text":     {"POST", "/issues/7/comments", `{"text":""}`, 422, "The value of text is wrong: expected length >= 1."},
		"unknown visibility":  {"POST", "/issues/7/comments", `{"text":"a","visibility":"public"}`, 422, `The value of visibility is wrong: expected value to be one of "shared, internal".`},
		"broken JSON":         {"POST", "/issues", `{"title":`, 400, "The body is not the JSON that is expected here: unexpected end of JSON input."},
		"zero issue":          {"GET", "/issues/0", "", 422, "The value of number is wrong: expected number >= 1."},
		"no number":           {"GET", "/issues/seven", "", 422, "The value of number is wrong: invalid integer."},
		"huge number":         {"GET", "/issues/99999999999999999999", "", 422, "The value of number is wrong: invalid integer."},
		"no such issue":       {"GET", "/issues/77", "", 404, "There is no such issue."},
		"no such comments":    {"GET", "/issues/77/comments", "", 404, "There is no such issue."},
		"no such events":      {"GET", "/issues/77/events", "", 404, "There is no such issue."},
		"no such assignments": {"GET", "/issues/77/assignments", "", 404, "There is no such issue."},
		"too large a page":    {"GET", "/issues?limit=201", "", 422, "The value of limit is wrong: expected number <= 200."},
		"unknown parameter":   {"GET", "/issues?page=2", "", 422, "There is no query parameter page here."},
		"unknown list":        {"GET", "/issues?list=mine", "", 422, `The value of list is wrong: expected value to be one of "new, open, waiting, offered, declined, progress, approval, overdue, done".`},
		"bad cursor":          {"GET", "/issues?after=x", "", 422, "The value of after must be the next of an earlier page."},
		"bad event cursor":    {"GET", "/issues/7/events?after=-1", "", 422, "The value of after must be the next of an earlier page."},
		"bad since":           {"GET", "/summary?since=monday", "", 422, "The value of since must be a time such as 2026-03-14T12:00:00Z."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, token)
			r := b.send(tc.method, "/api/v1"+tc.path, tc.body)
			if detail, _ := r.problem(t, tc.status); detail != tc.detail {
				t.Errorf("detail %q\n  want %q", detail, tc.detail)
			}
			if len(b.handler.seen) > 0 {
				t.Error("the handler was asked")
			}
		})
	}
}

func TestBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	b.send("POST", "/api/v1/issues", `{"title":`).problem(t, http.StatusBadRequest)
	b.send("POST", "/api/v1/issues", "").problem(t, http.StatusBadRequest)
	b.send("POST", "/api/v1/issues", `[]`).problem(t, http.StatusUnprocessableEntity)
	b.send("POST", "/api/v1/issues", "title=a", "Content-Type", "application/x-www-form-urlencoded").problem(t, http.StatusUnsupportedMediaType)
	b.send("POST", "/api/v1/issues", `{"title":"`+strings.Repeat("x", 300<<10)+`"}`).problem(t, http.StatusRequestEntityTooLarge)
	b.send("POST", "/api/v1/issues", `{"title":"a"}`, "Idempotency-Key", strings.Repeat("k", 201)).problem(t, http.StatusUnprocessableEntity)
	if len(b.handler.seen) > 0 {
		t.Error("the handler was asked")
	}
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path  string
		pages []int
	}{
		{"/api/v1/issues?limit=4", []int{4, 4, 1}},
		{"/api/v1/issues?limit=9", []int{9}},
		{"/api/v1/issues/7/comments?limit=2", []int{2, 2, 1}},
		{"/api/v1/issues/7/events?limit=5", []int{5}},
		{"/api/v1/issues/7/events?limit=3", []int{3, 2}},
		{"/api/v1/contractors?limit=1", []int{1, 1}},
		{"/api/v1/contractors?limit=2&after=unheard-of", []int{0}},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			b := setup(t, token)
			var got []int
			for path := tc.path; path != ""; {
				r := b.send("GET", path, "")
				var list struct {
					Items []json.RawMessage
					Next  string
				}
				if err := json.Unmarshal([]byte(r.body), &list); err != nil || r.status != http.StatusOK || list.Items == nil {
					t.Fatalf("%s: status %d, %v: %s", path, r.status, err, r.body)
				}
				got = append(got, len(list.Items))
				path = ""
				if list.Next != "" && len(got) < 10 {
					path = tc.path + "&after=" + list.Next
				}
			}
			if diff := cmp.Diff(tc.pages, got); diff != "" {
				t.Errorf("pages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQueriesReachTheReader(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	b.send("GET", "/api/v1/issues?list=waiting&contractor=f1&after=8&limit=3", "")
	if diff := cmp.Diff(chat.IssueQuery{List: "waiting", Contractor: "f1", Before: 8, Limit: 4}, b.reader.query); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	since, until := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for query, want := range map[string]chat.SummaryQuery{
		"": {Period: "today"}, "?period=week": {Period: "week"}, "?period=month&contractor=f1": {Period: "month", Contractor: "f1"},
		"?since=2026-01-01T00:00:00Z&until=2026-01-31T00:00:00Z": {Period: "today", Since: since, Until: until},
	} {
		r := b.send("GET", "/api/v1/summary"+query, "")
		if diff := cmp.Diff(want, b.reader.summary); r.status != http.StatusOK || diff != "" {
			t.Errorf("summary%s: status %d, query (-want +got):\n%s", query, r.status, diff)
		}
		if !strings.Contains(r.body, `"lies_with":{}`) || !strings.Contains(r.body, `"decline_reasons":{}`) {
			t.Errorf("summary%s: %s", query, r.body)
		}
	}
	if r := b.send("GET", "/api/v1/contractors/f1/score", ""); r.status != http.StatusOK || !strings.Contains(r.body, `"days":90`) {
		t.Errorf("a score: status %d, %s", r.status, r.body)
	}
	if r := b.send("GET", "/api/v1/contractors/nobody/score", ""); r.status != http.StatusNotFound {
		t.Errorf("nobody's score: status %d", r.status)
	}
}

// TestDescription holds the public surface: each operation with its parameters
// and answers, as the OpenAPI document tells it.
func TestDescription(t *testing.T) {
	t.Parallel()
	r := setup(t, "").send("GET", "/api/v1/openapi.json", "")
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]operation
	}
	if err := json.Unmarshal([]byte(r.body), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("version %q", doc.OpenAPI)
	}
	golden(t, "openapi.txt", summarise(doc.Paths))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), run with -update when it is meant:\n%s", name, diff)
	}
}
