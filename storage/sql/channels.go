package sqlstore

import (
	"context"
	"fmt"
	"time"

	"taskbridge/storage"
)

// PutChannel implements storage.Channels.
func (t *tx) PutChannel(ctx context.Context, c storage.Channel) error {
	err := t.later(ctx, t.store.sql.putChannel, t.bind(channelFields(&c))...)
	if err == nil {
		err = t.accessChanged(ctx)
	}
	if err != nil {
		return fmt.Errorf("put channel %s: %w", c.ID, err)
	}
	return nil
}

// Channel implements storage.Channels.
func (t *tx) Channel(ctx context.Context, workspace, id string) (storage.Channel, error) {
	var c storage.Channel
	err := t.lock(ctx, exclusive, "channel", workspace, id)
	if err == nil {
		err = t.row(ctx, "SELECT "+channelColumns+" FROM channels WHERE desk_id = $1 AND workspace = $2 AND id = $3",
			channelFields(&c), t.desk, workspace, id)
	}
	if err != nil {
		return storage.Channel{}, fmt.Errorf("read channel %s: %w", id, err)
	}
	return c, nil
}

// ListChannels implements storage.Channels.
func (t *tx) ListChannels(ctx context.Context, kind storage.ChannelKind, contractor string) ([]storage.Channel, error) {
	var f filter
	f.add("desk_id = ?", t.desk)
	if kind != "" {
		f.add("kind = ?", kind)
	}
	if contractor != "" {
		f.add("contractor_id = ?", contractor)
	}
	list, err := collect(ctx, t, channelFields, "SELECT "+channelColumns+" FROM channels WHERE TRUE"+
		f.where.String()+" ORDER BY created_at, workspace, id", f.args...)
	if err != nil {
		return nil, fmt.Errorf("list channels: %w", err)
	}
	return list, nil
}

// SetSynced implements storage.Channels.
func (t *tx) SetSynced(ctx context.Context, workspace, channel string, upTo time.Time) error {
	err := t.one(ctx, `UPDATE channels SET synced_at = CASE WHEN synced_at < $4 THEN $4 ELSE synced_at END
		WHERE desk_id = $1 AND workspace = $2 AND id = $3`, t.desk, workspace, channel, upTo)
	if err != nil {
		return fmt.Errorf("mark channel %s as synced: %w", channel, err)
	}
	return nil
}

// MoveChannel implements storage.Channels.
func (t *tx) MoveChannel(ctx context.Context, workspace, from, to string) error {
	if from == to {
		return nil
	}
	// What was enqueued before in this transaction moves too.
	if err := t.flush(ctx); err != nil {
		return err
	}
	// The platform may have told us of the new id first; then that record was made
	// without knowing what the channel is for, and the old one knows more.
	_, err := t.exec(ctx, `DELETE FROM channels WHERE desk_id = $1 AND workspace = $2 AND id = $4
		AND EXISTS (SELECT 1 FROM channels WHERE desk_id = $1 AND workspace = $2 AND id = $3)`,
		t.desk, workspace, from, to)
	if err != nil {
		return fmt.Errorf("move channel %s: %w", from, err)
	}
	err = t.one(ctx, "UPDATE channels SET id = $4 WHERE desk_id = $1 AND workspace = $2 AND id = $3",
		t.desk, workspace, from, to)
	if err != nil {
		return fmt.Errorf("move channel %s: %w", from, err)
	}
	for _, query := range []string{
		"UPDATE cards SET channel = $4 WHERE desk_id = $1 AND workspace = $2 AND channel = $3",
		`INSERT INTO gaps (desk_id, workspace, channel, number)
			SELECT desk_id, workspace, $4, number FROM gaps
			WHERE desk_id = $1 AND workspace = $2 AND channel = $3
			ON CONFLICT (desk_id, workspace, channel) DO UPDATE SET number = gaps.number + excluded.number`,
		"DELETE FROM gaps WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND $4 <> ''",
		`INSERT INTO thread_marks (desk_id, workspace, channel, thread, gap, read_at, replies, latest, found_at)
			SELECT desk_id, workspace, $4, thread, gap, read_at, replies, latest, found_at FROM thread_marks
			WHERE desk_id = $1 AND workspace = $2 AND channel = $3 ON CONFLICT DO NOTHING`,
		"DELETE FROM thread_marks WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND $4 <> ''",
		"UPDATE invitations SET channel = $4 WHERE desk_id = $1 AND workspace = $2 AND channel = $3",
		"UPDATE outsiders SET channel = $4 WHERE desk_id = $1 AND workspace = $2 AND channel = $3",
		// A message that is in both is one message: the new channel's record wins,
		// and the old one stays where nothing looks for it.
		`UPDATE comments SET channel = $4 WHERE desk_id = $1 AND workspace = $2 AND channel = $3
			AND (message = '' OR NOT EXISTS (SELECT 1 FROM comments AS c WHERE c.desk_id = $1
				AND c.workspace = $2 AND c.channel = $4 AND c.message = comments.message))`,
		`INSERT INTO members (desk_id, workspace, channel, person)
			SELECT desk_id, workspace, $4, person FROM members
			WHERE desk_id = $1 AND workspace = $2 AND channel = $3 ON CONFLICT DO NOTHING`,
		"DELETE FROM members WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND $4 <> ''",
		// The lanes are made one: ids keep the order of what waits in both. Both
		// rows are locked by being written, the new one first made if need be.
		`INSERT INTO lanes (desk_id, workspace, name, ready_at, turn, parked, parked_at, reason)
			SELECT desk_id, workspace, $4, ready_at, turn, parked, parked_at, reason FROM lanes
			WHERE desk_id = $1 AND workspace = $2 AND name = $3
			ON CONFLICT (desk_id, workspace, name) DO UPDATE SET ready_at = CASE
				WHEN excluded.ready_at IS NULL THEN lanes.ready_at
				WHEN lanes.ready_at > excluded.ready_at THEN lanes.ready_at
				ELSE excluded.ready_at END`,
		"DELETE FROM lanes WHERE desk_id = $1 AND workspace = $2 AND name = $3 AND $4 <> ''",
		"UPDATE deliveries SET lane = $4 WHERE desk_id = $1 AND workspace = $2 AND lane = $3",
	} {
		if err := t.later(ctx, query, t.desk, workspace, from, to); err != nil {
			return fmt.Errorf("move channel %s: %w", from, err)
		}
	}
	if err := t.membersChanged(ctx, workspace, to); err != nil {
		return fmt.Errorf("move channel %s: %w", from, err)
	}
	return nil
}
