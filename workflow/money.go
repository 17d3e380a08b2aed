package workflow

import (
	"strconv"
	"strings"
)

// amount is a sum of money in hundredths, with the code of its currency.
type amount struct {
	hundredths int64
	currency   string
}

// readAmount reads "120 EUR", "84.50 EUR parts" or "EUR 84,50"; ok is false for what is
// no amount.
func readAmount(text string) (a amount, ok bool) {
	words := strings.Fields(text)
	for n := 0; n+1 < len(words); n++ {
		number, currency := words[n], words[n+1]
		if _, isNumber := readHundredths(number); !isNumber {
			number, currency = currency, number
		}
		h, isNumber := readHundredths(number)
		if isNumber && isCurrency(currency) {
			return amount{h, strings.ToUpper(currency)}, true
		}
	}
	return amount{}, false
}

func readHundredths(s string) (int64, bool) {
	whole, cents, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if whole == "" || len(whole) > 12 || len(cents) > 2 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	return n, err == nil && n >= 0
}

func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

// CheckCeiling refuses what is no limit of money; an empty text is none.
func CheckCeiling(text string) error {
	if _, ok := readAmount(text); text != "" && !ok {
		return RefuseField("limit", "Write the amount and its currency like 500 EUR, or leave this empty for no limit.")
	}
	return nil
}

// above tells whether a sum is above a ceiling. What cannot be compared is: somebody
// who may decide about any sum has to look at it.
func above(sum, ceiling string) bool {
	if strings.TrimSpace(sum) == "" || strings.TrimSpace(ceiling) == "" {
		return false
	}
	a, ok := readAmount(sum)
	top, known := readAmount(ceiling)
	return !ok || !known || a.currency != top.currency || a.hundredths > top.hundredths
}

// sums are the amounts that the command spends.
func (c *change) sums() []string {
	switch c.cmd.Verb {
	case Offer, Amend:
		all := c.cmd.Terms.sums()
		if c.a != nil && c.a.Status == Unsent {
			// A draft is sent with what stands in it.
			all = append(all, c.a.Terms.sums()...)
		}
		return all
	case AcceptCounter:
		return c.a.Counter.Applied(c.a.Terms).sums()
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
	if c.actor.Role != Operator && c.actor.Role != Manager || c.rights.Has(RightMoney) {
		return nil
	}
	for _, sum := range c.sums() {
		if above(sum, c.actor.Ceiling) {
			return &Refusal{
				Code: Forbidden, Right: RightMoney,
				Message: sum + " is above the desk's limit of " + c.actor.Ceiling + ": somebody who may approve above it has to do this.",
			}
		}
	}
	return nil
}
