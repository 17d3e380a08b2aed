package storagetest

import (
	"context"
	"testing"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// happened adds up what several did, each in its turn of the same periods. What is overdue
// is left out: until the clock has come to it, a city has it once for all of its firms.
func happened(all []storage.Summary) map[string]int {
	sums := map[string]int{}
	for _, s := range all {
		for status, n := range s.Assignments {
			sums["assignment "+string(status)] += n
		}
		for status, n := range s.Issues {
			sums["issue "+string(status)] += n
		}
		for when, f := range map[string]storage.Flows{"now": s.Flows, "before": s.Before} {
			for what, n := range map[string]int{
				"created": f.Created, "closed": f.Closed, "offered": f.Offered, "submitted": f.Submitted,
				"sent back": f.SentBack, "asked": f.Asked, "granted": f.Granted, "in time": f.OnTime, "late": f.Late,
			} {
				sums[when+" "+what] += n
			}
			for reason, n := range f.Reasons {
				sums[when+" reason "+reason] += n
			}
			for lapse, times := range f.Times {
				sums[when+" "+string(lapse)] += times.Count()
			}
			for stars, n := range f.Ratings {
				sums[when+" stars"] += stars * n
			}
		}
	}
	for what, n := range sums {
		if n == 0 {
			delete(sums, what)
		}
	}
	return sums
}

// testMoves has a firm move away from another one, and on to where nobody was, by days
// and by weeks, and asks the lists of a city, too.
func testMoves(t *testing.T, open opener) {
	s := setup(t, open)
	firm := func(id, city string) storage.Contractor {
		return storage.Contractor{ID: id, City: city, Company: id, State: storage.ContractorActive, CreatedAt: noon()}
	}
	const days = 30
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		must(t, tx.InsertContractor(ctx, firm("F1", "Leeds")))
		must(t, tx.InsertContractor(ctx, firm("F2", "Leeds")))
		for n := range days {
			of := []string{"F1", "F2"}[n%2]
			i := issue(name("I", n), assignment(name("A", n), of, workflow.Assigned))
			i.Status, i.CreatedAt = workflow.Allocated, noon().AddDate(0, 0, n)
			_, err := tx.InsertIssue(ctx, i)
			must(t, err)
		}
		return nil
	})
	last := noon().AddDate(0, 0, days-1)
	want := func(when string, of map[string]int) {
		t.Helper()
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			for _, city := range []string{"Leeds", "York", "LEEDS", "Hull"} {
				f := storage.SummaryFilter{City: city, Since: noon(), Now: last}
				sum, err := tx.Summarise(ctx, f)
				must(t, err)
				daily, err := tx.Daily(ctx, f)
				must(t, err)
				inDays := 0
				for _, d := range daily {
					inDays += d.Created
				}
				shares, err := tx.Shares(ctx, f)
				must(t, err)
				open := 0
				for _, a := range shares.Ages {
					open += a.N
				}
				listed, err := tx.CountIssues(ctx, storage.IssueFilter{City: city, Assignment: []workflow.Status{workflow.Assigned}}, 2*days)
				must(t, err)
				n := of[city]
				same(t, when+", "+city+": created, by days, standing, open, listed",
					[]int{sum.Created, inDays, sum.Assignments[workflow.Assigned], open, listed}, []int{n, n, n, n, n})
			}
			return nil
		})
	}
	move := func(id, city string) {
		t.Helper()
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.SaveContractor(ctx, firm(id, city)) })
	}
	want("at first", map[string]int{"Leeds": days, "LEEDS": days})
	move("F2", "York")
	want("one moved", map[string]int{"Leeds": days / 2, "LEEDS": days / 2, "York": days / 2})
	move("F2", "LEEDS")
	want("it came back", map[string]int{"Leeds": days, "LEEDS": days})
	move("F1", "Hull")
	move("F2", "York")
	// What is counted after a move is counted where the firm is then, also in the same commit.
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		i := issue("I-more", assignment("A-more", "F2", workflow.Assigned))
		i.Status = workflow.Allocated
		_, err := tx.InsertIssue(ctx, i)
		must(t, err)
		must(t, tx.SaveContractor(ctx, firm("F2", "Hull")))
		return nil
	})
	want("all are in a third one", map[string]int{"Hull": days + 1})
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.Recount(ctx)
		return err
	})
	want("counted anew", map[string]int{"Hull": days + 1})
}
