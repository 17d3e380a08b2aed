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
	if text := harness.Show(s.Cora.Read(t, card.Id)); harness.Contains(text, "Quick and tidy") {
		t.Errorf("the firm reads what was not shared:\n%s", text)
	}
	s.Olivia.Click(t, desk, "Rate").Dialog(t).Submit(t, harness.Values{"stars": "5", "text": "Better than I thought", "share": "true"})
	s.waitForCard(t, s.Cora, card, "5 of 5", "Better than I thought")
	if text := s.Olivia.Ask(t, s.Operations.Id, "/task score acme"); !harness.Contains(text, "Rating: 5.0 of 5 from 1 rating") {
		t.Errorf("the score after a change of mind: %q", text)
	}
}

// A desk's own step is reported like any other; the customer sees its name when the desk
// wants that, and a standard step cannot be removed.
func TestStorySteps(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	form := s.Admin.Command(t, s.Operations.Id, "/task settings steps").Dialog(t)
	const standard = "Planned | calendar | planned\nTravel | car | travel\nWork | wrench | work"
	for text, says := range map[string]string{
		"Planned | calendar | planned\nWork | wrench | work": "cannot be removed", standard + "\nDrying | droplet | soon": "customers do not know",
	} {
		if got := form.TrySubmit(t, harness.Values{"steps": text}).Complaint(); !harness.Contains(got, says) {
			t.Errorf("the steps %q: %q, want %q", text, got, says)
		}
	}
	form.Submit(t, harness.Values{"steps": standard + "\nDrying | droplet | work | own name | own icon\nMeasuring | mag | work"})
	n, desk, card := s.accepted(t, "Water damage")
	link := s.customersLink(t, n)
	s.Cora.Choose(t, card, menu, "Step: Drying")
	s.waitForCard(t, s.Olivia, desk, "Step: Drying", "Customer sees: Drying")
	s.waitForCard(t, s.Cora, card, "Step: Drying")
	s.waitForCustomer(t, link, "Drying")
	s.Cora.Choose(t, card, menu, "Step: Measuring")
	s.waitForCard(t, s.Olivia, desk, "Step: Measuring", "Customer sees: Work")
	s.waitForCustomer(t, link, "Work")
}
