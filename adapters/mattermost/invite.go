package mattermost

import (
	"context"
	"errors"
	"net/http"
	"net/mail"
	"net/url"
	"strings"

	"taskbridge/bot/chat"
)

// Invite asks somebody into a channel by e-mail address or user name. Who has an
// account is put into the team and the channel at once. Anybody else is invited as
// a guest, which needs a licence of the server; without one the invitation fails
// with a note of what a person can do instead.
//
// Who has an account is in already when that is repeated. Whether a guest was sent an
// e-mail cannot be seen, so that a repeat after a lost answer may send a second one.
func (a *Adapter) Invite(ctx context.Context, i chat.InviteSpec) (chat.Invite, error) {
	channelID, address := i.Channel, i.Address
	s, err := a.started()
	if err != nil {
		return chat.Invite{}, err
	}
	if !isID(channelID) {
		return chat.Invite{}, &chat.SendError{Reason: chat.NotFound}
	}
	address = strings.TrimSpace(address)
	name := strings.TrimPrefix(address, "@")
	email := ""
	if strings.Contains(name, "@") {
		parsed, err := mail.ParseAddress(address)
		if err != nil {
			return chat.Invite{}, &chat.SendError{Reason: chat.Invalid, Err: errors.New("invite: the e-mail address is malformed")}
		}
		email = parsed.Address
	}
	u, err := a.account(ctx, name, email)
	if err == nil && u.DeleteAt > 0 {
		return chat.Invite{ID: u.ID, State: chat.InviteFailed, Note: chat.InviteNote("This account is deactivated: a system administrator has to activate it first.")}, nil
	}
	if err == nil {
		if err := a.addMember(ctx, s, channelID, u.ID); err != nil {
			return chat.Invite{}, err
		}
		return chat.Invite{
			ID: u.ID, State: chat.InviteJoined,
			Note: chat.InviteNote("The account exists and was added to the team and the channel."),
		}, nil
	}
	if email == "" || chat.ReasonOf(err) != chat.NotFound && chat.ReasonOf(err) != chat.MissingScope {
		return chat.Invite{}, err
	}
	return a.inviteGuest(ctx, s, channelID, email)
}

// account finds somebody by e-mail address, or by user name where that is empty.
func (a *Adapter) account(ctx context.Context, name, email string) (user, error) {
	k := call{op: "get user by name", method: http.MethodGet, path: "/users/username/" + url.PathEscape(strings.ToLower(name))}
	if email != "" {
		k.op, k.path = "get user by e-mail", "/users/email/"+url.PathEscape(email)
	}
	var u user
	k.out = &u
	err := a.api.do(ctx, k)
	return u, err
}

func (a *Adapter) inviteGuest(ctx context.Context, s *server, channelID, email string) (chat.Invite, error) {
	var results []struct {
		Email string `json:"email"`
		Error *struct {
			ID string `json:"id"`
		} `json:"error"`
	}
	err := a.api.do(ctx, call{
		op: "invite guest", method: http.MethodPost, path: "/teams/" + s.team.ID + "/invite-guests/email",
		query: url.Values{"graceful": {"true"}}, out: &results,
		body: map[string]any{"emails": []string{email}, "channels": []string{channelID}, "message": ""},
	})
	switch chat.ReasonOf(err) {
	case "":
	case chat.Unsupported:
		return failed(chat.InviteNote("This server has no guest licence, or guests are switched off: create the account or invite the person to the team as a member, then repeat the invitation.")), nil
	case chat.MissingScope:
		return failed(chat.InviteNote("The bot may not invite guests (permission invite_guest): create the account or invite the person to the team, then repeat the invitation.")), nil
	default:
		return chat.Invite{}, err
	}
	for _, r := range results {
		if r.Error != nil {
			return failed(chat.InviteNote("The server refused to invite this address; its settings may restrict guests to some e-mail domains.")), nil
		}
	}
	return chat.Invite{State: chat.InviteSent, Note: chat.InviteNote("The person was invited as a guest by e-mail.")}, nil
}

func failed(note string) chat.Invite { return chat.Invite{State: chat.InviteFailed, Note: note} }
