package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
	"taskbridge/workflow"
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

// Summarise implements storage.Issues.
func (t *tx) Summarise(ctx context.Context, q storage.SummaryFilter) (storage.Summary, error) {
	s := storage.Summary{
		Issues:      map[workflow.IssueStatus]int{},
		Assignments: map[workflow.Status]int{},
		LiesWith:    map[workflow.Side]int{},
	}
	issues := func(more string, args ...any) *filter {
		f := &filter{}
		f.add("desk_id = ?", t.desk)
		if q.Contractor != "" {
			f.add("EXISTS ("+ofIssue+" AND a.contractor_id = ?)", q.Contractor)
		}
		if more != "" {
			f.add(more, args...)
		}
		return f
	}
	steps := []func() error{
		func() error { return counts(ctx, t, s.Issues, "status", "issues", issues("")) },
		func() error { return counts(ctx, t, s.LiesWith, "lies_with", "issues", issues("")) },
		func() error {
			f := &filter{}
			f.add("desk_id = ?", t.desk)
			if q.Contractor != "" {
				f.add("contractor_id = ?", q.Contractor)
			}
			return counts(ctx, t, s.Assignments, "status", "assignments", f)
		},
		func() error {
			return t.number(ctx, &s.Overdue, "count(*)", issues("due_at > 0 AND due_at <= ? AND "+openIssue, q.Now))
		},
		func() error { return t.number(ctx, &s.Created, "count(*)", issues("created_at >= ?", q.Since)) },
		func() error {
			return t.number(ctx, &s.Closed, "count(*)", issues("closed_at > 0 AND closed_at >= ?", q.Since))
		},
		func() error { return t.number(ctx, &s.Oldest, "COALESCE(min(number), 0)", issues(openIssue)) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return storage.Summary{}, fmt.Errorf("summarise: %w", err)
		}
	}
	return s, nil
}

// counts counts rows by the values of a column.
func counts[K ~string](ctx context.Context, t *tx, into map[K]int, column, table string, f *filter) error {
	query := fmt.Sprintf("SELECT %s, count(*) FROM %s WHERE TRUE%s GROUP BY %s", column, table, f.where.String(), column)
	err := t.session.each(ctx, query, func(scan func(...any) error) error {
		var key string
		var n int
		if err := scan(&key, &n); err != nil {
			return err
		}
		into[K(key)] = n
		return nil
	}, f.args...)
	return t.store.dialect.mapError(err)
}

// number reads one number about issues.
func (t *tx) number(ctx context.Context, into *int, what string, f *filter) error {
	return t.row(ctx, "SELECT "+what+" FROM issues WHERE TRUE"+f.where.String(), []any{into}, f.args...)
}
