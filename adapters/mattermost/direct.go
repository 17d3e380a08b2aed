package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strings"

	"taskbridge/bot/chat"
)

var _ chat.Corresponding = (*Adapter)(nil)

// FindPerson finds an account by e-mail address or user name, with or without its @.
func (a *Adapter) FindPerson(ctx context.Context, typed string) (chat.Person, error) {
	name := strings.TrimPrefix(strings.TrimSpace(typed), "@")
	email := ""
	if strings.Contains(name, "@") {
		parsed, err := mail.ParseAddress(name)
		if err != nil {
			return chat.Person{}, &chat.SendError{Reason: chat.NotFound, Err: errors.New("find a person: the e-mail address is malformed")}
		}
		email = parsed.Address
	}
	if name == "" {
		return chat.Person{}, &chat.SendError{Reason: chat.NotFound, Err: chat.ErrNoSuch}
	}
	u, err := a.account(ctx, name, email)
	if err == nil && u.DeleteAt > 0 {
		err = &chat.SendError{Reason: chat.NotFound, Err: errors.New("find a person: the account is deactivated")}
	}
	if err != nil {
		return chat.Person{}, err
	}
	return personOf(u), nil
}

// OpenDirect gives the direct channel with one person.
func (a *Adapter) OpenDirect(ctx context.Context, personID string) (chat.ChannelInfo, error) {
	s, err := a.started()
	if err != nil {
		return chat.ChannelInfo{}, err
	}
	direct, err := a.direct(ctx, s, personID)
	if err != nil {
		return chat.ChannelInfo{}, err
	}
	return chat.ChannelInfo{ID: direct.ID, Name: direct.Name, Private: true}, nil
}

// direct opens the direct channel of the bot and one person. Those who do so at once wait
// for one answer: until Mattermost has told its connections of a new channel, what somebody
// posts there already shows in nobody's app.
func (a *Adapter) direct(ctx context.Context, s *server, personID string) (channel, error) {
	if !isID(personID) {
		return channel{}, &chat.SendError{Reason: chat.NotFound}
	}
	opened := a.opening.DoChan(s.self.ID+"/"+personID, func() (any, error) {
		// Whoever asked first may give up while others still wait.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openTime)
		defer cancel()
		var direct channel
		err := a.api.do(ctx, call{
			op: "open direct channel", method: http.MethodPost, path: "/channels/direct",
			body: []string{s.self.ID, personID}, out: &direct,
		})
		return direct, err
	})
	select {
	case <-ctx.Done():
		return channel{}, &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("open direct channel: %w", ctx.Err())}
	case got := <-opened:
		direct, _ := got.Val.(channel)
		return direct, got.Err
	}
}
