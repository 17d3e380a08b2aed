package bot

import (
	"context"
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/workflow"
)

func (t *turn) cmdShow(ctx context.Context, rest string) (chat.Answer, error) {
	i, _, err := t.issueIn(ctx, workflow.View, rest)
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
