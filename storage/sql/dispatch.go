package sqlstore

import (
	"context"
	"fmt"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// across runs fn in a transaction that is no desk's.
func (s *Store) across(ctx context.Context, fn func(*tx) error) error {
	return s.write(ctx, "", func(c session) error { return fn(&tx{store: s, session: c}) })
}

// view is across for reading.
func (s *Store) view(ctx context.Context, fn func(*tx) error) error {
	return s.read(ctx, func(c session) error { return fn(&tx{store: s, session: c, readOnly: true}) })
}

// NextDelivery implements storage.Dispatching. The end of a lease counts too: if
// it is not ended before, its delivery must be looked at then.
func (s *Store) NextDelivery(ctx context.Context, workspace string) (time.Time, error) {
	var next int64
	err := s.view(ctx, func(t *tx) error {
		return t.row(ctx, `SELECT COALESCE(min(ready_at), 0) FROM lanes
			WHERE workspace = $1 AND ready_at IS NOT NULL AND NOT parked AND ready_at > 0`, []any{&next}, workspace)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("find the next delivery: %w", err)
	}
	return fromMicros(next), nil
}

// dueQuery finds each kind through its own partial index and merges the few that
// are found.
const dueQuery = `SELECT desk_id, kind, issue_id, subject, revision, at FROM (
	SELECT * FROM (SELECT desk_id, '` + string(workflow.WarnOffer) + `' AS kind, issue_id, id AS subject, revision, warn_at AS at
		FROM assignments WHERE warn_at > 0 AND status = 'assigned' AND warn_at <= $1 ORDER BY warn_at LIMIT $2) AS a
	UNION ALL
	SELECT * FROM (SELECT desk_id, '` + string(workflow.Expire) + `', issue_id, id, revision, accept_by
		FROM assignments WHERE accept_by > 0 AND status = 'assigned' AND accept_by <= $1 ORDER BY accept_by LIMIT $2) AS b
	UNION ALL
	SELECT * FROM (SELECT desk_id, '` + string(workflow.RemindDue) + `', id, id, revision, remind_at
		FROM issues WHERE remind_at > 0 AND status <> 'closed' AND remind_at <= $1 ORDER BY remind_at LIMIT $2) AS c
	UNION ALL
	SELECT * FROM (SELECT desk_id, '` + string(workflow.WorkDue) + `', id, id, revision, due_at
		FROM issues WHERE due_at > 0 AND NOT overdue AND status <> 'closed' AND status <> 'resolved' AND ` + begun + ` AND due_at <= $1
		ORDER BY due_at LIMIT $2) AS d
	UNION ALL
	SELECT * FROM (SELECT desk_id, '` + string(workflow.Escalate) + `', id, id, revision, escalate_at
		FROM issues WHERE escalate_at > 0 AND escalate_at <= $1 ORDER BY escalate_at LIMIT $2) AS f
	UNION ALL
	SELECT * FROM (SELECT desk_id, '` + string(workflow.CountDown) + `', issue_id, id, revision, count_at
		FROM assignments WHERE count_at > 0 AND count_at <= $1 ORDER BY count_at LIMIT $2) AS g
	UNION ALL
	SELECT * FROM (SELECT desk_id, '` + string(workflow.WarnLimit) + `', issue_id, id, revision, limit_warn_at
		FROM assignments WHERE limit_warn_at > 0 AND limit_warn_at <= $1 ORDER BY limit_warn_at LIMIT $2) AS h
	UNION ALL
	SELECT * FROM (SELECT desk_id, '` + string(workflow.BreachLimit) + `', issue_id, id, revision, limit_breach_at
		FROM assignments WHERE limit_breach_at > 0 AND limit_breach_at <= $1 ORDER BY limit_breach_at LIMIT $2) AS j
	UNION ALL
	SELECT * FROM (SELECT desk_id, '` + string(workflow.SendDigest) + `', '', kind, 0, next_at
		FROM digests WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at LIMIT $2) AS e
	UNION ALL
	SELECT * FROM (SELECT desk_id, '` + string(workflow.CertificateEnds) + `', '', contractor_id, 0, tell_at
		FROM certificates WHERE tell_at > 0 AND tell_at <= $1 ORDER BY tell_at LIMIT $2) AS k
) AS due ORDER BY at, kind, subject LIMIT $2`

// Due implements storage.Dispatching.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]storage.Due, error) {
	var list []storage.Due
	err := s.view(ctx, func(t *tx) (err error) {
		list, err = collect(ctx, t, func(d *storage.Due) []any {
			return []any{&d.Desk, &d.Kind, &d.Issue, &d.Subject, &d.Revision, at(&d.At)}
		}, dueQuery, now, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find what is due: %w", err)
	}
	return list, nil
}

// Backlog implements storage.Dispatching.
func (s *Store) Backlog(ctx context.Context) ([]storage.Backlog, error) {
	var list []storage.Backlog
	err := s.view(ctx, func(t *tx) (err error) {
		list, err = collect(ctx, t, func(b *storage.Backlog) []any {
			return []any{&b.Workspace, &b.Waiting, at(&b.Oldest)}
		}, "SELECT workspace, count(*), min(created_at) FROM deliveries GROUP BY workspace ORDER BY workspace")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count the backlog: %w", err)
	}
	return list, nil
}

// ParkedLanes implements storage.Dispatching.
func (s *Store) ParkedLanes(ctx context.Context) ([]storage.ParkedLane, error) {
	var list []storage.ParkedLane
	err := s.view(ctx, func(t *tx) (err error) {
		list, err = collect(ctx, t, func(p *storage.ParkedLane) []any {
			return []any{&p.Desk, &p.Lane.Workspace, &p.Lane.Name, &p.Reason, at(&p.ParkedAt), &p.Waiting}
		}, `SELECT l.desk_id, l.workspace, l.name, l.reason, l.parked_at, (SELECT count(*) FROM deliveries AS d
				WHERE d.desk_id = l.desk_id AND d.workspace = l.workspace AND d.lane = l.name)
			FROM lanes AS l WHERE l.parked_at > 0 ORDER BY l.parked_at, l.desk_id, l.workspace, l.name`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list parked lanes: %w", err)
	}
	return list, nil
}

// ListDeliveries implements storage.Dispatching.
func (s *Store) ListDeliveries(ctx context.Context, p storage.ListDeliveriesParams) ([]storage.Waiting, error) {
	var f filter
	f.add("d.id > ?", p.After)
	if p.Lane != (storage.Lane{}) {
		f.add("d.workspace = ? AND d.lane = ?", p.Lane.Workspace, p.Lane.Name)
	}
	if p.Parked {
		f.add("l.parked_at > 0")
	}
	limit := p.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	f.args = append(f.args, limit)
	var list []storage.Waiting
	err := s.view(ctx, func(t *tx) (err error) {
		list, err = collect(ctx, t, func(w *storage.Waiting) []any {
			return []any{
				&w.ID, &w.Desk, &w.Lane.Workspace, &w.Lane.Name, &w.Kind, &w.Card, &w.Payload, at(&w.NotBefore), at(&w.CreatedAt),
				&w.Attempts, &w.LastError, &w.Trace, &w.InFlight, at(&w.ParkedAt), &w.ParkedFor,
			}
		}, `SELECT d.id, d.desk_id, d.workspace, d.lane, d.kind, d.card, d.payload, d.not_before, d.created_at,
				d.attempts, d.last_error, d.trace, NOT d.waiting, l.parked_at, l.reason
			FROM deliveries AS d JOIN lanes AS l ON l.desk_id = d.desk_id AND l.workspace = d.workspace AND l.name = d.lane
			WHERE TRUE`+f.where.String()+fmt.Sprintf(" ORDER BY d.id LIMIT $%d", len(f.args)), f.args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	return list, nil
}
