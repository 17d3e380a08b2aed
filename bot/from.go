package bot

import (
	"context"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// linkMostBytes is the longest address of a message that is kept.
const linkMostBytes = 500

// linkedMessage reads the message that an operator asks for by its link. Who may make
// no task is not read for; the command refuses it.
func (e *Engine) linkedMessage(ctx context.Context, in chat.Inbound, link string) (m chat.LinkedMessage, err error) {
	p, attached := e.platform(in.Workspace)
	reader, reads := p.(chat.LinkReader)
	place, err := e.places.find(ctx, in.Workspace, in.Channel)
	if err != nil {
		return m, err
	}
	actor, err := e.roster.actor(ctx, in, place)
	if err != nil || !attached || !reads || actor.Role != workflow.Operator {
		return m, err
	}
	return reader.ReadFor(ctx, in.From.ID, link)
}

// linkIn gives the link that a command or the button of a form that did not open names.
func linkIn(in chat.Inbound, tk ticket.Ticket) string {
	switch b := in.Body.(type) {
	case chat.Command:
		if verb, rest := cutWord(b.Text); strings.EqualFold(verb, "from") {
			return strings.Trim(rest, "<>")
		}
	case chat.Click:
		if tk.Verb == string(present.FromMessage) {
			return tk.Arg
		}
	}
	return ""
}

// cmdFrom opens the form of a new task that says what a message says.
func (t *turn) cmdFrom(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Create); err != nil {
		return chat.Answer{}, err
	}
	if rest == "" {
		return chat.Answer{}, t.usage("Give the link of a message.")
	}
	switch chat.ReasonOf(t.ready.err) {
	case "":
		if t.ready.err != nil {
			return chat.Answer{}, t.ready.err
		}
	case chat.NotFound:
		return chat.Answer{}, workflow.Refuse(workflow.NotFound, "I find no such message in a channel that you and I are both in. Copy its link from the message's menu, and add me to its channel.")
	default:
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "The message cannot be read now. Try again in a minute.")
	}
	return t.taskFrom(ctx, t.ready.linked)
}

// picked opens the form of a new task that says what the chosen message says.
func (t *turn) picked(ctx context.Context, b chat.Picked) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Create); err != nil {
		return chat.Answer{}, err
	}
	return t.taskFrom(ctx, chat.LinkedMessage{Text: b.Text, Link: b.Link})
}

func (t *turn) taskFrom(ctx context.Context, m chat.LinkedMessage) (chat.Answer, error) {
	firms, err := t.activeFirms(ctx)
	if err != nil {
		return chat.Answer{}, err
	}
	if len(m.Link) > linkMostBytes {
		m.Link = ""
	}
	as := t.asked()
	a := chat.Answer{Form: t.present.NewIssueFrom(as, m.Text, m.Link, firms)}
	// Without a link there is nothing by which the message could be read again.
	a.Fallback = t.present.TryAgain(as, workflow.Create, storage.Issue{}, nil, "")
	if m.Link != "" {
		a.Fallback = t.present.TryAgain(as, present.FromMessage, storage.Issue{}, nil, m.Link)
	}
	return a, nil
}
