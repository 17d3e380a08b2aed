package storagetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// testExperience reads what became of the offers to each firm.
func testExperience(t *testing.T, open opener) {
	s := setup(t, open)
	offer := func(id, firm string, status workflow.Status) workflow.Assignment {
		return workflow.Assignment{ID: id, Contractor: firm, Status: status, Revision: 1, CreatedAt: noon()}
	}
	insert(t, s,
		issue("I1", offer("A1", "F1", workflow.Declined), offer("A2", "F2", workflow.Complete)),
		issue("I2", offer("A3", "F1", workflow.Complete)),
		issue("I3", offer("A4", "F2", workflow.InProgress), offer("A5", "F3", workflow.Assigned)),
	)
	view(t, s, func(ctx context.Context, tx storage.Tx) error {
		list, err := tx.ListExperience(ctx)
		same(t, "each firm, and not the desk", list, []storage.Experience{
			{Contractor: "F1", Done: 1, Taken: 1, Declined: 1},
			{Contractor: "F2", Done: 1, Taken: 2},
			{Contractor: "F3"},
		})
		return err
	})
	rate := func(id string, stars ...int) {
		for n, given := range stars {
			update(t, s, func(ctx context.Context, tx storage.Tx) error {
				was, err := tx.Issue(ctx, id)
				must(t, err)
				is := was
				is.Assignments = slices.Clone(was.Assignments)
				a := &is.Assignments[len(is.Assignments)-1]
				a.Rating = workflow.Rating{Stars: given, At: noon().Add(time.Duration(n) * time.Hour)}
				return tx.SaveIssue(ctx, was, is)
			})
		}
	}
	rated := []storage.Experience{
		{Contractor: "F1", Done: 1, Taken: 1, Declined: 1, Rated: 1, Stars: 4},
		{Contractor: "F2", Done: 1, Taken: 2, Rated: 1, Stars: 2},
		{Contractor: "F3"},
	}
	rate("I1", 5, 2)
	rate("I2", 4)
	for _, when := range []string{"as it is rated in the end", "counted anew"} {
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListExperience(ctx)
			same(t, when, list, rated)
			return err
		})
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Recount(ctx)
			return err
		})
	}
}
