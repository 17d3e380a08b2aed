package bot_test

import (
	"errors"
	"strings"
	"testing"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
)

// speaks sets a firm's own language.
func (d *desk) speaks(firm, language string) {
	d.t.Helper()
	form := d.command("olivia", "ops", "contractor hours "+firm).Form
	if a := d.submit("olivia", "ops", form, map[string]string{"language": language}); a.Refused != "" {
		d.t.Fatalf("the firm's language: %+v", a)
	}
}

// TestGermanFirmOfAnEnglishDesk writes to each side in its own language, whoever did
// what.
func TestGermanFirmOfAnEnglishDesk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.speaks("acme", "de")
	d.command("olivia", "ops", "new Heizung tropft")
	d.says("olivia", "ops", "assign 1 acme by 2h")
	theirs := d.waitCard(firmChannel, "#1 Heizung tropft", "Annehmen", "Ablehnen", "Anderes vorschlagen")
	if text := theirs.Message.Text.String(); !strings.HasPrefix(text, "Ein neuer Auftrag für Sie.") {
		t.Errorf("the firm's card says %q", text)
	}
	d.later()
	d.boardSays("Anzunehmen oder abzulehnen (1)", "#1 Heizung tropft")
	expect(t, d.click("cora", firmChannel, theirs, "Annehmen").Message.Text.String(), "Sie sind jetzt verantwortlich für #1")
	d.waitText("ops", "(Acme Heating, Leeds) accepted.")
	d.waitCard("ops", "#1 Heizung tropft", "Reply to firm", "Edit details", "Amend terms", "Complete early", "Take back")
	expect(t, d.click("cora", firmChannel, theirs, "Annehmen").Message.Text.String(), "schon angenommen")
	d.says("olivia", "ops", "complete 1")
	d.waitText(firmChannel, "hat diesen Auftrag als abgeschlossen markiert.")
	expect(t, d.says("olivia", "ops", "approve 1"), "completed this already")
}

// TestGermanDesk sets the desk's language, which its firms have as long as they have
// none of their own.
func TestGermanDesk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.admin()
	if a := d.submit("adam", "general", d.section("adam", "language"), map[string]string{"language": "de"}); a.Refused != "" {
		t.Fatalf("the desk's language: %+v", a)
	}
	expect(t, d.says("olivia", "ops", "new Heizung tropft"), "#1 Heizung tropft ist angelegt.")
	expect(t, d.says("olivia", "ops", "assign 9 acme"), "Diesen Auftrag gibt es hier nicht")
	d.says("olivia", "ops", "assign 1 acme by 2h")
	d.waitCard("ops", "#1 Heizung tropft", "Der Firma antworten", "Angaben ändern", "Angebot zurückziehen")
	d.waitCard(firmChannel, "#1 Heizung tropft", "Annehmen", "Ablehnen", "Anderes vorschlagen")
	d.speaks("acme", "en")
	d.says("olivia", "ops", "cancel 1")
	d.waitText(firmChannel, "The desk withdrew this offer.")
	if a := d.submit("adam", "general", d.section("adam", "language"), map[string]string{"language": "tlh"}); a.FieldErrors["language"] == "" {
		t.Errorf("a language that nobody wrote texts in was taken: %+v", a)
	}
}

// TestGermanHours: in German the days of working hours have German names, in forms, answers,
// histories and refusals; they are read in both languages and kept in one, so that nobody
// clashes with a reader of the other. What was typed stands in German quotation marks.
func TestGermanHours(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.admin()
	speak := func(language string) {
		t.Helper()
		if a := d.submit("adam", "general", d.section("adam", "language"), map[string]string{"language": language}); a.Refused != "" {
			t.Fatalf("the desk's language: %+v", a)
		}
	}
	speak("de")
	d.deskWorks(map[string]string{"hours": "Mon–Fri 08:00–17:00\nSat 9-12"})
	form := d.section("adam", "calendar")
	if got := fieldNamed(t, form, "hours").Value; got != "Mo–Fr 08:00–17:00\nSa 09:00–12:00" {
		t.Errorf("the form shows %q", got)
	}
	if a := d.submit("adam", "general", form, map[string]string{"hours": "Mo–Fr 8-17\nFr 18-19"}); a.FieldErrors["hours"] != "Freitag steht in zwei Zeilen. Schreiben Sie alle Zeiten in eine, wie Mo 08:00–12:00, 13:00–17:00." {
		t.Errorf("refused with %q", a.FieldErrors)
	}
	if a := d.submit("adam", "general", form, map[string]string{"hours": `am "Montag"`}); !strings.HasPrefix(a.FieldErrors["hours"], "Ich verstehe die Zeile „am \"Montag\"“ nicht.") {
		t.Errorf("refused with %q", a.FieldErrors)
	}
	// Sent as it was shown, it changes nothing.
	expect(t, d.submit("adam", "general", form, map[string]string{"hours": "Mo–Fr 08:00–17:00\nSa 09:00–12:00"}).Message.Text.String(), "bleibt, wie")
	form = d.section("adam", "calendar")
	expect(t, d.submit("adam", "general", form, map[string]string{"hours": "Montag–Do. 8-17"}).Message.Text.String(), "gespeichert")
	expect(t, d.says("adam", "general", "settings history"), "„Mo–Fr 08:00–17:00; Sa 09:00–12:00“ → „Mo–Do 08:00–17:00“")
	speak("en")
	expect(t, d.says("adam", "general", "settings history"), "“Mon–Fri 08:00–17:00; Sat 09:00–12:00” → “Mon–Thu 08:00–17:00”")
}

// TestLanguageOfAPage: a page is read in the language that comes with the request, else
// in that of the reader's firm or the desk; so is why it is refused.
func TestLanguageOfAPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.speaks("acme", "de")
	d.command("olivia", "ops", "new Heizung tropft")
	d.says("olivia", "ops", "assign 1 acme by 2h")
	german := d.as("olivia")
	german.From.Locale = "de"
	for _, tc := range []struct {
		v            chat.Viewer
		heading, why string
	}{
		{d.as("olivia"), "Open jobs", "No firm fits"}, {german, "Offene Aufträge", "Keine Firma passt"},
	} {
		p, err := d.engine.ListPage(t.Context(), tc.v, chat.ListQuery{})
		if err != nil || p.Heading != tc.heading {
			t.Errorf("the list is called %q, want %q: %v", p.Heading, tc.heading, err)
		}
		_, err = d.engine.ListPage(t.Context(), tc.v, chat.ListQuery{Firm: "nobody"})
		if refused, ok := errors.AsType[*chat.RefusedPage](err); !ok || !strings.Contains(refused.Words, tc.why) {
			t.Errorf("refused with %v, want %q", err, tc.why)
		}
	}
	for who, want := range map[string]string{"olivia": "en", "cora": "de", "sam": "en"} {
		if got := d.engine.LanguageOf(t.Context(), d.as(who)); got != want {
			t.Errorf("%s reads %q, want %s", who, got, want)
		}
	}
	for channel, want := range map[string]string{"ops": "en", firmChannel: "de", "": "en", "nowhere": "en"} {
		if got := d.engine.LanguageAt(t.Context(), d.p.Workspace(), channel); got != want {
			t.Errorf("%s is read in %q, want %s", channel, got, want)
		}
	}
}

// TestLanguagesOfSettings holds that exactly the languages that there are texts in can
// be chosen.
func TestLanguagesOfSettings(t *testing.T) {
	t.Parallel()
	languages, err := present.LoadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, o := range languages.Options() {
		there = append(there, o.Value)
	}
	if want, got := strings.Join(there, " "), strings.Join(settings.Languages(), " "); want != got {
		t.Errorf("there are texts in %s, and %s can be chosen", want, got)
	}
	for name, want := range map[string]bool{"de": true, "de-AT": true, "de_DE": true, "en-GB": true, "fr, de;q=0.5": true, "ja": false, "": false, "nonsense!": false} {
		if _, ok := languages.Find(name); ok != want {
			t.Errorf("%q is found: %v", name, ok)
		}
	}
}
