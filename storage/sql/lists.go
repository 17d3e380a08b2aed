package sqlstore

import "taskbridge/workflow"

// Conditions of an issue, by their names in the contract.
const (
	openIssue = "status <> 'closed' AND status <> 'resolved'"
	isOpen    = "i.status <> 'closed' AND i.status <> 'resolved'"
	// begun leaves out what waits for another job: it becomes overdue when it may begin.
	begun   = "stage <> '" + string(workflow.StageLater) + "'"
	ofIssue = "SELECT 1 FROM assignments a WHERE a.desk_id = issues.desk_id AND a.issue_id = issues.id"
)
