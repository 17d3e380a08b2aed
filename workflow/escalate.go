package workflow

import "time"

// Work that is overdue is told to the desk first. When nobody of the desk has taken note
// of it for a while, its managers are told, once. Whoever puts the reminder off puts that
// off as well, and whoever takes note ends it.

// startEscalation sets when the managers hear of work that has just become overdue.
func (c *change) startEscalation() {
	c.issue.EscalateAt, c.issue.SeenBy = time.Time{}, Person{}
	if rules := c.cmd.Limits; rules != nil && rules.Escalate > 0 {
		c.issue.EscalateAt = rules.Hours.Add(c.cmd.At, rules.Escalate)
	}
}

// delayEscalation keeps the managers from hearing of it before the desk is reminded.
func (c *change) delayEscalation() {
	if at := c.issue.EscalateAt; c.actor.Role == Operator && !at.IsZero() && at.Before(c.issue.RemindAt) {
		c.issue.EscalateAt = c.issue.RemindAt
	}
}

// endEscalation ends it with the work.
func (c *change) endEscalation() {
	if !workIsOpen(c.issue.Status) || !c.issue.Overdue {
		c.issue.EscalateAt = time.Time{}
	}
}

func guardEscalate(c *change) *Refusal {
	if at := c.issue.EscalateAt; at.IsZero() || c.cmd.At.Before(at) {
		return Refuse(Conflict, "The managers do not have to be told.")
	}
	return nil
}

func effectEscalate(c *change) {
	c.moved = ""
	c.issue.EscalateAt = time.Time{}
	c.noteTime("due_at", c.issue.DueAt)
	c.note("lies_with", string(LiesWith(c.issue)))
}

func guardAcknowledge(c *change) *Refusal {
	switch by := c.issue.SeenBy; {
	case !c.issue.Overdue:
		return Refuse(Conflict, "This job is not overdue, so there is nothing to take note of.")
	case by.ID == c.actor.ID && by.ID != "":
		return Refuse(Conflict, "You took note of this already.")
	case by.ID != "":
		return Refuse(Conflict, "%s took note of this already.", somebody(by.Name, "Somebody"))
	}
	return nil
}

func effectAcknowledge(c *change) {
	c.moved = ""
	c.issue.SeenBy = Person{ID: c.actor.ID, Name: c.actor.Name}
	c.issue.EscalateAt = time.Time{}
}
