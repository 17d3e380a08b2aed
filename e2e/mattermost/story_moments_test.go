package mattermost_test

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// lives sets the zone and the language in which somebody has Mattermost.
func lives(t *testing.T, u *harness.User, zone, locale string) {
	t.Helper()
	_, _, err := u.Client.PatchUser(t.Context(), u.ID, &model.UserPatch{
		Locale:   &locale,
		Timezone: model.StringMap{"useAutomaticTimezone": "false", "manualTimezone": zone, "automaticTimezone": ""},
	})
	if err != nil {
		t.Fatalf("set the zone of %s: %v", u.Name, err)
	}
}

// One moment, said to two operators and in a firm's channel as each of them says it.
func TestStoryMoments(t *testing.T) {
	t.Parallel()
	desk := env.Open(t, harness.SQLite)
	lives(t, desk.Olivia, "America/New_York", "en")
	lives(t, desk.Otto, "Europe/Vienna", "de")
	s := furnish(t, desk)
	s.Olivia.Command(t, s.Operations.Id, "/task contractor hours acme").Dialog(t).Submit(t, harness.Values{"Time zone": "Asia/Tokyo"})

	n := s.newIssue(t, "Boiler down at 4 Elm St")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task assign %d acme by 2099-12-24 12:00", n))
	for u, want := range map[*harness.User]string{s.Olivia: "24 Dec 2099 12:00 EST", s.Otto: "24. Dez. 2099, 18:00 MEZ"} {
		if text := u.Ask(t, s.Operations.Id, fmt.Sprintf("/task show %d", n)); !harness.Contains(text, want) {
			t.Errorf("%s does not read %q in\n%s", u.Name, want, text)
		}
	}
	s.Cora.WaitForPost(t, s.firm.Id, "the firm's card in the firm's zone", func(p *model.Post) bool {
		return s.isCard(p, n) && harness.Contains(harness.Show(p), "25 Dec 2099 02:00 JST")
	})
}
