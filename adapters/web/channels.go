package web

import (
	"context"
	"errors"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
)

var _ chat.Steward = (*Adapter)(nil)

// CreateChannel makes a channel with us in it.
func (a *Adapter) CreateChannel(ctx context.Context, c chat.ChannelSpec) (chat.ChannelInfo, error) {
	r := storage.Room{ID: newID(), Name: c.Name, Title: c.Title, Purpose: c.Purpose, CreatedAt: a.now()}
	if r.Title == "" {
		r.Title = r.Name
	}
	if err := a.cfg.Talk.OpenRoom(ctx, a.cfg.Desk, r); err != nil {
		return chat.ChannelInfo{}, a.failed(err, chat.NotFound)
	}
	if _, err := a.cfg.Talk.Seat(ctx, a.cfg.Desk, r.ID, []string{selfID}, nil); err != nil {
		return chat.ChannelInfo{}, a.failed(err, chat.NotFound)
	}
	return a.info(r), nil
}

func (a *Adapter) info(r storage.Room) chat.ChannelInfo {
	return chat.ChannelInfo{ID: r.ID, Name: r.Name, URL: a.address("/c/" + r.ID), Archived: r.Archived, Private: true}
}

// FindChannel looks for a channel by its mark.
func (a *Adapter) FindChannel(ctx context.Context, c chat.ChannelSpec) (chat.ChannelInfo, error) {
	all, err := a.cfg.Talk.Rooms(ctx, a.cfg.Desk, "")
	if err != nil {
		return chat.ChannelInfo{}, a.failed(err, chat.NotFound)
	}
	for _, r := range all {
		if c.Mark == "" || !strings.Contains(r.Purpose, c.Mark) {
			continue
		}
		// The attempt that made it may have ended before we were in.
		if _, err := a.cfg.Talk.Seat(ctx, a.cfg.Desk, r.ID, []string{selfID}, nil); err != nil {
			return chat.ChannelInfo{}, a.failed(err, chat.NotFound)
		}
		return a.info(r), nil
	}
	return chat.ChannelInfo{}, nil
}

// Channel looks a channel up, by id or by name.
func (a *Adapter) Channel(ctx context.Context, idOrName string) (chat.ChannelInfo, error) {
	r, err := a.cfg.Talk.Room(ctx, a.cfg.Desk, strings.TrimPrefix(idOrName, "#"))
	if err != nil {
		return chat.ChannelInfo{}, a.failed(err, chat.NotFound)
	}
	return a.info(r), nil
}

// Furnish makes the desk's own two channels unless they are there, for a workspace
// that begins empty.
func (a *Adapter) Furnish(ctx context.Context) error {
	for _, c := range []chat.ChannelSpec{
		{Name: Operations, Title: words.Later("Operations"), Purpose: words.Later("Where the desk runs its jobs. Its members are operators.")},
		{Name: Managers, Title: words.Later("Managers"), Purpose: words.Later("Lists and summaries. Its members are managers.")},
	} {
		if _, err := a.CreateChannel(ctx, c); err != nil && chat.ReasonOf(err) != chat.NameTaken {
			return err
		}
	}
	return nil
}

// The names of the channels that Furnish makes.
const (
	Operations = "operations"
	Managers   = "managers"
)

// AddMembers puts people into a channel, and tells the bot of each newcomer.
func (a *Adapter) AddMembers(ctx context.Context, channel string, people []string) error {
	if _, err := a.Channel(ctx, channel); err != nil {
		return err
	}
	for _, p := range people {
		// Who came in from another platform has their channels there, and who was retired none.
		if who, err := a.cfg.Talk.Talker(ctx, a.cfg.Desk, p); err == nil && (who.Alias != "" || who.Kind == "") {
			return a.failed(storage.ErrNotFound, chat.NotFound)
		}
	}
	now := a.now()
	joined := func(p string) event { return event{Kind: "joined", Person: p, Channel: channel, At: now} }
	added, err := a.cfg.Talk.Seat(ctx, a.cfg.Desk, channel, people, func(p string) storage.Tale { return a.tale(joined(p)) })
	if err != nil {
		return a.failed(err, chat.NotFound)
	}
	for _, p := range added {
		a.tellBot(ctx, joined(p))
	}
	a.hub.nudge()
	return nil
}

// RemoveMember takes a person out of a channel, and tells the bot.
func (a *Adapter) RemoveMember(ctx context.Context, channel, person string) error {
	left := event{Kind: "left", Person: person, Channel: channel, At: a.now()}
	if err := a.cfg.Talk.Unseat(ctx, a.cfg.Desk, channel, person, a.tale(left)); err != nil {
		return a.failed(err, chat.NotFound)
	}
	a.tellBot(ctx, left)
	a.hub.nudge()
	return nil
}

// ArchiveChannel closes a channel: it takes no messages, and who is in it still reads it.
func (a *Adapter) ArchiveChannel(ctx context.Context, channel string) error {
	return a.closeRoom(ctx, channel, true)
}

// RestoreChannel takes an archived channel into use again.
func (a *Adapter) RestoreChannel(ctx context.Context, channel string) error {
	return a.closeRoom(ctx, channel, false)
}

func (a *Adapter) closeRoom(ctx context.Context, channel string, closed bool) error {
	if err := a.cfg.Talk.CloseRoom(ctx, a.cfg.Desk, channel, closed); err != nil {
		return a.failed(err, chat.NotFound)
	}
	a.hub.nudge()
	return nil
}

// Invite puts somebody into a channel. Who is not known yet becomes a guest, who can
// come in with a sign-in link.
func (a *Adapter) Invite(ctx context.Context, i chat.InviteSpec) (chat.Invite, error) {
	if _, err := a.Channel(ctx, i.Channel); err != nil {
		return chat.Invite{}, err
	}
	who, err := a.cfg.Talk.Talker(ctx, a.cfg.Desk, strings.TrimPrefix(i.Address, "@"))
	if err == nil && who.Alias != "" {
		err = storage.ErrNotFound
	}
	switch {
	case errors.Is(err, storage.ErrNotFound) && isAddress(i.Address):
		who, err = a.AddPerson(ctx, storage.Talker{Name: nameOf(i.Address), Email: i.Address, Kind: string(chat.Guest)})
		if err != nil {
			return chat.Invite{}, err
		}
		if err := a.AddMembers(ctx, i.Channel, []string{who.ID}); err != nil {
			return chat.Invite{}, err
		}
		return chat.Invite{ID: who.ID, State: chat.InviteSent, Note: "They are in the channel. `taskbridge web link " + i.Address + "` prints the link with which they sign in."}, nil
	case err != nil:
		return chat.Invite{}, a.failed(err, chat.NotFound)
	}
	if err := a.AddMembers(ctx, i.Channel, []string{who.ID}); err != nil {
		return chat.Invite{}, err
	}
	return chat.Invite{ID: who.ID, State: chat.InviteJoined}, nil
}

// Members lists the ids of everybody in a channel.
func (a *Adapter) Members(ctx context.Context, channel string) ([]string, error) {
	if _, err := a.Channel(ctx, channel); err != nil {
		return nil, err
	}
	list, err := a.cfg.Talk.Seated(ctx, a.cfg.Desk, channel)
	if err != nil {
		return nil, a.failed(err, chat.NotFound)
	}
	return list, nil
}

// isIn tells whether a person is in a channel.
func (a *Adapter) isIn(ctx context.Context, channel, person string) (bool, error) {
	list, err := a.cfg.Talk.Seated(ctx, a.cfg.Desk, channel)
	return slices.Contains(list, person), err
}
