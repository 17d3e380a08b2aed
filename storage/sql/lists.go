package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

// Conditions of an issue, by their names in the contract.
const (
	openIssue = "status <> 'closed' AND status <> 'resolved'"
	// liveAssignment is one that somebody still has to do something about.
	liveAssignment = "a.status NOT IN ('complete', 'declined', 'canceled')"
	ofIssue        = "SELECT 1 FROM assignments a WHERE a.desk_id = issues.desk_id AND a.issue_id = issues.id"
)

// defaultLimit is how many issues a list has that does not say.
const defaultLimit = 50

// ListIssues implements storage.Issues.
func (t *tx) ListIssues(ctx context.Context, q storage.IssueFilter) ([]storage.Issue, error) {
	f := t.filterIssues(q)
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	f.args = append(f.args, limit)
	query := fmt.Sprintf("SELECT %s, version FROM issues WHERE TRUE%s ORDER BY number DESC LIMIT $%d",
		issueColumns, f.where.String(), len(f.args))
	issues, err := collect(ctx, t, func(i *storage.Issue) []any {
		return append(issueFields(i), &i.Version)
	}, query, f.args...)
	if err == nil {
		err = t.loadAssignments(ctx, issues)
	}
	if err != nil {
		return nil, fmt.Errorf("list issues: %w", err)
	}
	return issues, nil
}

func (t *tx) filterIssues(q storage.IssueFilter) *filter {
	f := &filter{}
	f.add("desk_id = ?", t.desk)
	if len(q.Statuses) > 0 {
		list, args := in(q.Statuses)
		f.add("status IN "+list, args...)
	}
	if len(q.LiesWith) > 0 {
		list, args := in(q.LiesWith)
		f.add("lies_with IN "+list, args...)
	}
	if len(q.Assignment) > 0 || q.Contractor != "" {
		condition, args := "EXISTS ("+ofIssue, []any(nil)
		if len(q.Assignment) > 0 {
			list, more := in(q.Assignment)
			condition, args = condition+" AND a.status IN "+list, append(args, more...)
		}
		if q.Contractor != "" {
			condition, args = condition+" AND a.contractor_id = ?", append(args, q.Contractor)
		}
		f.add(condition+")", args...)
	}
	if q.Unassigned {
		f.add("NOT EXISTS (" + ofIssue + " AND " + liveAssignment + ")")
	}
	if q.Person != "" {
		f.add("(created_by_id = ? OR EXISTS ("+ofIssue+" AND a.in_charge_id = ?))", q.Person, q.Person)
	}
	if q.Overdue {
		f.add("due_at > 0 AND due_at <= ? AND "+openIssue, t.store.now())
	}
	if q.Before > 0 {
		f.add("number < ?", q.Before)
	}
	return f
}
