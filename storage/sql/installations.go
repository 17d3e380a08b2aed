package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

const workspaceColumns = "id, desk_id, platform, name, bot"

func workspaceFields(w *storage.Workspace) []any {
	return []any{&w.ID, &w.Desk, &w.Platform, &w.Name, &w.Bot}
}

// EnsureDesk implements storage.Installations.
func (s *Store) EnsureDesk(ctx context.Context, d storage.Desk) error {
	err := s.across(ctx, func(t *tx) error {
		_, err := t.exec(ctx, "INSERT INTO desks (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
			d.ID, d.Name, d.CreatedAt)
		return err
	})
	if err != nil {
		return fmt.Errorf("ensure desk %s: %w", d.ID, err)
	}
	return nil
}

// PutWorkspace implements storage.Installations.
func (s *Store) PutWorkspace(ctx context.Context, w storage.Workspace) error {
	err := s.across(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `INSERT INTO workspaces (id, desk_id, platform, name, bot) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET platform = excluded.platform, name = excluded.name, bot = excluded.bot
			WHERE workspaces.desk_id = excluded.desk_id`, w.ID, w.Desk, w.Platform, w.Name, w.Bot)
		if err == nil && n == 0 {
			err = storage.ErrExists
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("put workspace %s: %w", w.ID, err)
	}
	return nil
}

// Workspace implements storage.Installations.
func (s *Store) Workspace(ctx context.Context, id string) (storage.Workspace, error) {
	var w storage.Workspace
	err := s.view(ctx, func(t *tx) error {
		return t.row(ctx, "SELECT "+workspaceColumns+" FROM workspaces WHERE id = $1", workspaceFields(&w), id)
	})
	if err != nil {
		return storage.Workspace{}, fmt.Errorf("read workspace %s: %w", id, err)
	}
	return w, nil
}

// Workspaces implements storage.Installations.
func (s *Store) Workspaces(ctx context.Context) ([]storage.Workspace, error) {
	var list []storage.Workspace
	err := s.view(ctx, func(t *tx) (err error) {
		list, err = collect(ctx, t, workspaceFields, "SELECT "+workspaceColumns+" FROM workspaces ORDER BY id")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list workspaces: %w", err)
	}
	return list, nil
}
