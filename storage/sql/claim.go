package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"taskbridge/storage"
)

// claimRounds bounds how often one Claim looks for further lanes in place of those
// that had nothing to send.
const claimRounds = 10

// Claim implements storage.Dispatching.
func (s *Store) Claim(ctx context.Context, p storage.ClaimParams) ([]storage.Delivery, error) {
	if p.Limit <= 0 {
		return nil, nil
	}
	var claimed []storage.Delivery
	err := s.across(ctx, func(t *tx) error {
		claimed = nil
		if err := t.flush(ctx); err != nil {
			return err
		}
		if err := t.wake(ctx, p.Workspace, p.Now); err != nil {
			return err
		}
		for range claimRounds {
			missing := p.Limit - len(claimed)
			heads, err := t.heads(ctx, p.Workspace, missing)
			if err != nil {
				return err
			}
			got, err := t.lease(ctx, p, heads)
			if err != nil {
				return err
			}
			claimed = append(claimed, got...)
			if len(heads) < missing || len(claimed) == p.Limit {
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim outbox heads: %w", err)
	}
	return claimed, nil
}

// wake makes lanes ready whose back-off or lease has ended. From then on whoever
// was served longest ago is first.
func (t *tx) wake(ctx context.Context, workspace string, now time.Time) error {
	d := t.store.dialect
	err := t.later(ctx, `UPDATE lanes SET ready_at = 0 WHERE (desk_id, workspace, name) IN (
		SELECT desk_id, workspace, name FROM lanes
		WHERE workspace = $1 AND ready_at IS NOT NULL AND NOT parked AND ready_at > 0 AND ready_at <= $2`+
		d.forWrite+d.skipLocked+")", workspace, now)
	return err
}

// head is a lane that is ready, with the oldest delivery in it, if there is one.
type head struct {
	storage.Delivery
	found bool
}

// heads looks at up to limit lanes of a workspace that are ready and locks them. Lanes that
// somebody else works on are passed over.
func (t *tx) heads(ctx context.Context, workspace string, limit int) ([]head, error) {
	lock := t.store.dialect.forWrite
	if lock != "" {
		lock += " OF l" + t.store.dialect.skipLocked
	}
	query := `SELECT l.desk_id, l.workspace, l.name, COALESCE(d.id, 0), COALESCE(d.kind, ''), COALESCE(d.card, ''),
			d.payload, COALESCE(d.not_before, 0), COALESCE(d.created_at, 0), COALESCE(d.trace, '')
		FROM lanes AS l LEFT JOIN deliveries AS d ON d.id = (SELECT e.id FROM deliveries AS e
			WHERE e.desk_id = l.desk_id AND e.workspace = l.workspace AND e.lane = l.name ORDER BY e.id LIMIT 1)
		WHERE l.workspace = $1 AND l.ready_at IS NOT NULL AND NOT l.parked AND l.ready_at = 0
		ORDER BY l.turn LIMIT $2` + lock
	list, err := collect(ctx, t, func(h *head) []any {
		return []any{
			&h.Desk, &h.Lane.Workspace, &h.Lane.Name, &h.ID, &h.Kind, &h.Card, &h.Payload,
			at(&h.NotBefore), at(&h.CreatedAt), &h.Trace,
		}
	}, query, workspace, limit)
	for i := range list {
		list[i].found = list[i].ID != 0
	}
	return list, err
}

// lease takes those heads whose time has come; the other lanes are told when to be
// looked at again.
func (t *tx) lease(ctx context.Context, p storage.ClaimParams, heads []head) ([]storage.Delivery, error) {
	byID := make(map[int64]storage.Delivery, len(heads))
	ids := make([]int64, 0, len(heads))
	for _, h := range heads {
		if h.found && !h.NotBefore.After(p.Now) {
			byID[h.ID] = h.Delivery
			ids = append(ids, h.ID)
			continue
		}
		if err := t.store.settle(ctx, t.session, deskLane{desk: h.Desk, Lane: h.Lane}, false); err != nil {
			return nil, t.store.dialect.mapError(err)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	// A delivery that is not waiting was claimed before and never given back. What
	// is returned was still there: only that is leased.
	marks, args := in(ids)
	f := &filter{args: []any{p.Now}}
	f.add("id IN "+marks, args...)
	var leased []storage.Delivery
	err := t.session.each(ctx, `UPDATE deliveries SET token = token + 1, attempts = attempts + 1,
			first_tried_at = CASE WHEN first_tried_at = 0 THEN $1 ELSE first_tried_at END,
			ambiguous = ambiguous OR NOT waiting, waiting = FALSE
		WHERE not_before <= $1`+f.where.String()+
		" RETURNING id, token, attempts, first_tried_at, ambiguous, last_error",
		func(scan func(...any) error) error {
			var g storage.Delivery
			if err := scan(&g.ID, &g.Token, &g.Attempts, at(&g.FirstTriedAt), &g.Ambiguous, &g.LastError); err != nil {
				return err
			}
			d := byID[g.ID]
			d.Token, d.Attempts, d.FirstTriedAt = g.Token, g.Attempts, g.FirstTriedAt
			d.Ambiguous, d.LastError = g.Ambiguous, g.LastError
			leased = append(leased, d)
			return nil
		}, f.args...)
	if err != nil {
		return nil, t.store.dialect.mapError(err)
	}
	f = &filter{args: []any{p.Until, p.Now}}
	f.add("id IN "+marks, args...)
	err = t.later(ctx, `UPDATE lanes SET ready_at = $1, turn = $2 WHERE (desk_id, workspace, name) IN (
		SELECT desk_id, workspace, lane FROM deliveries WHERE TRUE`+f.where.String()+")", f.args...)
	slices.SortFunc(leased, func(a, b storage.Delivery) int { return cmp.Compare(a.ID, b.ID) })
	return leased, err
}

// Renew implements storage.Dispatching.
func (s *Store) Renew(ctx context.Context, d storage.Delivery, until time.Time) error {
	var renewed int64
	err := s.across(ctx, func(t *tx) (err error) {
		if lock := s.dialect.lockLane; lock != "" {
			// As in settle: what follows has to see whose the delivery is.
			if err := t.later(ctx, lock, d.Desk, d.Lane.Workspace, d.Lane.Name); err != nil {
				return err
			}
		}
		renewed, err = t.exec(ctx, `UPDATE lanes SET ready_at = $4
			WHERE desk_id = $1 AND workspace = $2 AND name = $3 AND EXISTS (SELECT 1 FROM deliveries AS d
				WHERE d.desk_id = $1 AND d.id = $5 AND d.token = $6 AND NOT d.waiting)`,
			d.Desk, d.Lane.Workspace, d.Lane.Name, until, d.ID, d.Token)
		return err
	})
	if err == nil && renewed == 0 {
		err = storage.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("renew the lease of delivery %d: %w", d.ID, err)
	}
	return nil
}
