package workflow

import (
	"slices"
	"time"
)

// The defaults of the clocks.
const (
	// MinOfferTime is the least time a firm gets to answer.
	MinOfferTime = time.Minute
	// MinWarnLead and MaxWarnLead bound how long before its end an offer is
	// warned about; between them it is a quarter of the time to answer.
	MinWarnLead = 5 * time.Minute
	MaxWarnLead = 4 * time.Hour
	// ReminderAfter is when whoever a job lies with is reminded, counted from the
	// last change of status.
	ReminderAfter = 24 * time.Hour
	// RemindAhead is how much earlier a reminder that nobody chose may come, so that one
	// message tells of all that waits.
	RemindAhead = 12 * time.Hour
	// MaxSnooze is how long a reminder can be put off.
	MaxSnooze = 14 * 24 * time.Hour
	// ResolvedReminderAfter is the same for a job that only waits to be closed.
	ResolvedReminderAfter = 7 * 24 * time.Hour
)

// Live reports whether an assignment is not over yet, an unsent draft included.
func Live(s Status) bool {
	return s == Unsent || Out(s)
}

// Out reports whether an assignment has left the desk and is not over yet.
func Out(s Status) bool {
	return s == Assigned || Taken(s)
}

// OutStatuses returns the statuses of assignments that are Out, in the order of the work.
func OutStatuses() []Status {
	return slices.DeleteFunc(Statuses(), func(s Status) bool { return !Out(s) })
}

// Taken reports whether a firm has accepted and is not done yet. At most one
// assignment of an issue is.
func Taken(s Status) bool {
	return s == Accepted || s == InProgress || s == WaitingApproval
}

// Lost reports whether a firm has an assignment no more without having done it: what the
// desk writes about the job from then on is for who does it instead.
func Lost(s Status) bool { return s == Canceled || s == Declined }

// Find returns the assignment with that id; ok is false when there is none.
func Find(issue Issue, assignmentID string) (a Assignment, ok bool) {
	if assignmentID == "" {
		return Assignment{}, false
	}
	for _, a := range issue.Assignments {
		if a.ID == assignmentID {
			return a, true
		}
	}
	return Assignment{}, false
}

// LiesWith says who has to act next on the issue.
func LiesWith(issue Issue) Side {
	switch issue.Status {
	case Reported, Resolved:
		return WithOperator
	case AllocatedExternal:
		return WithBoth
	case Allocated:
		return liesWithOf(issue.Assignments)
	}
	return WithNobody
}

// liesWithOf looks at hand-offs alone.
func liesWithOf(assignments []Assignment) Side {
	desk := slices.ContainsFunc(assignments, waitsForDesk)
	firm := slices.ContainsFunc(assignments, waitsForFirm)
	switch {
	case desk && firm:
		return WithBoth
	case firm:
		return WithContractor
	}
	return WithOperator
}

// waitsForDesk reports whether the desk has to decide about what the firm did.
func waitsForDesk(a Assignment) bool {
	return a.Status == WaitingApproval || a.Status == Assigned && a.Counter.Open() || a.Pause.On() && a.Pause.Side == WithOperator ||
		a.Request.Open()
}

func waitsForFirm(a Assignment) bool { return Out(a.Status) && !waitsForDesk(a) }

func hasStatus(assignments []Assignment, is func(Status) bool) bool {
	return slices.ContainsFunc(assignments, func(a Assignment) bool { return is(a.Status) })
}

// nextReminder is the reminder date of an issue that came to its present status
// at the given time. A date that a person chose stays, and so does the date of an
// issue allocated to an external user, because the desk still owns that job.
func nextReminder(issue Issue, at time.Time) time.Time {
	if issue.Status == Closed || issue.Status == "" {
		return time.Time{}
	}
	if issue.RemindSet || issue.Status == AllocatedExternal {
		return issue.RemindAt
	}
	if issue.heldBack() {
		// There is nothing to do before the other job is done.
		return time.Time{}
	}
	for _, a := range issue.Assignments {
		if a.Request.Open() {
			// The desk is not to think about it longer than the firm can wait.
			if by := a.Request.NeededBy; by.After(at) && by.Before(reminderAfter(issue.Status, at)) {
				return by
			}
			continue
		}
		if a.Pause.Until.After(at) {
			// Before the pause should be over there is nothing to ask about.
			return a.Pause.Until
		}
	}
	return reminderAfter(issue.Status, at)
}

func reminderAfter(status IssueStatus, at time.Time) time.Time {
	if status == Resolved {
		return at.Add(ResolvedReminderAfter)
	}
	return at.Add(ReminderAfter)
}

// warnAt is when the firm is warned about an offer made at the given time: a
// quarter of the window before its end, within bounds, but never before half of
// a very short one is over. The window is counted in the firm's working time, if it has
// any of that.
func warnAt(offered, acceptBy time.Time, hours *Calendar) time.Time {
	if acceptBy.IsZero() {
		return time.Time{}
	}
	var firm Calendar
	if hours != nil {
		firm = *hours
	}
	window := firm.Between(offered, acceptBy)
	if window <= 0 {
		firm, window = Calendar{}, acceptBy.Sub(offered)
	}
	lead := min(max(window/4, MinWarnLead), MaxWarnLead, window/2)
	return firm.Add(offered, window-lead)
}

// Deadline is something the clock has to do to an issue.
type Deadline struct {
	// Kind is the verb to decide with the System role at that time.
	Kind Verb
	// Subject is the id of the assignment for WarnOffer and Expire, else of the
	// issue.
	Subject string
	At      time.Time
	// Revision is that of the subject.
	Revision int
}

// Deadlines returns what the clock has to do to the issue, soonest first. A store finds the
// same among all issues at once.
func Deadlines(issue Issue) []Deadline {
	var all []Deadline
	for _, a := range issue.Assignments {
		if a.Status != Assigned || a.Terms.AcceptBy.IsZero() {
			continue
		}
		if !a.WarnAt.IsZero() {
			all = append(all, Deadline{Kind: WarnOffer, Subject: a.ID, At: a.WarnAt, Revision: a.Revision})
		}
		all = append(all, Deadline{Kind: Expire, Subject: a.ID, At: a.Terms.AcceptBy, Revision: a.Revision})
		if !a.CountAt.IsZero() {
			all = append(all, Deadline{Kind: CountDown, Subject: a.ID, At: a.CountAt, Revision: a.Revision})
		}
	}
	all = append(all, limitDeadlines(issue.Assignments)...)
	if issue.Status != Closed && !issue.RemindAt.IsZero() {
		all = append(all, Deadline{Kind: RemindDue, Subject: issue.ID, At: issue.RemindAt, Revision: issue.Revision})
	}
	if workIsOpen(issue.Status) && !issue.DueAt.IsZero() && !issue.Overdue && StageOf(issue) != StageLater {
		all = append(all, Deadline{Kind: WorkDue, Subject: issue.ID, At: issue.DueAt, Revision: issue.Revision})
	}
	if !issue.EscalateAt.IsZero() {
		all = append(all, Deadline{Kind: Escalate, Subject: issue.ID, At: issue.EscalateAt, Revision: issue.Revision})
	}
	slices.SortStableFunc(all, func(a, b Deadline) int { return a.At.Compare(b.At) })
	return all
}

func workIsOpen(s IssueStatus) bool {
	return s == Reported || s == Allocated || s == AllocatedExternal
}
