package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"time"

	"taskbridge/adapters/slack"
	"taskbridge/bot/chat"
)

const slackSecret = "not a secret: it never leaves this program"

// slackSent is a message as it went to Slack.
type slackSent struct {
	Text     string          `json:"text"`
	Username string          `json:"username,omitempty"`
	Blocks   json.RawMessage `json:"blocks,omitempty"`
}

// sendToSlack has the real adapter post the specimen, answer with it or open it.
func sendToSlack(ctx context.Context, s specimen) (json.RawMessage, error) {
	body, err := slackWire(ctx, s)
	switch {
	case err != nil:
		return nil, err
	case s.form != nil:
		var opened struct {
			View json.RawMessage `json:"view"`
		}
		if err := json.Unmarshal(body, &opened); err != nil {
			return nil, fmt.Errorf("read the form: %w", err)
		}
		return opened.View, nil
	case s.private:
		return body, nil
	}
	return slackPosted(body)
}

// slackWire is what goes to Slack for a specimen, byte for byte: the form-encoded
// body of chat.postMessage, the JSON body of views.open or the answer to a command.
func slackWire(ctx context.Context, s specimen) ([]byte, error) {
	w := &wire{
		answers: slackAnswers, watched: []string{"chat.postMessage", "views.open"},
		header: http.Header{"X-Oauth-Scopes": {"chat:write,chat:write.customize"}},
	}
	a, err := slack.New(slack.Config{
		BotToken: "xoxb-gallery", SigningSecret: slackSecret, HTTPClient: &http.Client{Transport: w},
	}, answerTo(s))
	if err != nil {
		return nil, fmt.Errorf("make the adapter: %w", err)
	}
	if err := a.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the adapter: %w", err)
	}
	if s.form == nil && s.private {
		return slackCommand(ctx, a)
	}
	if s.form == nil {
		_, err = a.Post(ctx, chat.Post{Channel: "C0GALLERY", Message: s.message, DeliveryID: "1"})
	} else {
		_, err = slackCommand(ctx, a)
	}
	if err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	if len(w.kept) != 1 {
		return nil, fmt.Errorf("%d calls were made: %w", len(w.kept), errUnread)
	}
	return w.kept[0], nil
}

func slackPosted(body []byte) (json.RawMessage, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	sent := slackSent{Text: form.Get("text"), Username: form.Get("username")}
	if b := form.Get("blocks"); b != "" {
		sent.Blocks = json.RawMessage(b)
	}
	return json.Marshal(sent)
}

// slackCommand signs a command as Slack does and returns what it is answered.
func slackCommand(ctx context.Context, a *slack.Adapter) ([]byte, error) {
	body := url.Values{
		"team_id": {"T0GALLERY"}, "channel_id": {"C0GALLERY"}, "user_id": {"U0ANN"}, "command": {"/task"},
		"trigger_id": {"1.2.3"}, "response_url": {"https://hooks.slack.com/commands/1"},
	}.Encode()
	at := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(slackSecret))
	mac.Write([]byte("v0:" + at + ":" + body))
	header := http.Header{}
	header.Set("X-Slack-Request-Timestamp", at)
	header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return serve(ctx, a.Routes(), "/slack/commands", []byte(body), header)
}

func slackAnswers(req *http.Request) any {
	switch path.Base(req.URL.Path) {
	case "auth.test":
		return map[string]any{"ok": true, "team_id": "T0GALLERY", "team": "Example", "user_id": "U0BOT", "bot_id": "B0BOT", "user": "taskbridge", "url": "https://example.slack.com/"}
	case "chat.postMessage":
		return map[string]any{"ok": true, "channel": "C0GALLERY", "ts": "1.000001", "message": map[string]any{"ts": "1.000001"}}
	default:
		return map[string]any{"ok": true, "view": map[string]any{"id": "V1"}}
	}
}

func slackAuthor(raw json.RawMessage) string {
	var sent slackSent
	if json.Unmarshal(raw, &sent) == nil && sent.Username != "" {
		return sent.Username
	}
	return "taskbridge"
}

// slackView is a modal as Slack takes it.
type slackView struct {
	Title, Submit, Close slackText
	Blocks               []slackBlock
}

type slackText struct {
	Type, Text string
}

type slackBlock struct {
	Type     string
	Text     *slackText
	Fields   []slackText
	Elements []slackElement
	Label    slackText
	Hint     *slackText
	Optional bool
	Element  *slackElement
}

// slackElement is a control, or a text in a context block.
type slackElement struct {
	Type, Style, URL string
	// Text is an object on a button and a string in a context block.
	Text          json.RawMessage
	Placeholder   *slackText
	InitialValue  string `json:"initial_value"`
	Multiline     bool
	InitialOption *slackOption `json:"initial_option"`
	// InitialOptions are the boxes that are ticked. Our forms have one box a field.
	InitialOptions []slackOption `json:"initial_options"`
	Options        []slackOption `json:"options"`
}

type slackOption struct{ Text slackText }

// Label is the text of a button.
func (e slackElement) Label() string {
	var t slackText
	_ = json.Unmarshal(e.Text, &t) // A text of another shape is no label.
	return t.Text
}

// Words is the text of a context block's element.
func (e slackElement) Words() slackText {
	var s string
	_ = json.Unmarshal(e.Text, &s) // A text of another shape has no words.
	return slackText{Type: e.Type, Text: s}
}

var errUnread = errors.New("nothing was sent")
