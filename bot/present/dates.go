package present

import (
	"strings"
	"time"

	"taskbridge/bot/settings"
	"taskbridge/workflow"
)

// dayName is a day of a year that is known.
func (w Words) dayName(d time.Time) string { return w.in.DayName(d) }

// decimal is a number with at most one digit behind the point.
func (w Words) decimal(v float64) string { return w.in.Decimal(v) }

// tenths is a number with one digit behind the point.
func (w Words) tenths(v float64) string { return w.in.Tenths(v) }

// money is an amount as it is kept, such as "250.50 EUR".
func (w Words) money(amount string) string { return w.in.Money(amount) }

// ShortDay is a day like "2 Jan".
func (w Words) ShortDay(d time.Time) string { return w.in.ShortDay(d) }

// hours is the working time of a week, its days called as the reader calls them.
func (w Words) hours(week [7][]workflow.Span) string {
	var names [7]string
	for d := range names {
		names[d] = w.in.Weekday(time.Weekday(d))
	}
	return settings.HoursIn(week, names)
}

// hoursAsKept says the lines about working time among those of a calendar that are kept.
func (w Words) hoursAsKept(text string) string {
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		if week, err := settings.ParseHours(line); err == nil && line != "" {
			lines[n] = w.hours(week)
		}
	}
	return strings.Join(lines, "\n")
}

// Calendar says a calendar in a few words.
func (w Words) Calendar(c settings.Calendar) string {
	text := w.say("round the clock")
	if h := w.hours(c.Week); h != "" {
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
