package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// A job that follows another one is moved in the transaction in which that one is done,
// closed or reopened: nothing can come between them, and it happens once however many
// replicas there are. Who follows whom is kept on both of them, so that a job that nobody
// waits for costs nothing more.

// cmdFollow lets a job wait until another one is done, go on, or wait no more.
func (t *turn) cmdFollow(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.Follow, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	word, number := cutWord(rest)
	switch {
	case strings.EqualFold(rest, "now"):
		return t.goOnNow(ctx, i)
	case strings.EqualFold(rest, "off"):
		if i, err = t.apply(ctx, i, workflow.Command{Verb: workflow.StopFollowing}); err != nil {
			return chat.Answer{}, err
		}
		return did(i, t.present.Say("%s waits for no other job any more.", present.Heading(i))), nil
	case !strings.EqualFold(word, "after"):
		number = rest
	}
	ahead, err := t.aheadOf(ctx, number)
	if err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.follow(ctx, i, ahead); err != nil {
		return chat.Answer{}, err
	}
	a := chat.Private(t.present.Follows(i, t.firmsAsked(ctx, i)))
	a.Number = i.Number
	return a, nil
}

// aheadOf finds the job that somebody wants to be done first.
func (t *turn) aheadOf(ctx context.Context, text string) (storage.Issue, error) {
	number, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(text), "#"))
	if err != nil || number < 1 {
		return storage.Issue{}, workflow.RefuseField("after", "Give the number of the job that has to be done first, like %s follow 13 after 12.", t.present.Command)
	}
	i, err := t.issueByNumber(ctx, number)
	if err != nil {
		return i, inField("after", err)
	}
	return i, nil
}

// follow lets a job wait for another one.
func (t *turn) follow(ctx context.Context, i, ahead storage.Issue) (storage.Issue, error) {
	cmd, err := t.following(ctx, ahead)
	if err != nil {
		return i, err
	}
	if follows(ahead.Line.Next, i.ID) {
		cmd.Ahead.Followers--
	}
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return i, err
	}
	return i, t.relate(ctx, ahead.ID, func(next []workflow.Follower) []workflow.Follower {
		if follows(next, i.ID) {
			// It has waited for that job before, and went on.
			return next
		}
		return append(next, workflow.Follower{Issue: i.ID, Number: i.Number})
	})
}

// follows tells whether a job is among those that wait for another one, or have.
func follows(next []workflow.Follower, issue string) bool {
	return slices.ContainsFunc(next, func(f workflow.Follower) bool { return f.Issue == issue })
}

// mayFollow refuses what no new job could wait for.
func (t *turn) mayFollow(ctx context.Context, ahead storage.Issue) error {
	cmd, err := t.following(ctx, ahead)
	if err != nil {
		return err
	}
	_, err = workflow.Decide(workflow.Issue{ID: newID(), Status: workflow.Reported}, t.actor, cmd)
	return err
}

// following is the command that lets a job wait for another one.
func (t *turn) following(ctx context.Context, ahead storage.Issue) (workflow.Command, error) {
	cmd := workflow.Command{Verb: workflow.Follow, Ahead: workflow.Ahead{
		Issue: ahead.ID, Number: ahead.Number, Finished: workflow.Finished(ahead.Issue), Abandoned: workflow.Abandoned(ahead.Issue),
		Followers: len(ahead.Line.Next),
	}}
	for next := ahead.Line.After.Issue; next != "" && len(cmd.Ahead.Line) < workflow.MaxLine; {
		cmd.Ahead.Line = append(cmd.Ahead.Line, next)
		before, err := t.tx.Issue(ctx, next)
		if err != nil {
			return cmd, fmt.Errorf("load the job before: %w", err)
		}
		next = before.Line.After.Issue
	}
	return cmd, nil
}

// createdAfter lets a new job wait for another one, with an offer prepared if a firm was
// chosen for it.
func (t *turn) createdAfter(ctx context.Context, i, ahead storage.Issue, firm storage.Contractor, terms workflow.Terms) (chat.Answer, error) {
	var err error
	if firm.ID != "" {
		if _, err = t.draft(ctx, i, firm, terms); err == nil {
			i, err = t.issueByID(ctx, i.ID)
		}
	}
	if err == nil {
		i, err = t.follow(ctx, i, ahead)
	}
	if err != nil {
		return chat.Answer{}, err
	}
	a := chat.Private(t.present.Created(i).Plain(" ").Append(t.present.Follows(i, t.firmsAsked(ctx, i))))
	a.Number = i.Number
	return a, nil
}

// relate changes who follows a job.
func (t *turn) relate(ctx context.Context, issue string, change func([]workflow.Follower) []workflow.Follower) error {
	was, err := t.tx.Issue(ctx, issue)
	if err != nil {
		return fmt.Errorf("load the job before: %w", err)
	}
	is := was
	if is.Line.Next = change(slices.Clone(was.Line.Next)); len(is.Line.Next) == 0 {
		is.Line.Next = nil
	}
	if err := t.tx.SaveIssue(ctx, was, is); err != nil {
		return fmt.Errorf("save issue %d: %w", was.Number, err)
	}
	return t.refreshIssueCards(ctx, issue)
}

// lineChanges tells the other jobs of a line what the change of one means to them.
func (t *turn) lineChanges(ctx context.Context, was, is storage.Issue) error {
	if before := was.Line.After.Issue; before != "" && before != is.Line.After.Issue {
		err := t.relate(ctx, before, func(next []workflow.Follower) []workflow.Follower {
			return slices.DeleteFunc(next, func(f workflow.Follower) bool { return f.Issue == is.ID })
		})
		if err != nil {
			return err
		}
	}
	if len(is.Line.Next) == 0 {
		return nil
	}
	verb := workflow.ForFollowers(was.Issue, is.Issue)
	if verb == "" {
		return nil
	}
	// What a step of the dispatcher knows of the settings may be older than the limit.
	rules, err := t.rules.read(ctx, t.tx)
	if err != nil {
		return err
	}
	by := t.actor
	defer func() { t.actor = by }()
	t.actor = workflow.Actor{Role: workflow.System, ID: systemWorkspace, Name: "taskbridge", Ceiling: rules.Rights.Ceiling}
	for _, next := range is.Line.Next {
		i, err := t.tx.Issue(ctx, next.Issue)
		if err != nil {
			return fmt.Errorf("load the job that follows: %w", err)
		}
		if verb == workflow.GoOn {
			_, _, err = t.goOn(ctx, i)
		} else {
			_, err = t.apply(ctx, i, workflow.Command{Verb: verb})
		}
		// One that went on or was handed out meanwhile has nothing to wait for.
		if _, refused := errors.AsType[*workflow.Refusal](err); err != nil && !refused {
			return err
		}
	}
	return nil
}

// goOn lets a job wait no more, and sends what was prepared for it. What cannot be sent
// stays prepared; the first reason for that is told.
func (t *turn) goOn(ctx context.Context, i storage.Issue) (storage.Issue, error, error) {
	cmds := []workflow.Command{{Verb: workflow.GoOn}}
	var kept error
	for _, a := range i.Assignments {
		if a.Status != workflow.Unsent {
			continue
		}
		firm, err := t.firmByID(ctx, a.Contractor)
		if err == nil {
			err = t.takesOffers(firm)
		}
		if _, refused := errors.AsType[*workflow.Refusal](err); err != nil && !refused {
			return i, nil, err
		}
		if err != nil {
			kept = err
			continue
		}
		cmds = append(cmds, workflow.Command{Verb: workflow.Offer, Assignment: a.ID, Hours: t.hoursOf(firm)})
	}
	is, err := t.apply(ctx, i, cmds...)
	if _, refused := errors.AsType[*workflow.Refusal](err); refused && len(cmds) > 1 {
		kept = err
		is, err = t.apply(ctx, i, cmds[0])
	}
	return is, kept, err
}

// goOnNow lets a job go on before the one that it waits for is done.
func (t *turn) goOnNow(ctx context.Context, i storage.Issue) (chat.Answer, error) {
	is, kept, err := t.goOn(ctx, i)
	if err != nil {
		return chat.Answer{}, err
	}
	a := chat.Private(t.present.GoesOn(is, t.firmsAsked(ctx, is)))
	if refusal, refused := errors.AsType[*workflow.Refusal](kept); refused {
		a.Message.Text = a.Message.Text.Plain("\n" + t.present.Say("The prepared offer was not sent: %s", t.present.Refusal(refusal)))
	}
	a.Number = is.Number
	return a, nil
}

// firmsAsked names the firms that have an offer of a job, or one that is prepared.
func (t *turn) firmsAsked(ctx context.Context, i storage.Issue) (names []string) {
	for _, a := range i.Assignments {
		if a.Status != workflow.Assigned && a.Status != workflow.Unsent {
			continue
		}
		if c, err := t.firm(ctx, t.tx, a.Contractor); err == nil {
			names = append(names, present.FirmName(c))
		}
	}
	return names
}

// askToGoOn asks the desk, in the thread under its cards, whether a job goes on although
// the one before it was closed without being done.
func (t *turn) askToGoOn(ctx context.Context, job present.Job, cards []storage.Card) error {
	for _, c := range cards {
		if c.Kind != storage.IssueCard {
			continue
		}
		m := t.toDesk().AskToGoOn(job, ticket.Ticket{
			Desk: t.desk, Verb: string(workflow.GoOn), Issue: job.ID, Channel: personID(c.Workspace, c.Channel),
		}, t.now)
		if err := t.enqueuePost(ctx, c.Workspace, c.Channel, postPayload{Thread: c.ID, Message: m}); err != nil {
			return err
		}
	}
	return nil
}

// dueAfter is how long after now a date is that is meant from now, like "in 3 days"; zero
// for one that stays what it is whenever it is read.
func (t *turn) dueAfter(text string, due time.Time) time.Duration {
	const step = time.Hour
	later, err := parseWhen(text, t.now.Add(step), t.zone)
	if err != nil || due.IsZero() || later.Sub(due) != step {
		return 0
	}
	return due.Sub(t.now)
}
