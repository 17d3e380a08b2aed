package mattermost

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"taskbridge/bot/chat"
)

// The limits of a channel (server/public/model/channel.go).
const (
	maxChannelName    = 64
	maxChannelTitle   = 64
	maxChannelPurpose = 250
)

// channelName is the shape of a channel's name. A name like two ids joined by
// underscores would pass for a direct channel, so that doubled ones are not made.
var channelName = regexp.MustCompile(`^[a-z0-9]+([-_]?[a-z0-9]+)*$`)

// CreateChannel makes a private channel in the team. The bot is its first member.
func (a *Adapter) CreateChannel(ctx context.Context, c chat.ChannelSpec) (chat.ChannelInfo, error) {
	s, err := a.started()
	if err != nil {
		return chat.ChannelInfo{}, err
	}
	name := c.Name
	if len(name) > maxChannelName {
		name = strings.TrimRight(name[:maxChannelName], "-_")
	}
	if !channelName.MatchString(name) {
		return chat.ChannelInfo{}, &chat.SendError{Reason: chat.Invalid, Err: errors.New("the channel's name may hold small letters, digits and single hyphens only")}
	}
	title := strings.TrimSpace(c.Title)
	if title == "" {
		title = name
	}
	var made channel
	err = a.api.do(ctx, call{
		op: "create channel", method: http.MethodPost, path: "/channels", creates: true, out: &made,
		body: channel{
			TeamID: s.team.ID, Name: name, Type: "P",
			DisplayName: chat.Shorten(clean(title), maxChannelTitle), Purpose: chat.Shorten(clean(c.Purpose), maxChannelPurpose),
		},
	})
	if err != nil {
		return chat.ChannelInfo{}, err
	}
	return s.info(made), nil
}

// FindChannel looks for a channel of ours by its name; the purpose with the mark is a
// part of what made it.
func (a *Adapter) FindChannel(ctx context.Context, spec chat.ChannelSpec) (chat.ChannelInfo, error) {
	s, err := a.started()
	if err != nil {
		return chat.ChannelInfo{}, err
	}
	var c channel
	err = a.api.do(ctx, call{
		op: "get channel by name", method: http.MethodGet, out: &c, forbidden: chat.NotFound,
		path: "/teams/" + s.team.ID + "/channels/name/" + url.PathEscape(spec.Name),
	})
	switch {
	case chat.ReasonOf(err) == chat.NotFound:
		return chat.ChannelInfo{}, nil
	case err != nil:
		return chat.ChannelInfo{}, err
	case c.CreatorID != a.Self().ID || c.Type != "P" || c.DeleteAt > 0 || spec.Mark == "" || !strings.Contains(c.Purpose, clean(spec.Mark)):
		return chat.ChannelInfo{}, nil
	}
	return s.info(c), nil
}

// Channel looks a channel of the team up by id or by name, archived ones included.
func (a *Adapter) Channel(ctx context.Context, idOrName string) (chat.ChannelInfo, error) {
	s, err := a.started()
	if err != nil {
		return chat.ChannelInfo{}, err
	}
	idOrName = strings.TrimPrefix(strings.TrimSpace(idOrName), "~")
	if idOrName == "" {
		return chat.ChannelInfo{}, &chat.SendError{Reason: chat.NotFound}
	}
	if isID(idOrName) {
		c, err := a.channelByID(ctx, idOrName)
		if err == nil {
			return s.info(c), nil
		}
		if chat.ReasonOf(err) != chat.NotFound {
			return chat.ChannelInfo{}, err
		}
	}
	var c channel
	err = a.api.do(ctx, call{
		op: "get channel by name", method: http.MethodGet, out: &c, forbidden: chat.NotInChannel,
		path:  "/teams/" + s.team.ID + "/channels/name/" + url.PathEscape(strings.ToLower(idOrName)),
		query: url.Values{"include_deleted": {"true"}},
	})
	if err != nil {
		return chat.ChannelInfo{}, err
	}
	return s.info(c), nil
}

func (a *Adapter) channelByID(ctx context.Context, id string) (channel, error) {
	var c channel
	err := a.api.do(ctx, call{op: "get channel", method: http.MethodGet, path: "/channels/" + id, out: &c, forbidden: chat.NotInChannel})
	return c, err
}

func (s *server) info(c channel) chat.ChannelInfo {
	return chat.ChannelInfo{
		ID: c.ID, Name: c.Name, URL: s.channelAddress(c.Name),
		Archived: c.DeleteAt > 0, Private: c.Type != "O", Shared: c.Shared,
	}
}

// AddMembers puts people into a channel, and into the team first where they are
// not in it yet. Who is in already is no error.
func (a *Adapter) AddMembers(ctx context.Context, channelID string, ids []string) error {
	s, err := a.started()
	if err != nil {
		return err
	}
	if !isID(channelID) {
		return &chat.SendError{Reason: chat.NotFound}
	}
	for _, id := range ids {
		if err := a.addMember(ctx, s, channelID, id); err != nil {
			return err
		}
	}
	return nil
}

func (a *Adapter) addMember(ctx context.Context, s *server, channelID, userID string) error {
	if !isID(userID) {
		return &chat.SendError{Reason: chat.NotFound}
	}
	toChannel := func() error {
		return a.api.do(ctx, call{
			op: "add channel member", method: http.MethodPost, path: "/channels/" + channelID + "/members",
			body: map[string]string{"user_id": userID},
		})
	}
	err := toChannel()
	if code := statusOf(err); code < 400 || code > 404 || code == http.StatusUnauthorized {
		return err
	}
	// Whatever the server's words for it: somebody outside the team is refused.
	member, lookErr := a.inTeam(ctx, s, userID)
	if lookErr != nil || member {
		return err
	}
	if err := a.addToTeam(ctx, s, userID); err != nil {
		return err
	}
	return toChannel()
}

func (a *Adapter) inTeam(ctx context.Context, s *server, userID string) (bool, error) {
	var m teamMember
	err := a.api.do(ctx, call{op: "get team member", method: http.MethodGet, path: "/teams/" + s.team.ID + "/members/" + userID, out: &m})
	if chat.ReasonOf(err) == chat.NotFound {
		return false, nil
	}
	return err == nil && m.DeleteAt == 0, err
}

func (a *Adapter) addToTeam(ctx context.Context, s *server, userID string) error {
	return a.api.do(ctx, call{
		op: "add team member", method: http.MethodPost, path: "/teams/" + s.team.ID + "/members",
		body: teamMember{TeamID: s.team.ID, UserID: userID},
	})
}
