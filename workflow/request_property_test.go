package workflow

import "pgregory.net/rapid"

// checkRequests holds what is promised about approvals in mid-work: only work under way
// has a request, an answer never moves the work, and money changes by what was asked for
// and nothing else.
func checkRequests(t *rapid.T, before Issue, d Decision, cmd Command) {
	for _, a := range d.Issue.Assignments {
		if a.Request == (Request{}) {
			continue
		}
		if a.Status != Accepted && a.Status != InProgress {
			t.Fatalf("%s is %s with the request %+v", a.ID, a.Status, a.Request)
		}
		if a.Request.Open() && (d.Issue.LiesWith != WithOperator || d.Issue.RemindAt.IsZero()) {
			t.Fatalf("the request of %s lies with %s, reminded at %s", a.ID, d.Issue.LiesWith, d.Issue.RemindAt)
		}
		if a.Request.Open() && a.Request.What == "" {
			t.Fatalf("%s asks for nothing", a.ID)
		}
	}
	if d.Issue.Request.Open() {
		for _, a := range d.Issue.Assignments {
			if Out(a.Status) {
				t.Fatalf("%s is %s on a job that needs an approval", a.ID, a.Status)
			}
		}
	}
	if d.Assignment == "" {
		answers := cmd.Verb == GrantRequest || cmd.Verb == RefuseRequest
		if answers && (!before.Request.Open() || d.Issue.Request.Open() || (d.Issue.Status == Closed) != (cmd.Verb == RefuseRequest)) {
			t.Fatalf("%s: %+v became %+v", cmd.Verb, before, d.Issue)
		}
		return
	}
	was, _ := Find(before, d.Assignment)
	is, _ := Find(d.Issue, d.Assignment)
	switch cmd.Verb {
	case GrantRequest, RefuseRequest, WithdrawRequest:
		if !was.Request.Open() || is.Request.Open() || is.Status != was.Status || is.InCharge != was.InCharge {
			t.Fatalf("%s: %+v became %+v", cmd.Verb, was, is)
		}
	case Submit:
		if was.Request.Open() {
			t.Fatalf("work was handed in with the request %+v", was.Request)
		}
	}
	raised, ok := was.Terms.Raised(was.Request.Amount)
	if cmd.Verb == GrantRequest && (!ok || is.Terms != raised) {
		t.Fatalf("%+v with %s approved became %+v", was.Terms, was.Request.Amount, is.Terms)
	}
	granted, ok := was.Granted, true
	if cmd.Verb == GrantRequest {
		granted, ok = was.grants(was.Request.Amount)
	}
	if !ok || is.Granted != granted {
		t.Fatalf("%s on top of %q became %q by %s", was.Request.Amount, was.Granted, is.Granted, cmd.Verb)
	}
}
