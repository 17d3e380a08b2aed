package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"golang.org/x/net/html"

	"taskbridge/bot/chat"
	"taskbridge/bot/words/wordstest"
)

func TestEveryTextHasEveryLanguage(t *testing.T) {
	t.Parallel()
	wordstest.Check(t, ".", map[string]string{
		"taskbridge": "a name",
		"CSV":        "a format",
		"They are in the channel. `taskbridge web link ": "for who runs the program, as the command line is",
		"` prints the link with which they sign in.":     "for who runs the program, as the command line is",
	})
}

// translator is a shelf that hears in which language it is asked.
type translator struct {
	*shelf

	heard string
	// other is what LanguageOf and LanguageAt say.
	other string
}

func (s *translator) JobPage(ctx context.Context, v chat.Viewer, number int, before string) (chat.JobPage, error) {
	s.heard = v.From.Locale
	return s.shelf.JobPage(ctx, v, number, before)
}

func (s *translator) LanguageAt(context.Context, string, string) string { return s.other }

func (s *translator) LanguageOf(context.Context, chat.Viewer) string { return s.other }

// in reads a page with a browser whose reader has languages.
func (d *deskUnderTest) in(languages, path string) (int, string) {
	d.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://tasks.example.org"+Prefix+path, nil)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", languages)
	if d.cookie != "" {
		r.AddCookie(&http.Cookie{Name: cookieName, Value: d.cookie})
	}
	w := httptest.NewRecorder()
	d.a.Routes().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestPagesInGerman: on no page is an English text where there is a German one.
func TestPagesInGerman(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("languages/web.de.yaml")
	must(t, err)
	var texts map[string]any
	must(t, yaml.Unmarshal(file, &texts))
	at := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	s := &translator{shelf: &shelf{
		doors: chat.Doors{Lists: true, Board: true, Steps: true},
		job: chat.JobPage{
			Number: 12, Title: "Heizung tropft", Status: "In Arbeit", Customer: "Geplant", Overdue: true, Description: "Im Keller.", Earlier: "1.c", MoreFiles: true,
			Offers: []chat.OfferPage{{Firm: "Acme", Status: "Angenommen", Checklist: []chat.ItemView{{Text: "Foto", Required: true}}}},
			Entries: []chat.Entry{
				{At: at, Comment: true, Side: "operator", Internal: true, Held: true, Text: chat.T("ja"), Edited: at, Versions: []chat.VersionView{{Text: "nein", At: at}}},
				{At: at, Comment: true, Side: "contractor", Deleted: at, By: "Cora"},
				{At: at, Text: chat.T("Angelegt.")},
			},
		},
		board: chat.BoardPage{From: at, To: at, Tiles: []chat.Tile{{Label: "Offene", Value: "3", Before: "2"}}, Charts: []chat.Chart{{Kind: chat.Spans, ID: "t", Title: "Zeiten"}}},
		steps: chat.StepsPage{Statuses: []chat.Option{{Value: "planned", Label: "Geplant"}}, Steps: []chat.StepPage{{Name: "Anfahrt", Status: "planned", Standard: true}}},
	}}
	d := newDesk(t, s)
	must(t, d.a.Furnish(t.Context()))
	room, err := d.a.Channel(t.Context(), Operations)
	must(t, err)
	people, err := d.a.cfg.Talk.Talkers(t.Context(), "main")
	must(t, err)
	for _, p := range people {
		must(t, d.a.AddMembers(t.Context(), room.ID, []string{p.ID}))
	}
	look := func(path string, status int) {
		t.Helper()
		code, page := d.in("de-AT,de;q=0.9,en;q=0.5", path)
		if code != status || !strings.Contains(page, `<html lang="de">`) {
			t.Errorf("%s: %d %.200s", path, code, page)
		}
		doc := parse(t, page)
		said := textIn(doc)
		each(doc, func(n *html.Node) {
			for _, name := range []string{"aria-label", "title", "placeholder"} {
				said += "\n" + attr(n, name)
			}
		})
		for english := range texts {
			if strings.Contains(english, " ") && !strings.Contains(english, "{{") && strings.Contains(said, english) {
				t.Errorf("%s says %q", path, english)
			}
		}
	}
	for _, path := range []string{"/jobs/12", "/jobs?topic=x", "/board?since=2026-11-01&until=2026-11-30", "/steps", "/c/" + room.ID, "/c/you"} {
		look(path, http.StatusOK)
	}
	if s.heard != "de" {
		t.Errorf("the job was read in %q", s.heard)
	}
	look("/nowhere", http.StatusNotFound)
	for english, german := range map[string]string{"Attach files": "Dateien anhängen", "Operations": "Zentrale", "members": "2 Mitglieder"} {
		if _, page := d.in("de", "/c/"+room.ID); !strings.Contains(page, german) {
			t.Errorf("%s is not %s in\n%s", english, german, page)
		}
	}
	if _, page := d.in("en-GB", "/c/"+room.ID); !strings.Contains(page, `data-words="{}"`) || !strings.Contains(page, "Attach files") {
		t.Errorf("the page for an English reader is\n%s", page)
	}
	d.cookie = ""
	look("/", http.StatusUnauthorized)
	link, err := d.a.IssueLink(t.Context(), "ann@example.org")
	must(t, err)
	look(strings.TrimPrefix(link, "http://tasks.example.org"+Prefix), http.StatusOK)
	look("/sign-in/"+strings.Repeat("A", 52), http.StatusGone)
}

// TestLanguageOfWhoHasNone: whose browser says no language that there are texts in reads
// that of their firm or the desk, and the engine is asked in it.
func TestLanguageOfWhoHasNone(t *testing.T) {
	t.Parallel()
	s := &translator{shelf: &shelf{job: chat.JobPage{Number: 1}}, other: "de"}
	d := newDesk(t, s)
	d.a.cfg.Linguist = s
	for languages, want := range map[string]string{"fr": "de", "": "de", "en": "en"} {
		if _, page := d.in(languages, "/jobs/1"); s.heard != want || !strings.Contains(page, `<html lang="`+want+`">`) {
			t.Errorf("%q: read in %q, %.100s", languages, s.heard, page)
		}
	}
	d.cookie = ""
	if _, page := d.in("fr", "/"); !strings.Contains(page, "Sie sind nicht angemeldet") {
		t.Errorf("the door is %s", page)
	}
}

// TestWordsOfScripts: a page brings along what its scripts say.
func TestWordsOfScripts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &shelf{})
	german, _ := d.a.spoken.Find("de")
	text, err := d.a.scriptWords(german)
	if err != nil || !strings.Contains(text, `"Today":"Heute"`) || !strings.Contains(text, `{{.Step}} steht für {{.Status}}`) || strings.Contains(text, "Sign in") {
		t.Errorf("%v %s", err, text)
	}
}
