package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// What open work is spread over is counted among the tallies: the shares stand where the
// ids of firms do, on day 0, so that a change of them is a row of a statement that is made
// anyway. How old it is has the days it began on.

// Shares implements storage.Figures. It reads what was counted and never counts.
func (t *tx) Shares(ctx context.Context, q storage.SummaryFilter) (storage.Shares, error) {
	var s storage.Shares
	steps := []func() error{
		func() error { return t.flush(ctx) },
		func() (err error) { s.Firms, err = t.firmShares(ctx, q); return err },
		func() (err error) { s.Ages, err = t.ages(ctx, q); return err },
	}
	if q.OfDesk() {
		steps = append(steps,
			func() (err error) { s.Topics, err = t.share(ctx, workflow.ShareTopic); return err },
			func() (err error) { s.People, err = t.share(ctx, workflow.SharePerson); return err })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return storage.Shares{}, fmt.Errorf("tell how work is spread: %w", t.store.dialect.mapError(err))
		}
	}
	return s, nil
}

func (t *tx) firmShares(ctx context.Context, q storage.SummaryFilter) ([]storage.FirmShare, error) {
	f := t.standingOf(q)
	if q.OfDesk() {
		f = &filter{}
		f.add("desk_id = ?", t.desk)
		f.add("contractor_id > ''")
	}
	f.add("assignment_assigned + assignment_accepted + assignment_in_progress + assignment_waiting_approval <> 0")
	return collect(ctx, t, func(s *storage.FirmShare) []any {
		return []any{&s.Contractor, &s.Overdue, &s.Assigned, &s.Accepted, &s.InProgress, &s.WaitingApproval}
	}, `SELECT contractor_id, overdue, assignment_assigned, assignment_accepted, assignment_in_progress, assignment_waiting_approval
		FROM standings WHERE TRUE`+f.where.String()+" ORDER BY contractor_id", f.args...)
}

// share reads one of the shares, by what they are of.
func (t *tx) share(ctx context.Context, of string) ([]storage.Share, error) {
	by := map[string]map[string]int{}
	err := t.session.each(ctx, "SELECT name, n FROM tallies WHERE desk_id = $1 AND contractor_id = $2 AND day = 0 AND n <> 0",
		func(scan func(...any) error) error {
			var name string
			var n int
			if err := scan(&name, &n); err != nil {
				return err
			}
			how, what := workflow.ShareOf(workflow.Figure(name))
			if by[what] == nil {
				by[what] = map[string]int{}
			}
			by[what][how] += n
			return nil
		}, t.desk, of)
	var out []storage.Share
	for what, counts := range by {
		out = append(out, storage.Share{Of: what, By: counts})
	}
	slices.SortFunc(out, func(a, b storage.Share) int { return strings.Compare(a.Of, b.Of) })
	return out, err
}

func (t *tx) ages(ctx context.Context, q storage.SummaryFilter) ([]storage.Age, error) {
	of := workflow.AgesOf(q.Contractor)
	if q.City != "" {
		of = workflow.AgesOf(ofCity(q.City))
	}
	f := &filter{}
	f.add("desk_id = ?", t.desk)
	f.add("contractor_id = ?", of)
	f.add("name = ?", string(workflow.FigureOpen))
	var out []storage.Age
	err := t.session.each(ctx, "SELECT day, n FROM tallies WHERE day > 0 AND n <> 0"+f.where.String()+" ORDER BY day",
		func(scan func(...any) error) error {
			var day int64
			a := storage.Age{}
			if err := scan(&day, &a.N); err != nil {
				return err
			}
			a.Date = time.Unix(day*24*60*60, 0).UTC()
			out = append(out, a)
			return nil
		}, f.args...)
	return out, err
}
