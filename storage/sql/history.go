package sqlstore

import (
	"context"
	"fmt"
	"math"
	"slices"

	"taskbridge/storage"
)

// Append implements storage.History. Events are written before the commit, those of
// all who share it together.
func (t *tx) Append(_ context.Context, events ...storage.Event) error {
	if t.readOnly {
		return errReadOnly
	}
	for _, e := range events {
		t.work.events = append(t.work.events, deskEvent{desk: t.desk, Event: e})
	}
	return nil
}

// ListEvents implements storage.History.
func (t *tx) ListEvents(ctx context.Context, issue string, after int64, limit int) ([]storage.Event, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
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

// LastEvents implements storage.History.
func (t *tx) LastEvents(ctx context.Context, issue string, before int64, limit int, without ...string) ([]storage.Event, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	var f filter
	f.add("desk_id = ? AND issue_id = ? AND seq < ?", t.desk, issue, seqBefore(before))
	if len(without) > 0 {
		marks, args := in(without)
		f.add("kind NOT IN "+marks, args...)
	}
	f.add("TRUE ORDER BY seq DESC LIMIT ?", limit)
	list, err := collect(ctx, t, func(e *storage.Event) []any { return append(eventFields(e), &e.Seq) },
		"SELECT "+eventColumns+", seq FROM events WHERE TRUE"+f.where.String(), f.args...)
	if err != nil {
		return nil, fmt.Errorf("list the last events of issue %s: %w", issue, err)
	}
	slices.Reverse(list)
	return list, nil
}

// seqBefore is the bound of sequence numbers that are before one, of all when it is zero.
func seqBefore(n int64) int64 {
	if n <= 0 {
		return math.MaxInt64
	}
	return n
}

// DeskEvents implements storage.History.
func (t *tx) DeskEvents(ctx context.Context, kind string, before int64, limit int) ([]storage.Event, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = defaultLimit
	}
	list, err := collect(ctx, t, func(e *storage.Event) []any { return append(eventFields(e), &e.Seq) },
		"SELECT "+eventColumns+`, seq FROM events
			WHERE desk_id = $1 AND issue_id = '' AND kind = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4`,
		t.desk, kind, seqBefore(before), limit)
	if err != nil {
		return nil, fmt.Errorf("list the desk's events: %w", err)
	}
	return list, nil
}
