package workflow

import (
	"cmp"
	"slices"
	"time"
)

// Decide says what follows when the actor gives the command about the issue. The
// error is always a *Refusal, and then the Decision is zero; the issue given is
// never changed.
//
// The actor's role is taken as proven, and so is it that cmd.To names a colleague
// and cmd.Contractor a firm of the desk: those are facts outside of one issue.
func Decide(issue Issue, actor Actor, cmd Command) (Decision, error) {
	c, r, refusal := prepare(issue, actor, cmd)
	if refusal == nil && r.guard != nil {
		refusal = r.guard(c)
	}
	if refusal == nil {
		refusal = guardMoney(c)
	}
	if refusal != nil {
		return Decision{}, refusal
	}
	return c.apply(r), nil
}

// Precheck refuses what Decide would refuse for reasons of permission, scope,
// status or staleness, whatever the rest of the command says.
func Precheck(issue Issue, actor Actor, cmd Command) error {
	if _, _, refusal := prepare(issue, actor, cmd); refusal != nil {
		return refusal
	}
	return nil
}

// Opens tells whether it makes sense to open the form of a command: it refuses what
// Precheck refuses, and what was done already or is too late whatever the form says.
func Opens(issue Issue, actor Actor, cmd Command) error {
	c, r, refusal := prepare(issue, actor, cmd)
	if refusal == nil && r.verb == CounterOffer {
		refusal = c.countered()
	}
	if refusal == nil {
		switch r.verb {
		case HoldWork:
			refusal = c.paused()
		case AskApproval:
			refusal = c.asked()
		case RefuseRequest:
			refusal = c.unasked()
		case Submit:
			refusal = c.waits()
		}
	}
	if refusal != nil {
		return refusal
	}
	return nil
}

// Target returns the id of the assignment that the command means, which is empty
// when it means the issue as a whole or makes a new assignment.
func Target(issue Issue, actor Actor, cmd Command) (string, error) {
	c, _, refusal := prepare(issue, actor, cmd)
	if refusal != nil {
		return "", refusal
	}
	if c.a == nil {
		return "", nil
	}
	return c.a.ID, nil
}

// change is one decision while it is made. It works on its own copy of the issue.
type change struct {
	// actor has the role in which the command is used; rights are those of the person.
	actor  Actor
	rights Rights
	cmd    Command
	// was is the issue as it was, issue as it becomes.
	was, issue Issue
	// a is the assignment meant, inside of issue; nil for none.
	a *Assignment
	// from is the status that it had.
	from Status
	// revision is that of the thing the person saw, with who moved it last.
	revision int
	lastBy   string
	lastVerb Verb
	// moved is the verb that history remembers as the last one; empty to leave
	// the memory as it is.
	moved   Verb
	data    map[string]string
	events  []Event
	notices []Notice
}

// prepare checks everything that does not depend on the content of the command,
// and finds the row that applies.
func prepare(issue Issue, actor Actor, cmd Command) (*change, row, *Refusal) {
	if refusal := allowed(actor, cmd.Verb); refusal != nil {
		return nil, row{}, refusal
	}
	rights := actor.Rights()
	actor.Role = acting(actor, cmd.Verb)
	c := &change{actor: actor, rights: rights, was: issue, issue: clone(issue), data: map[string]string{}}
	c.cmd = redirect(issue, cmd)
	c.moved = c.cmd.Verb
	info, _ := infoOf(c.cmd.Verb)
	if info.subject == onDesk {
		return c, c.row(), nil
	}
	if c.cmd.Verb != Create && !CanSee(actor, issue) {
		return nil, row{}, NoSuchIssue()
	}
	if refusal := c.target(info.subject); refusal != nil {
		return nil, row{}, refusal
	}
	r := c.row()
	switch {
	case r.verb == "":
		// The matrix test proves that no such hole is reachable.
		return nil, row{}, Refuse(Conflict, "That cannot be done now: look at the job again.")
	case r.refuse != "":
		return nil, row{}, c.sentence(r)
	case !r.still && !r.quiet && cmd.Revision != 0 && cmd.Revision != c.revision:
		return nil, row{}, stale(c.lastBy, c.lastVerb)
	}
	return c, r, nil
}

// redirect lets the two ways of reopening stand in for each other, because people
// type the same word for both: a job with completed work gets that work reopened,
// any other is reopened as a whole.
func redirect(issue Issue, cmd Command) Command {
	switch {
	case cmd.Verb == ReopenIssue && cmd.Assignment != "":
		cmd.Verb = Reopen
	case cmd.Verb == Reopen && cmd.Assignment == "" && !workIsOpen(issue.Status) &&
		!hasStatus(issue.Assignments, func(s Status) bool { return s == Complete }):
		cmd.Verb = ReopenIssue
	}
	return cmd
}

// row finds what the table says about the command in the present state; its verb
// is empty when the table says nothing.
func (c *change) row() row {
	return find(c.cmd.Verb, statusOf(c.a), c.issue.Status, c.actor.Role)
}

func statusOf(a *Assignment) Status {
	if a == nil {
		return none
	}
	return a.Status
}

// apply makes the change that the row describes. It cannot fail any more.
func (c *change) apply(r row) Decision {
	before := statuses(c.issue)
	c.from = statusOf(c.a)
	if r.to != "" {
		if c.a == nil {
			c.add()
		}
		c.a.Status = r.to
	}
	if r.effect != nil {
		r.effect(c)
	}
	if !r.still {
		c.settle(r, before)
	}
	return c.decision(r)
}

// settle brings what is derived in line with what was changed.
func (c *change) settle(r row, before []string) {
	at := c.cmd.At
	c.endChain()
	if r.issueTo != "" {
		c.issue.Status = r.issueTo
	}
	out := hasStatus(c.issue.Assignments, Out)
	switch {
	case c.issue.Status == Allocated && !out:
		c.issue.Status = Reported
	case c.issue.Status == Resolved && out:
		c.issue.Status = Allocated
	}
	if c.a != nil {
		if !r.quiet {
			c.a.Revision++
		}
		if c.moved != "" {
			c.a.LastBy, c.a.LastVerb = c.name(), c.moved
		}
	}
	c.endWaiting()
	c.endPauses()
	c.tellVisitsOff()
	c.endRequests()
	c.runClocks(c.was)
	c.endEscalation()
	c.issue.Revision++
	if c.moved != "" {
		c.issue.LastBy, c.issue.LastVerb = c.name(), c.moved
	}
	c.issue.LiesWith = LiesWith(c.issue)
	if !slices.Equal(before, statuses(c.issue)) {
		c.issue.RemindAt = nextReminder(c.issue, at)
	}
}

// decision puts what happened in order: the move itself, then what it caused.
func (c *change) decision(r row) Decision {
	d := Decision{Issue: c.issue}
	if c.a != nil {
		d.Assignment = c.a.ID
	}
	if r.event != "" {
		d.Events = append(d.Events, Event{Kind: r.event, Assignment: d.Assignment, Data: c.data})
	}
	d.Events = append(d.Events, c.events...)
	for _, n := range r.tell {
		n.Assignment = d.Assignment
		if n.To == ToInCharge {
			n = inCharge(n, c.a)
		}
		d.Notices = append(d.Notices, n)
	}
	d.Notices = append(d.Notices, c.notices...)
	return d
}

// inCharge turns the notice to the one in charge, or to the whole firm as long as
// nobody is.
func inCharge(n Notice, a *Assignment) Notice {
	n.To = ToFirm
	if a != nil && a.InCharge.ID != "" {
		n.To, n.Person = ToInCharge, a.InCharge
	}
	return n
}

// add makes the new assignment of Draft and Offer.
func (c *change) add() {
	c.issue.Assignments = append(c.issue.Assignments, Assignment{
		ID: c.cmd.NewID, Contractor: c.cmd.Contractor, CreatedAt: c.cmd.At,
	})
	c.a = &c.issue.Assignments[len(c.issue.Assignments)-1]
}

// name is how the actor is remembered for the one who comes second.
func (c *change) name() string {
	return cmp.Or(c.actor.Name, c.actor.ID)
}

// note writes down a literal value of the event.
func (c *change) note(key, value string) {
	if value != "" {
		c.data[key] = value
	}
}

func (c *change) noteTime(key string, at time.Time) {
	if !at.IsZero() {
		c.note(key, at.UTC().Format(time.RFC3339))
	}
}

// clone copies the issue with everything it points to.
func clone(issue Issue) Issue {
	issue.Assignments = slices.Clone(issue.Assignments)
	issue.External = slices.Clone(issue.External)
	for i := range issue.Assignments {
		issue.Assignments[i].Ticks = slices.Clone(issue.Assignments[i].Ticks)
		issue.Assignments[i].Clocks = slices.Clone(issue.Assignments[i].Clocks)
	}
	issue.Chain.Firms = slices.Clone(issue.Chain.Firms)
	issue.Line.Next = slices.Clone(issue.Line.Next)
	return issue
}

// statuses is everything whose change moves the reminder.
func statuses(issue Issue) []string {
	all := make([]string, 0, 2*len(issue.Assignments)+2)
	all = append(all, string(issue.Status), string(issue.Line.After.State))
	for _, a := range issue.Assignments {
		all = append(all, string(a.Status), a.Pause.At.String())
		if a.Counter.Open() {
			all = append(all, "countered")
		}
		if a.Request.Open() {
			all = append(all, "asked")
		}
	}
	return all
}
