package slack

import (
	"context"
	"errors"

	"taskbridge/bot/chat"
)

// RemoveMember takes a person out of a channel. Slack refuses it for some people of
// other companies ("not_supported") and where the workspace's settings forbid it
// (docs.slack.dev/reference/methods/conversations.kick).
func (a *Adapter) RemoveMember(ctx context.Context, channel, person string) error {
	err := callError("conversations.kick", a.api.KickUserFromConversationContext(ctx, channel, person))
	switch {
	case isCode(err, "not_in_channel"):
		// It is said of the person, who is not there any more.
		return nil
	case isCode(err, "cant_kick_self", "cant_kick_from_general", "not_supported", "restricted_action"):
		return unsupported(err)
	}
	return err
}

// ArchiveChannel archives a channel. That takes us out of it, so that RestoreChannel
// works only where a person has brought us back.
func (a *Adapter) ArchiveChannel(ctx context.Context, channel string) error {
	err := callError("conversations.archive", a.api.ArchiveConversationContext(ctx, channel))
	switch {
	case isCode(err, "already_archived", "is_archived"):
		return nil
	case isCode(err, "cant_archive_general", "restricted_action", "cant_archive_required", "not_supported"):
		return unsupported(err)
	}
	return err
}

// RestoreChannel unarchives a channel. Slack lets no bot do that once archiving has
// taken it out of the channel: it answers not_in_channel, or hides a private channel
// altogether (slack-go/slack#1066).
func (a *Adapter) RestoreChannel(ctx context.Context, channel string) error {
	err := callError("conversations.unarchive", a.api.UnArchiveConversationContext(ctx, channel))
	switch {
	case isCode(err, "not_archived"):
		return nil
	case isCode(err, "not_in_channel", "channel_not_found", "restricted_action", "user_is_restricted"):
		return unsupported(err)
	}
	return err
}

// unsupported says that only a person can do what was refused.
func unsupported(err error) error {
	cause := err
	if se, ok := errors.AsType[*chat.SendError](err); ok {
		cause = se.Err
	}
	return &chat.SendError{Reason: chat.Unsupported, Err: cause}
}
