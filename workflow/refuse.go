package workflow

import (
	"fmt"
	"strings"
)

// Refuse makes a refusal with one sentence for the person who asked.
func Refuse(code Code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// RefuseField makes a refusal of one field of a form.
func RefuseField(field, format string, args ...any) *Refusal {
	return &Refusal{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
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
	charge, ended := "Somebody", ""
	if c.a != nil {
		by, lastVerb = c.a.LastBy, c.a.LastVerb
		charge = orElse(c.a.InCharge.Name, "a colleague")
		ended = howEnded(*c.a)
	}
	names := strings.NewReplacer(
		"{happened}", happened(by, lastVerb),
		"{by}", orElse(by, "Somebody"),
		"{charge}", charge,
		"{ended}", ended,
	)
	text = names.Replace(text)
	return &Refusal{Code: r.code, Message: upperFirst(text)}
}

// stale says who was first.
func stale(by string, verb Verb) *Refusal {
	return Refuse(Conflict, "Meanwhile %s: look at it again, then decide.", happened(by, verb))
}

// happened is a clause such as "Cora accepted this".
func happened(by string, verb Verb) string {
	info, ok := infoOf(verb)
	switch {
	case !ok:
		return "this changed"
	case verb == Expire, verb == WarnOffer, verb == RemindDue, verb == WorkDue:
		return info.past
	}
	return orElse(by, "somebody") + " " + info.past
}

// howEnded is a clause that says how an assignment came to its end.
func howEnded(a Assignment) string {
	switch a.Status {
	case Declined:
		if a.DeclinedReason == ReasonNoAnswer {
			return "The time to answer ended"
		}
		return orElse(a.LastBy, "The firm") + " declined this"
	case Canceled:
		switch a.LastVerb {
		case Cancel, Close, Delete, Discard, TakeBack:
			return orElse(a.LastBy, "The desk") + " " + mustPast(a.LastVerb)
		case Accept, AcceptCounter, Reopen:
			// The other firm stays unnamed: firms do not know of each other.
			return "Somebody else took this job"
		}
		return "The offer was withdrawn"
	case Complete:
		switch a.LastVerb {
		case Approve, CompleteEarly, Close:
			return orElse(a.LastBy, "The desk") + " " + mustPast(a.LastVerb)
		}
		return "This is complete"
	}
	return "This is " + strings.ToLower(a.Status.Label())
}

func mustPast(v Verb) string {
	info, _ := infoOf(v)
	return info.past
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
