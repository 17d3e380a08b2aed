package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// figureKey names a figure. Day 0 is that of figures that stand, and less is a week.
type figureKey struct {
	desk, contractor string
	day              int64
	name             workflow.Figure
}

// SetZone implements storage.Store.
func (s *Store) SetZone(zone *time.Location) { s.zone.Store(zone) }

// day is the number of a moment's day.
func (s *Store) day(at time.Time) int64 {
	y, m, d := at.In(s.zone.Load()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / int64(24*time.Hour/time.Second)
}

// count notes how figures change. Like the history they are written before the commit,
// for all who share it together, so that ten changes of one figure are one.
func (t *tx) count(all []workflow.Count) {
	for _, c := range all {
		key := figureKey{desk: t.desk, contractor: c.Contractor, name: c.Name}
		if !c.At.IsZero() {
			key.day = t.store.day(c.At)
		}
		if key.day != 0 && c.Contractor == "" {
			week := key
			week.day = weekOf(key.day)
			t.work.count(week, c.N)
		}
		t.work.count(key, c.N)
	}
}

func (p *postponed) count(key figureKey, n int) {
	if p.figures == nil {
		p.figures = map[figureKey]int{}
	}
	p.figures[key] += n
}

// standingFigures are the figures with a column in standings. Others that stand are kept
// as tallies of day 0: a new status needs no new column.
const standingFigures = "overdue issue/reported issue/allocated issue/allocated_external issue/resolved issue/closed " +
	"lies/nobody lies/operator lies/contractor lies/both assignment/unsent assignment/assigned assignment/accepted " +
	"assignment/in_progress assignment/waiting_approval assignment/complete assignment/declined assignment/canceled"

// standingColumns are the columns of standings, by the figures they hold.
func standingColumns() (names []string, at map[workflow.Figure]int) {
	at = map[workflow.Figure]int{}
	for n, name := range strings.Fields(standingFigures) {
		names = append(names, strings.ReplaceAll(name, "/", "_"))
		at[workflow.Figure(name)] = n
	}
	return names, at
}

// addStandings and addTallies make statements that add to what is counted.
func addStandings() manyRows {
	names, _ := standingColumns()
	sums := make([]string, len(names))
	for n, c := range names {
		sums[n] = fmt.Sprintf("%s = standings.%s + excluded.%s", c, c, c)
	}
	return insertRows("standings", "desk_id, contractor_id, "+strings.Join(names, ", "),
		" ON CONFLICT (desk_id, contractor_id) DO UPDATE SET "+strings.Join(sums, ", "))
}

func addTallies() manyRows {
	return insertRows("tallies", "desk_id, contractor_id, day, name, n",
		" ON CONFLICT (desk_id, contractor_id, day, name) DO UPDATE SET n = tallies.n + excluded.n")
}

// standing is a row of standings that is added.
type standing struct {
	desk, contractor string
	counts           []int
}

// writeFigures adds to what is counted, in an order that all keep to.
func (s *Store) writeFigures(ctx context.Context, c session, figures map[figureKey]int) error {
	if len(figures) == 0 {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(figures), func(a, b figureKey) int {
		return cmp.Or(cmp.Compare(a.desk, b.desk), cmp.Compare(a.contractor, b.contractor),
			cmp.Compare(a.day, b.day), cmp.Compare(a.name, b.name))
	})
	var standings []standing
	var tallies, ofFirms []figureKey
	for _, k := range keys {
		column, known := s.sql.standings[k.name]
		switch last := len(standings) - 1; {
		case figures[k] == 0:
		case firmOf(k) != "":
			ofFirms = append(ofFirms, k)
		case k.day != 0 || !known:
			tallies = append(tallies, k)
		case last < 0 || standings[last].desk != k.desk || standings[last].contractor != k.contractor:
			row := standing{k.desk, k.contractor, make([]int, len(s.sql.standings))}
			row.counts[column] = figures[k]
			standings = append(standings, row)
		default:
			standings[last].counts[column] = figures[k]
		}
	}
	err := inChunks(standings, func(some []standing) error {
		args := make([]any, 0, len(some)*s.sql.addStandings.columns)
		for _, row := range some {
			args = append(args, row.desk, row.contractor)
			for _, n := range row.counts {
				args = append(args, n)
			}
		}
		return c.later(ctx, s.sql.addStandings.of(len(some)), args...)
	})
	if err != nil {
		return err
	}
	err = inChunks(tallies, func(some []figureKey) error {
		args := make([]any, 0, len(some)*s.sql.addTallies.columns)
		for _, k := range some {
			args = append(args, k.desk, k.contractor, k.day, string(k.name), figures[k])
		}
		return c.later(ctx, s.sql.addTallies.of(len(some)), args...)
	})
	if err != nil {
		return err
	}
	return inChunks(ofFirms, func(some []figureKey) error {
		args := make([]any, 0, len(some)*s.sql.addFirmTallies.columns)
		for _, k := range some {
			args = append(args, k.desk, k.contractor, firmOf(k), k.day, string(k.name), figures[k])
		}
		return c.later(ctx, s.sql.addFirmTallies.of(len(some)), args...)
	})
}

// Summarise implements storage.Figures. It reads what was counted and never counts.
func (t *tx) Summarise(ctx context.Context, q storage.SummaryFilter) (storage.Summary, error) {
	s := storage.Summary{
		Issues:      map[workflow.IssueStatus]int{},
		Assignments: map[workflow.Status]int{},
		LiesWith:    map[workflow.Side]int{},
	}
	steps := []func() error{
		func() error { return t.flush(ctx) },
		func() error { return t.standing(ctx, q, &s) },
		func() error { return t.flows(ctx, q, &s) },
		func() error { return t.newlyOverdue(ctx, q, &s) },
		func() error { return t.oldest(ctx, q, &s) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return storage.Summary{}, fmt.Errorf("summarise: %w", err)
		}
	}
	return s, nil
}

// ListExperience implements storage.Figures. It reads one row of each firm, and for each
// number of stars that it was given one more.
func (t *tx) ListExperience(ctx context.Context) ([]storage.Experience, error) {
	err := t.flush(ctx)
	var list []storage.Experience
	if err == nil {
		list, err = collect(ctx, t, experienceFields, "SELECT "+experienceColumns+
			" FROM standings WHERE desk_id = $1 AND contractor_id > '' ORDER BY contractor_id", t.desk)
	}
	if err == nil {
		err = t.rated(ctx, list)
	}
	if err != nil {
		return nil, fmt.Errorf("list experience: %w", err)
	}
	return list, nil
}

// rated adds how the firms' work was rated.
func (t *tx) rated(ctx context.Context, list []storage.Experience) error {
	if len(list) == 0 {
		return nil
	}
	shares, err := t.share(ctx, workflow.ShareRating)
	if err != nil {
		return t.store.dialect.mapError(err)
	}
	at := make(map[string]int, len(list))
	for n := range list {
		at[list[n].Contractor] = n
	}
	for _, s := range shares {
		e := &list[at[s.Of]]
		if e.Contractor != s.Of {
			continue
		}
		for text, n := range s.By {
			stars, err := strconv.Atoi(text)
			if err != nil {
				return fmt.Errorf("read a rating: %w", err)
			}
			e.Rated += n
			e.Stars += stars * n
		}
	}
	return nil
}

func (t *tx) standing(ctx context.Context, q storage.SummaryFilter, s *storage.Summary) error {
	names, at := standingColumns()
	counts := make([]int, len(names))
	dest := make([]any, len(names))
	sums := make([]string, len(names))
	for n := range counts {
		dest[n], sums[n] = &counts[n], "COALESCE(sum("+names[n]+"), 0)"
	}
	f := t.standingOf(q)
	if err := t.row(ctx, "SELECT "+strings.Join(sums, ", ")+" FROM standings WHERE TRUE"+f.where.String(), dest, f.args...); err != nil {
		return err
	}
	for figure, n := range at {
		stands(s, string(figure), counts[n])
	}
	err := t.session.each(ctx, "SELECT name, n FROM tallies WHERE day = 0"+f.where.String(),
		func(scan func(...any) error) error {
			var name string
			var n int
			if err := scan(&name, &n); err != nil {
				return err
			}
			stands(s, name, n)
			return nil
		}, f.args...)
	return t.store.dialect.mapError(err)
}

// stands enters a figure that stands.
func stands(s *storage.Summary, name string, n int) {
	if n == 0 {
		return
	}
	switch kind, of, _ := strings.Cut(name, "/"); kind {
	case "overdue":
		s.Overdue += n
	case "issue":
		s.Issues[workflow.IssueStatus(of)] += n
	case "assignment":
		s.Assignments[workflow.Status(of)] += n
	case "lies":
		s.LiesWith[workflow.Side(of)] += n
	}
}

// flows adds up the days of the period and of the one before.
func (t *tx) flows(ctx context.Context, q storage.SummaryFilter, s *storage.Summary) error {
	since, until := t.days(q)
	if err := t.flow(ctx, q, since, until, &s.Flows); err != nil {
		return err
	}
	return t.flow(ctx, q, 2*since-until-1, since-1, &s.Before)
}

func (t *tx) flow(ctx context.Context, q storage.SummaryFilter, since, until int64, f *storage.Flows) error {
	for _, part := range stretches(since, until, q.Contractor == "") {
		of := t.counted(q)
		of.add("day >= ?", part.from)
		of.add("day <= ?", part.till)
		err := t.session.each(ctx, "SELECT name, sum(n) FROM tallies WHERE TRUE"+of.where.String()+" GROUP BY name",
			func(scan func(...any) error) error {
				var name string
				var n int
				if err := scan(&name, &n); err != nil {
					return err
				}
				tally(f, name, n)
				return nil
			}, of.args...)
		if err != nil {
			return t.store.dialect.mapError(err)
		}
	}
	return nil
}

// The tallies of the desk and of cities are kept by weeks besides, from Monday to Sunday, so
// that a long period is the sum of few rows. Weeks are numbered downward from -1, which no day is.

// weekOf is the number of a day's week. Day 0 was a Thursday.
func weekOf(day int64) int64 { return -((day + 3) / 7) }

// stretch is a range of numbers of days, or of weeks.
type stretch struct{ from, till int64 }

// stretches covers a period of days, by whole weeks where there are any and they are kept.
func stretches(since, until int64, byWeek bool) []stretch {
	first, last := (since+9)/7, (until-3)/7
	if !byWeek || first > last {
		return []stretch{{since, until}}
	}
	monday, sunday := 7*first-3, 7*last+3
	all := []stretch{{-last, -first}}
	if since < monday {
		all = append(all, stretch{since, monday - 1})
	}
	if sunday < until {
		all = append(all, stretch{sunday + 1, until})
	}
	return all
}

// days are the numbers of a period's first and last day.
func (t *tx) days(q storage.SummaryFilter) (since, until int64) {
	if q.Until.IsZero() {
		q.Until = q.Now
	}
	until = t.store.day(q.Until)
	return min(t.store.day(q.Since), until), until
}

// tally enters a figure of a time.
func tally(f *storage.Flows, name string, n int) {
	if n == 0 {
		return
	}
	switch workflow.Figure(name) {
	case workflow.FigureCreated:
		f.Created += n
	case workflow.FigureClosed:
		f.Closed += n
	case workflow.FigureOffered:
		f.Offered += n
	case workflow.FigureSubmitted:
		f.Submitted += n
	case workflow.FigureSentBack:
		f.SentBack += n
	case workflow.FigureAsked:
		f.Asked += n
	case workflow.FigureGranted:
		f.Granted += n
	case workflow.FigureOnTime:
		f.OnTime += n
	case workflow.FigureLate:
		f.Late += n
	default:
		tallyBy(f, name, n)
	}
}

// tallyBy enters a figure that has many of its kind.
func tallyBy(f *storage.Flows, name string, n int) {
	kind, of, _ := strings.Cut(name, "/")
	if kind == "reason" {
		if f.Reasons == nil {
			f.Reasons = map[string]int{}
		}
		f.Reasons[of] += n
		return
	}
	if into := map[string]*map[workflow.Limit]int{"kept": &f.Kept, "broken": &f.Broken}[kind]; into != nil {
		if *into == nil {
			*into = map[workflow.Limit]int{}
		}
		(*into)[workflow.Limit(of)] += n
		return
	}
	number, err := strconv.Atoi(of)
	if err != nil {
		// Of a later version.
		return
	}
	if kind == "rating" {
		if f.Ratings == nil {
			f.Ratings = map[int]int{}
		}
		f.Ratings[number] += n
		return
	}
	if !slices.Contains(workflow.Lapses(), workflow.Lapse(kind)) {
		return
	}
	if f.Times == nil {
		f.Times = map[workflow.Lapse]storage.Times{}
	}
	if f.Times[workflow.Lapse(kind)] == nil {
		f.Times[workflow.Lapse(kind)] = storage.Times{}
	}
	f.Times[workflow.Lapse(kind)][number] += n
}

// involving restricts issues to those that the firms of a filter have or had. They are
// few, and so are looked at first: OFFSET keeps PostgreSQL, whose guess is that they are
// many, from reading all that the firms ever had to compare.
func (t *tx) involving(q storage.SummaryFilter) *filter {
	f := &filter{}
	f.add("desk_id = ?", t.desk)
	switch {
	case q.City != "":
		f.add("EXISTS ("+ofIssue+" AND a.city_key = ? LIMIT 1 OFFSET 0)", key(q.City))
	case q.Contractor != "":
		f.add("EXISTS ("+ofIssue+" AND a.contractor_id = ? LIMIT 1 OFFSET 0)", q.Contractor)
	}
	return f
}

// newlyOverdue adds the few that the clock has not come to yet. The index of what is
// to become overdue has them in order.
func (t *tx) newlyOverdue(ctx context.Context, q storage.SummaryFilter, s *storage.Summary) error {
	f := t.involving(q)
	f.add("due_at > 0 AND NOT overdue AND due_at <= ? AND "+openIssue+" AND "+begun, q.Now)
	var n int
	err := t.row(ctx, "SELECT count(*) FROM issues WHERE TRUE"+f.where.String(), []any{&n}, f.args...)
	s.Overdue += n
	return err
}

// oldest finds the open issue with the smallest number.
func (t *tx) oldest(ctx context.Context, q storage.SummaryFilter, s *storage.Summary) error {
	if q.OfDesk() {
		var firsts []string
		for _, stage := range workflow.OpenStages() {
			firsts = append(firsts, "SELECT min(number) AS number FROM issues WHERE desk_id = $1 AND stage = '"+string(stage)+"'")
		}
		return t.row(ctx, "SELECT COALESCE(min(number), 0) FROM ("+strings.Join(firsts, " UNION ALL ")+") AS firsts", []any{&s.Oldest}, t.desk)
	}
	// A firm's open issues are among those of its live assignments, or were declined
	// and are with others now. The first of each status is at the beginning of an index.
	f := &filter{}
	var firsts []string
	for n, status := range workflow.OutStatuses() {
		var of filter
		of.args = f.args
		of.add("a.desk_id = ?", t.desk)
		of.add("a.status = ?", string(status))
		if q.City != "" {
			of.add("a.city_key = ?", key(q.City))
		} else {
			of.add("a.contractor_id = ?", q.Contractor)
		}
		f.args = of.args
		firsts = append(firsts, fmt.Sprintf(`SELECT number FROM (SELECT a.number AS number FROM assignments AS a
			JOIN issues AS i ON i.desk_id = a.desk_id AND i.id = a.issue_id
			WHERE i.status NOT IN ('closed', 'resolved')%s ORDER BY a.number LIMIT 1) AS b%d`, of.where.String(), n))
	}
	return t.row(ctx, "SELECT COALESCE(min(number), 0) FROM ("+strings.Join(firsts, " UNION ALL ")+") AS firsts", []any{&s.Oldest}, f.args...)
}

// Daily implements storage.Figures.
func (t *tx) Daily(ctx context.Context, q storage.SummaryFilter) ([]storage.Day, error) {
	since, until := t.days(q)
	list := make([]storage.Day, until-since+1)
	for n := range list {
		list[n].Date = time.Unix((since+int64(n))*24*60*60, 0).UTC()
	}
	err := t.flush(ctx)
	if err == nil {
		f := t.counted(q)
		f.add("day >= ?", since)
		f.add("day <= ?", until)
		f.add("name IN ('" + string(workflow.FigureCreated) + "', '" + string(workflow.FigureClosed) + "')")
		err = t.session.each(ctx, "SELECT day, name, n FROM tallies WHERE TRUE"+f.where.String(),
			func(scan func(...any) error) error {
				var day int64
				var name string
				var n int
				if err := scan(&day, &name, &n); err != nil {
					return err
				}
				if workflow.Figure(name) == workflow.FigureCreated {
					list[day-since].Created = n
				} else {
					list[day-since].Closed = n
				}
				return nil
			}, f.args...)
	}
	if err != nil {
		return nil, fmt.Errorf("count by day: %w", t.store.dialect.mapError(err))
	}
	return list, nil
}
