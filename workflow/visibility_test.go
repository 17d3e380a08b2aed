package workflow

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestNoLeak compares what a firm hears about a foreign job with what it hears
// about one that does not exist, for every verb.
func TestNoLeak(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").do(cora, Command{Verb: Draft, NewID: "z1", Contractor: "firm-z"})
	for _, verb := range Verbs() {
		for _, id := range []string{"", "a1", "z1", "nothing"} {
			cmd := Command{Verb: verb, At: j.now, Assignment: id, Revision: 9}
			for _, actor := range []Actor{zoe, erin, {Role: Contractor, ID: "x"}, sam} {
				if verb == SetUp || isDesk(verb) {
					continue
				}
				_, foreign := Decide(j.issue, actor, cmd)
				_, missing := Decide(Issue{}, actor, cmd)
				if diff := cmp.Diff(missing, foreign); diff != "" || foreign == nil {
					t.Errorf("%s %s %q: %s", actor.Name, verb, id, diff)
				}
			}
		}
	}
	// A foreign assignment of a job that the firm does know.
	j.offer("b1", "firm-b")
	_, foreign := j.try(carl, Command{Verb: Accept, Assignment: "b1"})
	_, missing := j.try(carl, Command{Verb: Accept, Assignment: "nothing"})
	if diff := cmp.Diff(missing, foreign); diff != "" || foreign == nil {
		t.Error(diff)
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").offer("b1", "firm-b").
		do(cora, Command{Verb: Draft, NewID: "z1", Contractor: "firm-z"}).
		do(bert, Command{Verb: Accept})
	for _, actor := range []Actor{cora, mara, clock} {
		if diff := cmp.Diff(j.issue, Visible(j.issue, actor)); diff != "" {
			t.Errorf("%s: %s", actor.Role, diff)
		}
	}
	for _, actor := range []Actor{zoe, erin, sam, {Role: Contractor}} {
		if diff := cmp.Diff(Issue{}, Visible(j.issue, actor)); diff != "" {
			t.Errorf("%s: %s", actor.Role, diff)
		}
	}
	loser := j.assignment("a1")
	want := Issue{
		ID: "i1", Number: 7, Status: Closed, LiesWith: WithNobody, CreatedAt: t0,
		ClosedAt: loser.EndedAt, Assignments: []Assignment{loser},
	}
	if diff := cmp.Diff(want, Visible(j.issue, carl)); diff != "" {
		t.Error(diff)
	}
	winner := Visible(j.issue, bert)
	if winner.Status != Allocated || winner.LiesWith != WithContractor || len(winner.Assignments) != 1 {
		t.Errorf("got %+v", winner)
	}
	j = newJob(t).do(cora, Command{Verb: AllocateExternal, People: []string{erin.ID, "x@example.com"}})
	if got := Visible(j.issue, erin); !slices.Equal(got.External, []string{erin.ID}) || !got.RemindAt.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func TestCanRead(t *testing.T) {
	t.Parallel()
	for role, want := range map[Role][2]bool{
		Operator: {true, true}, Manager: {true, true}, System: {true, true},
		Contractor: {true, false}, External: {true, false}, Stranger: {false, false}, "intruder": {false, false},
	} {
		got := [2]bool{canRead(Actor{Role: role}, Shared), canRead(Actor{Role: role}, Internal)}
		if got != want {
			t.Errorf("%s: got %v", role, got)
		}
		if canRead(Actor{Role: role}, "") {
			t.Errorf("%s reads comments of no visibility", role)
		}
	}
	for _, secret := range []Field{FieldCustomer, FieldURL, FieldExternalRef, FieldRemindAt, "unknown"} {
		for _, role := range []Role{Contractor, External, Stranger} {
			if CanReadField(role, secret) {
				t.Errorf("%s reads %s", role, secret)
			}
		}
	}
}

func TestSetUpNeedsAdministrator(t *testing.T) {
	t.Parallel()
	for role, want := range map[Role]bool{
		Operator: true, Manager: true, Stranger: true, Contractor: false, External: false,
	} {
		if err := Allowed(Actor{Role: role, Admin: true}, SetUp); (err == nil) != want {
			t.Errorf("administrator as %q: %v", role, err)
		}
		if err := Allowed(Actor{Role: role}, SetUp); err == nil {
			t.Errorf("%q sets up the desk", role)
		}
	}
	if err := Allowed(Actor{Role: "intruder"}, View); err == nil {
		t.Error("an unknown role may look")
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for _, s := range Statuses() {
		if s.Label() == "" || s.Label() == string(s) {
			t.Errorf("%s has no label", s)
		}
	}
	for _, s := range IssueStatuses() {
		if s.Label() == string(s) {
			t.Errorf("%s has no label", s)
		}
	}
	if got := WaitingApproval.Label(); got != "Waiting approval" {
		t.Error(got)
	}
	for _, r := range DeclineReasons() {
		if DeclineReasonLabel(r.ID) != r.Label {
			t.Errorf("%s has no label", r.ID)
		}
	}
	if DeclineReasonLabel("own_kind") != "Own kind" || DeclineReasonLabel(ReasonNoAnswer) != "No answer in time" {
		t.Error("reasons outside of the list lack labels")
	}
	if got := nextReminder(Issue{Status: Resolved}, t0); !got.Equal(t0.Add(7 * 24 * time.Hour)) {
		t.Error(got)
	}
}

// TestCanReadRemark is who reads which comment of a job that a firm and two people outside
// have.
func TestCanReadRemark(t *testing.T) {
	t.Parallel()
	j := newJob(t).do(cora, Command{Verb: AllocateExternal, People: []string{erin.ID, "x@example.com"}}).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
	xaver := Actor{Role: External, ID: "x@example.com"}
	stranger := Actor{Role: External, ID: "y@example.com"}
	rival := Actor{Role: Contractor, ID: "r", Contractor: "firm-r"}
	for _, tt := range []struct {
		name   string
		remark Remark
		// readers are those of all who may read it.
		readers []Actor
	}{
		{"a note", Remark{Visibility: Internal, Desk: true}, []Actor{cora, clock}},
		{"the firm's words", Remark{Visibility: Shared, Assignment: "a1", Author: carl.ID}, []Actor{cora, clock, carl}},
		{"the desk to the firm", Remark{Visibility: Shared, Assignment: "a1", Author: cora.ID, Desk: true}, []Actor{cora, clock, carl}},
		{"the desk to those outside", Remark{Visibility: Shared, Author: cora.ID, Desk: true}, []Actor{cora, clock, erin, xaver}},
		{"somebody outside", Remark{Visibility: Shared, Author: erin.ID}, []Actor{cora, clock, erin}},
		{"of no visibility", Remark{Author: cora.ID, Desk: true}, nil},
		{"of a hand-off that is not there", Remark{Visibility: Shared, Assignment: "a9", Author: carl.ID}, []Actor{cora, clock}},
	} {
		for _, who := range []Actor{cora, clock, carl, rival, erin, xaver, stranger, {Role: Stranger}, {}} {
			if got, want := CanReadRemark(who, j.issue, tt.remark), slices.ContainsFunc(tt.readers, func(a Actor) bool { return a.ID == who.ID && a.Role == who.Role }); got != want {
				t.Errorf("%s, %s %s: %v", tt.name, who.Role, who.ID, got)
			}
		}
	}
}

// TestKnown: whatever is changed about a job and whenever its firms lose it, each goes on
// knowing what it could read then, and a firm that has it knows all of it.
func TestKnown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		is := map[Field]string{}
		handOffs := []Assignment{{ID: "a1", Status: Assigned}, {ID: "a2", Status: Accepted}, {ID: "a3", Status: Assigned}, {ID: "a4", Status: Unsent}}
		lost := map[string]map[Field]string{}
		for range rapid.IntRange(1, 12).Draw(t, "moves") {
			if n := rapid.IntRange(-9, 3).Draw(t, "ends"); n >= 0 && Live(handOffs[n].Status) {
				a := &handOffs[n]
				if a.Status == Unsent {
					a.Status = Canceled
				} else {
					a.Status, a.OfferedAt = rapid.SampledFrom([]Status{Declined, Canceled, Complete}).Draw(t, "as"), t0
				}
				if a.Status != Complete && !a.OfferedAt.IsZero() {
					lost[a.ID] = maps.Clone(is)
				}
				continue
			}
			next, before := maps.Clone(is), append([]Assignment(nil), handOffs...)
			for _, f := range rapid.SliceOfN(rapid.SampledFrom(Fields()), 1, 3).Draw(t, "fields") {
				next[f] = rapid.SampledFrom([]string{"", "one", "two"}).Draw(t, "value")
			}
			was := handOffs
			handOffs = KeepKnown(handOffs, Changed(Fields(), is, next))
			if diff := cmp.Diff(before, was); diff != "" {
				t.Fatalf("the input was changed: %s", diff)
			}
			is = next
		}
		for _, a := range handOffs {
			then, gone := lost[a.ID]
			knew, _ := Known(a)
			if !gone && len(a.Knew) > 0 {
				t.Fatalf("%s is %s and keeps %v", a.ID, a.Status, a.Knew)
			}
			for _, f := range Fields() {
				was, changed := knew[f]
				if changed && (!CanReadField(Contractor, f) || f == FieldDescription) {
					t.Fatalf("%s keeps %s", a.ID, f)
				}
				if !changed {
					was = is[f]
				}
				if gone && CanReadField(Contractor, f) && f != FieldDescription && was != then[f] {
					t.Fatalf("%s reads %q as its %s, which was %q", a.ID, was, f, then[f])
				}
			}
		}
	})
	had := Assignment{Status: Declined, Knew: map[Field]string{FieldTitle: "one"}}
	again := Assignment{Status: Canceled, OfferedAt: t0, Knew: map[Field]string{FieldTitle: "two"}}
	if knew, _ := Known(had, again); knew[FieldTitle] != "two" {
		t.Errorf("after two offers the firm knows %v", knew)
	}
	for _, status := range []Status{Assigned, InProgress, Complete} {
		if knew, lost := Known(had, Assignment{Status: status}); lost || knew != nil {
			t.Errorf("a firm whose second offer is %s knows %v", status, knew)
		}
	}
}
