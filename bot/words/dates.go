package words

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Weekday is the short name of a day.
func (w Words) Weekday(d time.Weekday) string { return w.Term(d.String()[:3]) }

// Month is the short name of a month.
func (w Words) Month(m time.Month) string { return w.Term(m.String()[:3]) }

// DayName is a day of a year that is known, like "Mon 2 Jan".
func (w Words) DayName(d time.Time) string {
	return w.Say("{{.Weekday}} {{.Day}} {{.Month}}", With{"Weekday": w.Weekday(d.Weekday()), "Day": d.Day(), "Month": w.Month(d.Month())})
}

// ShortDay is a day like "2 Jan".
func (w Words) ShortDay(d time.Time) string {
	return w.Say("{{.Day}} {{.Month}}", With{"Day": d.Day(), "Month": w.Month(d.Month())})
}

// Date is a day like "2 Jan 2006".
func (w Words) Date(d time.Time) string {
	return w.Say("{{.Day}} {{.Month}} {{.Year}}", With{"Day": d.Day(), "Month": w.Month(d.Month()), "Year": d.Year()})
}

// LongDate is a day like "Monday 2 January 2006".
func (w Words) LongDate(d time.Time) string {
	return w.Say("{{.Weekday}} {{.Day}} {{.Month}} {{.Year}}", With{
		"Weekday": w.Term(d.Weekday().String()), "Day": d.Day(), "Month": w.Term(d.Month().String()), "Year": d.Year(),
	})
}

// Moment is a time with its zone, for what is read anywhere, like "Mon 2 Jan 2006 15:04
// CET".
func (w Words) Moment(t time.Time) string { return w.inFull(t, t.Format(clock)) }

// MomentSpan is Moment for a span of time; what both its ends have is said once, like "Mon
// 2 Jan 2006 09:00–11:00 CET".
func (w Words) MomentSpan(from, to time.Time) string {
	if w.sameDay(from, to) {
		return w.inFull(from, hours(from, to))
	}
	return w.Moment(from) + " – " + w.Moment(to)
}

func (w Words) inFull(t time.Time, hours string) string {
	day := w.Say("{{.Weekday}} {{.Day}} {{.Month}} {{.Year}}", With{
		"Weekday": w.Weekday(t.Weekday()), "Day": t.Day(), "Month": w.Month(t.Month()), "Year": t.Year(),
	})
	return w.Say("{{.Day}} {{.Clock}} {{.Zone}}", With{"Day": day, "Clock": hours, "Zone": w.Zone(t)})
}

// ShortMoment is a time with its zone, like "2 Jan 15:04 CET", with the year where that
// is another than now, which is taken in the same zone.
func (w Words) ShortMoment(t, now time.Time) string { return w.inShort(t, now, t.Format(clock)) }

// ShortMomentSpan is ShortMoment for a span of time; what both its ends have is said once,
// like "2 Jan 09:00–11:00 CET".
func (w Words) ShortMomentSpan(from, to, now time.Time) string {
	if w.sameDay(from, to) {
		return w.inShort(from, now, hours(from, to))
	}
	return w.ShortMoment(from, now) + " – " + w.ShortMoment(to, now)
}

func (w Words) inShort(t, now time.Time, hours string) string {
	day := w.Date(t)
	if now.In(t.Location()).Year() == t.Year() {
		day = w.ShortDay(t)
	}
	return w.Say("{{.Day}} {{.Clock}} {{.Zone}}", With{"Day": day, "Clock": hours, "Zone": w.Zone(t)})
}

// sameDay tells whether two times are said with the same day and zone: clocks may be
// changed between them.
func (w Words) sameDay(from, to time.Time) bool {
	return from.Format(time.DateOnly) == to.Format(time.DateOnly) && w.Zone(from) == w.Zone(to)
}

func hours(from, to time.Time) string { return from.Format(clock) + "–" + to.Format(clock) }

// Span is from when to when something is, in the zone that the times are in; a moment
// when it has no end.
func (w Words) Span(from, to time.Time) string {
	first, last := w.LongDate(from), w.LongDate(to)
	switch {
	case !to.After(from):
		return w.Say("{{.Day}}, {{.Clock}} {{.Zone}}", With{"Day": first, "Clock": from.Format(clock), "Zone": w.Zone(from)})
	case first == last:
		return w.Say("{{.Day}}, {{.From}} – {{.To}} {{.Zone}}", With{"Day": first, "From": from.Format(clock), "To": to.Format(clock), "Zone": w.Zone(to)})
	default:
		return w.Say("{{.FromDay}}, {{.From}} – {{.ToDay}}, {{.To}} {{.Zone}}", With{
			"FromDay": first, "From": from.Format(clock), "ToDay": last, "To": to.Format(clock), "Zone": w.Zone(to),
		})
	}
}

// clock is how a time of day is written.
const clock = "15:04"

// Zone is the short name of the zone of a time: where it has none, how far it is from UTC.
func (w Words) Zone(t time.Time) string {
	name := t.Format("MST")
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return "UTC" + name
	}
	return w.Term(name)
}

// Decimal is a number as it is written with the point of the language.
func (w Words) Decimal(v float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(v, 'f', -1, 64), ".", w.point())
}

// Tenths is a number with one digit behind the point.
func (w Words) Tenths(v float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(v, 'f', 1, 64), ".", w.point())
}

// sum is an amount of money as it is kept.
var sum = regexp.MustCompile(`^([0-9]+)\.([0-9]{2} [A-Z]{3})$`)

// Money is an amount such as "250.50 EUR" with the point of the language. What is no such
// amount stays as it is, thousandths too: with a comma they would be taken for thousands.
func (w Words) Money(amount string) string {
	return sum.ReplaceAllString(amount, "${1}"+w.point()+"${2}")
}

// Size says a number of bytes in words.
func (w Words) Size(n int64) string {
	switch {
	case n == 1:
		return "1 " + w.Term("byte")
	case n < 1024:
		return strconv.FormatInt(n, 10) + " " + w.Term("bytes")
	}
	units := []string{"kB", "MB", "GB"}
	v, u := float64(n)/1024, 0
	for v >= 1024 && u < len(units)-1 {
		v /= 1024
		u++
	}
	text := strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	return strings.ReplaceAll(text, ".", w.point()) + " " + units[u]
}

// point stands between the whole and the rest of a number.
func (w Words) point() string { return w.Sense(".", "in a number") }
