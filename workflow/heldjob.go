package workflow

import "strings"

// A job that was made with answers which need an approval is held: it lies with the desk
// and is offered to nobody before somebody who may decide about money has approved it.

// hold makes the approval necessary that a new job is said to need, unless who makes it
// may give it and does not ask for one.
func (c *change) hold() {
	why := strings.TrimSpace(c.cmd.Reason)
	if why == "" || c.rights.Has(RightMoney) && !c.cmd.Hold {
		return
	}
	c.issue.Request = Request{By: Person{ID: c.actor.ID, Name: c.actor.Name}, At: c.cmd.At, What: why}
	c.events = append(c.events, Event{Kind: EventApprovalNeeded, Data: map[string]string{"what": why}})
	c.notices = append(c.notices, Notice{To: ToManagers, Kind: NoticeApprovalNeeded})
}

// held refuses to offer what still needs an approval.
func (c *change) held() *Refusal {
	if !c.issue.Request.Open() {
		return nil
	}
	refusal := Refuse(Conflict, "This job needs an approval before it is offered: somebody who may approve above the limit has to give it.")
	refusal.Right = RightMoney
	return refusal
}

// mayRelease keeps the answer for those who may decide about money.
func (c *change) mayRelease() *Refusal {
	if refusal := c.unasked(); refusal != nil || c.rights.Has(RightMoney) {
		return refusal
	}
	refusal := Refuse(Forbidden, "This job needs an approval: somebody who may approve above the limit has to decide about it.")
	refusal.Right = RightMoney
	return refusal
}

func guardRelease(c *change) *Refusal { return c.mayRelease() }

func effectRelease(c *change) {
	c.issue.Request.Answer = RequestApproved
	c.noteRequest(c.issue.Request)
}

func guardTurnDown(c *change) *Refusal {
	if refusal := c.mayRelease(); refusal != nil {
		return refusal
	}
	return c.why()
}

// effectTurnDown closes the job, with what was prepared.
func effectTurnDown(c *change) {
	effectClose(c)
	c.issue.Request.Answer, c.issue.Request.Reason = RequestRefused, strings.TrimSpace(c.cmd.Reason)
	c.noteRequest(c.issue.Request)
}

// holdAgain asks for the approval anew of a job that is taken up although it was refused.
func (c *change) holdAgain() {
	if r := &c.issue.Request; r.Answer == RequestRefused {
		r.Answer, r.Reason = "", ""
		c.events = append(c.events, Event{Kind: EventApprovalNeeded, Data: map[string]string{"what": r.What}})
		c.notices = append(c.notices, Notice{To: ToManagers, Kind: NoticeApprovalNeeded})
	}
}
