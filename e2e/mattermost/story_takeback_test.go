package mattermost_test

import (
	"fmt"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// A firm that has a job reads what the desk changes about it, and nothing of the desk's own;
// the desk takes the job back with a reason that the firm reads, and another firm gets it,
// which reads nothing of that.
func TestStoryTakeBack(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	bolt := s.addBolt(t)
	n, desk, card := s.accepted(t, "The pump stands still")

	form := s.Olivia.Click(t, desk, "Edit details").Dialog(t)
	form.Submit(t, harness.Values{"title": "The pump leaks", "priority": "Urgent", "customer": "Mrs Patel\n0113 496 0123", "external_ref": "CRM-77"})
	s.waitForCard(t, s.Olivia, desk, "The pump leaks", "Mrs Patel 0113 496 0123", "CRM-77")
	s.waitForReply(t, s.Cora, card, "The desk changed the details")
	s.waitForReply(t, s.Cora, card, "Urgent")
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task history %d", n), "The pump stands still", "The pump leaks", "Mrs Patel")

	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task takeback %d", n), "Say why you take it back")
	s.waitForButtons(t, s.Olivia, desk, "Take back")
	s.Olivia.Click(t, desk, "Take back").Dialog(t).Submit(t, harness.Values{"why": "Another firm has the part."})
	s.waitForStatus(t, n, "canceled")
	s.waitForCard(t, s.Cora, card, "Canceled")
	s.waitForNoButtons(t, s.Cora, card, liveButtons[:]...)
	s.waitForReply(t, s.Cora, card, "The desk took this job back")
	s.waitForReply(t, s.Cora, card, "Another firm has the part.")
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task takeback %d again", n), "nothing to take back")

	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task assign %d bolt", n), "is offered to")
	theirs := s.offered(t, s.Sam, bolt, n)
	s.Sam.Click(t, theirs, "Accept")
	s.waitForStatus(t, n, "accepted")
	s.waitForCard(t, s.Olivia, desk, "Bolt Services", "Accepted")
	neverRead(t, s.Cora, "Patel", "CRM-77")
	neverRead(t, s.Sam, "Patel", "CRM-77", "has the part", "stands still")
}
