package workflow

import "strings"

// Refuse makes a refusal with one sentence for the person who asked.
func Refuse(code Code, format string, args ...any) *Refusal {
	said := phrase(format, args...)
	return &Refusal{Code: code, Message: said.String(), Said: said}
}

// RefuseField makes a refusal of one field of a form.
func RefuseField(field, format string, args ...any) *Refusal {
	said := phrase(format, args...)
	return &Refusal{Code: Invalid, Field: field, Message: said.String(), Said: said}
}

// NoSuchIssue is the answer for a job that does not exist. It is also the answer
// for a job that the person may not know of, so that nobody can tell the two
// apart: whoever looks jobs up must use it as well.
func NoSuchIssue() *Refusal {
	return Refuse(NotFound, "There is no such job here: check its number.")
}

// NoSuchAssignment is the answer for a hand-off that does not exist, or that the
// person may not know of.
func NoSuchAssignment() *Refusal {
	return Refuse(NotFound, "There is no such hand-off on this job: look at the job again.")
}

// sentence fills the names into a refusing row.
func (c *change) sentence(r row) *Refusal {
	text := r.refuse
	if r.self != "" && c.a != nil && c.a.InCharge.ID != "" && c.a.InCharge.ID == c.actor.ID {
		text = r.self
	}
	by, lastVerb := c.issue.LastBy, c.issue.LastVerb
	charge, ended := any(phrase("Somebody")), Phrase{}
	if c.a != nil {
		by, lastVerb = c.a.LastBy, c.a.LastVerb
		charge = somebody(c.a.InCharge.Name, "a colleague")
		ended = howEnded(*c.a)
	}
	format := gapsOf(text)
	if format == text {
		return phrase(text).refuse(r.code, "")
	}
	return phrase(format, happened(by, lastVerb), somebody(by, "Somebody"), charge, ended).refuse(r.code, "")
}

// stale says who was first.
func stale(by string, verb Verb) *Refusal {
	return Refuse(Conflict, "Meanwhile %s: look at it again, then decide.", happened(by, verb))
}

// happened is a clause such as "Cora accepted this".
func happened(by string, verb Verb) Phrase {
	info, ok := infoOf(verb)
	switch {
	case !ok:
		return phrase("this changed")
	case verb == Expire, verb == WarnOffer, verb == RemindDue, verb == WorkDue:
		return phrase(info.past)
	}
	return did(by, "somebody", info)
}

// did is a clause of who did what.
func did(by, other string, info verbInfo) Phrase {
	return phrase("%s %s", somebody(by, other), phrase(info.past))
}

// howEnded is a clause that says how an assignment came to its end.
func howEnded(a Assignment) Phrase {
	info, _ := infoOf(a.LastVerb)
	switch a.Status {
	case Declined:
		if a.DeclinedReason == ReasonNoAnswer {
			return phrase("The time to answer ended")
		}
		declined, _ := infoOf(Decline)
		return did(a.LastBy, "The firm", declined)
	case Canceled:
		switch a.LastVerb {
		case Cancel, Close, Delete, Discard, TakeBack:
			return did(a.LastBy, "The desk", info)
		case Accept, AcceptCounter, Reopen:
			// The other firm stays unnamed: firms do not know of each other.
			return phrase("Somebody else took this job")
		}
		return phrase("The offer was withdrawn")
	case Complete:
		switch a.LastVerb {
		case Approve, CompleteEarly, Close:
			return did(a.LastBy, "The desk", info)
		}
		return phrase("This is complete")
	}
	return phrase("This is " + strings.ToLower(a.Status.Label()))
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
