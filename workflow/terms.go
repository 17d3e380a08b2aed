package workflow

import (
	"strings"
	"time"
)

// Money is an amount with its currency in one canonical text, such as "250.00 EUR":
// a decimal number with as many digits as the currency has, a space and the ISO 4217
// code. The zero value is no amount. Two of the same currency are the same amount
// exactly when they are the same text.
type Money string

// Currency is the ISO 4217 code, empty for no amount.
func (m Money) Currency() string {
	_, currency, _ := strings.Cut(string(m), " ")
	return currency
}

// Amount is the decimal number, empty for no amount.
func (m Money) Amount() string {
	amount, _, _ := strings.Cut(string(m), " ")
	return amount
}

// Terms are the conditions of an offer.
type Terms struct {
	// AcceptBy is when the offer ends without an answer; zero for never, or as long
	// as the clock of an answer stands still.
	AcceptBy time.Time
	// Within is how long the firm has to answer, counted in its working time from the
	// moment in which it is asked. It stands in for AcceptBy until then.
	Within time.Duration
	// Due is when the work has to be done; zero for the issue's own date.
	Due time.Time
	// DueIn is how long after the firm is asked the work has to be done. It stands in for
	// Due until then.
	DueIn time.Duration
	// Price is what the firm gets. Limit is the most that it may spend without asking.
	Price, Limit Money
	// Note is anything else that is agreed, such as the scope.
	Note string
}

// at are the terms as they are when the firm is asked at a moment.
func (t Terms) at(asked time.Time, hours *Calendar) Terms {
	if t.AcceptBy.IsZero() && t.Within > 0 {
		t.AcceptBy = hoursOr(hours).Add(asked, t.Within)
	}
	if t.Due.IsZero() && t.DueIn > 0 {
		t.Due = asked.Add(t.DueIn)
	}
	t.DueIn = 0
	return t
}

// hoursOr is a firm's working time, or round the clock.
func hoursOr(hours *Calendar) Calendar {
	if hours == nil {
		return Calendar{}
	}
	return *hours
}

// workingTime is how much of a firm's working time lies between two moments, or all
// the time between them when none of it does.
func workingTime(hours *Calendar, from, to time.Time) time.Duration {
	if d := hoursOr(hours).Between(from, to); d > 0 {
		return d
	}
	return to.Sub(from)
}

// agreed is the part of the terms that firm and desk agree on.
func (t Terms) agreed() Terms {
	t.AcceptBy, t.Within, t.DueIn = time.Time{}, 0, 0
	return t
}

// Counter is what a firm suggests instead of an offer's terms. The zero value is
// none.
type Counter struct {
	// By suggested it At that moment.
	By Person
	At time.Time
	// Due and Price are what the firm asks for, zero for as offered.
	Due   time.Time
	Price Money
	Note  string
	// Left is how much of its working time the firm still had to answer the offer; zero
	// for as long as it likes. The clock stands still while the desk thinks.
	Left time.Duration
	// AcceptBy is when the time to answer would have ended; it counts again once the firm
	// takes its suggestion back.
	AcceptBy time.Time
}

// Open reports whether there is something for the desk to answer.
func (c Counter) Open() bool { return !c.At.IsZero() }

// Applied are the terms as the firm would have them. A price stands in for the
// spending limit where the offer has that alone.
func (c Counter) Applied(t Terms) Terms {
	if !c.Due.IsZero() {
		t.Due = c.Due
	}
	switch {
	case c.Price == "":
	case t.Price == "" && t.Limit != "":
		t.Limit = c.Price
	default:
		t.Price = c.Price
	}
	return t
}

// noteTerms writes terms down in the event.
func (c *change) noteTerms(t Terms) {
	c.noteTime("accept_by", t.AcceptBy)
	c.noteTime("due", t.Due)
	c.note("price", string(t.Price))
	c.note("limit", string(t.Limit))
	c.note("note", t.Note)
}

// noteFormer writes down what was agreed before, where it differs.
func (c *change) noteFormer(was, is Terms) {
	if !was.Due.Equal(is.Due) {
		c.noteTime("was_due", was.Due)
	}
	for _, v := range []struct{ key, was, is string }{
		{"was_price", string(was.Price), string(is.Price)},
		{"was_limit", string(was.Limit), string(is.Limit)},
		{"was_note", was.Note, is.Note},
	} {
		if v.was != v.is {
			c.note(v.key, v.was)
		}
	}
}

func guardTerms(terms Terms, at time.Time) *Refusal {
	switch {
	case !terms.AcceptBy.IsZero() && terms.AcceptBy.Before(at.Add(MinOfferTime)),
		terms.Within != 0 && terms.Within < MinOfferTime:
		return RefuseField("accept_by", "Give the firm at least a minute to answer.")
	case !terms.Due.IsZero() && !terms.Due.After(at):
		return RefuseField("due", "The work cannot be due in the past: give a later time.")
	}
	return nil
}

// offered are the terms that an offer or a draft is made with: those of the command,
// or else those of the draft.
func (c *change) offered() Terms {
	if c.cmd.Terms == (Terms{}) && c.a != nil {
		return c.a.Terms.at(c.cmd.At, c.cmd.Hours)
	}
	return c.cmd.Terms.at(c.cmd.At, c.cmd.Hours)
}

func guardAmend(c *change) *Refusal {
	terms := c.cmd.Terms.at(c.cmd.At, c.cmd.Hours)
	if terms.agreed() == c.a.Terms.agreed() && !terms.AcceptBy.IsZero() && terms.AcceptBy.After(c.cmd.At.Add(MinOfferTime)) {
		return RefuseField("note", "These are the terms as they are: change at least one of them.")
	}
	return guardTerms(terms, c.cmd.At)
}

// effectAmend asks the firm anew: until it accepts again, nobody is in charge.
func effectAmend(c *change) {
	was := c.a.Terms
	c.a.Was = was.agreed()
	c.a.Terms = c.cmd.Terms.at(c.cmd.At, c.cmd.Hours)
	c.a.InCharge = Person{}
	c.a.AnsweredAt = time.Time{}
	c.a.OfferedAt = c.cmd.At
	c.a.WarnAt = warnAt(c.cmd.At, c.a.Terms.AcceptBy, c.cmd.Hours)
	c.noteTerms(c.a.Terms)
	c.noteFormer(was, c.a.Terms)
}
