package workflow

import (
	"strings"
	"testing"
	"time"
)

// TestRequestsRaiseWhatIsAgreed: an approved amount goes on top of the spending limit,
// else of the price, in the currency that was agreed; where no sum is agreed none comes to
// be.
func TestRequestsRaiseWhatIsAgreed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		price, limit, amount Money
		wantPrice, wantLimit Money
		refused              string
	}{
		{"250.00 EUR", "", "80.50 EUR", "330.50 EUR", "", ""},
		{"250.00 EUR", "100.00 EUR", "0.05 EUR", "250.00 EUR", "100.05 EUR", ""},
		{"", "0.05 EUR", "0.04 EUR", "", "0.09 EUR", ""},
		{"", "", "80.00 EUR", "", "", ""},
		{"250.00 EUR", "", "", "250.00 EUR", "", ""},
		{"900 JPY", "", "200 JPY", "1100 JPY", "", ""},
		{"250.00 EUR", "", "80.00 USD", "", "", "in EUR"},
		{"999999999999.00 EUR", "", "1.00 EUR", "", "", "too large"},
	} {
		j := newJob(t).do(cora, Command{Verb: Offer, NewID: "a1", Contractor: "firm-a", Terms: Terms{Price: c.price, Limit: c.limit}}).do(carl, Command{Verb: Accept})
		ask := Command{Verb: AskApproval, Text: " Another pump. ", Amount: c.amount}
		if c.refused != "" {
			if r := j.refused(carl, ask); r.Field != "amount" || !strings.Contains(r.Message, c.refused) {
				t.Errorf("%s beyond %s: %+v", c.amount, c.price, r)
			}
			continue
		}
		j.do(dana, ask)
		if got := j.assignment("a1").Request; got.What != "Another pump." || got.By.ID != dana.ID {
			t.Errorf("asked for %+v", got)
		}
		j.do(otto, Command{Verb: GrantRequest})
		if a := j.assignment("a1"); a.Terms.Price != c.wantPrice || a.Terms.Limit != c.wantLimit || a.Status != Accepted || a.InCharge.ID != carl.ID {
			t.Errorf("%s on %s, %s became %+v", c.amount, c.price, c.limit, a)
		}
	}
}

// TestRequestsAreAskedOnceAndEndWithTheWork: one at a time, with words and a time that is
// still to come; nothing is handed in while it is open.
func TestRequestsAreAskedOnceAndEndWithTheWork(t *testing.T) {
	t.Parallel()
	start := func() *job { return newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept}) }
	j := start()
	for field, cmd := range map[string]Command{
		"text":      {Verb: AskApproval, Text: "  "},
		"needed_by": {Verb: AskApproval, Text: "More", Till: j.now},
	} {
		if r := j.refused(carl, cmd); r.Field != field {
			t.Errorf("%+v: %+v", cmd, r)
		}
	}
	j.refused(carl, Command{Verb: AskApproval, Text: strings.Repeat("x", MaxRequest+1)})
	j.refused(carl, Command{Verb: WithdrawRequest})
	j.refused(cora, Command{Verb: GrantRequest})
	by := j.now.Add(3 * time.Hour)
	j.do(carl, Command{Verb: AskApproval, Text: "A second room", Till: by})
	if j.issue.LiesWith != WithOperator || !j.issue.RemindAt.Equal(by) {
		t.Errorf("the request lies with %s and is reminded of at %s", j.issue.LiesWith, j.issue.RemindAt)
	}
	if r := j.refused(dana, Command{Verb: AskApproval, Text: "And a third"}); !strings.Contains(r.Message, "Carl") {
		t.Errorf("a second request: %s", r)
	}
	if err := Opens(j.issue, dana, Command{Verb: AskApproval}); err == nil {
		t.Error("the form of a second request opens")
	}
	if r := j.refused(carl, Command{Verb: Submit}); r.Code != Conflict {
		t.Errorf("handing in: %+v", r)
	}
	if r := j.refused(cora, Command{Verb: RefuseRequest, Reason: " "}); r.Field != "reason" {
		t.Errorf("a refusal without a reason: %+v", r)
	}
	j.do(carl, Command{Verb: HoldWork, Reason: "desk"}).do(carl, Command{Verb: ResumeWork}).do(dana, Command{Verb: WithdrawRequest})
	if j.issue.LiesWith != WithContractor {
		t.Errorf("withdrawn, it lies with %s", j.issue.LiesWith)
	}
	j.do(carl, Command{Verb: AskApproval, Text: "A third room"}).do(cora, Command{Verb: RefuseRequest, Reason: "Two are enough."})
	if got := j.assignment("a1"); got.Request.Reason != "Two are enough." || got.Status != InProgress || j.issue.LiesWith != WithContractor {
		t.Errorf("refused, it is %+v and lies with %s", got, j.issue.LiesWith)
	}
	j.do(carl, Command{Verb: Submit})
	for _, end := range []Command{
		{Verb: CompleteEarly}, {Verb: Close}, {Verb: TakeBack, Reason: "Too late."}, {Verb: Amend, Terms: Terms{Note: "Three rooms"}},
	} {
		j := start().do(carl, Command{Verb: AskApproval, Text: "More"}).do(cora, end)
		if got := j.assignment("a1").Request; got != (Request{}) {
			t.Errorf("%s leaves the request %+v", end.Verb, got)
		}
		j.refused(cora, Command{Verb: GrantRequest})
	}
}

// TestRequestsAboveTheCeiling: what is agreed with the amount on top is what counts; a
// manager decides about it, and about any other, without handing out jobs.
func TestRequestsAboveTheCeiling(t *testing.T) {
	t.Parallel()
	ask := func(price, amount Money) *job {
		return newJob(t).do(cora, Command{Verb: Offer, NewID: "a1", Contractor: "firm-a", Terms: Terms{Price: price}}).
			do(carl, Command{Verb: Accept}).do(carl, Command{Verb: AskApproval, Text: "More", Amount: amount})
	}
	limited, boss := cora, mara
	limited.Ceiling, boss.Ceiling = "500 EUR", "500 EUR"
	if _, err := ask("450.00 EUR", "50.00 EUR").try(limited, Command{Verb: GrantRequest}); err != nil {
		t.Errorf("up to the ceiling: %v", err)
	}
	for _, j := range []*job{ask("450.00 EUR", "50.01 EUR"), ask("", "500.01 EUR")} {
		if r := j.refused(limited, Command{Verb: GrantRequest}); r.Right != RightMoney || r.Code != Forbidden {
			t.Errorf("above the ceiling: %+v", r)
		}
		if _, err := j.try(limited, Command{Verb: RefuseRequest, Reason: "Too dear."}); err != nil {
			t.Errorf("refusing above the ceiling: %v", err)
		}
		if _, err := j.try(boss, Command{Verb: GrantRequest}); err != nil {
			t.Errorf("a manager above the ceiling: %v", err)
		}
	}
	if _, err := ask("900.00 EUR", "").try(limited, Command{Verb: GrantRequest}); err != nil {
		t.Errorf("a request without an amount: %v", err)
	}
	many := ask("", "300.00 EUR").do(limited, Command{Verb: GrantRequest})
	if r := many.refused(carl, Command{Verb: AskApproval, Text: "More", Amount: "10.00 USD"}); r.Field != "amount" {
		t.Errorf("more in another currency: %+v", r)
	}
	many.do(carl, Command{Verb: AskApproval, Text: "More", Amount: "200.01 EUR"})
	if r := many.refused(limited, Command{Verb: GrantRequest}); r.Right != RightMoney || !strings.Contains(r.Message, "500.01 EUR") {
		t.Errorf("many small amounts above the ceiling: %+v", r)
	}
	many.do(cora, Command{Verb: RefuseRequest, Reason: "Too dear."}).do(carl, Command{Verb: Submit}).do(cora, Command{Verb: SendBack, Reason: "Not done."}).
		do(carl, Command{Verb: AskApproval, Text: "More", Amount: "200.00 EUR"}).do(limited, Command{Verb: GrantRequest})
	if got := many.assignment("a1").Granted; got != "500.00 EUR" {
		t.Errorf("%s were approved", got)
	}
	boss.Revoked = RightsOf(RightMoney)
	if r := ask("", "").refused(boss, Command{Verb: GrantRequest}); r.Right != RightMoney {
		t.Errorf("a manager without the right: %+v", r)
	}
	boss.Granted = RightsOf(RightHandOut)
	if _, err := ask("", "10.00 EUR").try(boss, Command{Verb: GrantRequest}); err != nil {
		t.Errorf("a manager who hands out: %v", err)
	}
}
