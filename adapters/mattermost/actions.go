package mattermost

import (
	"encoding/json"
	"net/http"

	"taskbridge/bot/chat"
)

// actionRequest is a click on a button or a choice
// (server/public/model/integration_action.go, PostActionIntegrationRequest).
type actionRequest struct {
	UserID    string                     `json:"user_id"`
	UserName  string                     `json:"user_name"`
	ChannelID string                     `json:"channel_id"`
	TeamID    string                     `json:"team_id"`
	PostID    string                     `json:"post_id"`
	TriggerID string                     `json:"trigger_id"`
	Context   map[string]json.RawMessage `json:"context"`
}

// actionAnswer answers a click. It never holds an update: one without a message
// would blank the card, and cards are refreshed through the outbox.
type actionAnswer struct {
	EphemeralText    string `json:"ephemeral_text,omitempty"`
	SkipSlackParsing bool   `json:"skip_slack_parsing,omitempty"`
}

// serveAction takes a click. Mattermost signs nothing; the token in the context,
// which no client ever sees, is what the bot verifies.
func (a *Adapter) serveAction(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	s, err := a.started()
	if err != nil {
		http.Error(w, "not started yet", http.StatusServiceUnavailable)
		return
	}
	in, ok := decodeAction(body)
	if !ok {
		http.Error(w, "the action is incomplete", http.StatusBadRequest)
		return
	}
	click, ok := in.Body.(chat.Click)
	if !ok || click.Token == "" {
		a.refused(r.Context(), "mattermost: click without a token was refused")
		refuse(w)
		return
	}
	in.Workspace = a.Workspace()
	in.At = a.now()
	answer, ok := a.handle(r.Context(), in)
	if !ok {
		writeJSON(w, actionAnswer{EphemeralText: unavailable, SkipSlackParsing: true})
		return
	}
	if answer.Refused == unauthenticated {
		refuse(w)
		return
	}
	m := a.shown(r.Context(), click.Trigger, answer)
	if m.Empty() {
		writeJSON(w, struct{}{})
		return
	}
	if answer.Replace {
		// What the answer to a command showed is no post that can be changed; one in a
		// direct conversation is.
		err := a.Update(r.Context(), in.Channel, click.Message, m)
		if err == nil {
			writeJSON(w, struct{}{})
			return
		}
	}
	if hasControls(m) {
		// The answer to a click holds words only.
		a.whisperAfter(r.Context(), in, m)
	}
	ren := a.renderer(r.Context(), s, m)
	writeJSON(w, actionAnswer{EphemeralText: ren.flat(m), SkipSlackParsing: true})
}

func hasControls(m chat.Message) bool {
	if m.Choice != nil {
		return true
	}
	for _, b := range m.Buttons {
		if b.Token != "" {
			return true
		}
	}
	return false
}

// decodeAction reads a click out of its body.
func decodeAction(body []byte) (chat.Inbound, bool) {
	var q actionRequest
	if json.Unmarshal(body, &q) != nil {
		return chat.Inbound{}, false
	}
	if q.TriggerID == "" || !isID(q.UserID) || !isID(q.ChannelID) || !isID(q.PostID) {
		return chat.Inbound{}, false
	}
	token := contextText(q.Context, contextToken)
	if len(token) > maxToken {
		return chat.Inbound{}, false
	}
	return chat.Inbound{
		// The trigger is new with every click; the token with the post would be
		// the same for two people who press the same button.
		Key:     key("click", q.TriggerID, q.UserID, q.PostID, token),
		From:    chat.Person{ID: q.UserID, Name: shownName(q.UserName)},
		Channel: q.ChannelID,
		Body: chat.Click{
			Token:   token,
			Message: q.PostID,
			Choice:  contextText(q.Context, contextChoice),
			Trigger: chat.Trigger(q.TriggerID),
		},
	}, true
}

func contextText(c map[string]json.RawMessage, name string) string {
	var s string
	if json.Unmarshal(c[name], &s) != nil {
		return ""
	}
	return s
}
