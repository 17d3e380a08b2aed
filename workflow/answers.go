package workflow

import "slices"

// answersOffer tells whether a verb is a firm's answer to an offer, which a firm may leave
// to some of its people. All else that a firm does is open to everybody of it.
func answersOffer(verb Verb) bool {
	return slices.Contains([]Verb{Accept, Decline, CounterOffer, WithdrawCounter}, verb)
}

// namedAnswerers is how many people a refusal names.
const namedAnswerers = 5

// notAnswering refuses an answer of somebody whose firm leaves answers to others.
func notAnswering(actor Actor, verb Verb) *Refusal {
	others := actor.Answerers
	if actor.Role != Contractor || len(others) == 0 || !answersOffer(verb) ||
		slices.ContainsFunc(others, func(p Person) bool { return p.ID == actor.ID }) {
		return nil
	}
	names := phrase("%s", others[0].Name)
	last := min(len(others), namedAnswerers) - 1
	for n := 1; n <= last; n++ {
		if n == last {
			names = phrase("%s or %s", names, others[n].Name)
			break
		}
		names = phrase("%s, %s", names, others[n].Name)
	}
	return Refuse(Forbidden, "Offers to your firm are answered by %s: ask them to do it. Nothing was changed.", names)
}
