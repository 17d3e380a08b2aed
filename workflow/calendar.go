package workflow

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// Span is working time of one day, in minutes after midnight by the clock on the
// wall. Till is after From; beyond 24 hours it reaches into the next day.
type Span struct{ From, Till int }

// MinutesADay is the end of a day as a Span counts it.
const MinutesADay = 24 * 60

// Date is a day of the calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that a moment is on in its own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String is the day as 2006-01-02.
func (d Date) String() string {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// Calendar says when somebody works. The zero value works round the clock.
type Calendar struct {
	// Zone is where the clock on the wall hangs, UTC when nil.
	Zone *time.Location
	// Week has the working time of each weekday, Sunday first. Without any all days
	// are worked through.
	Week [7][]Span
	// Holidays are days on which no working time begins; what began the evening
	// before goes on.
	Holidays map[Date]bool
}

// idleDays is after how many days without any working time a calendar is taken to
// have none at all. Then every hour counts, so that each deadline comes.
const idleDays = 750

// Add is the moment at which an amount of working time has passed since at. The
// amount is not negative; of none it is at itself.
func (c Calendar) Add(at time.Time, amount time.Duration) time.Time {
	if amount <= 0 {
		return at
	}
	left := amount
	for from, till := range c.spans(at) {
		if d := till.Sub(from); d < left {
			left -= d
			continue
		}
		return from.Add(left)
	}
	return at.Add(amount)
}

// Next is the first working moment from at on.
func (c Calendar) Next(at time.Time) time.Time {
	for from := range c.spans(at) {
		return from
	}
	return at
}

// Working tells whether a moment is in working time.
func (c Calendar) Working(at time.Time) bool { return c.Next(at).Equal(at) }

// Between is the working time from one moment to another; it is negative when the
// second one is earlier.
func (c Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	var sum time.Duration
	some := false
	for from, till := range c.spans(a) {
		some = true
		if !from.Before(b) {
			break
		}
		if till.After(b) {
			till = b
		}
		sum += till.Sub(from)
	}
	if !some {
		return b.Sub(a)
	}
	return sum
}

// always tells whether no day has working time of its own.
func (c Calendar) always() bool {
	return !slices.ContainsFunc(c.Week[:], func(s []Span) bool { return len(s) > 0 })
}

// spans are the stretches of working time from at on, in order, the first one cut to
// begin at at. They end when there has been none for idleDays.
func (c Calendar) spans(at time.Time) iter.Seq2[time.Time, time.Time] {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	week := c.Week
	if c.always() {
		for d := range week {
			week[d] = []Span{{0, MinutesADay}}
		}
	}
	return func(yield func(from, till time.Time) bool) {
		// The evening before may reach into the day of at.
		y, m, d := at.In(zone).Date()
		cursor := at
		for n, idle := -1, 0; idle < idleDays; n, idle = n+1, idle+1 {
			day := DateOf(time.Date(y, m, d+n, 0, 0, 0, 0, time.UTC))
			if c.Holidays[day] {
				continue
			}
			spans := slices.SortedFunc(slices.Values(week[weekdayOf(day)]), func(a, b Span) int { return cmp.Compare(a.From, b.From) })
			for _, s := range spans {
				from, till := wall(day, s.From, zone), wall(day, s.Till, zone)
				if from.Before(cursor) {
					from = cursor
				}
				if !from.Before(till) {
					continue
				}
				if !yield(from, till) {
					return
				}
				cursor, idle = till, 0
			}
		}
	}
}

func weekdayOf(d Date) time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// wall is the moment at which the clock on the wall shows some minutes after the
// midnight that a day begins with. Where the clock skips that time it is the moment of
// the skip, and where it shows it twice the first of the two.
func wall(d Date, minutes int, zone *time.Location) time.Time {
	return OnWall(d, minutes/60, minutes%60, zone)
}

// OnWall is the moment at which the clock on the wall shows a time of a day; an hour
// beyond 23 is on the days after. Where the clock skips that time it is the moment of
// the skip, and where it shows it twice the first of the two.
func OnWall(d Date, hour, minute int, zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, zone)
	want := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, time.UTC)
	start, end := t.ZoneBounds()
	switch shown := onClock(t); {
	case shown.After(want):
		return start
	case shown.Before(want):
		return end
	}
	if start.IsZero() {
		return t
	}
	_, now := t.Zone()
	_, before := start.Add(-time.Nanosecond).Zone()
	if first := t.Add(-time.Duration(before-now) * time.Second); before > now && first.Before(start) && onClock(first).Equal(want) {
		return first
	}
	return t
}

// onClock is what the clock on the wall shows, as if it were UTC.
func onClock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}
