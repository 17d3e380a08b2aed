package main

import (
	"encoding/json"
	"slices"
	"testing"

	"taskbridge/adapters/slack"
	"taskbridge/manifests"
)

// TestTheManifestAsksForWhatTheAdapterNeeds: else doctor would complain about an
// app made exactly as we said.
func TestTheManifestAsksForWhatTheAdapterNeeds(t *testing.T) {
	t.Parallel()
	text, err := manifests.Slack("https://desk.example.org", false)
	if err != nil {
		t.Fatal(err)
	}
	var app struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `json:"oauth_config"`
	}
	if err := json.Unmarshal(text, &app); err != nil {
		t.Fatal(err)
	}
	for _, scope := range slack.RequiredScopes() {
		if !slices.Contains(app.OAuth.Scopes.Bot, scope) {
			t.Errorf("the manifest lacks the scope %s", scope)
		}
	}
}
