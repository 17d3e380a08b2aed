package mattermost

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"

	"taskbridge/bot/chat"
)

// Post shows a message. Text that is longer than a post goes on in replies to it.
// The pending_post_id makes the server itself recognise a repeat within thirty
// seconds (server/channels/app/post.go, deduplicateCreatePost); Find settles later
// ones.
func (a *Adapter) Post(ctx context.Context, p chat.Post) (string, error) {
	s, err := a.started()
	if err != nil {
		return "", err
	}
	if !isID(p.Channel) || p.Thread != "" && !isID(p.Thread) {
		return "", &chat.SendError{Reason: chat.NotFound}
	}
	r := a.renderer(ctx, s, p.Message).message(p.Message)
	parts := split(r.Message, s.maxPost)
	there := map[string]string{}
	if p.Repeat && len(parts) > 1 {
		if there, err = a.posted(ctx, s, p); err != nil {
			return "", err
		}
	}
	id := there[partMark(0)]
	if id == "" {
		out := outgoingPost{ChannelID: p.Channel, RootID: p.Thread, Message: parts[0], Props: r.props(), FileIDs: p.Files}
		if id, err = a.create(ctx, s, out, p.DeliveryID, 0); err != nil {
			return "", err
		}
	}
	root := cmp.Or(p.Thread, id)
	for n, part := range parts {
		if n == 0 || there[partMark(n)] != "" {
			continue
		}
		more := outgoingPost{ChannelID: p.Channel, RootID: root, Message: part, Props: r.speaking(map[string]any{})}
		if _, err := a.create(ctx, s, more, p.DeliveryID, n); err != nil {
			return a.inPart(ctx, p, id, n, err)
		}
	}
	return id, nil
}

// inPart tells what becomes of a long message of which only the beginning is there. What may
// succeed later is tried again, and then goes on where it ended.
func (a *Adapter) inPart(ctx context.Context, p chat.Post, id string, part int, err error) (string, error) {
	se, ok := errors.AsType[*chat.SendError](err)
	if !ok {
		return "", err
	}
	switch se.Reason {
	case chat.Unauthorised, chat.MissingScope, chat.ChannelGone, chat.NotInChannel:
	default:
		if !se.Retry {
			a.log.WarnContext(ctx, "mattermost: the rest of a long message was not posted", "channel", p.Channel, "message", id, "part", part, "err", err)
			return id, nil
		}
	}
	begun := *se
	begun.Ambiguous = true
	return "", &begun
}

// partMark is what a part of a message is known by, empty for the first.
func partMark(part int) string {
	if part == 0 {
		return ""
	}
	return strconv.Itoa(part)
}

func (a *Adapter) create(ctx context.Context, s *server, p outgoingPost, delivery string, part int) (string, error) {
	if delivery != "" {
		p.PendingPostID = s.self.ID + ":" + delivery
		p.Props[propDelivery] = delivery
		if part > 0 {
			p.PendingPostID += ":" + partMark(part)
			p.Props[propPart] = partMark(part)
		}
	}
	var created post
	err := a.api.do(ctx, call{
		op: "create post", method: http.MethodPost, path: "/posts", body: p, out: &created,
		creates: true, forbidden: chat.NotInChannel, missing: chat.ChannelGone,
	})
	if err == nil && created.ID == "" {
		err = &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}
	}
	if err == nil && len(created.FileIDs) < len(p.FileIDs) {
		// The server passes over files that are not there, or hang on another post.
		if err := a.Delete(ctx, p.ChannelID, created.ID); err != nil {
			return "", err
		}
		return "", &chat.SendError{Reason: chat.FileGone, Err: errors.New("create post: its files are gone")}
	}
	return created.ID, err
}

// Update replaces a message we posted. Everything is rendered anew and nothing
// taken from the post as the server shows it, for there the buttons have lost
// where they lead. It is a patch: replacing the whole post would take off what people
// put on it, a pin or reactions (server/channels/app/post.go, UpdatePost).
func (a *Adapter) Update(ctx context.Context, _, messageID string, m chat.Message) error {
	s, err := a.started()
	if err != nil {
		return err
	}
	if !isID(messageID) {
		return &chat.SendError{Reason: chat.NotFound}
	}
	r := a.renderer(ctx, s, m).message(m)
	words := cut(r.Message, s.maxPost)
	patch := postPatch{Message: &words, Props: r.props(), IsPinned: m.Pinned}
	send := func() error {
		return a.api.do(ctx, call{
			op: "update post", method: http.MethodPut, path: "/posts/" + messageID + "/patch", body: patch,
			yields: m.Pinned, forbidden: chat.NotInChannel,
		})
	}
	err = send()
	if ae, ok := errors.AsType[*apiError](err); ok && ae.ID == idEditWindow && len(r.Attachments) > 0 {
		// Too old for its words to be changed. A card's are in its attachment, but for the
		// line that called everyone, which stays: a patch that does not speak of them is let
		// through (server/channels/api4/post.go, patchPost).
		patch.Message = nil
		err = send()
	}
	return a.orGone(ctx, messageID, err)
}

// orGone tells a missing post from a forbidden one: asked to change either, the
// server answers 403, for without a post it finds no channel to have rights in.
func (a *Adapter) orGone(ctx context.Context, messageID string, err error) error {
	if chat.ReasonOf(err) != chat.NotInChannel {
		return err
	}
	_, lookErr := a.look(ctx, messageID)
	if chat.ReasonOf(lookErr) == chat.NotFound {
		return lookErr
	}
	return err
}

// look reads a post.
func (a *Adapter) look(ctx context.Context, messageID string) (post, error) {
	var p post
	err := a.api.do(ctx, call{op: "get post", method: http.MethodGet, path: "/posts/" + messageID, out: &p, forbidden: chat.NotInChannel})
	return p, err
}

// Delete removes a message we posted; one that is gone already is no error.
func (a *Adapter) Delete(ctx context.Context, _, messageID string) error {
	if !isID(messageID) {
		return nil
	}
	err := a.api.do(ctx, call{op: "delete post", method: http.MethodDelete, path: "/posts/" + messageID, forbidden: chat.NotInChannel})
	if err = a.orGone(ctx, messageID, err); chat.ReasonOf(err) == chat.NotFound {
		return nil
	}
	return err
}

// Whisper shows a message to one person. A bot may not post ephemerally over REST
// (permission create_post_ephemeral), so that it goes into the direct channel.
func (a *Adapter) Whisper(ctx context.Context, _, personID string, m chat.Message) error {
	s, err := a.started()
	if err != nil {
		return err
	}
	direct, err := a.direct(ctx, s, personID)
	if err != nil {
		return err
	}
	r := a.renderer(ctx, s, m).message(m)
	_, err = a.create(ctx, s, outgoingPost{ChannelID: direct.ID, Message: cut(r.Message, s.maxPost), Props: r.props()}, "", 0)
	return err
}

var _ chat.Pinner = (*Adapter)(nil)

// Pin pins a post for all in its channel.
func (a *Adapter) Pin(ctx context.Context, _, messageID string) error {
	if !isID(messageID) {
		return &chat.SendError{Reason: chat.NotFound}
	}
	return a.api.do(ctx, call{op: "pin post", method: http.MethodPost, path: "/posts/" + messageID + "/pin", forbidden: chat.NotInChannel})
}
