package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// recountAtOnce is how many issues Recount reads together, and recountFlush after how
// many it writes what it has counted, which bounds the memory that it takes.
const (
	recountAtOnce = 200
	recountFlush  = 20_000
)

// Recount implements storage.Figures. It keeps the desk's other writers waiting.
func (t *tx) Recount(ctx context.Context) (int, error) {
	fail := func(err error) (int, error) { return 0, fmt.Errorf("count anew: %w", err) }
	if err := t.lock(ctx, exclusive, "figures"); err != nil {
		return fail(err)
	}
	if err := t.flush(ctx); err != nil {
		return fail(err)
	}
	for _, table := range []string{"standings", "tallies"} {
		if _, err := t.exec(ctx, "DELETE FROM "+table+" WHERE desk_id = $1", t.desk); err != nil {
			return fail(err)
		}
	}
	counted, after := 0, ""
	for {
		issues, err := collect(ctx, t, func(i *storage.Issue) []any { return append(issueFields(i), &i.Version) },
			"SELECT "+issueColumns+", version FROM issues WHERE desk_id = $1 AND id > $2 ORDER BY id LIMIT $3",
			t.desk, after, recountAtOnce)
		if err != nil || len(issues) == 0 {
			if err == nil {
				err = t.flush(ctx)
			}
			return counted, err
		}
		if err := t.recountSome(ctx, issues); err != nil {
			return fail(err)
		}
		counted += len(issues)
		after = issues[len(issues)-1].ID
		if counted%recountFlush < recountAtOnce {
			if err := t.flush(ctx); err != nil {
				return fail(err)
			}
		}
	}
}

func (t *tx) recountSome(ctx context.Context, issues []storage.Issue) error {
	if err := t.loadAssignments(ctx, issues); err != nil {
		return err
	}
	ids := make([]string, len(issues))
	for n := range issues {
		ids[n] = issues[n].ID
	}
	var f filter
	f.add("desk_id = ?", t.desk)
	list, args := in(ids)
	f.add("issue_id IN "+list, args...)
	events, err := collect(ctx, t, eventFields, "SELECT "+eventColumns+" FROM events WHERE TRUE"+f.where.String()+
		" ORDER BY issue_id, seq", f.args...)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	histories := make(map[string][]workflow.Happened, len(issues))
	for _, e := range events {
		histories[e.Issue] = append(histories[e.Issue], workflow.Happened{
			Event: workflow.Event{Kind: e.Kind, Assignment: e.Assignment, Data: e.Data}, At: e.At,
		})
	}
	for n := range issues {
		t.count(workflow.Recount(issues[n].Issue, histories[issues[n].ID]))
		t.count(workflow.Shares(workflow.Issue{}, issues[n].Issue, "", key(issues[n].Topic)))
	}
	return nil
}
