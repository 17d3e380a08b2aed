package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// dueEvery is how often the scheduler looks for what is due.
	dueEvery = time.Second
	// dueAtOnce bounds one look.
	dueAtOnce = 100
	// forgetEvery is how often old dedup keys are removed, forgetAfter how old
	// they get: a platform repeats an event for 24 hours at most
	// (docs.slack.dev/apis/events-api, Delayed Events).
	forgetEvery = 10 * time.Minute
	forgetAfter = 48 * time.Hour
	// tendEvery is how often the firms' channels are compared with their rosters though
	// nothing seems to be wrong: two calls for each.
	tendEvery = time.Hour
	// keptFor and keptMost bound the inbounds that are kept for replay.
	keptFor  = 30 * 24 * time.Hour
	keptMost = 10_000
)

// chore is what the scheduler does now and then.
type chore struct {
	name  string
	every time.Duration
	last  time.Time
	do    func(context.Context) error
}

// chores are those of an engine that starts now.
func (e *Engine) chores() []chore {
	now := e.now()
	return []chore{
		{name: "purge", every: forgetEvery, do: e.purge},
		{name: "webhooks", every: forgetEvery, do: e.forgetWebhooks},
		{name: "channels", every: tendEvery, last: now, do: func(ctx context.Context) error { return e.tend(ctx, "") }},
		{name: "watchers", every: watchEvery, last: now, do: e.tellWatchers},
		{name: "lanes", every: probeEvery, last: now, do: e.probe},
	}
}

// schedule turns what has become due into inbounds until ctx is done, and keeps house.
func (e *Engine) schedule(ctx context.Context) {
	tick := time.NewTicker(dueEvery)
	defer tick.Stop()
	chores := e.chores()
	for {
		e.lookers.renew(ctx, e)
		e.doChore(ctx, chore{name: "due", do: e.fireDue})
		for n := range chores {
			if now := e.now(); now.Sub(chores[n].last) >= chores[n].every {
				chores[n].last = now
				e.doChore(ctx, chores[n])
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (e *Engine) doChore(ctx context.Context, c chore) {
	if err := c.do(ctx); err != nil && ctx.Err() == nil {
		e.log.WarnContext(ctx, "scheduler: failed", "chore", c.name, "err", err)
	}
}

// purge removes what is too old to matter.
func (e *Engine) purge(ctx context.Context) error {
	now := e.now()
	for {
		// One call removes a bounded number, so that intake does not wait.
		n, err := e.store.Purge(ctx, storage.PurgeParams{
			Before: now.Add(-forgetAfter), KeptBefore: now.Add(-keptFor), KeptMost: keptMost,
		})
		if err != nil {
			return fmt.Errorf("purge: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

// fireDue handles everything that is due now. What fails stays due and is found
// again.
func (e *Engine) fireDue(ctx context.Context) error {
	if err := e.keepFigures(ctx); err != nil {
		return err
	}
	now := e.now()
	due, err := e.store.Due(ctx, now, dueAtOnce)
	if err != nil {
		return fmt.Errorf("look for what is due: %w", err)
	}
	var errs []error
	round, due, err := e.roundOf(ctx, due, now)
	if err != nil {
		return err
	}
	rounds, due := e.roundsOf(due)
	if round.Kind != "" {
		rounds = append(rounds, round)
	}
	for _, round := range rounds {
		first, _, _ := strings.Cut(round.Subject, " ")
		_, err := e.Handle(ctx, chat.Inbound{
			Key:       fmt.Sprintf("%s/%s/%d", round.Kind, first, now.Unix()/10),
			Workspace: systemWorkspace, At: now, From: chat.Person{ID: "clock"}, Body: round,
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("tell of what is due: %w", err))
		}
	}
	for _, d := range due {
		if d.Desk != e.desk {
			continue
		}
		_, err := e.Handle(ctx, chat.Inbound{
			// The state itself says whether it was done; the key only keeps two
			// replicas from doing it at once. After a refusal, such as when the clock
			// was set back, it is tried anew.
			Key:       fmt.Sprintf("%s/%s/%d/%d", d.Kind, d.Subject, d.Revision, now.Unix()/10),
			Workspace: systemWorkspace,
			At:        now,
			From:      chat.Person{ID: "clock"},
			Body:      chat.Deadline{Kind: string(d.Kind), Subject: d.Subject, Revision: d.Revision},
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("handle what is due: %w", err))
		}
	}
	return errors.Join(errs...)
}

// deadline takes what has become due.
func (t *turn) deadline(ctx context.Context, b chat.Deadline) error {
	if verb, round := strings.CutSuffix(b.Kind, roundSuffix); round && b.Kind != remindRound {
		return t.bundle(ctx, workflow.Verb(verb), strings.Fields(b.Subject))
	}
	verb := workflow.Verb(b.Kind)
	cmd := workflow.Command{Verb: verb}
	var issue string
	switch verb {
	case workflow.WarnOffer, workflow.Expire, workflow.CountDown:
		a, err := t.tx.Assignment(ctx, b.Subject)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("load an assignment: %w", err)
		}
		issue, cmd.Assignment = a.Issue, a.ID
	case remindRound:
		return t.round(ctx, strings.Fields(b.Subject))
	case workflow.CertificateEnds:
		return t.certificatesEnd(ctx, b.Subject)
	case workflow.SendDigest:
		return t.digestDue(ctx, storage.DigestKind(b.Subject))
	default:
		issue = b.Subject
	}
	i, err := t.issueByID(ctx, issue)
	if err != nil {
		return err
	}
	if verb == workflow.Expire {
		if cmd, err = t.withNext(ctx, i, cmd); err != nil {
			return err
		}
	}
	_, err = t.apply(ctx, i, cmd)
	return err
}
