package slack

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"taskbridge/bot/chat"
)

var _ chat.LinkReader = (*Adapter)(nil)

var archivePath = regexp.MustCompile(`^/archives/([CGD][A-Z0-9]{6,20})/p(\d{10})(\d{6})$`)

// errNoMessage is the same for what is not there and for what is not shown.
var errNoMessage = errors.New("no such message for this person")

// ReadFor reads a message by its permalink. Only links of this workspace are followed,
// and only to channels that the person and we are both in.
func (a *Adapter) ReadFor(ctx context.Context, personID, link string) (chat.LinkedMessage, error) {
	gone := &chat.SendError{Reason: chat.NotFound, Err: errNoMessage}
	id := a.id.Load()
	u, err := url.Parse(strings.TrimSpace(link))
	if id == nil || err != nil {
		return chat.LinkedMessage{}, gone
	}
	own, err := url.Parse(id.teamURL)
	parts := archivePath.FindStringSubmatch(u.Path)
	if err != nil || parts == nil || own.Host == "" || !strings.EqualFold(u.Host, own.Host) {
		return chat.LinkedMessage{}, gone
	}
	channel, ts := parts[1], parts[2]+"."+parts[3]
	members, err := a.Members(ctx, channel)
	if err != nil || !slices.Contains(members, personID) || !slices.Contains(members, id.userID) {
		if chat.ReasonOf(err) == chat.RateLimited || chat.ReasonOf(err) == chat.Unavailable {
			return chat.LinkedMessage{}, err
		}
		return chat.LinkedMessage{}, gone
	}
	method, args := historyMethod, url.Values{"channel": {channel}, "oldest": {ts}, "latest": {ts}, "inclusive": {"true"}}
	if thread := u.Query().Get("thread_ts"); thread != "" && thread != ts && !parseTS(thread).IsZero() {
		method = repliesMethod
		args.Set("ts", thread)
	}
	var page pastPage
	if err := a.web.call(ctx, method, args, &page); err != nil {
		err = callError(method, err)
		switch chat.ReasonOf(err) {
		case chat.NotFound, chat.ChannelGone, chat.NotInChannel, chat.MissingScope:
			return chat.LinkedMessage{}, gone
		}
		return chat.LinkedMessage{}, err
	}
	for _, m := range page.Messages {
		if m.TS == ts {
			return chat.LinkedMessage{Text: neutral(m.Text, byLabel(a.names(ctx))), Link: a.Permalink(channel, ts)}, nil
		}
	}
	return chat.LinkedMessage{}, gone
}
