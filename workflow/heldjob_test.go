package workflow

import (
	"strings"
	"testing"
)

// TestApprovalRules reads rules and tells which answers need an approval.
func TestApprovalRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, answer string
		asks         bool
	}{
		{"Gas = yes", "YES", true},
		{"gas=yes", " yes ", true},
		{"gas = yes", "no", false},
		{"gas = yes, both", "yes, both", true},
		{"rooms > 3", "3", false},
		{"rooms > 3", "3.5 rooms", true},
		{"rooms > 3", "4", true},
		{"rooms > 3", "many", true},
		{"rooms > 3", "NaN", true},
		{"area > 200", "1,500", true},
		{"area > 200", "1.500 sqm", true},
		{"area > 200", "12.50", false},
		{"estimate > 500 EUR", "500 EUR", false},
		{"estimate > 500 EUR", "€ 500.01", true},
		{"estimate > 500 EUR", "400 USD", true},
		{"estimate > 500 EUR", "400", true},
	} {
		r, err := ReadApprovalRule(c.rule)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		if again, err := ReadApprovalRule(r.String()); err != nil || again != r {
			t.Errorf("%s is written %q and read as %+v, %v", c.rule, r, again, err)
		}
		if got := r.asks(c.answer); got != c.asks {
			t.Errorf("%s, answered %q: %v", c.rule, c.answer, got)
		}
	}
	for _, text := range []string{"", "gas", "= yes", "gas =", "rooms > many", "area > 1,500", "rooms > 3 big ones", "gas = " + strings.Repeat("x", maxApprovalAnswer+1)} {
		if r, err := ReadApprovalRule(text); err == nil {
			t.Errorf("%q is read as %+v", text, r)
		}
	}
}

// TestTemplatesAsk: all answers that need an approval are named, each once, and a rule is
// about something that the template asks for.
func TestTemplatesAsk(t *testing.T) {
	t.Parallel()
	rule := func(text string) ApprovalRule {
		r, err := ReadApprovalRule(text)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	tpl := Template{Name: "Boiler", Title: "Boiler at {place}", Description: "{gas} {estimate}", Approval: []ApprovalRule{rule("gas = yes"), rule("estimate > 500 EUR")}}
	if err := tpl.Check(nil); err != nil {
		t.Fatal(err)
	}
	if got := tpl.Asks(map[string]string{"gas": "Yes", "estimate": "700 EUR"}); got != "gas: Yes; estimate: 700 EUR" {
		t.Errorf("it asks %q", got)
	}
	if got := tpl.Asks(map[string]string{"gas": "no", "estimate": "70 EUR"}); got != "" {
		t.Errorf("it asks %q", got)
	}
	for _, bad := range [][]ApprovalRule{{rule("rooms > 3")}, {{Field: "gas"}}, {{Field: "gas", Is: "yes", Above: "3"}}, {tpl.Approval[0], tpl.Approval[0], tpl.Approval[0], tpl.Approval[0], tpl.Approval[0], tpl.Approval[0]}} {
		other := tpl
		other.Approval = bad
		refusal, _ := other.Check(nil).(*Refusal)
		if refusal == nil || refusal.Field != "approval" || other.Equal(tpl) {
			t.Errorf("%+v: %v", bad, refusal)
		}
	}
}

// TestHeldJobs: nothing is offered before somebody who may has approved; a refusal closes
// the job, and taking it up again needs the approval again.
func TestHeldJobs(t *testing.T) {
	t.Parallel()
	held := func(by Actor) *job {
		j := &job{t: t, issue: Issue{ID: "i1", Number: 7}, now: t0}
		return j.do(by, Command{Verb: Create, Reason: "gas: yes"})
	}
	rich := cora
	rich.Granted = RightsOf(RightMoney)
	if j := held(rich); j.issue.Request != (Request{}) {
		t.Errorf("who may approve waits for %+v", j.issue.Request)
	}
	j := held(cora)
	if n := j.last.Notices; len(n) != 1 || n[0].To != ToManagers || j.issue.LiesWith != WithOperator {
		t.Errorf("told %+v, lies with %s", n, j.issue.LiesWith)
	}
	offer := Command{Verb: Offer, NewID: "a1", Contractor: "firm-a"}
	if r := j.refused(rich, offer); r.Code != Conflict || r.Right != RightMoney {
		t.Errorf("an offer: %+v", r)
	}
	j.do(cora, Command{Verb: Draft, NewID: "a1", Contractor: "firm-a"})
	for _, verb := range []Verb{GrantRequest, RefuseRequest} {
		if r := j.refused(otto, Command{Verb: verb, Reason: "No."}); r.Code != Forbidden || r.Right != RightMoney {
			t.Errorf("%s: %+v", verb, r)
		}
	}
	if r := j.refused(mara, Command{Verb: RefuseRequest}); r.Field != "reason" {
		t.Errorf("a refusal without a reason: %+v", r)
	}
	j.do(mara, Command{Verb: RefuseRequest, Reason: "Wait for May."})
	if n := j.last.Notices; j.issue.Status != Closed || j.assignment("a1").Status != Canceled || len(n) != 1 || n[0].To != ToRequester {
		t.Errorf("refused it is %s, told %+v", j.issue.Status, n)
	}
	j.refused(mara, Command{Verb: GrantRequest})
	j.do(cora, Command{Verb: ReopenIssue})
	if n := j.last.Notices; len(n) != 1 || n[0].To != ToManagers || n[0].Kind != NoticeApprovalNeeded {
		t.Errorf("reopened, told %+v", n)
	}
	j.refused(cora, offer)
	j.do(rich, Command{Verb: GrantRequest})
	j.refused(rich, Command{Verb: GrantRequest})
	offer.NewID = "a2"
	j.do(cora, offer)
	if view := Visible(j.issue, carl); view.Request != (Request{}) {
		t.Errorf("the firm sees %+v", view.Request)
	}
	j.do(carl, Command{Verb: Accept}).do(carl, Command{Verb: AskApproval, Text: "More"}).do(cora, Command{Verb: GrantRequest})
	if j.issue.Request.Answer != RequestApproved || j.assignment("a2").Request.Answer != RequestApproved {
		t.Errorf("answered, it is %+v", j.issue)
	}
}
