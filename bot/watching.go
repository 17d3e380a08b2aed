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
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Whoever watches a job is told of it from its history: nothing is written when something
// happens, and who watches nothing costs nothing. Now and then it is asked who watches a
// job whose history goes on after what they know, and while the desk works they are told
// of all such jobs in one message.

const (
	// watchEvery is how often watchers are looked for, watchRest how long a change waits
	// for others to be told together with it.
	watchEvery = 20 * time.Second
	watchRest  = 2 * time.Minute
	// watchSettles is how old a line of a history is told at the least: two that are
	// written at once may be seen in the other order before.
	watchSettles = 10 * time.Second
	// watchersAtOnce bounds one look, watchesMost the jobs that one person watches and
	// watchedEvents the lines that are read of one job.
	watchersAtOnce = 50
	watchesMost    = 200
	watchedEvents  = 200
	// watchingList is the name of the list of watched jobs.
	watchingList = "watching"
)

func (t *turn) cmdWatch(ctx context.Context, rest string) (chat.Answer, error) {
	if rest == "" {
		return t.showPage(ctx, watchingList, 0, 0)
	}
	i, err := t.issueAlone(ctx, workflow.Watch, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	list, err := t.tx.Watches(ctx, t.actor.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list watches: %w", err)
	}
	if slices.ContainsFunc(list, func(w storage.Watch) bool { return w.Issue == i.ID }) {
		return did(i, t.present.Say("You watch %s already.", present.Heading(i))), nil
	}
	if len(list) >= watchesMost {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "You watch %d jobs already: say %s unwatch with the number of one first.", watchesMost, t.present.Command)
	}
	events, err := t.tx.LastEvents(ctx, i.ID, 0, 1)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list events: %w", err)
	}
	w := storage.Watch{Person: t.actor.ID, Number: i.Number, Issue: i.ID}
	if len(events) > 0 {
		w.Told = events[len(events)-1].Seq
	}
	if err := t.tx.PutWatch(ctx, w); err != nil {
		return chat.Answer{}, fmt.Errorf("watch a job: %w", err)
	}
	return did(i, t.present.Say("You watch %s. What others do with it is told to you privately, in working hours.", present.Heading(i))), nil
}

func (t *turn) cmdUnwatch(ctx context.Context, rest string) (chat.Answer, error) {
	i, err := t.issueAlone(ctx, workflow.Watch, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	n, err := t.tx.RemoveWatches(ctx, t.actor.ID, i.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("watch a job no longer: %w", err)
	}
	if n == 0 {
		return did(i, t.present.Say("You do not watch %s.", present.Heading(i))), nil
	}
	return did(i, t.present.Say("You no longer watch %s.", present.Heading(i))), nil
}

// watched is the list of the jobs that the actor watches.
func (t *turn) watched(w *wish) (storage.IssueFilter, error) {
	if err := workflow.Allowed(t.actor, workflow.Watch); err != nil {
		return storage.IssueFilter{}, err
	}
	if w.person != "" {
		return storage.IssueFilter{}, workflow.Refuse(workflow.Invalid, "You see the jobs that you watch yourself. Leave the person out.")
	}
	return storage.IssueFilter{Watcher: t.actor.ID}, nil
}

// tellWatchers tells those who watch a job what happened to it, while the desk works.
func (e *Engine) tellWatchers(ctx context.Context) error {
	rules, err := e.rules.current(ctx)
	if err != nil {
		return err
	}
	now := e.now()
	if rules.WorkingTime(e.zone).Next(now).After(now) {
		return nil
	}
	var errs []error
	// Those who cannot be told now stay behind, and keep nobody after them waiting.
	for after := ""; ; {
		var people []string
		err = e.store.View(ctx, e.desk, func(tx storage.Tx) (err error) {
			people, err = tx.WatchersBehind(ctx, now.Add(-watchRest), after, watchersAtOnce)
			return err
		})
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("look for watchers: %w", err))...)
		}
		for _, id := range people {
			errs = append(errs, e.tellWatcher(ctx, id))
		}
		if len(people) < watchersAtOnce || ctx.Err() != nil {
			return errors.Join(errs...)
		}
		after = people[len(people)-1]
	}
}

// tidings are what one watcher is told, and what they know then.
type tidings struct {
	watched []present.Watched
	before  []storage.Watch
	after   []storage.Watch
}

// tellWatcher tells one person of all that they watch. Who is no longer of the desk
// watches nothing any more.
func (e *Engine) tellWatcher(ctx context.Context, id string) error {
	workspace, person, _ := strings.Cut(id, "/")
	if _, attached := e.platform(workspace); !attached {
		return nil
	}
	in := chat.Inbound{Workspace: workspace, From: chat.Person{ID: person}, Body: chat.HomeOpened{}}
	actor, err := e.roster.actor(ctx, in, nil)
	if err != nil {
		return err
	}
	if refused := workflow.Allowed(actor, workflow.Watch); refused != nil {
		return e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
			_, err := tx.RemoveWatches(ctx, id, "")
			return err
		})
	}
	as := func(t *turn) *turn {
		t.actor = actor
		t.by(t.settings)
		return t
	}
	var found tidings
	var message chat.Message
	err = e.store.View(ctx, e.desk, func(tx storage.Tx) (err error) {
		t := as(e.turnOf(ctx, tx, in))
		if found, err = t.newsOf(ctx, id); err == nil && len(found.watched) > 0 {
			message = t.present.WatchedJobs(found.watched)
		}
		return err
	})
	if err != nil || len(found.after) == 0 {
		return err
	}
	return e.change(ctx, e.desk, in, func(t *turn) error {
		now, err := as(t).tx.Watches(ctx, id)
		if err != nil || !slices.Equal(now, found.before) {
			// Another replica told them, or they watch something else: it is looked again.
			return err
		}
		for _, w := range found.after {
			if err := t.tx.PutWatch(ctx, w); err != nil {
				return err
			}
		}
		if len(found.watched) == 0 {
			return nil
		}
		return t.tellPrivately(ctx, workspace, person, workflow.NewsOfWatched, message)
	})
}

// newsOf reads what happened to all that somebody watches since they were told.
func (t *turn) newsOf(ctx context.Context, id string) (found tidings, err error) {
	if found.before, err = t.tx.Watches(ctx, id); err != nil {
		return found, err
	}
	for _, w := range found.before {
		events, err := t.tx.ListEvents(ctx, w.Issue, w.Told, watchedEvents)
		if err != nil {
			return found, err
		}
		if n := slices.IndexFunc(events, func(e storage.Event) bool { return e.At.After(t.now.Add(-watchSettles)) }); n >= 0 {
			events = events[:n]
		}
		if len(events) == 0 {
			continue
		}
		w.Told = events[len(events)-1].Seq
		found.after = append(found.after, w)
		one, err := t.watchedJob(ctx, w, events)
		if err != nil {
			return found, err
		}
		if len(one.Lines) > 0 {
			found.watched = append(found.watched, one)
		}
	}
	return found, t.linkWatched(ctx, found.watched)
}

// linkWatched adds where the watcher opens each job.
func (t *turn) linkWatched(ctx context.Context, watched []present.Watched) error {
	issues := make([]storage.Issue, len(watched))
	for n, w := range watched {
		issues[n] = w.Job.Issue
	}
	links, err := t.cardLinks(ctx, issues)
	for n := range watched {
		watched[n].Link = links[watched[n].Job.ID]
	}
	return err
}

// watchedJob is a job with those of its events that others caused and that a watcher hears
// of.
func (t *turn) watchedJob(ctx context.Context, w storage.Watch, events []storage.Event) (one present.Watched, err error) {
	i, err := t.tx.Issue(ctx, w.Issue)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !workflow.CanSee(t.actor, i.Issue) {
		return one, nil
	}
	if err != nil {
		return one, fmt.Errorf("load an issue: %w", err)
	}
	for _, e := range events {
		if e.Kind == eventCommentAdded || e.Kind == eventCommentReleased {
			c, err := t.tx.Comment(ctx, e.Data["comment"])
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return one, fmt.Errorf("read a comment: %w", err)
			}
			// Held and released between two looks, it is there already.
			known := slices.ContainsFunc(one.Lines, func(l present.WatchedLine) bool { return l.Comment != nil && l.Comment.ID == c.ID })
			if err == nil && heardOf(c) && !known && c.Author.ID != w.Person {
				one.Lines = append(one.Lines, present.WatchedLine{Event: e, Comment: &c})
			}
			continue
		}
		if workflow.WatcherHears(e.Kind) && !workflow.FirmsCopy(e.Kind, e.Assignment) && e.Actor.ID != w.Person {
			one.Lines = append(one.Lines, present.WatchedLine{Event: e})
		}
	}
	if len(one.Lines) == 0 {
		return one, nil
	}
	one.Job, err = t.job(ctx, t.tx, i)
	return one, err
}

// heardOf tells whether watchers hear of a comment: of what is shared, and not taken back
// or held since.
func heardOf(c storage.Comment) bool {
	return c.Visibility == workflow.Shared && c.DeletedAt.IsZero() && !c.Held && !c.Orphan
}
