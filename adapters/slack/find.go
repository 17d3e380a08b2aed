package slack

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"taskbridge/bot/chat"
)

const (
	findPage = 200
	// maxFindPages bounds a search; beyond it the answer would be a guess.
	maxFindPages = 20
)

// page is one page of history in the fields that are used.
type page struct {
	Messages []message `json:"messages"`
	HasMore  bool      `json:"has_more"`
	Next     struct {
		Cursor string `json:"next_cursor"`
	} `json:"response_metadata"`
}

// Find looks for the message of a delivery whose answer was lost: Slack has no
// idempotent post, so the metadata of what was posted since is compared. Files know
// which messages show them. It returns "" when there is none. With an oldest and no
// latest, Slack begins with what is nearest to the oldest, so that a message is on one of
// the first pages however much was said since
// (docs.slack.dev/messaging/retrieving-messages).
func (a *Adapter) Find(ctx context.Context, p chat.Post) (string, error) {
	id := a.id.Load()
	if p.DeliveryID == "" || id == nil {
		return "", nil
	}
	if len(p.Files) > 0 {
		ts, known, err := a.shownBy(ctx, p)
		if err != nil || ts != "" || known && !a.overdue(p) {
			return ts, err
		}
	}
	method := "conversations.history"
	args := url.Values{
		"channel":              {p.Channel},
		"include_all_metadata": {"true"},
		"limit":                {strconv.Itoa(findPage)},
	}
	if p.Thread != "" {
		method = "conversations.replies"
		args.Set("ts", p.Thread)
	}
	if !p.Since.IsZero() {
		args.Set("oldest", formatTS(p.Since.Add(-chat.ClockSkew)))
	}
	for range maxFindPages {
		var got page
		if err := a.web.call(ctx, method, args, &got); err != nil {
			return "", callError(method, err)
		}
		for _, m := range got.Messages {
			// A message with files bears no metadata; the files tell.
			if len(p.Files) > 0 && m.shows(id, p.Files) {
				return m.TS, nil
			}
			if m.Metadata != nil && m.Metadata.EventType == deliveryEvent && m.Metadata.Payload.ID == p.DeliveryID {
				return m.TS, nil
			}
		}
		if !got.HasMore || got.Next.Cursor == "" {
			return "", nil
		}
		args.Set("cursor", got.Next.Cursor)
	}
	return "", &chat.SendError{
		Reason: chat.Unavailable, Retry: true,
		Err: errors.New(method + ": too many messages to search"),
	}
}
