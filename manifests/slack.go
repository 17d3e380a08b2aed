package manifests

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed slack_app.json
var slackApp []byte

// placeholder is the address that the sources carry where an installation's own
// public address goes.
const placeholder = "https://taskbridge.example.com"

// The parts of a Slack app manifest, in the order in which Slack shows them
// (docs.slack.dev/reference/app-manifest). Fields that change between
// installations are typed; the rest is passed through as it is written.
type (
	slackManifest struct {
		Schema   string          `json:"$schema"`
		Metadata json.RawMessage `json:"_metadata"`
		Display  json.RawMessage `json:"display_information"`
		Features slackFeatures   `json:"features"`
		OAuth    json.RawMessage `json:"oauth_config"`
		Settings slackSettings   `json:"settings"`
	}
	slackFeatures struct {
		AppHome   json.RawMessage `json:"app_home"`
		BotUser   json.RawMessage `json:"bot_user"`
		Shortcuts json.RawMessage `json:"shortcuts"`
		Commands  []slackCommand  `json:"slash_commands"`
	}
	slackCommand struct {
		Command      string `json:"command"`
		URL          string `json:"url,omitempty"`
		Description  string `json:"description"`
		UsageHint    string `json:"usage_hint"`
		ShouldEscape bool   `json:"should_escape"`
	}
	slackSettings struct {
		Events        slackEvents        `json:"event_subscriptions"`
		Interactivity slackInteractivity `json:"interactivity"`
		OrgDeploy     bool               `json:"org_deploy_enabled"`
		SocketMode    bool               `json:"socket_mode_enabled"`
		TokenRotation bool               `json:"token_rotation_enabled"`
	}
	slackEvents struct {
		RequestURL string   `json:"request_url,omitempty"`
		BotEvents  []string `json:"bot_events"`
	}
	slackInteractivity struct {
		Enabled    bool   `json:"is_enabled"`
		RequestURL string `json:"request_url,omitempty"`
	}
)

// Slack gives the app manifest for an installation, as JSON. With Socket Mode
// the app has no addresses, because taskbridge connects to Slack and not the
// other way round; publicURL is not used then.
func Slack(publicURL string, socketMode bool) ([]byte, error) {
	var m slackManifest
	dec := json.NewDecoder(bytes.NewReader(slackApp))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return nil, fmt.Errorf("read the Slack app's source: %w", err)
	}
	address := func(s string) string {
		if socketMode {
			return ""
		}
		return strings.TrimRight(publicURL, "/") + strings.TrimPrefix(s, placeholder)
	}
	for i := range m.Features.Commands {
		m.Features.Commands[i].URL = address(m.Features.Commands[i].URL)
	}
	m.Settings.Events.RequestURL = address(m.Settings.Events.RequestURL)
	m.Settings.Interactivity.RequestURL = address(m.Settings.Interactivity.RequestURL)
	m.Settings.SocketMode = socketMode

	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(m); err != nil {
		return nil, fmt.Errorf("write the Slack app: %w", err)
	}
	return out.Bytes(), nil
}
