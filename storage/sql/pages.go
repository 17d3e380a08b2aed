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
	p := &page{q: q, dialect: t.store.dialect, desk: t.desk, now: t.store.now(), limit: limit}
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
	p := &page{q: q, dialect: t.store.dialect, desk: t.desk, now: t.store.now(), limit: most}
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
	q       storage.IssueFilter
	dialect dialect
	desk    string
	now     any
	limit   int

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
			p.of(person)
		}
	case len(p.q.InCharge) > 0:
		for _, person := range p.q.InCharge {
			p.fromAssignments(p.q.Assignment, inChargeOf(person))
		}
	case p.q.Contractor != "" || p.q.City != "" && !p.q.Overdue:
		p.fromAssignments(p.q.Assignment, narrowing{})
	default:
		p.fromIssues(p.q.Stages, narrowing{})
	}
	return strings.Join(p.branches, " UNION ALL ")
}

// ofFirms tells whether the list is one of the jobs of a firm or of a city's firms.
func (p *page) ofFirms() bool { return p.q.Contractor != "" || p.q.City != "" }

// narrowing is a condition and the index to read by; either may be missing.
type narrowing struct {
	index, condition string
	args             []any
}

func inChargeOf(person string) narrowing {
	return narrowing{"assignments_in_charge", "a.in_charge_id = ? AND a.in_charge_id <> ''", []any{person}}
}

// of reads the jobs that somebody made, is in charge of or is asked about from outside.
func (p *page) of(person string) {
	p.fromAssignments(inChargeStatuses(p.q), inChargeOf(person))
	if p.ofFirms() {
		p.fromAssignments(p.q.Assignment, narrowing{condition: "a.created_by_id = ?", args: []any{person}})
	} else {
		p.fromIssues(p.q.Stages, narrowing{"issues_made", "i.created_by_id = ?", []any{person}})
	}
	// What is with somebody outside is little at any time, so that all of it is looked
	// through.
	if len(p.q.Stages) > 0 && !slices.Contains(p.q.Stages, workflow.StageExternal) {
		return
	}
	// A string always marshals.
	id, _ := json.Marshal(person)
	pattern := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(string(id)) + "%"
	p.fromIssues([]workflow.Stage{workflow.StageExternal}, narrowing{"issues_stage", `i.external_people LIKE ? ESCAPE '\'`, []any{pattern}})
}

// inChargeStatuses are the statuses that an assignment may have for being in charge
// of it to count.
func inChargeStatuses(q storage.IssueFilter) []workflow.Status {
	if len(q.Assignment) > 0 || slices.Contains(q.Stages, workflow.StageClosed) || len(q.Stages) == 0 {
		return q.Assignment
	}
	return []workflow.Status{workflow.Accepted, workflow.InProgress, workflow.WaitingApproval}
}

// watchedBy reads the jobs that somebody watches: they are few.
func (p *page) watchedBy(person string) {
	c := &conditions{p: p}
	c.add("w.desk_id = ?", p.desk)
	c.add("w.person = ?", person)
	p.ofIssue(c, p.q.Stages)
	if p.ofFirms() {
		c.assigned(nil)
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

func (c *conditions) narrow(n narrowing) {
	if n.condition != "" {
		c.add(n.condition, n.args...)
	}
}

// assigned adds that one assignment of the issue has one of the statuses, if there are any,
// and meets all of what else assignments have to.
func (c *conditions) assigned(statuses []workflow.Status) {
	if c.p.q.Overdue && c.p.q.City != "" && c.p.q.Contractor == "" {
		// A city has far more assignments than its desk has overdue jobs: they are collected
		// once, from their index, instead of looked up by job.
		c.add("i.number IN (SELECT a.number FROM assignments a"+c.p.dialect.indexedBy("assignments_city")+" WHERE a.desk_id = ?", c.p.desk)
	} else {
		c.where.WriteString(" AND EXISTS (" + c.p.ofThisIssue())
	}
	if len(statuses) > 0 {
		list, args := in(statuses)
		c.add("a.status IN "+list, args...)
	}
	c.p.ofAssignment(c, c.p.q.AsKnown)
	c.where.WriteString(")")
}

// ofThisIssue begins a query of the assignments of the issue i.
func (p *page) ofThisIssue() string {
	return "SELECT 1 FROM assignments a" + p.dialect.indexedBy("assignments_issue") + " WHERE a.desk_id = i.desk_id AND a.issue_id = i.id"
}

// ways are those in which issues of some stages are read, each a branch of its own, and the
// stages that are left to be asked for in each.
func (p *page) ways(stages []workflow.Stage, n narrowing) (ways []narrowing, left []workflow.Stage) {
	switch {
	case p.q.Overdue:
		// What is overdue was said to be, or fell due a moment ago.
		return []narrowing{
			{"issues_overdue", "i.overdue AND " + isOpen, nil},
			{"issues_due", "i.due_at > 0 AND NOT i.overdue AND " + isOpen + " AND i." + begun + " AND i.due_at <= ?", []any{p.now}},
		}, stages
	case p.q.Breached:
		return []narrowing{{index: "issues_breached"}}, stages
	case len(stages) == 0 && n.condition == "" && p.q.Topic == "":
		return []narrowing{{}}, nil
	case len(stages) == 0:
		// Without a stage the index would not be in the order of the numbers.
		stages = workflow.Stages()
	}
	index := n.index
	if index == "" && p.q.Topic != "" {
		index = "issues_topic"
	}
	for _, s := range stages {
		way := narrowing{index, "i.stage = ?", []any{s}}
		if s == workflow.StageClosed && index == "issues_made" && p.q.Topic != "" {
			// They are too many to pass over.
			way = narrowing{"issues_made_closed", "i.stage = 'closed'", nil}
		}
		ways = append(ways, way)
	}
	return ways, nil
}

// fromIssues reads issues in their order.
func (p *page) fromIssues(stages []workflow.Stage, n narrowing) {
	ways, left := p.ways(stages, n)
	for _, way := range ways {
		c := &conditions{p: p}
		c.add("i.desk_id = ?", p.desk)
		c.narrow(way)
		c.narrow(n)
		p.ofIssue(c, left)
		if p.q.Breached {
			c.add("i.breached")
		}
		if p.ofFirms() || len(p.q.Assignment) > 0 {
			c.assigned(p.q.Assignment)
		}
		p.branch(c, "i.number", "issues i"+p.dialect.indexedBy(way.index))
	}
}

// fromAssignments reads assignments in the order of their issues, a branch for each
// status.
func (p *page) fromAssignments(statuses []workflow.Status, n narrowing) {
	if len(statuses) == 0 {
		// Without a status the index would not be in the order of the numbers.
		statuses = workflow.Statuses()
	}
	ofIssue := len(p.q.Stages) > 0 || p.q.Overdue
	for _, s := range statuses {
		// The assignments of who lost a job have the topic that they know.
		ownTopic := p.q.AsKnown || !workflow.Lost(s)
		way := narrowing{"assignments_city", "a.status = ?", []any{s}}
		switch {
		case n.index != "":
			way.index = n.index
		case p.q.Contractor != "":
			way.index = "assignments_firm"
		case s == workflow.Complete && p.q.Topic != "":
			// They are too many to pass over.
			way = narrowing{"assignments_city_done", "a.status = 'complete'", nil}
		}
		from := "assignments a" + p.dialect.indexedBy(way.index)
		c := &conditions{p: p}
		c.add("a.desk_id = ?", p.desk)
		c.narrow(way)
		c.narrow(n)
		p.ofAssignment(c, ownTopic)
		if ofIssue || p.q.Topic != "" && !ownTopic {
			from += " JOIN issues i ON i.desk_id = a.desk_id AND i.id = a.issue_id"
			p.ofIssue(c, p.q.Stages)
			if p.q.Overdue {
				c.add("i.due_at > 0 AND i.due_at <= ? AND "+isOpen+" AND i."+begun, p.now)
			}
		}
		p.branch(c, "a.number", from)
	}
}

// ofIssue adds the conditions on an issue itself.
func (p *page) ofIssue(c *conditions, stages []workflow.Stage) {
	if len(stages) > 0 {
		list, args := in(stages)
		c.add("i.stage IN "+list, args...)
	}
	if p.q.Topic != "" && !p.q.AsKnown {
		c.add("i.topic_key = ?", key(p.q.Topic))
	}
}

// ofAssignment adds the conditions on an assignment besides its status. ownTopic has its own
// topic compared, and not the issue's.
func (p *page) ofAssignment(c *conditions, ownTopic bool) {
	if p.q.Contractor != "" {
		c.add("a.contractor_id = ?", p.q.Contractor)
	}
	if p.q.Breached {
		c.add("a.breached")
	}
	if p.q.City != "" {
		c.add("a.city_key = ?", key(p.q.City))
	}
	if p.q.Topic != "" && ownTopic {
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
