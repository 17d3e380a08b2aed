package mattermost_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// The shortest time limits there are: who is late is warned, then told, on both sides'
// cards and in both threads; overdue work is told to the desk, and then to its managers
// until somebody takes note. The clock is the real one.
func TestStoryLimits(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	managers := s.addManagers(t)
	form := s.Admin.Command(t, s.Operations.Id, "/task settings sla").Dialog(t)
	for _, c := range []struct {
		v    harness.Values
		says string
	}{
		{harness.Values{"limits": "normal | 1m"}, "Write each line like"},
		{harness.Values{"limits": "someday | 1m | 2m | 3m"}, "There is no priority"},
		{harness.Values{"limits": "normal | 1m | 2m | 3m", "warn": "100"}, "between 1 and 99"},
	} {
		if got := form.TrySubmit(t, c.v).Complaint(); !harness.Contains(got, c.says) {
			t.Errorf("the limits %v: %q, want %q", c.v, got, c.says)
		}
	}
	form.Submit(t, harness.Values{"limits": "normal | 1m | 8h | 16h", "warn": "50", "escalate": "1m"})

	n := s.newIssue(t, "Boiler down at 4 Elm St")
	desk := s.deskCard(t, n)
	s.Olivia.Click(t, desk, "Edit details").Dialog(t).Submit(t, harness.Values{"due": "1m"})
	card := s.offer(t, n)
	s.waitForCard(t, s.Cora, card, "Time limits", "accept by")
	s.waitForCard(t, s.Olivia, desk, "accept by")

	s.waitLong(t, s.Cora, card, "Please answer this offer soon")
	s.waitLong(t, s.Olivia, desk, "Time limit near")
	s.waitLong(t, s.Cora, card, "should have been accepted by")
	s.waitForCard(t, s.Cora, card, "Time limits missed", "not accepted by")
	if text := s.Olivia.Ask(t, s.Operations.Id, "/task list breached"); !harness.Contains(text, "time limit missed", "Boiler down") {
		t.Errorf("the list says %q", text)
	}
	s.waitLong(t, s.Olivia, desk, "Overdue:")
	s.waitForCard(t, s.Olivia, desk, "overdue")
	harness.Within(t, patience, "the managers to be told", func() error {
		posts, err := s.Sam.Posts(t.Context(), managers.Id)
		if err == nil && !harness.Contains(harness.ShowAll(posts), "Overdue:", "nobody at the desk took note", "Boiler down") {
			err = fmt.Errorf("they read:\n%s", harness.ShowAll(posts))
		}
		return err
	})
	if text := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task seen %d", n)); !harness.Contains(text, "You took note") {
		t.Errorf("taking note: %q", text)
	}
	s.waitForCard(t, s.Olivia, desk, "overdue, noted by "+s.Olivia.Name)
	forPeople(t, "a firm takes note", s.Cora.Ask(t, s.firm.Id, fmt.Sprintf("/task seen %d", n)))

	// Late is not too late: the firm accepts, and the next limits run.
	s.Cora.Click(t, card, "Accept")
	s.waitForStatus(t, n, "accepted")
	s.waitForCard(t, s.Cora, card, "start by", "complete by")
}

// patience is for what takes as long as the shortest limit.
const patience = 3 * time.Minute

// waitLong waits until a reply under root contains text, for as long as a limit runs.
func (s *scene) waitLong(t *testing.T, u *harness.User, root *model.Post, text string) {
	t.Helper()
	harness.Within(t, patience, fmt.Sprintf("a reply %q", text), func() error {
		if got := countInThread(t, u, root, text); got != 1 {
			return fmt.Errorf("there are %d", got)
		}
		return nil
	})
}
