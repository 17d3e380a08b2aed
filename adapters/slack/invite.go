package slack

import (
	"context"
	"errors"
	"net/mail"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"taskbridge/bot/chat"
)

const usersPage = 500

// Invite asks somebody into a channel: a member of the workspace joins at once,
// everybody else is sent a Slack Connect invitation. The address is an e-mail
// address, "<@U…>", an id, or a user name.
func (a *Adapter) Invite(ctx context.Context, i chat.InviteSpec) (chat.Invite, error) {
	channel, address := i.Channel, strings.TrimSpace(i.Address)
	if i.Repeat {
		if pending, err := a.pendingInvite(ctx, channel); err != nil || pending {
			// Slack's answer was lost, and the invitation seems to be out.
			note := chat.InviteNote("Slack did not confirm it. If it has not arrived in an hour, invite again.")
			return chat.Invite{State: chat.InviteSent, Note: note}, err
		}
	}
	if id, ok := mentioned(address); ok {
		u, err := a.user(ctx, id)
		if err != nil {
			return chat.Invite{}, err
		}
		return a.inviteUser(ctx, channel, u)
	}
	if email, ok := emailOf(address); ok {
		u, err := a.api.GetUserByEmailContext(ctx, email)
		err = callError("users.lookupByEmail", err)
		switch {
		case err == nil && !u.Deleted:
			return a.inviteUser(ctx, channel, u)
		case err == nil, chat.ReasonOf(err) == chat.NotFound:
			return a.inviteShared(ctx, slack.InviteSharedToConversationParams{ChannelID: channel, Emails: []string{email}})
		}
		return chat.Invite{}, err
	}
	u, err := a.userByName(ctx, strings.TrimPrefix(address, "@"))
	if err != nil {
		return chat.Invite{}, err
	}
	return a.inviteUser(ctx, channel, u)
}

// pendingInvite tells whether an invitation to a channel is out that nobody has
// answered. To whom, only an administrator's scope would tell
// (docs.slack.dev/reference/methods/conversations.listConnectInvites).
func (a *Adapter) pendingInvite(ctx context.Context, channel string) (bool, error) {
	var out struct {
		Channel struct {
			Pending bool `json:"is_pending_ext_shared"`
		} `json:"channel"`
	}
	if err := a.web.call(ctx, "conversations.info", url.Values{"channel": {channel}}, &out); err != nil {
		return false, callError("conversations.info", err)
	}
	return out.Channel.Pending, nil
}

// inviteUser adds a person of the workspace, or invites one of another company.
func (a *Adapter) inviteUser(ctx context.Context, channel string, u *slack.User) (chat.Invite, error) {
	if a.external(u) {
		return a.inviteShared(ctx, slack.InviteSharedToConversationParams{ChannelID: channel, UserIDs: []string{u.ID}})
	}
	if err := a.add(ctx, channel, u.ID); err != nil {
		return chat.Invite{}, err
	}
	return chat.Invite{State: chat.InviteJoined}, nil
}

// inviteShared sends a Slack Connect invitation. external_limited defaults to
// true, with which the contractor could not bring in colleagues. A workspace may let
// nobody send any other, which it then refuses
// (docs.slack.dev/reference/methods/conversations.inviteShared).
func (a *Adapter) inviteShared(ctx context.Context, p slack.InviteSharedToConversationParams) (chat.Invite, error) {
	limited := false
	p.ExternalLimited = &limited
	invite := func() (string, error) {
		id, _, err := a.api.InviteSharedToConversationContext(ctx, p)
		return id, callError("conversations.inviteShared", err)
	}
	id, err := invite()
	if isCode(err, "restricted_action") {
		limited = true
		id, err = invite()
	}
	if isCode(err, "already_in_channel") {
		return chat.Invite{State: chat.InviteJoined}, nil
	}
	if err != nil {
		return chat.Invite{}, err
	}
	note := chat.InviteNote("Slack has sent the invitation; it is valid for 14 days. An administrator of either side may have to approve it.")
	if limited {
		note = chat.InviteNote("Slack has sent the invitation; it is valid for 14 days. An administrator of either side may have to approve it. The workspace lets them write only: each of their colleagues has to be invited here, too.")
	}
	return chat.Invite{ID: id, State: chat.InviteSent, Note: note}, nil
}

// userByName walks the workspace's people; Slack has no look-up by name.
func (a *Adapter) userByName(ctx context.Context, name string) (*slack.User, error) {
	none := &chat.SendError{Reason: chat.NotFound, Err: chat.ErrNoSuch}
	if name == "" {
		return nil, none
	}
	var found []slack.User
	walk := a.api.GetUsersPaginated(slack.GetUsersOptionLimit(usersPage))
	for range maxPages {
		next, err := walk.Next(ctx)
		if walk.Done(err) {
			break
		}
		if err != nil {
			return nil, callError("users.list", err)
		}
		walk = next
		for _, u := range walk.Users {
			if u.Deleted || u.IsBot {
				continue
			}
			if strings.EqualFold(u.Name, name) {
				// The user name is unique; nothing else can be meant.
				return &u, nil
			}
			if strings.EqualFold(u.Profile.DisplayName, name) {
				found = append(found, u)
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, none
	case 1:
		return &found[0], nil
	}
	return nil, &chat.SendError{Reason: chat.Invalid, Err: errors.New("several people bear this name")}
}

// mentioned reads "<@U…>", "<@U…|name>" and a bare id.
func mentioned(s string) (string, bool) {
	if inner, ok := strings.CutPrefix(s, "<@"); ok {
		s, _, _ = strings.Cut(strings.TrimSuffix(inner, ">"), "|")
	} else if len(s) < 8 {
		// Short enough to be a name in capitals.
		return "", false
	}
	return s, isUserID(s)
}

// emailOf reads an address as typed, or as Slack writes it when it makes a link
// of it: "<mailto:a@b.c|a@b.c>".
func emailOf(s string) (string, bool) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
	s = strings.TrimPrefix(s, "mailto:")
	s, _, _ = strings.Cut(s, "|")
	if strings.HasPrefix(s, "@") || strings.ContainsAny(s, " ,") {
		return "", false
	}
	addr, err := mail.ParseAddress(s)
	if err != nil || addr.Address != s {
		return "", false
	}
	return s, true
}
