package mattermost

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"taskbridge/bot/chat"
)

// dialogRequest is a sent dialog
// (server/public/model/integration_action.go, SubmitDialogRequest).
type dialogRequest struct {
	State      string                     `json:"state"`
	UserID     string                     `json:"user_id"`
	ChannelID  string                     `json:"channel_id"`
	TeamID     string                     `json:"team_id"`
	Submission map[string]json.RawMessage `json:"submission"`
	Cancelled  bool                       `json:"cancelled"`
}

// dialogAnswer answers a sent dialog. With any error in it the dialog stays open.
type dialogAnswer struct {
	Error  string            `json:"error,omitempty"`
	Errors map[string]string `json:"errors,omitempty"`
}

// serveDialog takes a sent form. Its state has been in the hands of the client, and
// anybody who knows the address can claim any user_id; the bot's signature in the
// state, which binds the person, is what the bot verifies.
func (a *Adapter) serveDialog(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	if _, err := a.started(); err != nil {
		http.Error(w, "not started yet", http.StatusServiceUnavailable)
		return
	}
	in, cancelled, ok := decodeDialog(body)
	if !ok {
		http.Error(w, "the form is incomplete", http.StatusBadRequest)
		return
	}
	if cancelled {
		writeJSON(w, struct{}{})
		return
	}
	if form, ok := in.Body.(chat.Submitted); !ok || form.Token == "" {
		a.refused(r.Context(), "mattermost: form without a token was refused")
		refuse(w)
		return
	}
	in.Workspace = a.Workspace()
	in.At = a.now()
	answer, ok := a.handle(r.Context(), in)
	if !ok {
		writeJSON(w, dialogAnswer{Error: unavailable})
		return
	}
	if answer.Refused == unauthenticated {
		refuse(w)
		return
	}
	if len(answer.FieldErrors) > 0 {
		writeJSON(w, fieldErrors(answer.FieldErrors))
		return
	}
	m := answer.Message
	if answer.Form != nil {
		// A sent dialog comes without a trigger, so that no other can follow.
		m = answer.Fallback
		if m.Empty() {
			m = answer.Message
		}
	}
	if answer.Refused != "" && !m.Empty() && !hasControls(m) {
		// A refusal belongs where the person is looking, with the input kept.
		writeJSON(w, dialogAnswer{Error: strings.TrimSpace(m.Title + " " + m.Text.String())})
		return
	}
	if !m.Empty() {
		a.whisperAfter(r.Context(), in, m)
	}
	writeJSON(w, struct{}{})
}

func fieldErrors(errs map[string]string) dialogAnswer {
	var out dialogAnswer
	for _, name := range slices.Sorted(maps.Keys(errs)) {
		if name == "" {
			out.Error = errs[name]
			continue
		}
		if out.Errors == nil {
			out.Errors = map[string]string{}
		}
		out.Errors[name] = errs[name]
	}
	return out
}

// decodeDialog reads a sent dialog out of its body.
func decodeDialog(body []byte) (in chat.Inbound, cancelled, ok bool) {
	var q dialogRequest
	if json.Unmarshal(body, &q) != nil || !isID(q.UserID) || len(q.State) > maxToken {
		return chat.Inbound{}, false, false
	}
	if q.Cancelled {
		return chat.Inbound{}, true, true
	}
	// A dialog that was opened outside any channel has none.
	if q.ChannelID != "" && !isID(q.ChannelID) {
		return chat.Inbound{}, false, false
	}
	values := make(map[string]string, len(q.Submission))
	keyed := []string{q.UserID, q.State}
	for _, name := range slices.Sorted(maps.Keys(q.Submission)) {
		value, present := formValue(q.Submission[name])
		if !present {
			continue
		}
		values[name] = value
		keyed = append(keyed, name, value)
	}
	return chat.Inbound{
		// The values are part of the key: the same form sent again after field
		// errors is a new happening.
		Key:     key("form", keyed...),
		From:    chat.Person{ID: q.UserID},
		Channel: q.ChannelID,
		Body:    chat.Submitted{Token: q.State, Values: values},
	}, false, true
}

// formValue turns what a dialog sends for a field into text. A tick is a JSON
// bool, everything else a string today; other shapes are of newer servers.
func formValue(raw json.RawMessage) (string, bool) {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return "", false
	}
	switch v := v.(type) {
	case string:
		return entered(v), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	case float64:
		return strings.TrimSpace(string(raw)), true
	case []any:
		var parts []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				parts = append(parts, entered(s))
			}
		}
		return strings.Join(parts, ","), true
	}
	return "", false
}
