package status_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/adapters/status"
	"taskbridge/bot/chat"

	"github.com/gorilla/mux"
)

const token = "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb"

// desk shows one job and keeps what it is rated.
type desk struct {
	mu    sync.Mutex
	view  chat.StatusView
	err   error
	rated []string
	// read are the languages in which it was read.
	read []string
}

func (d *desk) StatusAt(_ context.Context, given, language string) (chat.StatusView, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if given != token {
		return chat.StatusView{}, chat.ErrNoSuch
	}
	d.read = append(d.read, language)
	return d.view, d.err
}

// LanguageAt and LanguageOf make it a desk that works in German.
func (d *desk) LanguageAt(context.Context, string, string) string { return "de" }

func (d *desk) LanguageOf(context.Context, chat.Viewer) string { return "de" }

func (d *desk) RateAt(_ context.Context, given, language, key string, stars int, text string) (chat.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if given != token {
		return chat.Answer{}, chat.ErrNoSuch
	}
	d.rated = append(d.rated, key+" "+strings.Repeat("*", stars)+" "+text)
	if d.view.Stars != 0 {
		a := chat.Private(chat.T("This work was rated <already>."))
		a.Refused = "conflict"
		return a, nil
	}
	d.read = append(d.read, language)
	d.view.Stars, d.view.CanRate = stars, false
	return chat.Answer{}, d.err
}

func (d *desk) AnswerVisitAt(_ context.Context, given, language, key string, v chat.VisitAnswer) (chat.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if given != token {
		return chat.Answer{}, chat.ErrNoSuch
	}
	d.rated = append(d.rated, key+" "+v.Answer+" "+v.Text)
	if !v.From.Equal(d.view.From) || !v.To.Equal(d.view.To) {
		a := chat.Private(chat.T("It was planned <anew>."))
		a.Refused = "conflict"
		return a, nil
	}
	d.read = append(d.read, language)
	d.view.Answer, d.view.Text = v.Answer, v.Text
	return chat.Answer{}, d.err
}

func serve(t *testing.T, d *desk, people ...status.Person) string {
	t.Helper()
	p, err := status.New(status.Config{Reader: d, Linguist: d, Zone: time.UTC, People: people})
	if err != nil {
		t.Fatal(err)
	}
	r := mux.NewRouter()
	p.Mount(r)
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return s.URL + status.Path
}

func read(t *testing.T, res *http.Response, err error) (int, string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store", "Set-Cookie": "",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	return res.StatusCode, string(body)
}

func planned() chat.StatusView {
	from := time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC)
	return chat.StatusView{
		Visit: &chat.Visit{ID: "a1", Sequence: 4, From: from, To: from.Add(2 * time.Hour), Title: "Visit for your job"},
		From:  from, To: from.Add(2 * time.Hour),
		Steps: []chat.StatusStep{
			{Name: "Open", Kind: "open", State: chat.StepDone},
			{Name: "Visit <agreed>", Icon: "🚚", Kind: "planned", State: chat.StepNow},
			{Name: "Travel", Kind: "travel", State: chat.StepAhead},
			{Name: "Work", Kind: "work", State: chat.StepAhead},
			{Name: "Finished", Kind: "finished", State: chat.StepAhead},
		},
	}
}

// TestPage: the page shows the way, where the job is on it and when it is planned for,
// with the names and pictures that were configured.
func TestPage(t *testing.T) {
	t.Parallel()
	at := serve(t, &desk{view: planned()})
	code, page := get(t, at+token)
	for _, want := range []string{
		`<li class="done">`, `<li class="now" aria-current="step"><span class="icon" aria-hidden="true">🚚</span>`, "Visit &lt;agreed&gt;",
		"Monday 16 March 2026, 09:00 – 11:00 UTC", "🔧", "✅",
	} {
		if code != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%d: %q is not in\n%s", code, want, page)
		}
	}
	for _, never := range []string{"<form", "<script", "style="} {
		if strings.Contains(page, never) {
			t.Errorf("%q is in\n%s", never, page)
		}
	}
	for _, wrong := range []string{"x", token[1:] + "a", strings.ToUpper(token)} {
		if code, page := get(t, at+wrong); code != http.StatusNotFound || strings.Contains(page, "steps") {
			t.Errorf("%s: %d\n%s", wrong, code, page)
		}
	}
	broken := serve(t, &desk{err: errors.New("the database at db.internal is down")})
	if code, page := get(t, broken+token); code != http.StatusServiceUnavailable || strings.Contains(page, "db.internal") {
		t.Errorf("%d\n%s", code, page)
	}
}

// TestRating: finished work is rated once; what is wrong is said and what was typed
// stays.
func TestRating(t *testing.T) {
	t.Parallel()
	d := &desk{view: chat.StatusView{CanRate: true, Steps: planned().Steps}}
	at := serve(t, d)
	post := func(v url.Values) (int, string) {
		t.Helper()
		return send(t, at+token, v)
	}
	if _, page := get(t, at+token); !strings.Contains(page, `<input type="radio" name="stars" value="5" required>`) {
		t.Errorf("nothing is asked in\n%s", page)
	}
	for name, v := range map[string]url.Values{
		"no stars": {"text": {"<b>Nice</b>"}}, "six": {"stars": {"6"}, "text": {"<b>Nice</b>"}}, "too long": {"stars": {"5"}, "text": {"<b>Nice</b>" + strings.Repeat("x", 1000)}},
	} {
		if code, page := post(v); code != http.StatusUnprocessableEntity || !strings.Contains(page, "&lt;b&gt;Nice") {
			t.Errorf("%s: %d\n%s", name, code, page)
		}
	}
	if code, _ := post(url.Values{"text": {strings.Repeat("x", 20_000)}}); code != http.StatusBadRequest {
		t.Errorf("far too long: %d", code)
	}
	good := url.Values{"stars": {"4"}, "text": {"Quick\r\nand clean"}, "nonce": {"n"}}
	if code, page := post(good); code != http.StatusOK || !strings.Contains(page, "Thank you for your rating.") || !strings.Contains(page, "4 of 5 stars") {
		t.Errorf("%d\n%s", code, page)
	}
	if code, page := post(good); code != http.StatusUnprocessableEntity || !strings.Contains(page, "rated &lt;already&gt;") {
		t.Errorf("again: %d\n%s", code, page)
	}
	if len(d.rated) != 2 || d.rated[0] != d.rated[1] || !strings.HasSuffix(d.rated[0], " **** Quick\nand clean") {
		t.Errorf("the desk was told %q", d.rated)
	}
	if code, _ := send(t, at+"x", good); code != http.StatusNotFound {
		t.Errorf("by a wrong link: %d", code)
	}
	limited := false
	for range 40 {
		code, _ := post(good)
		limited = limited || code == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("a flood is let through")
	}
}

func get(t *testing.T, link string) (int, string) {
	t.Helper()
	return getIn(t, link, "en-GB,en;q=0.9")
}

func getIn(t *testing.T, link, languages string) (int, string) {
	t.Helper()
	return do(t, http.MethodGet, link, languages, nil)
}

func send(t *testing.T, link string, v url.Values) (int, string) {
	t.Helper()
	return do(t, http.MethodPost, link, "en", v)
}

func do(t *testing.T, method, link, languages string, v url.Values) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, link, strings.NewReader(v.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if languages != "" {
		r.Header.Set("Accept-Language", languages)
	}
	res, err := http.DefaultClient.Do(r)
	return read(t, res, err)
}
