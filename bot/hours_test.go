package bot_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // A machine may have no time zones of its own.

	"taskbridge/bot/chat"
)

// works sets the working time of a firm.
func (d *desk) works(firm string, values map[string]string) {
	d.t.Helper()
	form := d.command("olivia", "ops", "contractor hours "+firm).Form
	if form == nil {
		d.t.Fatal("no form for a firm's hours")
	}
	if a := d.submit("olivia", "ops", form, values); a.Refused != "" {
		d.t.Fatalf("the firm's hours: %+v", a)
	}
}

// deskWorks sets the desk's own calendar.
func (d *desk) deskWorks(values map[string]string) {
	d.t.Helper()
	d.admin()
	if a := d.submit("adam", "general", d.section("adam", "calendar"), values); a.Refused != "" {
		d.t.Fatalf("the desk's hours: %+v", a)
	}
}

// at moves the clock to a moment, which must be ahead.
func (d *desk) at(text string) {
	d.t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Before(d.clock.Now()) {
		d.t.Fatalf("cannot move the clock to %s: %v", text, err)
	}
	d.advance(at.Sub(d.clock.Now()))
}

func (d *desk) answerBy(number int) string {
	d.t.Helper()
	return d.issue(number).Assignments[0].AcceptBy.UTC().Format(time.RFC3339)
}

// TestAnswerInWorkingHours counts in the firm's own calendar, else in the desk's, and
// leaves a moment that somebody named what it is. It is Monday, nine o'clock in UTC.
func TestAnswerInWorkingHours(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	const deskOpen, firmOpen = "Mon–Fri 08:00–17:00", "Mon–Fri 12:00–14:00"
	berlin := map[string]string{"zone": "Europe/Berlin", "hours": deskOpen, "holidays": "2026-11-24 A holiday"}
	d.deskWorks(berlin)
	for n, c := range []struct{ by, firm, want string }{
		{"", "", "2026-11-26T15:00:00Z"}, // 24 hours: 7 today, 9 on Wednesday and 8 on Thursday.
		{"2h", "", "2026-11-23T11:00:00Z"},
		{"8h", "", "2026-11-25T08:00:00Z"},
		{"1d", "", "2026-11-24T09:00:00Z"},
		{"tomorrow 9am", "", "2026-11-24T08:00:00Z"},
		{"2h", firmOpen, "2026-11-23T13:00:00Z"},
		{"3h", firmOpen, "2026-11-25T12:00:00Z"},
	} {
		if c.firm != "" {
			d.works("acme", map[string]string{"zone": "Europe/Berlin", "hours": c.firm, "holidays": "2026-11-24"})
		}
		d.says("olivia", "ops", "new Job")
		line := "assign " + string(rune('1'+n)) + " acme"
		if c.by != "" {
			line += " by " + c.by
		}
		expect(t, d.says("olivia", "ops", line), "offered")
		if got := d.answerBy(n + 1); got != c.want {
			t.Errorf("by %q with hours %q: %s, want %s", c.by, c.firm, got, c.want)
		}
	}
	card := d.waitCard(firmChannel, "#7", "Accept", "Decline", "Suggest other terms")
	shown := ""
	for _, f := range card.Message.Facts {
		shown += f.Label + " " + f.Value.String() + "\n"
	}
	if !strings.Contains(shown, "less than 4 working hours left") {
		t.Errorf("the card shows %s", shown)
	}
	expect(t, d.says("olivia", "ops", "contractor show acme"), "Works: Mon–Fri 12:00–14:00 (Europe/Berlin), 1 holiday")
}

// TestWarningInWorkingHours: a warning comes while the firm works, with time enough to
// answer, across a weekend in which the clock goes forward.
func TestWarningInWorkingHours(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.works("acme", map[string]string{"zone": "Europe/Berlin", "hours": "Mon–Fri 08:00–16:00"})
	d.drained()
	// On Friday at 15:00 in Berlin: an hour is left today, and three on Monday.
	d.at("2027-03-26T14:00:00Z")
	d.says("olivia", "ops", "new Job")
	d.says("olivia", "ops", "assign 1 acme by 4h")
	if got := d.answerBy(1); got != "2027-03-29T09:00:00Z" {
		t.Fatalf("it is to be answered by %s", got)
	}
	d.drained()
	warnings := func() int { return len(d.posts(firmChannel, "Please answer this offer")) }
	d.at("2027-03-29T07:59:00Z")
	d.drained()
	if warnings() != 0 {
		t.Error("the warning came over the weekend")
	}
	d.at("2027-03-29T08:00:01Z")
	d.drained()
	if warnings() != 1 || len(d.posts(firmChannel, "(1 working hour left)")) != 1 {
		t.Errorf("%d warnings", warnings())
	}
	d.wantStatus(1, "allocated/assigned")
	d.at("2027-03-29T09:00:01Z")
	d.wantStatus(1, "reported/declined")
}

// TestAnswerAtTheLastMoment: when the time to answer ends in the moment in which
// somebody accepts, exactly one of the two happens, and the other is told so.
func TestAnswerAtTheLastMoment(t *testing.T) {
	t.Parallel()
	for range 5 {
		d := newDesk(t)
		d.withFirm()
		card := d.offered()
		accept := token(t, card.Message, "Accept")
		d.clock.Advance(2 * time.Hour)
		var all sync.WaitGroup
		var answer chat.Answer
		all.Go(func() { answer = d.press("cora", firmChannel, card.ID, accept, "") })
		all.Go(func() {
			if err := d.engine.FireDue(t.Context()); err != nil {
				t.Errorf("fire: %v", err)
			}
		})
		all.Wait()
		d.fire()
		events := d.events(1)
		accepted, expired := has(events, "accepted"), has(events, "expired")
		if accepted+expired != 1 || (accepted == 1) != (answer.Refused == "") {
			t.Errorf("accepted %d times, expired %d times; the answer was %q", accepted, expired, answer.Message.Text)
		}
		want := "reported/declined"
		if accepted == 1 {
			want = "allocated/accepted"
		}
		d.wantStatus(1, want)
	}
}

func TestFirmHoursForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	a := d.command("olivia", "ops", "contractor hours acme")
	if a.Form == nil || !strings.Contains(a.Form.Intro, "The desk works round the clock") {
		t.Fatalf("got %+v", a)
	}
	if again := d.press("olivia", "ops", "", a.Fallback.Buttons[0].Token, ""); again.Form == nil {
		t.Errorf("the button of a form that did not open gave %+v", again)
	}
	if r := d.submit("olivia", "ops", a.Form, map[string]string{"hours": "Mon 9-8x"}); r.FieldErrors["hours"] == "" {
		t.Errorf("wrong hours gave %+v", r)
	}
	expect(t, d.says("cora", firmChannel, "contractor hours acme"), "Only the desk can set a firm's working hours")
	if r := d.submit("olivia", "ops", a.Form, map[string]string{"hours": ""}); !strings.Contains(r.Message.Text.String(), "works when the desk does") {
		t.Errorf("no hours gave %+v", r)
	}
}

// TestDatesInOnesOwnZone: the same words are another moment for somebody elsewhere.
func TestDatesInOnesOwnZone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.deskWorks(map[string]string{"zone": "Europe/Berlin"})
	d.p.mu.Lock()
	d.p.people["nora"] = chat.Person{ID: "nora", Name: "Nora", Kind: chat.Member, Zone: "America/New_York"}
	d.p.people["zoe"] = chat.Person{ID: "zoe", Name: "Zoe", Kind: chat.Member, Zone: "Mars/Crater"}
	d.p.mu.Unlock()
	d.join("ops", "nora")
	d.join("ops", "zoe")
	d.says("olivia", "ops", "new Job")
	for who, want := range map[string]string{"nora": "2026-11-24T14:00:00Z", "olivia": "2026-11-24T08:00:00Z", "zoe": "2026-11-24T08:00:00Z"} {
		expect(t, d.says(who, "ops", "remind 1 tomorrow 9am"), "The reminder of #1")
		if got := d.issue(1).RemindAt.UTC().Format(time.RFC3339); got != want {
			t.Errorf("tomorrow 9am of %s is %s, want %s", who, got, want)
		}
	}
	expect(t, d.says("olivia", "ops", "remind 1 next friday"), "Write Friday for the first, or the date")
	expect(t, d.says("olivia", "ops", "remind 1 whenever"), "next monday or 2026-12-01 14:00")
}

// TestFormsSayOnesOwnZone: a form says the zone in which the times in it are read, also one
// that a message's menu opens.
func TestFormsSayOnesOwnZone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.deskWorks(map[string]string{"zone": "Europe/Berlin"})
	d.p.mu.Lock()
	d.p.people["nora"] = chat.Person{ID: "nora", Name: "Nora", Kind: chat.Member, Zone: "America/New_York"}
	d.p.mu.Unlock()
	d.join("ops", "nora")
	number := 0
	for who, want := range map[string]struct{ zone, due string }{
		"nora":   {"America/New_York", "2026-11-24T14:00:00Z"},
		"olivia": {"Europe/Berlin", "2026-11-24T08:00:00Z"},
	} {
		for how, body := range map[string]chat.Body{
			"a command": chat.Command{Text: "new"}, "a menu": chat.Picked{Text: "Leak", Link: "https://chat.example/tenants/m" + who},
		} {
			form := d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: "ops", Body: body}).Form
			n := slices.IndexFunc(form.Fields, func(f chat.Field) bool { return f.Name == "due" })
			if help := form.Fields[n].Help; !strings.Contains(help, want.zone) {
				t.Errorf("by %s, %s reads %q", how, who, help)
			}
			d.submit(who, "ops", form, map[string]string{"title": "Leak", "priority": "normal", "due": "tomorrow 9am"})
			number++
			if got := d.issue(number).DueAt.UTC().Format(time.RFC3339); got != want.due {
				t.Errorf("by %s, tomorrow 9am of %s is %s, want %s", how, who, got, want.due)
			}
		}
	}
}

// TestTimesInGerman: times are typed in German, and what is refused shows how in the
// language of who reads it.
func TestTimesInGerman(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.deskWorks(map[string]string{"zone": "Europe/Berlin"})
	d.reads("gisela", "de")
	d.join("ops", "gisela")
	d.says("gisela", "ops", "new Job")
	expect(t, d.says("gisela", "ops", "remind 1 morgen 9 Uhr"), "Die Erinnerung an #1")
	if got, want := d.issue(1).RemindAt.UTC().Format(time.RFC3339), "2026-11-24T08:00:00Z"; got != want {
		t.Errorf("morgen 9 Uhr is %s, want %s", got, want)
	}
	expect(t, d.says("gisela", "ops", "remind 1"), "wie morgen 9 Uhr")
	expect(t, d.says("gisela", "ops", "remind 1 irgendwann"), "morgen 9 Uhr, Fr 14:00, nächsten Montag oder 1.12.2026 14:00.")
	expect(t, d.says("gisela", "ops", "remind 1 nächsten Freitag"), "Nächster Freitag kann der 27. Nov. 2026 oder der 4. Dez. 2026 sein. Schreiben Sie Freitag für den ersten")
	expect(t, d.says("gisela", "ops", "remind 1 morgen um 5"), "Schreiben Sie 5:00 oder 17:00.")
	expect(t, d.says("gisela", "ops", "remind 1 morgen um halb fünf"), "Ist halb fünf am Morgen oder am Nachmittag gemeint? Schreiben Sie 4:30 oder 16:30.")
	expect(t, d.says("gisela", "ops", "remind 1 nächsten Monat"), "Nächsten Monat kann am 1. Dez. 2026 oder am 23. Dez. 2026 heißen. Schreiben Sie in 1 Monat für den zweiten")
	expect(t, d.says("gisela", "ops", "remind 1 5.12"), "Schreiben Sie 5:12 für die Uhrzeit oder 5.12. für den Tag.")
	expect(t, d.says("gisela", "ops", "assign 1 acme by morgen um 14 Uhr"), "#1")
	d.waitCard(firmChannel, "#1 Job", "Accept", "Decline", "Suggest other terms")
}
