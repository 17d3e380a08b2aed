package workflow_test

import (
	"testing"

	"taskbridge/workflow"

	"pgregory.net/rapid"
)

func TestStageOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		issue    workflow.IssueStatus
		statuses []workflow.Status
		want     workflow.Stage
	}{
		{workflow.Reported, nil, workflow.StageNew},
		{workflow.Reported, []workflow.Status{workflow.Unsent}, workflow.StageNew},
		{workflow.Reported, []workflow.Status{workflow.Canceled}, workflow.StageNew},
		{workflow.Reported, []workflow.Status{workflow.Declined, workflow.Canceled}, workflow.StageDeclined},
		{workflow.Allocated, []workflow.Status{workflow.Declined, workflow.Assigned}, workflow.StageOffered},
		{workflow.Allocated, []workflow.Status{workflow.Accepted, workflow.Canceled}, workflow.StageProgress},
		{workflow.Allocated, []workflow.Status{workflow.InProgress}, workflow.StageProgress},
		{workflow.Allocated, []workflow.Status{workflow.Declined, workflow.WaitingApproval}, workflow.StageApproval},
		{workflow.AllocatedExternal, []workflow.Status{workflow.Declined}, workflow.StageExternal},
		{workflow.Resolved, []workflow.Status{workflow.Complete}, workflow.StageResolved},
		{workflow.Closed, []workflow.Status{workflow.Complete}, workflow.StageClosed},
	} {
		i := workflow.Issue{Status: tt.issue}
		for _, s := range tt.statuses {
			i.Assignments = append(i.Assignments, workflow.Assignment{Status: s})
		}
		if got := workflow.StageOf(i); got != tt.want {
			t.Errorf("%s with %v is %s, want %s", tt.issue, tt.statuses, got, tt.want)
		}
	}
}

// TestStageOfOpenWork shows that a job is on a list of open work exactly while its
// work is open, whatever its assignments are.
func TestStageOfOpenWork(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		i := workflow.Issue{Status: rapid.SampledFrom([]workflow.IssueStatus{
			workflow.Reported, workflow.Allocated, workflow.AllocatedExternal, workflow.Resolved, workflow.Closed,
		}).Draw(rt, "status")}
		for _, s := range rapid.SliceOfN(rapid.SampledFrom([]workflow.Status{
			workflow.Unsent, workflow.Assigned, workflow.Accepted, workflow.InProgress, workflow.WaitingApproval,
			workflow.Complete, workflow.Declined, workflow.Canceled,
		}), 0, 4).Draw(rt, "assignments") {
			i.Assignments = append(i.Assignments, workflow.Assignment{Status: s})
		}
		open := false
		for _, s := range workflow.OpenStages() {
			open = open || s == workflow.StageOf(i)
		}
		if want := i.Status != workflow.Resolved && i.Status != workflow.Closed; open != want {
			rt.Fatalf("%s is open: %v", i.Status, open)
		}
	})
}
