package workflow

import (
	"slices"
	"strings"
)

// Right is one thing that somebody of the desk may be let do or kept from.
type Right string

// The rights, from the smallest.
const (
	// RightView is to look at jobs, lists, firms and figures.
	RightView Right = "view"
	// RightHandOut is to create jobs, offer them, talk about them and judge the work, as
	// long as no amount is above the desk's limit.
	RightHandOut Right = "hand_out"
	// RightFirms is to add, invite, pause and off-board firms.
	RightFirms Right = "firms"
	// RightMoney is to offer, amend and approve above the desk's limit.
	RightMoney Right = "money"
	// RightAdmin is to set up the desk and to give rights.
	RightAdmin Right = "admin"
)

// AllRights returns every right, from the smallest.
func AllRights() []Right {
	return []Right{RightView, RightHandOut, RightFirms, RightMoney, RightAdmin}
}

// Label is the right as people see it.
func (r Right) Label() string {
	switch r {
	case RightView:
		return "View"
	case RightHandOut:
		return "Hand out jobs"
	case RightFirms:
		return "Manage firms"
	case RightMoney:
		return "Approve above the limit"
	case RightAdmin:
		return "Administer"
	}
	return string(r)
}

// RightNamed finds a right by what people type for it; ok is false for none.
func RightNamed(text string) (r Right, ok bool) {
	text = strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(text)))
	if text == "handout" {
		return RightHandOut, true
	}
	at := slices.Index(AllRights(), Right(text))
	if at < 0 {
		return "", false
	}
	return AllRights()[at], true
}

// Rights is a set of rights. The zero value is empty.
type Rights uint8

// RightsOf makes a set.
func RightsOf(list ...Right) (s Rights) {
	for _, r := range list {
		if at := slices.Index(AllRights(), r); at >= 0 {
			s |= 1 << at
		}
	}
	return s
}

// Has tells whether a right is in the set.
func (s Rights) Has(r Right) bool { return RightsOf(r) != 0 && s&RightsOf(r) != 0 }

// List gives the rights of the set, from the smallest.
func (s Rights) List() []Right {
	return slices.DeleteFunc(AllRights(), func(r Right) bool { return !s.Has(r) })
}

// Usual are the rights that follow from where somebody is: in the operations channel,
// in the managers' channel, or an administrator of the workspace who belongs to no firm.
func Usual(role Role, admin bool) Rights {
	var s Rights
	switch role {
	case Operator:
		s = RightsOf(RightView, RightHandOut, RightFirms)
	case Manager:
		s = RightsOf(RightView, RightMoney)
	case System:
		return RightsOf(AllRights()...)
	case Stranger:
	default:
		// Whoever belongs to a firm or is let in by a link has no right at the desk,
		// whatever else they are.
		return 0
	}
	if admin {
		s |= RightsOf(RightAdmin)
	}
	return s
}

// Rights are the actor's rights at the desk: the usual ones with the exceptions that
// were made for the person.
func (a Actor) Rights() Rights {
	usual := Usual(a.Role, a.Admin)
	if a.Role != Operator && a.Role != Manager {
		// An exception counts for the desk's people alone.
		return usual
	}
	return (usual | a.Granted) &^ a.Revoked
}

// rightFor is what somebody of the desk needs for a verb, empty for none. What is in
// no list here needs the right to hand out.
func rightFor(verb Verb) Right {
	switch verb {
	case Help:
		return ""
	case View, Watch, Notify, List, Summarise, ViewContractors, ViewScore:
		return RightView
	case AddContractor, Invite, PauseContractor, SyncContractor, FirmHours, FirmTopics, MoveContractor, FirmCertificate:
		return RightFirms
	case SetUp:
		return RightAdmin
	case GrantRequest, RefuseRequest:
		return RightHandOut
	}
	if mayUse(Manager, verb) {
		// Managers hand out nothing: what they may use is looking.
		return RightView
	}
	return RightHandOut
}

// needs is what the actor needs for a verb. Where managers may use what is the operators'
// as well, it is because they decide about money.
func needs(actor Actor, verb Verb) Right {
	r := rightFor(verb)
	if verb == TakeBack && !actor.Rights().Has(r) && actor.Rights().Has(RightFirms) {
		// It comes with off-boarding, too, and no job stays with a firm that has left.
		return RightFirms
	}
	if actor.Role == Manager && r == RightHandOut && mayUse(Manager, verb) && !actor.Rights().Has(r) {
		return RightMoney
	}
	return r
}

// acting is the role in which the actor uses a verb: a manager who was given a right of
// the operators' acts as one of them where that right is asked for.
func acting(actor Actor, verb Verb) Role {
	if actor.Role != Manager {
		return actor.Role
	}
	switch r := needs(actor, verb); r {
	case RightHandOut, RightFirms:
		if actor.Rights().Has(r) {
			return Operator
		}
	}
	return actor.Role
}

// lacks refuses somebody of the desk who has been kept from what the verb needs.
func lacks(actor Actor, verb Verb) *Refusal {
	if actor.Role != Operator && actor.Role != Manager {
		return nil
	}
	r := needs(actor, verb)
	if r == "" || r == RightAdmin || actor.Rights().Has(r) {
		return nil
	}
	if !mayUse(actor.Role, verb) {
		// It is not theirs anyway, and the usual sentence says whose.
		return nil
	}
	refusal := phrase("The right \"%s\" was taken from you, which this needs. Ask an administrator of the desk for it.", phrase(r.Label())).refuse(Forbidden, "")
	refusal.Right = r
	return refusal
}
