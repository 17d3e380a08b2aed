package workflow

import (
	"errors"
	"slices"
	"testing"
)

// TestAnswersOfAFirm holds each verb against each role: where a firm has named people, the
// others of it are kept from answering offers and from nothing else, and nobody outside of
// the firm gains or loses by it.
func TestAnswersOfAFirm(t *testing.T) {
	t.Parallel()
	answers := []Verb{Accept, Decline, CounterOffer, WithdrawCounter}
	named := []Person{{ID: "slack:T2/U5", Name: "Eve"}, {ID: dana.ID, Name: dana.Name}}
	for _, actor := range []Actor{otto, mara, carl, dana, zoe, erin, clock, sam} {
		for _, verb := range Verbs() {
			before := Allowed(actor, verb)
			with := actor
			with.Answerers = named
			after := Allowed(with, verb)
			kept := actor.Role == Contractor && actor.ID != dana.ID && slices.Contains(answers, verb)
			if !kept {
				if (before == nil) != (after == nil) {
					t.Errorf("%s by %s %s: %v, and with named people %v", verb, actor.Role, actor.Name, before, after)
				}
				continue
			}
			r, ok := errors.AsType[*Refusal](after)
			if !ok || r.Code != Forbidden || r.Message != "Offers to your firm are answered by Eve or Dana: ask them to do it. Nothing was changed." {
				t.Errorf("%s by %s: %v", verb, actor.Name, after)
			}
		}
	}
	// It is the same in a decision as on its own.
	j := newJob(t).do(otto, Command{Verb: Offer, NewID: "a1", Contractor: "firm-a"})
	shut, may := carl, dana
	shut.Answerers, may.Answerers = named, named
	if _, err := j.try(shut, Command{Verb: Accept, Assignment: "a1"}); err == nil {
		t.Error("somebody who is not named accepted")
	}
	j.do(may, Command{Verb: Accept, Assignment: "a1"}).do(shut, Command{Verb: Start, Assignment: "a1"})
}
