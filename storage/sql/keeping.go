package sqlstore

import (
	"context"
	"fmt"
	"time"

	"taskbridge/storage"
)

const (
	keptColumns = "id, desk_id, workspace, dedup_key, type, fault, route, raw, at, times"
	// purgeAtOnce bounds one Purge, so that others do not wait for it.
	purgeAtOnce = 1000
)

func keptFields(k *storage.Kept) []any {
	return []any{
		&k.ID, &k.Desk, &k.Workspace, &k.Key, &k.Type, &k.Fault, &k.Route, &k.Raw, at(&k.At), &k.Count,
	}
}

// Keep implements storage.Keeping.
func (s *Store) Keep(ctx context.Context, k storage.Kept) error {
	err := s.across(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO kept (desk_id, workspace, dedup_key, type, fault, route, raw, at, times)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (workspace, dedup_key) DO UPDATE SET times = kept.times + excluded.times, fault = excluded.fault`,
			k.Desk, k.Workspace, k.Key, k.Type, k.Fault, k.Route, k.Raw, k.At, max(k.Count, 1))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep an inbound: %w", err)
	}
	return nil
}

// ListKept implements storage.Keeping.
func (s *Store) ListKept(ctx context.Context, p storage.ListKeptParams) ([]storage.Kept, error) {
	var f filter
	if p.After != 0 {
		f.add("id < ?", p.After)
	}
	limit := p.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	f.args = append(f.args, limit)
	var list []storage.Kept
	err := s.view(ctx, func(t *tx) (err error) {
		list, err = collect(ctx, t, keptFields, fmt.Sprintf("SELECT %s FROM kept WHERE TRUE%s ORDER BY id DESC LIMIT $%d",
			keptColumns, f.where.String(), len(f.args)), f.args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list kept inbounds: %w", err)
	}
	return list, nil
}

// Kept implements storage.Keeping.
func (s *Store) Kept(ctx context.Context, id int64) (storage.Kept, error) {
	var k storage.Kept
	err := s.view(ctx, func(t *tx) error {
		return t.row(ctx, "SELECT "+keptColumns+" FROM kept WHERE id = $1", keptFields(&k), id)
	})
	if err != nil {
		return storage.Kept{}, fmt.Errorf("read kept inbound %d: %w", id, err)
	}
	return k, nil
}

// Release implements storage.Keeping.
func (s *Store) Release(ctx context.Context, id int64) error {
	err := s.across(ctx, func(t *tx) error {
		return t.one(ctx, "DELETE FROM kept WHERE id = $1", id)
	})
	if err != nil {
		return fmt.Errorf("release kept inbound %d: %w", id, err)
	}
	return nil
}

// CountKept implements storage.Keeping.
func (s *Store) CountKept(ctx context.Context) (int, error) {
	var n int
	err := s.view(ctx, func(t *tx) error { return t.row(ctx, "SELECT count(*) FROM kept", []any{&n}) })
	if err != nil {
		return 0, fmt.Errorf("count kept inbounds: %w", err)
	}
	return n, nil
}

// Purge implements storage.Keeping.
func (s *Store) Purge(ctx context.Context, p storage.PurgeParams) (int, error) {
	var purged int64
	err := s.across(ctx, func(t *tx) error {
		strays, err := s.purgeStrays(ctx, t, p.Before)
		if err != nil {
			return err
		}
		kept, err := s.purgeKept(ctx, t, p)
		if err != nil {
			return err
		}
		purged, err = t.exec(ctx, `DELETE FROM inbox WHERE (desk_id, workspace, dedup_key) IN (
			SELECT desk_id, workspace, dedup_key FROM inbox WHERE at < $1 ORDER BY at LIMIT $2)`, p.Before, purgeAtOnce)
		purged += strays + kept
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("purge what is old: %w", err)
	}
	return int(purged), nil
}

// purgeStrays removes comments that never found their issue: words in threads that
// are no job's.
func (s *Store) purgeStrays(ctx context.Context, t *tx, before time.Time) (int64, error) {
	// CROSS JOIN keeps SQLite from turning the join round and reading all comments.
	const strays = `(SELECT c.desk_id, c.id FROM desks d
		CROSS JOIN comments c WHERE c.desk_id = d.id AND c.issue_id = '' AND c.created_at < $1
		ORDER BY c.desk_id, c.created_at, c.id LIMIT $2)`
	if _, err := t.exec(ctx, "DELETE FROM comment_versions WHERE (desk_id, comment_id) IN "+strays, before, purgeAtOnce); err != nil {
		return 0, err
	}
	return t.exec(ctx, "DELETE FROM comments WHERE (desk_id, id) IN "+strays, before, purgeAtOnce)
}

// purgeKept removes kept inbounds that are too old or too many.
func (s *Store) purgeKept(ctx context.Context, t *tx, p storage.PurgeParams) (int64, error) {
	old, err := t.exec(ctx, "DELETE FROM kept WHERE id IN (SELECT id FROM kept WHERE at < $1 ORDER BY at LIMIT $2)",
		p.KeptBefore, purgeAtOnce)
	if err != nil {
		return 0, err
	}
	// Going over those that stay is bounded by their number.
	many, err := t.exec(ctx, `DELETE FROM kept WHERE id IN (SELECT id FROM kept WHERE id <= COALESCE(
			(SELECT id FROM kept WHERE id > 0 ORDER BY id DESC LIMIT 1 OFFSET $1), 0) ORDER BY id LIMIT $2)`,
		p.KeptMost, purgeAtOnce)
	return old + many, err
}
