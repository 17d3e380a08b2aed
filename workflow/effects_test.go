package workflow

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func kinds(d Decision) (events []string, notices []Notice) {
	for _, e := range d.Events {
		events = append(events, e.Kind+" "+e.Assignment)
	}
	return events, d.Notices
}

func expect(t *testing.T, d Decision, events []string, notices []Notice) {
	t.Helper()
	gotEvents, gotNotices := kinds(d)
	if diff := cmp.Diff(events, gotEvents); diff != "" {
		t.Errorf("events: %s", diff)
	}
	if diff := cmp.Diff(notices, gotNotices); diff != "" {
		t.Errorf("notices: %s", diff)
	}
}

func TestOffer(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	at := j.now
	j.offer("a1", "firm-a")
	want := Assignment{
		ID: "a1", Contractor: "firm-a", Status: Assigned, Revision: 1,
		Terms: Terms{AcceptBy: at.Add(time.Hour)}, CountAt: at.Add(30 * time.Minute), WarnAt: at.Add(45 * time.Minute),
		CreatedAt: at, OfferedAt: at, LastBy: "Cora", LastVerb: Offer,
	}
	if diff := cmp.Diff([]Assignment{want}, j.issue.Assignments); diff != "" {
		t.Error(diff)
	}
	if j.issue.Status != Allocated || j.issue.LiesWith != WithContractor || j.issue.Revision != 2 {
		t.Errorf("issue is %s with %s at %d", j.issue.Status, j.issue.LiesWith, j.issue.Revision)
	}
	expect(t, j.last, []string{"offered a1"}, []Notice{{To: ToFirm, Kind: NoticeOffered, Assignment: "a1"}})
	if diff := cmp.Diff(map[string]string{"contractor": "firm-a", "accept_by": "2026-03-02T10:01:00Z"}, j.last.Events[0].Data); diff != "" {
		t.Error(diff)
	}
}

func TestOfferSendsTheDraft(t *testing.T) {
	t.Parallel()
	terms := Terms{Note: "Up to 500."}
	for name, cmd := range map[string]Command{
		"by name": {Verb: Offer, Assignment: "a1"},
		"by firm": {Verb: Offer, NewID: "n1", Contractor: "firm-a"},
		"alone":   {Verb: Offer},
	} {
		j := newJob(t).do(cora, Command{Verb: Draft, NewID: "a1", Contractor: "firm-a", Terms: terms})
		if j.issue.Status != Reported || len(j.last.Notices) != 0 {
			t.Errorf("%s: a draft left the desk", name)
		}
		j.do(cora, cmd)
		if a := j.assignment("a1"); a.Status != Assigned || a.Terms != terms || len(j.issue.Assignments) != 1 {
			t.Errorf("%s: got %+v", name, j.issue.Assignments)
		}
	}
}

func TestOfferAgainFromTheOldCard(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Decline, Reason: "skills"})
	j.do(cora, Command{Verb: Offer, Assignment: "a1", Revision: j.assignment("a1").Revision, NewID: "a2"})
	if a := j.assignment("a2"); a.Contractor != "firm-a" || a.Status != Assigned {
		t.Errorf("got %+v", a)
	}
}

func TestWarnAt(t *testing.T) {
	t.Parallel()
	for window, lead := range map[time.Duration]time.Duration{
		time.Minute:         30 * time.Second,
		8 * time.Minute:     4 * time.Minute,
		12 * time.Minute:    5 * time.Minute,
		time.Hour:           15 * time.Minute,
		8 * time.Hour:       2 * time.Hour,
		30 * 24 * time.Hour: 4 * time.Hour,
	} {
		if got := t0.Add(window).Sub(warnAt(t0, t0.Add(window), nil)); got != lead {
			t.Errorf("a window of %s warns %s before, want %s", window, got, lead)
		}
	}
	if !warnAt(t0, time.Time{}, nil).IsZero() {
		t.Error("an offer without an end is warned about")
	}
}

func TestAcceptWithdrawsOthers(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").offer("b1", "firm-b").
		do(cora, Command{Verb: Draft, NewID: "c1", Contractor: "firm-c"}).
		do(carl, Command{Verb: Accept, Revision: 1})
	a, b := j.assignment("a1"), j.assignment("b1")
	if a.Status != Accepted || a.InCharge != (Person{carl.ID, "Carl"}) || !a.WarnAt.IsZero() || a.AnsweredAt.IsZero() || !j.issue.WasAccepted {
		t.Errorf("got %+v", a)
	}
	if b.Status != Canceled || b.Revision != 2 || b.LastBy != "" || !b.WarnAt.IsZero() || b.EndedAt.IsZero() {
		t.Errorf("got %+v", b)
	}
	if c := j.assignment("c1"); c.Status != Unsent {
		t.Errorf("the draft is %s", c.Status)
	}
	expect(t, j.last, []string{"accepted a1", "withdrawn b1"}, []Notice{
		{To: ToOperators, Kind: NoticeAccepted, Assignment: "a1"},
		{To: ToFirm, Kind: NoticeTaken, Assignment: "b1"},
	})
	r := j.refused(bert, Command{Verb: Accept, Revision: 1})
	if r.Code != TooLate || r.Message != "Somebody else took this job, so it can no longer be accepted." {
		t.Errorf("the second is told %+v", r)
	}
	if r := j.refused(cora, Command{Verb: Delete}); r.Code != Conflict {
		t.Errorf("got %+v", r)
	}
}

func TestAnswerTime(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a")
	by := j.assignment("a1").Terms.AcceptBy
	if r := j.refused(clock, Command{Verb: Expire, At: by.Add(-time.Second)}); r.Code != Conflict {
		t.Errorf("got %+v", r)
	}
	if r := j.refused(clock, Command{Verb: WarnOffer, At: j.now}); r.Code != Conflict {
		t.Errorf("got %+v", r)
	}
	if r := j.refused(clock, Command{Verb: WarnOffer, At: by}); r.Code != TooLate {
		t.Errorf("a warning of what is over: %+v", r)
	}
	j.do(clock, Command{Verb: WarnOffer, At: by.Add(-time.Minute)})
	if a := j.assignment("a1"); a.Revision != 1 || !a.WarnAt.IsZero() || a.LastBy != "Cora" {
		t.Errorf("a warning changed %+v", a)
	}
	if r := j.refused(clock, Command{Verb: WarnOffer, At: by.Add(-time.Second)}); r.Code != Conflict {
		t.Errorf("the second warning: %+v", r)
	}
	const ended = "The time to answer ended; ask the desk to offer it again."
	if r := j.refused(carl, Command{Verb: Accept, At: by}); r.Code != TooLate || r.Message != ended {
		t.Errorf("got %+v", r)
	}
	j.do(clock, Command{Verb: Expire, At: by})
	if a := j.assignment("a1"); a.Status != Declined || a.DeclinedReason != ReasonNoAnswer {
		t.Errorf("got %+v", a)
	}
	if r := j.refused(carl, Command{Verb: Accept, Revision: 1}); r.Code != TooLate || r.Message != ended {
		t.Errorf("got %+v", r)
	}
	if j.issue.LiesWith != WithOperator || j.issue.Status != Reported {
		t.Errorf("issue is %s with %s", j.issue.Status, j.issue.LiesWith)
	}
}

func TestFirstCommentStartsTheWork(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
	form := j.assignment("a1").Revision
	j.do(cora, Command{Verb: Comment})
	if got := j.assignment("a1").Status; got != Accepted {
		t.Errorf("the desk's comment made it %s", got)
	}
	j.do(dana, Command{Verb: Comment, Assignment: "a1", Revision: 1})
	a := j.assignment("a1")
	if a.Status != InProgress || a.Revision != form || a.StartedAt.IsZero() || a.InCharge.Name != "Carl" {
		t.Errorf("got %+v", a)
	}
	expect(t, j.last, []string{"commented a1", "started a1"}, nil)
	before := j.issue
	j.do(dana, Command{Verb: Comment})
	if diff := cmp.Diff(before, j.issue); diff != "" {
		t.Errorf("a second comment changed: %s", diff)
	}
	j.do(carl, Command{Verb: Submit, Assignment: "a1", Revision: form})
}

func TestWorkToApproval(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept}).
		do(carl, Command{Verb: Step, Step: " Travel ", From: t0, Till: t0.Add(time.Hour)}).
		do(carl, Command{Verb: HandOver, To: Person{dana.ID, "Dana"}})
	expect(t, j.last, []string{"handed_over a1"}, []Notice{
		{To: ToInCharge, Kind: NoticeHandedOver, Assignment: "a1", Person: Person{dana.ID, "Dana"}},
	})
	done := Completion{Note: "New seal.", Effort: 90, Costs: "40.00 EUR"}
	j.do(dana, Command{Verb: Submit, Completion: done})
	a := j.assignment("a1")
	if a.Step != "Travel" || a.Completion != done || a.InCharge.Name != "Dana" || j.issue.LiesWith != WithOperator {
		t.Errorf("got %+v", a)
	}
	j.do(dana, Command{Verb: Comment})
	if got := j.last.Events[0].Data["held"]; got != "true" {
		t.Errorf("held is %q", got)
	}
	j.do(cora, Command{Verb: SendBack, Text: "No photo."})
	a = j.assignment("a1")
	if a.Status != InProgress || a.SendBackReason != "No photo." {
		t.Errorf("got %+v", a)
	}
	expect(t, j.last, []string{"sent_back a1"}, []Notice{
		{To: ToInCharge, Kind: NoticeSentBack, Assignment: "a1", Person: Person{dana.ID, "Dana"}},
	})
	j.do(dana, Command{Verb: Submit}).do(otto, Command{Verb: Approve})
	if j.issue.Status != Resolved || j.issue.LiesWith != WithOperator || j.assignment("a1").EndedAt.IsZero() {
		t.Errorf("issue is %s with %s", j.issue.Status, j.issue.LiesWith)
	}
	if r := j.refused(cora, Command{Verb: Approve}); r.Message != "Otto approved this already." {
		t.Errorf("got %q", r.Message)
	}
}

func TestAmendAsksAnew(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
	j.do(cora, Command{Verb: Amend, Terms: Terms{Note: "Two rooms.", AcceptBy: j.now.Add(2 * time.Hour)}})
	a := j.assignment("a1")
	if a.Status != Assigned || a.InCharge.ID != "" || a.Terms.Note != "Two rooms." || a.WarnAt.IsZero() || !a.AnsweredAt.IsZero() {
		t.Errorf("got %+v", a)
	}
	j.do(dana, Command{Verb: Accept})
	if got := j.assignment("a1").InCharge.Name; got != "Dana" {
		t.Errorf("%s is in charge", got)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").offer("b1", "firm-b").
		do(cora, Command{Verb: Draft, NewID: "c1", Contractor: "firm-c"}).
		do(cora, Command{Verb: Close})
	for _, a := range j.issue.Assignments {
		if a.Status != Canceled {
			t.Errorf("%s is %s", a.ID, a.Status)
		}
	}
	expect(t, j.last, []string{"closed ", "withdrawn a1", "withdrawn b1", "withdrawn c1"}, []Notice{
		{To: ToFirm, Kind: NoticeWithdrawn, Assignment: "a1"},
		{To: ToFirm, Kind: NoticeWithdrawn, Assignment: "b1"},
	})
	if !j.issue.RemindAt.IsZero() || j.issue.ClosedAt.IsZero() || len(Deadlines(j.issue)) != 0 {
		t.Errorf("got %+v", j.issue)
	}
	for _, s := range stories() {
		if k := s.play(newJob(t)); k.issue.Status != Closed && s.subject != "" && Taken(k.assignment(s.subject).Status) {
			k.do(cora, Command{Verb: Close})
			if got := k.assignment(s.subject); got.Status != Complete || got.LastVerb != Close {
				t.Errorf("%s: closing made it %s", s.name, got.Status)
			}
		}
	}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	done := func() *job {
		return newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept}).do(cora, Command{Verb: CompleteEarly}).do(cora, Command{Verb: Close})
	}
	j := done().do(cora, Command{Verb: Reopen})
	if a := j.assignment("a1"); a.Status != InProgress || !a.EndedAt.IsZero() || j.issue.Status != Allocated || !j.issue.ClosedAt.IsZero() {
		t.Errorf("got %+v", j.issue)
	}
	j = done().do(cora, Command{Verb: ReopenIssue})
	if j.issue.Status != Reported || j.assignment("a1").Status != Complete {
		t.Errorf("got %+v", j.issue)
	}
	j = done().do(cora, Command{Verb: ReopenIssue}).offer("b1", "firm-b").do(cora, Command{Verb: ReopenIssue, Assignment: "a1"})
	if j.assignment("a1").Status != InProgress || j.assignment("b1").Status != Canceled {
		t.Errorf("got %+v", j.issue)
	}
	j = newJob(t).do(cora, Command{Verb: Close}).do(cora, Command{Verb: Reopen})
	if j.issue.Status != Reported {
		t.Errorf("a job without work is %s once reopened", j.issue.Status)
	}
	j = done().do(cora, Command{Verb: ReopenIssue}).offer("b1", "firm-b").do(bert, Command{Verb: Accept})
	if r := j.refused(cora, Command{Verb: Reopen, Assignment: "a1"}); r.Code != Conflict || r.Message != "Bert accepted this job already: complete that first." {
		t.Errorf("got %+v", r)
	}
}

func TestReminder(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	if got := j.issue.RemindAt; !got.Equal(t0.Add(ReminderAfter)) {
		t.Errorf("first reminder %s", got)
	}
	chosen := t0.Add(100 * time.Hour)
	j.do(cora, Command{Verb: Remind, When: chosen}).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
	if !j.issue.RemindAt.Equal(chosen) {
		t.Errorf("a transition moved the reminder to %s", j.issue.RemindAt)
	}
	if r := j.refused(clock, Command{Verb: RemindDue}); r.Code != Conflict {
		t.Errorf("got %+v", r)
	}
	j.do(clock, Command{Verb: RemindDue, At: chosen})
	expect(t, j.last, []string{"reminded "}, []Notice{
		{To: ToInCharge, Kind: NoticeReminder, Assignment: "a1", Person: Person{carl.ID, "Carl"}},
	})
	if j.issue.RemindSet || !j.issue.RemindAt.Equal(chosen.Add(ReminderAfter)) {
		t.Errorf("next reminder %s", j.issue.RemindAt)
	}
}

func TestExternalUser(t *testing.T) {
	t.Parallel()
	j := newJob(t).wait(time.Hour)
	remind := j.issue.RemindAt
	j.do(cora, Command{Verb: AllocateExternal, People: []string{erin.ID, " ", erin.ID}})
	if j.issue.Status != AllocatedExternal || j.issue.LiesWith != WithBoth || !j.issue.RemindAt.Equal(remind) {
		t.Errorf("got %+v", j.issue)
	}
	expect(t, j.last, []string{"allocated_external "}, []Notice{
		{To: ToExternal, Kind: NoticeInvolved, Person: Person{erin.ID, erin.ID}},
	})
	j.do(erin, Command{Verb: Comment})
	if r := j.refused(erin, Command{Verb: Close}); r.Code != Forbidden {
		t.Errorf("got %+v", r)
	}
	j.do(clock, Command{Verb: RemindDue, At: remind})
	if !j.issue.RemindAt.After(remind) {
		t.Error("the reminder would fire for ever")
	}
}

// TestExternalUsersGo: with the last of them the job comes back to the desk, unless a firm
// has it.
func TestExternalUsersGo(t *testing.T) {
	t.Parallel()
	j := newJob(t).do(cora, Command{Verb: AllocateExternal, People: []string{erin.ID, "x@example.com"}, Names: []string{"Erin", "Xaver"}})
	expect(t, j.last, []string{"allocated_external "}, []Notice{
		{To: ToExternal, Kind: NoticeInvolved, Person: Person{erin.ID, "Erin"}},
		{To: ToExternal, Kind: NoticeInvolved, Person: Person{"x@example.com", "Xaver"}},
	})
	if got := j.last.Events[0].Data["names"]; got != "Erin, Xaver" {
		t.Errorf("the event names %q", got)
	}
	if r := j.refused(cora, Command{Verb: AllocateExternal, People: []string{erin.ID}, Names: []string{"Erin"}}); r.Code != Conflict || r.Message != "Erin is involved already." {
		t.Errorf("got %+v", r)
	}
	j.do(cora, Command{Verb: RemoveExternal, People: []string{erin.ID}})
	if j.issue.Status != AllocatedExternal || CanSee(erin, j.issue) {
		t.Errorf("got %+v", j.issue)
	}
	if r := j.refused(erin, Command{Verb: Comment}); r.Code != NotFound {
		t.Errorf("got %+v", r)
	}
	if r := j.refused(cora, Command{Verb: RemoveExternal, People: []string{erin.ID}, Names: []string{"Erin"}}); r.Code != NotFound {
		t.Errorf("got %+v", r)
	}
	if r := j.refused(cora, Command{Verb: RemoveExternal}); r.Field != "people" {
		t.Errorf("got %+v", r)
	}
	j.do(cora, Command{Verb: RemoveExternal, People: []string{"x@example.com"}})
	if j.issue.Status != Reported || j.issue.LiesWith != WithOperator || j.issue.External != nil {
		t.Errorf("got %+v", j.issue)
	}
	if r := j.refused(cora, Command{Verb: Comment, Outside: true}); r.Code != Conflict {
		t.Errorf("got %+v", r)
	}
	j.do(cora, Command{Verb: AllocateExternal, People: []string{erin.ID}}).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
	j.do(cora, Command{Verb: Comment, Outside: true})
	if j.last.Assignment != "" {
		t.Errorf("what is meant for outside is about %q", j.last.Assignment)
	}
	j.do(cora, Command{Verb: RemoveExternal, People: []string{erin.ID}})
	if j.issue.Status != Allocated {
		t.Errorf("got %+v", j.issue)
	}
}

func TestDueDate(t *testing.T) {
	t.Parallel()
	due := t0.Add(5 * time.Hour)
	j := newJob(t).do(cora, Command{Verb: SetDue, When: due}).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
	j.do(clock, Command{Verb: WorkDue, At: due})
	expect(t, j.last, []string{"overdue "}, []Notice{
		{To: ToOperators, Kind: NoticeOverdue},
		{To: ToInCharge, Kind: NoticeOverdue, Assignment: "a1", Person: Person{carl.ID, "Carl"}},
	})
	if r := j.refused(clock, Command{Verb: WorkDue, At: due}); r.Code != Conflict {
		t.Errorf("overdue twice: %+v", r)
	}
	j.do(cora, Command{Verb: SetDue})
	if !j.issue.DueAt.IsZero() || j.issue.Overdue {
		t.Errorf("got %+v", j.issue)
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	j := newJob(t).do(cora, Command{Verb: SetDue, When: t0.Add(30 * time.Hour)})
	at := j.now
	j.offer("a1", "firm-a")
	want := []Deadline{
		{CountDown, "a1", at.Add(30 * time.Minute), 1},
		{WarnOffer, "a1", at.Add(45 * time.Minute), 1},
		{Expire, "a1", at.Add(time.Hour), 1},
		{RemindDue, "i1", at.Add(ReminderAfter), 3},
		{WorkDue, "i1", t0.Add(30 * time.Hour), 3},
	}
	if diff := cmp.Diff(want, Deadlines(j.issue)); diff != "" {
		t.Error(diff)
	}
}
