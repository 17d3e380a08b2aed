package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
)

// marksAtOnce is how many marks one transaction moves.
const marksAtOnce = 200

// hold takes the workspace for this replica, and keeps it.
func (p *pass) hold(ctx context.Context) error {
	if !p.held.IsZero() && time.Since(p.held) < replayLease/5 {
		return nil
	}
	began := time.Now()
	_, err := p.store.AcquireLease(ctx, storage.LeaseParams{Name: p.leaseName(), Holder: p.id, For: replayLease})
	switch {
	case errors.Is(err, storage.ErrConflict):
		return errReplaying
	case err != nil:
		return fmt.Errorf("lease the replay: %w", err)
	}
	p.held = began
	return nil
}

func (p *pass) release(ctx context.Context) {
	ctx, cancel := recording(ctx)
	defer cancel()
	if err := p.store.ReleaseLease(ctx, p.leaseName(), p.id); err != nil {
		p.log.WarnContext(ctx, "replay: a lease was not released", "workspace", p.workspace, "err", err)
	}
}

func (r *reconciler) leaseName() string { return "replay/" + r.workspace }

// mark is the mark of a thread that was compared with its root as it was then.
func (p *pass) mark(t reading, root chat.Root, at time.Time, found int) storage.Mark {
	m := t.Mark
	m.Gap, m.ReadAt, m.Replies, m.Latest = t.Gap, at, root.Replies, root.Latest
	if found > 0 {
		m.FoundAt = at
	}
	return m
}

func (p *pass) keep(ctx context.Context, marks []storage.Mark) error {
	// Not all at once: whoever waits to write meanwhile is answered between.
	for some := range slices.Chunk(marks, marksAtOnce) {
		err := p.store.Update(ctx, p.desk, func(tx storage.Tx) error {
			for _, m := range some {
				if err := tx.PutMark(ctx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("move marks: %w", err)
		}
	}
	return nil
}

// keepFound moves the mark of a thread in which something was found, and has the
// desk's card tell up to when it is complete.
func (p *pass) keepFound(ctx context.Context, issue string, m storage.Mark) error {
	err := p.change(ctx, p.desk, chat.Inbound{Workspace: p.workspace}, func(t *turn) error {
		if err := t.tx.PutMark(ctx, m); err != nil {
			return err
		}
		return t.refreshIssueCards(ctx, issue)
	})
	if err != nil {
		return fmt.Errorf("move a mark: %w", err)
	}
	return nil
}

// caughtUp moves the marks of channels of which nothing is missing any more.
func (p *pass) caughtUp(ctx context.Context) error {
	threads, err := p.live(ctx)
	if err != nil {
		return err
	}
	for _, t := range threads {
		if !t.Complete() {
			p.failed[t.Card.Channel] = true
		}
	}
	err = p.store.Update(ctx, p.desk, func(tx storage.Tx) error {
		list, err := tx.ListChannels(ctx, "", "")
		for _, c := range list {
			if c.Workspace != p.workspace || p.failed[c.ID] || c.State != "" {
				continue
			}
			if err := tx.SetSynced(ctx, c.Workspace, c.ID, p.began); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("move the marks of channels: %w", err)
	}
	return nil
}

// ask makes a call, again and again while the platform asks for patience: history
// comes after everything that people wait for.
func (p *pass) ask(ctx context.Context, call func() error) error {
	for try := 1; ; {
		if err := p.hold(ctx); err != nil {
			return err
		}
		err := call()
		var se *chat.SendError
		limited := errors.As(err, &se) && se.Reason == chat.RateLimited
		if err == nil {
			return nil
		}
		if se == nil || !se.Retry || try >= historyTries {
			return fmt.Errorf("read history: %w", err)
		}
		wait := backOff(try)
		if !limited {
			try++
		}
		timer := time.NewTimer(max(wait, se.RetryAfter))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// synced tells up to when an issue's threads are the same as on their platforms; of
// one assignment's threads only, where the reader may know of no other.
func synced(ctx context.Context, tx storage.Tx, issue string, seen func(storage.Card) bool) ([]present.Synced, error) {
	threads, err := tx.Threads(ctx, issue)
	if err != nil {
		return nil, fmt.Errorf("list the threads of an issue: %w", err)
	}
	var out []present.Synced
	for _, t := range threads {
		if t.Mark.ReadAt.IsZero() || t.Card.Former() || !seen(t.Card) {
			continue
		}
		i := slices.IndexFunc(out, func(s present.Synced) bool { return s.Platform == platformName(t.Card.Workspace) })
		if i < 0 {
			i = len(out)
			out = append(out, present.Synced{Platform: platformName(t.Card.Workspace), UpTo: t.Mark.ReadAt})
		}
		s := &out[i]
		if t.Mark.ReadAt.Before(s.UpTo) {
			s.UpTo = t.Mark.ReadAt
		}
		if t.Mark.FoundAt.After(s.FoundAt) {
			s.FoundAt = t.Mark.FoundAt
		}
		// One that was never compared by itself was made after the last comparison.
		s.Behind = s.Behind || t.Mark.Gap >= 0 && !t.Complete()
	}
	return out, nil
}
