package slack

import (
	"strings"

	"taskbridge/bot/chat"
)

// channelEvent translates what befell a channel, its members or an invitation.
func (t translator) channelEvent(ev *event) (chat.Body, chat.Person, string, bool) {
	from := chat.Person{ID: ev.User.ID}
	channel := ev.Channel.ID
	switch ev.Type {
	case "member_joined_channel":
		return chat.Joined{}, t.person(ev.message), channel, true
	case "member_left_channel":
		if from.ID == t.id.userID {
			return chat.ChannelChanged{Change: chat.ChannelBotRemoved}, chat.Person{}, channel, true
		}
		return chat.Left{}, t.person(ev.message), channel, true
	case "channel_left", "group_left":
		// These go only to who left, which is us.
		return chat.ChannelChanged{Change: chat.ChannelBotRemoved}, chat.Person{ID: ev.ActorID}, channel, true
	case "pin_removed":
		if ev.Item.Message.TS == "" || from.ID == t.id.userID {
			return nil, from, ev.ChannelID, true
		}
		return chat.Unpinned{Message: ev.Item.Message.TS}, from, ev.ChannelID, true
	case "channel_id_changed":
		return chat.ChannelChanged{Change: chat.ChannelMoved, NewID: ev.NewChannelID}, from, ev.OldChannelID, true
	case "channel_shared":
		return chat.ChannelChanged{Change: chat.ChannelShared}, from, channel, true
	case "channel_unshared":
		if ev.IsExtShared != nil && *ev.IsExtShared {
			// One of several companies left; the channel is still shared.
			return nil, from, channel, true
		}
		return chat.ChannelChanged{Change: chat.ChannelSevered}, from, channel, true
	}
	if change, ok := lifecycle(ev.Type); ok {
		return chat.ChannelChanged{Change: change, Name: renamed(change, ev.Channel)}, from, channel, true
	}
	return t.inviteEvent(ev)
}

// lifecycle reads channel_archive and its kin; group_ is their older name for
// private channels.
func lifecycle(kind string) (chat.ChannelChange, bool) {
	for _, prefix := range []string{"channel_", "group_"} {
		what, ok := strings.CutPrefix(kind, prefix)
		if !ok {
			continue
		}
		switch what {
		case "archive":
			return chat.ChannelArchived, true
		case "unarchive":
			return chat.ChannelUnarchived, true
		case "deleted":
			return chat.ChannelDeleted, true
		case "rename":
			return chat.ChannelRenamed, true
		}
	}
	return "", false
}

func renamed(change chat.ChannelChange, channel ref) string {
	if change == chat.ChannelRenamed {
		return channel.Name
	}
	return ""
}

// inviteEvent translates the life of a Slack Connect invitation
// (docs.slack.dev/apis/slack-connect/using-slack-connect-api-methods).
func (t translator) inviteEvent(ev *event) (chat.Body, chat.Person, string, bool) {
	channel := ev.Channel.ID
	if channel == "" {
		channel = ev.ChannelID
	}
	out := chat.InviteChanged{}
	if ev.Invite != nil {
		out.Invite, out.Email = ev.Invite.ID, ev.Invite.Email
	}
	from := ev.User.ID
	switch ev.Type {
	case "shared_channel_invite_accepted":
		out.State, from = chat.InviteAccepted, ev.AcceptingUser.ID
		if ev.ApprovalRequired {
			out.State = chat.InviteAwaitingApproval
		}
	case "shared_channel_invite_approved":
		out.State = chat.InviteApproved
	case "shared_channel_invite_declined":
		out.State = chat.InviteDeclined
	case "shared_channel_invite_requested":
		// An invitation names one address; the list has one entry.
		out.State = chat.InviteAwaitingApproval
		if len(ev.TargetUsers) > 0 {
			out.Invite, out.Email = ev.TargetUsers[0].InviteID, ev.TargetUsers[0].Email
		}
	default:
		return nil, chat.Person{}, "", false
	}
	return out, chat.Person{ID: from}, channel, true
}

// ignoredEvent tells of those we may be subscribed to that concern nobody: what they
// tell arrives otherwise, or is looked up when needed. An app_mention comes as a
// message as well, a file_shared with its message.
func ignoredEvent(kind string) bool {
	switch kind {
	case "app_mention", "user_change", "team_join",
		"file_shared", "file_created", "file_change", "file_public", "file_deleted", "file_unshared",
		"channel_created", "channel_joined", "group_joined",
		"channel_history_changed", "group_history_changed", "group_open", "group_close",
		"im_open", "im_close", "im_created", "im_history_changed",
		"reaction_added", "reaction_removed", "pin_added", "link_shared",
		"message_metadata_posted", "message_metadata_updated", "message_metadata_deleted",
		"shared_channel_invite_received",
		"emoji_changed", "team_rename", "team_domain_change", "user_profile_changed",
		"subteam_created", "subteam_updated", "subteam_members_changed", "dnd_updated_user":
		return true
	}
	return false
}

// tombstone is the subtype of a deleted root that keeps its replies.
const tombstone = "tombstone"

// ignoredSubtype tells of messages that Slack itself writes about the housekeeping
// of a channel; each has an event of its own where it matters.
func ignoredSubtype(kind string) bool {
	switch kind {
	case "channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name",
		"channel_archive", "channel_unarchive", "channel_convert_to_public", "channel_convert_to_private",
		"channel_canvas_updated",
		"group_join", "group_leave", "group_topic", "group_purpose", "group_name",
		"group_archive", "group_unarchive",
		"bot_add", "bot_remove", "bot_enable", "bot_disable",
		"pinned_item", "unpinned_item", "reminder_add", "reminder_delete",
		"ekm_access_denied", "huddle_thread", "message_replied", "reply_broadcast",
		tombstone, "document_mention", "joiner_notification", "sh_room_created",
		"shared_channel_joined", "bookmark_added":
		return true
	}
	return false
}
