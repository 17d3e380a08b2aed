package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

// Append implements storage.History.
func (t *tx) Append(ctx context.Context, events ...storage.Event) error {
	for _, e := range events {
		if lock := t.store.dialect.lockHistory; lock != "" {
			if err := t.later(ctx, lock, lockNumber("history", t.desk, e.Issue)); err != nil {
				return fmt.Errorf("append an event to issue %s: %w", e.Issue, err)
			}
		}
		if err := t.later(ctx, t.store.sql.insertEvent, t.bind(eventFields(&e))...); err != nil {
			return fmt.Errorf("append an event to issue %s: %w", e.Issue, err)
		}
	}
	return nil
}

// ListEvents implements storage.History.
func (t *tx) ListEvents(ctx context.Context, issue string, after int64, limit int) ([]storage.Event, error) {
	query := "SELECT " + eventColumns + ", seq FROM events WHERE desk_id = $1 AND issue_id = $2 AND seq > $3 ORDER BY seq"
	args := []any{t.desk, issue, after}
	if limit > 0 {
		query, args = query+" LIMIT $4", append(args, limit)
	}
	list, err := collect(ctx, t, func(e *storage.Event) []any { return append(eventFields(e), &e.Seq) }, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list the events of issue %s: %w", issue, err)
	}
	return list, nil
}
