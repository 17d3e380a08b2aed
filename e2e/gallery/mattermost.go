package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"taskbridge/adapters/mattermost"
	"taskbridge/bot/chat"
)

// mattermostID makes an id of Mattermost's shape.
func mattermostID(s string) string { return (s + strings.Repeat("0", 26))[:26] }

// mattermostSent is a post as it went to Mattermost.
type mattermostSent struct {
	Message string `json:"message"`
	Props   struct {
		Override    string           `json:"override_username,omitempty"`
		Attachments []mattermostCard `json:"attachments,omitempty"`
	} `json:"props"`
}

type mattermostCard struct {
	Fallback string             `json:"fallback"`
	Color    string             `json:"color,omitempty"`
	Title    string             `json:"title,omitempty"`
	Text     string             `json:"text,omitempty"`
	Footer   string             `json:"footer,omitempty"`
	Fields   []mattermostField  `json:"fields,omitempty"`
	Actions  []mattermostAction `json:"actions,omitempty"`
}

type mattermostField struct {
	Title, Value string
	Short        bool
}

type mattermostAction struct {
	ID, Type, Name, Style string
	Options               []mattermostOption `json:"options,omitempty"`
}

type mattermostOption struct{ Text, Value string }

type mattermostDialog struct {
	Title       string              `json:"title"`
	Intro       string              `json:"introduction_text"`
	SubmitLabel string              `json:"submit_label"`
	Elements    []mattermostElement `json:"elements"`
}

type mattermostElement struct {
	DisplayName string `json:"display_name"`
	Type        string
	Default     string
	Placeholder string
	HelpText    string `json:"help_text"`
	Optional    bool
	Options     []mattermostOption
}

// Chosen is the label of the option that is preset.
func (e mattermostElement) Chosen() string {
	for _, o := range e.Options {
		if o.Value == e.Default {
			return o.Text
		}
	}
	return ""
}

// sendToMattermost has the real adapter post the specimen, answer with it or open
// it.
func sendToMattermost(ctx context.Context, s specimen) (json.RawMessage, error) {
	bodies, err := mattermostWire(ctx, s)
	switch {
	case err != nil:
		return nil, err
	case s.form != nil:
		var opened struct {
			Dialog json.RawMessage `json:"dialog"`
		}
		if err := json.Unmarshal(bodies[0], &opened); err != nil {
			return nil, fmt.Errorf("read the dialog: %w", err)
		}
		return opened.Dialog, nil
	case !s.private:
		return bodies[0], nil
	}
	// An answer holds its attachments beside its text and not in properties.
	var said struct {
		Text        string          `json:"text"`
		Attachments json.RawMessage `json:"attachments,omitempty"`
	}
	if err := json.Unmarshal(bodies[0], &said); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	post := map[string]any{"message": said.Text}
	if said.Attachments != nil {
		post["props"] = map[string]any{"attachments": said.Attachments}
	}
	return json.Marshal(post)
}

// mattermostWire is what goes to Mattermost for a specimen, byte for byte: the body
// of each post it takes, the dialog's or the answer to a command.
func mattermostWire(ctx context.Context, s specimen) ([][]byte, error) {
	w := &wire{answers: mattermostAnswers, watched: []string{"/api/v4/posts", "/actions/dialogs/open"}}
	h := answerTo(s)
	a, err := mattermost.New(mattermost.Config{
		URL: "https://chat.example.com", Token: "gallery", Team: "desk", PublicURL: "https://bridge.example.com",
		CommandTokens: []string{"gallery"}, HTTPClient: &http.Client{Transport: w}, Zone: time.FixedZone("GMT", 0),
	}, h, h)
	if err != nil {
		return nil, fmt.Errorf("make the adapter: %w", err)
	}
	if err := a.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the adapter: %w", err)
	}
	if s.form == nil && !s.private {
		_, err = a.Post(ctx, chat.Post{Channel: mattermostID("chan"), Message: s.message, DeliveryID: "1"})
		if err == nil && len(w.kept) == 0 {
			err = errUnread
		}
		if err != nil {
			return nil, fmt.Errorf("post: %w", err)
		}
		return w.kept, nil
	}
	body := url.Values{
		"token": {"gallery"}, "team_id": {mattermostID("team")}, "channel_id": {mattermostID("chan")},
		"user_id": {mattermostID("ann")}, "user_name": {"ann"}, "trigger_id": {"t"}, "command": {"/task"},
	}.Encode()
	answer, err := serve(ctx, a.Routes(), mattermost.CommandsPath, []byte(body), nil)
	switch {
	case err != nil:
		return nil, err
	case s.form == nil:
		return [][]byte{answer}, nil
	case len(w.kept) != 1:
		return nil, fmt.Errorf("%d dialogs were opened: %w", len(w.kept), errUnread)
	}
	return w.kept, nil
}

func mattermostAnswers(req *http.Request) any {
	switch path := req.URL.Path; {
	case strings.HasSuffix(path, "/config/client"):
		return map[string]string{"MaxPostSize": "16383", "SiteURL": "https://chat.example.com", "EnablePostUsernameOverride": "true"}
	case strings.HasSuffix(path, "/posts"):
		return map[string]string{"id": mattermostID("post")}
	case strings.Contains(path, "/members/"):
		return map[string]string{"team_id": mattermostID("team"), "user_id": mattermostID("ann"), "roles": "team_user"}
	case strings.Contains(path, "/teams/"):
		return map[string]string{"id": mattermostID("team"), "name": "desk", "display_name": "Desk"}
	default:
		return map[string]any{"id": mattermostID("bot"), "username": "taskbridge", "is_bot": true, "roles": "system_user"}
	}
}

func mattermostAuthor(raw json.RawMessage) string {
	var sent mattermostSent
	if json.Unmarshal(raw, &sent) == nil && sent.Props.Override != "" {
		return sent.Props.Override
	}
	return "taskbridge"
}
