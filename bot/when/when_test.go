package when_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // A machine may have no time zones of its own.

	"taskbridge/bot/when"
	"taskbridge/workflow"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestParse reads what people write on Wednesday the 25th of November 2026, at ten past
// nine in Berlin.
func TestParse(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	now := time.Date(2026, 11, 25, 9, 10, 0, 0, berlin)
	for text, want := range map[string]string{
		"90m": "2026-11-25 10:40", "an hour": "2026-11-25 10:10", "in a day": "2026-11-26 09:10", "in 3 days": "2026-11-28 09:10", "1d 2h": "2026-11-26 11:10",
		"in a week": "2026-12-02 09:10", "tomorrow": "2026-11-26 09:00", "tomorrow 9am": "2026-11-26 09:00", "tomorrow at 14:30": "2026-11-26 14:30",
		"tomorrow noon": "2026-11-26 12:00", "tomorrow afternoon": "2026-11-26 14:00", "tomorrow in the evening": "2026-11-26 18:00",
		"the day after tomorrow 8:00": "2026-11-27 08:00", "fri 14:00": "2026-11-27 14:00", "on friday": "2026-11-27 09:00", "this friday noon": "2026-11-27 12:00",
		"wednesday": "2026-12-02 09:00", "next monday": "2026-11-30 09:00", "next mon 8am": "2026-11-30 08:00", "next week": "2026-11-30 09:00", "next wednesday": "2026-12-02 09:00",
		"2026-12-01 14:00": "2026-12-01 14:00", "1 dec": "2026-12-01 09:00", "December 1st, 2026 2pm": "2026-12-01 14:00", "1.12.2026 14:00": "2026-12-01 14:00",
		"24.11.": "2027-11-24 09:00", "5 jan 8:30": "2027-01-05 08:30", "9:00": "2026-11-26 09:00", "9:30": "2026-11-25 09:30", "noon": "2026-11-25 12:00",
		"until 5pm": "2026-11-25 17:00", "2026-11-25T10:00:00Z": "2026-11-25 11:00",
	} {
		got, err := when.Parse(text, now, berlin)
		if err != nil || got.At.In(berlin).Format("2006-01-02 15:04") != want {
			t.Errorf("%q is %v, %v; want %s", text, got.At.In(berlin), err, want)
		}
	}
	for text, says := range map[string]string{
		"":             "next monday",
		"soon":         `"soon"`,
		"next friday":  "2026-11-27 or 2026-12-04. Write Friday",
		"this monday":  "I do not understand",
		"1/12":         "I do not understand",
		"31 june":      "I do not understand",
		"30.02.2026":   "I do not understand",
		"tomorrow 25h": "I do not understand",
		"next":         "I do not understand",
		"today":        "I do not understand",
		"29 feb":       "I do not understand",
	} {
		got, err := when.Parse(text, now, berlin)
		var r *workflow.Refusal
		if !errors.As(err, &r) || !strings.Contains(r.Message, says) {
			t.Errorf("%q gave %v, %v; want %q", text, got.At, err, says)
		}
	}
}

// TestParseAsPeopleType reads what people write on Wednesday the 25th of November 2026, at
// ten past nine in Berlin, in English and in German.
func TestParseAsPeopleType(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	now := time.Date(2026, 11, 25, 9, 10, 0, 0, berlin)
	for text, want := range map[string]string{
		"tomorrow at 9": "2026-11-26 09:00", "at 9am tomorrow": "2026-11-26 09:00", "9:30 on Friday": "2026-11-27 09:30", "5pm 1 dec": "2026-12-01 17:00",
		"by 14:00, next Monday": "2026-11-30 14:00", "at 9": "2026-11-26 09:00", "at 17": "2026-11-25 17:00", "friday at 12": "2026-11-27 12:00",
		"tonight": "2026-11-25 18:00", "tonight at 8": "2026-11-25 20:00", "8 tonight": "2026-11-25 20:00", "tonight at 9:30": "2026-11-25 21:30", "9pm tonight": "2026-11-25 21:00",
		"this afternoon": "2026-11-25 14:00", "this evening at 7": "2026-11-25 19:00", "tomorrow morning at 5": "2026-11-26 05:00", "tomorrow in the evening at 6": "2026-11-26 18:00",
		"fri, 4 dec, 14:00": "2026-12-04 14:00", "Dec. 3": "2026-12-03 09:00",

		"morgen 9 Uhr": "2026-11-26 09:00", "morgen um 9": "2026-11-26 09:00", "Morgen, 9 Uhr": "2026-11-26 09:00", "morgen": "2026-11-26 09:00", "um 9 Uhr morgen": "2026-11-26 09:00",
		"heute 17:30": "2026-11-25 17:30", "heute um 17.30 Uhr": "2026-11-25 17:30", "heute 17 Uhr 30": "2026-11-25 17:30", "17 Uhr": "2026-11-25 17:00", "9 Uhr": "2026-11-26 09:00",
		"übermorgen": "2026-11-27 09:00", "Übermorgen 14 Uhr": "2026-11-27 14:00", "morgen früh": "2026-11-26 09:00", "morgen früh um 6": "2026-11-26 06:00",
		"heute Morgen um 11": "2026-11-25 11:00", "heute Abend": "2026-11-25 18:00", "heute Abend um 8": "2026-11-25 20:00", "morgen Abend 20 Uhr": "2026-11-26 20:00", "morgen Mittag": "2026-11-26 12:00",
		"Freitagabend": "2026-11-27 18:00", "Freitag Morgen": "2026-11-27 09:00", "morgen Nachmittag": "2026-11-26 14:00", "am Freitag am Abend": "2026-11-27 18:00",
		"in 3 Tagen": "2026-11-28 09:10", "in 2 Stunden": "2026-11-25 11:10", "in einer Woche": "2026-12-02 09:10", "in einem Tag": "2026-11-26 09:10", "1 Std. 30 Minuten": "2026-11-25 10:40", "2 Wochen": "2026-12-09 09:10",
		"nächsten Montag": "2026-11-30 09:00", "nächsten Mo 8:00": "2026-11-30 08:00", "nächste Woche": "2026-11-30 09:00", "kommenden Freitag": "2026-11-27 09:00", "diesen Freitag, 12 Uhr": "2026-11-27 12:00",
		"halb 10": "2026-11-25 09:30", "um halb neun": "2026-11-26 08:30", "Halb Zwölf": "2026-11-25 11:30", "morgen um halb 9": "2026-11-26 08:30", "um halb neun morgen": "2026-11-26 08:30",
		"Freitag halb 8": "2026-11-27 07:30", "halb 9 am Freitag": "2026-11-27 08:30", "3.12. um halb neun": "2026-12-03 08:30", "halb 9 am 3.12.": "2026-12-03 08:30",
		"heute Abend halb 9": "2026-11-25 20:30", "morgen früh um halb sieben": "2026-11-26 06:30", "Freitagnachmittag um halb 3": "2026-11-27 14:30", "morgen Mittag halb eins": "2026-11-26 12:30",
		"in 2 Monaten": "2027-01-25 09:10", "in einem Monat": "2026-12-25 09:10", "1 Monat": "2026-12-25 09:10", "in 2 months": "2027-01-25 09:10", "a month": "2026-12-25 09:10", "1month": "2026-12-25 09:10",
		"Freitag 14 Uhr": "2026-11-27 14:00", "bis Fr 14:00": "2026-11-27 14:00", "am Sonnabend": "2026-11-28 09:00", "12:00 am Freitag": "2026-11-27 12:00", "14 Uhr am 3.12.": "2026-12-03 14:00",
		"3.12.": "2026-12-03 09:00", "3.12.2026 14:00": "2026-12-03 14:00", "3.12.26": "2026-12-03 09:00", "3. 12. 2026": "2026-12-03 09:00", "3.12. um 14 Uhr": "2026-12-03 14:00", "3.12. 14:00": "2026-12-03 14:00",
		"3. Dezember": "2026-12-03 09:00", "am 3. Dezember um 8 Uhr": "2026-12-03 08:00", "3. Dez. 2026, 14:00": "2026-12-03 14:00", "1. März": "2027-03-01 09:00", "bis zum 5. Mai 2027": "2027-05-05 09:00", "3 Okt": "2027-10-03 09:00",
		"Do, 3.12., 14 Uhr": "2026-12-03 14:00", "24.11": "2027-11-24 09:00", "Freitag 9.10": "2026-11-27 09:10", "9.30": "2026-11-25 09:30", "9.10 Uhr": "2026-11-26 09:10",
	} {
		got, err := when.Parse(text, now, berlin)
		if err != nil || got.At.In(berlin).Format("2006-01-02 15:04") != want {
			t.Errorf("%q is %v, %v; want %s", text, got.At.In(berlin), err, want)
		}
	}
	for text, says := range map[string]string{
		"at 5":                "Is 5 in the morning or in the afternoon? Write 5:00 or 17:00.",
		"tomorrow at 3":       "Write 3:00 or 15:00",
		"morgen um 5 Uhr":     "Write 5:00 or 17:00",
		"5 Uhr am 3.12.":      "Write 5:00 or 17:00",
		"9.10":                "Is 9.10 a time or a day? Write 9:10 for the time or 9.10. for the day.",
		"nächsten Freitag":    "2026-11-27 or 2026-12-04",
		"tomorrow 9":          "I do not understand",
		"9 am Freitag":        "I do not understand",
		"tonight at 11am":     "I do not understand",
		"tomorrow morning 14": "I do not understand",
		"thu 4 dec":           "I do not understand",
		"heute":               "I do not understand",
		"diese Woche":         "I do not understand",
		"31.11.":              "I do not understand",
		"am Morgen":           "I do not understand",
		"9:15 Uhr 30":         "I do not understand",
		"um halb fünf":        "Is halb fünf in the morning or in the afternoon? Write 4:30 or 16:30.",
		"halb 1":              "Write 0:30 or 12:30",
		"morgen um halb 7":    "Write 6:30 or 18:30",
		"halb 13":             "I do not understand",
		"halb 0":              "I do not understand",
		"morgen früh halb 13": "I do not understand",
		"Abend halb 5":        "I do not understand",
		"halb":                "I do not understand",
		"half 9":              "I do not understand",
		"next month":          "Next month may be 2026-12-01 or 2026-12-25. Write in 1 month for the second, or the date.",
		"nächsten Monat":      "2026-12-01 or 2026-12-25",
		"diesen Monat":        "I do not understand",
		"in 121 months":       "I do not understand",
		"Ende der Woche":      "I do not understand",
	} {
		got, err := when.Parse(text, now, berlin)
		var r *workflow.Refusal
		if !errors.As(err, &r) || !strings.Contains(r.Message, says) {
			t.Errorf("%q gave %v, %v; want %q", text, got.At, err, says)
		}
	}
}

// TestParseOnAMonday reads what people write on Monday the 23rd of November 2026, at nine.
func TestParseOnAMonday(t *testing.T) {
	t.Parallel()
	monday, berlin := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), zone(t, "Europe/Berlin")
	day := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, time.UTC) }
	for text, want := range map[string]time.Time{
		"90m": day(23, 10, 30), "2h": day(23, 11, 0), "1h30m": day(23, 10, 30), "1h 30m": day(23, 10, 30), "1 hour, 30 mins": day(23, 10, 30),
		"in 2 hours": day(23, 11, 0), "3d": day(26, 9, 0), "2 days": day(25, 9, 0), "1w": day(30, 9, 0), "  2H ": day(23, 11, 0),
		"today 5pm": day(23, 17, 0), "tomorrow": day(24, 9, 0), "tomorrow 9am": day(24, 9, 0), "Tomorrow at 14:30": day(24, 14, 30),
		"friday": day(27, 9, 0), "fri 14:00": day(27, 14, 0), "monday": day(30, 9, 0), "by friday 12am": day(27, 0, 0), "sun 12pm": day(29, 12, 0),
		"2026-11-25": day(25, 9, 0), "2026-11-25 14:00": day(25, 14, 0), "2026-11-25T14:00": day(25, 14, 0), "2026-11-25 2pm": day(25, 14, 0),
		"5pm": day(23, 17, 0), "8am": day(24, 8, 0), "14.30": day(23, 14, 30), "at 9:01": day(23, 9, 1),
	} {
		got, err := when.Parse(text, monday, time.UTC)
		if err != nil || !got.At.Equal(want) {
			t.Errorf("%q is %v, %v; want %v", text, got.At, err, want)
		}
	}
	for _, text := range []string{
		"", "soon", "5", "25:00", "24:00", "13pm", "0am", "today", "2026-13-01", "2026-02-30", "2026-11-25 noonish", "2h later", "-2h", "1.5h",
		"tomorrow tomorrow", "m", "h2", "1mon", "next friday", "99:99", "\x00", "２h",
	} {
		if got, err := when.Parse(text, monday, time.UTC); err == nil {
			t.Errorf("%q was taken as %v", text, got.At)
		}
	}
	if got, err := when.Parse("2026-12-01 14:00", monday, berlin); err != nil || !got.At.Equal(time.Date(2026, 12, 1, 13, 0, 0, 0, time.UTC)) {
		t.Errorf("in Berlin: %v, %v", got.At, err)
	}
	// Half an hour after midnight in Berlin it is still yesterday in UTC.
	late := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	if got, err := when.Parse("tomorrow 9am", late, berlin); err != nil || !got.At.Equal(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("tomorrow in Berlin: %v, %v", got.At, err)
	}
}

// TestParseIsBounded finds amounts that overflow into the past or the far future.
func TestParseIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, text := range []string{"16000w", "20000w", "99999w", "99999d 99999d", "99999w 99999w", strings.Repeat("99999d", 40)} {
		got, err := when.Parse(text, now, time.UTC)
		if err == nil && (got.At.Before(now) || got.At.After(now.AddDate(300, 0, 0))) {
			t.Errorf("%.30q overflows to %v", text, got.At)
		}
	}
}

// TestParseInSummerTime: a day is a day though it has 23 or 25 hours, and a time that the
// clock skips is when it skips.
func TestParseInSummerTime(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct{ now, text, want string }{
		{"2026-03-28T12:00:00+01:00", "1d", "2026-03-29T12:00:00+02:00"},
		{"2026-03-28T12:00:00+01:00", "24h", "2026-03-29T13:00:00+02:00"},
		{"2026-03-28T12:00:00+01:00", "tomorrow 2:30", "2026-03-29T03:00:00+02:00"},
		{"2026-10-24T12:00:00+02:00", "tomorrow 2:30", "2026-10-25T02:30:00+02:00"},
		{"2026-10-24T12:00:00+02:00", "in a week", "2026-10-31T12:00:00+01:00"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := when.Parse(c.text, now, berlin)
		if err != nil || got.At.In(berlin).Format(time.RFC3339) != c.want {
			t.Errorf("%s at %s is %s, %v; want %s", c.text, c.now, got.At.In(berlin).Format(time.RFC3339), err, c.want)
		}
	}
}

// TestParseMonths: a month on is the same day of that month and the same time on the clock;
// of a month that has no such day it is the last.
func TestParseMonths(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct{ now, text, want string }{
		{"2027-01-31T09:10:00+01:00", "in 1 month", "2027-02-28T09:10:00+01:00"},
		{"2027-01-29T09:10:00+01:00", "in a month", "2027-02-28T09:10:00+01:00"},
		{"2028-01-31T09:10:00+01:00", "in 1 month", "2028-02-29T09:10:00+01:00"},
		{"2027-01-31T09:10:00+01:00", "in 2 months", "2027-03-31T09:10:00+02:00"},
		{"2027-02-28T09:10:00+01:00", "in 1 Monat", "2027-03-28T09:10:00+02:00"},
		{"2026-12-31T09:10:00+01:00", "in 2 Monaten", "2027-02-28T09:10:00+01:00"},
		{"2026-11-30T09:10:00+01:00", "12 months", "2027-11-30T09:10:00+01:00"},
		{"2026-11-30T09:10:00+01:00", "120 months", "2036-11-30T09:10:00+01:00"},
		{"2028-02-29T09:10:00+01:00", "12 Monate", "2029-02-28T09:10:00+01:00"},
		// It is the 1st in Berlin already, and the clock goes forward there a month later.
		{"2027-02-28T23:30:00Z", "in 1 month", "2027-04-01T00:30:00+02:00"},
		{"2027-02-28T02:30:20+01:00", "in 1 month", "2027-03-28T03:00:20+02:00"},
		{"2026-09-25T02:30:00+02:00", "in 1 month", "2026-10-25T02:30:00+02:00"},
		// On the first both readings of next month are one.
		{"2026-12-01T10:00:00+01:00", "next month", "2027-01-01T09:00:00+01:00"},
		{"2026-12-01T10:00:00+01:00", "nächsten Monat um 10 Uhr", "2027-01-01T10:00:00+01:00"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := when.Parse(c.text, now, berlin)
		if err != nil || got.At.In(berlin).Format(time.RFC3339) != c.want || got.Amount != 0 {
			t.Errorf("%s at %s is %s, %v; want %s", c.text, c.now, got.At.In(berlin).Format(time.RFC3339), err, c.want)
		}
	}
	now := time.Date(2027, 1, 31, 9, 0, 0, 0, time.UTC)
	if _, err := when.Parse("next month", now, berlin); err == nil || !strings.Contains(err.Error(), "2027-02-01 or 2027-02-28") {
		t.Errorf("next month on the 31st is refused with %v", err)
	}
	if d, ok := when.Duration("2 months"); ok {
		t.Errorf("months are an amount of %s", d)
	}
}

// TestAmounts: hours and minutes may be counted in working time, days may not.
func TestAmounts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 9, 10, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"90m": 90 * time.Minute, "2h": 2 * time.Hour, "1d": 0, "1d 1h": 0, "in 2 Stunden": 2 * time.Hour, "in 3 Tagen": 0, "tomorrow": 0, "11:10": 0} {
		if got, err := when.Parse(text, now, time.UTC); err != nil || got.Amount != want {
			t.Errorf("%q is an amount of %s, %v", text, got.Amount, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"90m", "tomorrow 9am", "next monday", "2026-12-01 14:00", "1.12.", "friday 14:00", "by 5pm", "1h30m", "İ by 2h", "dec 99999", "99999w 99999d",
		"at 9am tomorrow", "tonight at 8", "morgen früh um 6", "Freitagabend", "übermorgen 14 Uhr", "in 3 Tagen", "nächsten Montag", "9.10", "3.12. 14:00", "3. 12. 2026", "Do, 3. Dezember, 9 Uhr 30", "12:00 am Freitag",
		"um halb neun", "halb 9 am Freitag", "heute Abend halb 9", "in 2 Monaten", "next month",
	} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 25, 9, 10, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := when.Parse(text, now, time.UTC)
		if err == nil && (got.At.IsZero() || got.At.Year() < 0 || got.At.Year() > 9999 || got.Amount < 0 || got.Amount > when.Farthest) {
			t.Errorf("%q is %+v", text, got)
		}
	})
}
