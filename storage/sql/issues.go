package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// firstVersion is the version of a row that was never changed.
const firstVersion = 1

// InsertIssue implements storage.Issues.
func (t *tx) InsertIssue(ctx context.Context, i storage.Issue) (int, error) {
	if t.readOnly {
		return 0, errReadOnly
	}
	// The counter's row stays locked until the end of the transaction, so that a
	// number that is rolled back is given to the next one and none is missing.
	err := t.row(ctx, "UPDATE desks SET last_number = last_number + 1 WHERE id = $1 RETURNING last_number",
		[]any{&i.Number}, t.desk)
	if err != nil {
		return 0, fmt.Errorf("number an issue: %w", err)
	}
	n, err := t.exec(ctx, t.store.sql.insertIssue, t.bind(issueFields(&i), firstVersion, workflow.StageOf(i.Issue), key(i.Topic), workflow.Breached(i.Issue))...)
	if err == nil && n == 0 {
		err = storage.ErrExists
	}
	if err != nil {
		return 0, fmt.Errorf("insert issue %s: %w", i.ID, err)
	}
	for position, a := range i.Assignments {
		if err := t.insertAssignment(ctx, i, position, a); err != nil {
			return 0, err
		}
	}
	t.count(workflow.Counts(workflow.Issue{}, i.Issue))
	t.count(workflow.Shares(workflow.Issue{}, i.Issue, "", key(i.Topic)))
	return i.Number, nil
}

func (t *tx) insertAssignment(ctx context.Context, i storage.Issue, position int, a workflow.Assignment) error {
	r := storage.Assignment{Assignment: a}
	warn, breach := workflow.LimitsAt(a)
	n, err := t.exec(ctx, t.store.sql.insertAssignment,
		t.bind(assignmentFields(&r), i.ID, position, firstVersion, i.Number, key(i.Topic), i.CreatedBy.ID, at(&warn), at(&breach), workflow.Late(a))...)
	if err == nil && n == 0 {
		err = storage.ErrExists
	}
	if err != nil {
		return fmt.Errorf("insert assignment %s: %w", a.ID, err)
	}
	return nil
}

// Issue implements storage.Issues.
func (t *tx) Issue(ctx context.Context, id string) (storage.Issue, error) {
	i, err := t.issue(ctx, id)
	if err != nil {
		return storage.Issue{}, fmt.Errorf("read issue %s: %w", id, err)
	}
	return i, nil
}

// IssueByNumber implements storage.Issues.
func (t *tx) IssueByNumber(ctx context.Context, number int) (storage.Issue, error) {
	var id string
	err := t.row(ctx, "SELECT id FROM issues WHERE desk_id = $1 AND number = $2", []any{&id}, t.desk, number)
	var i storage.Issue
	if err == nil {
		i, err = t.issue(ctx, id)
	}
	if err != nil {
		return storage.Issue{}, fmt.Errorf("read issue %d: %w", number, err)
	}
	return i, nil
}

// issue reads an issue with its assignments.
func (t *tx) issue(ctx context.Context, id string) (storage.Issue, error) {
	// Whoever reads an issue in order to write it waits here for the one before, so
	// that writers of one issue go one after another and need no rerun.
	if err := t.lock(ctx, exclusive, "issue", id); err != nil {
		return storage.Issue{}, err
	}
	var i storage.Issue
	err := t.row(ctx, "SELECT "+issueColumns+", version FROM issues WHERE desk_id = $1 AND id = $2",
		append(issueFields(&i), &i.Version), t.desk, id)
	if err != nil {
		return storage.Issue{}, err
	}
	list := []storage.Issue{i}
	if err := t.loadAssignments(ctx, list); err != nil {
		return storage.Issue{}, err
	}
	return list[0], nil
}

// idsAtOnce is how many ids a statement is given: engines limit the arguments.
const idsAtOnce = 500

// loadAssignments adds their assignments to issues.
func (t *tx) loadAssignments(ctx context.Context, issues []storage.Issue) error {
	byID := make(map[string]*storage.Issue, len(issues))
	ids := make([]string, len(issues))
	for i := range issues {
		ids[i] = issues[i].ID
		byID[issues[i].ID] = &issues[i]
		issues[i].AssignmentVersions = map[string]int{}
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), idsAtOnce)]
		ids = ids[len(some):]
		var f filter
		f.add("desk_id = ?", t.desk)
		list, args := in(some)
		f.add("issue_id IN "+list, args...)
		err := t.session.each(ctx, "SELECT "+assignmentColumns+", issue_id, version FROM assignments WHERE TRUE"+
			f.where.String()+" ORDER BY issue_id, position", func(scan func(...any) error) error {
			var a storage.Assignment
			var version int
			if err := scan(append(assignmentFields(&a), &a.Issue, &version)...); err != nil {
				return err
			}
			of := byID[a.Issue]
			of.Assignments = append(of.Assignments, a.Assignment)
			of.AssignmentVersions[a.ID] = version
			return nil
		}, f.args...)
		if err != nil {
			return fmt.Errorf("read assignments: %w", t.store.dialect.mapError(err))
		}
	}
	return nil
}

// retopic writes a job's topic to the assignments of the firms that are not told it yet: all
// but those that lost the job when it is another topic, and those that get the job once more.
// The lists of who lost a job go by what they know.
func (t *tx) retopic(ctx context.Context, was, is storage.Issue) error {
	told := map[string]bool{}
	for n, a := range is.Assignments {
		again := n >= len(was.Assignments) && slices.ContainsFunc(was.Assignments, func(b workflow.Assignment) bool { return b.Contractor == a.Contractor })
		if told[a.Contractor] || !again && (workflow.Lost(a.Status) || key(was.Topic) == key(is.Topic)) {
			continue
		}
		told[a.Contractor] = true
		err := t.later(ctx, "UPDATE assignments SET topic_key = $4 WHERE desk_id = $1 AND issue_id = $2 AND contractor_id = $3",
			t.desk, is.ID, a.Contractor, key(is.Topic))
		if err != nil {
			return err
		}
	}
	return nil
}

// SaveIssue implements storage.Issues.
func (t *tx) SaveIssue(ctx context.Context, was, is storage.Issue) error {
	if was.ID != is.ID || was.Number != is.Number {
		return fmt.Errorf("save issue %s: as another one, %s", was.ID, is.ID)
	}
	// The issue's own row is written even if only an assignment changed, because
	// what may happen to one assignment depends on the others.
	err := t.saveChanges(ctx, change{
		table: "issues", columns: t.store.sql.savedIssueColumns, id: is.ID, version: was.Version,
		was: savedIssueFields(&was), is: savedIssueFields(&is),
	})
	if err == nil {
		err = t.retopic(ctx, was, is)
	}
	if err != nil {
		return fmt.Errorf("save issue %s: %w", is.ID, err)
	}
	before := make(map[string]*workflow.Assignment, len(was.Assignments))
	for n := range was.Assignments {
		before[was.Assignments[n].ID] = &was.Assignments[n]
	}
	for position := range is.Assignments {
		a := storage.Assignment{Assignment: is.Assignments[position]}
		old, known := before[a.ID]
		if !known {
			if err := t.insertAssignment(ctx, is, position, a.Assignment); err != nil {
				return err
			}
			continue
		}
		if reflect.DeepEqual(*old, a.Assignment) {
			continue
		}
		if err := t.lock(ctx, exclusive, "assignment", a.ID); err != nil {
			return fmt.Errorf("save assignment %s: %w", a.ID, err)
		}
		// While replicas are updated one by one, those of a version that does not know who
		// created the job make assignments without it. The indexes that have it are renewed with
		// the status anyway.
		maker := ""
		if old.Status == a.Status {
			maker = is.CreatedBy.ID
		}
		err := t.saveChanges(ctx, change{
			table: "assignments", columns: t.store.sql.savedAssignmentColumns, id: a.ID, version: was.AssignmentVersions[a.ID],
			was: append(savedAssignmentFields(&storage.Assignment{Assignment: *old}), &maker),
			is:  append(savedAssignmentFields(&a), &is.CreatedBy.ID),
		})
		if err != nil {
			return fmt.Errorf("save assignment %s: %w", a.ID, err)
		}
	}
	t.count(workflow.Counts(was.Issue, is.Issue))
	t.count(workflow.Shares(was.Issue, is.Issue, key(was.Topic), key(is.Topic)))
	return nil
}

// change is a new state of a row, made from one version of it.
type change struct {
	table, id string
	version   int
	columns   []string
	was, is   []any
}

// saveChanges writes the columns that changed, and raises the version. It tells a
// row that has another version from one that is not there.
func (t *tx) saveChanges(ctx context.Context, c change) error {
	// SQLite renews the entries of every index that has a column in the list, also
	// of those whose value is the same.
	args := []any{t.desk, c.id, c.version}
	var query strings.Builder
	query.WriteString("UPDATE " + c.table + " SET version = version + 1")
	for i, column := range c.columns {
		if !equal(c.was[i], c.is[i]) {
			args = append(args, c.is[i])
			query.WriteString(", " + column + " = $" + strconv.Itoa(len(args)))
		}
	}
	query.WriteString(" WHERE desk_id = $1 AND id = $2 AND version = $3")
	n, err := t.exec(ctx, query.String(), args...)
	if err != nil || n > 0 {
		return err
	}
	var one int
	err = t.row(ctx, "SELECT 1 FROM "+c.table+" WHERE desk_id = $1 AND id = $2", []any{&one}, t.desk, c.id)
	if errors.Is(err, storage.ErrNotFound) {
		return err
	}
	return errors.Join(storage.ErrConflict, err)
}

// Assignment implements storage.Issues.
func (t *tx) Assignment(ctx context.Context, id string) (storage.Assignment, error) {
	var a storage.Assignment
	// Many may act on its state at once, but none while it changes.
	err := t.lock(ctx, shared, "assignment", id)
	if err == nil {
		err = t.row(ctx, "SELECT "+assignmentColumns+", issue_id FROM assignments WHERE desk_id = $1 AND id = $2",
			append(assignmentFields(&a), &a.Issue), t.desk, id)
	}
	if err != nil {
		return storage.Assignment{}, fmt.Errorf("read assignment %s: %w", id, err)
	}
	return a, nil
}

// savedIssueFields are an issue's fields with what lists are made of.
func savedIssueFields(i *storage.Issue) []any {
	stage, topic, breached := workflow.StageOf(i.Issue), key(i.Topic), workflow.Breached(i.Issue)
	return append(issueFields(i), &stage, &topic, &breached)
}

// savedAssignmentFields are an assignment's fields with when its time limits are due.
func savedAssignmentFields(a *storage.Assignment) []any {
	warn, breach := workflow.LimitsAt(a.Assignment)
	late := workflow.Late(a.Assignment)
	return append(assignmentFields(a), at(&warn), at(&breach), &late)
}
