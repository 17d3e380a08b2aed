package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"taskbridge/storage"
)

// Remember implements storage.Inbox.
func (t *tx) Remember(ctx context.Context, m storage.Memory) (bool, []byte, error) {
	n, err := t.exec(ctx, `INSERT INTO inbox (desk_id, workspace, dedup_key, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT DO NOTHING`, t.desk, m.Workspace, m.Key, m.At)
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
		// It was purged between the two statements; the rerun remembers it anew.
		err = storage.ErrConflict
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
