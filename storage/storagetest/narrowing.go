package storagetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// testNarrowing makes many different jobs and asks for lists by every mix of what narrows
// them down: each has what a look at all the jobs, one by one, finds.
func testNarrowing(t *testing.T, open opener) {
	s := setup(t, open)
	rng := rand.New(rand.NewPCG(7, 11))
	cities := map[string]string{"F1": "Hull", "F2": "Leeds", "F3": "Leeds"}
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		for firm, city := range cities {
			if err := tx.InsertContractor(ctx, storage.Contractor{ID: firm, City: city}); err != nil {
				return err
			}
		}
		return nil
	})
	jobs := make([]storage.Issue, 120)
	for n := range jobs {
		jobs[n] = randomJob(rng, n+1)
	}
	insert(t, s, jobs...)
	change(t, s, rng, jobs)
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		cities["F3"] = "Hull"
		return tx.SaveContractor(ctx, storage.Contractor{ID: "F3", City: "Hull"})
	})

	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	for range 500 {
		var q storage.IssueFilter
		switch rng.IntN(5) {
		case 0:
			q.Stages = someOf(rng, workflow.Stages())
		case 1:
			q.Overdue = true
		case 2:
			q.Breached = true
		case 3:
			q.Assignment = someOf(rng, workflow.Statuses())
		}
		if q.Overdue || q.Breached {
			q.Assignment = slices.Clone([][]workflow.Status{nil, workflow.OutStatuses()}[rng.IntN(2)])
		}
		q.Contractor = pick("", "", "F1", "F2", "F3")
		q.City = pick("", "", "leeds", "Hull")
		q.Topic = pick("", "", "Boiler", "locks", "none")
		switch rng.IntN(4) {
		case 0:
			q.People = []string{pick("U0", "U1", "U9"), pick("U2", "U3")}
		case 1:
			q.InCharge = []string{pick("U0", "U1", "U2", "U9")}
		}
		if q.Overdue && rng.IntN(3) == 0 {
			q.Stages = someOf(rng, workflow.OpenStages())
		}
		var all []int
		for n := range slices.Backward(jobs) {
			if i := jobs[n]; listed(i, q, cities) {
				all = append(all, n+1)
			}
		}
		q.Limit = 1 + rng.IntN(30)
		switch rng.IntN(3) {
		case 0:
			q.Before = 1 + rng.IntN(len(jobs))
		case 1:
			q.After = 1 + rng.IntN(len(jobs))
		}
		want := pageOf(all, q)
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListIssues(ctx, q)
			if err != nil {
				return err
			}
			var got []int
			for _, i := range list {
				got = append(got, i.Number)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v\ngot  %v\nwant %v", q, got, want)
			}
			n, err := tx.CountIssues(ctx, q, len(jobs))
			same(t, fmt.Sprintf("count of %+v", q), n, len(all))
			return err
		})
	}
}

// pageOf cuts out of numbers, the greatest first, the page that the filter asks for.
func pageOf(numbers []int, q storage.IssueFilter) []int {
	page := slices.DeleteFunc(slices.Clone(numbers), func(n int) bool {
		return q.Before > 0 && n >= q.Before || q.After > 0 && n <= q.After
	})
	if q.After > 0 {
		return page[max(0, len(page)-q.Limit):]
	}
	return page[:min(len(page), q.Limit)]
}

// change saves some of the jobs as others: of another topic, with other statuses, or closed.
func change(t *testing.T, s storage.Store, rng *rand.Rand, jobs []storage.Issue) {
	for n := range jobs {
		if rng.IntN(3) > 0 {
			continue
		}
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			was, err := tx.Issue(ctx, jobs[n].ID)
			if err != nil {
				return err
			}
			is := was
			is.Assignments = slices.Clone(was.Assignments)
			is.Topic = []string{is.Topic, "boiler", "Locks"}[rng.IntN(3)]
			for k := range is.Assignments {
				// Who lost a job is not given it back.
				if a := &is.Assignments[k]; !workflow.Lost(a.Status) {
					a.Status = workflow.Statuses()[rng.IntN(len(workflow.Statuses()))]
				}
			}
			if rng.IntN(4) == 0 {
				is.Status, is.Overdue = workflow.Closed, false
			}
			jobs[n] = is
			return tx.SaveIssue(ctx, was, is)
		})
	}
}

func someOf[T any](rng *rand.Rand, all []T) []T {
	some := slices.Clone(all)
	rng.Shuffle(len(some), func(a, b int) { some[a], some[b] = some[b], some[a] })
	return some[:1+rng.IntN(3)]
}

// farOff is a date that no clock comes to.
func farOff() time.Time { return time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC) }

// randomJob is one of any state that is not at odds with itself.
func randomJob(rng *rand.Rand, n int) storage.Issue {
	person := func() workflow.Person { return workflow.Person{ID: fmt.Sprintf("U%d", rng.IntN(4)), Name: "Ada"} }
	i := issue(fmt.Sprintf("I%d", n))
	i.Topic = []string{"", "boiler", "Locks"}[rng.IntN(3)]
	i.CreatedBy = person()
	i.LiesWith = workflow.WithOperator
	i.Status = []workflow.IssueStatus{
		workflow.Reported, workflow.Reported, workflow.Allocated, workflow.Allocated, workflow.Allocated,
		workflow.AllocatedExternal, workflow.Resolved, workflow.Closed,
	}[rng.IntN(8)]
	switch i.Status {
	case workflow.Reported:
		if rng.IntN(3) == 0 {
			i.Line.After = workflow.Predecessor{Issue: "I0", State: workflow.Waits}
		}
	case workflow.AllocatedExternal:
		i.External = []string{fmt.Sprintf("U%d", rng.IntN(4))}
	}
	firms := []string{"F1", "F2", "F3"}
	rng.Shuffle(len(firms), func(a, b int) { firms[a], firms[b] = firms[b], firms[a] })
	for k := range rng.IntN(3) {
		statuses := workflow.Statuses()
		a := assignment(fmt.Sprintf("A%d-%d", n, k), firms[k], statuses[rng.IntN(len(statuses))])
		if rng.IntN(2) == 0 {
			a.InCharge = person()
		}
		if rng.IntN(3) == 0 {
			a.Clocks = []workflow.Clock{{Limit: workflow.LimitAccept, BrokenAt: noon()}}
		}
		i.Assignments = append(i.Assignments, a)
	}
	if i.Status != workflow.Closed && i.Status != workflow.Resolved && rng.IntN(2) == 0 {
		i.DueAt = []time.Time{noon(), farOff()}[rng.IntN(2)]
		// The clock has come to it, or not yet.
		i.Overdue = i.DueAt.Equal(noon()) && workflow.StageOf(i.Issue) != workflow.StageLater && rng.IntN(2) == 0
	}
	return i
}

// listed tells what the filter says, of one job.
func listed(i storage.Issue, q storage.IssueFilter, cities map[string]string) bool {
	stage := workflow.StageOf(i.Issue)
	open := i.Status != workflow.Closed && i.Status != workflow.Resolved
	switch {
	case len(q.Stages) > 0 && !slices.Contains(q.Stages, stage),
		q.Topic != "" && !strings.EqualFold(q.Topic, i.Topic),
		q.Overdue && (!open || i.DueAt.IsZero() || i.DueAt.Equal(farOff()) || stage == workflow.StageLater),
		q.Breached && !workflow.Breached(i.Issue):
		return false
	}
	ofAssignments := len(q.Assignment) > 0 || q.Contractor != "" || q.City != "" || len(q.InCharge) > 0
	fits := func(a workflow.Assignment) bool {
		return (len(q.Assignment) == 0 || slices.Contains(q.Assignment, a.Status)) &&
			(q.Contractor == "" || a.Contractor == q.Contractor) &&
			(q.City == "" || strings.EqualFold(q.City, cities[a.Contractor])) &&
			(len(q.InCharge) == 0 || slices.Contains(q.InCharge, a.InCharge.ID)) &&
			(!q.Breached || !ofAssignments || workflow.Late(a))
	}
	if ofAssignments && !slices.ContainsFunc(i.Assignments, fits) {
		return false
	}
	if len(q.People) == 0 {
		return true
	}
	over := func(s workflow.Status) bool { return !workflow.Taken(s) && s != workflow.WaitingApproval }
	inCharge := func(a workflow.Assignment) bool {
		return slices.Contains(q.People, a.InCharge.ID) && fits(a) && (!q.Breached || workflow.Late(a)) &&
			(len(q.Assignment) > 0 || len(q.Stages) == 0 || slices.Contains(q.Stages, workflow.StageClosed) || !over(a.Status))
	}
	return slices.Contains(q.People, i.CreatedBy.ID) || slices.ContainsFunc(i.Assignments, inCharge) ||
		stage == workflow.StageExternal && slices.ContainsFunc(i.External, func(who string) bool { return slices.Contains(q.People, who) })
}
