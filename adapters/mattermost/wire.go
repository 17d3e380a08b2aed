package mattermost

import (
	"encoding/json"
	"time"
)

// The wire types hold the fields that are read or written, no others
// (api.mattermost.com).

type post struct {
	ID         string                     `json:"id,omitempty"`
	CreateAt   int64                      `json:"create_at,omitempty"`
	UpdateAt   int64                      `json:"update_at,omitempty"`
	EditAt     int64                      `json:"edit_at,omitempty"`
	DeleteAt   int64                      `json:"delete_at,omitempty"`
	UserID     string                     `json:"user_id,omitempty"`
	ChannelID  string                     `json:"channel_id,omitempty"`
	RootID     string                     `json:"root_id,omitempty"`
	OriginalID string                     `json:"original_id,omitempty"`
	Message    string                     `json:"message"`
	IsPinned   bool                       `json:"is_pinned,omitempty"`
	Type       string                     `json:"type,omitempty"`
	Props      map[string]json.RawMessage `json:"props,omitempty"`
	FileIDs    []string                   `json:"file_ids,omitempty"`
	Metadata   *postMetadata              `json:"metadata,omitempty"`
}

type postMetadata struct {
	Files []fileInfo `json:"files,omitempty"`
}

type fileInfo struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	MimeType string `json:"mime_type"`
}

// prop reads a property as text. Properties come from anybody, so that a value of
// another type is no error but no text either; true counts as "true".
func (p *post) prop(name string) string {
	raw := p.Props[name]
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if string(raw) == "true" {
		return "true"
	}
	return ""
}

// outgoingPost is what creating a post sends.
type outgoingPost struct {
	ChannelID     string         `json:"channel_id,omitempty"`
	RootID        string         `json:"root_id,omitempty"`
	Message       string         `json:"message"`
	PendingPostID string         `json:"pending_post_id,omitempty"`
	FileIDs       []string       `json:"file_ids,omitempty"`
	Props         map[string]any `json:"props"`
}

// postPatch is what updating a post sends. What is left out stays as it is.
type postPatch struct {
	Message  *string        `json:"message,omitempty"`
	Props    map[string]any `json:"props"`
	IsPinned bool           `json:"is_pinned,omitempty"`
}

type postList struct {
	Order []string         `json:"order"`
	Posts map[string]*post `json:"posts"`
}

type user struct {
	ID        string `json:"id"`
	Username  string `json:"username"`
	Email     string `json:"email"`
	Nickname  string `json:"nickname"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Roles     string `json:"roles"`
	IsBot     bool   `json:"is_bot"`
	DeleteAt  int64  `json:"delete_at"`
	RemoteID  string `json:"remote_id"`
	Timezone  zone   `json:"timezone"`
	Locale    string `json:"locale"`
}

// zone is a person's time zone as the server keeps it, its flag as a text.
type zone struct {
	Automatic    string `json:"automaticTimezone"`
	Manual       string `json:"manualTimezone"`
	UseAutomatic string `json:"useAutomaticTimezone"`
}

func (z zone) name() string {
	if z.UseAutomatic == "false" {
		return z.Manual
	}
	return z.Automatic
}

type team struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	DeleteAt    int64  `json:"delete_at"`
}

type teamMember struct {
	TeamID      string `json:"team_id"`
	UserID      string `json:"user_id"`
	Roles       string `json:"roles,omitempty"`
	DeleteAt    int64  `json:"delete_at,omitempty"`
	SchemeAdmin bool   `json:"scheme_admin,omitempty"`
}

type channel struct {
	ID          string `json:"id,omitempty"`
	TeamID      string `json:"team_id"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	Purpose     string `json:"purpose,omitempty"`
	CreatorID   string `json:"creator_id,omitempty"`
	Type        string `json:"type"`
	UpdateAt    int64  `json:"update_at,omitempty"`
	DeleteAt    int64  `json:"delete_at,omitempty"`
	// Shared is true for a channel that is shared with another server.
	Shared bool `json:"shared,omitempty"`
}

type attachment struct {
	Fallback string   `json:"fallback"`
	Color    string   `json:"color,omitempty"`
	Title    string   `json:"title,omitempty"`
	Text     string   `json:"text,omitempty"`
	Fields   []field  `json:"fields,omitempty"`
	Footer   string   `json:"footer,omitempty"`
	Actions  []action `json:"actions,omitempty"`
}

type field struct {
	Title string `json:"title"`
	Value string `json:"value"`
	Short bool   `json:"short"`
}

type action struct {
	ID          string       `json:"id"`
	Type        string       `json:"type"`
	Name        string       `json:"name"`
	Style       string       `json:"style,omitempty"`
	Options     []option     `json:"options,omitempty"`
	Integration *integration `json:"integration"`
}

type option struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

type integration struct {
	URL string `json:"url"`
	// Context never reaches a client, so that the token in it stays a secret.
	Context map[string]string `json:"context"`
}

type openDialog struct {
	TriggerID string `json:"trigger_id"`
	URL       string `json:"url"`
	Dialog    dialog `json:"dialog"`
}

type dialog struct {
	CallbackID       string          `json:"callback_id"`
	Title            string          `json:"title"`
	IntroductionText string          `json:"introduction_text,omitempty"`
	Elements         []dialogElement `json:"elements"`
	SubmitLabel      string          `json:"submit_label,omitempty"`
	NotifyOnCancel   bool            `json:"notify_on_cancel"`
	State            string          `json:"state"`
}

type dialogElement struct {
	DisplayName string   `json:"display_name"`
	Name        string   `json:"name"`
	Type        string   `json:"type"`
	Default     string   `json:"default,omitempty"`
	Placeholder string   `json:"placeholder,omitempty"`
	HelpText    string   `json:"help_text,omitempty"`
	Optional    bool     `json:"optional"`
	MaxLength   int      `json:"max_length,omitempty"`
	Options     []option `json:"options,omitempty"`
}

// millis turns Mattermost's milliseconds into a moment, zero into the zero one.
func millis(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
