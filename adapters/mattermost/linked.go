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

var _ chat.LinkReader = (*Adapter)(nil)

var permalinkPath = regexp.MustCompile(`/(?:[^/]+|_redirect)/pl/([a-z0-9]{26})$`)

// errNoPost is the same for what is not there and for what is not shown.
var errNoPost = errors.New("no such post for this person")

// ReadFor reads a post by its permalink. Only links of this server are followed, and
// only to channels that the person and we are both in.
func (a *Adapter) ReadFor(ctx context.Context, personID, link string) (chat.LinkedMessage, error) {
	gone := &chat.SendError{Reason: chat.NotFound, Err: errNoPost}
	s, err := a.started()
	if err != nil {
		return chat.LinkedMessage{}, err
	}
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || !isID(personID) || !a.ownHost(s, u.Host) {
		return chat.LinkedMessage{}, gone
	}
	parts := permalinkPath.FindStringSubmatch(u.Path)
	if parts == nil {
		return chat.LinkedMessage{}, gone
	}
	var p post
	err = a.api.do(ctx, call{op: "get post", method: http.MethodGet, path: "/posts/" + parts[1], out: &p, forbidden: chat.NotFound})
	if err == nil {
		var member struct {
			UserID string `json:"user_id"`
		}
		err = a.api.do(ctx, call{
			op: "get channel member", method: http.MethodGet, path: "/channels/" + p.ChannelID + "/members/" + personID,
			out: &member, forbidden: chat.NotFound,
		})
		if err == nil && member.UserID != personID {
			err = gone
		}
	}
	if chat.ReasonOf(err) == chat.NotFound {
		return chat.LinkedMessage{}, gone
	}
	if err != nil {
		return chat.LinkedMessage{}, err
	}
	return chat.LinkedMessage{Text: p.Message, Link: a.Permalink(p.ChannelID, p.ID)}, nil
}

// ownHost tells whether an address is of the server, under the name that it knows
// itself by or the one that we call it by.
func (a *Adapter) ownHost(s *server, host string) bool {
	for _, own := range []string{s.siteURL, a.cfg.URL} {
		if u, err := url.Parse(own); err == nil && u.Host != "" && strings.EqualFold(u.Host, host) {
			return true
		}
	}
	return false
}
