package workflow

import "time"

// countSteps are how much time to answer is left when a card is drawn anew, the most
// first. They are few: each costs a call for each card.
func countSteps() []time.Duration {
	return []time.Duration{
		24 * time.Hour, 8 * time.Hour, 4 * time.Hour, 2 * time.Hour, time.Hour, 30 * time.Minute, 15 * time.Minute,
	}
}

// CountedDown is the step that a firm's time to answer has come down to: it has no more
// than that left. It is zero while it has more than the greatest step, and when the time
// is over.
func CountedDown(left time.Duration) (step time.Duration) {
	if left <= 0 {
		return 0
	}
	for _, s := range countSteps() {
		if left <= s {
			step = s
		}
	}
	return step
}

// nextCount is when the time to answer comes to its next step, zero when there is none.
func nextCount(at, acceptBy time.Time, hours Calendar) time.Time {
	left := hours.Between(at, acceptBy)
	for _, s := range countSteps() {
		if s < left {
			return hours.Add(at, left-s)
		}
	}
	return time.Time{}
}

// countDown keeps the moment at which the cards of an offer are drawn anew. Whatever
// moves the end of the time to answer moves it.
func (c *change) countDown(old Assignment, a *Assignment) {
	by := a.Terms.AcceptBy
	switch {
	case a.Status != Assigned || by.IsZero():
		a.CountAt = time.Time{}
	case !by.Equal(old.Terms.AcceptBy) || old.Status != Assigned:
		a.CountAt = nextCount(c.cmd.At, by, c.hoursOf(a))
	}
}

func guardCountDown(c *change) *Refusal {
	if c.a.CountAt.IsZero() || c.cmd.At.Before(c.a.CountAt) {
		return Refuse(Conflict, "The time to answer has not come down any further.")
	}
	return nil
}

func effectCountDown(c *change) {
	c.moved = ""
	c.a.CountAt = nextCount(c.cmd.At, c.a.Terms.AcceptBy, c.hoursOf(c.a))
}
