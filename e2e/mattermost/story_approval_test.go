package mattermost_test

import (
	"fmt"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// liveButtons are those that must be gone when a job is over.
var liveButtons = [...]string{"Accept", "Decline", "Start", "Complete", "Hand over", "Approve", "Send back"}

// Chapter seven: the firm hands its work in; the desk sends it back once and then
// approves it.
func TestStoryApproval(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n, desk, card := s.accepted(t, "Boiler down at 4 Elm St")
	s.Cora.Click(t, card, "Start")
	s.waitForStatus(t, n, "in_progress")

	form := s.Cora.Click(t, card, "Complete").Dialog(t)
	if res := form.TrySubmit(t, harness.Values{"done": " "}); res.Complaint() == "" {
		t.Error("a completion without a word was accepted")
	}
	form.Submit(t, harness.Values{"done": "New pump fitted.", "effort": "1h30m"})
	s.waitForStatus(t, n, "waiting_approval")
	s.waitForCard(t, s.Cora, card, "Waiting approval")
	s.waitForNoButtons(t, s.Cora, card, "Complete", "Start")
	s.waitForCard(t, s.Olivia, desk, "Waiting approval", "New pump fitted.")
	s.waitForButtons(t, s.Olivia, desk, "Approve", "Send back")

	// What is said meanwhile waits and is not lost.
	s.Cora.Reply(t, card, "The old pump is in the van.")

	back := s.Olivia.Click(t, desk, "Send back").Dialog(t)
	if res := back.TrySubmit(t, harness.Values{"missing": " "}); res.Complaint() == "" {
		t.Error("work was sent back without a reason")
	}
	back.Submit(t, harness.Values{"missing": "The pressure was not noted."})
	s.waitForStatus(t, n, "in_progress")
	s.waitForCard(t, s.Cora, card, "The pressure was not noted.")
	s.waitForButtons(t, s.Cora, card, "Complete")
	s.waitForNoButtons(t, s.Olivia, desk, "Approve", "Send back")
	s.waitForLedger(t, n, "shared The old pump is in the van.")

	s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": "Pump fitted, 1.5 bar."})
	s.waitForStatus(t, n, "waiting_approval")
	s.waitForButtons(t, s.Otto, desk, "Approve")
	s.Otto.Click(t, desk, "Approve")
	s.waitForStatus(t, n, "complete")
	s.waitForCard(t, s.Cora, card, "Complete", "1.5 bar")
	s.waitForNoButtons(t, s.Cora, card, liveButtons[:]...)
	s.waitForNoButtons(t, s.Otto, desk, liveButtons[:]...)
	s.waitForCard(t, s.Otto, desk, "Resolved")
	if issue, err := s.API.Issue(t.Context(), n); err != nil || issue.Status != "resolved" {
		t.Errorf("the job is %+v, error %v", issue, err)
	}

	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task close %d", n))
	s.waitForCard(t, s.Olivia, desk, "Closed")
	s.waitForNoButtons(t, s.Olivia, desk, liveButtons[:]...)
}

// The same by typing.
func TestStoryApprovalByCommand(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n, _, card := s.accepted(t, "Lock stuck")
	submit := func(done string) {
		s.waitForButtons(t, s.Cora, card, "Complete")
		s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": done})
		s.waitForStatus(t, n, "waiting_approval")
	}
	submit("Oiled.")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task sendback %d It still sticks.", n))
	s.waitForStatus(t, n, "in_progress")
	s.waitForCard(t, s.Cora, card, "It still sticks.")
	submit("New lock.")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task approve %d", n))
	s.waitForStatus(t, n, "complete")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task reopen %d", n))
	s.waitForStatus(t, n, "in_progress")
	s.waitForButtons(t, s.Cora, card, "Complete")
}

// Closing a job closes both sides' cards.
func TestStoryClose(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n := s.newIssue(t, "Called off")
	desk, card := s.deskCard(t, n), s.offer(t, n)
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task close %d", n))
	s.waitForStatus(t, n, "canceled")
	s.waitForNoButtons(t, s.Cora, card, liveButtons[:]...)
	s.waitForNoButtons(t, s.Olivia, desk, liveButtons[:]...)
}
