package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"taskbridge/storage"
)

// postponed is what is written before a commit and not at once: which inbounds were
// handled, and what is appended to the history and to the outbox. Nothing in a transaction
// waits for it, so those who share a commit write it together, in few statements.
//
// It also gives locks an order: a lane's row is locked while work on it is not
// committed, and transactions that lock in the same order cannot block each other
// for ever. The lock makes ids within a lane grow in the order of commits.
type postponed struct {
	mu sync.Mutex
	work
}

// work is what there is to write.
type work struct {
	inbox  map[inboundKey]*note
	events []deskEvent
	lanes  map[deskLane]*laneWork
	// figures are what is to be added to what is counted.
	figures map[figureKey]int
}

type deskEvent struct {
	storage.Event

	desk string
}

// deskLane names a lane across desks.
type deskLane struct {
	storage.Lane

	desk string
}

// laneWork is what a transaction does to one lane.
type laneWork struct {
	added []storage.Delivery
	// through is true when something of it got through: it is not parked any more.
	through bool
	// givenUp is true when something of it was given up: it is parked only for what waits.
	givenUp bool
	// freed is true when a claimed delivery of it was removed or given back.
	freed bool
}

func (p *postponed) lane(l deskLane) *laneWork {
	w, ok := p.lanes[l]
	if !ok {
		if p.lanes == nil {
			p.lanes = make(map[deskLane]*laneWork)
		}
		w = &laneWork{}
		p.lanes[l] = w
	}
	return w
}

// add takes over what another has.
func (p *postponed) add(more *postponed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inbox == nil {
		p.inbox = more.inbox
	} else {
		maps.Copy(p.inbox, more.inbox)
	}
	p.events = append(p.events, more.events...)
	if p.figures == nil {
		p.figures = more.figures
	} else {
		for key, n := range more.figures {
			p.count(key, n)
		}
	}
	for l, w := range more.lanes {
		all := p.lane(l)
		all.added = append(all.added, w.added...)
		all.through = all.through || w.through
		all.givenUp = all.givenUp || w.givenUp
		all.freed = all.freed || w.freed
	}
}

// take gives away what there is.
func (p *postponed) take() work {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.work
	p.work = work{}
	return all
}

// writeOut writes what was postponed.
func (s *Store) writeOut(ctx context.Context, c session) error {
	all := c.postponed().take()
	if err := s.writeInbox(ctx, c, all.inbox); err != nil {
		return fmt.Errorf("remember inbounds: %w", s.dialect.mapError(err))
	}
	if err := s.writeEvents(ctx, c, all.events); err != nil {
		return fmt.Errorf("append to the history: %w", s.dialect.mapError(err))
	}
	if err := s.writeFigures(ctx, c, all.figures); err != nil {
		return fmt.Errorf("count: %w", s.dialect.mapError(err))
	}
	inOrder := slices.SortedFunc(maps.Keys(all.lanes), func(a, b deskLane) int {
		return cmp.Or(cmp.Compare(a.desk, b.desk), cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.Name, b.Name))
	})
	for _, l := range inOrder {
		if err := s.writeLane(ctx, c, l, all.lanes[l]); err != nil {
			return fmt.Errorf("write to the outbox: %w", s.dialect.mapError(err))
		}
	}
	return nil
}

func (s *Store) writeEvents(ctx context.Context, c session, events []deskEvent) error {
	return inChunks(events, func(some []deskEvent) error {
		args := make([]any, 0, len(some)*s.sql.insertEvents.columns)
		for n := range some {
			args = append(append(args, some[n].desk), eventFields(&some[n].Event)...)
		}
		return c.later(ctx, s.sql.insertEvents.of(len(some)), args...)
	})
}

func (s *Store) writeLane(ctx context.Context, c session, l deskLane, w *laneWork) error {
	if len(w.added) > 0 {
		// A lane that has something to do is left as it is, but locked.
		err := c.later(ctx, `INSERT INTO lanes (desk_id, workspace, name, ready_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (desk_id, workspace, name) DO UPDATE SET ready_at = excluded.ready_at
			WHERE lanes.ready_at IS NULL`, l.desk, l.Workspace, l.Name, w.added[0].NotBefore)
		if err != nil {
			return err
		}
	}
	err := inChunks(oncePerCard(w.added), func(some []storage.Delivery) error {
		args := make([]any, 0, len(some)*s.sql.insertDeliveries.columns)
		for _, d := range some {
			args = append(args, l.desk, l.Workspace, l.Name, d.Kind, d.Card, d.Payload, d.NotBefore, d.CreatedAt, d.Trace)
		}
		return c.later(ctx, s.sql.insertDeliveries.of(len(some)), args...)
	})
	if err == nil && w.freed {
		err = s.settle(ctx, c, l, w.through)
	}
	if err == nil && w.givenUp {
		err = c.later(ctx, `UPDATE lanes SET parked = FALSE, parked_at = 0, reason = ''
			WHERE desk_id = $1 AND workspace = $2 AND name = $3 AND parked_at > 0 AND ready_at IS NULL`, l.desk, l.Workspace, l.Name)
	}
	return err
}

// oncePerCard leaves out further refreshes of a card.
func oncePerCard(list []storage.Delivery) []storage.Delivery {
	if len(list) < 2 {
		return list
	}
	cards := make(map[string]struct{}, len(list))
	return slices.DeleteFunc(list, func(d storage.Delivery) bool {
		if d.Card == "" {
			return false
		}
		_, twice := cards[d.Card]
		cards[d.Card] = struct{}{}
		return twice
	})
}

// settle ends the lease of a lane: it is ready when its head is. What got through
// ends that it was parked.
func (s *Store) settle(ctx context.Context, c session, l deskLane, through bool) error {
	if lock := s.dialect.lockLane; lock != "" {
		// Locking is a statement of its own, so that the next one sees what those
		// who held the lock before have committed.
		if err := c.later(ctx, lock, l.desk, l.Workspace, l.Name); err != nil {
			return err
		}
	}
	mended := ""
	if through {
		// Also one that was parked while this was under way: nobody would look for it.
		mended = "parked = FALSE, parked_at = 0, reason = '', "
	}
	return c.later(ctx, `UPDATE lanes SET `+mended+`ready_at = (SELECT d.not_before FROM deliveries AS d
			WHERE d.desk_id = $1 AND d.workspace = $2 AND d.lane = $3 ORDER BY d.id LIMIT 1)
		WHERE desk_id = $1 AND workspace = $2 AND name = $3`, l.desk, l.Workspace, l.Name)
}

// chunk bounds the rows that one statement inserts.
const chunk = 16

// inChunks hands a list on in parts whose sizes are powers of two, so that lists of
// any length need few different statements.
func inChunks[T any](list []T, use func([]T) error) error {
	for size := chunk; len(list) > 0; size /= 2 {
		for len(list) >= size {
			if err := use(list[:size]); err != nil {
				return err
			}
			list = list[size:]
		}
	}
	return nil
}
