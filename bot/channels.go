package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// joined and left keep the roster current.
func (t *turn) joined(ctx context.Context) error {
	ws, ch, who := t.in.Workspace, t.in.Channel, t.in.From.ID
	if err := t.tx.AddMember(ctx, ws, ch, who); err != nil {
		return fmt.Errorf("add a member: %w", err)
	}
	t.committed = append(t.committed, t.roster.changed(ctx))
	if err := t.guestJoined(ctx); err != nil {
		return err
	}
	if err := t.rosterJoined(ctx, *t.place); err != nil {
		return err
	}
	if p, ok := t.platform(ws); ok && p.Self().ID == who {
		c, err := t.hereNow(ctx)
		if err != nil {
			return err
		}
		return t.mend(ctx, c)
	}
	return nil
}

// hereNow reads the channel the inbound happened in, in order to change it: the
// copy in memory may be older.
func (t *turn) hereNow(ctx context.Context) (storage.Channel, error) {
	c, err := t.tx.Channel(ctx, t.place.Workspace, t.place.ID)
	if err != nil {
		return c, fmt.Errorf("load a channel: %w", err)
	}
	return c, nil
}

func (t *turn) left(ctx context.Context) error {
	ws, ch, who := t.in.Workspace, t.in.Channel, t.in.From.ID
	if err := t.tx.RemoveMember(ctx, ws, ch, who); err != nil {
		return fmt.Errorf("remove a member: %w", err)
	}
	t.committed = append(t.committed, t.roster.changed(ctx))
	return t.rosterLeft(ctx, *t.place)
}

// channelChanged follows what befalls one of the desk's channels.
func (t *turn) channelChanged(ctx context.Context, b chat.ChannelChanged) error {
	c, err := t.hereNow(ctx)
	if err != nil {
		return err
	}
	t.committed = append(t.committed, t.places.forget)
	if c.State == channelClosed && b.Change == chat.ChannelArchived {
		// Our own doing.
		return nil
	}
	switch b.Change {
	case chat.ChannelShared:
		return t.shared(ctx, c)
	case chat.ChannelUnarchived:
		return t.mend(ctx, c)
	case chat.ChannelPosting:
		// What could not be written there may be by now.
		return t.resume(ctx, c.Workspace, c.ID)
	case chat.ChannelRenamed:
		c.Name = b.Name
		return t.saveChannel(ctx, c)
	case chat.ChannelMoved:
		if b.NewID == "" || b.NewID == c.ID {
			return nil
		}
		if err := t.tx.MoveChannel(ctx, c.Workspace, c.ID, b.NewID); err != nil {
			return fmt.Errorf("move a channel: %w", err)
		}
		t.committed = append(t.committed, t.threads.Purge, t.issueCards.Purge)
		// What failed under the old id may have stopped the lane.
		if err := t.resume(ctx, c.Workspace, b.NewID); err != nil {
			return err
		}
		if err := t.movedBeside(ctx, c, b.NewID); err != nil {
			return err
		}
		return t.record(ctx, "", workflow.Event{Kind: "channel_moved", Data: map[string]string{"from": c.ID, "to": b.NewID}})
	}
	if b.Change == chat.ChannelSevered && desksOwn(c) {
		// The desk's own channel is its own again.
		return t.mend(ctx, c)
	}
	if c.State == string(b.Change) {
		// Known already, and told.
		return nil
	}
	c.State = string(b.Change)
	c.Shared = c.Shared && b.Change != chat.ChannelSevered
	if err := t.saveChannel(ctx, c); err != nil {
		return err
	}
	return t.tellOfChannel(ctx, c, b.Change)
}

// movedBeside asks anew for what waited beside the lane of a firm's channel: under the old
// id it leads nowhere.
func (t *turn) movedBeside(ctx context.Context, c storage.Channel, to string) error {
	if c.Kind != storage.ContractorChannel {
		return nil
	}
	if err := t.boardChanges(ctx, c.Workspace, to); err != nil {
		return err
	}
	if err := t.enqueueLook(ctx, t.tx, storage.Channel{Workspace: c.Workspace, ID: to}); err != nil {
		return err
	}
	return t.enqueueFill(ctx, c.Workspace, fillPayload{Channel: to}, t.now)
}

func (t *turn) saveChannel(ctx context.Context, c storage.Channel) error {
	if err := t.tx.PutChannel(ctx, c); err != nil {
		return fmt.Errorf("put a channel: %w", err)
	}
	return nil
}

// mend takes a channel into use again.
func (t *turn) mend(ctx context.Context, c storage.Channel) error {
	c.State = ""
	if err := t.saveChannel(ctx, c); err != nil {
		return err
	}
	t.committed = append(t.committed, t.places.forget)
	return t.resume(ctx, c.Workspace, c.ID)
}

// resume lets go what waits for a channel, and has what was said there meanwhile
// looked for.
func (t *turn) resume(ctx context.Context, workspace, channel string) error {
	if err := t.tx.Resume(ctx, channelLane(workspace, channel)); err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("resume a lane: %w", err)
	}
	return t.missed(ctx, channel)
}

// tellOfChannel tells the operators what befell a firm's channel, and what to do.
func (t *turn) tellOfChannel(ctx context.Context, c storage.Channel, change chat.ChannelChange) error {
	if c.Kind != storage.ContractorChannel {
		return nil
	}
	firm, err := t.tx.Contractor(ctx, c.Contractor)
	if err != nil {
		return fmt.Errorf("load a contractor: %w", err)
	}
	if firm.State == storage.ContractorOffboarded {
		return nil
	}
	var what string
	switch change {
	case chat.ChannelArchived:
		what = t.toDesk().Say("The channel %s was archived. Unarchive it to go on; what is meant for it waits.", c.Name)
	case chat.ChannelDeleted:
		what = t.toDesk().Say("The channel %s was deleted. What is meant for it waits; restore it, or off-board the firm and add it anew.", c.Name)
	case chat.ChannelSevered:
		what = t.toDesk().Say("The channel %s is no longer shared with the firm. Invite its people again.", c.Name)
	case chat.ChannelBotRemoved:
		what = t.toDesk().Say("The channel %s no longer has me in it. Add me again; what is meant for it waits.", c.Name)
	default:
		return nil
	}
	return t.tell(ctx, storage.OperationsChannel, chat.Message{Tone: chat.Bad, Text: chat.T(what)})
}

// inviteChanged notes what became of an invitation.
func (t *turn) inviteChanged(ctx context.Context, b chat.InviteChanged) error {
	if t.place == nil || t.place.Contractor == "" {
		return nil
	}
	list, err := t.invitations(ctx, t.place.Contractor)
	if err != nil {
		return err
	}
	for _, i := range list {
		if b.Invite != "" && i.External == b.Invite || b.Email != "" && strings.EqualFold(i.Address, b.Email) {
			i.State, i.Note = string(b.State), ""
			if err := t.tx.PutInvitation(ctx, i); err != nil {
				return fmt.Errorf("put an invitation: %w", err)
			}
			if err := t.answeredAs(ctx, i, b.State); err != nil {
				return err
			}
			return t.tell(ctx, storage.OperationsChannel, chat.Message{Text: t.toDesk().Invited(i)})
		}
	}
	return nil
}
