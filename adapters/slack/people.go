package slack

import (
	"context"
	"errors"
	"slices"

	"github.com/slack-go/slack"

	"taskbridge/bot/chat"
)

const (
	membersPage = 500
	// maxPages bounds every walk through a list.
	maxPages = 40
)

var errTooLong = errors.New("the list has no end")

// Person looks somebody up, from a short-lived cache where possible.
func (a *Adapter) Person(ctx context.Context, id string) (chat.Person, error) {
	if p, ok := a.people.get(id); ok && p.ID != "" {
		return p, nil
	}
	u, err := a.user(ctx, id)
	if err != nil {
		return chat.Person{}, err
	}
	p := a.person(u)
	a.people.put(id, p, peopleTTL)
	return p, nil
}

func (a *Adapter) user(ctx context.Context, id string) (*slack.User, error) {
	if !isUserID(id) {
		return nil, &chat.SendError{Reason: chat.NotFound, Err: errors.New("users.info: not the id of a person")}
	}
	u, err := a.api.GetUserInfoContext(ctx, id)
	if err != nil {
		return nil, callError("users.info", err)
	}
	return u, nil
}

// person reads Slack's many flags. Somebody deactivated has no kind and so no
// rights (docs.slack.dev/apis/slack-connect on who is external).
func (a *Adapter) person(u *slack.User) chat.Person {
	p := chat.Person{ID: u.ID, Name: u.Name, Email: u.Profile.Email, Zone: u.TZ, Locale: u.Locale, Picture: u.Profile.Image72}
	for _, name := range []string{u.Profile.DisplayName, u.Profile.RealName, u.RealName} {
		if name != "" {
			p.Name = name
			break
		}
	}
	switch {
	case u.Deleted:
	case u.IsBot, u.ID == "USLACKBOT", u.ID == "USLACK":
		p.Kind = chat.Bot
	case a.external(u):
		p.Kind = chat.External
	case u.IsRestricted, u.IsUltraRestricted:
		p.Kind = chat.Guest
	default:
		p.Kind = chat.Member
		p.Admin = u.IsAdmin || u.IsOwner || u.IsPrimaryOwner
	}
	return p
}

// external tells people of other companies; in an Enterprise organisation one may
// belong to our workspace and bear another's id.
func (a *Adapter) external(u *slack.User) bool {
	id := a.id.Load()
	if id == nil || u.IsStranger {
		return true
	}
	return u.TeamID != id.teamID && !slices.Contains(u.Enterprise.Teams, id.teamID)
}

// Members lists the ids of everybody in a channel, bots included.
func (a *Adapter) Members(ctx context.Context, channel string) ([]string, error) {
	params := &slack.GetUsersInConversationParameters{ChannelID: channel, Limit: membersPage}
	var out []string
	for range maxPages {
		ids, next, err := a.api.GetUsersInConversationContext(ctx, params)
		if err != nil {
			return nil, callError("conversations.members", err)
		}
		out = append(out, ids...)
		if next == "" {
			return out, nil
		}
		params.Cursor = next
	}
	return nil, &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: errTooLong}
}
