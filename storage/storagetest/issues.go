package storagetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

func testIssues(t *testing.T, open opener) {
	t.Run("what is not there is not found", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Issue(ctx, "I9")
			wantError(t, err, storage.ErrNotFound)
			_, err = tx.IssueByNumber(ctx, 9)
			wantError(t, err, storage.ErrNotFound)
			_, err = tx.Assignment(ctx, "A9")
			wantError(t, err, storage.ErrNotFound)
			_, err = tx.Contractor(ctx, "F9")
			wantError(t, err, storage.ErrNotFound)
			_, err = tx.Person(ctx, space, "U9")
			wantError(t, err, storage.ErrNotFound)
			return nil
		})
	})
	t.Run("identities are unique", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		insert(t, s, issue("I1", assignment("A1", "F1", workflow.Assigned)))
		for what, fn := range map[string]func(tx storage.Tx) error{
			"issue": func(tx storage.Tx) error { _, err := tx.InsertIssue(t.Context(), issue("I1")); return err },
			"assignment": func(tx storage.Tx) error {
				_, err := tx.InsertIssue(t.Context(), issue("I2", assignment("A1", "F1", workflow.Assigned)))
				return err
			},
		} {
			err := s.Update(t.Context(), desk, fn)
			t.Log(what)
			wantError(t, err, storage.ErrExists)
		}
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			return tx.InsertContractor(ctx, storage.Contractor{ID: "F1"})
		})
		err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
			return tx.InsertContractor(t.Context(), storage.Contractor{ID: "F1"})
		})
		wantError(t, err, storage.ErrExists)
	})
	t.Run("assignments keep their order", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		insert(t, s, issue("I1", assignment("Z", "F1", workflow.Declined), assignment("B", "F2", workflow.Assigned)))
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			was, err := tx.Issue(ctx, "I1")
			must(t, err)
			is := was
			is.Assignments = append(slices.Clone(was.Assignments), assignment("A", "F3", workflow.Unsent))
			return tx.SaveIssue(ctx, was, is)
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.Issue(ctx, "I1")
			var ids []string
			for _, a := range got.Assignments {
				ids = append(ids, a.ID)
			}
			same(t, "ids", ids, []string{"Z", "B", "A"})
			return err
		})
	})
	t.Run("who follows whom is kept with each of them", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		draft := assignment("A2", "F1", workflow.Unsent)
		draft.Terms.Within, draft.Terms.DueIn = 3*time.Hour, 48*time.Hour
		insert(t, s, issue("I1"), issue("I2", draft))
		line := func(n int) workflow.Line {
			if n == 1 {
				return workflow.Line{Next: []workflow.Follower{{Issue: "I2", Number: 2}}}
			}
			return workflow.Line{After: workflow.Predecessor{Issue: "I1", Number: 1, State: workflow.Waits}}
		}
		for n := range 2 {
			update(t, s, func(ctx context.Context, tx storage.Tx) error {
				was, err := tx.IssueByNumber(ctx, n+1)
				must(t, err)
				is := was
				is.Line = line(n + 1)
				return tx.SaveIssue(ctx, was, is)
			})
		}
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			for n := range 2 {
				got, err := tx.IssueByNumber(ctx, n+1)
				must(t, err)
				same(t, "the line", got.Line, line(n+1))
			}
			later, err := tx.ListIssues(ctx, storage.IssueFilter{Stages: []workflow.Stage{workflow.StageLater}})
			must(t, err)
			if len(later) != 1 || later[0].Number != 2 || later[0].Assignments[0].Terms != draft.Terms {
				t.Errorf("what waits is %+v", later)
			}
			return nil
		})
	})
	t.Run("a stale issue is a conflict and changes nothing", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		insert(t, s, issue("I1", assignment("A1", "F1", workflow.Assigned)))
		var stale storage.Issue
		view(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			stale, err = tx.Issue(ctx, "I1")
			return err
		})
		save := func(from storage.Issue, title, step string) error {
			is := from
			is.Title = title
			is.Assignments = slices.Clone(from.Assignments)
			is.Assignments[0].Step = step
			return s.Update(t.Context(), desk, func(tx storage.Tx) error { return tx.SaveIssue(t.Context(), from, is) })
		}
		must(t, save(stale, "first", "travel"))
		wantError(t, save(stale, "second", "work"), storage.ErrConflict)
		halfStale := stale
		halfStale.Version = 2
		wantError(t, save(halfStale, "third", "work"), storage.ErrConflict)
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.Issue(ctx, "I1")
			same(t, "title and step", []string{got.Title, got.Assignments[0].Step}, []string{"first", "travel"})
			same(t, "version", got.Version, 2)
			return err
		})
	})
	t.Run("an issue that is gone or another is not saved", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
			return tx.SaveIssue(t.Context(), issue("I1"), issue("I1"))
		})
		wantError(t, err, storage.ErrNotFound)
		err = s.Update(t.Context(), desk, func(tx storage.Tx) error {
			return tx.SaveContractor(t.Context(), storage.Contractor{ID: "F9"})
		})
		wantError(t, err, storage.ErrNotFound)
	})
}

// seedLists makes issues that differ in what lists filter by, and returns their
// ids by number.
func seedLists(t *testing.T, s storage.Store) {
	t.Helper()
	made := func(n int, change func(*storage.Issue)) storage.Issue {
		i := issue(name("I", n))
		i.CreatedAt = noon().Add(time.Duration(n) * time.Hour)
		change(&i)
		return i
	}
	inCharge := func(a workflow.Assignment, who string) workflow.Assignment {
		a.InCharge.ID = who
		return a
	}
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		if err := tx.InsertContractor(ctx, storage.Contractor{ID: "F1", City: "Hull"}); err != nil {
			return err
		}
		return tx.InsertContractor(ctx, storage.Contractor{ID: "F2", City: "Leeds"})
	})
	insert(
		t, s,
		made(1, func(*storage.Issue) {}),
		made(2, func(i *storage.Issue) {
			i.Status, i.LiesWith = workflow.Allocated, workflow.WithContractor
			i.Assignments = []workflow.Assignment{assignment("A2", "F1", workflow.Assigned)}
			i.Topic = " Boiler"
		}),
		made(3, func(i *storage.Issue) {
			i.Status, i.LiesWith = workflow.Allocated, workflow.WithOperator
			i.Assignments = []workflow.Assignment{
				assignment("A3a", "F1", workflow.Declined),
				inCharge(assignment("A3b", "F2", workflow.WaitingApproval), "U7"),
			}
			i.DueAt = noon().Add(-time.Hour)
		}),
		made(4, func(i *storage.Issue) {
			i.Status, i.LiesWith = workflow.Reported, workflow.WithOperator
			i.Assignments = []workflow.Assignment{assignment("A4", "F1", workflow.Declined)}
			i.CreatedBy.ID = "U7"
		}),
		made(5, func(i *storage.Issue) {
			i.Status, i.LiesWith = workflow.Closed, workflow.WithNobody
			i.Assignments = []workflow.Assignment{assignment("A5", "F2", workflow.Complete)}
			i.DueAt, i.ClosedAt = noon().Add(-time.Hour), noon().Add(20*time.Hour)
		}),
		made(6, func(i *storage.Issue) {
			i.Status, i.LiesWith = workflow.AllocatedExternal, workflow.WithBoth
			i.DueAt = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
			i.Topic = "boiler"
			i.External = []string{"slack:T1/U_1", `email:main/"a%\b"@insurer.example`}
		}),
	)
}

func testLists(t *testing.T, open opener) {
	s := setup(t, open)
	seedLists(t, s)
	tests := []struct {
		name   string
		filter storage.IssueFilter
		want   []int
	}{
		{"all, newest first", storage.IssueFilter{}, []int{6, 5, 4, 3, 2, 1}},
		{"limit", storage.IssueFilter{Limit: 2}, []int{6, 5}},
		{"before", storage.IssueFilter{Before: 3, Limit: 5}, []int{2, 1}},
		{"assignment status", storage.IssueFilter{Assignment: []workflow.Status{workflow.Declined, workflow.Assigned}}, []int{4, 3, 2}},
		{"contractor", storage.IssueFilter{Contractor: "F1"}, []int{4, 3, 2}},
		{
			"assignment status of the contractor",
			storage.IssueFilter{Contractor: "F1", Assignment: []workflow.Status{workflow.WaitingApproval}},
			nil,
		},
		{"person", storage.IssueFilter{People: []string{"U7"}}, []int{4, 3}},
		{"somebody outside", storage.IssueFilter{People: []string{"slack:T1/U_1", "U7"}}, []int{6, 4, 3}},
		{"somebody outside, with marks", storage.IssueFilter{People: []string{`email:main/"a%\b"@insurer.example`}}, []int{6}},
		{"nobody outside", storage.IssueFilter{People: []string{"slack:T1/UX1", "slack:T1/U_", "T1/U_1", "%"}}, nil},
		{"a stage of somebody outside", storage.IssueFilter{Stages: []workflow.Stage{workflow.StageDeclined}, People: []string{"slack:T1/U_1"}}, nil},
		{"overdue", storage.IssueFilter{Overdue: true}, []int{3}},
		{
			"all at once",
			storage.IssueFilter{
				Stages: []workflow.Stage{workflow.StageApproval}, Contractor: "F2", People: []string{"U7"}, Overdue: true,
				Before: 100, Limit: 1,
				Assignment: []workflow.Status{workflow.WaitingApproval},
			},
			[]int{3},
		},
		{"nothing", storage.IssueFilter{Contractor: "F9"}, nil},
		{"after, the nearest", storage.IssueFilter{After: 2, Limit: 2}, []int{4, 3}},
		{"stage", storage.IssueFilter{Stages: []workflow.Stage{workflow.StageNew, workflow.StageApproval}}, []int{3, 1}},
		{"open stages", storage.IssueFilter{Stages: workflow.OpenStages(), Before: 5, Limit: 9}, []int{4, 3, 2, 1}},
		{"stage of a person", storage.IssueFilter{Stages: workflow.OpenStages(), People: []string{"U7", "U8"}}, []int{4, 3}},
		{"stage of a person in charge", storage.IssueFilter{Stages: []workflow.Stage{workflow.StageDeclined}, People: []string{"U7"}}, []int{4}},
		{"topic", storage.IssueFilter{Topic: "BOILER"}, []int{6, 2}},
		{"topic and stage", storage.IssueFilter{Topic: "boiler", Stages: []workflow.Stage{workflow.StageOffered}}, []int{2}},
		{"topic of a firm's assignments", storage.IssueFilter{Topic: "boiler", Contractor: "F1", Assignment: []workflow.Status{workflow.Assigned, workflow.Declined}}, []int{2}},
		{"city", storage.IssueFilter{City: "leeds"}, []int{5, 3}},
		{"city and status", storage.IssueFilter{City: "LEEDS ", Assignment: []workflow.Status{workflow.Complete}}, []int{5}},
		{"in charge", storage.IssueFilter{InCharge: []string{"U7"}}, []int{3}},
		{"in charge at a firm", storage.IssueFilter{InCharge: []string{"U7"}, Contractor: "F1"}, nil},
		{"overdue at a firm", storage.IssueFilter{Overdue: true, Contractor: "F2"}, []int{3}},
		{"overdue of a topic", storage.IssueFilter{Overdue: true, Topic: "boiler"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			view(t, s, func(ctx context.Context, tx storage.Tx) error {
				list, err := tx.ListIssues(ctx, tt.filter)
				var got []int
				for _, i := range list {
					got = append(got, i.Number)
				}
				same(t, "numbers", got, tt.want)
				if err != nil {
					return err
				}
				if tt.filter.Limit > 0 {
					return nil
				}
				n, err := tx.CountIssues(ctx, tt.filter, 100)
				same(t, "count", n, len(tt.want))
				return err
			})
		})
	}
	t.Run("counting stops", func(t *testing.T) {
		t.Parallel()
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			n, err := tx.CountIssues(ctx, storage.IssueFilter{Before: 2}, 4)
			same(t, "count", n, 4)
			return err
		})
	})
}

// testListsFollow shows that lists follow what an issue becomes.
func testListsFollow(t *testing.T, open opener) {
	s := setup(t, open)
	insert(t, s, issue("I1", assignment("A1", "F1", workflow.Assigned)))
	numbers := func(f storage.IssueFilter) (got []int) {
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListIssues(ctx, f)
			for _, i := range list {
				got = append(got, i.Number)
			}
			return err
		})
		return got
	}
	offered := storage.IssueFilter{Stages: []workflow.Stage{workflow.StageOffered}}
	progress := storage.IssueFilter{Stages: []workflow.Stage{workflow.StageProgress}}
	ofTopic := storage.IssueFilter{Topic: "Locks", Contractor: "F1"}
	same(t, "offered", numbers(offered), []int{1})
	same(t, "of the topic", numbers(ofTopic), []int(nil))
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		was, err := tx.Issue(ctx, "I1")
		must(t, err)
		is := was
		is.Topic = "locks"
		is.Assignments = slices.Clone(was.Assignments)
		is.Assignments[0].Status = workflow.InProgress
		return tx.SaveIssue(ctx, was, is)
	})
	same(t, "no longer offered", numbers(offered), []int(nil))
	same(t, "in progress", numbers(progress), []int{1})
	same(t, "of the topic now", numbers(ofTopic), []int{1})

	// Who lost the job finds it by the topic that they know, and everybody else by today's.
	become := func(change func(is *storage.Issue)) {
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			was, err := tx.Issue(ctx, "I1")
			must(t, err)
			is := was
			is.Assignments = slices.Clone(was.Assignments)
			change(&is)
			return tx.SaveIssue(ctx, was, is)
		})
	}
	of := func(topic string, known bool, statuses ...workflow.Status) storage.IssueFilter {
		return storage.IssueFilter{Topic: topic, Contractor: "F1", Assignment: statuses, AsKnown: known}
	}
	become(func(is *storage.Issue) { is.Assignments[0].Status = workflow.Declined })
	become(func(is *storage.Issue) { is.Topic = "Doors" })
	for _, f := range []struct {
		name   string
		filter storage.IssueFilter
		want   []int
	}{
		{"lost, by today's topic", of("doors", false, workflow.Declined), []int{1}},
		{"lost, by the topic of then", of("locks", false, workflow.Declined), nil},
		{"as known, by today's topic", of("doors", true, workflow.Declined), nil},
		{"as known, by the topic of then", of("locks", true, workflow.Declined), []int{1}},
		{"as known, of every status", of("locks", true), []int{1}},
		{"as known, by today's topic and the stage", storage.IssueFilter{Topic: "doors", Contractor: "F1", AsKnown: true, Stages: workflow.Stages()}, nil},
		{"as known, by the topic of then and the stage", storage.IssueFilter{Topic: "locks", Contractor: "F1", AsKnown: true, Stages: workflow.Stages()}, []int{1}},
	} {
		same(t, f.name, numbers(f.filter), f.want)
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			n, err := tx.CountIssues(ctx, f.filter, 100)
			same(t, f.name+", counted", n, len(f.want))
			return err
		})
	}
	become(func(is *storage.Issue) {
		is.Assignments = append(is.Assignments, assignment("A2", "F1", workflow.Declined))
	})
	same(t, "lost once more, by the topic that was read then", numbers(of("doors", true, workflow.Declined)), []int{1})
	same(t, "lost once more, by the topic of before", numbers(of("locks", true, workflow.Declined)), []int(nil))
}

// testFindPeople finds people by words of their names.
func testFindPeople(t *testing.T, open opener) {
	s := setup(t, open)
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		for id, name := range map[string]string{"U1": "Cora Reed", "U2": "cora O'Neil-Šmidt", "U3": "Carl Reed"} {
			if err := tx.PutPerson(ctx, storage.Person{Workspace: "W", ID: id, Name: name}); err != nil {
				return err
			}
		}
		return tx.PutPerson(ctx, storage.Person{Workspace: "W", ID: "U3", Name: "Charles Reed"})
	})
	for name, want := range map[string][]string{
		"CORA": {"U1", "U2"}, "reed": {"U1", "U3"}, "reed, cora": {"U1"}, "šmidt": {"U2"}, "carl": {"U3"}, "carl charles": {"U3"}, "carlo": nil, " ": nil, "co": nil,
	} {
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.FindPeople(ctx, name, 5)
			var got []string
			for _, p := range list {
				got = append(got, p.ID)
			}
			same(t, name, got, want)
			return err
		})
	}
}

func testSummary(t *testing.T, open opener) {
	s := setup(t, open)
	seedLists(t, s)
	tests := []struct {
		name   string
		filter storage.SummaryFilter
		want   storage.Summary
	}{
		{"the desk", storage.SummaryFilter{Since: noon(), Until: noon().Add(20 * time.Hour), Now: noon()}, storage.Summary{
			Issues: map[workflow.IssueStatus]int{
				workflow.Reported: 2, workflow.Allocated: 2, workflow.AllocatedExternal: 1, workflow.Closed: 1,
			},
			Assignments: map[workflow.Status]int{
				workflow.Assigned: 1, workflow.Declined: 2, workflow.WaitingApproval: 1, workflow.Complete: 1,
			},
			LiesWith: map[workflow.Side]int{
				workflow.WithOperator: 3, workflow.WithContractor: 1, workflow.WithNobody: 1, workflow.WithBoth: 1,
			},
			Overdue: 1, Oldest: 1, Flows: storage.Flows{Created: 6, Closed: 1},
		}},
		{"a contractor", storage.SummaryFilter{Contractor: "F2", Since: noon().Add(20 * time.Hour), Until: noon().Add(20 * time.Hour), Now: noon().Add(-2 * time.Hour)}, storage.Summary{
			Issues:      map[workflow.IssueStatus]int{workflow.Allocated: 1, workflow.Closed: 1},
			Assignments: map[workflow.Status]int{workflow.WaitingApproval: 1, workflow.Complete: 1},
			LiesWith:    map[workflow.Side]int{workflow.WithOperator: 1, workflow.WithNobody: 1},
			Flows:       storage.Flows{Closed: 1}, Before: storage.Flows{Created: 2}, Oldest: 3,
		}},
		{"nobody", storage.SummaryFilter{Contractor: "F9", Now: noon()}, storage.Summary{
			Issues: map[workflow.IssueStatus]int{},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			view(t, s, func(ctx context.Context, tx storage.Tx) error {
				got, err := tx.Summarise(ctx, tt.filter)
				same(t, "summary", got, tt.want)
				return err
			})
		})
	}
}

func testDue(t *testing.T, open opener) {
	due := func(t *testing.T, s storage.Store, now time.Time, limit int) []string {
		t.Helper()
		list, err := s.Due(t.Context(), now, limit)
		must(t, err)
		var got []string
		for _, d := range list {
			if d.Desk != desk || d.Issue == "" || d.Revision == 0 || d.At.After(now) {
				t.Errorf("got %+v", d)
			}
			got = append(got, string(d.Kind)+" "+d.Subject)
		}
		return got
	}
	at := func(minutes int) time.Time { return noon().Add(time.Duration(minutes) * time.Minute) }
	offered := func(id string, status workflow.Status, warn, by int) workflow.Assignment {
		a := assignment(id, "F1", status)
		a.WarnAt, a.Terms.AcceptBy = at(warn), at(by)
		return a
	}
	s := setup(t, open)
	remind := issue("I2")
	remind.RemindAt, remind.DueAt = at(5), at(6)
	closed := issue("I3")
	closed.Status, closed.RemindAt, closed.DueAt = workflow.Closed, at(1), at(1)
	said := issue("I4")
	said.DueAt, said.Overdue = at(1), true
	resolved := issue("I5")
	resolved.Status, resolved.DueAt = workflow.Resolved, at(1)
	escalated := issue("I7")
	escalated.EscalateAt = at(11)
	later := issue("I9")
	later.DueAt, later.Line.After = at(1), workflow.Predecessor{Issue: "I1", Number: 1, State: workflow.Waits}
	limited := assignment("A4", "F1", workflow.Assigned)
	limited.CountAt, limited.Terms.AcceptBy = at(12), at(100)
	limited.Clocks = []workflow.Clock{
		{Limit: workflow.LimitStart, WarnAt: at(14), BreachAt: at(20)},
		{Limit: workflow.LimitComplete, WarnAt: at(13), BreachAt: at(15)},
		{Limit: workflow.LimitAccept, KeptAt: at(1)},
	}
	none := issue("I6", assignment("A3", "F1", workflow.Assigned))
	insert(t, s, issue("I1", offered("A1", workflow.Assigned, 3, 10), offered("A2", workflow.Accepted, 1, 2)),
		remind, closed, said, resolved, none, escalated, issue("I8", limited), later)
	for _, tt := range []struct {
		minutes, limit int
		want           []string
	}{
		{2, 10, nil},
		{3, 10, []string{"warn_offer A1"}},
		{6, 10, []string{"warn_offer A1", "remind_due I2", "work_due I2"}},
		{10, 10, []string{"warn_offer A1", "remind_due I2", "work_due I2", "expire A1"}},
		{10, 2, []string{"warn_offer A1", "remind_due I2"}},
		{15, 10, []string{
			"warn_offer A1", "remind_due I2", "work_due I2", "expire A1", "escalate I7", "count_down A4", "warn_limit A4", "breach_limit A4",
		}},
	} {
		same(t, at(tt.minutes).String(), due(t, s, at(tt.minutes), tt.limit), tt.want)
	}
	var all []storage.Issue
	view(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
		all, err = tx.ListIssues(ctx, storage.IssueFilter{Limit: 100})
		return err
	})
	for minutes := range 25 {
		var want []string
		for _, i := range all {
			for _, d := range workflow.Deadlines(i.Issue) {
				if !d.At.After(at(minutes)) {
					want = append(want, string(d.Kind)+" "+d.Subject)
				}
			}
		}
		slices.Sort(want)
		same(t, "by the rules at "+at(minutes).String(), slices.Sorted(slices.Values(due(t, s, at(minutes), 100))), want)
	}
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		was, err := tx.Issue(ctx, "I1")
		must(t, err)
		is := was
		is.Assignments = slices.Clone(was.Assignments)
		is.Assignments[0].WarnAt = time.Time{}
		return tx.SaveIssue(ctx, was, is)
	})
	same(t, "after the warning", due(t, s, at(3), 10), []string(nil))
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		was, err := tx.Issue(ctx, "I8")
		must(t, err)
		is := was
		is.Assignments = slices.Clone(was.Assignments)
		is.Assignments[0].CountAt = time.Time{}
		is.Assignments[0].Clocks = []workflow.Clock{{Limit: workflow.LimitStart, BreachAt: at(20)}, {Limit: workflow.LimitComplete, BrokenAt: at(15)}}
		must(t, tx.SaveIssue(ctx, was, is))
		list, err := tx.ListIssues(ctx, storage.IssueFilter{Breached: true})
		if err == nil && (len(list) != 1 || list[0].ID != "I8") {
			t.Errorf("breached are %v", list)
		}
		return err
	})
	same(t, "after the breach", due(t, s, at(19), 10)[4:], []string(nil))
	same(t, "the next breach", due(t, s, at(20), 10)[4:], []string{"breach_limit A4"})
}
