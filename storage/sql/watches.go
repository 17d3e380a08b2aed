package sqlstore

import (
	"context"
	"fmt"
	"time"

	"taskbridge/storage"
)

const watchColumns = "person, number, issue_id, told_seq"

func watchFields(w *storage.Watch) []any { return []any{&w.Person, &w.Number, &w.Issue, &w.Told} }

// PutWatch implements storage.Watches.
func (t *tx) PutWatch(ctx context.Context, w storage.Watch) error {
	err := t.lock(ctx, exclusive, "watches", w.Person)
	if err == nil {
		err = t.later(ctx, upsert("watches", watchColumns, "person", "number"), t.bind(watchFields(&w))...)
	}
	if err != nil {
		return fmt.Errorf("put a watch of %s: %w", w.Person, err)
	}
	return nil
}

// RemoveWatches implements storage.Watches.
func (t *tx) RemoveWatches(ctx context.Context, person, issue string) (int, error) {
	var n int64
	err := t.lock(ctx, exclusive, "watches", person)
	if err == nil {
		n, err = t.exec(ctx, "DELETE FROM watches WHERE desk_id = $1 AND person = $2 AND (issue_id = $3 OR $3 = '')", t.desk, person, issue)
	}
	if err != nil {
		return 0, fmt.Errorf("remove watches of %s: %w", person, err)
	}
	return int(n), nil
}

// Watches implements storage.Watches.
func (t *tx) Watches(ctx context.Context, person string) ([]storage.Watch, error) {
	if err := t.lock(ctx, exclusive, "watches", person); err != nil {
		return nil, fmt.Errorf("hold the watches of %s: %w", person, err)
	}
	list, err := collect(ctx, t, watchFields, "SELECT "+watchColumns+" FROM watches WHERE desk_id = $1 AND person = $2 ORDER BY number", t.desk, person)
	if err != nil {
		return nil, fmt.Errorf("list the watches of %s: %w", person, err)
	}
	return list, nil
}

// WatchersBehind implements storage.Watches.
func (t *tx) WatchersBehind(ctx context.Context, before time.Time, after string, limit int) ([]string, error) {
	// The first line that was not told yet is asked for by itself, so that the engine
	// looks into the index of each watched job and does not join two tables.
	list, err := collect(ctx, t, func(person *string) []any { return []any{person} }, `SELECT DISTINCT w.person FROM watches w
		WHERE w.desk_id = $1 AND w.person > $4 AND (SELECT e.at FROM events e WHERE e.desk_id = w.desk_id AND e.issue_id = w.issue_id
			AND e.seq > w.told_seq ORDER BY e.seq LIMIT 1) <= $2
		ORDER BY w.person LIMIT $3`, t.desk, at(&before), limit, after)
	if err != nil {
		return nil, fmt.Errorf("look for watchers who were not told: %w", err)
	}
	return list, nil
}
