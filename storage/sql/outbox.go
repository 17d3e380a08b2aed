package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"taskbridge/storage"
)

// Enqueue implements storage.Outbox.
func (t *tx) Enqueue(_ context.Context, d storage.Delivery) error {
	if t.readOnly {
		return errReadOnly
	}
	w := t.work.lane(t.deskLane(d.Lane))
	w.added = append(w.added, d)
	return nil
}

// deskLane names a lane as the tables do.
func (t *tx) deskLane(l storage.Lane) deskLane {
	return deskLane{desk: t.desk, Lane: storage.Lane{Workspace: clean(l.Workspace), Name: clean(l.Name)}}
}

// Delivered implements storage.Outbox.
func (t *tx) Delivered(ctx context.Context, id, token int64) error {
	lane, err := t.remove(ctx, id, token)
	if err != nil {
		return err
	}
	lane.through = true
	return nil
}

// GiveUp implements storage.Outbox.
func (t *tx) GiveUp(ctx context.Context, id, token int64) error {
	lane, err := t.remove(ctx, id, token)
	if err != nil {
		return err
	}
	lane.givenUp = true
	return nil
}

func (t *tx) remove(ctx context.Context, id, token int64) (*laneWork, error) {
	lane, err := t.release(ctx, `DELETE FROM deliveries WHERE desk_id = $1 AND id = $2 AND token = $3 AND NOT waiting
		RETURNING workspace, lane`, t.desk, id, token)
	if err != nil {
		return nil, fmt.Errorf("remove delivery %d: %w", id, err)
	}
	return lane, nil
}

// Postpone implements storage.Outbox.
func (t *tx) Postpone(ctx context.Context, p storage.PostponeParams) error {
	if t.readOnly {
		return errReadOnly
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	// A refresh of the same card that was enqueued meanwhile would show the same,
	// so the older one, which is the head, stands for both.
	err := t.later(ctx, `DELETE FROM deliveries WHERE desk_id = $1 AND waiting AND card <> ''
		AND card = (SELECT d.card FROM deliveries AS d
			WHERE d.desk_id = $1 AND d.id = $2 AND d.token = $3 AND NOT d.waiting)`, t.desk, p.ID, p.Token)
	if err != nil {
		return fmt.Errorf("postpone delivery %d: %w", p.ID, err)
	}
	counted := 0
	if p.Uncounted {
		counted = 1
	}
	_, err = t.release(ctx, `UPDATE deliveries SET waiting = TRUE, not_before = $4, ambiguous = $5, last_error = $6,
			attempts = attempts - $7
		WHERE desk_id = $1 AND id = $2 AND token = $3 AND NOT waiting RETURNING workspace, lane`,
		t.desk, p.ID, p.Token, p.NotBefore, p.Ambiguous, p.LastError, counted)
	if err != nil {
		return fmt.Errorf("postpone delivery %d: %w", p.ID, err)
	}
	return nil
}

// release runs a statement that ends a lease and gives the lane's work.
func (t *tx) release(ctx context.Context, query string, args ...any) (*laneWork, error) {
	if t.readOnly {
		return nil, errReadOnly
	}
	var l storage.Lane
	err := readRow(ctx, t.session, query, []any{&l.Workspace, &l.Name}, args...)
	if err == nil {
		w := t.work.lane(t.deskLane(l))
		w.freed = true
		return w, nil
	}
	if err = t.store.dialect.mapError(err); errors.Is(err, storage.ErrNotFound) {
		return nil, storage.ErrConflict
	}
	return nil, err
}

// Park implements storage.Outbox.
func (t *tx) Park(ctx context.Context, l storage.Lane, reason string, when time.Time) (bool, error) {
	// parked_at outlives Resume until something gets through: a lane that is tried
	// in vain is not parked for the first time.
	n, err := t.exec(ctx, `INSERT INTO lanes (desk_id, workspace, name, parked, parked_at, reason)
		VALUES ($1, $2, $3, TRUE, $4, $5)
		ON CONFLICT (desk_id, workspace, name) DO UPDATE
		SET parked = TRUE, parked_at = excluded.parked_at, reason = excluded.reason WHERE lanes.parked_at = 0`,
		t.desk, l.Workspace, l.Name, when, reason)
	if err == nil && n == 0 {
		err = t.later(ctx, `UPDATE lanes SET parked = TRUE, reason = $4 WHERE desk_id = $1 AND workspace = $2 AND name = $3`,
			t.desk, l.Workspace, l.Name, reason)
	}
	if err != nil {
		return false, fmt.Errorf("park lane %s: %w", l.Name, err)
	}
	return n > 0, nil
}

// Parked implements storage.Outbox.
func (t *tx) Parked(ctx context.Context, workspace, reason string) ([]storage.Lane, error) {
	if err := t.lock(ctx, exclusive, "parked", workspace, reason); err != nil {
		return nil, fmt.Errorf("list lanes parked for %s: %w", reason, err)
	}
	list, err := collect(ctx, t, func(l *storage.Lane) []any { return []any{&l.Workspace, &l.Name} },
		`SELECT workspace, name FROM lanes
			WHERE desk_id = $1 AND workspace = $2 AND reason = $3 AND parked_at > 0 ORDER BY parked_at, name`, t.desk, workspace, reason)
	if err != nil {
		return nil, fmt.Errorf("list lanes parked for %s: %w", reason, err)
	}
	return list, nil
}

// Resume implements storage.Outbox.
func (t *tx) Resume(ctx context.Context, l storage.Lane) error {
	if err := t.flush(ctx); err != nil {
		return err
	}
	if lock := t.store.dialect.lockLane; lock != "" {
		// As in settle: what follows has to see whether a delivery is in flight.
		if err := t.later(ctx, lock, t.desk, l.Workspace, l.Name); err != nil {
			return fmt.Errorf("resume lane %s: %w", l.Name, err)
		}
	}
	err := t.later(ctx, `UPDATE lanes SET parked = FALSE, ready_at = CASE
			WHEN ready_at > 0 AND NOT EXISTS (SELECT 1 FROM deliveries AS d
				WHERE d.desk_id = $1 AND d.workspace = $2 AND d.lane = $3 AND NOT d.waiting) THEN 0
			ELSE ready_at END
		WHERE desk_id = $1 AND workspace = $2 AND name = $3`, t.desk, l.Workspace, l.Name)
	if err == nil {
		err = t.later(ctx, `UPDATE deliveries SET not_before = 0
			WHERE desk_id = $1 AND workspace = $2 AND lane = $3 AND waiting AND not_before > 0`, t.desk, l.Workspace, l.Name)
	}
	if err != nil {
		return fmt.Errorf("resume lane %s: %w", l.Name, err)
	}
	return nil
}

// Discard implements storage.Outbox.
func (t *tx) Discard(ctx context.Context, id int64) (storage.Delivery, error) {
	d := storage.Delivery{ID: id, Desk: t.desk}
	if t.readOnly {
		return d, errReadOnly
	}
	err := t.row(ctx, `DELETE FROM deliveries WHERE desk_id = $1 AND id = $2 AND waiting
		RETURNING workspace, lane, kind, card, payload, created_at, attempts, last_error, trace`,
		[]any{&d.Lane.Workspace, &d.Lane.Name, &d.Kind, &d.Card, &d.Payload, at(&d.CreatedAt), &d.Attempts, &d.LastError, &d.Trace},
		t.desk, id)
	if err == nil {
		t.work.lane(t.deskLane(d.Lane)).freed = true
		return d, nil
	}
	if errors.Is(err, storage.ErrNotFound) {
		var there int
		if err := t.row(ctx, "SELECT count(*) FROM deliveries WHERE desk_id = $1 AND id = $2", []any{&there}, t.desk, id); err != nil {
			return d, fmt.Errorf("look for delivery %d: %w", id, err)
		}
		if there > 0 {
			return d, storage.ErrConflict
		}
	}
	return d, fmt.Errorf("discard delivery %d: %w", id, err)
}
