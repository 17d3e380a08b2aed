package bot_test

import (
	"strings"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
)

// admin adds adam, an administrator of no channel of the desk's.
func (d *desk) admin() {
	d.p.addPerson("adam", chat.Member, true)
	d.p.addChannel("general", "adam")
}

// section opens the form of a section of the settings.
func (d *desk) section(who, name string) *chat.Form {
	d.t.Helper()
	a := d.command(who, "general", "settings "+name)
	if a.Form == nil {
		d.t.Fatalf("settings %s gave %q", name, a.Message.Text)
	}
	return a.Form
}

func fieldNamed(t *testing.T, f *chat.Form, name string) chat.Field {
	t.Helper()
	for _, field := range f.Fields {
		if field.Name == name {
			return field
		}
	}
	t.Fatalf("the form has no field %s", name)
	return chat.Field{}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.admin()
	list := d.command("adam", "general", "settings")
	for _, want := range []string{"Working hours", "Decline reasons", "Time to answer 24h"} {
		if !strings.Contains(list.Message.Text.String(), want) {
			t.Errorf("the list lacks %q: %s", want, list.Message.Text)
		}
	}
	if a := d.press("adam", "general", "", list.Message.Choice.Token, "offers"); a.Form == nil || a.Form.Title != "Offers" || a.Fallback.Empty() {
		t.Errorf("the choice gave %+v", a)
	}
	again := d.command("adam", "general", "settings offers").Fallback
	if a := d.press("adam", "general", "", again.Buttons[0].Token, ""); a.Form == nil || a.Form.Title != "Offers" {
		t.Errorf("the button of a form that did not open gave %+v", a)
	}
	expect(t, d.says("adam", "general", "settings nonsense"), "Choose one of calendar, offers")

	form := d.section("adam", "calendar")
	typed := map[string]string{"zone": "Europe/Berlin", "hours": "Mon–Fri 8-17", "holidays": "2026-13-25 Christmas"}
	if a := d.submit("adam", "general", form, typed); !strings.Contains(a.FieldErrors["holidays"], "2026-13-25") || !a.Message.Empty() {
		t.Errorf("a wrong holiday gave %+v", a)
	}
	typed["holidays"] = "2026-12-25 Christmas"
	if a := d.submit("adam", "general", form, typed); !strings.Contains(a.Message.Text.String(), "is saved") {
		t.Errorf("saving gave %+v", a)
	}
	form = d.section("adam", "calendar")
	if got := fieldNamed(t, form, "hours").Value; got != "Mon–Fri 08:00–17:00" {
		t.Errorf("the form shows %q", got)
	}
	unchanged := map[string]string{}
	for _, f := range form.Fields {
		unchanged[f.Name] = f.Value
	}
	if a := d.submit("adam", "general", form, unchanged); !strings.Contains(a.Message.Text.String(), "stays as it is") {
		t.Errorf("saving nothing gave %+v", a)
	}
	history := d.command("adam", "general", "settings history").Message.Text.String()
	for _, want := range []string{"Adam Working hours, Holidays: nothing → “2026-12-25 Christmas”", "Time zone: nothing → “Europe/Berlin”"} {
		if !strings.Contains(history, want) {
			t.Errorf("the history lacks %q: %s", want, history)
		}
	}
}

// TestSettingsHistoryOfFirms: what the desk changed for one firm stands beside what it
// changed for itself, and is read by administrators only.
func TestSettingsHistoryOfFirms(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.deskWorks(map[string]string{"zone": "Europe/Berlin"})
	d.clock.Advance(time.Minute)
	d.works("acme", map[string]string{"hours": "Mon–Fri 08:00–16:00", "holidays": "2026-12-24 Christmas Eve"})
	d.clock.Advance(time.Minute)
	expect(t, d.says("olivia", "ops", "contractor topics acme boiler"), "does boiler")
	history := d.says("adam", "general", "settings history")
	for _, want := range []string{
		"Olivia Acme Heating, Leeds, Topics: nothing → “boiler”",
		"Olivia Acme Heating, Leeds, Working hours: nothing → “Mon–Fri 08:00–16:00; 2026-12-24 Christmas Eve”",
		"Adam Working hours, Time zone: nothing → “Europe/Berlin”",
	} {
		_, after, ok := strings.Cut(history, want)
		if !ok {
			t.Fatalf("%q does not stand where it should in\n%s", want, history)
		}
		history = after
	}
}

// TestPhotosByNumber: the desk says how many photos any work has to bring.
func TestPhotosByNumber(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.admin()
	form := d.section("adam", "approval")
	for _, wrong := range []string{"two", "-1", "21"} {
		if a := d.submit("adam", "general", form, map[string]string{"photos": wrong}); !strings.Contains(a.FieldErrors["photos"], "from 0 to 20") {
			t.Errorf("%s photos gave %+v", wrong, a)
		}
	}
	d.submit("adam", "general", form, map[string]string{"photos": "2"})
	expect(t, d.says("adam", "general", "settings"), "Photos or files 2")
	card := d.accepted()
	wantFact(t, card, "Evidence", "2 photos or files")
	expect(t, d.click("cora", firmChannel, card, "Complete").Message.Text.String(), "Post 2 more photos or files")
}

// TestSettingsAreForAdministrators also when somebody has an administrator's button.
func TestSettingsAreForAdministrators(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.admin()
	list := d.command("adam", "general", "settings").Message.Choice.Token
	form := d.section("adam", "digest")
	for _, who := range []string{"olivia", "cora", "sam"} {
		expect(t, d.says(who, "ops", "settings"), "Only an administrator")
		expect(t, d.says(who, "ops", "settings history"), "Only an administrator")
		if a := d.press(who, "ops", "", list, "digest"); a.Refused != bot.RefusedUnauthenticated {
			t.Errorf("%s opened it with another's button: %+v", who, a)
		}
		if a := d.submit(who, "ops", form, map[string]string{"hour": "9"}); a.Refused != bot.RefusedUnauthenticated {
			t.Errorf("%s sent another's form: %+v", who, a)
		}
	}
	d.p.addPerson("adam", chat.Member, false)
	d.clock.Advance(time.Hour)
	if a := d.submit("adam", "general", form, map[string]string{"hour": "9"}); a.Refused != "forbidden" {
		t.Errorf("who is no administrator any more: %+v", a)
	}
}

// TestSettingsClash: two administrators with the same form open.
func TestSettingsClash(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.admin()
	d.p.addPerson("ada", chat.Member, true)
	first, second := d.section("adam", "offers"), d.section("ada", "offers")
	d.submit("ada", "general", second, map[string]string{"answer_within": "4h"})
	a := d.submit("adam", "general", first, map[string]string{"answer_within": "8h", "cool_off": "1d"})
	if !strings.Contains(a.FieldErrors["answer_within"], "Meanwhile Ada changed this") || len(a.FieldErrors) != 1 {
		t.Errorf("a clash gave %+v", a)
	}
	// Who changed another field is in nobody's way.
	if a := d.submit("adam", "general", first, map[string]string{"answer_within": "24h", "cool_off": "1d"}); a.Refused != "" {
		t.Errorf("another field: %+v", a)
	}
	form := d.section("adam", "offers")
	if got := fieldNamed(t, form, "answer_within").Value + " " + fieldNamed(t, form, "cool_off").Value; got != "4h 1d" {
		t.Errorf("saved is %s", got)
	}
}

// TestSettingsOnAnotherReplica: nothing is decided by settings that were changed
// elsewhere, though each replica keeps them in memory.
func TestSettingsOnAnotherReplica(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.admin()
	other, _ := d.anotherEngine()
	ask := func(e *bot.Engine, key string) string {
		a, err := e.Handle(t.Context(), chat.Inbound{
			Key: key, Workspace: workspace, At: d.clock.Now(), From: chat.Person{ID: "adam"}, Channel: "general", Body: chat.Command{Text: "settings offers"},
		})
		if err != nil || a.Form == nil {
			t.Fatalf("%+v, %v", a, err)
		}
		return fieldNamed(t, a.Form, "answer_within").Value
	}
	if got := ask(other, "replica1"); got != "24h" {
		t.Fatalf("at first it is %s", got)
	}
	d.submit("adam", "general", d.section("adam", "offers"), map[string]string{"answer_within": "3h"})
	if got := ask(other, "replica2"); got != "3h" {
		t.Errorf("the other replica goes by %s", got)
	}
	if got := ask(d.engine, "replica3"); got != "3h" {
		t.Errorf("this replica goes by %s", got)
	}
}

// TestReasonsOfTheDesk: firms choose from the desk's own list, and everybody reads its
// words.
func TestReasonsOfTheDesk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.admin()
	d.submit("adam", "general", d.section("adam", "reasons"), map[string]string{"reasons": "no_lift | No lift in the building\nother | Something else"})
	answer := d.click("cora", firmChannel, d.offered(), "Decline")
	options := ""
	for _, o := range fieldNamed(t, answer.Form, "reason").Options {
		options += o.Label + ", "
	}
	if options != "No lift in the building, Something else, " {
		t.Errorf("the firm may choose %s", options)
	}
	if n := len(answer.Fallback.Choice.Options); n != 1 {
		t.Errorf("without a form it may choose one of %d", n)
	}
	d.submit("cora", firmChannel, answer.Form, map[string]string{"reason": "no_lift"})
	d.waitText("ops", "declined: No lift in the building")
	expect(t, d.says("olivia", "ops", "history 1"), "No lift in the building")
	expect(t, d.says("olivia", "ops", "summary"), "Declined because: No lift in the building (1)")
	expect(t, d.says("cora", firmChannel, "score"), "Declined because: No lift in the building (1)")
}
