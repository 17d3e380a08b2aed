package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// A page of a list is put together from stretches of indexes: each branch of the
// statement fixes what its index begins with, reads the numbers in their order and
// stops when it has enough of them. A condition with alternatives (one of several
// stages, made by or in charge) is therefore several branches and never an OR, which
// would make the engine collect everything and sort it.

// defaultLimit is how many issues a list has that does not say.
const defaultLimit = 50

// key is a text as it is filtered by.
func key(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// ListIssues implements storage.IssueLists.
func (t *tx) ListIssues(ctx context.Context, q storage.IssueFilter) ([]storage.Issue, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	p := &page{q: q, desk: t.desk, now: t.store.now(), limit: limit}
	query := fmt.Sprintf("SELECT DISTINCT number FROM (%s) p ORDER BY number%s LIMIT %s", p.numbers(), p.order(), p.arg(limit))
	numbers, err := collect(ctx, t, func(n *int) []any { return []any{n} }, query, p.args...)
	if err != nil || len(numbers) == 0 {
		return nil, wrapped("list issues", err)
	}
	list, args := in(numbers)
	f := &filter{args: []any{t.desk}}
	f.add("number IN "+list, args...)
	issues, err := collect(ctx, t, func(i *storage.Issue) []any {
		return append(issueFields(i), &i.Version)
	}, "SELECT "+issueColumns+", version FROM issues WHERE desk_id = $1"+f.where.String()+" ORDER BY number DESC", f.args...)
	if err == nil {
		err = t.loadAssignments(ctx, issues)
	}
	return issues, wrapped("list issues", err)
}

// CountIssues implements storage.IssueLists.
func (t *tx) CountIssues(ctx context.Context, q storage.IssueFilter, most int) (int, error) {
	q.Before, q.After = 0, 0
	p := &page{q: q, desk: t.desk, now: t.store.now(), limit: most}
	query := fmt.Sprintf("SELECT count(*) FROM (SELECT DISTINCT number FROM (%s) p LIMIT %s) c", p.numbers(), p.arg(most))
	var n int
	err := t.row(ctx, query, []any{&n}, p.args...)
	return n, wrapped("count issues", err)
}

func wrapped(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// page makes the statement of one page.
type page struct {
	q     storage.IssueFilter
	desk  string
	now   any
	limit int

	args     []any
	branches []string
}

func (p *page) arg(v any) string {
	p.args = append(p.args, v)
	return fmt.Sprintf("$%d", len(p.args))
}

// order is the direction in which the numbers are read.
func (p *page) order() string {
	if p.q.After > 0 {
		return ""
	}
	return " DESC"
}

// numbers are all branches together.
func (p *page) numbers() string {
	switch {
	case p.q.Watcher != "":
		p.watchedBy(p.q.Watcher)
	case len(p.q.People) > 0:
		for _, person := range p.q.People {
			p.fromIssues("i.created_by_id = ?", person)
			p.inCharge(person, inChargeStatuses(p.q))
			p.involving(person)
		}
	case len(p.q.InCharge) > 0:
		for _, person := range p.q.InCharge {
			p.inCharge(person, p.q.Assignment)
		}
	case p.q.Contractor != "" || p.q.City != "" || len(p.q.Assignment) > 0:
		p.fromAssignments(p.q.Assignment, "")
	default:
		p.fromIssues("")
	}
	return strings.Join(p.branches, " UNION ALL ")
}

// inChargeStatuses are the statuses that an assignment may have for being in charge
// of it to count.
func inChargeStatuses(q storage.IssueFilter) []workflow.Status {
	if len(q.Assignment) > 0 || slices.Contains(q.Stages, workflow.StageClosed) || len(q.Stages) == 0 {
		return q.Assignment
	}
	return []workflow.Status{workflow.Accepted, workflow.InProgress, workflow.WaitingApproval}
}

func (p *page) inCharge(person string, statuses []workflow.Status) {
	p.fromAssignments(statuses, "a.in_charge_id = ? AND a.in_charge_id <> ''", person)
}

// involving reads the jobs that are with somebody outside. They are few at any time, so
// that those of the stage are looked through.
func (p *page) involving(person string) {
	if len(p.q.Stages) > 0 && !slices.Contains(p.q.Stages, workflow.StageExternal) {
		return
	}
	// A string always marshals.
	id, _ := json.Marshal(person)
	pattern := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(string(id)) + "%"
	all := p.q.Stages
	p.q.Stages = []workflow.Stage{workflow.StageExternal}
	p.fromIssues(`i.external_people LIKE ? ESCAPE '\'`, pattern)
	p.q.Stages = all
}

// watchedBy reads the jobs that somebody watches: they are few.
func (p *page) watchedBy(person string) {
	c := &conditions{p: p}
	c.add("w.desk_id = ?", p.desk)
	c.add("w.person = ?", person)
	p.ofIssue(c, "")
	if p.q.Contractor != "" || p.q.City != "" {
		c.where.WriteString(" AND EXISTS (SELECT 1 FROM assignments a WHERE a.desk_id = i.desk_id AND a.issue_id = i.id")
		p.ofAssignment(c)
		c.where.WriteString(")")
	}
	p.branch(c, "w.number", "watches w JOIN issues i ON i.desk_id = w.desk_id AND i.id = w.issue_id")
}

// conditions are those of one branch.
type conditions struct {
	p     *page
	where strings.Builder
}

// add adds a condition in which each ? stands for the next argument.
func (c *conditions) add(condition string, args ...any) {
	c.where.WriteString(" AND ")
	for _, a := range args {
		before, after, _ := strings.Cut(condition, "?")
		c.where.WriteString(before + c.p.arg(a))
		condition = after
	}
	c.where.WriteString(condition)
}

// fromIssues reads issues in their order, a branch for each stage or status.
func (p *page) fromIssues(more string, args ...any) {
	type start struct{ column, value string }
	var starts []start
	for _, s := range p.q.Stages {
		starts = append(starts, start{"i.stage", string(s)})
	}
	if len(p.q.Stages) == 0 {
		for _, s := range p.q.Statuses {
			starts = append(starts, start{"i.status", string(s)})
		}
	}
	if len(starts) == 0 && (more != "" || p.q.Topic != "") {
		// Without a stage the index would not be in the order of the numbers.
		for _, s := range workflow.Stages() {
			starts = append(starts, start{"i.stage", string(s)})
		}
	}
	if len(starts) == 0 {
		starts = []start{{}}
	}
	for _, s := range starts {
		// What is overdue was said to be, or fell due a moment ago.
		for _, overdue := range p.overdue() {
			c := &conditions{p: p}
			c.add("i.desk_id = ?", p.desk)
			if s.column != "" {
				c.add(s.column+" = ?", s.value)
			}
			if overdue != "" {
				p.late(c, overdue)
			}
			if more != "" {
				c.add(more, args...)
			}
			p.ofIssue(c, s.column)
			if p.q.Breached {
				c.add("i.breached")
			}
			if len(p.q.Assignment) > 0 || p.q.Contractor != "" || p.q.City != "" {
				c.where.WriteString(" AND EXISTS (SELECT 1 FROM assignments a WHERE a.desk_id = i.desk_id AND a.issue_id = i.id")
				if len(p.q.Assignment) > 0 {
					list, args := in(p.q.Assignment)
					c.add("a.status IN "+list, args...)
				}
				p.ofAssignment(c)
				c.where.WriteString(")")
			}
			p.branch(c, "i.number", "issues i")
		}
	}
}

// fromAssignments reads assignments in the order of their issues, a branch for each
// status.
func (p *page) fromAssignments(statuses []workflow.Status, more string, args ...any) {
	if len(statuses) == 0 {
		// Without a status the index would not be in the order of the numbers.
		statuses = workflow.Statuses()
	}
	from := "assignments a"
	ofIssue := len(p.q.Stages) > 0 || len(p.q.Statuses) > 0 || p.q.Unassigned || p.q.Overdue || len(p.q.LiesWith) > 0
	for _, s := range statuses {
		// The assignments of who lost a job have the topic that they know.
		joins, from := ofIssue || p.q.Topic != "" && !p.q.AsKnown && workflow.Lost(s), from
		if joins {
			from += " JOIN issues i ON i.desk_id = a.desk_id AND i.id = a.issue_id"
		}
		c := &conditions{p: p}
		c.add("a.desk_id = ?", p.desk)
		c.add("a.status = ?", s)
		if more != "" {
			c.add(more, args...)
		}
		p.ofAssignment(c)
		if joins {
			p.ofIssue(c, "")
			if p.q.Overdue {
				p.late(c, "either")
			}
		} else if p.q.Topic != "" && !p.q.AsKnown {
			c.add("a.topic_key = ?", key(p.q.Topic))
		}
		p.branch(c, "a.number", from)
	}
}

// overdue are the ways of being overdue, each a branch of its own.
func (p *page) overdue() []string {
	if !p.q.Overdue {
		return []string{""}
	}
	return []string{"said", "just now"}
}

func (p *page) late(c *conditions, how string) {
	const open = "i.status <> 'closed' AND i.status <> 'resolved'"
	switch how {
	case "said":
		c.add("i.overdue AND " + open)
	case "just now":
		c.add("i.due_at > 0 AND NOT i.overdue AND "+open+" AND i."+begun+" AND i.due_at <= ?", p.now)
	default:
		c.add("i.due_at > 0 AND i.due_at <= ? AND "+open+" AND i."+begun, p.now)
	}
}

// ofIssue adds the conditions on an issue itself, but for the column that is fixed
// already.
func (p *page) ofIssue(c *conditions, fixed string) {
	if len(p.q.Statuses) > 0 && fixed != "i.status" {
		list, args := in(p.q.Statuses)
		c.add("i.status IN "+list, args...)
	}
	if len(p.q.Stages) > 0 && fixed != "i.stage" {
		list, args := in(p.q.Stages)
		c.add("i.stage IN "+list, args...)
	}
	if p.q.Topic != "" && !p.q.AsKnown {
		c.add("i.topic_key = ?", key(p.q.Topic))
	}
	if len(p.q.LiesWith) > 0 {
		list, args := in(p.q.LiesWith)
		c.add("i.lies_with IN "+list, args...)
	}
	if p.q.Unassigned {
		c.add("NOT EXISTS (SELECT 1 FROM assignments a WHERE a.desk_id = i.desk_id AND a.issue_id = i.id AND " + liveAssignment + ")")
	}
}

// ofAssignment adds the conditions on an assignment besides its status.
func (p *page) ofAssignment(c *conditions) {
	if p.q.Contractor != "" {
		c.add("a.contractor_id = ?", p.q.Contractor)
	}
	if p.q.Breached {
		c.add("a.breached")
	}
	if p.q.City != "" {
		c.add("a.city_key = ?", key(p.q.City))
	}
	if p.q.Topic != "" && p.q.AsKnown {
		c.add("a.topic_key = ?", key(p.q.Topic))
	}
}

// branch ends a branch with where its page begins and how long it is.
func (p *page) branch(c *conditions, number, from string) {
	if p.q.Before > 0 {
		c.add(number+" < ?", p.q.Before)
	}
	if p.q.After > 0 {
		c.add(number+" > ?", p.q.After)
	}
	distinct := ""
	if strings.HasPrefix(from, "assignments") {
		// An issue may have several assignments of one status.
		distinct = "DISTINCT "
	}
	p.branches = append(p.branches, fmt.Sprintf("SELECT number FROM (SELECT %s%s AS number FROM %s WHERE TRUE%s ORDER BY %s%s LIMIT %s) b%d",
		distinct, number, from, c.where.String(), number, p.order(), p.arg(p.limit), len(p.branches)))
}
