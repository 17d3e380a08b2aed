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

// forFirm is the job as one firm may see it: its own hand-offs, and what is not kept
// from firms.
func (j Job) forFirm(contractor string) Job {
	j.Issue = withoutHidden(j.Issue, workflow.Contractor)
	if workflow.Sees(workflow.Contractor, workflow.FieldFirms) != workflow.Everything {
		others := func(id string) bool { return id != contractor }
		j.Assignments = slices.DeleteFunc(slices.Clone(j.Assignments), func(a workflow.Assignment) bool { return others(a.Contractor) })
		j.Firms = maps.Clone(j.Firms)
		maps.DeleteFunc(j.Firms, func(id string, _ storage.Contractor) bool { return others(id) })
	}
	return j
}
