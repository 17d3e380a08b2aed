package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/bot/when"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// remindRound is the kind of a deadline that stands for all reminders that are due.
const remindRound = "remind_round"

// roundOf takes the reminders out of what is due, with those that may come early in
// their company, so that each side gets one message about all that waits for it.
func (e *Engine) roundOf(ctx context.Context, due []storage.Due, now time.Time) (round chat.Deadline, rest []storage.Due, err error) {
	is := func(d storage.Due) bool { return d.Desk == e.desk && d.Kind == workflow.RemindDue }
	if !slices.ContainsFunc(due, is) {
		return round, due, nil
	}
	soon, err := e.store.Due(ctx, now.Add(workflow.RemindAhead), 2*dueAtOnce)
	if err != nil {
		return round, nil, fmt.Errorf("look for reminders that are due soon: %w", err)
	}
	var ids []string
	for _, d := range soon {
		if is(d) {
			ids = append(ids, d.Subject)
		}
	}
	for _, d := range due {
		if is(d) && !slices.Contains(ids, d.Subject) {
			ids = append(ids, d.Subject)
		}
	}
	return chat.Deadline{Kind: remindRound, Subject: strings.Join(ids, " ")}, slices.DeleteFunc(slices.Clone(due), is), nil
}

// party is who is told: the desk, its managers, or a firm.
type party struct {
	contractor string
	managers   bool
}

// round reminds each side of all that waits for it, while it works.
func (t *turn) round(ctx context.Context, ids []string) error {
	due, early, err := t.dueOf(ctx, ids)
	if err != nil {
		return err
	}
	told := map[party][]present.Nudge{}
	var order []party
	remind := func(i storage.Issue) error {
		is, notices, err := t.decideQuietly(ctx, i, workflow.Command{Verb: workflow.RemindDue})
		if _, refused := errors.AsType[*workflow.Refusal](err); refused {
			// Somebody has moved it since it was found, which takes nothing from the others.
			return nil
		}
		if err == nil {
			notices, err = t.remindOutside(ctx, is, notices)
		}
		if err != nil {
			return err
		}
		job, err := t.job(ctx, t.tx, is)
		if err != nil {
			return err
		}
		for _, n := range notices {
			to := partyOf(is, n)
			if _, known := told[to]; !known {
				order = append(order, to)
			}
			told[to] = append(told[to], present.Nudge{Job: job, Notice: n})
		}
		return nil
	}
	for _, i := range due {
		open, err := t.worksAt(ctx, i)
		if err != nil {
			return err
		}
		if open.After(t.now) {
			if _, err := t.apply(ctx, i, workflow.Command{Verb: workflow.RemindDue, When: open}); err != nil {
				return err
			}
			continue
		}
		if err := remind(i); err != nil {
			return err
		}
	}
	for _, i := range early {
		// Only who gets a message anyway hears of more.
		if !slices.ContainsFunc(partiesOf(i), func(p party) bool { return len(told[p]) > 0 }) {
			continue
		}
		if err := remind(i); err != nil {
			return err
		}
	}
	for _, to := range order {
		if err := t.nudge(ctx, to, told[to], t.toParty(ctx, to).Nudges); err != nil {
			return err
		}
	}
	return nil
}

// dueOf are those issues whose reminder is due, and those whose may come early.
func (t *turn) dueOf(ctx context.Context, ids []string) (due, early []storage.Issue, err error) {
	for _, id := range ids {
		i, err := t.issueByID(ctx, id)
		if refused, ok := errors.AsType[*workflow.Refusal](err); ok && refused.Code == workflow.NotFound {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		switch {
		case i.RemindAt.IsZero() || i.Status == workflow.Closed:
		case !i.RemindAt.After(t.now):
			due = append(due, i)
		case !i.RemindSet:
			early = append(early, i)
		}
	}
	return due, early, nil
}

// decideQuietly is apply without telling anybody: the notices are given back.
func (t *turn) decideQuietly(ctx context.Context, i storage.Issue, cmd workflow.Command) (storage.Issue, []workflow.Notice, error) {
	t.quiet = &[]workflow.Notice{}
	defer func() { t.quiet = nil }()
	is, err := t.apply(ctx, i, cmd)
	return is, *t.quiet, err
}

// partiesOf are those who have to act on an issue.
func partiesOf(i storage.Issue) (all []party) {
	lies := workflow.LiesWith(i.Issue)
	if lies == workflow.WithOperator || lies == workflow.WithBoth {
		all = append(all, party{})
	}
	if lies == workflow.WithContractor || lies == workflow.WithBoth {
		for _, a := range i.Assignments {
			if workflow.Out(a.Status) && a.Status != workflow.WaitingApproval {
				all = append(all, party{contractor: a.Contractor})
			}
		}
	}
	return all
}

func partyOf(i storage.Issue, n workflow.Notice) party {
	switch n.To {
	case workflow.ToOperators:
		return party{}
	case workflow.ToManagers:
		return party{managers: true}
	}
	a, _ := workflow.Find(i.Issue, n.Assignment)
	return party{contractor: a.Contractor}
}

// worksAt is the next moment at which the first who has to act on an issue works.
func (t *turn) worksAt(ctx context.Context, i storage.Issue) (time.Time, error) {
	who := partiesOf(i)
	if len(who) == 0 || who[0] == (party{}) {
		return t.settings.WorkingTime(t.Engine.zone).Next(t.now), nil
	}
	firm, err := t.firm(ctx, t.tx, who[0].contractor)
	if err != nil {
		return time.Time{}, err
	}
	if working := t.hoursOf(firm); working != nil {
		return working.Next(t.now), nil
	}
	return t.now, nil
}

// nudgedAt tells whether a side reads of a job under a card: the desk under its own, a
// firm under that of its hand-off, and nobody under what somebody outside sees.
func nudgedAt(c storage.Card, to party, n present.Nudge) bool {
	if to == (party{}) {
		return c.Kind == storage.IssueCard
	}
	return c.Kind == storage.AssignmentCard && c.Assignment == n.Notice.Assignment
}

// nudge tells one side: about one job in its thread, about several in one message. The
// managers have no threads.
func (t *turn) nudge(ctx context.Context, to party, all []present.Nudge, draw func([]present.Nudge, string, time.Time) chat.Message) error {
	if err := t.remindPrivately(ctx, to, all, draw); err != nil {
		return err
	}
	if len(all) == 1 && !to.managers {
		cards, err := t.cardsOf(ctx, all[0].Job.ID)
		if err != nil {
			return err
		}
		for _, c := range cards {
			if c.Former() || !nudgedAt(c, to, all[0]) {
				continue
			}
			m := draw(all, personID(c.Workspace, c.Channel), t.now)
			if err := t.enqueuePost(ctx, c.Workspace, c.Channel, postPayload{Thread: c.ID, Message: m}); err != nil {
				return err
			}
		}
		return nil
	}
	kind := storage.OperationsChannel
	switch {
	case to.managers:
		kind = storage.ManagersChannel
	case to != (party{}):
		kind = storage.ContractorChannel
	}
	list, err := t.tx.ListChannels(ctx, kind, to.contractor)
	if err != nil {
		return fmt.Errorf("list channels: %w", err)
	}
	for _, ch := range list {
		linked, err := t.linkedNudges(ctx, ch.Workspace, ch.ID, to, all)
		if err != nil {
			return err
		}
		m := draw(linked, personID(ch.Workspace, ch.ID), t.now)
		if err := t.enqueuePost(ctx, ch.Workspace, ch.ID, postPayload{Message: m}); err != nil {
			return err
		}
	}
	return nil
}

// linkedNudges are what one side is told of in a channel, each with where it opens the job:
// on its page, or under the card under which a notice of it alone would stand. The managers
// may not be where the desk's cards are.
func (t *turn) linkedNudges(ctx context.Context, workspace, channel string, to party, all []present.Nudge) ([]present.Nudge, error) {
	issues := make([]storage.Issue, len(all))
	for n, one := range all {
		issues[n] = one.Job.Issue
	}
	links, err := t.linksIn(ctx, workspace, channel, issues, func(c storage.Card) bool {
		return !to.managers && slices.ContainsFunc(all, func(n present.Nudge) bool { return n.Job.ID == c.Issue && nudgedAt(c, to, n) })
	})
	if err != nil {
		return nil, err
	}
	linked := slices.Clone(all)
	for n := range linked {
		linked[n].Link = links[linked[n].Job.ID]
	}
	return linked, nil
}

// snooze puts off the reminders that a button names. What no longer waits is left out.
func (t *turn) snooze(ctx context.Context, tk ticket.Ticket) (chat.Answer, error) {
	text, numbers, _ := strings.Cut(tk.Arg, "|")
	at, err := when.Parse(text, t.now, t.zone)
	if err != nil {
		return chat.Answer{}, err
	}
	done, last, err := t.applyToNamed(ctx, numbers, workflow.Command{Verb: workflow.Snooze, When: at.At})
	if err != nil {
		return chat.Answer{}, err
	}
	what := present.Heading(last)
	if done > 1 {
		what = t.present.Say("%d jobs", done)
	}
	a := chat.Private(t.present.Text("You are reminded of {{.Tasks}} again {{.When}}.", present.With{"Tasks": what, "When": chat.Text{}.Moment(at.At)}))
	a.Number = last.Number
	return a, nil
}
