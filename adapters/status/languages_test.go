package status_test

import (
	"bytes"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taskbridge/adapters/status"
	"taskbridge/bot/chat"
	"taskbridge/bot/words/wordstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestEveryTextHasEveryLanguage(t *testing.T) {
	t.Parallel()
	wordstest.Check(t, ".", map[string]string{})
}

// TestPagesLook: each page as it is, in both languages.
func TestPagesLook(t *testing.T) {
	t.Parallel()
	rated := chat.StatusView{Stars: 4, Steps: planned().Steps}
	people := map[string][]status.Person{"demonstration": {
		{Name: "Olivia <Hart>", Role: "operator", Address: "/web/as/olivia/"}, {Name: "Nora Quinn", Role: "customer", Address: "/web/as/nora/", Here: true},
	}}
	nonce := regexp.MustCompile(`name="nonce" value="[0-9a-f]+"`)
	for name, view := range map[string]chat.StatusView{"planned": planned(), "asked": asked("", ""), "agreed": asked(chat.VisitSuits, ""), "another": asked(chat.VisitAnother, "After <five>"), "finished": {CanRate: true, Steps: planned().Steps}, "rated": rated, "demonstration": planned()} {
		for _, language := range []string{"en", "de"} {
			d := &desk{view: view}
			code, page := getIn(t, serve(t, d, people[name]...)+token, language)
			page = nonce.ReplaceAllString(page, `name="nonce" value="NONCE"`)
			if code != http.StatusOK || !slices.Equal(d.read, []string{language}) {
				t.Errorf("%s: %d, read in %q", name, code, d.read)
			}
			path := filepath.Join("testdata", name+"."+language+".html")
			if *update {
				if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, []byte(page)) {
				t.Errorf("%s is\n%s\nwant\n%s", path, page, want)
			}
		}
	}
}

// TestLanguageOfAPage: a page is in the browser's language where there are texts in it,
// else in the desk's, and says so; so is what is refused.
func TestLanguageOfAPage(t *testing.T) {
	t.Parallel()
	at := serve(t, &desk{view: chat.StatusView{CanRate: true, Steps: planned().Steps}})
	for languages, want := range map[string]string{
		"": `<html lang="de">`, "fr-FR": "So steht Ihr Auftrag", "de-CH,de;q=0.9,en;q=0.5": "Wie war die Arbeit?", "en-US": "How was the work?",
	} {
		if _, page := getIn(t, at+token, languages); !strings.Contains(page, want) {
			t.Errorf("%s: %q is not in\n%s", languages, want, page)
		}
	}
	if code, page := getIn(t, at+"x", "de"); code != http.StatusNotFound || !strings.Contains(page, "Dieser Link ist unvollständig") {
		t.Errorf("%d\n%s", code, page)
	}
	if code, page := do(t, http.MethodPost, at+token, "de", nil); code != http.StatusUnprocessableEntity || !strings.Contains(page, "Wählen Sie einen bis fünf Sterne.") {
		t.Errorf("%d\n%s", code, page)
	}
}
