package mattermost_test

import (
	"fmt"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// A job waits with its offer prepared until another firm's job is approved, and is offered
// then; of one whose job before was closed the desk is asked. No firm reads of the other's.
func TestStoryFollow(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	bolt := s.addBolt(t)
	first, ahead, card := s.accepted(t, "Dry the wall")
	second := s.newIssue(t, "Paint the wall")
	desk := s.deskCard(t, second)
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task draft %d bolt by 3h due in 2 days price 90 EUR", second), "Only you see this", "90.00 EUR")

	follow := fmt.Sprintf("follow %d after %d", second, first)
	s.refused(t, "an operator", s.Olivia, s.Operations.Id,
		forbidden{fmt.Sprintf("follow %d after %d", second, second), "cannot wait for itself"},
		forbidden{fmt.Sprintf("follow %d after %d", first, second), "A firm has this job already"},
		forbidden{fmt.Sprintf("follow %d after 99", second), "no such job"}, forbidden{fmt.Sprintf("follow %d now", second), "waits for no other"})
	s.refused(t, "a firm's person", s.Cora, s.firm.Id, forbidden{follow, "Only"})
	s.asks(t, s.Olivia, s.Operations, "/task "+follow, fmt.Sprintf("waits for #%d", first), "it is offered to Bolt Services, York as prepared")
	s.waitForCard(t, s.Otto, desk, fmt.Sprintf("Waits for #%d; then it is offered to Bolt Services, York", first))
	s.waitForCard(t, s.Otto, ahead, fmt.Sprintf("Then: #%d", second))

	// The form of a new job takes the one before it as well.
	form := s.Olivia.Command(t, s.Operations.Id, "/task new").Dialog(t)
	if got := form.TrySubmit(t, harness.Values{"title": "Hang the picture", "contractor": "Bolt", "after": "999"}).Complaint(); !harness.Contains(got, "after", "no such job") {
		t.Errorf("after a job that is not there: %q", got)
	}
	form.Submit(t, harness.Values{"title": "Hang the picture", "contractor": "Bolt", "after": fmt.Sprintf("#%d", second)})
	third := second + 1
	last := s.Olivia.WaitForPost(t, s.Operations.Id, "the third card", s.cardSaying(third, "Hang the picture"))
	s.waitForCard(t, s.Otto, last, fmt.Sprintf("Waits for #%d; then it is offered to Bolt Services, York", second))
	s.asks(t, s.Olivia, s.Operations, "/task list later", "Paint the wall", "Hang the picture")

	// Handed in is not done yet; approved is.
	s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": "Dry."})
	s.waitForStatus(t, first, "waiting_approval")
	if got := s.status(t, second); got != "unsent" {
		t.Errorf("before the approval the second is %s", got)
	}
	neverRead(t, s.Sam, "Paint", "Hang")
	s.waitForButtons(t, s.Otto, ahead, "Approve")
	s.Otto.Click(t, ahead, "Approve")
	offer := s.offered(t, s.Sam, bolt, second)
	s.waitForCard(t, s.Sam, offer, "Paint the wall", "90.00 EUR")
	if !s.Sam.Mentioned(t, offer) {
		t.Error("the offer of a job that waited notified nobody")
	}
	s.waitForReply(t, s.Olivia, desk, fmt.Sprintf("#%d is done: this job is offered to Bolt Services, York now", first))
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task history %d", second), fmt.Sprintf("lets it wait for #%d", first), fmt.Sprintf("let it go on after #%d", first))

	// Reopened, nothing is taken back.
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task reopen %d", first), "open again")
	s.waitForReply(t, s.Olivia, desk, "no longer waits for it and stays as it is")
	if got := s.status(t, second); got != "assigned" {
		t.Errorf("the second is %s", got)
	}

	// Closed without being done: the desk is asked, and says yes once.
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task close %d", second))
	s.waitForCard(t, s.Olivia, last, "which was closed without being done")
	asked := s.Otto.WaitForPost(t, s.Operations.Id, "the question", s.replyWith(last, "shall it go on anyway"))
	if got := s.status(t, third); got != "unsent" {
		t.Errorf("before the answer the third is %s", got)
	}
	s.Otto.Click(t, asked, "Go on anyway").Told(t, "is offered to Bolt Services, York")
	s.offered(t, s.Sam, bolt, third)
	forPeople(t, "go on twice", s.Olivia.Click(t, asked, "Go on anyway").ToldPrivately(t, "waits for no other"))

	neverRead(t, s.Cora, "Paint", "Hang the", "Bolt", "90.00")
	neverRead(t, s.Sam, "Dry the wall", "Acme", fmt.Sprintf("#%d", first))
}
