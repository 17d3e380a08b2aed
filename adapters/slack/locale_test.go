package slack

import (
	"testing"

	"github.com/slack-go/slack"
)

// TestPersonLocale reads the language and the time zone of a profile.
func TestPersonLocale(t *testing.T) {
	t.Parallel()
	var a Adapter
	if p := a.person(&slack.User{ID: "U0ANNA001", Locale: "de-DE", TZ: "Europe/Berlin"}); p.Locale != "de-DE" || p.Zone != "Europe/Berlin" {
		t.Errorf("the profile is %+v", p)
	}
	if p := a.person(&slack.User{ID: "U0ANNA001"}); p.Locale != "" {
		t.Errorf("a profile without a locale has %q", p.Locale)
	}
}
