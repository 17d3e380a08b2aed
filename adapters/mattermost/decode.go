package mattermost

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"taskbridge/bot/chat"
)

// frame is a websocket message: an event, or the reply to one of our actions
// (server/public/model/websocket_message.go).
type frame struct {
	Event     string          `json:"event"`
	Data      json.RawMessage `json:"data"`
	Broadcast struct {
		UserID    string `json:"user_id"`
		ChannelID string `json:"channel_id"`
		TeamID    string `json:"team_id"`
	} `json:"broadcast"`
	Seq      int64 `json:"seq"`
	SeqReply int64 `json:"seq_reply"`
}

// eventData holds the fields of all events we read. Their values are checked by
// whoever uses them.
type eventData struct {
	ConnectionID string          `json:"connection_id"`
	Post         string          `json:"post"`
	Channel      string          `json:"channel"`
	ChannelID    string          `json:"channel_id"`
	UserID       string          `json:"user_id"`
	TeamID       string          `json:"team_id"`
	SenderName   string          `json:"sender_name"`
	DeleteBy     string          `json:"delete_by"`
	DeleteAt     json.Number     `json:"delete_at"`
	User         json.RawMessage `json:"user"`
}

// decoder turns events into Inbounds. It is a pure value.
type decoder struct {
	workspace string
	self      string
	teamID    string
	siteURL   string
	// now stands in where an event brings no time of its own.
	now time.Time
}

// said makes an Inbound of a new post; false means that it is none of ours: the
// server's own notice, or an answer of a slash command or webhook, which bears the
// id of a person who did not write it. What we post for somebody says that it is of a
// webhook, too, and bears our own id.
func (d decoder) said(p *post) (chat.Inbound, bool) {
	if !d.isWords(p) {
		return chat.Inbound{}, false
	}
	return d.inbound(p, fmt.Sprintf("post:%s:0", p.ID), millis(p.CreateAt), chat.Said{
		Message: p.ID, Thread: p.RootID, Text: p.Message, Rich: rich(p.Message), Files: d.files(p), Own: p.UserID == d.self,
	}), true
}

func (d decoder) edited(p *post) (chat.Inbound, bool) {
	if !d.isWords(p) || p.EditAt <= 0 {
		return chat.Inbound{}, false
	}
	return d.inbound(p, fmt.Sprintf("post:%s:%d", p.ID, p.EditAt), millis(p.EditAt), chat.Edited{
		Message: p.ID, Thread: p.RootID, Text: p.Message, Rich: rich(p.Message), Files: d.files(p),
		Version: millis(p.EditAt), Own: p.UserID == d.self,
	}), true
}

// deleted makes an Inbound of a removed post. By is who removed it, where known.
func (d decoder) deleted(p *post, by string) (chat.Inbound, bool) {
	if !isID(p.ID) || !isID(p.ChannelID) || p.OriginalID != "" || strings.HasPrefix(p.Type, "system_") {
		return chat.Inbound{}, false
	}
	at := millis(p.DeleteAt)
	if at.IsZero() {
		// The event brings the post as it was before.
		at = d.now
	}
	in := d.inbound(p, "del:"+p.ID, at, chat.Deleted{
		// The server tells of the root alone but removes its replies too.
		Message: p.ID, Thread: p.RootID, WithReplies: p.RootID == "", Own: p.UserID == d.self,
	})
	if isID(by) {
		in.From = chat.Person{ID: by}
	}
	return in, true
}

func (d decoder) inbound(p *post, key string, at time.Time, b chat.Body) chat.Inbound {
	return chat.Inbound{
		Key: key, Workspace: d.workspace, At: at,
		From: chat.Person{ID: p.UserID}, Channel: p.ChannelID, Body: b,
	}
}

func (d decoder) isWords(p *post) bool {
	return isID(p.ID) && isID(p.ChannelID) && isID(p.UserID) && p.OriginalID == "" && p.DeleteAt == 0 &&
		!strings.HasPrefix(p.Type, "system_") && (p.UserID == d.self || p.prop("from_webhook") != "true")
}

func (d decoder) files(p *post) []chat.File {
	known := map[string]fileInfo{}
	if p.Metadata != nil {
		for _, f := range p.Metadata.Files {
			known[f.ID] = f
		}
	}
	var out []chat.File
	for _, id := range p.FileIDs {
		if !isID(id) {
			continue
		}
		f := known[id]
		out = append(out, chat.File{
			ID: id, Name: f.Name, Size: f.Size, Type: f.MimeType, URL: d.siteURL + "/api/v4/files/" + id,
		})
	}
	return out
}

// decodePost reads the post of an event, which is JSON within JSON.
func decodePost(data eventData) (*post, error) {
	var p post
	if err := json.Unmarshal([]byte(data.Post), &p); err != nil {
		return nil, fmt.Errorf("decode post: %w", err)
	}
	if !isID(p.ID) || !isID(p.ChannelID) {
		return nil, fmt.Errorf("decode post: it has no ids")
	}
	return &p, nil
}

// event makes Inbounds of an event of a channel's life. SeqKey is unique for the
// event on its connection, and the same when a resumed connection repeats it.
func (d decoder) event(f frame, data eventData, seqKey string) (chat.Inbound, bool, error) {
	in := chat.Inbound{Key: seqKey, Workspace: d.workspace, At: d.now, Channel: f.Broadcast.ChannelID}
	if in.Channel == "" {
		in.Channel = data.ChannelID
	}
	switch f.Event {
	case "posted":
		if data.TeamID != "" && data.TeamID != d.teamID {
			return in, false, nil
		}
		p, err := decodePost(data)
		if err != nil {
			return in, false, err
		}
		in, ok := d.said(p)
		in.From.Name = strings.TrimPrefix(data.SenderName, "@")
		return in, ok, nil
	case "post_edited":
		p, err := decodePost(data)
		if err != nil {
			return in, false, err
		}
		if p.UserID == d.self && p.prop(propPinned) == "true" && !p.IsPinned {
			in.Channel, in.Body = p.ChannelID, chat.Unpinned{Message: p.ID}
			return in, true, nil
		}
		in, ok := d.edited(p)
		return in, ok, nil
	case "post_deleted":
		p, err := decodePost(data)
		if err != nil {
			return in, false, err
		}
		in, ok := d.deleted(p, data.DeleteBy)
		return in, ok, nil
	case "user_added":
		in.From.ID, in.Body = data.UserID, chat.Joined{}
		return in, isID(data.UserID) && isID(in.Channel), nil
	case "user_removed":
		// The channel is told who left; who left is told by an event of his own,
		// which has no user in its data.
		in.From.ID, in.Body = data.UserID, chat.Left{}
		if data.UserID == "" && f.Broadcast.UserID == d.self {
			in.From.ID = d.self
			in.Body = chat.ChannelChanged{Change: chat.ChannelBotRemoved}
		} else if data.UserID == d.self {
			in.Body = chat.ChannelChanged{Change: chat.ChannelBotRemoved}
		}
		return in, isID(in.From.ID) && isID(in.Channel), nil
	}
	return in, false, nil
}

// channelState makes an Inbound of how a channel is now, in the words of the event
// that told of a change. Its key is made of the channel's own times, so that the
// same change found by catch-up has the same key.
func (d decoder) channelState(c channel, change chat.ChannelChange) chat.Inbound {
	in := chat.Inbound{Workspace: d.workspace, Channel: c.ID, At: millis(c.UpdateAt)}
	body := chat.ChannelChanged{Change: change}
	stamp := c.UpdateAt
	switch change {
	case chat.ChannelRenamed:
		body.Name = c.Name
	case chat.ChannelArchived:
		stamp = c.DeleteAt
		in.At = millis(c.DeleteAt)
	}
	if in.At.IsZero() {
		in.At = d.now
	}
	in.Key = fmt.Sprintf("channel:%s:%s:%d", c.ID, change, stamp)
	in.Body = body
	return in
}
