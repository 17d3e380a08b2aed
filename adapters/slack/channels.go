package slack

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"taskbridge/bot/chat"
)

const (
	maxPurpose  = 250
	channelPage = 500
	// inviteBatch is how many people conversations.invite takes at once.
	inviteBatch = 100
)

// CreateChannel makes a private channel; a name that is taken, also by an
// archived channel, is NameTaken. A purpose that cannot be set is only logged.
func (a *Adapter) CreateChannel(ctx context.Context, c chat.ChannelSpec) (chat.ChannelInfo, error) {
	ch, err := a.api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: c.Name, IsPrivate: true})
	if err != nil {
		return chat.ChannelInfo{}, callError("conversations.create", err)
	}
	if c.Purpose != "" {
		a.setPurpose(ctx, ch.ID, c.Purpose)
	}
	return a.channelInfo(channelRecord{ID: ch.ID, Name: ch.Name, Private: ch.IsPrivate}), nil
}

func (a *Adapter) setPurpose(ctx context.Context, channel, purpose string) {
	purpose = escape(chat.Shorten(oneLine(purpose), maxPurpose-50))
	if _, err := a.api.SetPurposeOfConversationContext(ctx, channel, chat.Shorten(purpose, maxPurpose)); err != nil {
		a.log.WarnContext(ctx, "slack: the channel's purpose was not set", "channel", channel, "err", callError("conversations.setPurpose", err))
	}
}

// FindChannel looks among the private channels we are in. A channel that we made and
// whose purpose could not be set yet bears no mark: it is taken for what was asked for
// when it was made after that was.
func (a *Adapter) FindChannel(ctx context.Context, c chat.ChannelSpec) (chat.ChannelInfo, error) {
	var found channelRecord
	err := a.eachChannel(ctx, "private_channel", func(r channelRecord) bool {
		if r.Name == c.Name && r.Creator == a.Self().ID && !r.Archived {
			found = r
		}
		return found.ID == ""
	})
	if err != nil || found.ID == "" {
		return chat.ChannelInfo{}, err
	}
	marked := c.Mark != "" && strings.Contains(found.Purpose.Value, c.Mark)
	fresh := found.Purpose.Value == "" && !time.Unix(found.Created, 0).Before(c.Since.Add(-clockSkew))
	if !marked && !fresh {
		return chat.ChannelInfo{}, nil
	}
	if !marked {
		a.setPurpose(ctx, found.ID, c.Purpose)
	}
	return a.channelInfo(found), nil
}

// clockSkew is how far Slack's clock and ours may be apart.
const clockSkew = 2 * time.Minute

// channelRecord is a channel in the fields that are used.
type channelRecord struct {
	Creator string `json:"creator"`
	Created int64  `json:"created"`
	Purpose struct {
		Value string `json:"value"`
	} `json:"purpose"`
	ID       string `json:"id"`
	Name     string `json:"name"`
	Archived bool   `json:"is_archived"`
	Private  bool   `json:"is_private"`
	// ExtShared is true with another company only; is_shared is also true inside of
	// one (docs.slack.dev/apis/slack-connect).
	ExtShared bool `json:"is_ext_shared"`
}

func (a *Adapter) channelInfo(c channelRecord) chat.ChannelInfo {
	out := chat.ChannelInfo{ID: c.ID, Name: c.Name, Archived: c.Archived, Private: c.Private, Shared: c.ExtShared}
	if id := a.id.Load(); id != nil && id.teamURL != "" {
		out.URL = strings.TrimSuffix(id.teamURL, "/") + "/archives/" + url.PathEscape(c.ID)
	}
	return out
}

// Channel looks a channel up by id, or by name with or without "#".
func (a *Adapter) Channel(ctx context.Context, idOrName string) (chat.ChannelInfo, error) {
	if isChannelID(idOrName) {
		var out struct {
			Channel channelRecord `json:"channel"`
		}
		if err := a.web.call(ctx, "conversations.info", url.Values{"channel": {idOrName}}, &out); err != nil {
			return chat.ChannelInfo{}, callError("conversations.info", err)
		}
		return a.channelInfo(out.Channel), nil
	}
	return a.channelByName(ctx, strings.TrimPrefix(idOrName, "#"))
}

func (a *Adapter) channelByName(ctx context.Context, name string) (chat.ChannelInfo, error) {
	var found *channelRecord
	err := a.eachChannel(ctx, "public_channel,private_channel", func(r channelRecord) bool {
		if r.Name == name {
			found = &r
		}
		return found == nil
	})
	if err != nil {
		return chat.ChannelInfo{}, err
	}
	if found == nil {
		// A private channel the bot is not in is invisible, so it is not found either.
		return chat.ChannelInfo{}, &chat.SendError{Reason: chat.NotFound, Err: chat.ErrNoSuch}
	}
	return a.channelInfo(*found), nil
}

// eachChannel goes over the channels we can see until visit returns false.
func (a *Adapter) eachChannel(ctx context.Context, types string, visit func(channelRecord) bool) error {
	args := url.Values{"types": {types}, "limit": {strconv.Itoa(channelPage)}}
	for range maxPages {
		var out struct {
			Channels []channelRecord `json:"channels"`
			Next     struct {
				Cursor string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if err := a.web.call(ctx, "conversations.list", args, &out); err != nil {
			return callError("conversations.list", err)
		}
		for _, c := range out.Channels {
			if !visit(c) {
				return nil
			}
		}
		if out.Next.Cursor == "" {
			break
		}
		args.Set("cursor", out.Next.Cursor)
	}
	return nil
}

// AddMembers puts people of the workspace into a channel. Those who are in
// already are left out; where one of many is refused the others are still added
// and the first refusal is returned.
func (a *Adapter) AddMembers(ctx context.Context, channel string, people []string) error {
	present, err := a.Members(ctx, channel)
	if err != nil {
		return err
	}
	self := a.Self().ID
	var missing []string
	for _, id := range people {
		if id != self && id != "" && !slices.Contains(present, id) && !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	for batch := range slices.Chunk(missing, inviteBatch) {
		if err := a.addBatch(ctx, channel, batch); err != nil {
			return err
		}
	}
	return nil
}

func (a *Adapter) addBatch(ctx context.Context, channel string, people []string) error {
	err := a.add(ctx, channel, people...)
	if err == nil || len(people) == 1 {
		return err
	}
	switch chat.ReasonOf(err) {
	case chat.Invalid, chat.NotFound, chat.Unsupported:
	default:
		return err
	}
	// One refused person fails the whole call, so they are asked in one by one.
	var first error
	for _, id := range people {
		if err := a.add(ctx, channel, id); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (a *Adapter) add(ctx context.Context, channel string, people ...string) error {
	_, err := a.api.InviteUsersToConversationContext(ctx, channel, people...)
	err = callError("conversations.invite", err)
	if isCode(err, "already_in_channel", "cant_invite_self") && len(people) == 1 {
		return nil
	}
	return err
}
