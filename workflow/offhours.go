package workflow

import "time"

// OffHours is what of a job lies outside of its firm's working time. Moments that do not
// are zero.
type OffHours struct {
	Due time.Time
	// From and Till are the planned window, when it begins or ends outside.
	From, Till time.Time
	// Holiday tells that the first of them is on a holiday of the firm.
	Holiday bool
}

// Some tells whether there is anything.
func (o OffHours) Some() bool { return !o.Due.IsZero() || !o.From.IsZero() }

// Outside finds what is still to come of an assignment's due time and planned window and
// lies outside of working time. The moment in which working time ends is inside: work may
// be due at the close of a day.
func (c Calendar) Outside(issue Issue, a Assignment, now time.Time) OffHours {
	var o OffHours
	due := a.Terms.Due
	if due.IsZero() {
		due = issue.DueAt
	}
	if due.After(now) && !c.inside(due) {
		o.Due, o.Holiday = due, c.holiday(due)
	}
	if !a.StepFrom.IsZero() && a.StepTo.After(now) && (!c.inside(a.StepFrom) || !c.inside(a.StepTo)) {
		o.From, o.Till = a.StepFrom, a.StepTo
		if o.Due.IsZero() {
			o.Holiday = c.holiday(a.StepFrom)
		}
	}
	return o
}

func (c Calendar) inside(at time.Time) bool {
	return c.Working(at) || c.Working(at.Add(-time.Nanosecond))
}

func (c Calendar) holiday(at time.Time) bool {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	return c.Holidays[DateOf(at.In(zone))]
}
