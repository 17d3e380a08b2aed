package manifests_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"taskbridge/manifests"
)

type app struct {
	Display struct {
		Name, Description string
		Colour            string `json:"background_color"`
	} `json:"display_information"`
	Features struct {
		BotUser struct {
			Name string `json:"display_name"`
		} `json:"bot_user"`
		Commands []struct {
			Command, URL, Description string
			UsageHint                 string `json:"usage_hint"`
			ShouldEscape              *bool  `json:"should_escape"`
		} `json:"slash_commands"`
	}
	OAuth struct {
		Scopes struct{ Bot []string }
	} `json:"oauth_config"`
	Settings struct {
		Events struct {
			URL    string   `json:"request_url"`
			Events []string `json:"bot_events"`
		} `json:"event_subscriptions"`
		Interactivity struct {
			Enabled bool   `json:"is_enabled"`
			URL     string `json:"request_url"`
		}
		SocketMode bool `json:"socket_mode_enabled"`
	}
}

func slack(t *testing.T, socketMode bool) (app, []byte) {
	t.Helper()
	text, err := manifests.Slack("https://desk.example.org/base/", socketMode)
	if err != nil {
		t.Fatal(err)
	}
	var a app
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a, text
}

func TestSlackAddresses(t *testing.T) {
	t.Parallel()
	a, text := slack(t, false)
	for name, got := range map[string]string{
		"/slack/commands":     a.Features.Commands[0].URL,
		"/slack/events":       a.Settings.Events.URL,
		"/slack/interactions": a.Settings.Interactivity.URL,
	} {
		if want := "https://desk.example.org/base" + name; got != want {
			t.Errorf("address %q, want %q", got, want)
		}
	}
	if a.Settings.SocketMode || !a.Settings.Interactivity.Enabled {
		t.Errorf("settings %+v", a.Settings)
	}
	if bytes.Contains(text, []byte("example.com")) {
		t.Error("a placeholder is left")
	}
}

func TestSlackSocketModeHasNoAddresses(t *testing.T) {
	t.Parallel()
	a, text := slack(t, true)
	if !a.Settings.SocketMode || bytes.Contains(text, []byte("request_url")) || a.Features.Commands[0].URL != "" {
		t.Errorf("manifest: %s", text)
	}
}

// TestSlackLimits holds the manifest within Slack's schema 2.0.0
// (github.com/slackapi/manifest-schema).
func TestSlackLimits(t *testing.T) {
	t.Parallel()
	a, _ := slack(t, false)
	for name, tc := range map[string]struct {
		value string
		max   int
	}{
		"name":        {a.Display.Name, 35},
		"description": {a.Display.Description, 140},
		"colour":      {a.Display.Colour, 7},
		"bot's name":  {a.Features.BotUser.Name, 80},
		"command":     {a.Features.Commands[0].Command, 32},
		"usage hint":  {a.Features.Commands[0].UsageHint, 1000},
	} {
		if n := utf8.RuneCountInString(tc.value); n == 0 || n > tc.max {
			t.Errorf("%s has %d characters, at most %d are allowed", name, n, tc.max)
		}
	}
	if a.Features.Commands[0].ShouldEscape == nil || *a.Features.Commands[0].ShouldEscape {
		t.Error("should_escape must be there and false")
	}
	if n := len(a.Settings.Events.Events); n == 0 || n > 100 {
		t.Errorf("%d events", n)
	}
	for _, list := range [][]string{a.OAuth.Scopes.Bot, a.Settings.Events.Events} {
		if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Errorf("not sorted, or with a repeat: %v", list)
		}
	}
}

// TestSlackEventsHaveTheirScopes: an event is delivered only when its scope was
// granted (docs.slack.dev/reference/events).
func TestSlackEventsHaveTheirScopes(t *testing.T) {
	t.Parallel()
	a, _ := slack(t, false)
	needs := func(event string) []string {
		switch {
		case event == "app_mention":
			return []string{"app_mentions:read"}
		case event == "app_uninstalled" || event == "tokens_revoked" || event == "app_home_opened":
			return nil
		case event == "file_deleted":
			return []string{"files:read"}
		case event == "user_change":
			return []string{"users:read"}
		case event == "message.channels":
			return []string{"channels:history"}
		case event == "message.groups":
			return []string{"groups:history"}
		case event == "message.im":
			return []string{"im:history"}
		case event == "pin_removed":
			return []string{"pins:read"}
		case event == "shared_channel_invite_requested":
			return []string{"conversations.connect:manage"}
		case strings.HasPrefix(event, "shared_channel_invite_"):
			return []string{"conversations.connect:read"}
		case strings.HasPrefix(event, "group_"):
			return []string{"groups:read"}
		case strings.HasPrefix(event, "channel_"), strings.HasPrefix(event, "member_"):
			return []string{"channels:read", "groups:read"}
		default:
			t.Errorf("no scope is known for the event %s", event)
			return nil
		}
	}
	for _, event := range a.Settings.Events.Events {
		for _, scope := range needs(event) {
			if !slices.Contains(a.OAuth.Scopes.Bot, scope) {
				t.Errorf("%s needs the scope %s", event, scope)
			}
		}
	}
}

func TestMattermostIsFilledIn(t *testing.T) {
	t.Parallel()
	text := manifests.Mattermost("http://10.0.0.5:8080/")
	if regexp.MustCompile(`[{}]`).MatchString(text) {
		t.Error("a placeholder is left")
	}
	for _, want := range []string{
		"http://10.0.0.5:8080/mattermost/commands", "must name 10.0.0.5 if",
		"AllowedUntrustedInternalConnections", "TASKBRIDGE_MATTERMOST_COMMAND_TOKEN",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}
