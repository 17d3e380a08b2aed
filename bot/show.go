package bot

import (
	"context"
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

func (t *turn) cmdShow(ctx context.Context, rest string) (chat.Answer, error) {
	i, _, err := t.issueIn(ctx, workflow.View, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if t.actor.Role == workflow.External {
		return t.showToOutside(i), nil
	}
	job, err := t.jobWithReplies(ctx, t.tx, t.asKnown(i))
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Answer{Message: t.present.Show(t.asked(), job, t.actor.Role), Number: i.Number}, nil
}

// readAll answers with what the card of a hand-off has no room for, as its firm may read it.
func (t *turn) readAll(i storage.Issue, assignment string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.View); err != nil {
		return chat.Answer{}, err
	}
	a, ok := workflow.Find(workflow.Visible(i.Issue, t.actor), assignment)
	switch {
	case !ok || t.actor.Role == workflow.External:
		return chat.Answer{}, workflow.NoSuchIssue()
	case a.Status == workflow.Canceled:
		return chat.Answer{}, workflow.Refuse(workflow.TooLate, "This offer was withdrawn. There is nothing left to do.")
	case a.Status == workflow.Declined:
		return chat.Answer{}, workflow.Refuse(workflow.TooLate, "Declined. There is nothing left to do.")
	}
	return chat.Answer{Message: t.present.All(present.Job{Issue: i}, a), Number: i.Number}, nil
}

func (t *turn) cmdHistory(ctx context.Context, rest string) (chat.Answer, error) {
	i, _, err := t.issueIn(ctx, workflow.View, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	return t.showHistory(ctx, i, tailMark{})
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
