package bot

import (
	"context"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// askRating asks whoever created a job what they think of the work, in the thread under
// the desk's cards. Where they are not known, as for a job that came in by a program, the
// operations channel is asked.
func (t *turn) askRating(ctx context.Context, job present.Job, cards []storage.Card, assignment string) error {
	a, ok := workflow.Find(job.Issue.Issue, assignment)
	if !ok {
		return nil
	}
	for _, c := range cards {
		if c.Kind != storage.IssueCard {
			continue
		}
		requester, here := strings.CutPrefix(job.CreatedBy.ID, c.Workspace+"/")
		if !here {
			requester = ""
		}
		as := present.Asked{User: job.CreatedBy.ID, Now: t.now}
		m := t.toDesk().AskRating(job, a, requester, as)
		if err := t.enqueuePost(ctx, c.Workspace, c.Channel, postPayload{Thread: c.ID, Message: m}); err != nil {
			return err
		}
	}
	return nil
}

// cmdRate rates completed work, or opens the form.
func (t *turn) cmdRate(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.Rate, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	cmd := workflow.Command{Verb: workflow.Rate, At: t.now}
	if cmd.Assignment, err = workflow.Target(i.Issue, t.actor, cmd); err != nil {
		return chat.Answer{}, err
	}
	if rest == "" {
		return t.form(ctx, i, cmd)
	}
	word, text := cutWord(rest)
	if cmd.Stars, err = strconv.Atoi(word); err != nil {
		return chat.Answer{}, t.usage("Give a number from 1, the worst, to 5, the best.")
	}
	cmd.Text = text
	return t.rate(ctx, i, cmd)
}

// rateAs takes a choice from a list of ratings. What was written before stays.
func (t *turn) rateAs(ctx context.Context, i storage.Issue, cmd workflow.Command, choice string) (chat.Answer, error) {
	var err error
	if cmd.Stars, err = strconv.Atoi(choice); err != nil {
		return chat.Answer{}, workflow.RefuseField("stars", "Choose a rating from the list.")
	}
	if a, ok := workflow.Find(i.Issue, cmd.Assignment); ok {
		cmd.Text, cmd.Share = a.Rating.Text, a.Rating.Shared
	}
	return t.rate(ctx, i, cmd)
}

func (t *turn) rate(ctx context.Context, i storage.Issue, cmd workflow.Command) (chat.Answer, error) {
	i, err := t.apply(ctx, i, cmd)
	if err != nil {
		return chat.Answer{}, err
	}
	said := t.present.Say("Thank you. %s is rated %d of 5.", present.Heading(i), cmd.Stars)
	if cmd.Share {
		said += " " + t.present.Say("The firm sees it on its card.")
	}
	return did(i, said), nil
}
