package mattermost_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// A prepared offer stays with the desk until it is sent; what was agreed is changed by
// the desk and holds when the firm accepts again; of two firms that press at the same
// moment one has the job, and the other reads that it is taken.
func TestStoryTerms(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	bolt := s.addBolt(t)

	n := s.newIssue(t, "Boiler down at 4 Elm St")
	desk := s.deskCard(t, n)
	draft := fmt.Sprintf("/task draft %d acme by 3h price 250 EUR terms Two rooms", n)
	if text := s.Olivia.Ask(t, s.Operations.Id, draft); !harness.Contains(text, "Only you see this", "250.00 EUR", "Two rooms") {
		t.Errorf("the draft reads %q", text)
	}
	s.waitForButtons(t, s.Otto, desk, "Send offer", "Discard draft")
	s.Otto.Click(t, desk, "Discard draft")
	s.waitForStatus(t, n, "canceled")
	s.waitForNoButtons(t, s.Otto, desk, "Send offer")
	s.Olivia.Ask(t, s.Operations.Id, draft)
	s.waitForButtons(t, s.Otto, desk, "Send offer", "Discard draft")
	posts, err := s.Cora.Posts(t.Context(), s.firm.Id)
	if err != nil {
		t.Fatal(err)
	}
	if all := harness.ShowAll(posts); harness.Contains(all, "Boiler down") {
		t.Errorf("the firm heard of a draft:\n%s", all)
	}
	s.Otto.Click(t, desk, "Send offer")
	card := s.Cora.WaitForPost(t, s.firm.Id, "the firm's card", func(p *model.Post) bool { return s.isCard(p, n) && harness.HasButton(p, "Accept") })
	s.waitForCard(t, s.Cora, card, "250.00 EUR", "Two rooms")
	s.Cora.Click(t, card, "Accept")
	s.waitForStatus(t, n, "accepted")

	s.waitForButtons(t, s.Olivia, desk, "Amend terms")
	form := s.Olivia.Click(t, desk, "Amend terms").Dialog(t)
	if got := form.TrySubmit(t, harness.Values{"price": "300"}).Complaint(); !harness.Contains(got, "currency") {
		t.Errorf("a price without its currency: %q", got)
	}
	form.Submit(t, harness.Values{"price": "1.300,5 EUR", "terms": "Three rooms"})
	s.waitForStatus(t, n, "assigned")
	s.waitForCard(t, s.Cora, card, "250.00 EUR", "1300.50 EUR", "Three rooms")
	s.waitForReply(t, s.Cora, card, "changed the terms")
	s.waitForButtons(t, s.Cora, card, "Accept", "Decline")
	s.waitForNoButtons(t, s.Cora, card, "Complete", "Start")
	s.Cora.Click(t, card, "Accept")
	s.waitForStatus(t, n, "accepted")
	s.waitForCard(t, s.Olivia, desk, "Accepted", "1300.50 EUR")

	// Two at once.
	n = s.newIssue(t, "For the quickest")
	if text := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task assign %d acme, bolt by 2h price 41 EUR", n)); !harness.Contains(text, "first to accept") {
		t.Errorf("the offer to two: %q", text)
	}
	people := []*harness.User{s.Cora, s.Sam}
	var cards []*model.Post
	for i, channel := range []string{s.firm.Id, bolt.Id} {
		cards = append(cards, people[i].WaitForPost(t, channel, "a firm's card", func(p *model.Post) bool { return s.isCard(p, n) && harness.HasButton(p, "Accept") }))
	}
	var all sync.WaitGroup
	for i, u := range people {
		id := harness.ActionID(t, cards[i], "Accept")
		all.Go(func() {
			// The server may tell the one who is late that the button is gone.
			_ = u.ClickAction(t.Context(), cards[i], id)
		})
	}
	all.Wait()
	winner := 0
	s.Olivia.Eventually(t, "one firm to have it", func() error {
		issue, err := s.API.Issue(t.Context(), n)
		if err != nil {
			return err
		}
		states := map[string]int{}
		for i := range issue.Assignments {
			states[issue.Assignments[i].Status]++
			if issue.Assignments[i].Status == "accepted" {
				winner = i
			}
		}
		if states["accepted"] != 1 || states["canceled"] != 1 {
			return fmt.Errorf("they are %v", states)
		}
		return nil
	})
	loser := 1 - winner
	s.waitForCard(t, people[winner], cards[winner], "Accepted", people[winner].Name)
	s.waitForCard(t, people[loser], cards[loser], "This job is taken")
	s.waitForNoButtons(t, people[loser], cards[loser], "Accept", "Decline", "Suggest other terms")
	if text := harness.Show(people[loser].Read(t, cards[loser].Id)); harness.Contains(text, "41.00") || harness.Contains(text, people[winner].Username) {
		t.Errorf("who lost reads:\n%s", text)
	}
}
