package mattermost

import (
	"net/http"
	"net/url"

	"taskbridge/bot/chat"
)

// commandAnswer is the answer to a slash command
// (developers.mattermost.com/integrate/slash-commands/custom).
type commandAnswer struct {
	ResponseType string       `json:"response_type,omitempty"`
	Text         string       `json:"text,omitempty"`
	Attachments  []attachment `json:"attachments,omitempty"`
	// SkipSlackParsing keeps <!channel> in untrusted text from becoming a
	// mention.
	SkipSlackParsing bool `json:"skip_slack_parsing,omitempty"`
}

// serveCommand takes a slash command. Only the token in the body counts: where the
// server holds an OAuth connection for our address, the Authorization header is not
// its own any more (server/channels/app/command.go).
func (a *Adapter) serveCommand(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "the body is malformed", http.StatusBadRequest)
		return
	}
	s, err := a.started()
	if err != nil {
		http.Error(w, "not started yet", http.StatusServiceUnavailable)
		return
	}
	if !a.validToken(form.Get("token")) || form.Get("team_id") != s.team.ID {
		a.refused(r.Context(), "mattermost: command with a wrong token was refused")
		refuse(w)
		return
	}
	in, ok := decodeCommand(form)
	if !ok {
		http.Error(w, "the command is incomplete", http.StatusBadRequest)
		return
	}
	in.Workspace = a.Workspace()
	in.At = a.now()
	answer, ok := a.handle(r.Context(), in)
	if !ok {
		writeJSON(w, commandAnswer{ResponseType: "ephemeral", Text: unavailable, SkipSlackParsing: true})
		return
	}
	if answer.Refused == unauthenticated {
		refuse(w)
		return
	}
	m := a.shown(r.Context(), chat.Trigger(form.Get("trigger_id")), answer)
	if m.Empty() {
		// An empty JSON body would be an error to the server.
		writeJSON(w, struct{}{})
		return
	}
	ren := a.renderer(r.Context(), s, m)
	out := ren.message(m)
	writeJSON(w, commandAnswer{
		ResponseType: "ephemeral", Text: cut(out.Message, s.maxPost), Attachments: out.Attachments, SkipSlackParsing: true,
	})
}

// decodeCommand reads a slash command out of its form.
func decodeCommand(form url.Values) (chat.Inbound, bool) {
	trigger, user, channel := form.Get("trigger_id"), form.Get("user_id"), form.Get("channel_id")
	if trigger == "" || !isID(user) || !isID(channel) {
		return chat.Inbound{}, false
	}
	return chat.Inbound{
		Key:     key("command", trigger),
		From:    chat.Person{ID: user, Name: shownName(form.Get("user_name"))},
		Channel: channel,
		Body: chat.Command{
			Text:    entered(form.Get("text")),
			Trigger: chat.Trigger(trigger),
			Reply:   form.Get("response_url"),
		},
	}, true
}
