package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"taskbridge/storage"
)

// Remember implements storage.Inbox.
func (t *tx) Remember(ctx context.Context, m storage.Memory) (bool, []byte, error) {
	// Who repeats what is handled right now waits for its answer.
	if err := t.lock(ctx, exclusive, "inbound", m.Workspace, m.Key); err != nil {
		return false, nil, fmt.Errorf("remember an inbound: %w", err)
	}
	n, err := t.exec(ctx, `INSERT INTO inbox (desk_id, workspace, dedup_key, at) SELECT $1, $2, $3, $4
		WHERE $5 = 0 OR EXISTS (SELECT 1 FROM desks WHERE id = $1 AND access = $5) ON CONFLICT DO NOTHING`,
		t.desk, m.Workspace, m.Key, m.At, m.Access)
	if err != nil {
		return false, nil, fmt.Errorf("remember an inbound: %w", err)
	}
	if n > 0 {
		return true, nil, nil
	}
	var answer []byte
	err = t.row(ctx, "SELECT answer FROM inbox WHERE desk_id = $1 AND workspace = $2 AND dedup_key = $3",
		[]any{&answer}, t.desk, m.Workspace, m.Key)
	if errors.Is(err, storage.ErrNotFound) {
		// Either access has changed, or it was purged between the two statements and
		// the rerun remembers it anew.
		version, _, failed := t.Access(ctx, m.Access)
		switch err = storage.ErrConflict; {
		case failed != nil:
			err = failed
		case m.Access != 0 && version != m.Access:
			err = storage.ErrStale
		}
	}
	if err != nil {
		return false, nil, fmt.Errorf("read the answer to an inbound: %w", err)
	}
	return false, answer, nil
}

// SetAnswer implements storage.Inbox.
func (t *tx) SetAnswer(ctx context.Context, workspace, key string, answer []byte) error {
	err := t.one(ctx, "UPDATE inbox SET answer = $4 WHERE desk_id = $1 AND workspace = $2 AND dedup_key = $3",
		t.desk, workspace, key, answer)
	if err != nil {
		return fmt.Errorf("keep the answer to an inbound: %w", err)
	}
	return nil
}
