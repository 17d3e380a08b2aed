package mattermost_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// The desk enters what it has checked and asks for it on a job: no way leads to a firm that
// lacks it. Work goes on when the certificate is gone. Firms read of their own job alone.
func TestStoryCertificates(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	bolt := s.addBolt(t)
	day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }

	// By the button under the list, which Olivia alone has, and by typing.
	list := s.Olivia.Command(t, s.Operations.Id, "/task contractor certificate acme").Whisper(t, "None has been entered yet")
	entered := s.Olivia.Press(t, list, "Enter a certificate")
	form := entered.Dialog(t)
	if got := form.TrySubmit(t, harness.Values{"name": "Gas safety", "until": day(-3)}).Complaint(); !harness.Contains(got, "until", "has passed") {
		t.Errorf("a certificate of the past: %q", got)
	}
	form.Submit(t, harness.Values{"name": "Gas safety", "until": day(60), "reference": "GS-4411"})
	entered.Told(t, "Acme Heating, Leeds has the certificate", "Gas safety")
	s.asks(t, s.Olivia, s.Operations, "/task contractor certificate acme add F-gas", "F-gas", "with no end date")
	s.asks(t, s.Otto, s.Operations, "/task contractor certificate acme", "Gas safety", "checked by "+s.Olivia.Name, "GS-4411", "F-gas")
	s.refused(t, "an operator", s.Olivia, s.Operations.Id,
		forbidden{"contractor certificate acme add Heights until last year", "I do not understand the time"}, forbidden{"contractor certificate acme remove Heights", "has no certificate"})
	s.refused(t, "a firm's person", s.Cora, s.firm.Id,
		forbidden{"contractor certificate acme", "Only"}, forbidden{"contractor certificate acme add Heights", "Only"})

	// What the job needs decides who can have it.
	n, desk := s.needing(t, "Boiler down at 4 Elm St", "Gas safety")
	s.refused(t, "an operator who offers it", s.Olivia, s.Operations.Id,
		forbidden{fmt.Sprintf("assign %d bolt", n), "Bolt Services, York cannot get this job"},
		forbidden{fmt.Sprintf("assign %d acme, bolt", n), "Bolt Services, York cannot get this job"})
	offer := s.Otto.Click(t, desk, "Offer to a firm").Dialog(t)
	if got := offer.TrySubmit(t, harness.Values{"contractor": "Bolt"}).Complaint(); !harness.Contains(got, "Bolt Services, York cannot get this job") {
		t.Errorf("the form offers it to a firm that lacks the certificate: %q", got)
	}
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task assign %d acme then bolt", n), "is offered to", "Bolt Services, York is passed over unless")
	card := s.offered(t, s.Cora, s.firm, n)
	s.waitForCard(t, s.Cora, card, "Needs certificates: Gas safety")
	s.Cora.Click(t, card, "Decline").Dialog(t).Submit(t, harness.Values{"add": "No van."})
	s.waitForCard(t, s.Otto, desk, "Acme Heating, Leeds declined. Offer it elsewhere")
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task history %d", n), "Bolt Services, York was passed over because it lacks the certificate Gas safety")

	// Who has it takes the next one, and finishes it without.
	n, desk = s.needing(t, "Boiler cold at 9 Oak Rd", "gas safety, F-gas")
	card = s.offer(t, n)
	s.Cora.Click(t, card, "Accept").Told(t, "You are in charge")
	s.waitForStatus(t, n, "accepted")
	s.asks(t, s.Olivia, s.Operations, "/task contractor certificate acme remove gas safety", "Work that it has accepted goes on")
	s.waitForButtons(t, s.Cora, card, "Start")
	s.Cora.Click(t, card, "Start")
	s.waitForCard(t, s.Otto, desk, "In progress")
	n, desk = s.needing(t, "Boiler loud at 12 Ash Ln", "Gas safety")
	s.refused(t, "an operator once it is gone", s.Olivia, s.Operations.Id, forbidden{fmt.Sprintf("assign %d acme", n), "Acme Heating, Leeds cannot get this job"})
	s.asks(t, s.Olivia, s.Operations, "/task contractor certificate bolt add Gas safety until "+day(90), "Bolt Services, York has the certificate")
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task assign %d bolt", n), "is offered to")
	s.waitForCard(t, s.Sam, s.offered(t, s.Sam, bolt, n), "Needs certificates: Gas safety")
	s.waitForCard(t, s.Otto, desk, "Bolt Services")

	neverRead(t, s.Cora, "GS-4411", "Bolt", "12 Ash Ln", "checked by")
	neverRead(t, s.Sam, "GS-4411", "F-gas", "4 Elm St", "9 Oak Rd", "Acme")
}

// needing is a job that needs certificates, and the desk's card of it.
func (s *scene) needing(t *testing.T, title, certificates string) (int, *model.Post) {
	t.Helper()
	n := s.newIssue(t, title)
	desk := s.deskCard(t, n)
	s.Olivia.Command(t, s.Operations.Id, fmt.Sprintf("/task require %d", n)).Dialog(t).Submit(t, harness.Values{"certificates": certificates})
	s.waitForCard(t, s.Olivia, desk, "Needs certificates: "+certificates)
	return n, desk
}

// The desk names who of a firm answers its offers: others read privately who does, in
// whatever way they try, and do everything else. When the one who was named leaves the
// channel, the desk is told and everybody answers again.
func TestStoryAnswers(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	s.refused(t, "an operator", s.Olivia, s.Operations.Id,
		forbidden{"contractor answers acme nobody", "contractor show"}, forbidden{"contractor answers acme " + s.Otto.Username, "contractor show"})
	s.refused(t, "a firm's person", s.Carl, s.firm.Id, forbidden{"contractor answers acme " + s.Cora.Username, "Only"})
	s.asks(t, s.Olivia, s.Operations, "/task contractor answers acme @"+s.Carl.Username, "are answered by", s.Carl.Username)
	s.asks(t, s.Otto, s.Operations, "/task contractor show acme", "Answer offers:", s.Carl.Username)

	first, second := s.newIssue(t, "Boiler down at 4 Elm St"), s.newIssue(t, "Lock stuck at 9 Oak Rd")
	card := s.offer(t, first)
	s.offer(t, second)
	board := s.firmsBoard(t, "To accept or decline (2)")
	before := s.facts(t)
	for _, button := range []string{"Accept", "Decline", "Suggest other terms"} {
		forPeople(t, "who is not named presses "+button, s.Cora.Click(t, card, button).ToldPrivately(t, "answered by "+s.Carl.Username, "Nothing was changed"))
	}
	forPeople(t, "who is not named presses Accept several", s.Cora.Click(t, board, "Accept several").ToldPrivately(t, "answered by "+s.Carl.Username))
	s.unchanged(t, "who is not named", before)
	s.Cora.Reply(t, card, "Carl, this one is ours.")
	s.waitForLedger(t, first, "shared Carl, this one is ours.")

	s.Carl.Click(t, card, "Accept").Told(t, "You are in charge")
	s.waitForButtons(t, s.Cora, card, "Complete")
	s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": "New pump fitted."})
	s.waitForStatus(t, first, "waiting_approval")

	if _, err := s.Admin.Client.RemoveUserFromChannel(t.Context(), s.firm.Id, s.Carl.ID); err != nil {
		t.Fatal(err)
	}
	s.Otto.WaitForPost(t, s.Operations.Id, "word that nobody answers", func(p *model.Post) bool {
		return p.UserId == s.BotID && harness.Contains(harness.Show(p), "were answered by "+s.Carl.Username, "none of them is in its channel any more", "/task contractor answers")
	})
	s.Cora.Click(t, s.offered(t, s.Cora, s.firm, second), "Accept").Told(t, "You are in charge")
	s.waitForStatus(t, second, "accepted")
	neverRead(t, s.Cora, "none of them is in its channel")
}
