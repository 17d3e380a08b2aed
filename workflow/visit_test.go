package workflow

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestConsent: the customer answers to the window that is planned, may think again until
// the firm is on its way, and is asked anew when the window changes; the answer moves no
// work and makes no button stale.
func TestConsent(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept, Assignment: "a1"})
	from, till := j.now.Add(24*time.Hour), j.now.Add(26*time.Hour)
	answer := func(answer, text string) Command {
		return Command{Verb: AnswerVisit, Assignment: "a1", From: from, Till: till, Reason: answer, Text: text}
	}
	if got := j.refused(cora, answer(ConsentAgreed, "")); !strings.Contains(got.Message, "No visit is planned") {
		t.Error(got)
	}
	plan := func() {
		j.do(carl, Command{Verb: Step, Step: "Planned", Steps: StandardSteps(), From: from, Till: till})
	}
	plan()
	was := j.assignment("a1")
	for name, c := range map[string]struct {
		cmd  Command
		want string
	}{
		"another window": {Command{Verb: AnswerVisit, Assignment: "a1", From: from.Add(time.Hour), Till: till, Reason: ConsentAgreed}, "planned anew"},
		"another end":    {Command{Verb: AnswerVisit, Assignment: "a1", From: from, Reason: ConsentAgreed}, "planned anew"},
		"no answer":      {answer("", ""), "whether this time suits"},
		"no time":        {answer(ConsentAnother, " "), "which time would suit"},
		"long":           {answer(ConsentAnother, strings.Repeat("ä", MaxConsentText+1)), "500 characters"},
	} {
		if got := j.refused(cora, c.cmd); !strings.Contains(got.Message, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, actor := range []Actor{carl, mara, zoe, erin} {
		j.refused(actor, answer(ConsentAgreed, ""))
	}
	j.do(cora, answer(ConsentAgreed, "not kept"))
	expect(t, j.last, []string{"visit_answered a1"}, []Notice{
		{To: ToOperators, Kind: NoticeConsent, Assignment: "a1"}, {To: ToFirm, Kind: NoticeConsent, Assignment: "a1"},
	})
	a := j.assignment("a1")
	if a.Consent != (Consent{Answer: ConsentAgreed, Times: 1}) || a.Revision != was.Revision || a.LastBy != was.LastBy || a.LastVerb != was.LastVerb {
		t.Errorf("got %+v after %+v", a, was)
	}
	if got := j.refused(cora, answer(ConsentAgreed, "")); got.Code != Conflict {
		t.Errorf("the same again: %s", got)
	}
	j.do(cora, answer(ConsentAnother, " After five "))
	expect(t, j.last, []string{"visit_answered a1"}, []Notice{
		{To: ToOperators, Kind: NoticeConsent, Assignment: "a1"},
		{To: ToInCharge, Kind: NoticeConsent, Assignment: "a1", Person: j.assignment("a1").InCharge},
	})
	if got := j.last.Events[0].Data; got["answer"] != ConsentAnother || got["text"] != "After five" || got["from"] == "" || got["till"] == "" {
		t.Errorf("the history says %v", got)
	}
	// The same window again keeps the answer, another one asks anew.
	asked := Notice{To: ToCustomer, Kind: NoticePlanned, Assignment: "a1"}
	plan()
	if slices.Contains(j.last.Notices, asked) {
		t.Errorf("the customer is asked twice: %v", j.last.Notices)
	}
	if a := j.assignment("a1"); a.Consent != (Consent{Answer: ConsentAnother, Text: "After five", Times: 2}) {
		t.Errorf("got %+v", a.Consent)
	}
	till = till.Add(time.Hour)
	plan()
	if a := j.assignment("a1"); a.Consent != (Consent{}) || !MayConsent(a, j.now) || !slices.Contains(j.last.Notices, asked) {
		t.Errorf("got %+v, told %v", a.Consent, j.last.Notices)
	}
	for n := range maxConsents {
		j.do(cora, answer(ConsentAnother, strings.Repeat("x", n+1)))
	}
	if got := j.refused(cora, answer(ConsentAgreed, "")); !strings.Contains(got.Message, "several times") || MayConsent(j.assignment("a1"), j.now) {
		t.Error(got)
	}
	till = till.Add(time.Hour)
	plan()
	if v, ok := PlannedVisit(j.issue); !ok || v.ID != "a1" {
		t.Errorf("the visit is %+v", v)
	}
	late := answer(ConsentAgreed, "")
	late.At = till
	if got := j.refused(cora, late); got.Code != TooLate || MayConsent(j.assignment("a1"), till) {
		t.Errorf("when it is over: %s", got)
	}
	j.do(carl, Command{Verb: Step, Step: "Travel", Steps: StandardSteps()})
	if got := j.refused(cora, answer(ConsentAgreed, "")); got.Code != TooLate {
		t.Errorf("on the way: %s", got)
	}
	if _, ok := PlannedVisit(j.issue); ok {
		t.Error("a visit is planned while the firm is on its way")
	}
}

// TestVisitAfterAll: when work is reopened whose visit was called off, the customer hears
// that somebody comes, and is asked anew.
func TestVisitAfterAll(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept, Assignment: "a1"})
	from, till := j.now.Add(24*time.Hour), j.now.Add(26*time.Hour)
	j.do(carl, Command{Verb: Step, Step: "Planned", Steps: StandardSteps(), From: from, Till: till})
	j.do(cora, Command{Verb: AnswerVisit, Assignment: "a1", From: from, Till: till, Reason: ConsentAgreed})
	reopen := Command{Verb: Reopen, Assignment: "a1"}
	j.do(cora, Command{Verb: CompleteEarly, Assignment: "a1"}).do(cora, reopen)
	planned := Notice{To: ToCustomer, Kind: NoticePlanned, Assignment: "a1"}
	if a := j.assignment("a1"); !slices.Contains(j.last.Notices, planned) || a.Consent != (Consent{}) || !MayConsent(a, j.now) {
		t.Errorf("told %v, got %+v", j.last.Notices, a.Consent)
	}
	j.wait(27*time.Hour).do(cora, Command{Verb: CompleteEarly, Assignment: "a1"}).do(cora, reopen)
	if slices.Contains(j.last.Notices, planned) {
		t.Errorf("when it is over: %v", j.last.Notices)
	}
}

// TestVisitCalledOff: when the firm has the work no more before its visit, the customer is
// told, once; when the visit is over, or none was planned, nobody is.
func TestVisitCalledOff(t *testing.T) {
	t.Parallel()
	planned := func() *job {
		j := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept, Assignment: "a1"})
		return j.do(carl, Command{Verb: Step, Step: "Planned", Steps: StandardSteps(), From: j.now.Add(24 * time.Hour), Till: j.now.Add(26 * time.Hour)})
	}
	told := func(j *job) bool {
		return slices.Contains(j.last.Notices, Notice{To: ToCustomer, Kind: NoticeVisitOff, Assignment: "a1"})
	}
	for _, verb := range []Verb{Close, CompleteEarly, TakeBack} {
		cmd := Command{Verb: verb, Assignment: "a1", Reason: "Elsewhere sooner."}
		if verb == Close {
			cmd.Assignment = ""
		}
		if j := planned().do(cora, cmd); !told(j) || !CalledOff(j.assignment("a1")) {
			t.Errorf("%s: %v", verb, j.last.Notices)
		}
		if j := planned().wait(27*time.Hour).do(cora, cmd); told(j) {
			t.Errorf("%s when it is over: %v", verb, j.last.Notices)
		}
		j := planned().do(carl, Command{Verb: Step, Step: "Travel", Steps: StandardSteps()}).do(cora, cmd)
		if told(j) {
			t.Errorf("%s without a visit: %v", verb, j.last.Notices)
		}
	}
	// Who came is not called off when the work is complete before the window ends.
	if j := planned().wait(25*time.Hour).do(cora, Command{Verb: CompleteEarly, Assignment: "a1"}); told(j) || CalledOff(j.assignment("a1")) {
		t.Errorf("complete while the window is open: %v", j.last.Notices)
	}
	if j := planned().wait(25*time.Hour).do(cora, Command{Verb: TakeBack, Assignment: "a1", Reason: "Elsewhere sooner."}); !told(j) {
		t.Errorf("taken back while the window is open: %v", j.last.Notices)
	}
	j := planned().do(cora, Command{Verb: CompleteEarly, Assignment: "a1"}).do(cora, Command{Verb: Close})
	if told(j) {
		t.Errorf("told twice: %v", j.last.Notices)
	}
}
