package workflow

import "slices"

// target finds the assignment that the command means and the revision that the
// person's own has to match.
func (c *change) target(about subject) *Refusal {
	c.revision, c.lastBy, c.lastVerb = c.issue.Revision, c.issue.LastBy, c.issue.LastVerb
	named, refusal := c.named()
	if refusal != nil {
		return refusal
	}
	if named != nil {
		c.seen(named)
	}
	switch {
	case c.cmd.Verb == Draft:
		c.contractorOf(named)
		c.targetDraft(named)
		return nil
	case c.cmd.Verb == Offer:
		return c.targetOffer(named)
	case about == onIssue:
		return nil
	case named != nil:
		c.a = named
		return nil
	case c.actor.Role == External, c.cmd.Outside && c.cmd.Verb == Comment:
		// External users, and the desk with them, talk about the issue as a whole.
		return nil
	}
	return c.pick(about)
}

func (c *change) seen(a *Assignment) {
	c.revision, c.lastBy, c.lastVerb = a.Revision, a.LastBy, a.LastVerb
}

// named looks up the assignment that the command names; nil when it names none.
func (c *change) named() (*Assignment, *Refusal) {
	if c.cmd.Assignment == "" {
		return nil, nil
	}
	for _, a := range c.visible() {
		if a.ID == c.cmd.Assignment {
			return a, nil
		}
	}
	return nil, NoSuchAssignment()
}

// visible are the assignments the actor may know of.
func (c *change) visible() []*Assignment {
	var all []*Assignment
	for i := range c.issue.Assignments {
		if a := &c.issue.Assignments[i]; canSeeAssignment(c.actor, *a) {
			all = append(all, a)
		}
	}
	return all
}

// contractorOf takes the firm from the named assignment when the command names
// none, so that "offer again" needs no more than the old one.
func (c *change) contractorOf(named *Assignment) {
	if c.cmd.Contractor == "" && named != nil {
		c.cmd.Contractor = named.Contractor
	}
}

// targetDraft finds the firm's draft, which is then written anew.
func (c *change) targetDraft(named *Assignment) {
	for _, a := range c.visible() {
		if a.Status == Unsent && a.Contractor == c.cmd.Contractor && c.cmd.Contractor != "" {
			c.a = a
			if named == nil {
				c.seen(a)
			}
		}
	}
}

// targetOffer decides between sending a draft and making a new offer.
func (c *change) targetOffer(named *Assignment) *Refusal {
	if named != nil && (c.cmd.NewID == "" || named.Status == Unsent && c.sameFirm(named)) {
		c.a = named
		return nil
	}
	c.contractorOf(named)
	var drafts []*Assignment
	for _, a := range c.visible() {
		if a.Status == Unsent && c.sameFirm(a) {
			drafts = append(drafts, a)
		}
	}
	switch {
	case len(drafts) == 1 && (c.cmd.Contractor != "" || c.cmd.NewID == ""):
		// The firm's draft is what becomes the offer.
		c.a = drafts[0]
		if named == nil {
			c.seen(c.a)
		}
	case len(drafts) > 1 && c.cmd.NewID == "":
		return ambiguous()
	}
	return nil
}

func (c *change) sameFirm(a *Assignment) bool {
	return c.cmd.Contractor == "" || c.cmd.Contractor == a.Contractor
}

// pick finds the only assignment that the verb could apply to.
func (c *change) pick(about subject) *Refusal {
	all := slices.DeleteFunc(c.visible(), func(a *Assignment) bool { return !c.sameFirm(a) })
	fit := slices.DeleteFunc(slices.Clone(all), func(a *Assignment) bool { return !c.fits(a, about) })
	if live := onlyLive(fit); len(live) > 0 {
		fit = live
	}
	if c.actor.Role == Contractor && len(fit) > 1 {
		// Nothing but age tells apart what one firm had of one job.
		fit = fit[len(fit)-1:]
	}
	switch {
	case len(fit) > 1:
		return ambiguous()
	case len(fit) == 1:
		c.a = fit[0]
	case about == onBoth && c.actor.Role != Contractor:
		return nil
	case len(all) == 0:
		return Refuse(NotFound, "No firm has this job yet: offer it to one first.")
	default:
		// The table has the sentence for why not.
		if live := onlyLive(all); len(live) > 0 {
			all = live
		}
		c.a = all[len(all)-1]
	}
	c.seen(c.a)
	return nil
}

// fits reports whether the verb could apply to the assignment.
func (c *change) fits(a *Assignment, about subject) bool {
	if about == onBoth && c.actor.Role != Contractor && a.Status == Complete && workIsOpen(c.issue.Status) {
		// What the desk says about a reopened job is not for the firm of before.
		return false
	}
	switch c.cmd.Verb {
	case AcceptCounter, RefuseCounter, WithdrawCounter:
		if !a.Counter.Open() {
			return false
		}
	case GrantRequest, RefuseRequest, WithdrawRequest:
		if !a.Request.Open() {
			return false
		}
	}
	r := find(c.cmd.Verb, a.Status, c.issue.Status, c.actor.Role)
	return r.verb != "" && r.refuse == ""
}

func onlyLive(all []*Assignment) []*Assignment {
	return slices.DeleteFunc(slices.Clone(all), func(a *Assignment) bool { return !Live(a.Status) })
}

func ambiguous() *Refusal {
	return Refuse(Ambiguous, "Several firms have this job: say which one you mean.")
}
