package words_test

import (
	"testing"
	"testing/fstest"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T) *words.Languages {
	t.Helper()
	l, err := words.Load(fstest.MapFS{"languages/some.de.yaml": {Data: []byte(`
"{{.Who}} left.": "Gegangen ist {{.Who}}."
"Open [a button]": "Öffnen"
"{{.Count}} files": {one: "{{.Count}} Datei", other: "{{.Count}} Dateien"}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSayingInALanguage(t *testing.T) {
	t.Parallel()
	german, ok := load(t).Find("fr, de-AT;q=0.8, en;q=0.3")
	if !ok || german.Language() != "de" || (words.Words{}).Language() != "en" {
		t.Fatal("German was not found")
	}
	for got, want := range map[string]string{
		german.Say("{{.Who}} left.", words.With{"Who": "Ada {{.Who}}"}): "Gegangen ist Ada {{.Who}}.",
		german.Sense("Open", "a button"):                                "Öffnen",
		german.Term("Of the desk's own"):                                "Of the desk's own",
		german.Count(1, "{{.Count}} file", "{{.Count}} files"):          "1 Datei",
		german.Count(0, "{{.Count}} file", "{{.Count}} files"):          "0 Dateien",
		words.Words{}.Count(1, "{{.Count}} file", "{{.Count}} files"):   "1 file",
		german.Money("1250.50 EUR"):                                     "1250,50 EUR",
		german.Money("250.000 KWD"):                                     "250.000 KWD",
		german.Money("as on quote 1.20"):                                "as on quote 1.20",
		words.Words{}.Money("1250.50 EUR"):                              "1250.50 EUR",
		german.ShortDay(time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)):   "3. Okt.",
		german.Say("{{.Nobody}}"):                                       "{{.Nobody}}",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	text := german.Text("{{.Who}} left.", words.With{"Who": chat.Span{Kind: chat.Bold, Text: "Ada"}})
	if diff := cmp.Diff(chat.T("Gegangen ist ").Bold("Ada").Plain("."), text); diff != "" {
		t.Error(diff)
	}
}

func TestFindingALanguage(t *testing.T) {
	t.Parallel()
	l := load(t)
	for list, want := range map[string]string{
		"de": "de", "de-CH": "de", "en_US": "en", "en-GB,en;q=0.9,de;q=0.8": "en", "da, de;q=0.7": "de",
		"": "", "fr": "", "*": "", "not a list!": "", string(make([]byte, 5000)): "",
	} {
		w, ok := l.Find(list)
		if ok != (want != "") || ok && w.Language() != want {
			t.Errorf("%.40q is %s %v, want %s", list, w.Language(), ok, want)
		}
	}
}

func TestBrokenFilesAreRefused(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"- a list", "\"unended", "Text: 7\n\tTab: x", "Empty: \"\""} {
		l, err := words.Load(fstest.MapFS{"languages/some.de.yaml": {Data: []byte(file)}})
		if err != nil || l.Check() == nil {
			t.Errorf("%q was taken: %v", file, err)
		}
	}
	for _, name := range []string{"languages/de.yaml", "languages/some.d-.yaml"} {
		if _, err := words.Load(fstest.MapFS{name: {Data: []byte("Yes: Ja")}}); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := load(t).Check(); err != nil {
		t.Error(err)
	}
}

func TestDatesAndNumbers(t *testing.T) {
	t.Parallel()
	german, _ := load(t).Find("de")
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 14, 9, 5, 0, 0, zone)
	for _, w := range []struct{ got, want string }{
		{words.Words{}.Moment(at), "Sat 14 Mar 2026 09:05 CET"},
		{words.Words{}.MomentSpan(at, at.Add(2*time.Hour)), "Sat 14 Mar 2026 09:05–11:05 CET"},
		{words.Words{}.ShortMomentSpan(at, at.Add(2*time.Hour), at), "14 Mar 09:05–11:05 CET"},
		{words.Words{}.ShortMomentSpan(at, at.Add(20*time.Hour), at), "14 Mar 09:05 CET – 15 Mar 05:05 CET"},
		// Clocks are changed in that night.
		{words.Words{}.ShortMomentSpan(at.AddDate(0, 0, 15).Add(-8*time.Hour), at.AddDate(0, 0, 15).Add(-3*time.Hour), at), "29 Mar 00:05 CET – 29 Mar 06:05 CEST"},
		{german.ShortMomentSpan(at, at.Add(2*time.Hour), at), "14. März, 09:05–11:05 MEZ"},
		{german.MomentSpan(at, at.Add(20*time.Hour)), "Sa, 14. März 2026, 09:05 MEZ – So, 15. März 2026, 05:05 MEZ"},
		{german.Moment(at), "Sa, 14. März 2026, 09:05 MEZ"},
		{german.Moment(at.AddDate(0, 4, 0)), "Di, 14. Juli 2026, 09:05 MESZ"},
		{words.Words{}.LongDate(at), "Saturday 14 March 2026"},
		{german.LongDate(at), "Samstag, 14. März 2026"},
		{words.Words{}.Date(at), "14 Mar 2026"},
		{german.DayName(at), "Sa, 14. März"},
		{words.Words{}.Span(at, at), "Saturday 14 March 2026, 09:05 CET"},
		{words.Words{}.Span(at, at.Add(time.Hour)), "Saturday 14 March 2026, 09:05 – 10:05 CET"},
		{german.Span(at, at.Add(25*time.Hour)), "Samstag, 14. März 2026, 09:05 Uhr – Sonntag, 15. März 2026, 10:05 Uhr MEZ"},
		{german.Tenths(4), "4,0"},
		{words.Words{}.Decimal(1.25), "1.25"},
		{german.Size(1536), "1,5 kB"},
		{german.Size(3), "3 Byte"},
		{words.Words{}.Size(25 << 20), "25 MB"},
	} {
		if w.got != w.want {
			t.Errorf("%q, want %q", w.got, w.want)
		}
	}
}
