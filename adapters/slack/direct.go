package slack

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"taskbridge/bot/chat"
)

var _ chat.Corresponding = (*Adapter)(nil)

// FindPerson finds somebody of the workspace by "<@U…>", an e-mail address or a user name.
func (a *Adapter) FindPerson(ctx context.Context, typed string) (chat.Person, error) {
	typed = strings.TrimSpace(typed)
	none := &chat.SendError{Reason: chat.NotFound, Err: chat.ErrNoSuch}
	if id, ok := mentioned(typed); ok {
		u, err := a.user(ctx, id)
		if err != nil {
			return chat.Person{}, err
		}
		return a.present(u, none)
	}
	if email, ok := emailOf(typed); ok {
		u, err := a.api.GetUserByEmailContext(ctx, email)
		if err := callError("users.lookupByEmail", err); err != nil {
			return chat.Person{}, err
		}
		return a.present(u, none)
	}
	u, err := a.userByName(ctx, strings.TrimPrefix(typed, "@"))
	if err != nil {
		return chat.Person{}, err
	}
	return a.present(u, none)
}

// present is somebody who is still there, and no program.
func (a *Adapter) present(u *slack.User, none error) (chat.Person, error) {
	if u.Deleted {
		return chat.Person{}, none
	}
	return a.person(u), nil
}

// OpenDirect gives the conversation with one person.
func (a *Adapter) OpenDirect(ctx context.Context, personID string) (chat.ChannelInfo, error) {
	dm, _, _, err := a.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{personID}})
	if err != nil {
		return chat.ChannelInfo{}, callError("conversations.open", err)
	}
	return chat.ChannelInfo{ID: dm.ID, Name: dm.ID, Private: true}, nil
}
