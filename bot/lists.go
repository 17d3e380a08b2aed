package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

func (t *turn) cmdShow(ctx context.Context, rest string) (chat.Answer, error) {
	i, _, err := t.issueIn(ctx, "show N", workflow.View, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	switch t.actor.Role {
	case workflow.Contractor:
		i.Issue = workflow.Visible(i.Issue, t.actor)
	case workflow.External:
		return t.showToOutside(i), nil
	}
	job, err := t.jobWithReplies(ctx, t.tx, i)
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Answer{Message: t.present.Show(t.asked(), job, t.actor.Role), Number: i.Number}, nil
}

func (t *turn) cmdHistory(ctx context.Context, rest string) (chat.Answer, error) {
	i, _, err := t.issueIn(ctx, "history N", workflow.View, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	c, err := t.chronicle(ctx, i)
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Answer{Message: t.present.History(c.Job, c.Comments, c.Events), Number: i.Number}, nil
}

// chronicle is what the actor may read of a job and of what happened to it.
func (t *turn) chronicle(ctx context.Context, i storage.Issue) (present.Chronicle, error) {
	if !workflow.CanReadField(t.actor.Role, workflow.FieldHistory) {
		return present.Chronicle{}, workflow.Refuse(workflow.Forbidden, "The thread under the job's card has all that concerns you.")
	}
	filter := storage.CommentFilter{Issue: i.ID}
	firms := t.actor.Role == workflow.Contractor
	if firms {
		filter.Visibility = workflow.Shared
	}
	comments, err := t.tx.ListComments(ctx, filter)
	if err != nil {
		return present.Chronicle{}, fmt.Errorf("list comments: %w", err)
	}
	events, err := t.tx.ListEvents(ctx, i.ID, 0, 0)
	if err != nil {
		return present.Chronicle{}, fmt.Errorf("list events: %w", err)
	}
	if firms {
		// A firm reads its own assignments' history and nothing of the desk's or
		// of another firm's.
		demands := i.Demands
		i.Issue = workflow.Visible(i.Issue, t.actor)
		own := func(assignment string) bool {
			_, ok := workflow.Find(i.Issue, assignment)
			return ok
		}
		comments = slices.DeleteFunc(comments, func(c storage.Comment) bool {
			return !own(c.Assignment) || c.Held && c.Author.Side == string(workflow.WithOperator)
		})
		events = slices.DeleteFunc(events, func(e storage.Event) bool { return !own(e.Assignment) || unshared(e) || workflow.OnlyForDesk(e.Kind) })
		for n := range events {
			events[n].Data = workflow.FirmsEvent(demands, events[n].Data)
		}
		for n := range comments {
			// What was taken back stays taken back: the desk keeps the record.
			c := &comments[n]
			if !c.DeletedAt.IsZero() {
				c.Text, c.Files = "", nil
			}
			if !c.DeletedAt.IsZero() || c.Author.Side == string(workflow.WithOperator) {
				c.Versions, c.EditedAt = nil, time.Time{}
			}
		}
	}
	for n := range comments {
		texts := Texts(comments[n])
		repeats := len(texts) == 1 && len(comments[n].Versions) > 0
		comments[n].Versions = texts[:len(texts)-1]
		if repeats {
			comments[n].EditedAt = time.Time{}
		}
	}
	if !workflow.CanReadField(t.actor.Role, workflow.FieldMoney) {
		withoutMoney(events)
	}
	job, err := t.job(ctx, t.tx, i)
	if err == nil && !firms {
		err = t.nameFirms(ctx, job, events)
	}
	if err != nil {
		return present.Chronicle{}, err
	}
	job.Synced, err = synced(ctx, t.tx, i.ID, func(c storage.Card) bool {
		_, own := workflow.Find(i.Issue, c.Assignment)
		return own || !firms
	})
	return present.Chronicle{Job: job, Comments: comments, Events: events}, err
}

// unshared tells whether an event is a rating that the firm may not read.
func unshared(e storage.Event) bool {
	return e.Kind == workflow.EventRated && e.Data["shared"] != "true"
}

func (t *turn) help() chat.Message {
	var all []present.Usage
	for _, c := range t.commandsOf(t.in.Workspace) {
		if c.who == nil && (c.word == "help" || t.actor.Admin) || slices.Contains(c.who, t.actor.Role) {
			all = append(all, present.Usage{Usage: c.usage, Does: c.help})
		}
	}
	return t.present.Help(t.actor.Role, all)
}
