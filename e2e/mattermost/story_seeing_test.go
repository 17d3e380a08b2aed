package mattermost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// What people look at: lists, what lies with them, the board of a firm, and a task that
// is made of a message.
func TestStorySeeing(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	for n := range 14 {
		s.newIssue(t, fmt.Sprintf("Job number %d.", n+1))
	}
	if text := s.Olivia.Ask(t, s.Operations.Id, "/task home"); !harness.Contains(text, "Waiting for you", "New jobs (14)", "Job number 14.") {
		t.Errorf("the home says %q", text)
	}
	if text := s.Olivia.Ask(t, s.Operations.Id, "/task list new firm:acme"); !harness.Contains(text, "There is nothing on this list") {
		t.Errorf("the list says %q", text)
	}

	// The board is pinned, follows the jobs and stays pinned.
	s.offer(t, 14)
	board := s.Cora.WaitForPost(t, s.firm.Id, "the board", func(p *model.Post) bool {
		return p.UserId == s.BotID && harness.Contains(harness.Show(p), "Open jobs", "To accept or decline (1)", "Job number 14.")
	})
	pinned := func() error {
		now := s.Cora.Read(t, board.Id)
		if !now.IsPinned {
			return fmt.Errorf("it is not pinned:\n%s", harness.Show(now))
		}
		return nil
	}
	s.Cora.Eventually(t, "the board to be pinned", pinned)
	s.Olivia.Ask(t, s.Operations.Id, "/task close 14")
	s.waitForCard(t, s.Cora, board, "nothing to do")
	s.Cora.Eventually(t, "the board to stay pinned", pinned)
	s.Admin.Ask(t, s.Operations.Id, "/task help")
	if text := harness.Show(s.Cora.Read(t, board.Id)); strings.Contains(text, "Job number 1.") {
		t.Errorf("the board shows what is not the firm's:\n%s", text)
	}

	// A task of a message, for who is in its channel.
	said := s.Olivia.Post(t, s.Operations.Id, "The boiler is cold.\nSince Sunday, flat 3.")
	link := s.Env.Server.URL + "/" + s.Team.Name + "/pl/" + said.Id
	s.Olivia.Command(t, s.Operations.Id, "/task from "+link).Dialog(t).Submit(t, harness.Values{})
	card := s.deskCard(t, 15)
	s.waitForCard(t, s.Olivia, card, "The boiler is cold.", said.Id)
	told := s.Cora.TryCommand(t, s.firm.Id, "/task from "+link).Ephemeral(t)
	if strings.Contains(told, "boiler") {
		t.Errorf("a firm read the desk's message: %q", told)
	}
}
