package sqlstore

import (
	"context"
	"fmt"
	"time"

	"taskbridge/storage"
)

// Digest implements storage.Digests.
func (t *tx) Digest(ctx context.Context, kind storage.DigestKind) (time.Time, error) {
	var next time.Time
	err := t.lock(ctx, exclusive, "digest", string(kind))
	if err == nil {
		err = t.row(ctx, "SELECT next_at FROM digests WHERE desk_id = $1 AND kind = $2", []any{at(&next)}, t.desk, kind)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read when the %s summary is due: %w", kind, err)
	}
	return next, nil
}

// SetDigest implements storage.Digests.
func (t *tx) SetDigest(ctx context.Context, kind storage.DigestKind, next time.Time) error {
	_, err := t.exec(ctx, `INSERT INTO digests (desk_id, kind, next_at) VALUES ($1, $2, $3)
		ON CONFLICT (desk_id, kind) DO UPDATE SET next_at = excluded.next_at`, t.desk, kind, next)
	if err != nil {
		return fmt.Errorf("write when the %s summary is due: %w", kind, err)
	}
	return nil
}
