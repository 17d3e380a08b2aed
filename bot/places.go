package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"taskbridge/storage"
)

const (
	// placesLife is how long the channel table is trusted: another replica may
	// have changed a channel.
	placesLife = 30 * time.Second
)

// places knows what each channel of the desk is for. A desk has few channels, so
// all of them are held in memory.
type places struct {
	e  *Engine
	mu sync.RWMutex
	at time.Time
	by map[channelKey]*storage.Channel
	// count is how many channels there are of each kind and firm.
	count map[channelGroup]int
	// changes counts forget, so that a table read before a change is not kept
	// after it.
	changes int
}

type channelKey struct{ workspace, channel string }

// channelGroup is what linked channels have in common.
type channelGroup struct {
	kind       storage.ChannelKind
	contractor string
}

func groupOf(c storage.Channel) channelGroup { return channelGroup{c.Kind, c.Contractor} }

func newPlaces(e *Engine) *places { return &places{e: e} }

// find gives the desk's channel, nil for any other.
func (p *places) find(ctx context.Context, workspace, channel string) (*storage.Channel, error) {
	key := channelKey{workspace, channel}
	all, err := p.all(ctx, placesLife)
	if err != nil || all[key] != nil || channel == "" {
		return all[key], err
	}
	return p.look(ctx, key)
}

// look asks the store for a channel that is not in the table: a word in one that
// another replica has just made must not be lost.
func (p *places) look(ctx context.Context, key channelKey) (*storage.Channel, error) {
	var c storage.Channel
	err := p.e.store.View(ctx, p.e.desk, func(tx storage.Tx) (err error) {
		c, err = tx.Channel(ctx, key.workspace, key.channel)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a channel: %w", err)
	}
	p.forget()
	return &c, nil
}

// list gives the live channels of a kind, of one contractor when it is not empty.
func (p *places) list(ctx context.Context, kind storage.ChannelKind, contractor string) ([]storage.Channel, error) {
	all, err := p.all(ctx, placesLife)
	if err != nil {
		return nil, err
	}
	var out []storage.Channel
	for _, c := range all {
		if c.Kind == kind && (contractor == "" || c.Contractor == contractor) {
			out = append(out, *c)
		}
	}
	return out, nil
}

// all gives the table, read again when it is older than life.
func (p *places) all(ctx context.Context, life time.Duration) (map[channelKey]*storage.Channel, error) {
	p.mu.RLock()
	by, at, changes := p.by, p.at, p.changes
	p.mu.RUnlock()
	if by != nil && p.e.now().Sub(at) < life {
		return by, nil
	}
	now := p.e.now()
	fresh, count := map[channelKey]*storage.Channel{}, map[channelGroup]int{}
	err := p.e.store.View(ctx, p.e.desk, func(tx storage.Tx) error {
		list, err := tx.ListChannels(ctx, "", "")
		for i := range list {
			fresh[channelKey{list[i].Workspace, list[i].ID}] = &list[i]
			count[groupOf(list[i])]++
		}
		return err
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		if by != nil {
			return by, nil
		}
		return nil, fmt.Errorf("load the channels: %w", err)
	}
	p.mu.Lock()
	if p.changes == changes {
		p.by, p.count, p.at = fresh, count, now
	}
	p.mu.Unlock()
	return fresh, nil
}

// forget makes the next look read the table again.
func (p *places) forget() {
	p.mu.Lock()
	p.by = nil
	p.changes++
	p.mu.Unlock()
}

// alone tells whether a channel is known to be the only one of its kind and firm, from
// memory alone: it may be asked within a transaction.
func (p *places) alone(workspace, channel string) bool {
	p.mu.RLock()
	by, count, at := p.by, p.count, p.at
	p.mu.RUnlock()
	if by == nil || p.e.now().Sub(at) >= placesLife {
		return false
	}
	own := by[channelKey{workspace, channel}]
	return own != nil && own.Kind != "" && count[groupOf(*own)] == 1
}

// linked tells whether a channel is one of several of its firm.
func (p *places) linked(ctx context.Context, workspace, channel string) bool {
	own, err := p.find(ctx, workspace, channel)
	if err != nil || own == nil {
		return false
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.count[groupOf(*own)] > 1
}
