package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// boardDays is the longest period that a board shows day by day; a longer one has
	// weeks.
	boardDays = 62
	// boardLongest is the longest period of a board.
	boardLongest = 3 * 366
	// boardPeople is how many people are called by name.
	boardPeople = 12
)

// BoardPage gives the figures that somebody may see: the desk's, those of a firm or of the
// firms of a city, or one's own firm's. They are those that the chat tells.
func (e *Engine) BoardPage(ctx context.Context, v chat.Viewer, q chat.BoardQuery) (page chat.BoardPage, err error) {
	err = e.viewAs(ctx, v, func(t *turn) error {
		b, err := t.boardWanted(ctx, &q)
		if err != nil {
			return err
		}
		if err := t.readBoard(ctx, &b); err != nil {
			return err
		}
		page = t.present.BoardPage(b)
		page.BoardQuery = q
		return nil
	})
	return page, err
}

// boardWanted finds out what a board is to be about, and whether its reader may see it.
func (t *turn) boardWanted(ctx context.Context, q *chat.BoardQuery) (present.Figures, error) {
	b := present.Figures{Own: t.actor.Role == workflow.Contractor, Now: t.now, Labels: t.settings.Reasons}
	verb := workflow.Summarise
	if b.Own {
		verb = workflow.ViewScore
	}
	if err := workflow.Allowed(t.actor, verb); err != nil {
		return b, err
	}
	p, err := t.boardPeriod(q, b.Own)
	if err != nil {
		return b, err
	}
	b.Title, b.Words = t.present.Period(p.Of, p.Since, p.Until)
	b.Since, b.Until = midnight(p.Since, t.deskZone()), midnight(p.Until, t.deskZone())
	b.Filter = storage.SummaryFilter{Since: p.Since, Until: p.Until, Now: t.now}
	if b.Own {
		if q.Firm != "" || q.City != "" {
			return b, workflow.Refuse(workflow.Invalid, "You can see your own firm's figures only. Leave firm and city out.")
		}
		b.Filter.Contractor = t.actor.Contractor
		firm, err := t.ownFirm(ctx)
		b.Firm = &firm
		return b, err
	}
	if b.Contractors, err = t.tx.ListContractors(ctx); err != nil {
		return b, fmt.Errorf("list contractors: %w", err)
	}
	switch {
	case q.Firm != "":
		// A firm is in one city, so that its figures are those of both.
		firm, err := t.firmIn(ctx, q.Firm, q.City)
		if err != nil {
			return b, err
		}
		b.Firm, b.Filter.Contractor = &firm, firm.ID
	case q.City != "":
		for _, c := range b.Contractors {
			if present.InCity(c, q.City) {
				b.City = c.City
				break
			}
		}
		b.Filter.City = b.City
		if b.City == "" {
			return b, workflow.Refuse(workflow.NotFound, "No firm is in %q. Write a city as it stands in a firm's name.", short(q.City))
		}
	}
	return b, nil
}

// boardPeriod reads the period of a board.
func (t *turn) boardPeriod(q *chat.BoardQuery, own bool) (period, error) {
	zone := t.deskZone()
	if q.Since.IsZero() != q.Until.IsZero() {
		return period{}, workflow.Refuse(workflow.Invalid, "Give both the first and the last day, or neither.")
	}
	if !q.Since.IsZero() {
		// What is meant are days of the calendar, wherever whoever asks is.
		day := func(at time.Time) time.Time { y, m, d := at.Date(); return time.Date(y, m, d, 0, 0, 0, 0, zone) }
		p := period{Since: day(q.Since), Until: day(q.Until)}
		if p.Until.Before(p.Since) || p.Until.Sub(p.Since) > boardLongest*24*time.Hour || p.Until.After(t.now.AddDate(1, 0, 0)) {
			return p, workflow.Refuse(workflow.Invalid, "Choose a first day before the last one, and three years at most.")
		}
		q.Period = ""
		p.Of = present.GivenDays
		return p, nil
	}
	if q.Period == "" {
		q.Period = "month"
		if own {
			q.Period = "quarter"
		}
	}
	p, ok := periodNamed(q.Period, t.now, zone)
	if !ok {
		return p, workflow.Refuse(workflow.Invalid, "There is no period %q. Choose week, month, quarter or year.", short(q.Period))
	}
	return p, nil
}

// readBoard reads what a board shows. Nothing of it is counted now.
func (t *turn) readBoard(ctx context.Context, b *present.Figures) (err error) {
	if b.Summary, err = t.tx.Summarise(ctx, b.Filter); err != nil {
		return fmt.Errorf("summarise: %w", err)
	}
	if b.Own {
		days := int(b.Until.Sub(b.Since).Hours()/24+0.5) + 1
		b.Said = t.present.Score(present.ScoreCard{Firm: *b.Firm, Own: true, Days: days, Reasons: t.settings.Reasons, Summary: b.Summary})
		return nil
	}
	if b.Days, err = t.tx.Daily(ctx, b.Filter); err != nil {
		return fmt.Errorf("count by day: %w", err)
	}
	if len(b.Days) > boardDays {
		b.Days, b.Weekly = weeks(b.Days), true
	}
	shares, err := t.tx.Shares(ctx, b.Filter)
	if err != nil {
		return fmt.Errorf("tell how work is spread: %w", err)
	}
	b.Shares = shares
	b.ByFirm, b.ByCity = byFirm(shares.Firms, b.Contractors)
	b.People, err = t.charges(ctx, shares.People)
	if err != nil {
		return err
	}
	slices.SortStableFunc(b.Shares.Topics, func(x, y storage.Share) int { return total(y.By) - total(x.By) })
	b.Said, err = t.inWords(ctx, present.Report{Title: b.Title, Period: b.Words, Firm: b.About(), Summary: b.Summary, Aside: true})
	return err
}

func total(by map[string]int) (n int) {
	for _, m := range by {
		n += m
	}
	return n
}

// weeks adds days up to weeks, the last of them whole.
func weeks(days []storage.Day) (out []storage.Day) {
	for n := len(days); n > 0; n -= 7 {
		week := storage.Day{Date: days[max(0, n-7)].Date}
		for _, d := range days[max(0, n-7):n] {
			week.Created += d.Created
			week.Closed += d.Closed
		}
		out = append(out, week)
	}
	slices.Reverse(out)
	return out
}

// byFirm names firms with their open work, those with the most first, and adds them up by
// city.
func byFirm(shares []storage.FirmShare, firms []storage.Contractor) (out, cities []present.FirmWork) {
	known := make(map[string]storage.Contractor, len(firms))
	for _, c := range firms {
		known[c.ID] = c
	}
	byCity := map[string]*present.FirmWork{}
	var order []string
	for _, s := range shares {
		c, ok := known[s.Contractor]
		if !ok {
			continue
		}
		out = append(out, present.FirmWork{Name: present.FirmName(c), FirmShare: s})
		key := strings.ToLower(strings.TrimSpace(c.City))
		if byCity[key] == nil {
			byCity[key] = &present.FirmWork{Name: c.City}
			order = append(order, key)
		}
		at := byCity[key]
		at.Overdue += s.Overdue
		at.Assigned += s.Assigned
		at.Accepted += s.Accepted
		at.InProgress += s.InProgress
		at.WaitingApproval += s.WaitingApproval
	}
	for _, key := range order {
		cities = append(cities, *byCity[key])
	}
	most := func(a, b present.FirmWork) int { return cmp.Or(b.Total()-a.Total(), strings.Compare(a.Name, b.Name)) }
	slices.SortFunc(out, most)
	slices.SortFunc(cities, most)
	return out, cities
}

// charges names those who are in charge of most.
func (t *turn) charges(ctx context.Context, shares []storage.Share) ([]present.Charge, error) {
	slices.SortStableFunc(shares, func(x, y storage.Share) int { return total(y.By) - total(x.By) })
	var out []present.Charge
	for n, s := range shares {
		charge := present.Charge{By: s.By}
		if n < boardPeople {
			at := strings.LastIndex(s.Of, "/")
			who, err := t.tx.Person(ctx, s.Of[:max(0, at)], s.Of[at+1:])
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return nil, fmt.Errorf("load a person: %w", err)
			}
			charge.Name = who.Name
		}
		out = append(out, charge)
	}
	return out, nil
}
