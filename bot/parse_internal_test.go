package bot

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // A machine may have no time zones of its own.
)

// monday is a Monday, nine in the morning.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestParseWhen(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatalf("load a time zone: %v", err)
	}
	day := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, time.UTC) }
	for text, want := range map[string]time.Time{
		"90m": day(23, 10, 30), "2h": day(23, 11, 0), "1h30m": day(23, 10, 30), "1h 30m": day(23, 10, 30), "1 hour, 30 mins": day(23, 10, 30),
		"in 2 hours": day(23, 11, 0), "3d": day(26, 9, 0), "2 days": day(25, 9, 0), "1w": day(30, 9, 0), "  2H ": day(23, 11, 0),
		"today 5pm": day(23, 17, 0), "tomorrow": day(24, 9, 0), "tomorrow 9am": day(24, 9, 0), "Tomorrow at 14:30": day(24, 14, 30),
		"friday": day(27, 9, 0), "fri 14:00": day(27, 14, 0), "monday": day(30, 9, 0), "by friday 12am": day(27, 0, 0), "sun 12pm": day(29, 12, 0),
		"2026-11-25": day(25, 9, 0), "2026-11-25 14:00": day(25, 14, 0), "2026-11-25T14:00": day(25, 14, 0), "2026-11-25 2pm": day(25, 14, 0),
		"5pm": day(23, 17, 0), "8am": day(24, 8, 0), "14.30": day(23, 14, 30), "at 9:01": day(23, 9, 1),
	} {
		got, err := parseWhen(text, monday, time.UTC)
		if err != nil || !got.Equal(want) {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "soon", "5", "25:00", "24:00", "13pm", "0am", "today", "2026-13-01", "2026-02-30", "2026-11-25 noonish", "2h later", "-2h", "1.5h",
		"tomorrow tomorrow", "m", "h2", "1month", "next friday", "99:99", "\x00", "２h",
	} {
		if got, err := parseWhen(text, monday, time.UTC); err == nil {
			t.Errorf("%q was taken as %v", text, got)
		}
	}
	if got, err := parseWhen("2026-12-01 14:00", monday, berlin); err != nil || !got.Equal(time.Date(2026, 12, 1, 13, 0, 0, 0, time.UTC)) {
		t.Errorf("in Berlin: %v, %v", got, err)
	}
	// Half an hour after midnight in Berlin it is still yesterday in UTC.
	late := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	if got, err := parseWhen("tomorrow 9am", late, berlin); err != nil || !got.Equal(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("tomorrow in Berlin: %v, %v", got, err)
	}
}

// TestParseWhenIsBounded finds amounts that overflow into the past or the far
// future.
func TestParseWhenIsBounded(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"16000w", "20000w", "99999w", "99999d 99999d", "99999w 99999w", strings.Repeat("99999d", 40)} {
		got, err := parseWhen(text, monday, time.UTC)
		if err == nil && (got.Before(monday) || got.After(monday.AddDate(300, 0, 0))) {
			t.Errorf("%.30q overflows to %v", text, got)
		}
	}
	for _, text := range []string{"20000w", "99999w", "99999w 20000w", "99999d 99999d", strings.Repeat("99999w", 7)} {
		if n, err := parseEffort(text); err == nil {
			t.Errorf("effort %.30q overflows to %d minutes", text, n)
		}
	}
}

func TestParseEffort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, " ": 0, "90m": 90, "2h": 120, "1h30m": 90, "1h 30 min": 90, "1000h": 60000} {
		if got, err := parseEffort(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"90", "-1h", "1001h", "a while", "1,5h", "h"} {
		if got, err := parseEffort(text); err == nil {
			t.Errorf("%q was taken as %d", text, got)
		}
	}
}

// cutAtBy cuts as a command does at a desk whose only firms are these.
func cutAtBy(s string) (names, when string) {
	names, v := cutTerms(s, func(names string) bool { return names == "baker by sea" })
	return names, v["accept_by"]
}

func TestCutBy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"acme by 2h": {"acme", "2h"}, "acme": {"acme", ""}, "Acme BY tomorrow 9am": {"Acme", "tomorrow 9am"},
		"baker by sea by 2h": {"baker by sea", "2h"}, "": {"", ""}, "acme terms by hand": {"acme", ""},
	} {
		if name, when := cutAtBy(text); name != want[0] || when != want[1] {
			t.Errorf("%q is %q and %q", text, name, when)
		}
	}
}

// TestCutByOfLettersThatChangeLength tries letters whose lower case has another
// number of bytes: positions in the one are not positions in the other.
func TestCutByOfLettersThatChangeLength(t *testing.T) {
	t.Parallel()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("what a person typed stops the program: %v", r)
		}
	}()
	for _, name := range []string{"İİİİİİİİ", "ȺȺȺȺȺȺȺȺ", "KKKKKK", "ẞẞẞẞ"} {
		if got, when := cutAtBy(name + " by 2h"); got != name || when != "2h" {
			t.Errorf("%q is %q and %q", name+" by 2h", got, when)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"asign": "assign", //nolint:misspell // The misspelling is what is tested.
		"lst":   "list", "histry": "history", "hlp": "help", "aprove": "approve", "summ": "summary", "Close": "close", "contr": "contractor",
		"x": "", "": "", "frobnicate": "", "ü": "",
	} {
		if got := nearest(word); got != want {
			t.Errorf("%q is near %q, want %q", word, got, want)
		}
	}
}

func FuzzParseWhen(f *testing.F) {
	for _, s := range []string{"90m", "1h30m", "tomorrow 9am", "2026-12-01 14:00", "friday 14:00", "by 5pm", "İ by 2h", "99999w"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if at, err := parseWhen(s, monday, time.UTC); err == nil {
			if y := at.Year(); y < 0 || y > 9999 {
				t.Errorf("%q is in the year %d", s, y)
			}
		}
		_, _ = parseEffort(s)
		_ = nearest(s)
		name, when := cutAtBy(s)
		if len(name)+len(when) > len(s) {
			t.Errorf("%q was cut into %q and %q", s, name, when)
		}
		if short(s) != short(short(s)) {
			t.Errorf("%q is cut twice", s)
		}
	})
}
