package workflow

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// checkLine demands that only a job that nobody has waits for another, that nothing but
// its own verbs lets it go on, and that each end of the waiting is told once.
func checkLine(t *rapid.T, before Issue, d Decision, verb Verb) {
	is := d.Issue.Line.After
	if is.Waiting() && d.Issue.Status != Reported {
		t.Fatalf("%s: a job waits that is %s", verb, d.Issue.Status)
	}
	if is.Waiting() != (is.Waiting() && StageOf(d.Issue) == StageLater) {
		t.Fatalf("%s: a job that waits is %s", verb, StageOf(d.Issue))
	}
	if is.State == Waits && !d.Issue.RemindAt.IsZero() && !d.Issue.RemindSet && verb == Follow {
		t.Fatalf("%s: somebody is reminded of a job that waits, at %s", verb, d.Issue.RemindAt)
	}
	for _, due := range Deadlines(d.Issue) {
		if is.Waiting() && due.Kind == WorkDue {
			t.Fatalf("%s: a job that waits is due at %s", verb, due.At)
		}
	}
	ended := 0
	for _, e := range d.Events {
		if e.Kind == EventStoppedFollowing || e.Kind == EventWentOn {
			ended++
		}
	}
	was := before.Line.After
	if over := was.Waiting() && !is.Waiting(); over != (ended == 1) || ended > 1 {
		t.Fatalf("%s: the waiting ended %d times", verb, ended)
	}
}

// TestFollow: a job waits for another, and goes on once.
func TestFollow(t *testing.T) {
	t.Parallel()
	ahead := Ahead{Issue: "i0", Number: 6}
	for name, c := range map[string]struct {
		ahead Ahead
		want  string
	}{
		"none":       {Ahead{}, "Say which job has to be done first."},
		"itself":     {Ahead{Issue: "i1", Number: 7}, "A job cannot wait for itself."},
		"a circle":   {Ahead{Issue: "i0", Number: 6, Line: []string{"i5", "i1"}}, "#6 waits for this job itself."},
		"done":       {Ahead{Issue: "i0", Number: 6, Finished: true}, "#6 is done, so this job can be handed out now."},
		"closed":     {Ahead{Issue: "i0", Number: 6, Abandoned: true}, "#6 is closed, so this job can be handed out now."},
		"too many":   {Ahead{Issue: "i0", Number: 6, Followers: MaxFollowers}, "At most 5 jobs can wait for one: let this one wait for one of those."},
		"a long row": {Ahead{Issue: "i0", Number: 6, Line: make([]string, MaxLine-1)}, "At most 10 jobs can follow one another."},
	} {
		if got := newJob(t).refused(cora, Command{Verb: Follow, Ahead: c.ahead}); got.Message != c.want {
			t.Errorf("%s: %q, want %q", name, got.Message, c.want)
		}
	}
	late := newJob(t).do(cora, Command{Verb: SetDue, When: t0.Add(time.Hour)}).wait(2*time.Hour).do(clock, Command{Verb: WorkDue}).
		do(cora, Command{Verb: Follow, Ahead: ahead})
	if late.issue.Overdue {
		t.Error("a job that may not begin is overdue")
	}
	late.refused(clock, Command{Verb: WorkDue})
	late.do(clock, Command{Verb: GoOn}).do(clock, Command{Verb: WorkDue})
	j := newJob(t).do(cora, Command{Verb: Draft, NewID: "a1", Contractor: "firm-a", Terms: Terms{Within: time.Hour, DueIn: 48 * time.Hour}})
	j.do(cora, Command{Verb: Follow, Ahead: ahead})
	if got := j.refused(otto, Command{Verb: Follow, Ahead: ahead}).Message; got != "This job waits for #6 already." {
		t.Error(got)
	}
	j.wait(30*24*time.Hour).do(clock, Command{Verb: GoOn})
	if n := j.last.Notices; len(n) != 1 || n[0].Kind != NoticeWentOn {
		t.Errorf("the desk hears %+v", n)
	}
	if got := j.refused(clock, Command{Verb: GoOn}).Message; got != "This job waits for no other." {
		t.Error(got)
	}
	at := j.now
	j.do(clock, Command{Verb: Offer, Assignment: "a1"})
	if terms := j.assignment("a1").Terms; !terms.AcceptBy.Equal(at.Add(time.Hour)) || !terms.Due.Equal(at.Add(48*time.Hour)) || terms.DueIn != 0 {
		t.Errorf("offered with %+v", terms)
	}
	j.do(clock, Command{Verb: AheadReopened})
	if j.issue.Line.After.State != WentOn || j.assignment("a1").Status != Assigned {
		t.Error("something was taken back")
	}
	// What the desk hands out or closes by hand waits no more.
	for name, cmd := range map[string]Command{
		"offer":    {Verb: Offer, NewID: "b1", Contractor: "firm-b"},
		"close":    {Verb: Close},
		"external": {Verb: AllocateExternal, People: []string{erin.ID}},
	} {
		if j := newJob(t).do(cora, Command{Verb: Follow, Ahead: ahead}).do(cora, cmd); j.issue.Line.After != (Predecessor{}) {
			t.Errorf("%s: still %+v", name, j.issue.Line.After)
		}
	}
}

// TestFollowAboveTheLimit: a draft above the desk's limit is not sent by itself, because
// nobody who may decide about the sum has looked at it.
func TestFollowAboveTheLimit(t *testing.T) {
	t.Parallel()
	j := newJob(t).do(cora, Command{Verb: Draft, NewID: "a1", Contractor: "firm-a", Terms: Terms{Price: "250.00 EUR"}})
	byItself := clock
	byItself.Ceiling = "100 EUR"
	if r := j.refused(byItself, Command{Verb: Offer, Assignment: "a1"}); r.Right != RightMoney {
		t.Errorf("refused with %+v", r)
	}
	byItself.Ceiling = "250 EUR"
	j.do(byItself, Command{Verb: Offer, Assignment: "a1"})
}

// TestForFollowers: only the end of the work and its reopening concern those that follow.
func TestForFollowers(t *testing.T) {
	t.Parallel()
	complete := []Assignment{{Status: Complete}}
	before := []Assignment{{ID: "a1", Status: Complete}}
	for name, c := range map[string]struct {
		was, is Issue
		want    Verb
	}{
		"approved":          {Issue{Status: Allocated}, Issue{Status: Resolved, Assignments: complete}, GoOn},
		"closed when done":  {Issue{Status: Resolved, Assignments: complete}, Issue{Status: Closed, Assignments: complete}, ""},
		"closed at work":    {Issue{Status: Allocated}, Issue{Status: Closed, Assignments: complete}, GoOn},
		"closed unanswered": {Issue{Status: Allocated}, Issue{Status: Closed, Assignments: []Assignment{{Status: Canceled}}}, AheadClosed},
		"closed once more":  {Issue{Status: Reported, Assignments: before}, Issue{Status: Closed, Assignments: before}, AheadClosed},
		"reopened":          {Issue{Status: Resolved, Assignments: complete}, Issue{Status: Allocated}, AheadReopened},
		"open again":        {Issue{Status: Closed}, Issue{Status: Reported}, AheadReopened},
		"accepted":          {Issue{Status: Allocated}, Issue{Status: Allocated}, ""},
	} {
		if got := ForFollowers(c.was, c.is); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
