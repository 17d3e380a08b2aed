package mattermost

import (
	"context"
	"net/http"

	"taskbridge/bot/chat"
)

// RemoveMember takes a person out of a channel; the account and its place in the team
// stay.
func (a *Adapter) RemoveMember(ctx context.Context, channelID, userID string) error {
	if !isID(channelID) || !isID(userID) {
		return &chat.SendError{Reason: chat.NotFound}
	}
	err := a.api.do(ctx, call{
		op: "remove channel member", method: http.MethodDelete, path: "/channels/" + channelID + "/members/" + userID,
		forbidden: chat.Unsupported,
	})
	if chat.ReasonOf(err) == chat.NotFound {
		// Who is not in the channel is not found in it.
		return nil
	}
	return err
}

// ArchiveChannel archives a channel. Its members stay in it, and a server may let them
// read on (TeamSettings.ExperimentalViewArchivedChannels).
func (a *Adapter) ArchiveChannel(ctx context.Context, channelID string) error {
	if !isID(channelID) {
		return &chat.SendError{Reason: chat.NotFound}
	}
	c, err := a.channelByID(ctx, channelID)
	if err != nil || c.DeleteAt > 0 {
		return err
	}
	return a.api.do(ctx, call{
		op: "archive channel", method: http.MethodDelete, path: "/channels/" + channelID, forbidden: chat.Unsupported,
	})
}

// RestoreChannel takes an archived channel into use again, which needs the permission
// of a team administrator (manage_team).
func (a *Adapter) RestoreChannel(ctx context.Context, channelID string) error {
	if !isID(channelID) {
		return &chat.SendError{Reason: chat.NotFound}
	}
	c, err := a.channelByID(ctx, channelID)
	if err != nil || c.DeleteAt == 0 {
		return err
	}
	return a.api.do(ctx, call{
		op: "restore channel", method: http.MethodPost, path: "/channels/" + channelID + "/restore", forbidden: chat.Unsupported,
	})
}
