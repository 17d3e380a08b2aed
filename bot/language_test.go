package bot_test

import (
	"strings"
	"testing"

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
	expect(t, d.click("cora", firmChannel, theirs, "Annehmen").Message.Text.String(), "Sie sind jetzt verantwortlich für #1")
	d.waitText("ops", "(Acme Heating, Leeds) accepted.")
	d.waitCard("ops", "#1 Heizung tropft", "Reply to firm", "Edit details", "Amend terms", "Complete early")
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
