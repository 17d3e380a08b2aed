package workflow

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRightsFollowTheChannel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		actor Actor
		want  Rights
	}{
		{"operator", Actor{Role: Operator}, RightsOf(RightView, RightHandOut, RightFirms)},
		{"manager", Actor{Role: Manager}, RightsOf(RightView, RightMoney)},
		{"an operator who administers", Actor{Role: Operator, Admin: true}, RightsOf(RightView, RightHandOut, RightFirms, RightAdmin)},
		{"an administrator elsewhere", Actor{Role: Stranger, Admin: true}, RightsOf(RightAdmin)},
		{"stranger", Actor{}, 0},
		{"a firm's administrator", Actor{Role: Contractor, Admin: true}, 0},
		{"an exception counts for nobody outside", Actor{Role: Contractor, Granted: RightsOf(AllRights()...)}, 0},
		{"given", Actor{Role: Operator, Granted: RightsOf(RightMoney)}, RightsOf(RightView, RightHandOut, RightFirms, RightMoney)},
		{"taken", Actor{Role: Operator, Revoked: RightsOf(RightHandOut, RightFirms)}, RightsOf(RightView)},
		{"taken wins", Actor{Role: Operator, Granted: RightsOf(RightView), Revoked: RightsOf(RightView)}, RightsOf(RightHandOut, RightFirms)},
	} {
		if got := c.actor.Rights(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got.List(), c.want.List())
		}
	}
}

// TestRightsBoundEveryVerb: without a right no verb that needs it, with it no verb of
// others; what belongs to nobody of the desk stays so.
func TestRightsBoundEveryVerb(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		a := Actor{
			Role:    rapid.SampledFrom([]Role{Operator, Manager}).Draw(rt, "role"),
			Admin:   rapid.Bool().Draw(rt, "admin"),
			Granted: Rights(rapid.IntRange(0, 31).Draw(rt, "granted")), Revoked: Rights(rapid.IntRange(0, 31).Draw(rt, "revoked")),
		}
		verb := rapid.SampledFrom(Verbs()).Draw(rt, "verb")
		right := needs(a, verb)
		err := Allowed(a, verb)
		switch {
		case right == "":
			if err != nil {
				rt.Fatalf("%s is refused: %v", verb, err)
			}
		case !a.Rights().Has(right):
			if err == nil {
				rt.Fatalf("%s without %q is allowed", verb, right)
			}
		case err != nil && mayUse(a.Role, verb):
			rt.Fatalf("%s with %q is refused: %v", verb, right, err)
		case err == nil && !mayUse(Operator, verb) && !mayUse(Manager, verb):
			rt.Fatalf("%s is nobody's of the desk and is allowed", verb)
		}
	})
}

func TestAManagerActsAsOperatorWithTheirRight(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	issue := Issue{ID: "i", Status: Reported}
	offer := Command{Verb: Offer, At: at, NewID: "a", Contractor: "f"}
	mona := Actor{Role: Manager, ID: "m", Name: "Mona"}
	if _, err := Decide(issue, mona, offer); err == nil {
		t.Error("a manager offered a job")
	}
	mona.Granted = RightsOf(RightHandOut)
	d, err := Decide(issue, mona, offer)
	if err != nil || d.Issue.Assignments[0].Status != Assigned {
		t.Errorf("with the right: %+v, %v", d.Issue, err)
	}
}

func TestMoneyAboveTheCeiling(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		costs, ceiling string
		refused        bool
	}{
		{"", "500 EUR", false},
		{"500 EUR", "500 EUR", false},
		{"500.01 EUR", "500 EUR", true},
		{"84,50 eur", "500 EUR", false},
		{"84,50 eur parts", "500 EUR", true},
		{"1.284,50 EUR", "1,284.49 EUR", true},
		{"1 000 JPY", "1000 JPY", false},
		{"1.001 KWD", "1 KWD", true},
		{"EUR 900", "500 EUR", true},
		{"10 USD", "500 EUR", true},
		{"much", "500 EUR", true},
		{"900 EUR", "", false},
	} {
		issue := Issue{ID: "i", Status: Allocated, Assignments: []Assignment{
			{ID: "a", Contractor: "f", Status: WaitingApproval, OfferedAt: at, Completion: Completion{Costs: c.costs}},
		}}
		for _, verb := range []Verb{Approve, Close} {
			olivia := Actor{Role: Operator, ID: "o", Ceiling: c.ceiling}
			_, err := Decide(issue, olivia, Command{Verb: verb, At: at})
			if (err != nil) != c.refused {
				t.Errorf("%s of %q below %q: %v", verb, c.costs, c.ceiling, err)
			}
			olivia.Granted = RightsOf(RightMoney)
			if _, err := Decide(issue, olivia, Command{Verb: verb, At: at}); err != nil {
				t.Errorf("%s of %q with the right: %v", verb, c.costs, err)
			}
		}
	}
	for text, want := range map[string]string{"": "", "500 EUR": "500.00 EUR", "EUR 1.50": "1.50 EUR", "500": "refused", "lots": "refused", "-5 EUR": "refused"} {
		got, err := ReadCeiling(text)
		if err != nil {
			got = "refused"
		}
		if got != want {
			t.Errorf("the limit %q is %q", text, got)
		}
	}
}

// TestTermsAboveTheCeiling: who may not decide about a sum can neither offer it nor send
// it out of a draft, amend terms to it or take a firm's own.
func TestTermsAboveTheCeiling(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	dear := Terms{Price: "900.00 EUR", AcceptBy: at.Add(time.Hour)}
	job := func(a ...Assignment) Issue { return Issue{ID: "i", Status: Allocated, Assignments: a} }
	open := Assignment{ID: "a", Contractor: "f", Status: Assigned, OfferedAt: at, Terms: Terms{AcceptBy: at.Add(time.Hour)}, Counter: Counter{Price: "900.00 EUR", At: at}}
	for _, c := range []struct {
		issue Issue
		cmd   Command
	}{
		{Issue{ID: "i", Status: Reported}, Command{Verb: Offer, NewID: "a", Contractor: "f", Terms: dear}},
		{Issue{ID: "i", Status: Reported}, Command{Verb: Offer, NewID: "a", Contractor: "f", Terms: Terms{Limit: "900.00 EUR", AcceptBy: dear.AcceptBy}}},
		{job(Assignment{ID: "a", Contractor: "f", Status: Unsent, Terms: dear}), Command{Verb: Offer, Assignment: "a", Terms: Terms{AcceptBy: dear.AcceptBy}}},
		{job(Assignment{ID: "a", Contractor: "f", Status: Accepted, OfferedAt: at}), Command{Verb: Amend, Terms: dear}},
		{job(open), Command{Verb: AcceptCounter}},
		{job(Assignment{ID: "a", Contractor: "f", Status: Assigned, OfferedAt: at, Terms: dear}), Command{Verb: SetChain, Firms: []string{"g"}, Terms: Terms{Price: "900.00 EUR", Within: time.Hour}}},
	} {
		c.cmd.At = at
		olivia := Actor{Role: Operator, ID: "o", Ceiling: "500 EUR"}
		_, err := Decide(c.issue, olivia, c.cmd)
		if refusal, ok := errors.AsType[*Refusal](err); !ok || refusal.Right != RightMoney {
			t.Errorf("%s above the limit: %v", c.cmd.Verb, err)
		}
		olivia.Granted = RightsOf(RightMoney)
		if _, err := Decide(c.issue, olivia, c.cmd); err != nil {
			t.Errorf("%s with the right: %v", c.cmd.Verb, err)
		}
	}
}

func TestRightNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Right{"Hand out": RightHandOut, "handout": RightHandOut, " MONEY ": RightMoney, "root": "", "": ""} {
		if got, ok := RightNamed(text); got != want || ok != (want != "") {
			t.Errorf("%q is %q", text, got)
		}
	}
}
