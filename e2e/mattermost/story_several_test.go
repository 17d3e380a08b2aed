package mattermost_test

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// A firm ticks several of its offers in one dialog. What changed while it was open is not
// accepted, and the answer, which it alone reads, says of each what became of it.
func TestStorySeveral(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	bolt := s.addBolt(t)
	var n []int
	for _, title := range []string{"Gutter", "Lock", "Lamp", "Door"} {
		n = append(n, s.newIssue(t, title))
	}
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task assign %d acme, bolt by 2h", n[0]))
	gutter := s.offered(t, s.Sam, bolt, n[0])
	for _, number := range n[1:] {
		s.offer(t, number)
	}
	board := s.firmsBoard(t, "To accept or decline (4)")
	form := s.Cora.Click(t, board, "Accept several")
	dialog := form.Dialog(t)
	if got := dialog.TrySubmit(t, harness.Values{}).Complaint(); !harness.Contains(got, "Tick at least one") {
		t.Errorf("nothing ticked: %q", got)
	}

	// Meanwhile another firm takes one, and the desk changes another.
	s.Sam.Click(t, gutter, "Accept").Told(t, "You are in charge")
	s.waitForStatus(t, n[0], "accepted")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task cancel %d", n[1]))
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task assign %d acme by 3h price 10 EUR", n[1]), "is offered to")
	tick := harness.Values{}
	for _, number := range n[:3] {
		tick[fmt.Sprintf("offer_%d", number)] = "true"
	}
	dialog.Submit(t, tick)
	told := form.Told(t, "Accepted (1)", fmt.Sprintf("You are in charge of #%d Lamp", n[2]), "Not accepted (2)",
		fmt.Sprintf("#%d Gutter: Somebody else took this job", n[0]), fmt.Sprintf("#%d Lock: This was changed", n[1]))
	if harness.Contains(told, "Door") {
		t.Errorf("what was not ticked is spoken of: %q", told)
	}
	for k, want := range []string{"accepted", "assigned", "accepted", "assigned"} {
		if got := s.status(t, n[k]); got != want {
			t.Errorf("#%d is %s, want %s", n[k], got, want)
		}
	}
	s.waitForCard(t, s.Olivia, s.deskCard(t, n[2]), "Accepted", s.Cora.Name)
	if s.Carl.HasRead("Not accepted (2)") {
		t.Error("a colleague reads the answer")
	}

	// Nobody of the desk answers for the firm; a colleague answers the rest.
	board = s.firmsBoard(t, "To accept or decline (2)")
	before := s.facts(t)
	forPeople(t, "an operator presses Accept several", s.Olivia.Click(t, board, "Accept several").Ephemeral(t))
	s.unchanged(t, "an operator at the firm's list", before)
	form = s.Carl.Click(t, board, "Accept several")
	form.Dialog(t).Submit(t, harness.Values{fmt.Sprintf("offer_%d", n[1]): "true", fmt.Sprintf("offer_%d", n[3]): "true"})
	form.Told(t, "Accepted (2)", "Lock", "Door")
	board = s.firmsBoard(t, "Accepted or in progress (3)")
	if harness.HasButton(board, "Accept several") {
		t.Error("the list without offers has the button")
	}
	neverRead(t, s.Cora, "Bolt", s.Sam.Username)
	neverRead(t, s.Sam, "Lock", "Lamp", "Acme", s.Cora.Username)
}

// firmsBoard waits until the list that is pinned in Acme's channel says something.
func (s *scene) firmsBoard(t *testing.T, text string) *model.Post {
	t.Helper()
	return s.Cora.WaitForPost(t, s.firm.Id, "the list to say "+text, func(p *model.Post) bool {
		return p.UserId == s.BotID && p.RootId == "" && harness.Contains(harness.Show(p), "Open jobs", text)
	})
}
