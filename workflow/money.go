package workflow

import "strings"

// ReadCeiling reads a limit of money in the form that is kept; an empty text is none.
func ReadCeiling(text string) (string, error) {
	m, err := ReadMoney(text)
	if err != nil {
		return "", RefuseField("limit", "Write the amount and its currency like 500 EUR, or leave this empty for no limit.")
	}
	return string(m), nil
}

// above tells whether a sum is above a ceiling. What cannot be compared is: somebody
// who may decide about any sum has to look at it.
func above(sum, ceiling string) bool {
	if strings.TrimSpace(sum) == "" || strings.TrimSpace(ceiling) == "" {
		return false
	}
	m, err := ReadMoney(sum)
	top, wrong := ReadMoney(ceiling)
	if err != nil || wrong != nil || m.Currency() != top.Currency() {
		return true
	}
	n, ok := m.units()
	most, known := top.units()
	return !ok || !known || n > most
}

// sums are the amounts that the command spends.
func (c *change) sums() []string {
	switch c.cmd.Verb {
	case Offer, Amend, SetChain:
		// Those who are asked next are offered the same without anybody deciding again.
		all := c.cmd.Terms.sums()
		if c.a != nil && c.a.Status == Unsent {
			// A draft is sent with what stands in it.
			all = append(all, c.a.Terms.sums()...)
		}
		return all
	case AcceptCounter:
		return c.a.Counter.Applied(c.a.Terms).sums()
	case GrantRequest:
		if c.a == nil || c.a.Request.Amount == "" {
			return nil
		}
		// What was approved before counts as well, also where no sum is agreed: many small
		// amounts are a large one.
		raised, _ := c.a.Terms.Raised(c.a.Request.Amount)
		granted, _ := c.a.grants(c.a.Request.Amount)
		return append(raised.sums(), string(c.a.Request.Amount), string(granted))
	case Approve:
		return []string{c.a.Completion.Costs}
	case Close, Delete:
		// Closing takes work that was handed in as it is.
		var all []string
		for _, a := range c.issue.Assignments {
			if a.Status == WaitingApproval {
				all = append(all, a.Completion.Costs)
			}
		}
		return all
	}
	return nil
}

// sums are what an offer on these terms may cost.
func (t Terms) sums() []string { return []string{string(t.Price), string(t.Limit)} }

// guardMoney keeps sums above the desk's ceiling for those who may decide about them.
func guardMoney(c *change) *Refusal {
	// A draft that is sent by itself was not looked at by anybody who may decide.
	byItself := c.actor.Role == System && c.cmd.Verb == Offer
	if !byItself && (c.actor.Role != Operator && c.actor.Role != Manager || c.rights.Has(RightMoney)) {
		return nil
	}
	for _, sum := range c.sums() {
		if above(sum, c.actor.Ceiling) {
			refusal := phrase("%s is above the desk's limit of %s: somebody who may approve above it has to do this.", Money(sum), Money(c.actor.Ceiling)).refuse(Forbidden, "")
			refusal.Right = RightMoney
			return refusal
		}
	}
	return nil
}
