package bot

import (
	"context"
	"fmt"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// directPayload is a message for one person. Channel is one of the desk's in which they are
// told where the platform has no conversations of two.
type directPayload struct {
	Person  string
	Channel string
	Message chat.Message
}

// tellPrivately tells one person of the desk something that they did not ask for, in the
// way that they have chosen and where it stays.
func (t *turn) tellPrivately(ctx context.Context, workspace, person string, kind workflow.PersonalNotice, m chat.Message) error {
	chosen, err := readChoices(ctx, t.tx)
	if err != nil {
		return err
	}
	switch chosen.way(personID(workspace, person), kind) {
	case workflow.NoWay:
		t.log.DebugContext(ctx, "notice: not sent, as its reader chose", "kind", string(kind))
		return nil
	case workflow.ByMail:
		to, known, err := t.mailOf(ctx, workspace, person)
		if err != nil {
			return err
		}
		if known {
			m.Title = t.present.NoticeTitle(kind)
			lane := storage.Lane{Workspace: to.workspace, Name: personLane + to.ID}
			return t.enqueue(ctx, lane, deliverWhisper, whisperPayload{Person: to.ID, Channel: to.ID, Message: m})
		}
		// E-mail was there when they chose it: what concerns them is told all the same.
	}
	pl := directPayload{Person: person, Message: m}
	for _, kind := range []storage.ChannelKind{storage.OperationsChannel, storage.ManagersChannel} {
		list, err := t.tx.ListChannels(ctx, kind, "")
		if err != nil {
			return fmt.Errorf("list channels: %w", err)
		}
		for _, c := range list {
			if pl.Channel == "" && c.Workspace == workspace && t.roster.knownMember(c, person) {
				pl.Channel = c.ID
			}
		}
	}
	return t.enqueue(ctx, storage.Lane{Workspace: workspace, Name: directLane + person}, deliverDirect, pl)
}

func (e *Engine) sendDirect(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[directPayload](d)
	if err != nil {
		return err
	}
	m := e.spellFor(ctx, p.Workspace(), pl.Channel, pl.Person, pl.Message)
	direct, err := conversation(ctx, p, pl.Person)
	switch chat.ReasonOf(err) {
	case chat.Unsupported, chat.MissingScope:
		if err := p.Whisper(ctx, pl.Channel, pl.Person, m); err != nil {
			return err
		}
		e.sent(ctx, d, "told one person", "")
		return e.delivered(ctx, d, nil)
	}
	if err != nil {
		return err
	}
	if _, err := e.postAs(ctx, p, d, chat.Post{Channel: direct.ID, Message: m}); err != nil {
		return err
	}
	return e.delivered(ctx, d, nil)
}

// conversation gives the conversation of the bot with one person.
func conversation(ctx context.Context, p chat.Platform, person string) (chat.ChannelInfo, error) {
	c, ok := p.(chat.Corresponding)
	if !ok {
		return chat.ChannelInfo{}, &chat.SendError{Reason: chat.Unsupported}
	}
	return c.OpenDirect(ctx, person) //nolint:wrapcheck // Its reason is what counts.
}
