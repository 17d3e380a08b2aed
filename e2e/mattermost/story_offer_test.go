package mattermost_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// Chapter three: a job is reported, in a form or in one line.
func TestStoryNew(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)

	form := s.Olivia.Command(t, s.Operations.Id, "/task new").Dialog(t)
	if res := form.TrySubmit(t, harness.Values{"title": " "}); res.Complaint() == "" {
		t.Error("a form without a title was accepted")
	}
	form.Submit(t, harness.Values{"title": "Lift stuck at 9 Oak Rd", "description": "Two people inside.\nCall first.", "customer": "Mr Hill", "external_ref": "CRM-9"})
	card := s.deskCard(t, 1)
	s.waitForCard(t, s.Olivia, card, "Lift stuck at 9 Oak Rd", "Two people inside.", "Mr Hill", "CRM-9", "Reported")

	if n := s.newIssue(t, "Boiler down at 4 Elm St"); n != 2 {
		t.Errorf("the second job is #%d", n)
	}
	s.waitForCard(t, s.Otto, s.deskCard(t, 2), "#2", "Boiler down at 4 Elm St")
	issues, err := s.API.Issues(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(issues) != 2 {
		t.Errorf("there are %d jobs, not 2: %+v", len(issues), issues)
	}
}

// What people type can neither notify anybody nor become markup.
func TestStoryHostileText(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	title := "Leak @all @here @" + s.Otto.Username + " <!channel> [x](javascript:alert(1))"
	n := s.newIssue(t, title)
	card := s.deskCard(t, n)
	if s.Otto.Mentioned(t, card) {
		t.Errorf("a title notified somebody:\n%s", harness.Show(card))
	}
	offered := s.offer(t, n)
	s.Cora.Click(t, offered, "Accept")
	s.waitForStatus(t, n, "accepted")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task comment %d see @%s and @channel", n, s.Carl.Username))
	reply := s.Carl.WaitForPost(t, s.firm.Id, "the comment", s.replyWith(offered, "see"))
	if s.Carl.Mentioned(t, reply) {
		t.Errorf("a comment notified somebody:\n%s", harness.Show(reply))
	}
}

// Chapters four and five: the job is offered, accepted and moved on.
func TestStoryAccept(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	desk := s.deskCard(t, n)

	card := s.offer(t, n)
	if shown := harness.Show(card); !harness.Contains(shown, "Boiler down at 4 Elm St") {
		t.Errorf("the firm's card says:\n%s", shown)
	}
	s.waitForButtons(t, s.Cora, card, "Accept", "Decline", "Suggest other terms")
	if !s.Carl.Mentioned(t, card) {
		t.Error("an offer notified nobody")
	}
	s.waitForStatus(t, n, "assigned")
	s.waitForCard(t, s.Olivia, desk, "Acme Heating", "Assigned")

	s.Cora.Click(t, card, "Accept")
	s.waitForStatus(t, n, "accepted")
	s.waitForButtons(t, s.Carl, card, "Start", "Complete", "Hand over")
	s.waitForNoButtons(t, s.Carl, card, "Accept", "Decline", "Suggest other terms")
	s.waitForCard(t, s.Olivia, desk, "Accepted", s.Cora.Name)
	issue, err := s.API.Issue(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(issue.Assignments[0].InCharge); !harness.Contains(got, s.Cora.Name) {
		t.Errorf("in charge is %s", got)
	}

	s.Cora.Click(t, card, "Start")
	s.waitForStatus(t, n, "in_progress")
	s.waitForCard(t, s.Olivia, desk, "In progress")

	form := s.Cora.Click(t, card, "Hand over").Dialog(t)
	form.Submit(t, harness.Values{"person": s.Carl.Name})
	s.waitForCard(t, s.Cora, card, s.Carl.Name)
	s.waitForCard(t, s.Olivia, desk, s.Carl.Name)
}

// Chapter five, the other way: a firm declines and says why.
func TestStoryDecline(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n := s.newIssue(t, "Gutter torn off at 12 Ash Ln")
	desk, card := s.deskCard(t, n), s.offer(t, n)

	form := s.Cora.Click(t, card, "Decline").Dialog(t)
	if got := s.status(t, n); got != "assigned" {
		t.Errorf("opening the form made it %s", got)
	}
	form.Submit(t, harness.Values{"add": "All vans are in York until Friday."})
	s.waitForStatus(t, n, "declined")
	s.waitForNoButtons(t, s.Cora, card, "Accept", "Decline", "Suggest other terms")
	s.waitForCard(t, s.Olivia, desk, "Declined", "All vans are in York")
	issue, err := s.API.Issue(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if issue.Assignments[0].DeclinedReason == "" {
		t.Error("the reason was not kept")
	}
	if issue.LiesWith != "operator" {
		t.Errorf("a declined job lies with %s", issue.LiesWith)
	}
	// Another try with the same firm is a new offer.
	again := s.offer(t, n)
	if again.Id == card.Id {
		t.Log("the new offer is shown on the old card")
	}
	s.waitForStatus(t, n, "assigned")
}

// An offer that nobody has answered can be taken back.
func TestStoryCancel(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n := s.newIssue(t, "Fence down")
	card := s.offer(t, n)
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task cancel %d", n))
	s.waitForStatus(t, n, "canceled")
	s.waitForNoButtons(t, s.Cora, card, "Accept", "Decline", "Suggest other terms")
}

func long(word string, times int) string { return strings.Repeat(word, times) }
