package workflow

import "slices"

// Buttons returns the verbs that the card of an assignment offers to a side, the
// most likely first. Where Offer stands on a card that is over, it means a new
// offer, to the same firm or another.
func Buttons(a Assignment, issue Issue, side Role) []Verb {
	var all []Verb
	switch side {
	case Contractor:
		all = firmButtons(a, issue.Demands)
	case Operator:
		all = deskButtons(a)
	}
	return slices.DeleteFunc(all, func(v Verb) bool {
		switch v {
		case Offer:
			return !workIsOpen(issue.Status) || issue.Request.Open() || hasStatus(issue.Assignments, Taken)
		case Reopen:
			return hasStatus(issue.Assignments, Taken)
		case CounterOffer:
			return a.Counter.Open()
		case AcceptCounter, RefuseCounter, WithdrawCounter:
			return !a.Counter.Open()
		case AskApproval, Submit:
			return a.Request.Open()
		case GrantRequest, RefuseRequest, WithdrawRequest:
			return !a.Request.Open()
		}
		return false
	})
}

func firmButtons(a Assignment, d Demands) []Verb {
	var all []Verb
	switch a.Status {
	case Assigned:
		return []Verb{Accept, Decline, CounterOffer, WithdrawCounter}
	case Accepted:
		all = []Verb{Start, Step}
	case InProgress:
		all = []Verb{Step}
	default:
		return nil
	}
	if len(d.Checklist) > 0 {
		all = append(all, Check)
	}
	return append(all, pauseButton(a), Submit, HandOver, TakeCharge, AskApproval, WithdrawRequest)
}

func pauseButton(a Assignment) Verb {
	if a.Pause.On() {
		return ResumeWork
	}
	return HoldWork
}

func deskButtons(a Assignment) []Verb {
	switch a.Status {
	case Unsent:
		return []Verb{Offer, Discard}
	case Assigned:
		return []Verb{AcceptCounter, RefuseCounter, Cancel, Comment}
	case Accepted, InProgress:
		return []Verb{GrantRequest, RefuseRequest, Comment, Amend, pauseButton(a), CompleteEarly, TakeBack}
	case WaitingApproval:
		return []Verb{Approve, SendBack, Comment}
	case Complete:
		return []Verb{Reopen}
	case Declined, Canceled:
		return []Verb{Offer}
	}
	return nil
}

// IssueButtons returns the verbs that the card of an issue offers to a side. Those
// of its assignments are on their own cards.
func IssueButtons(issue Issue, side Role) []Verb {
	if side != Operator {
		return nil
	}
	if held := issue.Request.Open(); held && (issue.Status == Reported || issue.Status == AllocatedExternal) {
		return []Verb{GrantRequest, RefuseRequest, InternalNote, Remind, SetDue, Close}
	}
	switch issue.Status {
	case Reported:
		return []Verb{Offer, AllocateExternal, InternalNote, Remind, SetDue, Close}
	case AllocatedExternal:
		return []Verb{Comment, Offer, AllocateExternal, InternalNote, Remind, SetDue, Close}
	case Allocated:
		all := []Verb{Offer, InternalNote, Remind, SetDue, Close}
		if hasStatus(issue.Assignments, Taken) {
			all = all[1:]
		}
		return all
	case Resolved:
		return []Verb{Close, ReopenIssue, InternalNote}
	case Closed:
		return []Verb{ReopenIssue}
	}
	return nil
}
