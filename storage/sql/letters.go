package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"taskbridge/storage"
)

const (
	gatheredColumns   = "workspace, channel, thread, message, body"
	statusLinkColumns = "id, issue_id, created_at, workspace, address"
)

func gatheredFields(g *storage.Gathered) []any {
	return []any{&g.Workspace, &g.Channel, &g.Thread, &g.Message, &g.Body}
}

func statusLinkFields(l *storage.StatusLink) []any {
	return []any{&l.ID, &l.Issue, at(&l.CreatedAt), &l.Workspace, &l.Address}
}

// PutGathered implements storage.Gathering.
func (t *tx) PutGathered(ctx context.Context, g storage.Gathered) error {
	if err := t.lock(ctx, exclusive, "gathered", g.Workspace, g.Channel, g.Thread); err != nil {
		return fmt.Errorf("lock what is to be shown in a thread: %w", err)
	}
	query := insert("gathered", gatheredColumns) +
		" ON CONFLICT (desk_id, workspace, channel, message) DO UPDATE SET body = excluded.body"
	if err := t.later(ctx, query, t.bind(gatheredFields(&g))...); err != nil {
		return fmt.Errorf("put message %s to be shown: %w", g.Message, err)
	}
	return nil
}

// RemoveGathered implements storage.Gathering.
func (t *tx) RemoveGathered(ctx context.Context, workspace, channel string, messages ...string) error {
	for _, m := range messages {
		err := t.later(ctx, "DELETE FROM gathered WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND message = $4",
			t.desk, workspace, channel, m)
		if err != nil {
			return fmt.Errorf("remove message %s to be shown: %w", m, err)
		}
	}
	return nil
}

// Gathered implements storage.Gathering.
func (t *tx) Gathered(ctx context.Context, workspace, channel, thread string) ([]storage.Gathered, error) {
	if err := t.lock(ctx, exclusive, "gathered", workspace, channel, thread); err != nil {
		return nil, fmt.Errorf("lock what is to be shown in a thread: %w", err)
	}
	list, err := collect(ctx, t, gatheredFields, "SELECT "+gatheredColumns+` FROM gathered
		WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND thread = $4 ORDER BY seq`, t.desk, workspace, channel, thread)
	if err != nil {
		return nil, fmt.Errorf("list what is to be shown in a thread: %w", err)
	}
	return list, nil
}

// GatheredMessage implements storage.Gathering.
func (t *tx) GatheredMessage(ctx context.Context, workspace, channel, message string) (storage.Gathered, error) {
	var g storage.Gathered
	err := t.row(ctx, "SELECT "+gatheredColumns+` FROM gathered
		WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND message = $4`, gatheredFields(&g), t.desk, workspace, channel, message)
	if err != nil {
		return storage.Gathered{}, fmt.Errorf("read message %s to be shown: %w", message, err)
	}
	return g, nil
}

// ShownCard implements storage.Gathering.
func (t *tx) ShownCard(ctx context.Context, workspace, channel, thread string) (string, error) {
	var shown string
	err := t.row(ctx, `SELECT shown FROM shown_cards
		WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND thread = $4`, []any{&shown}, t.desk, workspace, channel, thread)
	if errors.Is(err, storage.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read what was shown of a card: %w", err)
	}
	return shown, nil
}

// SetShownCard implements storage.Gathering.
func (t *tx) SetShownCard(ctx context.Context, workspace, channel, thread, shown string) error {
	err := t.later(ctx, upsert("shown_cards", "workspace, channel, thread, shown", "workspace", "channel", "thread"),
		t.desk, workspace, channel, thread, shown)
	if err != nil {
		return fmt.Errorf("write what was shown of a card: %w", err)
	}
	return nil
}

// PutStatusLink implements storage.StatusLinks.
func (t *tx) PutStatusLink(ctx context.Context, l storage.StatusLink) error {
	err := t.later(ctx, insert("status_links", statusLinkColumns)+
		" ON CONFLICT (desk_id, issue_id) DO UPDATE SET id = excluded.id, created_at = excluded.created_at, workspace = excluded.workspace, address = excluded.address",
		t.bind(statusLinkFields(&l))...)
	if err != nil {
		return fmt.Errorf("put a status link: %w", err)
	}
	return nil
}

// StatusLink implements storage.StatusLinks.
func (t *tx) StatusLink(ctx context.Context, id string) (storage.StatusLink, error) {
	return t.statusLink(ctx, "id", id)
}

// IssueStatusLink implements storage.StatusLinks.
func (t *tx) IssueStatusLink(ctx context.Context, issue string) (storage.StatusLink, error) {
	if err := t.lock(ctx, exclusive, "status_link", issue); err != nil {
		return storage.StatusLink{}, fmt.Errorf("lock a status link: %w", err)
	}
	return t.statusLink(ctx, "issue_id", issue)
}

func (t *tx) statusLink(ctx context.Context, column, value string) (storage.StatusLink, error) {
	var l storage.StatusLink
	err := t.row(ctx, "SELECT "+statusLinkColumns+" FROM status_links WHERE desk_id = $1 AND "+column+" = $2",
		statusLinkFields(&l), t.desk, value)
	if err != nil {
		return storage.StatusLink{}, fmt.Errorf("read a status link: %w", err)
	}
	return l, nil
}

// RemoveStatusLink implements storage.StatusLinks.
func (t *tx) RemoveStatusLink(ctx context.Context, issue string) error {
	if err := t.later(ctx, "DELETE FROM status_links WHERE desk_id = $1 AND issue_id = $2", t.desk, issue); err != nil {
		return fmt.Errorf("remove a status link: %w", err)
	}
	return nil
}
