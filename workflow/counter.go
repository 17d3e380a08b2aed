package workflow

import (
	"cmp"
	"strings"
	"time"
)

// MinResumed is the least time that a firm has to answer after the desk refused what
// it suggested, unless the offer itself gave it less.
const MinResumed = 15 * time.Minute

func guardCounter(c *change) *Refusal {
	if refusal := c.countered(); refusal != nil {
		return refusal
	}
	want := c.cmd.Terms
	switch {
	case want.Due.IsZero() && want.Price == "":
		return RefuseField("due", "Give another date or another price.")
	case !want.Due.IsZero() && !want.Due.After(c.cmd.At):
		return RefuseField("due", "That time has passed: give a later one.")
	case (Counter{Due: want.Due, Price: want.Price}).Applied(c.a.Terms) == c.a.Terms:
		return RefuseField("due", "These are the terms as they are: give another date or another price, or accept them.")
	}
	return nil
}

// countered refuses other terms for which it is too late, whatever they are.
func (c *change) countered() *Refusal {
	switch {
	case c.a.Counter.Open():
		return Refuse(Conflict, "%s suggested other terms already: the desk is looking at them.", somebody(c.a.Counter.By.Name, "A colleague"))
	case c.answeredTooLate():
		return timeIsOver()
	}
	return nil
}

// effectCounter stops the clock of the answer: the desk has the next move.
func effectCounter(c *change) {
	counter := Counter{
		By: Person{ID: c.actor.ID, Name: c.actor.Name}, At: c.cmd.At,
		Due: c.cmd.Terms.Due, Price: c.cmd.Terms.Price, Note: strings.TrimSpace(c.cmd.Text),
	}
	if by := c.a.Terms.AcceptBy; !by.IsZero() {
		counter.Left, counter.AcceptBy = workingTime(c.cmd.Hours, c.cmd.At, by), by
	}
	c.a.Counter = counter
	c.a.Terms.AcceptBy, c.a.WarnAt = time.Time{}, time.Time{}
	c.noteTime("due", counter.Due)
	c.note("price", string(counter.Price))
	c.note("note", counter.Note)
}

func guardAnswerCounter(c *change) *Refusal {
	if !c.a.Counter.Open() {
		return Refuse(Conflict, "The firm suggested no other terms, so there is nothing to answer.")
	}
	return nil
}

// effectAcceptCounter is the firm's acceptance, given in advance by the person who
// suggested the terms.
func effectAcceptCounter(c *change) {
	counter := c.a.Counter
	c.a.Was = c.a.Terms.agreed()
	c.a.Terms = counter.Applied(c.a.Terms)
	c.a.Terms.Within = 0
	c.taken(counter.By)
	c.note("in_charge", cmp.Or(counter.By.Name, counter.By.ID))
	c.noteTerms(c.a.Terms)
	c.noteFormer(c.a.Was, c.a.Terms)
}

// effectRefuseCounter lets the clock go on where it stood.
func effectRefuseCounter(c *change) {
	if left := c.a.Counter.Left; left > 0 {
		c.a.Terms.AcceptBy = hoursOr(c.cmd.Hours).Add(c.cmd.At, max(left, min(MinResumed, c.window())))
		c.a.WarnAt = warnAt(c.cmd.At, c.a.Terms.AcceptBy, c.cmd.Hours)
	}
	c.a.Counter = Counter{}
	c.noteTime("accept_by", c.a.Terms.AcceptBy)
	c.note("reason", strings.TrimSpace(c.cmd.Reason))
}

func guardWithdrawCounter(c *change) *Refusal {
	if !c.a.Counter.Open() {
		return Refuse(Conflict, "Your firm has no suggestion out, so there is nothing to withdraw.")
	}
	return nil
}

// effectWithdrawCounter makes the offer what it was before the suggestion. Its time to
// answer ends when it would have ended: otherwise suggesting something and taking it back
// would win a firm as much time as it likes. When that is over, the clock has the next
// move.
func effectWithdrawCounter(c *change) {
	counter := c.a.Counter
	by := counter.AcceptBy
	if by.IsZero() && counter.Left > 0 {
		// A suggestion that was stored without that moment.
		by = hoursOr(c.cmd.Hours).Add(counter.At, counter.Left)
	}
	c.a.Counter = Counter{}
	c.a.Terms.AcceptBy = by
	if warn := warnAt(c.a.OfferedAt, by, c.cmd.Hours); warn.After(counter.At) && by.After(c.cmd.At) {
		// Whoever was warned before the suggestion is not warned again.
		c.a.WarnAt = warn
	}
	c.noteTime("accept_by", by)
}

// window is how long the firm was given to answer as it was asked.
func (c *change) window() time.Duration {
	return workingTime(c.cmd.Hours, c.a.OfferedAt, c.a.Counter.At) + c.a.Counter.Left
}

// answeredTooLate holds although the clock may not have come by yet: what counts is
// when the firm answered.
func (c *change) answeredTooLate() bool {
	by := c.a.Terms.AcceptBy
	return !by.IsZero() && !c.cmd.At.Before(by)
}

func timeIsOver() *Refusal {
	return Refuse(TooLate, "The time to answer ended; ask the desk to offer it again.")
}

// taken puts a person in charge: the firm has the job, and no other has.
func (c *change) taken(by Person) {
	c.a.InCharge = by
	c.a.AnsweredAt = c.cmd.At
	c.a.WarnAt = time.Time{}
	c.a.Counter = Counter{}
	c.issue.WasAccepted = true
	c.withdrawOthers()
}
