package sqlstore

import (
	"regexp"
	"testing"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// TestMakersOfBefore: assignments that were made without saying who created their job are in
// the lists of who did, those of before the migration at once and those of a replica of the
// version before with their next status.
func TestMakersOfBefore(t *testing.T) {
	t.Parallel()
	s := openAlone(t)
	file, err := migrationFiles.ReadFile("migrations/0037_narrowing.sql")
	if err != nil {
		t.Fatal(err)
	}
	migration := regexp.MustCompile(`(?s)UPDATE [^;]*`).FindString(string(file))
	update := func(f func(tx storage.Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), "D", f); err != nil {
			t.Fatal(err)
		}
	}
	run := func(query string) {
		t.Helper()
		update(func(u storage.Tx) error {
			_, err := u.(*tx).exec(t.Context(), query)
			return err
		})
	}
	listed := func() (n int) {
		t.Helper()
		update(func(tx storage.Tx) (err error) {
			n, err = tx.CountIssues(t.Context(), storage.IssueFilter{Contractor: "F", People: []string{"U1"}}, 9)
			return err
		})
		return n
	}
	const forget = "UPDATE assignments SET created_by_id = ''"
	update(func(tx storage.Tx) error {
		for _, id := range []string{"I1", "I2"} {
			_, err := tx.InsertIssue(t.Context(), storage.Issue{
				Issue:     workflow.Issue{ID: id, Status: workflow.Allocated, Assignments: []workflow.Assignment{{ID: "A" + id, Contractor: "F", Status: workflow.Assigned}}},
				CreatedBy: workflow.Person{ID: "U1"},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	run(forget)
	if n := listed(); n != 0 {
		t.Fatalf("%d jobs are listed without their maker, so this test shows nothing", n)
	}
	run(migration)
	if n := listed(); n != 2 {
		t.Errorf("%d of 2 jobs are listed after the migration", n)
	}
	run(forget)
	update(func(tx storage.Tx) error {
		was, err := tx.Issue(t.Context(), "I1")
		if err != nil {
			return err
		}
		is := was
		is.Assignments = []workflow.Assignment{was.Assignments[0]}
		is.Assignments[0].Status = workflow.Accepted
		return tx.SaveIssue(t.Context(), was, is)
	})
	if n := listed(); n != 1 {
		t.Errorf("%d jobs are listed after one of 2 was accepted", n)
	}
}
