package sqlstore

import (
	"context"
	"fmt"
	"time"

	"taskbridge/storage"
)

// PutHome implements storage.Homes.
func (t *tx) PutHome(ctx context.Context, h storage.Home) error {
	if err := t.later(ctx, t.store.sql.putHome, t.bind(homeFields(&h))...); err != nil {
		return fmt.Errorf("put the home of %s: %w", h.Person, err)
	}
	return nil
}

// Home implements storage.Homes.
func (t *tx) Home(ctx context.Context, workspace, person string) (storage.Home, error) {
	var h storage.Home
	err := t.lock(ctx, exclusive, "home", workspace, person)
	if err == nil {
		err = t.row(ctx, "SELECT "+homeColumns+" FROM homes WHERE desk_id = $1 AND workspace = $2 AND person = $3",
			homeFields(&h), t.desk, workspace, person)
	}
	if err != nil {
		return storage.Home{}, fmt.Errorf("read the home of %s: %w", person, err)
	}
	return h, nil
}

// RecentHomes implements storage.Homes.
func (t *tx) RecentHomes(ctx context.Context, since time.Time, limit int) ([]storage.Home, error) {
	list, err := collect(ctx, t, homeFields, "SELECT "+homeColumns+` FROM homes
		WHERE desk_id = $1 AND opened_at >= $2 ORDER BY opened_at DESC LIMIT $3`, t.desk, since, limit)
	if err != nil {
		return nil, fmt.Errorf("list homes: %w", err)
	}
	return list, nil
}
