package workflow

import (
	"strings"
	"time"
	"unicode/utf8"
)

// The answers of a customer to the time of a planned visit.
const (
	ConsentAgreed  = "agreed"
	ConsentAnother = "another"
)

const (
	// MaxConsentText is how long the customer's words may be, in characters.
	MaxConsentText = 500
	// maxConsents is how often a customer may answer to one window: each answer tells
	// people, and whoever has the link can give it.
	maxConsents = 5
)

// Consent is what the customer says to the window of a planned visit. It is gone when the
// window changes.
type Consent struct {
	// Answer is empty while there is none. Text says what would suit the customer.
	Answer, Text string
	// Times is how often the customer has answered.
	Times int
}

// PlannedVisit finds the visit that a firm has planned and that is still to come about: it
// is over once a step without a window was reported or the firm is no more at work.
func PlannedVisit(issue Issue) (Assignment, bool) {
	for _, a := range issue.Assignments {
		if VisitAhead(a) {
			return a, true
		}
	}
	return Assignment{}, false
}

// VisitAhead tells whether a firm has planned a visit that is still to come about.
func VisitAhead(a Assignment) bool {
	return (a.Status == Accepted || a.Status == InProgress) && !a.StepFrom.IsZero()
}

// CalledOff tells whether a planned visit will not come about: the firm has the work no
// more, or it was over before. Work that is complete after the window began was visited.
func CalledOff(a Assignment) bool {
	if Live(a.Status) || a.StepFrom.IsZero() || a.EndedAt.IsZero() || visitOver(a, a.EndedAt) {
		return false
	}
	return a.Status != Complete || a.StepFrom.After(a.EndedAt)
}

// tellVisitsOff tells the customer of each visit that was called off by what happened.
func (c *change) tellVisitsOff() {
	for _, a := range c.issue.Assignments {
		if was, ok := Find(c.was, a.ID); ok && Live(was.Status) && CalledOff(a) {
			c.notices = append(c.notices, Notice{To: ToCustomer, Kind: NoticeVisitOff, Assignment: a.ID})
		}
	}
}

// planAgain tells the customer of a visit that was called off and comes about after all,
// and asks them anew.
func (c *change) planAgain() {
	was, ok := Find(c.was, c.a.ID)
	if !ok || !CalledOff(was) || visitOver(*c.a, c.cmd.At) {
		return
	}
	c.a.Consent = Consent{}
	c.notices = append(c.notices, Notice{To: ToCustomer, Kind: NoticePlanned, Assignment: c.a.ID})
}

// visitOver tells whether the time of a visit has passed.
func visitOver(a Assignment, now time.Time) bool {
	end := a.StepTo
	if end.IsZero() {
		end = a.StepFrom
	}
	return !end.After(now)
}

// MayConsent tells whether the customer may still say whether a planned visit suits them.
func MayConsent(a Assignment, now time.Time) bool {
	return VisitAhead(a) && !visitOver(a, now) && a.Consent.Times < maxConsents
}

func guardConsent(c *change) *Refusal {
	text := strings.TrimSpace(c.cmd.Text)
	switch {
	case c.a.StepFrom.IsZero():
		return Refuse(TooLate, "No visit is planned now, so there is nothing to answer.")
	case !c.cmd.From.Equal(c.a.StepFrom) || !c.cmd.Till.Equal(c.a.StepTo):
		return Refuse(Conflict, "The visit was planned anew: answer to the new time.")
	case visitOver(*c.a, c.cmd.At):
		return Refuse(TooLate, "The time of this visit has passed, so there is nothing to answer.")
	case c.cmd.Reason != ConsentAgreed && c.cmd.Reason != ConsentAnother:
		return RefuseField("visit", "Say whether this time suits you.")
	case c.cmd.Reason == ConsentAnother && text == "":
		return RefuseField("text", "Say which time would suit you better.")
	case utf8.RuneCountInString(text) > MaxConsentText:
		return RefuseField("text", "Shorten this to %d characters.", MaxConsentText)
	case c.a.Consent.Times >= maxConsents:
		return Refuse(TooLate, "You have answered several times already: ask whoever gave you the link to pass on anything new.")
	case c.a.Consent.Answer == c.cmd.Reason && (c.cmd.Reason == ConsentAgreed || c.a.Consent.Text == text):
		return Refuse(Conflict, "You have given this answer already. Thank you.")
	}
	return nil
}

func effectConsent(c *change) {
	// A customer's answer moves no work: who moved it stays the last one.
	c.moved = ""
	c.a.Consent = Consent{Answer: c.cmd.Reason, Times: c.a.Consent.Times + 1}
	if c.cmd.Reason == ConsentAnother {
		c.a.Consent.Text = strings.TrimSpace(c.cmd.Text)
	}
	c.note("answer", c.a.Consent.Answer)
	c.note("text", c.a.Consent.Text)
	c.noteTime("from", c.a.StepFrom)
	c.noteTime("till", c.a.StepTo)
	told := Notice{To: ToFirm, Kind: NoticeConsent, Assignment: c.a.ID}
	if c.a.Consent.Answer == ConsentAnother {
		// Whoever is in charge has to plan anew.
		told = inCharge(told, c.a)
	}
	c.notices = append(c.notices, told)
}

// planVisit sets the window of a step, none for a step that needs none. The customer is
// asked anew about a window that changed.
func (c *change) planVisit() {
	changed := !c.cmd.From.Equal(c.a.StepFrom) || !c.cmd.Till.Equal(c.a.StepTo)
	if changed {
		c.a.Consent = Consent{}
	}
	c.a.StepFrom, c.a.StepTo = c.cmd.From, c.cmd.Till
	if c.cmd.From.IsZero() {
		return
	}
	c.notices = append(c.notices, Notice{To: ToOperators, Kind: NoticePlanned, Assignment: c.a.ID})
	if changed {
		// Whoever knows of the time, and may have agreed to it, is not asked again.
		c.notices = append(c.notices, Notice{To: ToCustomer, Kind: NoticePlanned, Assignment: c.a.ID})
	}
}
