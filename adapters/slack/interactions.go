package slack

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
)

// interaction is a pressed button, a sent form or a shortcut, in the fields that are
// used.
type interaction struct {
	Type        string `json:"type"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	User        struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Username string `json:"username"`
		TeamID   string `json:"team_id"`
	} `json:"user"`
	Channel   ref `json:"channel"`
	Container struct {
		Type      string `json:"type"`
		MessageTS string `json:"message_ts"`
		ChannelID string `json:"channel_id"`
	} `json:"container"`
	Actions []action `json:"actions"`
	View    *view    `json:"view"`
	Message *message `json:"message"`
}

type action struct {
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	Type     string `json:"type"`
	Value    string `json:"value"`
	TS       string `json:"action_ts"`
	Selected *struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

type view struct {
	Type            string `json:"type"`
	PrivateMetadata string `json:"private_metadata"`
	CallbackID      string `json:"callback_id"`
	Blocks          []struct {
		Type    string `json:"type"`
		BlockID string `json:"block_id"`
	} `json:"blocks"`
	State struct {
		Values map[string]map[string]stateValue `json:"values"`
	} `json:"state"`
}

type stateValue struct {
	Type     string `json:"type"`
	Value    string `json:"value"`
	Selected *struct {
		Value string `json:"value"`
	} `json:"selected_option"`
	Ticked []struct {
		Value string `json:"value"`
	} `json:"selected_options"`
}

func decodeInteraction(payload []byte) (interaction, error) {
	var in interaction
	if err := tolerant(payload, &in); err != nil {
		return interaction{}, err
	}
	return in, nil
}

// interactionForm takes the HTTP form that carries an interaction. Only the body
// counts: the signature does not cover the query string.
func (a *Adapter) interactionForm(ctx context.Context, req request) (reply, error) {
	if string(formValue(req.body, "ssl_check")) == "1" {
		return reply{}, nil
	}
	return a.interaction(ctx, request{body: formValue(req.body, "payload"), sent: req.sent, received: req.received})
}

// formValue finds one value in a form without decoding the others. It is decoded in
// place, so it can be asked for once.
func formValue(body []byte, key string) []byte {
	for len(body) > 0 {
		var pair []byte
		pair, body, _ = bytes.Cut(body, []byte("&"))
		k, v, _ := bytes.Cut(pair, []byte("="))
		if string(k) != key {
			continue
		}
		return formUnescape(v)
	}
	return nil
}

// formUnescape decodes a form's value, in place; nil when it is malformed. It does in one
// pass what url.QueryUnescape does byte by byte into a string: an interaction is
// twelve kilobytes of which every fourth byte is escaped.
func formUnescape(v []byte) []byte {
	out := v[:0]
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if i+2 >= len(v) {
				return nil
			}
			high, low := unhex(v[i+1]), unhex(v[i+2])
			if high|low > 15 {
				return nil
			}
			c = high<<4 | low
			i += 2
		}
		out = append(out, c)
	}
	return out
}

// unhex is the value of a hexadecimal digit, 255 for anything else.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	default:
		return 255
	}
}

// interaction takes one interaction, over HTTP or a socket.
func (a *Adapter) interaction(ctx context.Context, req request) (reply, error) {
	id := a.id.Load()
	if id == nil {
		return reply{}, errNotStarted
	}
	in, err := decodeInteraction(req.body)
	if err != nil {
		return a.unknown(ctx, request{received: req.received, body: req.body, secret: true}, "", "interaction/unparsable")
	}
	switch in.Type {
	case "block_actions":
		return a.click(ctx, id, in, req)
	case "message_action":
		return a.picked(ctx, id, in, req)
	case "view_submission":
		return a.submission(ctx, id, in, req)
	case "block_suggestion":
		return jsonReply(map[string]any{"options": []string{}})
	case "view_closed":
		return reply{}, nil
	}
	// The body is not kept: it holds a trigger and a response URL.
	_, err = a.handler.Handle(ctx, chat.Inbound{
		Key: in.key(req.body), Workspace: a.Workspace(), At: req.received, From: in.person(id),
		Channel: in.channel(), Body: chat.Unknown{Type: printable("interaction/" + in.Type)},
	})
	if err != nil {
		return reply{}, fmt.Errorf("keep an unknown interaction: %w", err)
	}
	return reply{}, nil
}

// key identifies an interaction. The trigger is a secret while it lives, so its
// digest stands for it.
func (in interaction) key(body []byte) string {
	if in.TriggerID != "" {
		return digestKey("trigger", []byte(in.TriggerID))
	}
	return digestKey("body", body)
}

// pressKey identifies a press of a button. It begins with the moment of the press, so that
// presses that come together are remembered side by side: a store then has one page to
// write for many of them.
func (in interaction) pressKey(at time.Time, body []byte) string {
	return strconv.FormatInt(at.UnixMicro(), 10) + ":" + in.key(body)
}

func (in interaction) channel() string {
	if in.Channel.ID != "" {
		return in.Channel.ID
	}
	return in.Container.ChannelID
}

// person is who acted. Slack names the person's own team, so that somebody of
// another company can be told at once.
func (in interaction) person(id *identity) chat.Person {
	name := in.User.Name
	if name == "" {
		name = in.User.Username
	}
	p := chat.Person{ID: in.User.ID, Name: name}
	if in.User.TeamID != "" && in.User.TeamID != id.teamID && id.enterpriseID == "" {
		p.Kind = chat.External
	}
	return p
}

// click handles a pressed button or a made choice on a message.
func (a *Adapter) click(ctx context.Context, id *identity, in interaction, req request) (reply, error) {
	home := in.Container.Type == "view" && in.View != nil && in.View.Type == "home"
	if len(in.Actions) == 0 || in.Container.Type == "view" && !home {
		return reply{}, nil
	}
	act := in.Actions[0]
	body := chat.Click{
		Token: act.Value, Message: in.Container.MessageTS,
		Trigger: chat.Trigger(in.TriggerID), Reply: in.ResponseURL, Home: home,
	}
	if act.Selected != nil {
		body.Token, body.Choice = choiceToken(act.BlockID, act.ActionID), act.Selected.Value
	}
	if body.Token == "" {
		// A link button tells of its press as well; the browser does the rest.
		return reply{}, nil
	}
	key := in.key(req.body)
	at := parseTS(act.TS)
	if at.IsZero() {
		at = req.received
	} else {
		key = in.pressKey(at, req.body)
	}
	answer, err := a.handler.Handle(ctx, chat.Inbound{
		Key: key, Workspace: a.Workspace(), At: at,
		From: in.person(id), Channel: in.channel(), Body: body,
	})
	if err != nil {
		return reply{}, fmt.Errorf("handle a click: %w", err)
	}
	who := actor{channel: in.channel(), user: in.User.ID, responseURL: in.ResponseURL, replaces: answer.Replace}
	if answer.Form != nil {
		a.formOrFallback(ctx, opening{trigger: in.TriggerID, form: *answer.Form, fallback: answer.Fallback, who: who, received: req.received})
	}
	a.tellLater(who, answer.Message)
	return reply{}, nil
}

// submission handles a sent form. Errors of fields, and a further form, go into
// the acknowledgement; words to the person follow it.
func (a *Adapter) submission(ctx context.Context, id *identity, in interaction, req request) (reply, error) {
	if in.View == nil {
		return reply{}, nil
	}
	channel := channelOfCallback(in.View.CallbackID)
	answer, err := a.handler.Handle(ctx, chat.Inbound{
		Key: in.key(req.body), Workspace: a.Workspace(), At: req.received,
		From: in.person(id), Channel: channel,
		Body: chat.Submitted{Token: in.View.PrivateMetadata, Values: in.View.values()},
	})
	if err != nil {
		return reply{}, fmt.Errorf("handle a form: %w", err)
	}
	if len(answer.FieldErrors) > 0 {
		if errs := in.View.fieldErrors(answer.FieldErrors); len(errs) > 0 {
			return jsonReply(map[string]any{"response_action": "errors", "errors": errs})
		}
	}
	who := actor{channel: channel, user: in.User.ID}
	if answer.Form != nil {
		modal, err := renderForm(*answer.Form, channel)
		if err == nil {
			return jsonReply(map[string]any{"response_action": "update", "view": modal})
		}
		a.log.ErrorContext(ctx, "slack: a form cannot be shown", "err", err)
		a.tellLater(who, answer.Fallback)
	}
	a.tellLater(who, answer.Message)
	return reply{}, nil
}

// values are what was entered, by field name. An empty field is an empty string.
func (v *view) values() map[string]string {
	out := make(map[string]string, len(v.State.Values))
	for block, elements := range v.State.Values {
		for _, e := range elements {
			switch {
			case e.Selected != nil:
				out[block] = e.Selected.Value
			case e.Type == "checkboxes":
				out[block] = "false"
				if len(e.Ticked) > 0 {
					out[block] = "true"
				}
			default:
				out[block] = e.Value
			}
		}
	}
	return out
}

// fieldErrors puts each error under its input block. Slack refuses the whole
// answer for a key that is no input block, so errors of the form as a whole, and
// those of fields it does not have, are shown under the first one.
func (v *view) fieldErrors(errs map[string]string) map[string]string {
	out := map[string]string{}
	first := ""
	for _, b := range v.Blocks {
		if b.Type != "input" || b.BlockID == "" {
			continue
		}
		if first == "" {
			first = b.BlockID
		}
		if msg := errs[b.BlockID]; msg != "" {
			out[b.BlockID] = msg
		}
	}
	if first == "" {
		return nil
	}
	var general []string
	for _, name := range sortedKeys(errs) {
		if _, shown := out[name]; !shown && errs[name] != "" {
			general = append(general, errs[name])
		}
	}
	if len(general) > 0 {
		if own := out[first]; own != "" {
			general = append(general, own)
		}
		out[first] = strings.Join(general, " ")
	}
	return out
}
