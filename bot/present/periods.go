package present

import "time"

// Span is what kind of time figures are about.
type Span string

// The spans.
const (
	Today       Span = "today"
	LastWeek    Span = "last_week"
	LastMonth   Span = "last_month"
	LastQuarter Span = "last_quarter"
	LastYear    Span = "last_year"
	// GivenDays are those that somebody chose, of whatever years.
	GivenDays Span = "given"
	OneDay    Span = "day"
	SomeDays  Span = "days"
	OneWeek   Span = "week"
)

// Period names a period, in a heading and at the end of a sentence. Its days are those
// of the moments' zone.
func (w Words) Period(of Span, since, until time.Time) (title, words string) {
	gaps := with{
		"From": w.longDay(since), "To": w.longDay(until), "FromDay": w.term(since.Weekday().String()), "FromDate": since.Day(),
		"ToDay": w.term(until.Weekday().String()),
	}
	switch of {
	case LastWeek:
		return w.say("the last 7 days"), w.say("in the last 7 days")
	case LastMonth:
		return w.say("the last 30 days"), w.say("in the last 30 days")
	case LastQuarter:
		return w.say("the last 90 days"), w.say("in the last 90 days")
	case LastYear:
		return w.say("the last 365 days"), w.say("in the last 365 days")
	case OneDay:
		return w.say("{{.FromDay}} {{.From}}", gaps), w.say("that day")
	case GivenDays:
		return w.say("{{.From}} {{.FromYear}} to {{.To}} {{.ToYear}}", gaps, with{"FromYear": since.Year(), "ToYear": until.Year()}), w.say("in these days")
	case SomeDays:
		return w.say("{{.FromDay}} {{.FromDate}} to {{.ToDay}} {{.To}}", gaps), w.say("in these days")
	case OneWeek:
		return w.say("week from {{.From}} to {{.To}}", gaps), w.say("in that week")
	default:
		return w.say("today"), w.say("today")
	}
}

// longDay is a day of a year that is known, its month in full.
func (w Words) longDay(d time.Time) string {
	return w.say("{{.Day}} {{.Month}}", with{"Day": d.Day(), "Month": w.term(d.Month().String())})
}
