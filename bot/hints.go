package bot

import (
	"context"
	"slices"

	"taskbridge/bot/chat"
)

// Hints lists the commands that whoever an inbound is from has where it happened, in
// the order of the help. A failure gives none: they are a comfort.
func (e *Engine) Hints(ctx context.Context, in chat.Inbound) []chat.Hint {
	place, err := e.places.find(ctx, in.Workspace, in.Channel)
	if err != nil {
		return nil
	}
	actor, err := e.roster.actor(ctx, in, place)
	if err != nil {
		return nil
	}
	reads := e.inLocale(e.readIn(ctx, in.Workspace, in.Channel), e.roster.person(ctx, in.Workspace, in.From).Locale)
	var out []chat.Hint
	for _, c := range e.commandsOf(in.Workspace) {
		if c.who == nil && (c.word != "here" || actor.Admin) || slices.Contains(c.who, actor.Role) {
			out = append(out, chat.Hint{Text: c.word, Usage: c.usage, Does: reads.Term(c.help)})
		}
	}
	return out
}
