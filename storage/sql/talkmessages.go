package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"taskbridge/storage"
)

// sayMessage adds a message, in the order of messageColumns, and gives its moment, which
// stands behind that of what was said in its thread before: people who speak at once take
// their numbers in one order and may have looked at the clock in another.
func sayMessage() string {
	return strings.Replace(insert("talk_messages", messageColumns), "$15",
		`(SELECT CASE WHEN x.last >= $15 THEN x.last + 1 ELSE $15 END FROM (SELECT COALESCE((SELECT l.created_at FROM talk_messages AS l
			WHERE l.desk_id = $1 AND l.channel = $3 AND l.thread = $4 ORDER BY l.seq DESC LIMIT 1), 0) AS last) AS x)`, 1) + " RETURNING created_at"
}

// Say implements storage.TalkMessages.
func (s *Store) Say(ctx context.Context, desk string, m storage.TalkMessage, tell func(storage.TalkMessage) storage.Tale) (said storage.TalkMessage, fresh bool, err error) {
	err = s.talk(ctx, desk, func(t *tx, change int64) error {
		said, fresh = storage.TalkMessage{}, false
		if m.Delivery != "" {
			err := t.row(ctx, "SELECT "+messageColumns+" FROM talk_messages WHERE desk_id = $1 AND channel = $2 AND delivery = $3",
				messageFields(&said), desk, m.Room, m.Delivery)
			if !errors.Is(err, storage.ErrNotFound) {
				return err
			}
		}
		if err := t.mayBeSaid(ctx, m); err != nil {
			return err
		}
		for _, f := range m.Files {
			n, err := t.exec(ctx, "UPDATE talk_files SET message = $3 WHERE desk_id = $1 AND id = $2 AND channel = $4 AND message = ''", desk, f, m.ID, m.Room)
			if err == nil && n == 0 {
				err = storage.ErrStale
			}
			if err != nil {
				return err
			}
		}
		said, fresh = m, true
		said.Seq, said.Change = change, change
		if err := t.row(ctx, sayMessage(), []any{at(&said.CreatedAt)}, t.bind(messageFields(&said))...); err != nil {
			return err
		}
		// Who said it has read it; and a root shows how many replies it has.
		if _, err := t.exec(ctx, "UPDATE talk_members SET seen = $4 WHERE desk_id = $1 AND channel = $2 AND person = $3", desk, m.Room, m.Author, change); err != nil {
			return err
		}
		if m.Thread != "" {
			if _, err := t.exec(ctx, "UPDATE talk_messages SET change = $3 WHERE desk_id = $1 AND id = $2", desk, m.Thread, change); err != nil {
				return err
			}
		}
		if tell == nil {
			return nil
		}
		return t.tell(ctx, change, tell(said))
	})
	if err != nil {
		return storage.TalkMessage{}, false, fmt.Errorf("say something in %s: %w", m.Room, err)
	}
	return said, fresh, nil
}

// mayBeSaid looks whether what a message goes to is still there.
func (t *tx) mayBeSaid(ctx context.Context, m storage.TalkMessage) error {
	if m.Room != "" {
		var archived bool
		err := t.row(ctx, "SELECT archived FROM talk_channels WHERE desk_id = $1 AND id = $2", []any{&archived}, t.desk, m.Room)
		if errors.Is(err, storage.ErrNotFound) || err == nil && archived {
			return storage.ErrClosed
		}
		if err != nil {
			return err
		}
	}
	if m.Thread == "" {
		return nil
	}
	var one int
	return t.row(ctx, `SELECT 1 FROM talk_messages WHERE desk_id = $1 AND id = $2 AND channel = $3 AND thread = '' AND addressee = '' AND deleted_at = 0`,
		[]any{&one}, t.desk, m.Thread, m.Room)
}

// Reword implements storage.TalkMessages.
func (s *Store) Reword(ctx context.Context, desk string, m storage.TalkMessage, was time.Time, tell storage.Tale) (is storage.TalkMessage, err error) {
	err = s.talk(ctx, desk, func(t *tx, change int64) error {
		if err := t.live(ctx, m.ID, &is); err != nil {
			return err
		}
		switch {
		case is.EditedAt.Equal(was):
		case is.Text == m.Text && is.Body == m.Body:
			return nil
		default:
			return storage.ErrStale
		}
		is.Text, is.Body, is.Calls, is.Change, is.EditedAt = m.Text, m.Body, m.Calls, change, m.EditedAt
		_, err := t.exec(ctx, `UPDATE talk_messages SET text = $3, body = $4, mentions = $5, edited_at = $6, change = $7 WHERE desk_id = $1 AND id = $2`,
			desk, m.ID, is.Text, is.Body, asJSON(&is.Calls), is.EditedAt, change)
		if err != nil {
			return err
		}
		return t.tell(ctx, change, tell)
	})
	if err != nil {
		return storage.TalkMessage{}, fmt.Errorf("reword message %s: %w", m.ID, err)
	}
	return is, nil
}

// Retract implements storage.TalkMessages.
func (s *Store) Retract(ctx context.Context, desk, id string, when time.Time, tell storage.Tale) (gone time.Time, err error) {
	err = s.talk(ctx, desk, func(t *tx, change int64) error {
		var was storage.TalkMessage
		err := t.row(ctx, "SELECT "+messageColumns+" FROM talk_messages WHERE desk_id = $1 AND id = $2", messageFields(&was), desk, id)
		if gone = was.DeletedAt; err != nil || !gone.IsZero() {
			return err
		}
		gone = when
		for _, f := range was.Files {
			if _, err := t.exec(ctx, "DELETE FROM talk_files WHERE desk_id = $1 AND id = $2", desk, f); err != nil {
				return err
			}
		}
		_, err = t.exec(ctx, `UPDATE talk_messages SET text = '', body = '', files = '', mentions = '', pinned = FALSE, deleted_at = $3, change = $4
			WHERE desk_id = $1 AND id = $2`, desk, id, when, change)
		if err == nil && was.Thread != "" {
			_, err = t.exec(ctx, "UPDATE talk_messages SET change = $3 WHERE desk_id = $1 AND id = $2", desk, was.Thread, change)
		}
		if err != nil {
			return err
		}
		return t.tell(ctx, change, tell)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("retract message %s: %w", id, err)
	}
	return gone, nil
}

// Pin implements storage.TalkMessages.
func (s *Store) Pin(ctx context.Context, desk, id string, pinned bool) error {
	err := s.talk(ctx, desk, func(t *tx, change int64) error {
		return t.one(ctx, `UPDATE talk_messages SET pinned = $3, change = $4 WHERE desk_id = $1 AND id = $2 AND deleted_at = 0 AND addressee = ''`,
			desk, id, pinned, change)
	})
	if err != nil {
		return fmt.Errorf("pin message %s: %w", id, err)
	}
	return nil
}

// live reads a message that is not gone.
func (t *tx) live(ctx context.Context, id string, m *storage.TalkMessage) error {
	return t.row(ctx, "SELECT "+messageColumns+" FROM talk_messages WHERE desk_id = $1 AND id = $2 AND deleted_at = 0", messageFields(m), t.desk, id)
}

// TalkMessage implements storage.TalkMessages.
func (s *Store) TalkMessage(ctx context.Context, desk, id string) (m storage.TalkMessage, err error) {
	err = s.hear(ctx, desk, func(t *tx) error {
		return t.row(ctx, "SELECT "+messageColumns+" FROM talk_messages WHERE desk_id = $1 AND id = $2", messageFields(&m), desk, id)
	})
	if err != nil {
		return storage.TalkMessage{}, fmt.Errorf("read message %s: %w", id, err)
	}
	return m, nil
}

// TalkDelivered implements storage.TalkMessages.
func (s *Store) TalkDelivered(ctx context.Context, desk, room, delivery string) (m storage.TalkMessage, err error) {
	err = s.hear(ctx, desk, func(t *tx) error {
		if delivery == "" {
			return storage.ErrNotFound
		}
		return t.row(ctx, "SELECT "+messageColumns+" FROM talk_messages WHERE desk_id = $1 AND channel = $2 AND delivery = $3",
			messageFields(&m), desk, room, delivery)
	})
	if err != nil {
		return storage.TalkMessage{}, fmt.Errorf("find the message of a delivery: %w", err)
	}
	return m, nil
}

// ListTalk implements storage.TalkLists.
func (s *Store) ListTalk(ctx context.Context, desk string, q storage.TalkFilter) (list []storage.TalkMessage, err error) {
	f := &filter{}
	f.add("m.desk_id = ? AND m.channel = ?", desk, q.Room)
	if q.Room == "" {
		f.add("m.addressee = ?", q.Reader)
	} else {
		f.add("m.addressee IN ('', ?)", q.Reader)
	}
	switch {
	case q.Pinned:
		f.add("m.pinned AND m.deleted_at = 0")
	case q.Thread != "":
		f.add("(m.id = ? OR m.thread = ?) AND m.deleted_at = 0", q.Thread, q.Thread)
	default:
		// A root that is gone stands for as long as it has replies.
		f.add("m.thread = '' AND (m.deleted_at = 0 OR EXISTS (SELECT 1 FROM talk_messages AS r WHERE r.desk_id = m.desk_id AND r.channel = m.channel AND r.thread = m.id AND r.deleted_at = 0))")
	}
	if q.Before > 0 {
		f.add("m.seq < ?", q.Before)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	f.args = append(f.args, limit, q.Reader)
	query := fmt.Sprintf("SELECT %s FROM (SELECT m.* FROM talk_messages AS m WHERE TRUE%s ORDER BY m.seq DESC LIMIT $%d) AS m ORDER BY m.seq",
		withReplies(len(f.args)), f.where.String(), len(f.args)-1)
	err = s.hear(ctx, desk, func(t *tx) (err error) {
		list, err = collect(ctx, t, repliedFields, query, f.args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list messages of %s: %w", q.Room, err)
	}
	return list, nil
}

func repliedFields(m *storage.TalkMessage) []any {
	return append(messageFields(m), &m.Replies, at(&m.RepliedAt), &m.New)
}

// withReplies are the columns of messages m with what is known of their replies, to the
// person of an argument.
func withReplies(person int) string {
	columns := "m." + strings.Join(split(messageColumns), ", m.") + ", "
	const replies = "FROM talk_messages AS r WHERE r.desk_id = m.desk_id AND r.channel = m.channel AND r.thread = m.id AND m.thread = '' AND r.deleted_at = 0 AND r.addressee = ''"
	// To who is not in the channel nothing is new.
	unread := fmt.Sprintf(` AND r.author <> $%[1]d
		AND r.seq > (SELECT x.since FROM talk_members AS x WHERE x.desk_id = m.desk_id AND x.channel = m.channel AND x.person = $%[1]d)
		AND r.seq > COALESCE((SELECT x.seen FROM talk_threads AS x WHERE x.desk_id = m.desk_id AND x.person = $%[1]d AND x.thread = m.id), 0)`, person)
	return columns + "(SELECT count(*) " + replies + "), (SELECT COALESCE(max(r.created_at), 0) " + replies + "), (SELECT count(*) " + replies + unread + ")"
}

// TalkSince implements storage.TalkLists.
func (s *Store) TalkSince(ctx context.Context, desk, person string, change int64, limit int) (list []storage.TalkMessage, err error) {
	err = s.hear(ctx, desk, func(t *tx) (err error) {
		list, err = collect(ctx, t, repliedFields, "SELECT "+withReplies(3)+` FROM talk_messages AS m
			WHERE m.desk_id = $1 AND m.change > $2 AND (m.addressee = $3 OR m.addressee = ''
				AND m.channel IN (SELECT channel FROM talk_members WHERE desk_id = $1 AND person = $3))
			ORDER BY m.change, m.seq LIMIT $4`, desk, change, person, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list what has changed: %w", err)
	}
	return list, nil
}

// TalkChange implements storage.TalkLists.
func (s *Store) TalkChange(ctx context.Context, desk string) (change int64, err error) {
	err = s.hear(ctx, desk, func(t *tx) error {
		err := t.row(ctx, "SELECT change FROM talk_state WHERE desk_id = $1", []any{&change}, desk)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read the last change: %w", err)
	}
	return change, nil
}

// Untold implements storage.Tales.
func (s *Store) Untold(ctx context.Context, desk string, before time.Time, limit int) (list []storage.Tale, err error) {
	err = s.hear(ctx, desk, func(t *tx) (err error) {
		list, err = collect(ctx, t, func(f *storage.Tale) []any { return []any{&f.Key, &f.Payload, at(&f.At)} },
			"SELECT dedup_key, payload, at FROM talk_feed WHERE desk_id = $1 AND at < $2 ORDER BY change LIMIT $3", desk, before, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list what was not told: %w", err)
	}
	return list, nil
}

// Told implements storage.Tales.
func (s *Store) Told(ctx context.Context, desk, key string) error {
	err := s.write(ctx, desk, func(c session) error {
		t := &tx{store: s, session: c, desk: desk}
		return t.later(ctx, "DELETE FROM talk_feed WHERE desk_id = $1 AND dedup_key = $2", desk, key)
	})
	if err != nil {
		return fmt.Errorf("take off what was told: %w", err)
	}
	return nil
}
