package slack

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"taskbridge/bot/chat"
)

var _ chat.Historian = (*Adapter)(nil)

const (
	historyMethod = "conversations.history"
	repliesMethod = "conversations.replies"
	// historyPage is how many messages Slack advises to ask for at once.
	historyPage = 200
	// distributedPage is how many an app gets that is distributed without a review
	// (docs.slack.dev/apis/web-api/rate-limits, 29 May 2025).
	distributedPage = 15
)

// historyShare is what reading history may take of a method's allowance. The rest
// is for Find, on which a delivery waits.
type historyShare struct {
	limits map[string]*rate.Limiter
	page   int
}

// newHistoryShare shares tier 3, fifty calls a minute, or for a distributed app the
// one call a minute that it has.
func newHistoryShare(distributed bool) historyShare {
	limit, burst, page := rate.Every(2*time.Second), 10, historyPage
	if distributed {
		limit, burst, page = rate.Every(time.Minute), 1, distributedPage
	}
	return historyShare{page: page, limits: map[string]*rate.Limiter{
		historyMethod: rate.NewLimiter(limit, burst), repliesMethod: rate.NewLimiter(limit, burst),
	}}
}

// take takes a call's worth, or says when there will be one.
func (s historyShare) take(method string) error {
	r := s.limits[method].Reserve()
	wait := r.Delay()
	if wait <= 0 {
		return nil
	}
	r.Cancel()
	return &chat.SendError{
		Reason: chat.RateLimited, Retry: true, RetryAfter: wait,
		Err: fmt.Errorf("%s: held back to leave room for what people wait for", method),
	}
}

// pastMessage is a message as history has it; a root with what hangs on it.
type pastMessage struct {
	message
	ReplyCount      int      `json:"reply_count"`
	LatestReply     string   `json:"latest_reply"`
	ReplyUsers      []string `json:"reply_users"`
	ReplyUsersCount int      `json:"reply_users_count"`
}

// pastPage is one page of history.
type pastPage struct {
	Messages []pastMessage `json:"messages"`
	HasMore  bool          `json:"has_more"`
	Next     struct {
		Cursor string `json:"next_cursor"`
	} `json:"response_metadata"`
}

func (a *Adapter) past(ctx context.Context, method string, args url.Values) (pastPage, error) {
	var page pastPage
	if err := a.history.take(method); err != nil {
		return page, err
	}
	args.Set("limit", strconv.Itoa(a.history.page))
	args.Set("include_all_metadata", "true")
	if err := a.web.call(ctx, method, args, &page); err != nil {
		return page, callError(method, err)
	}
	return page, nil
}

// Roots reads the page of a channel's history that begins with the newest of the
// threads given: it tells what each has under it, and a root that is not where
// older messages are was deleted.
func (a *Adapter) Roots(ctx context.Context, channel string, threads []string) ([]chat.Root, error) {
	if len(threads) == 0 {
		return nil, nil
	}
	page, err := a.past(ctx, historyMethod, url.Values{
		"channel": {channel}, "latest": {slices.MaxFunc(threads, compareTS)}, "inclusive": {"true"},
	})
	if err != nil {
		return nil, err
	}
	there := make(map[string]pastMessage, len(page.Messages))
	for _, m := range page.Messages {
		there[m.TS] = m
	}
	var out []chat.Root
	for _, ts := range threads {
		m, found := there[ts]
		switch {
		case found:
			out = append(out, a.root(m))
		case slices.ContainsFunc(page.Messages, func(m pastMessage) bool { return compareTS(m.TS, ts) < 0 }):
			out = append(out, chat.Root{Message: ts, State: chat.RootGone})
		case !page.HasMore:
			// Nothing older is shown: it may have been, and grown too old.
			out = append(out, chat.Root{Message: ts, State: chat.RootUnknown})
		}
	}
	return out, nil
}

func (a *Adapter) root(m pastMessage) chat.Root {
	id := a.id.Load()
	tr := translator{id: id, env: &envelope{}}
	r := chat.Root{Message: m.TS, State: chat.RootThere, Own: tr.own(m.message)}
	// A message of ours that bears a person's name has no user (bot_message).
	others := slices.ContainsFunc(m.ReplyUsers, func(who string) bool { return who != id.userID && who != id.botID })
	if others || len(m.ReplyUsers) == 0 || m.ReplyUsersCount > len(m.ReplyUsers) {
		r.Replies, r.Latest = m.ReplyCount, m.LatestReply
	}
	if m.Subtype == tombstone {
		r.State = chat.RootEmptied
	}
	return r
}

// Replies reads a page of a thread. Slack puts the root before the replies of every
// page; where it does not, nobody knows what else is no longer shown.
func (a *Adapter) Replies(ctx context.Context, channel, thread, cursor string) (chat.Replies, error) {
	args := url.Values{"channel": {channel}, "ts": {thread}}
	if cursor != "" {
		args.Set("cursor", cursor)
	}
	page, err := a.past(ctx, repliesMethod, args)
	if err != nil {
		return chat.Replies{}, err
	}
	out := chat.Replies{Root: chat.Root{Message: thread, State: chat.RootUnknown}}
	if page.HasMore {
		out.Next = page.Next.Cursor
	}
	for _, m := range page.Messages {
		switch {
		case m.TS == thread:
			out.Root = a.root(m)
		case m.ThreadTS != thread, m.Subtype == tombstone:
		default:
			if in, ok := a.pastReply(ctx, channel, m.message); ok {
				out.Said = append(out.Said, in)
			} else {
				out.Others = append(out.Others, m.TS)
			}
		}
	}
	return out, nil
}

// pastReply translates a reply of a person; any other says nothing.
func (a *Adapter) pastReply(ctx context.Context, channel string, m message) (chat.Inbound, bool) {
	tr := translator{id: a.id.Load(), env: &envelope{}, name: a.names(ctx)}
	body, from, _ := tr.message(&event{message: m, Type: "message", Channel: ref{ID: channel}})
	said, ok := body.(chat.Said)
	if !ok || said.Own || from.Kind == chat.Bot {
		return chat.Inbound{}, false
	}
	key := "history:" + channel + ":" + m.TS
	if m.Edited != nil {
		said.EditedAt = parseTS(m.Edited.TS)
		key += ":" + m.Edited.TS
	}
	return chat.Inbound{
		Key: key, Workspace: a.Workspace(), At: parseTS(m.TS), From: from, Channel: channel, Body: said,
	}, true
}

// compareTS orders messages of a channel. A timestamp is never made a number: its
// digits are more than a float holds.
func compareTS(a, b string) int {
	as, af, _ := strings.Cut(a, ".")
	bs, bf, _ := strings.Cut(b, ".")
	if len(as) != len(bs) {
		return len(as) - len(bs)
	}
	if n := strings.Compare(as, bs); n != 0 {
		return n
	}
	return strings.Compare((af + "000000")[:6], (bf + "000000")[:6])
}
