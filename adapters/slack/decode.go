package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	fastjson "github.com/goccy/go-json"
)

// envelope is the outside of an Events API request. Only what is used is named:
// the full payload has several times as many fields, and decoding them all costs
// a hundred times the signature check.
type envelope struct {
	Type           string `json:"type"`
	Challenge      string `json:"challenge"`
	TeamID         string `json:"team_id"`
	APIAppID       string `json:"api_app_id"`
	ContextTeamID  string `json:"context_team_id"`
	ContextOrgID   string `json:"context_enterprise_id"`
	EventID        string `json:"event_id"`
	EventTime      int64  `json:"event_time"`
	IsExtShared    bool   `json:"is_ext_shared_channel"`
	MinuteLimited  int64  `json:"minute_rate_limited"`
	Authorizations []struct {
		TeamID string `json:"team_id"`
		OrgID  string `json:"enterprise_id"`
	} `json:"authorizations"`
	Event event `json:"event"`
}

// message is a message as events carry it.
type message struct {
	Subtype     string       `json:"subtype"`
	Text        string       `json:"text"`
	TS          string       `json:"ts"`
	ThreadTS    string       `json:"thread_ts"`
	User        ref          `json:"user"`
	BotID       string       `json:"bot_id"`
	AppID       string       `json:"app_id"`
	Username    string       `json:"username"`
	Team        string       `json:"team"`
	UserTeam    string       `json:"user_team"`
	Files       []file       `json:"files"`
	Attachments []attachment `json:"attachments"`
	Edited      *edit        `json:"edited"`
	Metadata    *metadata    `json:"metadata"`
}

type edit struct {
	TS string `json:"ts"`
}

type metadata struct {
	EventType string `json:"event_type"`
	Payload   struct {
		ID string `json:"id"`
	} `json:"event_payload"`
}

type attachment struct {
	Text     string `json:"text"`
	Fallback string `json:"fallback"`
	Title    string `json:"title"`
}

type file struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Title      string `json:"title"`
	MimeType   string `json:"mimetype"`
	Size       int64  `json:"size"`
	Permalink  string `json:"permalink"`
	Access     string `json:"file_access"`
	Mode       string `json:"mode"`
	IsExternal bool   `json:"is_external"`
	// URLPrivate and URLDownload take the token, unless the file is external.
	URLPrivate  string `json:"url_private"`
	URLDownload string `json:"url_private_download"`
}

// event is the inner event: a message, or what befell a channel, a person or an
// invitation.
type event struct {
	message
	Type             string   `json:"type"`
	EventTS          string   `json:"event_ts"`
	DeletedTS        string   `json:"deleted_ts"`
	Channel          ref      `json:"channel"`
	Message          *message `json:"message"`
	Previous         *message `json:"previous_message"`
	ActorID          string   `json:"actor_id"`
	Tab              string   `json:"tab"`
	OldChannelID     string   `json:"old_channel_id"`
	NewChannelID     string   `json:"new_channel_id"`
	ChannelID        string   `json:"channel_id"`
	IsExtShared      *bool    `json:"is_ext_shared"`
	ApprovalRequired bool     `json:"approval_required"`
	Invite           *invite  `json:"invite"`
	Item             pinned   `json:"item"`
	AcceptingUser    ref      `json:"accepting_user"`
	TargetUsers      []target `json:"target_users"`
	Tokens           tokens   `json:"tokens"`
}

// tokens are those that were revoked, by the ids of their users.
type tokens struct {
	Bot []string `json:"bot"`
}

// pinned is what was pinned or unpinned.
type pinned struct {
	Message message `json:"message"`
}

type invite struct {
	ID    string `json:"id"`
	Email string `json:"recipient_email"`
}

type target struct {
	Email    string `json:"email"`
	InviteID string `json:"invite_id"`
}

// ref is an id that Slack sends bare or within an object, depending on the event.
type ref struct{ ID, Name string }

// UnmarshalJSON takes a string or an object with an id; anything else is empty,
// because a surprise in one field must not cost the event.
func (r *ref) UnmarshalJSON(raw []byte) error {
	raw = bytes.TrimSpace(raw)
	if len(raw) < 2 {
		return nil
	}
	switch raw[0] {
	case '"':
		id := raw[1 : len(raw)-1]
		if bytes.IndexByte(id, '\\') < 0 {
			r.ID = string(id)
			return nil
		}
		_ = json.Unmarshal(raw, &r.ID)
	case '{':
		var o struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		}
		if json.Unmarshal(raw, &o) == nil {
			r.ID, r.Name = o.ID, o.Name
		}
	}
	return nil
}

var errNotJSON = errors.New("slack: the body is no JSON object")

// decodeEnvelope decodes an Events API body.
func decodeEnvelope(body []byte) (envelope, error) {
	var env envelope
	if err := tolerant(body, &env); err != nil {
		return envelope{}, err
	}
	return env, nil
}

// tolerant decodes fast, and where that fails a second time in the slow way that
// skips fields of an unexpected shape and fills in all others.
func tolerant[T any](body []byte, out *T) error {
	if fastjson.Unmarshal(body, out) == nil {
		return nil
	}
	var again T
	err := json.Unmarshal(body, &again)
	var shape *json.UnmarshalTypeError
	if err != nil && (!errors.As(err, &shape) || shape.Field == "") {
		return errNotJSON
	}
	*out = again
	return nil
}

// microDigits is how long a moment in microseconds is.
const microDigits = 16

// parseTS reads a message's timestamp, "1700000000.123456". It is an identifier
// first, so it is never made a float. Some events bring their moment without the dot
// (docs.slack.dev/reference/events/app_home_opened).
func parseTS(ts string) time.Time {
	whole, fraction, dot := strings.Cut(ts, ".")
	if !dot && len(whole) == microDigits {
		whole, fraction = whole[:10], whole[10:]
	}
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || sec <= 0 {
		return time.Time{}
	}
	micro := int64(0)
	if fraction != "" {
		padded := (fraction + "000000")[:6]
		if micro, err = strconv.ParseInt(padded, 10, 64); err != nil || micro < 0 {
			micro = 0
		}
	}
	return time.Unix(sec, micro*1000).UTC()
}

// formatTS is the timestamp of a moment, as the bound of a search.
func formatTS(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.Unix(), 10) + ".000000"
}
