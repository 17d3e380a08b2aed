package bot

import (
	"context"
	"fmt"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// Watched implements chat.Watch: operations and firms' channels hold the threads
// that the ledger is made of.
func (e *Engine) Watched(ctx context.Context, workspace string) ([]chat.WatchedChannel, error) {
	var out []chat.WatchedChannel
	err := e.store.View(ctx, e.desk, func(tx storage.Tx) error {
		out = nil
		list, err := tx.ListChannels(ctx, "", "")
		if err != nil {
			return err
		}
		for _, c := range list {
			if c.Workspace == workspace && holdsThreads(c) {
				out = append(out, chat.WatchedChannel{Channel: c.ID, Since: c.SyncedAt})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list watched channels: %w", err)
	}
	return out, nil
}

// CaughtUp implements chat.Watch.
func (e *Engine) CaughtUp(ctx context.Context, workspace, channel string, upTo time.Time) error {
	err := e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
		return tx.SetSynced(ctx, workspace, channel, upTo)
	})
	if err != nil {
		return fmt.Errorf("move the mark of a channel: %w", err)
	}
	return nil
}
