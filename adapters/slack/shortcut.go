package slack

import (
	"context"
	"fmt"

	"taskbridge/bot/chat"
)

// picked takes a message shortcut. Slack offers it only on messages that the person
// can read, and not to people of other organisations
// (docs.slack.dev/interactivity/implementing-shortcuts).
func (a *Adapter) picked(ctx context.Context, id *identity, in interaction, req request) (reply, error) {
	if in.Message == nil {
		return reply{}, nil
	}
	answer, err := a.handler.Handle(ctx, chat.Inbound{
		Key: in.key(req.body), Workspace: a.Workspace(), At: req.received,
		From: in.person(id), Channel: in.channel(),
		Body: chat.Picked{
			Text: neutral(in.Message.Text, byLabel(a.names(ctx))), Link: a.Permalink(in.channel(), in.Message.TS),
			Trigger: chat.Trigger(in.TriggerID), Reply: in.ResponseURL,
		},
	})
	if err != nil {
		return reply{}, fmt.Errorf("handle a shortcut: %w", err)
	}
	who := actor{channel: in.channel(), user: in.User.ID, responseURL: in.ResponseURL}
	if answer.Form != nil {
		a.formOrFallback(ctx, opening{trigger: in.TriggerID, form: *answer.Form, fallback: answer.Fallback, who: who, received: req.received})
	}
	a.tellLater(who, answer.Message)
	return reply{}, nil
}
