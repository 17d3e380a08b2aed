package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

// PutMirror implements storage.Mirrors.
func (t *tx) PutMirror(ctx context.Context, m storage.Mirror) error {
	if err := t.later(ctx, t.store.sql.putMirror, t.bind(mirrorFields(&m))...); err != nil {
		return fmt.Errorf("put a mirror of comment %s: %w", m.Comment, err)
	}
	return nil
}

// RemoveMirror implements storage.Mirrors.
func (t *tx) RemoveMirror(ctx context.Context, comment, card string, part int) error {
	err := t.later(ctx, "DELETE FROM mirrors WHERE desk_id = $1 AND comment_id = $2 AND card_id = $3 AND part = $4",
		t.desk, comment, card, part)
	if err != nil {
		return fmt.Errorf("remove a mirror of comment %s: %w", comment, err)
	}
	return nil
}

// ListMirrors implements storage.Mirrors.
func (t *tx) ListMirrors(ctx context.Context, comment, card string) ([]storage.Mirror, error) {
	var f filter
	f.add("desk_id = ?", t.desk)
	if comment != "" {
		f.add("comment_id = ?", comment)
	}
	if card != "" {
		f.add("card_id = ?", card)
	}
	list, err := collect(ctx, t, mirrorFields, "SELECT "+mirrorColumns+" FROM mirrors WHERE TRUE"+
		f.where.String()+" ORDER BY comment_id, card_id, part", f.args...)
	if err != nil {
		return nil, fmt.Errorf("list mirrors: %w", err)
	}
	return list, nil
}

// ForgetMirrors implements storage.Mirrors.
func (t *tx) ForgetMirrors(ctx context.Context, card, thread string) (int, error) {
	n, err := t.exec(ctx, "DELETE FROM mirrors WHERE desk_id = $1 AND card_id = $2 AND thread = $3", t.desk, card, thread)
	if err != nil {
		return 0, fmt.Errorf("forget the mirrors at card %s: %w", card, err)
	}
	return int(n), nil
}
