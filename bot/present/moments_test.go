package present_test

import (
	"testing"
	"time"
	_ "time/tzdata" // A machine may have no time zones of its own.

	"taskbridge/bot/chat"
	"taskbridge/bot/present"

	"github.com/google/go-cmp/cmp"
)

// TestSpelledWindows: what both ends of a span of time have is said once in the reader's
// zone, and the span is given in it.
func TestSpelledWindows(t *testing.T) {
	t.Parallel()
	languages, err := present.LoadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 11, 25, 22, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		language, zone, short, full string
		oneDay                      bool
	}{
		{"en", "UTC", "25 Nov 22:30 UTC – 26 Nov 01:00 UTC", "Wed 25 Nov 2026 22:30 UTC – Thu 26 Nov 2026 01:00 UTC", false},
		{"en", "Europe/Helsinki", "26 Nov 00:30–03:00 EET", "Thu 26 Nov 2026 00:30–03:00 EET", true},
		{"de", "Europe/Berlin", "25. Nov., 23:30 MEZ – 26. Nov., 02:00 MEZ", "Mi, 25. Nov. 2026, 23:30 MEZ – Do, 26. Nov. 2026, 02:00 MEZ", false},
		{"de", "America/New_York", "25. Nov., 17:30–20:00 EST", "Mi, 25. Nov. 2026, 17:30–20:00 EST", true},
	} {
		words, _ := languages.Find(c.language)
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		p := &present.Presenter{Words: words, Zone: zone}
		m := chat.Message{Text: chat.T("Planned, ").Window(from, from.Add(150*time.Minute))}
		short, full := p.Spelled(m, from), p.SpelledInFull(m)
		if got := short.Text[1]; got.Text != c.short || got.OneDay() != c.oneDay {
			t.Errorf("%s in %s: %q, on one day: %t", c.language, c.zone, got.Text, got.OneDay())
		}
		if got := full.Text[1].Text; got != c.full {
			t.Errorf("%s in %s, in full: %q", c.language, c.zone, got)
		}
		if d := cmp.Diff(m, present.Unspelled(short)); d != "" {
			t.Errorf("a window that is taken back: %s", d)
		}
	}
}

// TestSpelled writes moments out as readers in several zones and languages do.
func TestSpelled(t *testing.T) {
	t.Parallel()
	languages, err := present.LoadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
	summer, newYear := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 15, 0, 0, time.UTC)
	for _, c := range []struct {
		language, zone string
		at             time.Time
		short, full    string
	}{
		{"en", "UTC", summer, "29 Mar 01:00 UTC", "Sun 29 Mar 2026 01:00 UTC"},
		{"en", "UTC", newYear, "1 Jan 2027 00:15 UTC", "Fri 1 Jan 2027 00:15 UTC"},
		{"en", "Europe/London", summer, "29 Mar 02:00 BST", "Sun 29 Mar 2026 02:00 BST"},
		{"en", "Europe/Berlin", summer, "29 Mar 2026 03:00 CEST", "Sun 29 Mar 2026 03:00 CEST"},
		{"de", "Europe/Berlin", summer, "29. März 2026, 03:00 MESZ", "So, 29. März 2026, 03:00 MESZ"},
		{"de", "Europe/Berlin", newYear, "1. Jan., 01:15 MEZ", "Fr, 1. Jan. 2027, 01:15 MEZ"},
		{"de", "America/Sao_Paulo", newYear, "31. Dez., 21:15 UTC-03", "Do, 31. Dez. 2026, 21:15 UTC-03"},
	} {
		words, _ := languages.Find(c.language)
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		p := &present.Presenter{Words: words, Zone: zone}
		at := chat.Text{}.Moment(c.at)
		m := chat.Message{
			Title: "A job", Text: chat.T("Due ").Append(at),
			Facts: []chat.Fact{{Label: "Place", Value: chat.T("Leeds")}, {Label: "Due", Value: at}}, Notes: []chat.Text{at},
		}
		want := func(said string) chat.Message {
			spelled := chat.Text{{Kind: chat.Moment, Time: c.at, Text: said}}
			return chat.Message{
				Title: "A job", Text: chat.T("Due ").Append(spelled),
				Facts: []chat.Fact{{Label: "Place", Value: chat.T("Leeds")}, {Label: "Due", Value: spelled}}, Notes: []chat.Text{spelled},
			}
		}
		before := want("")
		short, full := p.Spelled(m, now), p.SpelledInFull(m)
		if d := cmp.Diff(want(c.short), short); d != "" {
			t.Errorf("%s in %s: %s", c.language, c.zone, d)
		}
		if d := cmp.Diff(want(c.full), full); d != "" {
			t.Errorf("%s in %s, in full: %s", c.language, c.zone, d)
		}
		if d := cmp.Diff(before, m); d != "" {
			t.Errorf("what was handed over is changed: %s", d)
		}
		if d := cmp.Diff(before, present.Unspelled(full)); d != "" {
			t.Errorf("a moment that is taken back: %s", d)
		}
	}
}
