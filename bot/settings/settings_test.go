package settings_test

import (
	"errors"
	"strings"
	"testing"
	_ "time/tzdata" // A machine may have no time zones of its own.

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"taskbridge/bot/settings"
	"taskbridge/workflow"
)

func TestDefaultIsLegal(t *testing.T) {
	t.Parallel()
	if err := settings.Default().Validate(); err != nil {
		t.Fatal(err)
	}
	for _, s := range settings.Sections() {
		for field, v := range s.Read(settings.Default()) {
			if is, err := s.Change(settings.Default(), map[string]string{field: v}); err != nil || !cmp.Equal(is, settings.Default()) {
				t.Errorf("%s %s: what is shown cannot be saved: %v, %s", s.Name, field, err, cmp.Diff(settings.Default(), is))
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	is := settings.Default()
	for section, values := range map[string]map[string]string{
		"calendar": {"zone": "Europe/Berlin", "hours": "Mon-Thu 8-12, 13.00 to 17:00\nfriday: 08:00 – 14:00\nsat 22:00-06:00", "holidays": "2026-12-26 Boxing Day\n2026-12-25 Christmas\n2027-01-01"},
		"offers":   {"answer_within": "90m", "cool_off": "2d"},
		"reasons":  {"reasons": "far | Too far\nother | Something else"},
		"steps":    {"steps": "Planned | calendar | planned\nDrying | :droplet: | Work | own name | own icon\nTravel | car | travel\nWork | wrench | work"},
		"digest":   {"daily": "true", "weekly": "true", "hour": "7"},
		"approval": {"hold": "false", "photos": "2"},
	} {
		s, ok := settings.SectionNamed(section[:min(4, len(section))])
		if !ok {
			t.Fatalf("no section %s", section)
		}
		var err error
		if is, err = s.Change(is, values); err != nil {
			t.Fatalf("%s: %v", section, err)
		}
	}
	text, err := settings.Encode(is)
	if err != nil {
		t.Fatal(err)
	}
	back, err := settings.Decode(text)
	if err != nil || !cmp.Equal(is, back) {
		t.Errorf("%v: %s", err, cmp.Diff(is, back))
	}
	calendar, _ := settings.SectionNamed("calendar")
	want := map[string]string{
		"zone": "Europe/Berlin", "hours": "Mon–Thu 08:00–12:00, 13:00–17:00\nFri 08:00–14:00\nSat 22:00–06:00",
		"holidays": "2026-12-25 Christmas\n2026-12-26 Boxing Day\n2027-01-01",
	}
	if diff := cmp.Diff(want, calendar.Read(is)); diff != "" {
		t.Error(diff)
	}
	steps, _ := settings.SectionNamed("steps")
	if got := steps.Read(is)["steps"]; got != "Planned | calendar | planned\nDrying | droplet | work | own name | own icon\nTravel | car | travel\nWork | wrench | work" {
		t.Errorf("steps are %q", got)
	}
	if !is.Steps[0].Standard || is.Steps[1].Standard {
		t.Errorf("got %+v", is)
	}
}

// TestIconsOfBefore: what a step had before icons were looked at takes no other change from it.
func TestIconsOfBefore(t *testing.T) {
	t.Parallel()
	is := settings.Default()
	is.Steps = append(is.Steps, workflow.WorkStep{Name: "Drying", Icon: "sponge", Maps: workflow.CustomerWork})
	steps, _ := settings.SectionNamed("steps")
	lines := steps.Read(is)["steps"]
	got, err := steps.Change(is, map[string]string{"steps": strings.Replace(lines, "Drying | sponge | work", "Drying | sponge | planned", 1)})
	if err != nil || got.Steps[3].Icon != "sponge" || got.Steps[3].Maps != workflow.CustomerPlanned {
		t.Errorf("%v: %+v", err, got.Steps)
	}
	if _, err := steps.Change(is, map[string]string{"steps": lines + "\nMopping | sponge | work"}); err == nil {
		t.Error("another step takes the icon")
	}
}

// TestDecodeTolerates: settings of an earlier or a later version, and of none.
func TestDecodeTolerates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]func(*settings.Settings){
		"":                                   func(*settings.Settings) {},
		"{}":                                 func(*settings.Settings) {},
		`{"digest":{"daily":true}}`:          func(s *settings.Settings) { s.Digest.Daily = true },
		`{"moon":{"full":true},"digest":{}}`: func(*settings.Settings) {},
		`{"approval":{"hold":false}}`:        func(s *settings.Settings) { s.Approval.Hold = false },
	} {
		is := settings.Default()
		want(&is)
		if got, err := settings.Decode(text); err != nil || !cmp.Equal(got, is) {
			t.Errorf("%s: %v, %s", text, err, cmp.Diff(is, got))
		}
	}
	for _, text := range []string{"{", `{"digest":{"hour":24}}`, `{"calendar":{"zone":"Mars/Crater"}}`, `{"digest":7}`} {
		if got, err := settings.Decode(text); err == nil || !cmp.Equal(got, settings.Default()) {
			t.Errorf("%s was taken", text)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ section, field, value, says string }{
		{"calendar", "zone", "Berlin", `no time zone "Berlin"`},
		{"calendar", "zone", "Local", "no time zone"},
		{"calendar", "zone", "../../etc/passwd", "no time zone"},
		{"calendar", "hours", "Mon–Fri", "I do not understand the line"},
		{"calendar", "hours", "Moonday 8-9", "I do not understand the line"},
		{"calendar", "hours", "Mon 8-25", `"8-25"`},
		{"calendar", "hours", "Mon 08:60-09:00", "Write times like"},
		{"calendar", "hours", "Mon 8-8", "Write times like"},
		{"calendar", "hours", "Mon 8-12, 11-17", "overlap"},
		{"calendar", "hours", "Mon 13-17, 8-12", "overlap"},
		{"calendar", "hours", "Mon 8-12\nMon 13-17", "in two lines"},
		{"calendar", "hours", "Mon 22-06\nTue 05-07", "runs into"},
		{"calendar", "holidays", "Christmas", `no day "Christmas"`},
		{"calendar", "holidays", "2026-02-30 x", "no day"},
		{"calendar", "holidays", "2026-12-25 a\n2026-12-25 b", "there twice"},
		{"calendar", "holidays", "2026-12-25 " + strings.Repeat("x", 39), "Shorten"},
		{"calendar", "holidays", strings.Repeat("2026-12-25\n", 61), "up to 60"},
		{"offers", "answer_within", "soon", "Write the working time"},
		{"offers", "answer_within", "2d", "in hours and minutes"},
		{"offers", "answer_within", "0m", "between"},
		{"offers", "cool_off", "400d", "up to a year"},
		{"offers", "cool_off", "", "Write the time"},
		{"reasons", "reasons", "", "cannot be removed"},
		{"reasons", "reasons", "far | Too far", "cannot be removed"},
		{"reasons", "reasons", "Too far\nother | Other", "is none"},
		{"reasons", "reasons", "far\nother | Other", "Give far a text"},
		{"reasons", "reasons", "no_answer | No\nother | Other", "the clock alone"},
		{"reasons", "reasons", "other | Other\nother | Other", "there twice"},
		{"steps", "steps", "Planned", "I do not understand the line"},
		{"steps", "steps", "Planned | calendar | planned", "cannot be removed"},
		{"steps", "steps", "Planned | calendar | asleep", "customers do not know"},
		{"steps", "steps", "Planned | calendar | planned | own car", "own car"},
		{"steps", "steps", "Planned | a calendar | planned", "The icon"},
		{"steps", "steps", "Planned | calendar | planned\nDrying | dropplet | work\nTravel | car | travel\nWork | wrench | work", `no icon "dropplet" for the step Drying: write one like wrench`},
		{"digest", "hour", "24", "between 0 and 23"},
	} {
		s, ok := settings.SectionNamed(c.section)
		if !ok {
			t.Fatalf("no section %s", c.section)
		}
		is, err := s.Change(settings.Default(), map[string]string{c.field: c.value})
		var r *workflow.Refusal
		if !errors.As(err, &r) || r.Field != c.field || !strings.Contains(r.Message, c.says) {
			t.Errorf("%s %s %q gave %v, %+v", c.section, c.field, c.value, err, r)
		}
		if !cmp.Equal(is.Calendar, settings.Default().Calendar) && c.section == "calendar" && err == nil {
			t.Errorf("%q changed the calendar", c.value)
		}
	}
	if _, ok := settings.SectionNamed("nonsense"); ok {
		t.Error("nonsense found a section")
	}
}

// TestHoursAreReadAsTheyAreWritten for every legal week.
func TestHoursAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var week [7][]workflow.Span
		for d := range week {
			at := 0
			for range rapid.IntRange(0, 3).Draw(rt, "spans") {
				from := rapid.IntRange(at, 1430).Draw(rt, "from")
				till := rapid.IntRange(from+1, 1440).Draw(rt, "till")
				week[d] = append(week[d], workflow.Span{From: from, Till: till})
				if at = till; at > 1400 {
					break
				}
			}
		}
		for _, text := range []string{
			settings.HoursText(week), settings.HoursIn(week, [7]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}),
			settings.HoursIn(week, [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}),
		} {
			got, err := settings.ParseHours(text)
			if err != nil || !cmp.Equal(got, week) {
				rt.Fatalf("%q: %v, %s", text, err, cmp.Diff(week, got))
			}
		}
	})
}

// FuzzText: nothing that is typed breaks a section, and what is taken is legal.
func FuzzText(f *testing.F) {
	f.Add("Mon–Fri 08:00–17:00")
	f.Add("2026-12-25 Christmas")
	f.Add("far | Too far\nother | Other")
	f.Add("accept 1h, start 99999w")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range settings.Sections() {
			for field := range s.Read(settings.Default()) {
				is, err := s.Change(settings.Default(), map[string]string{field: text})
				if err == nil && is.Validate() != nil {
					t.Errorf("%s %s %q was taken and is not legal", s.Name, field, text)
				}
			}
		}
	})
}
