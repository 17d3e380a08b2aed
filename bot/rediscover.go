package bot

import (
	"context"
	"fmt"
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// trouble takes the error of reading a channel: what it says of the channel itself
// becomes known as if an event had told it; anything else is given back. Nothing
// that failed is ever taken for a deletion.
func (p *pass) trouble(ctx context.Context, channel string, list []reading, err error) error {
	if err == nil {
		return nil
	}
	switch chat.ReasonOf(err) {
	case chat.NotInChannel, chat.ChannelGone:
	default:
		return fmt.Errorf("channel %s: %w", channel, err)
	}
	p.failed[channel] = true
	p.log.WarnContext(ctx, "replay: a channel cannot be read", "workspace", p.workspace, "channel", channel, "err", err)
	change := chat.ChannelChanged{Change: chat.ChannelBotRemoved}
	if id := p.movedTo(ctx, channel, list); id != "" {
		change = chat.ChannelChanged{Change: chat.ChannelMoved, NewID: id}
	}
	return p.tell(ctx, channel, list[0].Gap, change)
}

// hopeless tells whether an error will befall the other threads, too.
func hopeless(err error) bool {
	switch chat.ReasonOf(err) {
	case "":
		// It is our own store that failed, or another replica's turn.
		return err != nil
	case chat.Unavailable, chat.Withheld, chat.Unauthorised, chat.MissingScope:
		return true
	default:
		return false
	}
}

// tell says what befell a channel, once for each gap in which it may have happened.
func (p *pass) tell(ctx context.Context, channel string, gap int64, c chat.ChannelChanged) error {
	_, err := p.Handle(ctx, chat.Inbound{
		Key: historyKey(channel, string(c.Change), fmt.Sprint(gap)), Workspace: p.workspace, At: p.began,
		Channel: channel, Body: c,
	})
	if err != nil {
		return fmt.Errorf("tell what befell channel %s: %w", channel, err)
	}
	return nil
}

// movedTo finds the new id of a channel that is not found under its old one. That a
// channel bears the name proves nothing; that our cards are in it does.
func (p *pass) movedTo(ctx context.Context, channel string, list []reading) string {
	place, err := p.places.find(ctx, p.workspace, channel)
	if err != nil || place == nil || place.Name == "" {
		return ""
	}
	info, err := p.platform.Channel(ctx, place.Name)
	if err != nil || info.ID == "" || info.ID == channel {
		return ""
	}
	var ids []string
	for _, t := range list {
		ids = append(ids, t.Card.Message)
	}
	var told []chat.Root
	err = p.ask(ctx, func() (err error) {
		told, err = p.history.Roots(ctx, info.ID, ids)
		return err
	})
	if err != nil || !slices.ContainsFunc(told, func(r chat.Root) bool { return r.State == chat.RootThere && r.Own }) {
		return ""
	}
	return info.ID
}

// findChannels looks whether channels that could not be used can be again: the event
// that told so may be among those that were lost.
func (p *pass) findChannels(ctx context.Context) error {
	var list []storage.Channel
	err := p.store.View(ctx, p.desk, func(tx storage.Tx) (err error) {
		list, err = tx.ListChannels(ctx, "", "")
		return err
	})
	if err != nil {
		return fmt.Errorf("list channels: %w", err)
	}
	for _, c := range list {
		if c.Workspace != p.workspace || c.Kind == storage.ManagersChannel || c.State == "" || c.State == string(chat.ChannelSevered) {
			continue
		}
		if !p.usable(ctx, c) {
			continue
		}
		if err := p.tell(ctx, c.ID, p.began.Unix(), chat.ChannelChanged{Change: chat.ChannelUnarchived}); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) usable(ctx context.Context, c storage.Channel) bool {
	info, err := p.platform.Channel(ctx, c.ID)
	if err != nil || info.ID != c.ID || info.Archived {
		return false
	}
	members, err := p.platform.Members(ctx, c.ID)
	return err == nil && slices.Contains(members, p.platform.Self().ID)
}

// missed notes that events may have been lost and has what they told looked for.
func (t *turn) missed(ctx context.Context, channel string) error {
	if err := t.tx.NoteGap(ctx, t.in.Workspace, channel); err != nil {
		return fmt.Errorf("note a gap: %w", err)
	}
	if r := t.reconcilerOf(t.in.Workspace); r != nil {
		t.committed = append(t.committed, r.nudge)
	}
	return nil
}
