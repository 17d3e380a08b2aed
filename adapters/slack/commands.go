package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"taskbridge/bot/chat"
)

// command is a slash command, as a form over HTTP and as JSON over a socket.
type command struct {
	TeamID      string `json:"team_id"`
	OrgID       string `json:"enterprise_id"`
	ChannelID   string `json:"channel_id"`
	UserID      string `json:"user_id"`
	UserName    string `json:"user_name"`
	Command     string `json:"command"`
	Text        string `json:"text"`
	ResponseURL string `json:"response_url"`
	TriggerID   string `json:"trigger_id"`
	SSLCheck    string `json:"ssl_check"`
}

func (a *Adapter) commandForm(ctx context.Context, req request) (reply, error) {
	form, err := url.ParseQuery(string(req.body))
	if err != nil {
		return a.unknown(ctx, request{received: req.received, body: req.body, secret: true}, "", "command/unparsable")
	}
	return a.command(ctx, command{
		TeamID: form.Get("team_id"), OrgID: form.Get("enterprise_id"), ChannelID: form.Get("channel_id"),
		UserID: form.Get("user_id"), UserName: form.Get("user_name"),
		Command: form.Get("command"), Text: form.Get("text"),
		ResponseURL: form.Get("response_url"), TriggerID: form.Get("trigger_id"), SSLCheck: form.Get("ssl_check"),
	}, req)
}

func (a *Adapter) commandJSON(ctx context.Context, req request) (reply, error) {
	var c command
	if err := json.Unmarshal(req.body, &c); err != nil {
		return a.unknown(ctx, request{received: req.received, body: req.body, secret: true}, "", "command/unparsable")
	}
	return a.command(ctx, c, req)
}

// command takes one slash command and answers within the acknowledgement.
func (a *Adapter) command(ctx context.Context, c command, req request) (reply, error) {
	if c.SSLCheck == "1" {
		// Slack checks the certificate of a distributed app's address this way.
		return reply{}, nil
	}
	id := a.id.Load()
	switch {
	case id == nil:
		return reply{}, errNotStarted
	case c.TeamID != "" && !id.covers(c.TeamID, c.OrgID):
		return privately(chat.Private(chat.T("This workspace is not connected here.")).Message)
	case c.Command != a.cfg.Command:
		return privately(chat.Private(chat.T("This app answers to ").Code(a.cfg.Command).Plain(".")).Message)
	}
	key := digestKey("body", req.body)
	if c.TriggerID != "" {
		key = digestKey("trigger", []byte(c.TriggerID))
	}
	at := req.sent
	if at.IsZero() {
		at = req.received
	}
	answer, err := a.handler.Handle(ctx, chat.Inbound{
		Key: key, Workspace: a.Workspace(), At: at,
		From: chat.Person{ID: c.UserID, Name: c.UserName}, Channel: c.ChannelID,
		Body: chat.Command{Text: neutral(c.Text, byID), Trigger: chat.Trigger(c.TriggerID), Reply: c.ResponseURL},
	})
	if err != nil {
		return reply{}, fmt.Errorf("handle a command: %w", err)
	}
	say := answer.Message
	if answer.Form != nil {
		open := opening{
			trigger: c.TriggerID, form: *answer.Form, fallback: answer.Fallback, received: req.received,
			who: actor{channel: c.ChannelID, user: c.UserID, responseURL: c.ResponseURL},
		}
		if !a.openForm(ctx, open) && !answer.Fallback.Empty() {
			say = answer.Fallback
		}
	}
	return privately(say)
}

// privately puts a message that only the person sees into the acknowledgement.
func privately(m chat.Message) (reply, error) {
	if m.Empty() {
		return reply{}, nil
	}
	payload, err := ephemeral(m)
	if err != nil {
		return reply{}, err
	}
	return jsonReply(payload)
}

func jsonReply(v any) (reply, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return reply{}, fmt.Errorf("encode an answer: %w", err)
	}
	return reply{contentType: "application/json; charset=utf-8", body: body}, nil
}
