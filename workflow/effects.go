package workflow

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An effect changes what a transition changes beside the statuses. It runs after
// the assignment has its new status and cannot fail.

func effectDraft(c *change) {
	c.a.Terms = c.cmd.Terms
	c.note("contractor", c.a.Contractor)
}

func effectOffer(c *change) {
	c.a.Terms = c.offered()
	c.a.OfferedAt = c.cmd.At
	c.a.WarnAt = warnAt(c.cmd.At, c.a.Terms.AcceptBy, c.cmd.Hours)
	c.note("contractor", c.a.Contractor)
	c.noteTerms(c.a.Terms)
}

func effectEnd(c *change) {
	c.a.EndedAt = c.cmd.At
	c.a.WarnAt = time.Time{}
	c.a.Counter = Counter{}
}

// effectComplete ends work that was done, and asks once what became of it.
func effectComplete(c *change) {
	effectEnd(c)
	noteOnTime(c.data, c.from, *c.a, c.issue.DueAt)
	if !c.a.Rating.Asked && c.a.Rating.Stars == 0 {
		c.a.Rating.Asked = true
		c.notices = append(c.notices, Notice{To: ToRequester, Kind: NoticeRate, Assignment: c.a.ID})
	}
}

// onTimeKey names the value of an event that says whether work was done by its due date.
const onTimeKey = "on_time"

// noteOnTime writes down whether work that ends now was done by its due date, which may
// be another one tomorrow.
func noteOnTime(data map[string]string, was Status, a Assignment, due time.Time) {
	if onTime, known := inTime(was, a, due); known {
		data[onTimeKey] = strconv.FormatBool(onTime)
	}
}

// effectTakeBack keeps who was in charge and why the work was taken away, and tells the firm.
func effectTakeBack(c *change) {
	effectEnd(c)
	reason := strings.TrimSpace(c.cmd.Reason)
	c.note("in_charge", c.a.InCharge.Name)
	c.note("reason", reason)
	c.notices = append(c.notices, Notice{To: ToFirm, Kind: NoticeTakenBack, Assignment: c.a.ID, Reason: reason})
}

func effectAccept(c *change) {
	c.taken(Person{ID: c.actor.ID, Name: c.actor.Name})
	c.note("in_charge", c.name())
}

// withdrawOthers ends the offers that lost. The firms learn that the job is
// taken, but not by whom.
func (c *change) withdrawOthers() {
	for i := range c.issue.Assignments {
		a := &c.issue.Assignments[i]
		if a == c.a || a.Status != Assigned {
			continue
		}
		c.end(a, Canceled)
		a.LastBy, a.LastVerb = "", c.cmd.Verb
		c.cause(a, EventWithdrawn, NoticeTaken)
	}
}

// end finishes an assignment that is not the one the command is about.
func (c *change) end(a *Assignment, status Status) {
	a.Status = status
	a.EndedAt = c.cmd.At
	a.WarnAt = time.Time{}
	a.Counter = Counter{}
	a.Revision++
}

// cause adds what befell an assignment that the command is not about.
func (c *change) cause(a *Assignment, event string, kind NoticeKind) {
	c.events = append(c.events, Event{Kind: event, Assignment: a.ID, Data: map[string]string{"by": string(c.cmd.Verb)}})
	c.notices = append(c.notices, Notice{To: ToFirm, Kind: kind, Assignment: a.ID})
}

func effectDecline(c *change) {
	effectEnd(c)
	c.a.AnsweredAt = c.cmd.At
	c.a.DeclinedReason = strings.TrimSpace(c.cmd.Reason)
	c.a.DeclinedText = strings.TrimSpace(c.cmd.Text)
	c.note("reason", c.a.DeclinedReason)
	c.note("text", c.a.DeclinedText)
	c.askNext()
}

func effectExpire(c *change) {
	effectEnd(c)
	c.a.DeclinedReason, c.a.DeclinedText = ReasonNoAnswer, ""
	c.note("reason", ReasonNoAnswer)
	c.askNext()
}

func effectWarn(c *change) {
	c.a.WarnAt = time.Time{}
	// A warning is nobody's move: who made the offer stays the last one.
	c.moved = ""
	c.noteTime("accept_by", c.a.Terms.AcceptBy)
}

// startedKey is set in the history of a pause with which work began: a firm that pauses
// what it accepted has been at it, and a desk that does the same has not.
const startedKey = "started"

func effectStart(c *change) {
	if c.a.StartedAt.IsZero() {
		c.a.StartedAt = c.cmd.At
	}
}

func effectImplicitStart(c *change) {
	effectStart(c)
	c.moved = Start
	c.events = append(c.events, Event{Kind: EventStarted, Assignment: c.a.ID, Data: map[string]string{"by": string(c.cmd.Verb)}})
}

func effectStep(c *change) {
	effectStart(c)
	c.a.Step = strings.TrimSpace(c.cmd.Step)
	c.note("step", c.a.Step)
	c.noteTime("from", c.cmd.From)
	c.noteTime("till", c.cmd.Till)
	if c.a.Pause.On() && c.cmd.From.IsZero() {
		// Who is on the way or at work does not wait any more.
		c.a.Pause = Pause{}
		c.note("resumed", "true")
	}
	c.planVisit()
}

func effectHandOver(c *change) {
	effectStart(c)
	c.note("from", cmp.Or(c.a.InCharge.Name, c.a.InCharge.ID))
	c.a.InCharge = c.cmd.To
	c.note("to", cmp.Or(c.cmd.To.Name, c.cmd.To.ID))
}

func effectTakeCharge(c *change) {
	effectStart(c)
	c.note("from", cmp.Or(c.a.InCharge.Name, c.a.InCharge.ID))
	c.a.InCharge = Person{ID: c.actor.ID, Name: c.actor.Name}
}

func effectSubmit(c *change) {
	effectStart(c)
	c.a.Completion = c.cmd.Completion
	if c.a.Completion.Activity == "" {
		c.a.Completion.Activity = c.issue.Demands.Kind
	}
	c.a.SubmittedAt = c.cmd.At
	c.note("note", c.cmd.Completion.Note)
	if c.cmd.Completion.Effort > 0 {
		c.note("effort", strconv.Itoa(c.cmd.Completion.Effort))
	}
	c.note("costs", c.cmd.Completion.Costs)
	c.note("materials", c.cmd.Completion.Materials)
	c.note("activity", c.a.Completion.Activity)
}

func effectSendBack(c *change) {
	c.a.SendBackReason = sendBackReason(c.cmd)
	c.a.SendBacks++
	c.a.SentBackAt = c.cmd.At
	c.note("reason", c.a.SendBackReason)
}

func effectRate(c *change) {
	// Who rates moves nothing: who completed the work stays the last one.
	c.moved = ""
	c.a.Rating = Rating{
		Stars: c.cmd.Stars, Text: strings.TrimSpace(c.cmd.Text), Shared: c.cmd.Share,
		At: c.cmd.At, By: Person{ID: c.actor.ID, Name: c.actor.Name}, Asked: true,
	}
	c.note("stars", strconv.Itoa(c.cmd.Stars))
	c.note("text", c.a.Rating.Text)
	if c.cmd.Share {
		c.note("shared", "true")
	}
}

func effectReopen(c *change) {
	effectStart(c)
	c.planAgain()
	c.a.EndedAt = time.Time{}
	c.issue.ClosedAt = time.Time{}
	c.withdrawOthers()
}

func effectCreate(c *change) {
	if c.issue.CreatedAt.IsZero() {
		c.issue.CreatedAt = c.cmd.At
	}
	c.hold()
}

// newPeople are the external users not yet involved.
func newPeople(c *change) []Person {
	var add []Person
	for n, id := range c.cmd.People {
		id = strings.TrimSpace(id)
		twice := slices.ContainsFunc(add, func(p Person) bool { return p.ID == id })
		if id != "" && !twice && !slices.Contains(c.issue.External, id) {
			add = append(add, Person{ID: id, Name: strings.TrimSpace(nameAt(c.cmd, n))})
		}
	}
	return add
}

func effectExternal(c *change) {
	add := newPeople(c)
	for _, p := range add {
		c.issue.External = append(c.issue.External, p.ID)
		c.notices = append(c.notices, Notice{To: ToExternal, Kind: NoticeInvolved, Person: p})
	}
	c.notePeople(add)
}

// notePeople writes down who is meant, by the ids and by the names.
func (c *change) notePeople(people []Person) {
	var ids, names []string
	for _, p := range people {
		ids, names = append(ids, p.ID), append(names, p.Name)
	}
	c.note("people", strings.Join(ids, " "))
	if len(c.cmd.Names) > 0 {
		c.note("names", strings.Join(names, ", "))
	}
}

// effectRemoveExternal lets people go. A job that nobody else has comes back to the desk.
func effectRemoveExternal(c *change) {
	var gone []Person
	for n, id := range c.cmd.People {
		c.issue.External = slices.DeleteFunc(c.issue.External, func(other string) bool { return other == id })
		gone = append(gone, Person{ID: id, Name: nameAt(c.cmd, n)})
	}
	if len(c.issue.External) == 0 {
		c.issue.External = nil
		if c.issue.Status == AllocatedExternal {
			c.issue.Status = Reported
		}
	}
	c.notePeople(gone)
}

// effectClose completes what was accepted and cancels what was not.
func effectClose(c *change) {
	for i := range c.issue.Assignments {
		a := &c.issue.Assignments[i]
		was := a.Status
		if !Live(was) {
			continue
		}
		status, event, kind := Canceled, EventWithdrawn, NoticeWithdrawn
		if Taken(was) {
			status, event, kind = Complete, EventCompletedByClose, NoticeClosed
		}
		c.end(a, status)
		a.LastBy, a.LastVerb = c.name(), c.cmd.Verb
		if was == Unsent {
			// The firm never heard of a draft, so there is nothing to take back.
			c.events = append(c.events, Event{Kind: event, Assignment: a.ID, Data: map[string]string{"by": string(c.cmd.Verb)}})
			continue
		}
		c.cause(a, event, kind)
		if status == Complete {
			noteOnTime(c.events[len(c.events)-1].Data, was, *a, c.issue.DueAt)
		}
	}
	c.issue.ClosedAt = c.cmd.At
	c.issue.RemindSet = false
	c.note("reason", strings.TrimSpace(c.cmd.Reason))
}

func effectReopenIssue(c *change) {
	c.holdAgain()
	c.issue.ClosedAt = time.Time{}
}

func effectRemind(c *change) {
	c.issue.RemindAt, c.issue.RemindSet = c.cmd.When, true
	c.delayEscalation()
	c.noteTime("when", c.cmd.When)
}

func effectSnooze(c *change) {
	c.issue.RemindAt, c.issue.RemindSet = c.cmd.When, false
	c.delayEscalation()
	c.noteTime("when", c.cmd.When)
}

// effectRemindDue tells whoever has to act, and sets the next date even for an
// issue with an external user: else the same date would be due for ever.
func effectRemindDue(c *change) {
	if c.cmd.When.After(c.cmd.At) {
		c.issue.RemindAt, c.moved = c.cmd.When, ""
		c.noteTime("put_off", c.cmd.When)
		return
	}
	c.issue.RemindSet = false
	c.issue.RemindAt = reminderAfter(c.issue.Status, c.cmd.At)
	if c.issue.heldBack() {
		c.issue.RemindAt = time.Time{}
	}
	lies := LiesWith(c.issue)
	c.note("lies_with", string(lies))
	if lies == WithOperator || lies == WithBoth {
		c.notices = append(c.notices, Notice{To: ToOperators, Kind: NoticeReminder})
	}
	if lies == WithContractor || lies == WithBoth {
		c.tellFirms(NoticeReminder, waitsForFirm)
	}
	if c.issue.Status == AllocatedExternal {
		for _, id := range c.issue.External {
			c.notices = append(c.notices, Notice{To: ToExternal, Kind: NoticeReminder, Person: Person{ID: id, Name: id}})
		}
	}
}

func (c *change) tellFirms(kind NoticeKind, is func(Assignment) bool) {
	for i := range c.issue.Assignments {
		if a := &c.issue.Assignments[i]; is(*a) {
			c.notices = append(c.notices, inCharge(Notice{Kind: kind, Assignment: a.ID}, a))
		}
	}
}

func effectWorkDue(c *change) {
	c.issue.Overdue = true
	c.startEscalation()
	c.noteTime("due_at", c.issue.DueAt)
	c.tellFirms(NoticeOverdue, func(a Assignment) bool { return Taken(a.Status) })
}

func effectSetDue(c *change) {
	c.issue.DueAt, c.issue.Overdue = c.cmd.When, false
	c.issue.SeenBy = Person{}
	c.noteTime("due_at", c.cmd.When)
}

// effectComment notes what the ledger needs to know about the comment.
func effectComment(c *change) {
	c.note("visibility", string(Shared))
	if c.a != nil && c.a.Status == WaitingApproval {
		c.note("held", "true")
	}
}

func effectNote(c *change) {
	c.note("visibility", string(Internal))
}
