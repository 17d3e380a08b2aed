package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"taskbridge/storage"
)

// AcquireLease implements storage.Leasing.
func (s *Store) AcquireLease(ctx context.Context, p storage.LeaseParams) (int64, error) {
	var token int64
	err := s.across(ctx, func(t *tx) error {
		token = 0
		now := s.now()
		err := t.row(ctx, `INSERT INTO leases (name, holder, token, until) VALUES ($1, $2, 1, $3)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
				token = leases.token + CASE WHEN leases.holder = excluded.holder AND leases.until > $4 THEN 0 ELSE 1 END
			WHERE leases.holder = excluded.holder OR leases.until <= $4
			RETURNING token`, []any{&token}, p.Name, p.Holder, now.Add(p.For), now)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		return err
	})
	if err == nil && token == 0 {
		err = storage.ErrConflict
	}
	if err != nil {
		return 0, fmt.Errorf("acquire the lease %s: %w", p.Name, err)
	}
	return token, nil
}

// ReleaseLease implements storage.Leasing.
func (s *Store) ReleaseLease(ctx context.Context, name, holder string) error {
	err := s.across(ctx, func(t *tx) error {
		_, err := t.exec(ctx, "UPDATE leases SET until = 0 WHERE name = $1 AND holder = $2", name, holder)
		return err
	})
	if err != nil {
		return fmt.Errorf("release the lease %s: %w", name, err)
	}
	return nil
}

// CountLeases implements storage.Leasing.
func (s *Store) CountLeases(ctx context.Context, prefix string) (int, error) {
	var n int
	err := s.view(ctx, func(t *tx) error {
		// The first name beyond all that begin with the prefix ends the range.
		return t.row(ctx, "SELECT count(*) FROM leases WHERE name >= $1 AND name < $2 AND until > $3",
			[]any{&n}, prefix, prefix+"\U0010ffff", s.now())
	})
	if err != nil {
		return 0, fmt.Errorf("count the leases %s: %w", prefix, err)
	}
	return n, nil
}
