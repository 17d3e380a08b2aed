package workflow

import (
	"slices"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// checkOffers holds what is promised about chains and counter-offers.
func checkOffers(t *rapid.T, before Issue, d Decision, cmd Command) {
	is := d.Issue
	if is.Chain.Running {
		if !slices.ContainsFunc(is.Assignments, func(a Assignment) bool { return a.Status == Assigned }) {
			t.Fatalf("%s: a chain waits for nobody: %+v", cmd.Verb, is.Chain)
		}
		checkTurns(t, before, is, cmd)
	} else if !cmp.Equal(is.Chain, Chain{}) {
		t.Fatalf("%s: something is left of the chain: %+v", cmd.Verb, is.Chain)
	}
	for _, a := range is.Assignments {
		if !a.Counter.Open() {
			continue
		}
		if a.Status != Assigned || a.Counter.By.ID == "" {
			t.Fatalf("%s is %s with the counter-offer %+v", a.ID, a.Status, a.Counter)
		}
		if !a.Terms.AcceptBy.IsZero() || !a.WarnAt.IsZero() {
			t.Fatalf("the clock of %s runs while the desk thinks", a.ID)
		}
		if is.LiesWith != WithOperator && is.LiesWith != WithBoth {
			t.Fatalf("a counter-offer lies with %s", is.LiesWith)
		}
		if is.RemindAt.IsZero() {
			t.Fatalf("nobody is reminded of the counter-offer of %s", a.ID)
		}
	}
	checkAgreed(t, before, d, cmd)
	checkTakenBack(t, before, d, cmd)
}

// checkTurns demands that whoever is asked by a chain was the next in it, and is not
// in it any more.
func checkTurns(t *rapid.T, before, is Issue, cmd Command) {
	for n, firm := range is.Chain.Firms {
		if slices.Contains(is.Chain.Firms[:n], firm) {
			t.Fatalf("%s waits twice", firm)
		}
	}
	for _, a := range is.Assignments {
		_, known := Find(before, a.ID)
		if known || cmd.Verb != Decline && cmd.Verb != Expire {
			continue
		}
		if !slices.Contains(before.Chain.Firms, a.Contractor) || slices.Contains(is.Chain.Firms, a.Contractor) {
			t.Fatalf("%s was asked and waits: %v became %v", a.Contractor, before.Chain.Firms, is.Chain.Firms)
		}
		if slices.Contains(cmd.Unavailable, a.Contractor) || Cooling(before, a.Contractor, cmd.CoolOff, cmd.At) {
			t.Fatalf("%s was asked although it must not be", a.Contractor)
		}
		if want := before.Chain.Terms; a.Terms.agreed() != want.agreed() || want.Within > 0 && !a.Terms.AcceptBy.Equal(cmd.At.Add(want.Within)) {
			t.Fatalf("%s was asked with %+v, want %+v", a.Contractor, a.Terms, want)
		}
	}
}

// checkTakenBack demands that a firm wins no time by a suggestion that it takes back.
func checkTakenBack(t *rapid.T, before Issue, d Decision, cmd Command) {
	was, ok := Find(before, d.Assignment)
	if !ok || cmd.Verb != WithdrawCounter {
		return
	}
	a, _ := Find(d.Issue, d.Assignment)
	if a.Counter.Open() || a.Terms.agreed() != was.Terms.agreed() || !a.Terms.AcceptBy.Equal(was.Counter.AcceptBy) {
		t.Fatalf("after %+v was taken back the offer is %+v, %+v", was.Counter, a.Terms, a.Counter)
	}
	if !a.WarnAt.IsZero() && !cmd.At.Before(a.Terms.AcceptBy) {
		t.Fatalf("a warning %s of an end at %s", a.WarnAt, a.Terms.AcceptBy)
	}
}

// checkAgreed demands that terms never change under a firm that has accepted them.
func checkAgreed(t *rapid.T, before Issue, d Decision, cmd Command) {
	for _, a := range d.Issue.Assignments {
		was, ok := Find(before, a.ID)
		if ok && Taken(a.Status) && cmd.Verb != AcceptCounter && cmd.Verb != GrantRequest && was.Terms.agreed() != a.Terms.agreed() {
			t.Fatalf("%s: the terms of %s became %+v", cmd.Verb, a.ID, a.Terms)
		}
		if ok && cmd.Verb == AcceptCounter && was.Counter.Open() && Taken(a.Status) {
			if a.InCharge != was.Counter.By || a.Terms.agreed() != was.Counter.Applied(was.Terms).agreed() {
				t.Fatalf("%s was agreed to as %+v by %s", was.Counter.By.Name, a.Terms, a.InCharge.Name)
			}
		}
	}
}
