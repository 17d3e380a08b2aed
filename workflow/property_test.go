package workflow

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// randomCommand draws a command that is often sensible and sometimes not.
func randomCommand(t *rapid.T, issue Issue, at time.Time, n int) Command {
	ids := []string{"", "", "nothing"}
	for _, a := range issue.Assignments {
		ids = append(ids, a.ID)
	}
	firms := []string{"firm-a", "firm-b", "firm-z", ""}
	cmd := Command{
		Verb:       rapid.SampledFrom(Verbs()).Draw(t, "verb"),
		At:         at,
		Assignment: rapid.SampledFrom(ids).Draw(t, "assignment"),
		Contractor: rapid.SampledFrom(firms).Draw(t, "firm"),
		Reason:     rapid.SampledFrom([]string{"skills", ""}).Draw(t, "reason"),
		To:         Person{ID: dana.ID, Name: dana.Name},
		Step:       "Travel",
		Stars:      rapid.IntRange(0, 6).Draw(t, "stars"),
		Share:      rapid.Bool().Draw(t, "share"),
		When:       at.Add(time.Duration(rapid.IntRange(-1, 60).Draw(t, "when")) * time.Hour),
		People:     []string{erin.ID},
		Firms:      rapid.SampledFrom([][]string{nil, {"firm-b"}, {"firm-b", "firm-z"}, {"firm-z", "firm-a", "firm-b"}}).Draw(t, "firms"),
		CoolOff:    time.Duration(rapid.IntRange(0, 4).Draw(t, "cool-off")) * time.Hour,
		Revision:   rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "revision"),
	}
	cmd.Amount = rapid.SampledFrom([]Money{"", "80.00 EUR"}).Draw(t, "amount")
	cmd.Text = rapid.SampledFrom([]string{"", "Another pump."}).Draw(t, "text")
	cmd.Ahead = rapid.SampledFrom([]Ahead{{}, {Issue: "i0", Number: 6}, {Issue: "i9", Number: 9, Line: []string{"i1"}}}).Draw(t, "ahead")
	randomWork(t, &cmd)
	randomLimits(t, &cmd)
	if rapid.IntRange(0, 9).Draw(t, "new") > 0 {
		cmd.NewID = fmt.Sprintf("n%d", n)
	}
	if minutes := rapid.IntRange(0, 300).Draw(t, "accept by"); minutes > 0 {
		cmd.Terms.AcceptBy = at.Add(time.Duration(minutes) * time.Minute)
	}
	if rapid.Bool().Draw(t, "unavailable") {
		cmd.Unavailable = []string{"firm-b"}
	}
	cmd.Terms.Price = rapid.SampledFrom([]Money{"", "", "250.00 EUR", "300.00 EUR"}).Draw(t, "price")
	if hours := rapid.IntRange(-1, 48).Draw(t, "due"); hours != 0 {
		cmd.Terms.Due = at.Add(time.Duration(hours) * time.Hour)
	}
	if cmd.Terms.AcceptBy.IsZero() {
		cmd.Terms.Within = time.Duration(rapid.SampledFrom([]int{0, 0, 60, 240}).Draw(t, "within")) * time.Minute
	}
	return cmd
}

type move struct {
	verb       Verb
	assignment string
}

// openMoves lists what the actor could do to change the issue, as far as role and
// status go.
func openMoves(issue Issue, actor Actor) []move {
	var all []move
	ids := []string{""}
	for _, a := range issue.Assignments {
		if Live(a.Status) || a.Status == Complete {
			ids = append(ids, a.ID)
		}
	}
	for _, info := range verbs {
		if info.subject == onDesk || info.verb == View || info.verb == InternalNote || info.verb == Delete || !mayUse(actor.Role, info.verb) {
			continue
		}
		if info.verb == Close && len(issue.Assignments) < 3 {
			continue
		}
		for _, id := range ids {
			if id != "" && info.subject == onIssue {
				break
			}
			if Precheck(issue, actor, Command{Verb: info.verb, Assignment: id}) == nil {
				all = append(all, move{info.verb, id})
			}
		}
	}
	return all
}

func TestProperties(t *testing.T) {
	t.Parallel()
	actors := []Actor{cora, cora, cora, otto, mara, carl, carl, dana, bert, bert, zoe, erin, clock, clock, sam}
	rapid.Check(t, func(t *rapid.T) {
		now := t0
		why := rapid.SampledFrom([]string{"", "", "", "gas: yes"}).Draw(t, "needs approval")
		first, err := Decide(Issue{ID: "i1"}, cora, Command{Verb: Create, At: now, Reason: why})
		if err != nil {
			t.Fatal(err)
		}
		issue := first.Issue
		for n := range rapid.IntRange(1, 60).Draw(t, "length") {
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "minutes")) * time.Minute)
			actor := rapid.SampledFrom(actors).Draw(t, "actor")
			cmd := randomCommand(t, issue, now, n)
			if open := openMoves(issue, actor); len(open) > 0 && rapid.IntRange(0, 3).Draw(t, "likely") > 0 {
				// Most moves fit the state, or few stories would get far.
				m := rapid.SampledFrom(open).Draw(t, "move")
				cmd.Verb, cmd.Assignment, cmd.Revision = m.verb, m.assignment, 0
				randomWork(t, &cmd)
			}
			before := clone(issue)
			d, err := Decide(issue, actor, cmd)
			if diff := cmp.Diff(before, issue); diff != "" {
				t.Fatalf("the input was changed: %s", diff)
			}
			if err != nil {
				checkRefusal(t, d, err)
				continue
			}
			checkRevisions(t, before, d, cmd.Verb)
			checkScope(t, before, d, actor)
			checkOffers(t, before, d, cmd)
			checkRequests(t, before, d, cmd)
			checkLine(t, before, d, cmd.Verb)
			issue = d.Issue
			checkIssue(t, issue)
			checkClocks(t, issue)
			checkViews(t, issue)
		}
	})
}

func checkRefusal(t *rapid.T, d Decision, err error) {
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Message == "" || refusal.Code == "" {
		t.Fatalf("got the error %#v", err)
	}
	if diff := cmp.Diff(Decision{}, d); diff != "" {
		t.Fatalf("a refusal came with a decision: %s", diff)
	}
}

// checkRevisions demands that what changed has a new revision, and that nothing
// else has.
func checkRevisions(t *rapid.T, before Issue, d Decision, verb Verb) {
	changed := !cmp.Equal(before, d.Issue)
	if grown := d.Issue.Revision - before.Revision; changed && grown != 1 || !changed && grown != 0 {
		t.Fatalf("%s: the issue's revision grew by %d", verb, grown)
	}
	if !changed && len(d.Notices) > 0 {
		t.Fatalf("%s: notices about nothing", verb)
	}
	for _, a := range d.Issue.Assignments {
		was, ok := Find(before, a.ID)
		if !ok {
			continue
		}
		grown := a.Revision - was.Revision
		switch {
		case verb == Comment || verb == WarnOffer || verb == Rate || verb == AnswerVisit || verb == Check || verb == CountDown || verb == WarnLimit || verb == BreachLimit:
			if grown != 0 {
				t.Fatalf("%s made old buttons stale", verb)
			}
		case cmp.Equal(was, a) != (grown == 0) || grown > 1 || grown < 0:
			t.Fatalf("%s: the revision of %s grew by %d", verb, a.ID, grown)
		}
	}
}

// checkScope demands that a contractor moved only what is its firm's, but for the
// offers that lost.
func checkScope(t *rapid.T, before Issue, d Decision, actor Actor) {
	if actor.Role != Contractor {
		return
	}
	for _, a := range d.Issue.Assignments {
		was, _ := Find(before, a.ID)
		next := was.ID == "" && before.Chain.Running && a.Status == Assigned && a.LastBy == ""
		if a.Contractor != actor.Contractor && !cmp.Equal(was, a) && (was.Status != Assigned || a.Status != Canceled) && !next {
			t.Fatalf("%s moved %s of %s", actor.Name, a.ID, a.Contractor)
		}
	}
}

func checkIssue(t *rapid.T, issue Issue) {
	taken, out := 0, 0
	firms := map[string]bool{}
	for _, a := range issue.Assignments {
		if Taken(a.Status) {
			taken++
			if a.InCharge.ID == "" {
				t.Fatalf("nobody is in charge of %s", a.ID)
			}
		}
		if Out(a.Status) {
			out++
		}
		if Live(a.Status) {
			if firms[a.Contractor] {
				t.Fatalf("%s has the job twice", a.Contractor)
			}
			firms[a.Contractor] = true
			if issue.Status == Closed {
				t.Fatalf("%s is %s on a closed issue", a.ID, a.Status)
			}
		}
		if Live(a.Status) != a.EndedAt.IsZero() {
			t.Fatalf("%s is %s and ended at %s", a.ID, a.Status, a.EndedAt)
		}
		if a.Status != Assigned && !a.WarnAt.IsZero() {
			t.Fatalf("%s is %s and would be warned", a.ID, a.Status)
		}
	}
	checkWork(t, issue)
	if taken > 1 || taken == 1 && out > 1 {
		t.Fatalf("%d firms are at work, %d have the job", taken, out)
	}
	if (issue.Status == Allocated) != (out > 0) {
		t.Fatalf("the issue is %s with %d firms", issue.Status, out)
	}
	if issue.LiesWith != LiesWith(issue) {
		t.Fatalf("lies with %s, want %s", issue.LiesWith, LiesWith(issue))
	}
	if (issue.Status == Closed) != (issue.LiesWith == WithNobody) || (issue.Status == Closed) == issue.ClosedAt.IsZero() {
		t.Fatalf("%s lies with %s, closed at %s", issue.Status, issue.LiesWith, issue.ClosedAt)
	}
	for _, d := range Deadlines(issue) {
		if d.At.IsZero() || issue.Status == Closed {
			t.Fatalf("deadline %+v of a %s issue", d, issue.Status)
		}
		if a, ok := Find(issue, d.Subject); ok && (!Out(a.Status) || a.Revision != d.Revision) {
			t.Fatalf("deadline %+v of a %s assignment", d, a.Status)
		}
		// The clock's own command is not refused when its time has come.
		cmd := Command{Verb: d.Kind, At: d.At, Revision: d.Revision, NewID: "next"}
		if d.Subject != issue.ID {
			cmd.Assignment = d.Subject
		}
		if _, err := Decide(issue, clock, cmd); err != nil {
			t.Fatalf("deadline %+v: %v", d, err)
		}
	}
}

func checkViews(t *rapid.T, issue Issue) {
	for _, actor := range []Actor{carl, bert, zoe} {
		view := Visible(issue, actor)
		for _, a := range view.Assignments {
			if a.Contractor != actor.Contractor || a.Status == Unsent {
				t.Fatalf("%s sees %+v", actor.Name, a)
			}
		}
		if CanSee(actor, issue) != (len(view.Assignments) > 0) {
			t.Fatalf("%s sees an issue without a hand-off", actor.Name)
		}
		if view.Chain.Running || view.Line.After.Issue != "" || view.Chain.Firms != nil || view.Request != (Request{}) || view.LastBy != "" || view.Revision != 0 || view.External != nil || !view.RemindAt.IsZero() {
			t.Fatalf("%s sees what is the desk's: %+v", actor.Name, view)
		}
	}
}
