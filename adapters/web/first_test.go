package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// TestFirstPageIsShort: the first page is the first channel, without another way to go, and
// comes with what is seen at first. What is above it is there for who may read the channel,
// each message once, and by a link for who has no scripts.
func TestFirstPageIsShort(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &shelf{})
	must(t, d.a.Furnish(t.Context()))
	ops, err := d.a.Channel(t.Context(), Operations)
	must(t, err)
	ann, err := d.a.cfg.Talk.Talker(t.Context(), "main", "ann@example.org")
	must(t, err)
	must(t, d.a.AddMembers(t.Context(), ops.ID, []string{ann.ID}))
	const said = 70
	for n := range said {
		_, err := d.a.Post(t.Context(), chat.Post{Channel: ops.ID, Message: chat.Message{Text: chat.T(fmt.Sprintf("word %02d.", n))}, DeliveryID: fmt.Sprint(n)})
		must(t, err)
	}
	words := regexp.MustCompile(`word \d\d\.`)
	is := func(what, page string, from, to int) {
		t.Helper()
		got := words.FindAllString(page, -1)
		if len(got) != to-from || len(got) > 0 && (got[0] != fmt.Sprintf("word %02d.", from) || got[len(got)-1] != fmt.Sprintf("word %02d.", to-1)) {
			t.Errorf("%s has %v", what, got)
		}
	}
	cards := func(n int) string {
		t.Helper()
		for i := range n {
			_, err := d.a.Post(t.Context(), chat.Post{Channel: ops.ID, Message: chat.Message{Title: fmt.Sprintf("card %02d.", i)}, DeliveryID: fmt.Sprint("card ", i)})
			must(t, err)
		}
		return d.get("/").Body.String()
	}
	link := regexp.MustCompile(`href="([^"]+before=\d+)"( data-rest)?`)
	home := d.get("/")
	if home.Code != http.StatusOK || !strings.Contains(home.Body.String(), `data-room="`+ops.ID+`"`) {
		t.Fatalf("the first page: %d %s", home.Code, home.Body)
	}
	is("the first page", home.Body.String(), said-firstMessages, said)
	is("the channel's page", d.get("/c/"+ops.ID).Body.String(), said-firstMessages, said)
	rest := link.FindStringSubmatch(home.Body.String())
	if rest == nil || rest[2] == "" || !strings.HasPrefix(rest[1], Prefix+"/c/"+ops.ID+"?") {
		t.Fatalf("no link leads to what is above: %v", rest)
	}
	path := strings.TrimPrefix(rest[1], Prefix)
	whole := d.get(path).Body.String()
	is("without scripts", whole, 0, said-firstMessages)
	if strings.Contains(whole, "data-rest") || !strings.Contains(whole, "<html") {
		t.Error("without scripts it is no page of its own")
	}
	ask := func(cookie, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "http://tasks.example.org"+Prefix+path, nil)
		r.Header.Set("Hx-Request", "true")
		r.AddCookie(&http.Cookie{Name: cookieName, Value: cookie})
		w := httptest.NewRecorder()
		d.a.Routes().ServeHTTP(w, r)
		return w
	}
	above := ask(d.cookie, path)
	is("what is above", above.Body.String(), said-pageMessages, said-firstMessages)
	// What is out of sight says so, for the browser to leave it alone.
	for what, n := range map[string][2]int{
		"the first page":   {strings.Count(home.Body.String(), ` far"`), 0},
		"without scripts":  {strings.Count(whole, ` far"`), said - 2*firstMessages},
		"what is above it": {strings.Count(above.Body.String(), ` far"`), pageMessages - firstMessages},
	} {
		if n[0] != n[1] {
			t.Errorf("%s has %d messages that are far, want %d", what, n[0], n[1])
		}
	}
	if more := link.FindStringSubmatch(above.Body.String()); more == nil || more[2] != "" || strings.Contains(above.Body.String(), "<html") {
		t.Errorf("what is above is %s", above.Body)
	}
	stranger, err := d.a.AddPerson(t.Context(), storage.Talker{Name: "Eve", Email: "eve@example.org", Kind: string(chat.Guest)})
	must(t, err)
	if w := ask(signIn(t, d.a, stranger.ID), path); w.Code != http.StatusNotFound || words.MatchString(w.Body.String()) {
		t.Errorf("who is not in the channel reads %d %s", w.Code, w.Body)
	}
	if w := ask("", path); w.Code != http.StatusUnauthorized {
		t.Errorf("nobody reads %d", w.Code)
	}
	// Cards are higher than what people say, so that fewer of them come first.
	for _, n := range []int{1, 3, 9} {
		page := cards(n)
		if got, want := strings.Count(page, "<article"), max(firstMessages-n*(perCard-1), firstMessages/perCard); got != want {
			t.Errorf("with %d cards at its end the first page has %d messages, want %d", n, got, want)
		}
		rest := link.FindStringSubmatch(page)
		if rest == nil || rest[2] == "" {
			t.Fatalf("no link leads to what is above: %v", rest)
		}
		if above := ask(d.cookie, strings.TrimPrefix(rest[1], Prefix)).Body.String(); strings.Count(above, "<article") != pageMessages-firstMessages {
			t.Errorf("above %d cards there are %d messages", n, strings.Count(above, "<article"))
		}
	}
}

// TestPagesAreDrawnWhole: each page has what its first frame waits for.
func TestPagesAreDrawnWhole(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &shelf{})
	must(t, d.a.Furnish(t.Context()))
	waits := regexp.MustCompile(`<link rel="expect" href="#(\w+)" blocking="render">`)
	for _, path := range []string{"/", "/jobs", "/sign-in", "/sign-in/no-such", "/c/no-such"} {
		r := httptest.NewRequest(http.MethodGet, "http://tasks.example.org"+Prefix+path, nil)
		r.Header.Set("Accept", "text/html")
		r.AddCookie(&http.Cookie{Name: cookieName, Value: d.cookie})
		w := httptest.NewRecorder()
		d.a.Routes().ServeHTTP(w, r)
		page := w.Body.String()
		if of := waits.FindStringSubmatch(page); of == nil || strings.Count(page, `id="`+of[1]+`"`) != 1 {
			t.Errorf("%s waits for %v", path, of)
		}
	}
}
