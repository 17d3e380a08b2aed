package present

import (
	"maps"
	"slices"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// withoutHidden empties what a role may not read of an issue, as workflow's table says,
// so that nothing that is drawn from it can show it.
func withoutHidden(i storage.Issue, role workflow.Role) storage.Issue {
	empty := map[workflow.Field]func(){
		workflow.FieldTitle:       func() { i.Title = "" },
		workflow.FieldDescription: func() { i.Description = "" },
		workflow.FieldTopic:       func() { i.Topic = "" },
		workflow.FieldPriority:    func() { i.Priority = "" },
		workflow.FieldPlace:       func() { i.Place = "" },
		workflow.FieldDueAt:       func() { i.DueAt, i.Overdue = time.Time{}, false },
		workflow.FieldRemindAt:    func() { i.RemindAt, i.RemindSet = time.Time{}, false },
		workflow.FieldCustomer:    func() { i.Customer = "" },
		workflow.FieldExternalRef: func() { i.ExternalRef = "" },
		workflow.FieldURL:         func() { i.URL = "" },
		workflow.FieldPeople:      func() { i.External = nil },
		workflow.FieldFirms:       func() { i.Assignments = nil },
	}
	for field, hide := range empty {
		if !workflow.CanReadField(role, field) {
			hide()
		}
	}
	return i
}

// AsKnown is the issue as the firm with these hand-offs knows it. One that has it no more reads
// it as it was when it lost it.
func AsKnown(i storage.Issue, own ...workflow.Assignment) storage.Issue {
	knew, lost := workflow.Known(own...)
	if !lost {
		return i
	}
	for f, to := range map[workflow.Field]*string{
		workflow.FieldTitle: &i.Title, workflow.FieldTopic: &i.Topic, workflow.FieldPriority: &i.Priority, workflow.FieldPlace: &i.Place,
	} {
		if was, changed := knew[f]; changed {
			*to = was
		}
	}
	if due, changed := knew[workflow.FieldDueAt]; changed {
		// Where there was none it is zero.
		i.DueAt, _ = time.Parse(time.RFC3339, due)
	}
	i.Overdue, i.Description, i.Demands = false, "", workflow.Demands{}
	return i
}

// forFirm is the job as the firm of a hand-off may see it there: its own hand-offs, what is not
// kept from firms, and nothing new once it lost the job.
func (j Job) forFirm(a *workflow.Assignment) Job {
	contractor := a.Contractor
	j.Issue = withoutHidden(AsKnown(j.Issue, *a), workflow.Contractor)
	if workflow.Sees(workflow.Contractor, workflow.FieldFirms) != workflow.Everything {
		others := func(id string) bool { return id != contractor }
		j.Assignments = slices.DeleteFunc(slices.Clone(j.Assignments), func(a workflow.Assignment) bool { return others(a.Contractor) })
		j.Firms = maps.Clone(j.Firms)
		maps.DeleteFunc(j.Firms, func(id string, _ storage.Contractor) bool { return others(id) })
	}
	return j
}
