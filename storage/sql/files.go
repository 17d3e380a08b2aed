package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

// NoteFile implements storage.Files.
func (t *tx) NoteFile(ctx context.Context, digest, comment string) error {
	err := t.later(ctx, "INSERT INTO listed_files (desk_id, digest, comment_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
		t.desk, digest, comment)
	if err != nil {
		return fmt.Errorf("note a file of comment %s: %w", comment, err)
	}
	return nil
}

// FileComments implements storage.Files.
func (t *tx) FileComments(ctx context.Context, digest string) ([]storage.Comment, error) {
	list, err := collect(ctx, t, commentFields, "SELECT "+commentColumns+` FROM comments
		WHERE desk_id = $1 AND id IN (SELECT comment_id FROM listed_files WHERE desk_id = $1 AND digest = $2)
		ORDER BY created_at DESC, id DESC`, t.desk, digest)
	if err != nil {
		return nil, fmt.Errorf("list the comments with file %s: %w", digest, err)
	}
	return list, nil
}

// PutCarriedFile implements storage.Files.
func (t *tx) PutCarriedFile(ctx context.Context, f storage.CarriedFile) error {
	if err := t.later(ctx, t.store.sql.putCarriedFile, t.bind(carriedFields(&f))...); err != nil {
		return fmt.Errorf("put a carried file of comment %s: %w", f.Comment, err)
	}
	return nil
}

// RemoveCarriedFile implements storage.Files.
func (t *tx) RemoveCarriedFile(ctx context.Context, comment, card, file string) error {
	err := t.later(ctx, "DELETE FROM carried_files WHERE desk_id = $1 AND comment_id = $2 AND card_id = $3 AND file = $4",
		t.desk, comment, card, file)
	if err != nil {
		return fmt.Errorf("remove a carried file of comment %s: %w", comment, err)
	}
	return nil
}

// CarriedFiles implements storage.Files.
func (t *tx) CarriedFiles(ctx context.Context, comment, card string) ([]storage.CarriedFile, error) {
	list, err := collect(ctx, t, carriedFields, "SELECT "+carriedColumns+` FROM carried_files
		WHERE desk_id = $1 AND comment_id = $2 AND card_id = $3 ORDER BY file`, t.desk, comment, card)
	if err != nil {
		return nil, fmt.Errorf("list the carried files of comment %s: %w", comment, err)
	}
	return list, nil
}
