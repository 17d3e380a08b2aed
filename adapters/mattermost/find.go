package mattermost

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"taskbridge/bot/chat"
)

// sinceCap is how many rows the server gives at most for posts?since=. They are
// then an arbitrary subset (server/channels/store/sqlstore/post_store.go,
// GetPostsSince: a LIMIT without ORDER BY).
const sinceCap = 1000

// Find looks for a message that an earlier attempt of the same delivery posted. One of which
// only the beginning is there is not found: posting it again goes on where it ended.
func (a *Adapter) Find(ctx context.Context, p chat.Post) (string, error) {
	s, err := a.started()
	if err != nil {
		return "", err
	}
	if p.DeliveryID == "" || !isID(p.Channel) {
		return "", nil
	}
	there, err := a.posted(ctx, s, p)
	if err != nil || len(there) == 0 {
		return "", err
	}
	parts := split(a.renderer(ctx, s, p.Message).message(p.Message).Message, s.maxPost)
	for n := range parts {
		if there[partMark(n)] == "" {
			return "", nil
		}
	}
	return there[partMark(0)], nil
}

// posted are the ids of the posts that make up the message of a delivery, by the marks of its
// parts.
func (a *Adapter) posted(ctx context.Context, s *server, p chat.Post) (map[string]string, error) {
	rows, err := a.changedSince(ctx, p.Channel, p.Since.Add(-chat.ClockSkew))
	if err != nil {
		return nil, err
	}
	there := map[string]string{}
	for _, row := range rows {
		if part := row.prop(propPart); row.UserID == s.self.ID && row.DeleteAt == 0 && row.prop(propDelivery) == p.DeliveryID && there[part] == "" {
			there[part] = row.ID
		}
	}
	return there, nil
}

// changedSince reads everything in a channel that was created, edited or deleted
// after a moment, oldest first, without the copies that the server keeps of
// earlier versions.
//
// One read holds a thousand rows, and when there are more nobody knows which. Then
// the feed is read again from the newest change seen, and the channel itself is
// paged backwards from its end to the moment, so that no message is missed. An
// edit or deletion of an older post can be missed only if it lies among more than
// a thousand changes that the database gave out of order.
func (a *Adapter) changedSince(ctx context.Context, channelID string, since time.Time) ([]*post, error) {
	// The server takes zero for "no since at all".
	from := max(since.UnixMilli(), 1)
	found := map[string]*post{}
	capped := false
	for at := from; ; {
		list, err := a.listPosts(ctx, channelID, url.Values{"since": {strconv.FormatInt(at, 10)}})
		if err != nil {
			return nil, err
		}
		newest := at
		for _, id := range list.Order {
			// Roots that are only there for their replies are not in the order.
			if p := list.Posts[id]; p != nil {
				keep(found, p)
				newest = max(newest, p.UpdateAt)
			}
		}
		if len(list.Order) < sinceCap {
			break
		}
		capped = true
		// Rows of the same millisecond may be cut in two, hence the minus one.
		if newest-1 <= at {
			break
		}
		at = newest - 1
	}
	if capped {
		if err := a.pageBack(ctx, channelID, from, found); err != nil {
			return nil, err
		}
	}
	rows := make([]*post, 0, len(found))
	for _, p := range found {
		if p.OriginalID == "" {
			rows = append(rows, p)
		}
	}
	slices.SortFunc(rows, func(a, b *post) int {
		return cmp.Or(cmp.Compare(a.CreateAt, b.CreateAt), cmp.Compare(a.ID, b.ID))
	})
	return rows, nil
}

// pageBack reads a channel from its newest post back to a moment. It goes by the
// id of the oldest post seen and not by page numbers, which shift under it.
func (a *Adapter) pageBack(ctx context.Context, channelID string, from int64, found map[string]*post) error {
	before := ""
	for {
		q := url.Values{"per_page": {strconv.Itoa(pageSize)}}
		if before != "" {
			q.Set("before", before)
		}
		list, err := a.listPosts(ctx, channelID, q)
		if err != nil {
			return err
		}
		oldest := before
		oldestAt := int64(0)
		for _, id := range list.Order {
			p := list.Posts[id]
			if p == nil {
				continue
			}
			keep(found, p)
			if oldestAt == 0 || p.CreateAt <= oldestAt {
				oldest, oldestAt = p.ID, p.CreateAt
			}
		}
		if len(list.Order) < pageSize || oldestAt <= from || oldest == before {
			return nil
		}
		before = oldest
	}
}

// keep stores the newest of what was read of a post.
func keep(found map[string]*post, p *post) {
	if old := found[p.ID]; old == nil || old.UpdateAt <= p.UpdateAt {
		found[p.ID] = p
	}
}

func (a *Adapter) listPosts(ctx context.Context, channelID string, q url.Values) (postList, error) {
	var list postList
	err := a.api.do(ctx, call{
		op: "list posts", method: http.MethodGet, path: "/channels/" + channelID + "/posts", query: q, out: &list,
		forbidden: chat.NotInChannel, missing: chat.ChannelGone,
	})
	return list, err
}
