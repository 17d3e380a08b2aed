package mattermost_test

import (
	"fmt"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// A firm at work asks in a dialog for more than was agreed; the desk refuses it with a
// reason, and approves the next, which raises the price. The work goes on both times.
func TestStoryRequest(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n, desk, card := s.accepted(t, "Boiler down at 4 Elm St")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task amend %d price 250 EUR", n))
	s.waitForButtons(t, s.Cora, card, "Accept")
	s.Cora.Click(t, card, "Accept")
	s.waitForStatus(t, n, "accepted")
	s.waitForCard(t, s.Cora, card, "Accepted. Press", "250.00 EUR")

	form := s.Cora.Choose(t, card, menu, "Ask for an approval…").Dialog(t)
	if got := form.TrySubmit(t, harness.Values{"what": "Another pump", "extra cost": "80"}).Complaint(); !harness.Contains(got, "currency") {
		t.Errorf("an amount without its currency: %q", got)
	}
	form.Submit(t, harness.Values{"what": "A second boiler", "extra cost": "2000 EUR"})
	s.waitForCard(t, s.Olivia, desk, "Waiting for the desk", "A second boiler", "2000.00 EUR more")
	s.waitForReply(t, s.Olivia, desk, "asks for an approval")
	s.waitForCard(t, s.Cora, card, "Waiting for the desk")
	s.liesWith(t, n, "operator")
	s.waitForButtons(t, s.Olivia, desk, "Approve", "Refuse")
	s.Olivia.Click(t, desk, "Refuse").Dialog(t).Submit(t, harness.Values{"why": "One has to do."})
	s.waitForReply(t, s.Cora, card, "One has to do.")
	s.waitForCard(t, s.Cora, card, "Not approved", "One has to do.", "250.00 EUR")
	s.waitForNoButtons(t, s.Olivia, desk, "Refuse")
	s.liesWith(t, n, "contractor")

	s.Cora.Choose(t, card, menu, "Ask for an approval…").Dialog(t).Submit(t, harness.Values{"what": "Another pump", "extra cost": "80 EUR", "needed by": "3h"})
	s.waitForButtons(t, s.Olivia, desk, "Approve", "Refuse")
	s.Olivia.Click(t, desk, "Approve")
	s.waitForReply(t, s.Cora, card, "approved what you asked for")
	s.waitForCard(t, s.Cora, card, "Approved", "330.00 EUR")
	if got := s.status(t, n); got != "accepted" {
		t.Errorf("the work is %s", got)
	}
}
