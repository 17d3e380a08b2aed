package main

import (
	"strings"
	"testing"

	"taskbridge/adapters/mattermost"
	"taskbridge/manifests"
)

// TestManifestHasTheHintThatDoctorWants keeps what is printed and what is checked the
// same.
func TestManifestHasTheHintThatDoctorWants(t *testing.T) {
	t.Parallel()
	text := manifests.Mattermost("https://tasks.example.com")
	for _, want := range []string{mattermost.CommandHint, mattermost.CommandDescription} {
		if !strings.Contains(text, want) {
			t.Errorf("the set-up lacks %q", want)
		}
	}
}
