package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	e     *Engine
	mu    sync.RWMutex
	at    time.Time
	table *channelTable
	// changes counts forget, so that a table read before a change is not kept
	// after it.
	changes int
}

// channelTable are the desk's channels, by what is asked for with every inbound. It is
// not changed once it is made.
type channelTable struct {
	by     map[channelKey]*storage.Channel
	kinds  map[storage.ChannelKind][]storage.Channel
	groups map[channelGroup][]storage.Channel
}

func newChannelTable(list []storage.Channel) *channelTable {
	t := &channelTable{
		by:     make(map[channelKey]*storage.Channel, len(list)),
		kinds:  map[storage.ChannelKind][]storage.Channel{},
		groups: map[channelGroup][]storage.Channel{},
	}
	for i, c := range list {
		t.by[channelKey{c.Workspace, c.ID}] = &list[i]
		t.kinds[c.Kind] = append(t.kinds[c.Kind], c)
		t.groups[groupOf(c)] = append(t.groups[groupOf(c)], c)
	}
	return t
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
	t, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	if c := t.by[key]; c != nil || channel == "" {
		return c, nil
	}
	return p.look(ctx, key)
}

// surely tells whether something is so of a channel. What is parked or
// dropped for it stays so, and the table may be older than what another replica, or a
// transaction that has only just been committed, did to the channel: a yes is asked of
// the store again.
func (p *places) surely(ctx context.Context, to channelKey, so func(storage.Channel) bool) (bool, error) {
	c, err := p.find(ctx, to.workspace, to.channel)
	if err != nil || c == nil || !so(*c) {
		return false, err
	}
	p.forget()
	c, err = p.find(ctx, to.workspace, to.channel)
	return err == nil && c != nil && so(*c), err
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
	t, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	if contractor != "" {
		return slices.Clone(t.groups[channelGroup{kind, contractor}]), nil
	}
	return slices.Clone(t.kinds[kind]), nil
}

// all gives every channel of the desk.
func (p *places) all(ctx context.Context) (map[channelKey]*storage.Channel, error) {
	t, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	return t.by, nil
}

// current gives the table, read again when it is older than placesLife.
func (p *places) current(ctx context.Context) (*channelTable, error) {
	p.mu.RLock()
	table, at, changes := p.table, p.at, p.changes
	p.mu.RUnlock()
	if table != nil && p.e.now().Sub(at) < placesLife {
		return table, nil
	}
	now := p.e.now()
	var list []storage.Channel
	err := p.e.store.View(ctx, p.e.desk, func(tx storage.Tx) (err error) {
		list, err = tx.ListChannels(ctx, "", "")
		return err
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		if table != nil {
			return table, nil
		}
		return nil, fmt.Errorf("load the channels: %w", err)
	}
	fresh := newChannelTable(list)
	p.mu.Lock()
	if p.changes == changes {
		p.table, p.at = fresh, now
	}
	p.mu.Unlock()
	return fresh, nil
}

// forget makes the next look read the table again.
func (p *places) forget() {
	p.mu.Lock()
	p.table = nil
	p.changes++
	p.mu.Unlock()
}

// readHere tells whether everybody who is to read what is said in a channel reads it
// there: it is known to be the only one of its kind and firm, and the desk has a channel
// on no other platform. It looks into memory alone, so that it may be asked within a
// transaction.
func (p *places) readHere(workspace, channel string) bool {
	p.mu.RLock()
	table, at := p.table, p.at
	p.mu.RUnlock()
	if table == nil || p.e.now().Sub(at) >= placesLife {
		return false
	}
	own := table.by[channelKey{workspace, channel}]
	if own == nil || own.Kind == "" || own.Kind == storage.ExternalChannel || len(table.groups[groupOf(*own)]) != 1 {
		return false
	}
	return own.Kind != storage.ContractorChannel || !slices.ContainsFunc(table.kinds[storage.OperationsChannel], func(c storage.Channel) bool {
		return c.Workspace != workspace
	})
}

// linked tells whether a channel is one of several of its firm.
func (p *places) linked(ctx context.Context, workspace, channel string) bool {
	own, err := p.find(ctx, workspace, channel)
	if err != nil || own == nil {
		return false
	}
	t, err := p.current(ctx)
	return err == nil && len(t.groups[groupOf(*own)]) > 1
}
