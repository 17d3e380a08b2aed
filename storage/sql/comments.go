package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"taskbridge/storage"
)

// InsertComment implements storage.Comments.
func (t *tx) InsertComment(ctx context.Context, c storage.Comment) (bool, error) {
	n, err := t.exec(ctx, t.store.sql.insertComment, t.bind(commentFields(&c))...)
	if err != nil {
		return false, fmt.Errorf("insert comment %s: %w", c.ID, err)
	}
	return n > 0, nil
}

// lockComments is for those who read comments in order to write them. There are few:
// a new comment needs no lock.
func (t *tx) lockComments(ctx context.Context) error { return t.lock(ctx, exclusive, "comments") }

// Comment implements storage.Comments.
func (t *tx) Comment(ctx context.Context, id string) (storage.Comment, error) {
	var c storage.Comment
	err := t.lockComments(ctx)
	if err == nil {
		err = t.row(ctx, "SELECT "+commentColumns+" FROM comments WHERE desk_id = $1 AND id = $2",
			commentFields(&c), t.desk, id)
	}
	if err != nil {
		return storage.Comment{}, fmt.Errorf("read comment %s: %w", id, err)
	}
	return c, nil
}

// CommentBySource implements storage.Comments.
func (t *tx) CommentBySource(ctx context.Context, workspace, channel, message string) (storage.Comment, error) {
	var c storage.Comment
	err := t.lockComments(ctx)
	if err == nil {
		err = t.row(ctx, "SELECT "+commentColumns+` FROM comments
			WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND message = $4 AND message <> ''`,
			commentFields(&c), t.desk, workspace, channel, message)
	}
	if err != nil {
		return storage.Comment{}, fmt.Errorf("read the comment of message %s: %w", message, err)
	}
	return c, nil
}

// SaveComment implements storage.Comments.
func (t *tx) SaveComment(ctx context.Context, c storage.Comment) error {
	if err := t.one(ctx, t.store.sql.updateComment, t.bind(commentFields(&c))...); err != nil {
		return fmt.Errorf("save comment %s: %w", c.ID, err)
	}
	return nil
}

// AddVersion implements storage.Comments.
func (t *tx) AddVersion(ctx context.Context, comment string, v storage.Version) error {
	// The digest stands for the text in the key, because PostgreSQL limits keys to
	// some 2,700 bytes.
	digest := sha256.Sum256([]byte(v.Text))
	_, err := t.exec(ctx, `INSERT INTO comment_versions (desk_id, comment_id, at, digest, text)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		t.desk, comment, v.At, hex.EncodeToString(digest[:]), v.Text)
	if err != nil {
		return fmt.Errorf("add a version of comment %s: %w", comment, err)
	}
	return nil
}

// The orders in which comments are read.
const (
	oldestFirst = " ORDER BY created_at, id"
	newestFirst = " ORDER BY created_at DESC, id DESC"
)

// ListComments implements storage.Conversations.
func (t *tx) ListComments(ctx context.Context, q storage.CommentFilter) ([]storage.Comment, error) {
	var f filter
	f.add("desk_id = ? AND issue_id = ?", t.desk, q.Issue)
	if !q.Orphans {
		f.add("NOT orphan")
	}
	if q.Files {
		f.add("files <> ''")
	}
	if q.Visibility != "" {
		f.add("visibility = ?", q.Visibility)
	}
	if q.Assignment != "" {
		f.add("assignment_id = ?", q.Assignment)
	}
	if q.After != "" {
		f.add("(created_at, id) > (SELECT created_at, id FROM comments WHERE desk_id = ? AND id = ?)", t.desk, q.After)
	}
	if q.Before != "" {
		f.add("(created_at, id) < (SELECT created_at, id FROM comments WHERE desk_id = ? AND id = ?)", t.desk, q.Before)
	}
	if q.Held {
		f.add("held")
		if err := t.lockComments(ctx); err != nil {
			return nil, fmt.Errorf("list the comments of issue %s: %w", q.Issue, err)
		}
	}
	tail := oldestFirst
	if q.Newest {
		tail = newestFirst
	}
	if q.Limit > 0 {
		f.args = append(f.args, q.Limit)
		tail += fmt.Sprintf(" LIMIT $%d", len(f.args))
	}
	list, err := t.comments(ctx, &f, tail)
	if err != nil {
		return nil, fmt.Errorf("list the comments of issue %s: %w", q.Issue, err)
	}
	if q.Newest {
		slices.Reverse(list)
	}
	return list, nil
}

// SharedReplies implements storage.Conversations.
func (t *tx) SharedReplies(ctx context.Context, issue string) (int, storage.Comment, error) {
	const shared = ` FROM comments WHERE desk_id = $1 AND issue_id = $2 AND visibility = 'shared' AND deleted_at = 0 AND NOT orphan`
	var count int
	if err := t.row(ctx, "SELECT count(*)"+shared, []any{&count}, t.desk, issue); err != nil {
		return 0, storage.Comment{}, fmt.Errorf("count the replies of issue %s: %w", issue, err)
	}
	var c storage.Comment
	err := t.row(ctx, "SELECT "+commentColumns+shared+" ORDER BY created_at DESC, id DESC LIMIT 1", commentFields(&c), t.desk, issue)
	if err != nil {
		return 0, storage.Comment{}, fmt.Errorf("read the newest reply of issue %s: %w", issue, err)
	}
	return count, c, nil
}

// NewestComment implements storage.Conversations.
func (t *tx) NewestComment(ctx context.Context, issue string) (time.Time, error) {
	var said time.Time
	err := t.row(ctx, "SELECT created_at FROM comments WHERE desk_id = $1 AND issue_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1",
		[]any{at(&said)}, t.desk, issue)
	if err != nil {
		return time.Time{}, fmt.Errorf("read when issue %s was last spoken of: %w", issue, err)
	}
	return said, nil
}

// Replies implements storage.Conversations.
func (t *tx) Replies(ctx context.Context, workspace, channel, thread string) ([]storage.Comment, error) {
	var f filter
	f.add("desk_id = ? AND workspace = ? AND channel = ? AND thread = ? AND thread <> ''",
		t.desk, workspace, channel, thread)
	err := t.lockComments(ctx)
	var list []storage.Comment
	if err == nil {
		list, err = t.comments(ctx, &f, oldestFirst)
	}
	if err != nil {
		return nil, fmt.Errorf("list the replies to %s: %w", thread, err)
	}
	return list, nil
}

// comments lists comments in order with their versions. The tail of the query limits
// them.
func (t *tx) comments(ctx context.Context, f *filter, tail string) ([]storage.Comment, error) {
	list, err := collect(ctx, t, commentFields, "SELECT "+commentColumns+" FROM comments WHERE TRUE"+
		f.where.String()+tail, f.args...)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*storage.Comment, len(list))
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
		byID[list[i].ID] = &list[i]
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), idsAtOnce)]
		ids = ids[len(some):]
		var f filter
		f.add("desk_id = ?", t.desk)
		marks, args := in(some)
		f.add("comment_id IN "+marks, args...)
		err := t.session.each(ctx, "SELECT comment_id, at, text FROM comment_versions WHERE TRUE"+f.where.String()+
			" ORDER BY comment_id, at, digest", func(scan func(...any) error) error {
			var id string
			var when int64
			var v storage.Version
			if err := scan(&id, &when, &v.Text); err != nil {
				return err
			}
			v.At = fromMicros(when)
			byID[id].Versions = append(byID[id].Versions, v)
			return nil
		}, f.args...)
		if err != nil {
			return nil, t.store.dialect.mapError(err)
		}
	}
	return list, nil
}
