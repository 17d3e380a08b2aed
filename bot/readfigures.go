package bot

import (
	"context"
	"strconv"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Summary implements chat.Reader.
func (e *Engine) Summary(ctx context.Context, q chat.SummaryQuery) (chat.SummaryView, error) {
	rules, err := e.rules.current(ctx)
	if err != nil {
		return chat.SummaryView{}, err
	}
	p, ok := periodNamed(q.Period, e.now(), rules.Calendar.Location(e.zone))
	if !ok {
		return chat.SummaryView{}, chat.ErrNoSuch
	}
	f := storage.SummaryFilter{Since: p.Since, Until: p.Until, Now: e.now()}
	if !q.Since.IsZero() {
		f.Since = q.Since
	}
	if !q.Until.IsZero() {
		f.Until = q.Until
	}
	var s storage.Summary
	err = e.view(ctx, func(tx storage.Tx) error {
		if f.Contractor, err = contractorID(ctx, tx, q.Contractor); err != nil {
			return err
		}
		s, err = tx.Summarise(ctx, f)
		return err
	})
	return chat.SummaryView{
		Issues: named(s.Issues), Assignments: named(s.Assignments), LiesWith: named(s.LiesWith),
		Overdue: s.Overdue, Oldest: s.Oldest, FlowsView: flowsView(s.Flows), Before: flowsView(s.Before),
	}, err
}

// Score implements chat.Reader.
func (e *Engine) Score(ctx context.Context, contractor string) (chat.ScoreView, error) {
	rules, err := e.rules.current(ctx)
	if err != nil {
		return chat.ScoreView{}, err
	}
	since := scorePeriod(e.now(), rules.Calendar.Location(e.zone))
	var c storage.Contractor
	var s storage.Summary
	err = e.view(ctx, func(tx storage.Tx) error {
		id, err := contractorID(ctx, tx, contractor)
		if err != nil {
			return err
		}
		if c, err = tx.Contractor(ctx, id); err != nil {
			return err
		}
		s, err = tx.Summarise(ctx, storage.SummaryFilter{Contractor: id, Since: since, Now: e.now()})
		return err
	})
	return chat.ScoreView{
		Contractor: chat.ContractorView{ID: c.ID, City: c.City, Company: c.Company, State: string(c.State)}, Days: scoreDays,
		Assignments: named(s.Assignments), FlowsView: flowsView(s.Flows), Before: flowsView(s.Before),
	}, err
}

func flowsView(f storage.Flows) chat.FlowsView {
	v := chat.FlowsView{
		Created: f.Created, Closed: f.Closed, Offered: f.Offered, Accepted: f.Accepted(), Declined: f.Declined(),
		NotAnswered: f.Expired(), HandedIn: f.Submitted, SentBack: f.SentBack, Completed: f.Completed(),
		ApprovalsAsked: f.Asked, ApprovalsGiven: f.Granted,
		OnTime: f.OnTime, Late: f.Late, DeclineReasons: map[string]int{}, Ratings: map[string]int{},
		TimeToAccept: lapseView(f.Times[workflow.LapseAccept]), TimeToAnswer: lapseView(f.Answers()),
		TimeToStart: lapseView(f.Times[workflow.LapseStart]), TimeToComplete: lapseView(f.Times[workflow.LapseComplete]),
	}
	for reason, n := range f.Reasons {
		if reason != workflow.ReasonNoAnswer {
			v.DeclineReasons[reason] = n
		}
	}
	for stars, n := range f.Ratings {
		v.Ratings[strconv.Itoa(stars)] = n
	}
	if mean, n := f.Rating(); n > 0 {
		v.Rating = &mean
	}
	return v
}

func lapseView(t storage.Times) *chat.LapseView {
	n := t.Count()
	if n == 0 {
		return nil
	}
	return &chat.LapseView{Count: n, Median: int(t.Quantile(0.5).Seconds()), P90: int(t.Quantile(0.9).Seconds())}
}
