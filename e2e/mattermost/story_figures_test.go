package mattermost_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// The desk rates finished work and reads its figures.
func TestStoryFigures(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n, desk, card := s.accepted(t, "Boiler down at 4 Elm St")
	s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": "New pump fitted."})
	s.waitForStatus(t, n, "waiting_approval")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task approve %d", n))
	s.waitForCard(t, s.Olivia, desk, "Resolved")
	s.waitForButtons(t, s.Olivia, desk, "Close", "Reopen", "Rate")
	s.Olivia.Click(t, desk, "Rate").Dialog(t).Submit(t, harness.Values{"stars": "4", "text": "Quick and tidy"})
	s.waitForCard(t, s.Olivia, desk, "4 of 5", "Quick and tidy")
	for command, wants := range map[string][]string{
		"/task score acme":                {"Score: Acme", "Rating: 4.0 of 5", "Time to answer"},
		"/task summary week":              {"Summary: the last 7 days", "Offers:", "Rating: 4.0 of 5"},
		fmt.Sprintf("/task rate %d 6", n): {"from 1, the worst, to 5"},
	} {
		answer := s.Olivia.Ask(t, s.Operations.Id, command)
		for _, want := range wants {
			if !strings.Contains(answer, want) {
				t.Errorf("%s lacks %q: %s", command, want, answer)
			}
		}
	}
	s.waitForButtons(t, s.Cora, card, "Our score")
}
