package present

import (
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/settings"
)

// dayName is a day of a year that is known.
func (w Words) dayName(d time.Time) string {
	return w.say("{{.Weekday}} {{.Day}} {{.Month}}", with{"Weekday": w.weekday(d.Weekday()), "Day": d.Day(), "Month": w.month(d.Month())})
}

// weekday is the short name of a day.
func (w Words) weekday(d time.Weekday) string {
	switch d {
	case time.Monday:
		return w.say("Mon")
	case time.Tuesday:
		return w.say("Tue")
	case time.Wednesday:
		return w.say("Wed")
	case time.Thursday:
		return w.say("Thu")
	case time.Friday:
		return w.say("Fri")
	case time.Saturday:
		return w.say("Sat")
	default:
		return w.say("Sun")
	}
}

// month is the short name of a month.
func (w Words) month(m time.Month) string {
	return []string{
		w.say("Jan"), w.say("Feb"), w.say("Mar"), w.say("Apr"), w.say("May"), w.say("Jun"),
		w.say("Jul"), w.say("Aug"), w.say("Sep"), w.say("Oct"), w.say("Nov"), w.say("Dec"),
	}[m-1]
}

// point stands between the whole and the rest of a number.
func (w Words) point() string { return w.sense(".", "in a number") }

// decimal is a number with at most one digit behind the point.
func (w Words) decimal(v float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(v, 'f', -1, 64), ".", w.point())
}

// tenths is a number with one digit behind the point.
func (w Words) tenths(v float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(v, 'f', 1, 64), ".", w.point())
}

// Calendar says a calendar in a few words.
func (w Words) Calendar(c settings.Calendar) string {
	text := w.say("round the clock")
	if h := settings.HoursText(c.Week); h != "" {
		text = strings.ReplaceAll(h, "\n", "; ")
	}
	if c.Zone != "" {
		text += " (" + c.Zone + ")"
	}
	if n := len(c.Holidays); n > 0 {
		text += ", " + w.count(n, "{{.Count}} holiday", "{{.Count}} holidays")
	}
	return text
}
