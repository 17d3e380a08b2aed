package bot

import (
	"context"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// accept gives a job to the firm of whoever pressed. Whoever takes on what is due when the
// firm does not work is told so, since the offer may have been read in a hurry; the
// acceptance stands.
func (t *turn) accept(ctx context.Context, i storage.Issue, cmd workflow.Command) (chat.Answer, error) {
	i, err := t.apply(ctx, i, cmd)
	if err != nil {
		return chat.Answer{}, err
	}
	out := t.done(i, cmd.Verb)
	a, _ := workflow.Find(i.Issue, cmd.Assignment)
	if a.Terms.Due.IsZero() && i.DueAt.IsZero() && a.StepFrom.IsZero() {
		return out, nil
	}
	// The firm is remembered: its name is on the card.
	hours, err := t.hoursFor(ctx, a)
	if err != nil || hours == nil {
		return out, err
	}
	if o := hours.Outside(i.Issue, a, t.now); o.Some() {
		out.Message.Text = out.Message.Text.Plain("\n").Append(t.present.OffHours(o, *hours))
	}
	return out, nil
}
