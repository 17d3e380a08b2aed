package sqlstore

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// TestPlans does what is done often and then has SQLite explain every statement
// that was prepared for it: none may read a table,
// or what a desk has in it, from end to end.
func TestPlans(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := openAlone(t)
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	lane := storage.Lane{Workspace: "W", Name: "C"}
	if err := s.Update(ctx, "D", func(tx storage.Tx) error { return often(ctx, tx, lane, now) }); err != nil {
		t.Fatal(err)
	}
	params := storage.ClaimParams{Now: now, Until: now.Add(time.Minute), Workspace: "W", Limit: 10}
	claimed, err := s.Claim(ctx, params)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %v: %v", claimed, err)
	}
	err = s.Update(ctx, "D", func(tx storage.Tx) error {
		return tx.Postpone(ctx, storage.PostponeParams{ID: claimed[0].ID, Token: claimed[0].Token})
	})
	if err != nil {
		t.Fatal(err)
	}
	if claimed, err = s.Claim(ctx, params); err != nil {
		t.Fatal(err)
	}
	err = s.Update(ctx, "D", func(tx storage.Tx) error { return tx.Delivered(ctx, claimed[0].ID, claimed[0].Token) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Due(ctx, now, 10); err != nil {
		t.Fatal(err)
	}
	if _, err := s.NextDelivery(ctx, "W"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purge(ctx, storage.PurgeParams{Before: now, KeptBefore: now, KeptMost: 10}); err != nil {
		t.Fatal(err)
	}

	branch := regexp.MustCompile(`^[bm]\d*( |$)`)
	all := regexp.MustCompile(`^SEARCH i USING .*(autoindex_issues_2|issues_overdue|issues_breached) `)
	few := regexp.MustCompile(`issues_overdue|issues_due \(.*due_at<\?|\(desk_id=\? AND id=\?\)`)
	explained := 0
	explain := func(c session) error {
		for query, statement := range c.(*sqliteSession).prepared {
			if word, _, _ := strings.Cut(query, " "); word != "SELECT" && word != "UPDATE" && word != "DELETE" && word != "INSERT" {
				continue
			}
			args := make([]any, statement.BindParamCount())
			err := c.each(ctx, "EXPLAIN QUERY PLAN "+query, func(scan func(...any) error) error {
				var id, parent, unused int
				var detail string
				if err := scan(&id, &parent, &unused, &detail); err != nil {
					return err
				}
				// Only the subqueries of dueQuery, which are limited, have names so short; due is
				// what they are merged into.
				// Purge goes through all desks (d), which are few.
				// The branches of a page (b0, b1, …) are limited, too.
				if table, ok := strings.CutPrefix(detail, "SCAN "); ok && len(table) > 1 && !branch.MatchString(table) && table != "CONSTANT ROW" && table != "due" && !strings.HasSuffix(table, "-ROW VALUES CLAUSE") && !strings.HasPrefix(table, "d ") {
					t.Errorf("%s\nin %s", detail, query)
				}
				// Of what is overdue only that is looked through, whatever narrows it down.
				if strings.Contains(query, "NOT i.overdue") && strings.HasPrefix(detail, "SEARCH i ") && !few.MatchString(detail) {
					t.Errorf("%s goes through what is not overdue\nin %s", detail, query)
				}
				// A list of all issues does read the desk's; nothing else may.
				if strings.HasSuffix(detail, "(desk_id=?)") && !all.MatchString(detail) {
					t.Errorf("%s reads all of a desk\nin %s", detail, query)
				}
				return nil
			}, args...)
			if err != nil {
				return err
			}
			explained++
		}
		return nil
	}
	if err := s.write(ctx, "D", explain); err != nil {
		t.Fatal(err)
	}
	for range cap(s.readers.free) {
		c, err := s.readers.get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.readers.put(c, false) })
		if err := explain(c); err != nil {
			t.Fatal(err)
		}
	}
	if explained < 20 {
		t.Errorf("only %d statements were explained", explained)
	}
}

// often is what nearly every transaction consists of.
func often(ctx context.Context, tx storage.Tx, lane storage.Lane, now time.Time) error {
	_, err := tx.InsertIssue(ctx, storage.Issue{Issue: workflow.Issue{
		ID: "I", Assignments: []workflow.Assignment{{ID: "A", Contractor: "F"}},
	}})
	if err != nil {
		return err
	}
	steps := []func() error{
		func() error {
			_, _, err := tx.Remember(ctx, storage.Memory{Workspace: "W", Key: "E", At: now})
			if err == nil {
				_, _, err = tx.Remember(ctx, storage.Memory{Workspace: "W", Key: "F", At: now, Answered: true})
			}
			return err
		},
		func() error { _, err := tx.Assignment(ctx, "A"); return err },
		func() error {
			was, err := tx.IssueByNumber(ctx, 1)
			if err != nil {
				return err
			}
			return tx.SaveIssue(ctx, was, was)
		},
		func() error {
			_, err := tx.InsertComment(ctx, storage.Comment{ID: "K", Issue: "I", Source: storage.Source{Message: "1"}})
			return err
		},
		func() error { _, _ = tx.CommentBySource(ctx, "W", "C", "1"); return nil },
		func() error { _, err := tx.Replies(ctx, "W", "C", "1"); return err },
		func() error { _, err := tx.ListComments(ctx, storage.CommentFilter{Issue: "I"}); return err },
		func() error { _, _ = tx.Comment(ctx, "K"); return nil },
		func() error { return tx.NoteFile(ctx, "F", "K") },
		func() error { _, err := tx.FileComments(ctx, "F"); return err },
		func() error { return tx.PutCarriedFile(ctx, storage.CarriedFile{Comment: "K", Card: "C", File: "F"}) },
		func() error { _, err := tx.CarriedFiles(ctx, "K", "C"); return err },
		func() error { return tx.RemoveCarriedFile(ctx, "K", "C", "F") },
		func() error { return tx.Append(ctx, storage.Event{Issue: "I"}) },
		func() error { _, err := tx.ListEvents(ctx, "I", 0, 10); return err },
		func() error { _, _ = tx.CardByMessage(ctx, "W", "C", "1"); return nil },
		func() error { _, err := tx.ListCards(ctx, "I"); return err },
		func() error { _, err := tx.ListExperience(ctx); return err },
		func() error { return tx.NoteGap(ctx, "W", "C") },
		func() error { return tx.PutMark(ctx, storage.Mark{Workspace: "W", Channel: "C", Thread: "1"}) },
		func() error { _, err := tx.LiveThreads(ctx, "W", now); return err },
		func() error { _, err := tx.Threads(ctx, "I"); return err },
		func() error { _, _, err := tx.Members(ctx, "W", "C"); return err },
		func() error { _, err := tx.ListIssues(ctx, storage.IssueFilter{}); return err },
		func() error { return pages(ctx, tx) },
		func() error { _, err := tx.CardsOf(ctx, []string{"I", "J"}); return err },
		func() error { return tx.PutPerson(ctx, storage.Person{Workspace: "W", ID: "U", Name: "Cora Reed"}) },
		func() error { _, err := tx.FindPeople(ctx, "cora reed", 5); return err },
		func() error { return tx.PutHome(ctx, storage.Home{Workspace: "W", Person: "U", OpenedAt: now}) },
		func() error { _, err := tx.Home(ctx, "W", "U"); return err },
		func() error { _, err := tx.RecentHomes(ctx, now, 5); return err },
		func() error { _, err := tx.DeskEvents(ctx, "settings_changed", 0, 10); return err },
		func() error { _, err := tx.LastEvents(ctx, "I", 0, 10, "commented", "noted"); return err },
		func() error {
			_, err := tx.ListComments(ctx, storage.CommentFilter{Issue: "I", Before: "K", Newest: true, Limit: 10})
			return err
		},
		func() error {
			_, err := tx.ListComments(ctx, storage.CommentFilter{Issue: "I", Files: true, Newest: true, Limit: 10})
			return err
		},
		func() error { return tx.Enqueue(ctx, storage.Delivery{Lane: lane, Card: "D"}) },
		func() error { return tx.Enqueue(ctx, storage.Delivery{Lane: lane, Card: "D"}) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// pages reads and counts every list, by each of the filters and by some together.
func pages(ctx context.Context, tx storage.Tx) error {
	lists := []storage.IssueFilter{
		{Stages: workflow.OpenStages()},
		{Overdue: true},
		{Breached: true},
		{Stages: []workflow.Stage{workflow.StageNew}, Before: 9},
		{Stages: []workflow.Stage{workflow.StageResolved, workflow.StageClosed}, After: 2},
	}
	narrowings := []func(*storage.IssueFilter){
		func(*storage.IssueFilter) {},
		func(f *storage.IssueFilter) { f.Topic = "boiler" },
		func(f *storage.IssueFilter) { f.People = []string{"U1", "U2"} },
		func(f *storage.IssueFilter) { f.Contractor, f.Assignment = "F", []workflow.Status{workflow.Assigned} },
		func(f *storage.IssueFilter) {
			f.City, f.Topic, f.Assignment = "Leeds", "boiler", []workflow.Status{workflow.Complete, workflow.Declined}
		},
		func(f *storage.IssueFilter) {
			f.Contractor, f.InCharge, f.Assignment = "F", []string{"U1"}, []workflow.Status{workflow.InProgress}
		},
	}
	for _, f := range lists {
		for _, narrow := range narrowings {
			narrowed := f
			narrow(&narrowed)
			if _, err := tx.ListIssues(ctx, narrowed); err != nil {
				return err
			}
			if _, err := tx.CountIssues(ctx, narrowed, 1000); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestPlansDoNotDependOnValues: SQLite would plan a statement anew for each value whose
// weight the plan may depend on.
func TestPlansDoNotDependOnValues(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, err := openSQLiteSession(":memory:", false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close(true) })
	for _, statement := range []string{
		"CREATE TABLE t (a TEXT NOT NULL, w INTEGER NOT NULL)",
		"CREATE INDEX some ON t (a) WHERE w > 0",
	} {
		if _, err := s.exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	plan := func(query string, args ...any) string {
		var out []string
		err := s.each(ctx, "EXPLAIN QUERY PLAN "+query, func(scan func(...any) error) error {
			var id, parent, unused int64
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			out = append(out, detail)
			return err
		}, args...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(out, "\n")
	}
	if got := plan("SELECT a FROM t WHERE a = 'x' AND w > 0"); !strings.Contains(got, "some") {
		t.Errorf("what stands in the statement: %s", got)
	}
	if got := plan("SELECT a FROM t WHERE a = $1 AND w > $2", "x", 0); strings.Contains(got, "some") {
		t.Errorf("what is bound: %s", got)
	}
}

// BenchmarkPlannedOnce runs statements which SQLite would plan anew each time, beside one
// which it would not.
func BenchmarkPlannedOnce(b *testing.B) {
	ctx := b.Context()
	s, err := openSQLiteSession(":memory:", false)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.close(true) })
	for _, statement := range []string{
		"CREATE TABLE t (a TEXT NOT NULL, n INTEGER NOT NULL, w INTEGER NOT NULL)",
		"CREATE INDEX every ON t (a, n)",
		"CREATE INDEX some ON t (a) WHERE w > 0",
	} {
		if _, err := s.exec(ctx, statement); err != nil {
			b.Fatal(err)
		}
	}
	reference := 0.0
	for _, bench := range []struct{ name, query string }{
		{"reference", "SELECT a, n FROM t WHERE a = $1 AND n > $2 AND n < $3"},
		{"limit", "SELECT a, n FROM t WHERE a = $1 AND n > $2 ORDER BY n LIMIT $3"},
		{"partial", "SELECT a, n FROM t WHERE a = $1 AND w > $2 AND n < $3"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if err := s.each(ctx, bench.query, nil, "x", 1, 20); err != nil {
					b.Fatal(err)
				}
			}
			each := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if bench.name == "reference" {
				reference = each
			}
			b.ReportMetric(each/reference, "x")
		})
	}
}
