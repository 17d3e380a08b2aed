package bot

import (
	"testing"
	"time"

	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// TestNextDigest moves the clock over weekends and over the days on which clocks change.
func TestNextDigest(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatalf("load a time zone: %v", err)
	}
	usual := settings.Default()
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, berlin)
	}
	for name, tt := range map[string]struct {
		kind        storage.DigestKind
		after, want time.Time
		// utc is the hour in UTC, which changes with the clocks.
		utc int
	}{
		"before the hour":               {storage.DailyDigest, at(11, 24, 7, 59), at(11, 24, 8, 0), 7},
		"at the hour":                   {storage.DailyDigest, at(11, 24, 8, 0), at(11, 25, 8, 0), 7},
		"over a weekend":                {storage.DailyDigest, at(11, 27, 8, 0), at(11, 30, 8, 0), 7},
		"on a Saturday":                 {storage.DailyDigest, at(11, 28, 6, 0), at(11, 30, 8, 0), 7},
		"clocks go forward":             {storage.DailyDigest, at(3, 27, 8, 0), at(3, 30, 8, 0), 6},
		"clocks go back":                {storage.DailyDigest, at(10, 23, 8, 0), at(10, 26, 8, 0), 7},
		"weekly":                        {storage.WeeklyDigest, at(11, 24, 8, 0), at(11, 30, 8, 0), 7},
		"weekly at the hour":            {storage.WeeklyDigest, at(11, 30, 8, 0), at(12, 7, 8, 0), 7},
		"weekly, over clocks going on":  {storage.WeeklyDigest, at(3, 23, 8, 0), at(3, 30, 8, 0), 6},
		"weekly, just before the hour":  {storage.WeeklyDigest, at(11, 30, 7, 0), at(11, 30, 8, 0), 7},
		"the end of a month and a year": {storage.DailyDigest, at(12, 31, 9, 0), at(12, 32, 8, 0), 7},
	} {
		got := timetableOf(tt.kind, &usual, berlin).next(tt.after)
		if !got.Equal(tt.want) || got.UTC().Hour() != tt.utc {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestDigestPeriod(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatalf("load a time zone: %v", err)
	}
	usual := settings.Default()
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 8, 0, 0, 0, berlin) }
	for name, tt := range map[string]struct {
		kind               storage.DigestKind
		now                time.Time
		since, till, title string
	}{
		"a Tuesday":               {storage.DailyDigest, at(11, 24), "2026-11-23", "2026-11-23", "Monday 23 November"},
		"a Monday":                {storage.DailyDigest, at(11, 30), "2026-11-27", "2026-11-29", "Friday 27 to Sunday 29 November"},
		"the week":                {storage.WeeklyDigest, at(11, 30), "2026-11-23", "2026-11-29", "week from 23 November to 29 November"},
		"over clocks going on":    {storage.WeeklyDigest, at(3, 30), "2026-03-23", "2026-03-29", "week from 23 March to 29 March"},
		"after clocks went back":  {storage.DailyDigest, at(10, 26), "2026-10-23", "2026-10-25", "Friday 23 to Sunday 25 October"},
		"one that is late by far": {storage.WeeklyDigest, at(12, 2), "2026-11-23", "2026-11-29", "week from 23 November to 29 November"},
	} {
		p := timetableOf(tt.kind, &usual, berlin).period(tt.now)
		title, _ := present.Words{}.Period(p.Of, p.Since, p.Until)
		if p.Since.Format(time.DateOnly) != tt.since || p.Until.Format(time.DateOnly) != tt.till || title != tt.title {
			t.Errorf("%s: from %v to %v, %q", name, p.Since, p.Until, title)
		}
	}
}

// TestTimetable keeps to the desk's own working days, holidays and wishes.
func TestTimetable(t *testing.T) {
	t.Parallel()
	s := settings.Default()
	s.Calendar.Zone = "Europe/Berlin"
	s.Calendar.Week[time.Saturday] = []workflow.Span{{From: 9 * 60, Till: 12 * 60}}
	s.Calendar.Week[time.Tuesday] = []workflow.Span{{From: 9 * 60, Till: 17 * 60}}
	s.Calendar.Holidays = []settings.Holiday{{Date: "2026-11-28", Name: "Closed"}}
	s.Digest.Hour = 17
	table := timetableOf(storage.DailyDigest, &s, time.UTC)
	after := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC) // Five o'clock on a Tuesday in Berlin.
	if got, want := table.next(after), time.Date(2026, 12, 1, 16, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("the next is %v, want %v", got, want)
	}
	if p := table.period(after); p.Since.Format(time.DateOnly) != "2026-11-21" || p.Until.Format(time.DateOnly) != "2026-11-23" {
		t.Errorf("it tells of %v to %v", p.Since, p.Until)
	}
	// The weekly one comes on the first working day of a week and tells of the whole last one.
	weekly := timetableOf(storage.WeeklyDigest, &s, time.UTC)
	if got, want := weekly.next(after), time.Date(2026, 12, 1, 16, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("the next of the week is %v, want %v", got, want)
	}
	s.Calendar.Holidays = append(s.Calendar.Holidays, settings.Holiday{Date: "2026-12-01", Name: "Closed"})
	weekly = timetableOf(storage.WeeklyDigest, &s, time.UTC)
	saturday := time.Date(2026, 12, 5, 16, 0, 0, 0, time.UTC)
	if got := weekly.next(after); !got.Equal(saturday) {
		t.Errorf("after a holiday the next of the week is %v, want %v", got, saturday)
	}
	if p := weekly.period(saturday); p.Since.Format(time.DateOnly) != "2026-11-23" || p.Until.Format(time.DateOnly) != "2026-11-29" {
		t.Errorf("the week is from %v to %v", p.Since, p.Until)
	}
	s.Digest.Daily = false
	if got := timetableOf(storage.DailyDigest, &s, time.UTC).next(after); !got.IsZero() {
		t.Errorf("switched off, it is sent at %v", got)
	}
	never := settings.Default()
	for day := range 70 {
		date := time.Date(2026, 11, 20+day, 0, 0, 0, 0, time.UTC)
		never.Calendar.Holidays = append(never.Calendar.Holidays, settings.Holiday{Date: date.Format(time.DateOnly)})
	}
	if got := timetableOf(storage.DailyDigest, &never, time.UTC).next(after); !got.IsZero() {
		t.Errorf("on holiday for ever, it is sent at %v", got)
	}
}
