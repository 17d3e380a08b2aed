package slack

import (
	"context"
	"fmt"
	"net/url"

	"github.com/slack-go/slack"

	"taskbridge/bot/chat"
)

// updateMethod changes a message.
const updateMethod = "chat.update"

// customizeScope lets us show a person's name as the author.
const customizeScope = "chat:write.customize"

// Post shows a message. Its metadata carries the delivery id, by which Find and
// the intake recognise it. Slack can post a reply outside its thread when the
// root is gone; that one is taken back and reported as NotFound.
func (a *Adapter) Post(ctx context.Context, p chat.Post) (string, error) {
	const method = "chat.postMessage"
	if len(p.Files) > 0 {
		return a.postFiles(ctx, p)
	}
	opts, err := a.content(p.Message)
	if err != nil {
		return "", err
	}
	opts = append(opts,
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType:    deliveryEvent,
			EventPayload: map[string]any{"id": p.DeliveryID},
		}),
	)
	if p.Thread != "" {
		opts = append(opts, slack.MsgOptionTS(p.Thread))
	}
	if who := p.Message.Speaker; who.Name != "" && a.web.granted(customizeScope) {
		opts = append(opts, slack.MsgOptionUsername(speakerName(who.Name)))
		if _, ok := linkTarget(who.Picture); ok {
			opts = append(opts, slack.MsgOptionIconURL(who.Picture))
		}
	}
	_, ts, posted, err := a.api.PostMessageWithResponseContext(inChannel(yielding(ctx, p.Message), p.Channel), p.Channel, opts...)
	if err != nil {
		return "", callError(method, err)
	}
	if p.Thread != "" && posted.ThreadTimestamp != p.Thread {
		a.log.WarnContext(ctx, "slack: a reply landed outside its thread and is taken back", "channel", p.Channel, "thread", p.Thread)
		if err := a.Delete(ctx, p.Channel, ts); err != nil {
			// Two copies would be worse than one in the wrong place.
			a.log.WarnContext(ctx, "slack: the stray reply stays", "channel", p.Channel, "err", err)
			return ts, nil
		}
		return "", &chat.SendError{Reason: chat.NotFound, Err: fmt.Errorf("%s: the thread's root is gone", method)}
	}
	return ts, nil
}

// content is the text and the blocks of a message; an update always needs both.
func (a *Adapter) content(m chat.Message) ([]slack.MsgOption, error) {
	out, err := render(m, !a.web.granted(customizeScope))
	if err != nil {
		return nil, err
	}
	return []slack.MsgOption{
		slack.MsgOptionText(out.text, false),
		slack.MsgOptionBlocks(out.blocks...),
		slack.MsgOptionParse(false),
	}, nil
}

// Update replaces a message we posted.
func (a *Adapter) Update(ctx context.Context, channel, messageID string, m chat.Message) error {
	opts, err := a.content(m)
	if err != nil {
		return err
	}
	_, _, _, err = a.api.UpdateMessageContext(yielding(ctx, m), channel, messageID, opts...)
	return callError(updateMethod, err)
}

// Delete removes a message we posted; one that is gone already is no error. Slack's
// documentation says that a message under another name than ours cannot be deleted
// (docs.slack.dev/reference/methods/chat.delete), and it has refused others of an app's
// own (slackapi/python-slack-sdk#1717). Such a message is emptied: what was taken back is
// read by nobody any more.
func (a *Adapter) Delete(ctx context.Context, channel, messageID string) error {
	_, _, err := a.api.DeleteMessageContext(ctx, channel, messageID)
	err = callError("chat.delete", err)
	if isCode(err, "cant_delete_message", "delete_failed", "compliance_exports_prevent_deletion") {
		a.log.WarnContext(ctx, "slack: a message cannot be deleted and is emptied", "channel", channel, "message", messageID)
		err = a.empty(ctx, channel, messageID)
	}
	if chat.ReasonOf(err) == chat.NotFound {
		return nil
	}
	return err
}

// emptied is what stands in place of a message that cannot be deleted. It is in no
// language, because a message is taken back whoever reads it.
const emptied = "\U0001F5D1"

// empty takes everything off a message, also the mark by which Find knows it
// (docs.slack.dev/reference/methods/chat.update).
func (a *Adapter) empty(ctx context.Context, channel, messageID string) error {
	return callError(updateMethod, a.web.call(ctx, updateMethod, url.Values{
		"channel": {channel}, "ts": {messageID}, "text": {emptied}, "parse": {"none"},
		"blocks": {"[]"}, "attachments": {"[]"}, "metadata": {"{}"},
	}, &struct{}{}))
}

// Whisper shows a message to one person only: in the channel where they are in
// it, else in a direct conversation.
func (a *Adapter) Whisper(ctx context.Context, channel, personID string, m chat.Message) error {
	if channel != "" {
		err := a.ephemeralTo(ctx, channel, personID, m)
		switch chat.ReasonOf(err) {
		case chat.ChannelGone, chat.NotInChannel, chat.NotFound, chat.Unsupported:
		default:
			return err
		}
	}
	dm, _, _, err := a.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{personID}})
	if err != nil {
		return callError("conversations.open", err)
	}
	opts, err := a.content(m)
	if err != nil {
		return err
	}
	_, _, err = a.api.PostMessageContext(inChannel(ctx, dm.ID), dm.ID, opts...)
	return callError("chat.postMessage", err)
}

func (a *Adapter) ephemeralTo(ctx context.Context, channel, personID string, m chat.Message) error {
	opts, err := a.content(m)
	if err != nil {
		return err
	}
	_, err = a.api.PostEphemeralContext(ctx, channel, personID, opts...)
	return callError("chat.postEphemeral", err)
}

var _ chat.Pinner = (*Adapter)(nil)

// Pin pins a message for all in its channel.
func (a *Adapter) Pin(ctx context.Context, channel, messageID string) error {
	err := a.api.AddPinContext(ctx, channel, slack.NewRefToMessage(channel, messageID))
	if err != nil && err.Error() == "already_pinned" {
		return nil
	}
	return callError("pins.add", err)
}
