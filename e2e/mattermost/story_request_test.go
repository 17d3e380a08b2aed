package mattermost_test

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

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

// What the sum would come to counts: above the desk's limit a manager decides, and a
// colleague of who asked may withdraw it until then. Work is handed in only after an answer.
func TestStoryRequestAboveLimit(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	managers := s.addManagers(t)
	s.Admin.Command(t, s.Operations.Id, "/task settings money").Dialog(t).Submit(t, harness.Values{"limit": "300 EUR"})
	n := s.newIssue(t, "Roof leaks at 4 Elm St")
	desk := s.deskCard(t, n)
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task assign %d acme price 250 EUR", n), "is offered to")
	card := s.offered(t, s.Cora, s.firm, n)
	s.Cora.Click(t, card, "Accept")
	s.waitForButtons(t, s.Cora, card, "Complete")
	ask := func(what, amount string) {
		t.Helper()
		s.Cora.Choose(t, card, menu, "Ask for an approval…").Dialog(t).Submit(t, harness.Values{"what": what, "extra cost": amount})
		s.waitForCard(t, s.Cora, card, "Waiting for the desk", what)
		s.waitForButtons(t, s.Olivia, desk, "Approve", "Refuse")
	}
	ask("Ten tiles more", "50.01 EUR")
	before := s.facts(t)
	s.waitForNoButtons(t, s.Cora, card, "Complete")
	forPeople(t, "approve above the limit", s.Olivia.Click(t, desk, "Approve").ToldPrivately(t, "300.01 EUR is above the desk's limit of 300.00 EUR", "Ask"))
	s.unchanged(t, "what was refused", before)
	s.refused(t, "a firm's person", s.Carl, s.firm.Id,
		forbidden{fmt.Sprintf("approve %d", n), "Only"}, forbidden{fmt.Sprintf("refuse %d No.", n), "Only"})
	s.refused(t, "a manager", s.Sam, managers.Id, forbidden{fmt.Sprintf("refuse %d", n), "Usage: /task refuse N REASON"})
	s.asks(t, s.Sam, managers, fmt.Sprintf("/task show %d", n), "Ten tiles more", "50.01 EUR")
	s.asks(t, s.Sam, managers, fmt.Sprintf("/task approve %d", n), "is approved")
	s.waitForReply(t, s.Cora, card, "approved what you asked for: Ten tiles more")
	s.waitForCard(t, s.Carl, card, "Accepted. Press", "300.01 EUR")
	s.waitForCard(t, s.Otto, desk, "300.01 EUR")

	ask("A new gutter", "2000 EUR")
	s.Carl.Choose(t, card, menu, "Withdraw the request").Told(t, "is withdrawn")
	s.waitForReply(t, s.Otto, desk, "withdrew the request")
	s.waitForNoButtons(t, s.Olivia, desk, "Approve", "Refuse")
	s.refused(t, "an operator too late", s.Olivia, s.Operations.Id,
		forbidden{fmt.Sprintf("refuse %d Too dear.", n), "nothing to answer"})
	s.waitForCard(t, s.Cora, card, "300.01 EUR")
	neverRead(t, s.Cora, "the desk's limit", "300.00 EUR", "2300.")
}

// A template says which answers need an approval. Such a job is offered to nobody before a
// manager has approved it, and one that is refused is closed: whoever made it reads why.
func TestStoryHeld(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	managers := s.addManagers(t)
	form := s.Olivia.Command(t, s.Operations.Id, "/task template new").Dialog(t)
	v := harness.Values{"name": "Boiler", "title": "Boiler at {place}", "description": "Gas: {gas}, estimate: {estimate}", "approval if": "rooms > 3"}
	if got := form.TrySubmit(t, v).Complaint(); !harness.Contains(got, "approval", "in braces") {
		t.Errorf("a rule about nothing: %q", got)
	}
	v["approval if"] = "gas = yes; estimate > 500 EUR"
	form.Submit(t, v)
	create := func(n int, place string, v harness.Values, parts ...string) (desk *model.Post) {
		t.Helper()
		made := s.Olivia.Command(t, s.Operations.Id, "/task new boiler: "+place)
		made.Dialog(t).Submit(t, v)
		made.Told(t, append(parts, fmt.Sprintf("#%d", n))...)
		return s.Olivia.WaitForPost(t, s.Operations.Id, "the desk's card", s.cardSaying(n, place))
	}
	create(1, "1 Elm St", harness.Values{"gas": "no", "estimate": "500 EUR", "contractor": "Acme"}, "is offered to")
	s.offered(t, s.Cora, s.firm, 1)

	const n = 2
	desk := create(n, "2 Oak Rd", harness.Values{"gas": "Yes", "estimate": "900 EUR", "contractor": "Acme"}, "needs an approval before it is offered", "is prepared until then")
	s.waitForCard(t, s.Otto, desk, "needs an approval before it is offered (gas: Yes; estimate: 900 EUR)")
	s.waitForButtons(t, s.Otto, desk, "Approve", "Refuse")
	s.Sam.WaitForPost(t, managers.Id, "word of it", func(p *model.Post) bool {
		return p.UserId == s.BotID && harness.Contains(harness.Show(p), "2 Oak Rd", "needs an approval before it is offered", fmt.Sprintf("/task approve %d", n))
	})
	s.refused(t, "an operator", s.Olivia, s.Operations.Id, forbidden{fmt.Sprintf("assign %d acme", n), "needs an approval before it is offered"})
	before := s.facts(t)
	forPeople(t, "an operator approves", s.Otto.Click(t, desk, "Approve").Ephemeral(t))
	s.unchanged(t, "an operator's approval", before)
	neverRead(t, s.Cora, "2 Oak Rd")
	s.asks(t, s.Sam, managers, fmt.Sprintf("/task approve %d", n), "It can be offered now")
	s.waitForReply(t, s.Otto, desk, "approved this job")
	s.waitForButtons(t, s.Otto, desk, "Send offer", "Discard draft")
	s.Otto.Click(t, desk, "Send offer").Told(t, "is offered to Acme Heating, Leeds")
	card := s.offered(t, s.Cora, s.firm, n)
	s.waitForCard(t, s.Cora, card, "Boiler at 2 Oak Rd")

	const m = 3
	desk = create(m, "3 Ash Ln", harness.Values{"gas": "yes", "estimate": "10 EUR"}, "needs an approval before it is offered")
	s.asks(t, s.Sam, managers, fmt.Sprintf("/task refuse %d Wait for May.", m), "is closed")
	why := s.Olivia.WaitForPost(t, s.Operations.Id, "why it is closed", s.replyWith(desk, "Wait for May."))
	if !s.Olivia.Mentioned(t, why) || s.Otto.Mentioned(t, why) {
		t.Errorf("the wrong people are notified of %q", harness.Show(why))
	}
	s.waitForCard(t, s.Otto, desk, "Closed")
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task reopen %d", m), "is open again")
	s.refused(t, "who takes it up again", s.Olivia, s.Operations.Id, forbidden{fmt.Sprintf("assign %d acme", m), "needs an approval before it is offered"})
	neverRead(t, s.Cora, "approv", "3 Ash Ln", s.Sam.Username)
}
