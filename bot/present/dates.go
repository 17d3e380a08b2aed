package present

import (
	"strings"
	"time"

	"taskbridge/bot/settings"
)

// dayName is a day of a year that is known.
func (w Words) dayName(d time.Time) string { return w.in.DayName(d) }

// decimal is a number with at most one digit behind the point.
func (w Words) decimal(v float64) string { return w.in.Decimal(v) }

// tenths is a number with one digit behind the point.
func (w Words) tenths(v float64) string { return w.in.Tenths(v) }

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
