package workflow

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf8"
)

// Request is what somebody asks the desk to approve: a firm at work more than was agreed,
// in money or in scope, and whoever makes a job that it is offered at all. The zero value
// is none.
type Request struct {
	By Person    `json:"by"`
	At time.Time `json:"at,omitzero"`
	// What is asked for, in the firm's words; of a job, the answers that need it.
	What string `json:"what,omitempty"`
	// Amount is what it costs beyond what is agreed, empty when it costs nothing.
	Amount Money `json:"amount,omitempty"`
	// NeededBy is when the firm has to know, zero for no such moment.
	NeededBy time.Time `json:"needed_by,omitzero"`
	// Answer is what the desk said, empty until it has; Reason is why it refused.
	Answer RequestAnswer `json:"answer,omitempty"`
	Reason string        `json:"reason,omitempty"`
}

// RequestAnswer is what the desk says to a request.
type RequestAnswer string

// The answers. A refusal ends nothing but the request.
const (
	RequestApproved RequestAnswer = "approved"
	RequestRefused  RequestAnswer = "refused"
)

// Open reports whether there is something for the desk to answer.
func (r Request) Open() bool { return !r.At.IsZero() && r.Answer == "" }

// MaxRequest is the longest text of what is asked for, in characters.
const MaxRequest = 500

// sum is what a firm may not go beyond without asking: the spending limit, else the price,
// and none where neither is agreed.
func (t Terms) sum() Money { return Money(cmp.Or(string(t.Limit), string(t.Price))) }

// grants is what was approved on top of no agreed sum, with another amount. ok is false
// when the two cannot be added.
func (a Assignment) grants(amount Money) (sum Money, ok bool) {
	switch {
	case amount == "" || a.Terms.sum() != "":
		return a.Granted, true
	case a.Granted == "":
		return amount, true
	}
	return a.Granted.plus(amount)
}

// Raised are terms with an approved amount on top: of the spending limit, which is what
// a firm may not go beyond without asking, else of the price. Where no sum is agreed there
// is none to raise. ok is false when the two cannot be added.
func (t Terms) Raised(by Money) (raised Terms, ok bool) {
	ok = true
	switch {
	case by == "":
	case t.Limit != "":
		t.Limit, ok = t.Limit.plus(by)
	case t.Price != "":
		t.Price, ok = t.Price.plus(by)
	}
	return t, ok
}

func guardAsk(c *change) *Refusal {
	if refusal := c.asked(); refusal != nil {
		return refusal
	}
	what := strings.TrimSpace(c.cmd.Text)
	amount := c.cmd.Amount
	switch {
	case what == "":
		return RefuseField("text", "Say in a few words what the desk is to approve.")
	case utf8.RuneCountInString(what) > MaxRequest:
		return RefuseField("text", "Shorten this to %d characters.", MaxRequest)
	case !c.cmd.Till.IsZero() && !c.cmd.Till.After(c.cmd.At):
		return RefuseField("needed_by", "That time has passed: give a later one, or leave it empty.")
	}
	agreed := c.a.Terms.sum()
	if agreed == "" {
		agreed = c.a.Granted
	}
	if amount != "" && agreed != "" && amount.Currency() != agreed.Currency() {
		return RefuseField("amount", "What is agreed is in %s: give the amount in that, too.", agreed.Currency())
	}
	_, raised := c.a.Terms.Raised(amount)
	if _, added := c.a.grants(amount); !raised || !added {
		return RefuseField("amount", "That amount is too large: write one of at most %d digits.", mostDigits)
	}
	return nil
}

// asked refuses a second request before the first has an answer.
func (c *change) asked() *Refusal {
	if r := c.a.Request; r.Open() {
		return Refuse(Conflict, "%s asked for an approval already: the desk is looking at it.", somebody(r.By.Name, "A colleague"))
	}
	return nil
}

// waits refuses to hand in work about which the firm has asked something: what is judged
// has to be what was agreed.
func (c *change) waits() *Refusal {
	if c.a.Request.Open() {
		return Refuse(Conflict, "The desk has not answered what you asked it to approve: wait for that, or withdraw the request first.")
	}
	return nil
}

func effectAsk(c *change) {
	c.a.Request = Request{
		By: Person{ID: c.actor.ID, Name: c.actor.Name}, At: c.cmd.At,
		What: strings.TrimSpace(c.cmd.Text), Amount: c.cmd.Amount, NeededBy: c.cmd.Till,
	}
	c.noteRequest(c.a.Request)
	c.noteTime("needed_by", c.a.Request.NeededBy)
}

// noteRequest writes down what was asked for.
func (c *change) noteRequest(r Request) {
	c.note("what", r.What)
	c.note("amount", string(r.Amount))
}

// unasked refuses an answer to nothing.
func (c *change) unasked() *Refusal {
	switch {
	case c.a == nil && !c.issue.Request.Open():
		return Refuse(Conflict, "This job waits for no approval, so there is nothing to answer.")
	case c.a != nil && !c.a.Request.Open():
		return Refuse(Conflict, "The firm asks for no approval, so there is nothing to answer.")
	}
	return nil
}

func guardGrant(c *change) *Refusal { return c.unasked() }

// effectGrant raises what is agreed. The firm asked for it and need not accept anew.
func effectGrant(c *change) {
	was := c.a.Terms
	// Whether they can be added was asked before the request was taken.
	c.a.Granted, _ = c.a.grants(c.a.Request.Amount)
	c.a.Terms, _ = was.Raised(c.a.Request.Amount)
	c.noteRequest(c.a.Request)
	if is := c.a.Terms; is != was {
		c.note("price", string(is.Price))
		c.note("limit", string(is.Limit))
		c.noteFormer(was, is)
	}
	c.a.Request.Answer = RequestApproved
}

func guardRefuseRequest(c *change) *Refusal {
	if refusal := c.unasked(); refusal != nil {
		return refusal
	}
	return c.why()
}

// why demands the reason of a refusal.
func (c *change) why() *Refusal {
	switch reason := strings.TrimSpace(c.cmd.Reason); {
	case reason == "":
		return RefuseField("reason", "Say why, so that whoever asked knows how to go on.")
	case utf8.RuneCountInString(reason) > MaxRequest:
		return RefuseField("reason", "Shorten this to %d characters.", MaxRequest)
	}
	return nil
}

// effectRefuseRequest leaves the work as it was: a no to more is no end of the job.
func effectRefuseRequest(c *change) {
	c.a.Request.Answer, c.a.Request.Reason = RequestRefused, strings.TrimSpace(c.cmd.Reason)
	c.noteRequest(c.a.Request)
	c.note("reason", c.a.Request.Reason)
}

func guardWithdrawRequest(c *change) *Refusal {
	if !c.a.Request.Open() {
		return Refuse(Conflict, "Your firm asks for no approval, so there is nothing to withdraw.")
	}
	return nil
}

func effectWithdrawRequest(c *change) {
	c.noteRequest(c.a.Request)
	c.a.Request = Request{}
}

// endRequests takes away what only work under way can have.
func (c *change) endRequests() {
	for i := range c.issue.Assignments {
		if a := &c.issue.Assignments[i]; a.Status != Accepted && a.Status != InProgress {
			a.Request = Request{}
		}
	}
}
