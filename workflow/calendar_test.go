package workflow

import (
	"testing"
	"time"
	_ "time/tzdata" // A machine may have no time zones of its own.

	"pgregory.net/rapid"
)

func zoneNamed(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// office works Monday to Friday from 8 to 12 and from 13 to 17.
func office(zone *time.Location, holidays ...Date) Calendar {
	c := Calendar{Zone: zone, Holidays: map[Date]bool{}}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Week[d] = []Span{{8 * 60, 12 * 60}, {13 * 60, 17 * 60}}
	}
	for _, h := range holidays {
		c.Holidays[h] = true
	}
	return c
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	berlin := zoneNamed(t, "Europe/Berlin")
	in := func(zone *time.Location, text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	nights := Calendar{Zone: berlin}
	for d := range nights.Week {
		nights.Week[d] = []Span{{22 * 60, 30 * 60}}
	}
	eve := office(berlin, Date{2026, time.December, 25})
	var off Calendar
	off.Zone = berlin
	off.Week[time.Sunday] = []Span{{2*60 + 30, 4 * 60}}
	closed := office(berlin)
	closed.Holidays = map[Date]bool{}
	for d := in(time.UTC, "2026-01-01 00:00"); d.Year() < 2030; d = d.AddDate(0, 0, 1) {
		closed.Holidays[DateOf(d)] = true
	}
	nightEve := nights
	nightEve.Holidays = map[Date]bool{{2026, time.December, 25}: true}
	for _, c := range []struct {
		name     string
		calendar Calendar
		from     string
		amount   time.Duration
		want     string
	}{
		{"within a morning", office(berlin), "2026-11-23 09:00", 2 * time.Hour, "2026-11-23 11:00"},
		{"to the very end of it", office(berlin), "2026-11-23 09:00", 3 * time.Hour, "2026-11-23 12:00"},
		{"over lunch", office(berlin), "2026-11-23 11:00", 2 * time.Hour, "2026-11-23 14:00"},
		{"over night", office(berlin), "2026-11-23 16:30", time.Hour, "2026-11-24 08:30"},
		{"over a weekend", office(berlin), "2026-11-27 16:30", time.Hour, "2026-11-30 08:30"},
		{"begun on a Sunday", office(berlin), "2026-11-29 10:00", 8 * time.Hour, "2026-11-30 17:00"},
		{"over a holiday", eve, "2026-12-24 16:00", 2 * time.Hour, "2026-12-28 09:00"},
		{"a week", office(berlin), "2026-11-23 08:00", 40 * time.Hour, "2026-11-27 17:00"},
		{"no time at all", office(berlin), "2026-11-29 10:00", 0, "2026-11-29 10:00"},
		{"round the clock, clocks go forward", Calendar{Zone: berlin}, "2026-03-28 12:00", 24 * time.Hour, "2026-03-29 13:00"},
		{"round the clock, clocks go back", Calendar{Zone: berlin}, "2026-10-24 12:00", 24 * time.Hour, "2026-10-25 11:00"},
		{"days of work do not notice", office(berlin), "2026-03-27 12:30", 8 * time.Hour, "2026-03-30 12:00"},
		{"a night that is an hour short", nights, "2026-03-28 22:00", 7 * time.Hour, "2026-03-29 06:00"},
		{"a night that is an hour long", nights, "2026-10-24 22:00", 9 * time.Hour, "2026-10-25 06:00"},
		{"begun in the night", nights, "2026-11-24 01:00", 6 * time.Hour, "2026-11-24 23:00"},
		{"the eve's night goes on into a holiday", nightEve, "2026-12-25 01:00", 6 * time.Hour, "2026-12-26 23:00"},
		{"begins in the hour that is skipped", off, "2026-03-28 12:00", time.Hour, "2026-03-29 04:00"},
		{"no working time for years", closed, "2026-11-23 09:00", 5 * time.Hour, "2026-11-23 14:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			from, want := in(berlin, c.from), in(berlin, c.want)
			if got := c.calendar.Add(from, c.amount); !got.Equal(want) {
				t.Errorf("%s and %s of working time is %s, want %s", c.from, c.amount, got.In(berlin), c.want)
			}
			if got := c.calendar.Between(from, want); got != c.amount {
				t.Errorf("from %s to %s are %s of working time, want %s", c.from, c.want, got, c.amount)
			}
		})
	}
	if got := office(berlin).Next(in(berlin, "2026-11-27 17:00")); !got.Equal(in(berlin, "2026-11-30 08:00")) {
		t.Errorf("after work begins %s", got)
	}
	if !office(berlin).Working(in(berlin, "2026-11-23 08:00")) || office(berlin).Working(in(berlin, "2026-11-23 12:00")) {
		t.Error("a span has its beginning and not its end")
	}
}

func TestOnWall(t *testing.T) {
	t.Parallel()
	berlin, apia := zoneNamed(t, "Europe/Berlin"), zoneNamed(t, "Pacific/Apia")
	for _, c := range []struct {
		zone *time.Location
		day  Date
		hour int
		want string
	}{
		{berlin, Date{2026, time.March, 29}, 1, "2026-03-29T01:00:00+01:00"},
		{berlin, Date{2026, time.March, 29}, 2, "2026-03-29T03:00:00+02:00"},
		{berlin, Date{2026, time.March, 29}, 3, "2026-03-29T03:00:00+02:00"},
		{berlin, Date{2026, time.October, 25}, 2, "2026-10-25T02:00:00+02:00"},
		{berlin, Date{2026, time.October, 25}, 3, "2026-10-25T03:00:00+01:00"},
		{berlin, Date{2026, time.October, 25}, 26, "2026-10-26T02:00:00+01:00"},
		// The day that Samoa left out.
		{apia, Date{2011, time.December, 30}, 12, "2011-12-31T00:00:00+14:00"},
		{time.UTC, Date{2026, time.March, 29}, 2, "2026-03-29T02:00:00Z"},
	} {
		if got := OnWall(c.day, c.hour, 0, c.zone).Format(time.RFC3339); got != c.want {
			t.Errorf("%s %d o'clock in %s is %s, want %s", c.day, c.hour, c.zone, got, c.want)
		}
	}
}

// someCalendar draws one that may be empty, overlapping or closed for long.
func someCalendar(t *rapid.T, zones []*time.Location) Calendar {
	c := Calendar{Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Holidays: map[Date]bool{}}
	for d := range c.Week {
		for range rapid.IntRange(0, 3).Draw(t, "spans") {
			from := rapid.IntRange(0, MinutesADay-1).Draw(t, "from")
			c.Week[d] = append(c.Week[d], Span{from, from + rapid.IntRange(1, MinutesADay).Draw(t, "minutes")})
		}
	}
	for range rapid.IntRange(0, 5).Draw(t, "holidays") {
		c.Holidays[Date{2026, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day")}] = true
	}
	return c
}

func TestCalendarLaws(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{nil, time.UTC, zoneNamed(t, "Europe/Berlin"), zoneNamed(t, "America/New_York"), zoneNamed(t, "Australia/Lord_Howe"), zoneNamed(t, "Africa/Cairo")}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		c := someCalendar(rt, zones)
		at := start.Add(time.Duration(rapid.IntRange(0, 365*MinutesADay).Draw(rt, "at")) * time.Minute)
		amount := time.Duration(rapid.IntRange(1, 20_000).Draw(rt, "amount")) * time.Minute
		more := time.Duration(rapid.IntRange(1, 5_000).Draw(rt, "more")) * time.Minute
		end := c.Add(at, amount)
		if end.Before(at.Add(amount)) {
			rt.Fatalf("%s of working time passes in %s", amount, end.Sub(at))
		}
		if got := c.Between(at, end); got != amount {
			rt.Fatalf("Between is %s after adding %s", got, amount)
		}
		if got := c.Between(end, at); got != -amount {
			rt.Fatalf("backwards it is %s", got)
		}
		if got := c.Between(at, end.Add(-time.Minute)); got >= amount {
			rt.Fatalf("%s is not the first moment at which %s have passed", end, amount)
		}
		if got, want := c.Add(end, more), c.Add(at, amount+more); !got.Equal(want) {
			rt.Fatalf("in two steps it is %s, in one %s", got, want)
		}
		next := c.Next(at)
		if next.Before(at) || c.Between(at, next) != 0 || !c.Working(next) {
			rt.Fatalf("%s is not the next working moment after %s", next, at)
		}
	})
}

// TestWarningComesBeforeTheEnd whatever hours the firm has.
func TestWarningComesBeforeTheEnd(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, zoneNamed(t, "Europe/Berlin"), zoneNamed(t, "America/New_York")}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		c := someCalendar(rt, zones)
		offered := start.Add(time.Duration(rapid.IntRange(0, 365*MinutesADay).Draw(rt, "at")) * time.Minute)
		acceptBy := offered.Add(time.Duration(rapid.IntRange(1, 30*MinutesADay).Draw(rt, "minutes")) * time.Minute)
		warn := warnAt(offered, acceptBy, &c)
		if !warn.After(offered) || !warn.Before(acceptBy) {
			rt.Fatalf("warned at %s of an offer from %s to %s", warn, offered, acceptBy)
		}
		if c.Between(offered, acceptBy) > 0 && !c.Working(warn.Add(-time.Nanosecond)) {
			rt.Fatalf("warned at %s, outside of working time", warn)
		}
	})
}
