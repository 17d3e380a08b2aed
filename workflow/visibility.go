package workflow

import (
	"slices"
	"time"
)

// CanSee reports whether the actor may know that the issue exists.
func CanSee(actor Actor, issue Issue) bool {
	if issue.Status == "" {
		return false
	}
	switch actor.Role {
	case Operator, Manager, System:
		return true
	case Contractor:
		return slices.ContainsFunc(issue.Assignments, func(a Assignment) bool {
			return canSeeAssignment(actor, a)
		})
	case External:
		return actor.ID != "" && slices.Contains(issue.External, actor.ID)
	}
	return false
}

// canSeeAssignment hides the assignments of other firms, and from the firm itself
// what never left the desk.
func canSeeAssignment(actor Actor, a Assignment) bool {
	switch Sees(actor.Role, FieldFirms) {
	case Everything:
		return true
	case OwnOnly:
		return actor.Contractor != "" && a.Contractor == actor.Contractor && WasSent(a)
	}
	return false
}

// WasSent is false for a draft, and for a draft that was closed with its issue.
func WasSent(a Assignment) bool {
	return a.Status != Unsent && (a.Status != Canceled || !a.OfferedAt.IsZero())
}

// canRead reports whether the actor may read comments of that visibility, of an
// issue that the actor can see.
func canRead(actor Actor, v Visibility) bool {
	switch v {
	case Shared:
		return Sees(actor.Role, FieldShared) != Unseen
	case Internal:
		return Sees(actor.Role, FieldInternal) != Unseen
	}
	return false
}

// Remark is what decides who may read a comment.
type Remark struct {
	Visibility Visibility
	// Assignment is the hand-off it is about, empty for the issue as a whole.
	Assignment string
	// Author is the id of who said it. Desk is true for the desk's own people.
	Author string
	Desk   bool
}

// ForOutside reports whether the people outside who are involved read what was said:
// only what the desk says about the issue as a whole.
func ForOutside(r Remark) bool {
	return r.Desk && r.Visibility == Shared && r.Assignment == "" && Sees(External, FieldShared) != Unseen
}

// CanReadRemark reports whether the actor may read the comment. A firm reads those of its
// own hand-offs. Somebody outside reads their own and what the desk says to those outside,
// and nothing of another's.
func CanReadRemark(actor Actor, issue Issue, r Remark) bool {
	if !CanSee(actor, issue) || !canRead(actor, r.Visibility) {
		return false
	}
	switch actor.Role {
	case Contractor:
		a, ok := Find(issue, r.Assignment)
		return ok && canSeeAssignment(actor, a)
	case External:
		return ForOutside(r) || r.Assignment == "" && r.Author == actor.ID
	}
	return true
}

// Visible returns the issue as the actor may see it; it is zero when the actor
// cannot see it at all. What a contractor gets tells nothing about other firms:
// status and side follow from the firm's own assignments, and the issue's
// revision, reminder and history of movers are left out.
func Visible(issue Issue, actor Actor) Issue {
	if !CanSee(actor, issue) {
		return Issue{}
	}
	issue = clone(issue)
	switch actor.Role {
	case Contractor:
		return visibleToFirm(issue, actor)
	case External:
		issue = withoutDesk(issue)
		issue.External = []string{actor.ID}
		issue.Assignments, issue.Demands = nil, Demands{}
	}
	return issue
}

func visibleToFirm(issue Issue, actor Actor) Issue {
	own := slices.DeleteFunc(issue.Assignments, func(a Assignment) bool {
		return !canSeeAssignment(actor, a)
	})
	issue = withoutDesk(issue)
	issue.External = nil
	for n := range own {
		if !own[n].Rating.Shared {
			own[n].Rating = Rating{}
		}
	}
	issue.Assignments = own
	for i := range own {
		own[i].Completion = FirmsCompletion(issue.Demands, own[i].Completion)
	}
	issue.Demands = FirmsDemands(issue.Demands)
	switch {
	case hasStatus(own, Out):
		issue.Status, issue.LiesWith, issue.ClosedAt = Allocated, liesWithOf(own), time.Time{}
	case hasStatus(own, func(s Status) bool { return s == Complete }) && issue.Status == Resolved:
		issue.LiesWith, issue.ClosedAt = WithOperator, time.Time{}
	default:
		// For this firm the job is over, whatever becomes of it elsewhere.
		issue.Status, issue.LiesWith = Closed, WithNobody
		issue.ClosedAt = time.Time{}
		for _, a := range own {
			if a.EndedAt.After(issue.ClosedAt) {
				issue.ClosedAt = a.EndedAt
			}
		}
	}
	return issue
}

// withoutDesk clears what only the desk needs.
func withoutDesk(issue Issue) Issue {
	issue.Revision = 0
	issue.Chain, issue.Line, issue.Request = Chain{}, Line{}, Request{}
	issue.RemindAt, issue.RemindSet = time.Time{}, false
	issue.EscalateAt, issue.SeenBy = time.Time{}, Person{}
	issue.WasAccepted = false
	issue.LastBy, issue.LastVerb = "", ""
	return issue
}
