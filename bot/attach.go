package bot

import (
	"context"
	"errors"
	"fmt"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// Attach connects a platform. The operations and managers' channels, by name or
// id, come from the configuration and may be empty: then they are set in chat.
// What waits for the platform is tried again, also on lanes that were parked.
func (e *Engine) Attach(ctx context.Context, p chat.Platform, operations, managers string) error {
	id := p.Workspace()
	err := e.store.PutWorkspace(ctx, storage.Workspace{
		ID: id, Desk: e.desk, Platform: platformOf(id), Name: id, Bot: p.Self().ID,
	})
	if err != nil {
		return fmt.Errorf("record the workspace %s: %w", id, err)
	}
	e.mu.Lock()
	e.platforms[id] = p
	e.mu.Unlock()

	for _, c := range []struct {
		kind storage.ChannelKind
		name string
	}{{storage.OperationsChannel, operations}, {storage.ManagersChannel, managers}} {
		if c.name == "" {
			continue
		}
		if err := e.setChannel(ctx, p, c.kind, c.name); err != nil {
			return err
		}
	}
	e.places.forget()
	if err := e.resumeLanes(ctx, id); err != nil {
		return err
	}
	e.lookForShared(ctx, p)
	e.learnRosters(ctx, id)
	if err := e.tend(ctx, id); err != nil {
		return err
	}
	select {
	case e.attached <- struct{}{}:
	default:
		// The dispatcher has not looked since the last one.
	}
	e.wakes.nudge(id)
	e.beginReconciling(p)
	return nil
}

// setChannel gives a configured channel its kind.
func (e *Engine) setChannel(ctx context.Context, p chat.Platform, kind storage.ChannelKind, name string) error {
	info, err := p.Channel(ctx, name)
	if err != nil {
		return fmt.Errorf("find the configured %s channel %q: %w", kind, name, err)
	}
	return e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
		c, err := tx.Channel(ctx, p.Workspace(), info.ID)
		if err == nil && !desksOwn(c) {
			return fmt.Errorf("the configured %s channel %q belongs to a contractor: configure a channel of your own people", kind, name)
		}
		if info.Shared && c.Kind != kind {
			return fmt.Errorf("the configured %s channel %q: %w", kind, name, sharedChannel())
		}
		if errors.Is(err, storage.ErrNotFound) {
			c, err = storage.Channel{Workspace: p.Workspace(), ID: info.ID, CreatedAt: e.now(), SyncedAt: e.now()}, nil
		}
		if err != nil {
			return err
		}
		c.Kind, c.Name, c.URL = kind, info.Name, info.URL
		return tx.PutChannel(ctx, c)
	})
}

func (e *Engine) resumeLanes(ctx context.Context, workspace string) error {
	parked, err := e.store.ParkedLanes(ctx)
	if err != nil {
		return fmt.Errorf("list parked lanes: %w", err)
	}
	for _, l := range parked {
		if l.Lane.Workspace != workspace {
			continue
		}
		err := e.store.Update(ctx, l.Desk, func(tx storage.Tx) error { return tx.Resume(ctx, l.Lane) })
		if err != nil {
			return fmt.Errorf("resume a lane: %w", err)
		}
	}
	return nil
}

// learnRosters reads who is in the desk's channels of a workspace. A failure is
// not fatal: who is unknown is looked up when they act.
func (e *Engine) learnRosters(ctx context.Context, workspace string) {
	all, err := e.places.all(ctx)
	if err != nil {
		e.log.WarnContext(ctx, "roster: channels not read", "err", err)
		return
	}
	for _, c := range all {
		if c.Workspace == workspace && c.Kind != "" && c.State == "" {
			if err := e.roster.load(ctx, *c, membersStart); err != nil {
				e.log.WarnContext(ctx, "roster: not read", "workspace", workspace, "channel", c.ID, "err", err)
			}
		}
	}
}
