package workflow

import (
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// figureKey is what counts are added up by.
type figureKey struct {
	firm string
	name Figure
	at   time.Time
}

type figures map[figureKey]int

func (f figures) add(all []Count) {
	for _, c := range all {
		k := figureKey{c.Contractor, c.Name, c.At}
		if f[k] += c.N; f[k] == 0 {
			delete(f, k)
		}
	}
}

// history is a random story of one issue: every state it was in, and its events.
func history(t *rapid.T) (states []Issue, events []Happened) {
	now := t0
	step := func(issue Issue, actor Actor, cmd Command) (Issue, bool) {
		d, err := Decide(issue, actor, cmd)
		if err != nil {
			return issue, false
		}
		for _, e := range d.Events {
			events = append(events, Happened{Event: e, At: now})
		}
		return d.Issue, true
	}
	issue, ok := step(Issue{ID: "i1"}, cora, Command{Verb: Create, At: now})
	if !ok {
		t.Fatal("an issue could not be created")
	}
	issue.DueAt = now.Add(rapid.SampledFrom([]time.Duration{3 * time.Hour, 24 * time.Hour}).Draw(t, "due"))
	states = append(states, issue)
	actors := []Actor{cora, cora, otto, mara, carl, carl, clock}
	for n := range rapid.IntRange(1, 60).Draw(t, "length") {
		// Commands on one job follow each other: two in the same microsecond would need a
		// transaction that takes no time, and figures tell what happened by its moment.
		now = now.Add(time.Duration(rapid.IntRange(1, 7000).Draw(t, "seconds")) * time.Second)
		actor := rapid.SampledFrom(actors).Draw(t, "actor")
		cmd := randomCommand(t, issue, now, n)
		if open := openMoves(issue, actor); len(open) > 0 && rapid.IntRange(0, 5).Draw(t, "likely") > 0 {
			for _, m := range open {
				if slices.Contains([]Verb{Accept, Submit, SendBack, Rate}, m.verb) {
					// What a story must come to is told often.
					open = append(open, m, m, m)
				}
			}
			m := rapid.SampledFrom(open).Draw(t, "move")
			cmd.Verb, cmd.Assignment, cmd.Revision = m.verb, m.assignment, 0
			cmd.Reason, cmd.Stars = "skills", rapid.IntRange(1, 5).Draw(t, "rating")
		}
		if issue, ok = step(issue, actor, cmd); ok {
			states = append(states, issue)
		}
	}
	return states, events
}

// TestCountsAgreeWithHistory counts random stories step by step, and again from their
// events alone.
func TestCountsAgreeWithHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		states, events := history(t)
		counted, was := figures{}, Issue{}
		for _, is := range states {
			counted.add(Counts(was, is))
			was = is
		}
		recounted := figures{}
		recounted.add(Recount(was, events))
		if diff := cmp.Diff(recounted, counted, cmp.AllowUnexported(figureKey{})); diff != "" {
			t.Fatalf("counted step by step (+) is not what the history says (-):\n%s", diff)
		}
		checkStanding(t, counted, was)
	})
}

// TestCountsOfALife tells one story and says what it comes to.
func TestCountsOfALife(t *testing.T) {
	t.Parallel()
	at := func(minutes int) time.Time { return t0.Add(time.Duration(minutes) * time.Minute) }
	issue, events, was := Issue{ID: "i1"}, []Happened(nil), Issue{}
	counted := figures{}
	for _, s := range []struct {
		minute int
		actor  Actor
		cmd    Command
	}{
		{0, cora, Command{Verb: Create}},
		{1, cora, Command{Verb: SetDue, When: at(240)}},
		{10, cora, Command{Verb: Offer, NewID: "a1", Contractor: "firm-b", Terms: Terms{AcceptBy: at(20)}}},
		{20, clock, Command{Verb: Expire, Assignment: "a1"}},
		{30, cora, Command{Verb: Offer, NewID: "a2", Contractor: "firm-a"}},
		{40, carl, Command{Verb: Accept, Assignment: "a2"}},
		{50, carl, Command{Verb: Start, Assignment: "a2"}},
		{52, carl, Command{Verb: AskApproval, Assignment: "a2", Text: "More"}},
		{53, cora, Command{Verb: RefuseRequest, Assignment: "a2", Reason: "No"}},
		{54, carl, Command{Verb: AskApproval, Assignment: "a2", Text: "Less"}},
		{56, cora, Command{Verb: GrantRequest, Assignment: "a2"}},
		{60, carl, Command{Verb: Submit, Assignment: "a2"}},
		{70, cora, Command{Verb: SendBack, Assignment: "a2", Reason: "It drips."}},
		{239, carl, Command{Verb: Submit, Assignment: "a2"}},
		{300, cora, Command{Verb: Approve, Assignment: "a2"}},
		{310, cora, Command{Verb: Rate, Assignment: "a2", Stars: 2}},
		{320, cora, Command{Verb: Rate, Assignment: "a2", Stars: 4}},
		{330, cora, Command{Verb: Close}},
	} {
		s.cmd.At = at(s.minute)
		d, err := Decide(issue, s.actor, s.cmd)
		if err != nil {
			t.Fatalf("%s: %v", s.cmd.Verb, err)
		}
		for _, e := range d.Events {
			events = append(events, Happened{Event: e, At: at(s.minute)})
		}
		issue = d.Issue
		counted.add(Counts(was, issue))
		was = issue
	}
	want := figures{}
	for _, firm := range []string{"", "firm-a", "firm-b"} {
		want[figureKey{firm, Closed.Figure(), time.Time{}}] = 1
		want[figureKey{firm, WithNobody.Figure(), time.Time{}}] = 1
		want[figureKey{firm, FigureCreated, at(0)}] = 1
		want[figureKey{firm, FigureClosed, at(330)}] = 1
		if firm != "firm-a" {
			want[figureKey{firm, Declined.Figure(), time.Time{}}] = 1
			want[figureKey{firm, FigureOffered, at(10)}] = 1
			want[figureKey{firm, reasonFigure(ReasonNoAnswer), at(20)}] = 1
		}
		if firm != "firm-b" {
			want[figureKey{firm, Complete.Figure(), time.Time{}}] = 1
			want[figureKey{firm, FigureOffered, at(30)}] = 1
			want[figureKey{firm, LapseAccept.Figure(Bucket(10 * time.Minute)), at(40)}] = 1
			want[figureKey{firm, LapseStart.Figure(Bucket(10 * time.Minute)), at(50)}] = 1
			want[figureKey{firm, FigureAsked, at(52)}] = 1
			want[figureKey{firm, FigureAsked, at(54)}] = 1
			want[figureKey{firm, FigureGranted, at(54)}] = 1
			want[figureKey{firm, FigureSubmitted, at(60)}] = 1
			want[figureKey{firm, FigureSentBack, at(70)}] = 1
			want[figureKey{firm, FigureSubmitted, at(239)}] = 1
			want[figureKey{firm, LapseComplete.Figure(Bucket(260 * time.Minute)), at(300)}] = 1
			want[figureKey{firm, FigureOnTime, at(300)}] = 1
			want[figureKey{firm, ratingFigure(4), at(320)}] = 1
		}
	}
	if diff := cmp.Diff(want, counted, cmp.AllowUnexported(figureKey{})); diff != "" {
		t.Errorf("counted step by step (-want +got):\n%s", diff)
	}
	recounted := figures{}
	recounted.add(Recount(issue, events))
	if diff := cmp.Diff(want, recounted, cmp.AllowUnexported(figureKey{})); diff != "" {
		t.Errorf("recounted from the history (-want +got):\n%s", diff)
	}
}

// checkStanding looks at the state itself.
func checkStanding(t *rapid.T, counted figures, is Issue) {
	want := map[Figure]int{is.Status.Figure(): 1, is.LiesWith.Figure(): 1}
	if is.Overdue && workIsOpen(is.Status) {
		want[FigureOverdue] = 1
	}
	for _, a := range is.Assignments {
		want[a.Status.Figure()]++
	}
	got := map[Figure]int{}
	for k, n := range counted {
		if k.firm == "" && k.at.IsZero() {
			got[k.name] = n
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("how things stand (-want +counted):\n%s", diff)
	}
}

func TestCountsOfAnUnchangedIssue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		states, _ := history(t)
		for _, is := range states {
			if all := Counts(is, is); len(all) > 0 {
				t.Fatalf("nothing changed, and %v was counted", all)
			}
		}
	})
}

// TestBuckets demands that what stands for a measured time is as near as is said.
func TestBuckets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(int64(time.Second), int64(8*365*24*time.Hour)).Draw(t, "time"))
		middle := BucketMiddle(Bucket(d))
		if off := math.Abs(math.Log2(float64(middle) / float64(d))); off > 1.0/8+1e-6 {
			t.Fatalf("%v stands for %v", middle, d)
		}
		if Bucket(d) > Bucket(d+d/10) {
			t.Fatalf("a longer time than %v is in an earlier interval", d)
		}
	})
	ends := map[time.Duration]int{0: 0, -time.Hour: 0, time.Second - 1: 0, time.Second: 1, 100 * 365 * 24 * time.Hour: lastBucket}
	got := maps.Collect(func(yield func(time.Duration, int) bool) {
		for d := range ends {
			if !yield(d, Bucket(d)) {
				return
			}
		}
	})
	if diff := cmp.Diff(ends, got); diff != "" {
		t.Error(diff)
	}
}
