package mattermost_test

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// Somebody outside who has an account answers in a direct channel, and nothing else of
// the desk is theirs to read.
func TestStoryExternal(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n := s.newIssue(t, "Water in the cellar")
	desk := s.deskCard(t, n)
	ask := func(text string, parts ...string) {
		t.Helper()
		if got := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task external %d %s", n, text)); !harness.Contains(got, parts...) {
			t.Errorf("%s is answered %q, want %q", text, got, parts)
		}
	}
	ask("@nobody-here", "Nobody here is called")
	ask("@"+s.Otto.Username, "belongs to the desk")
	ask(s.Sam.Email, "is asked on Mattermost")
	ask("@"+s.Sam.Username, "is involved already")
	s.waitForCard(t, s.Olivia, desk, "Involved", "Write to them")

	direct, _, err := s.Sam.Client.CreateDirectChannel(t.Context(), s.Sam.ID, s.BotID)
	if err != nil {
		t.Fatalf("open the direct channel: %v", err)
	}
	card := s.Sam.WaitForPost(t, direct.Id, "the card", func(p *model.Post) bool { return s.isCard(p, n) })
	s.Otto.Reply(t, desk, "They are slow payers.")
	ask("comment Is this covered?", "Sent to the people outside")
	s.waitForReply(t, s.Sam, card, "Is this covered?")
	said := s.Sam.Reply(t, card, "Yes, up to 500.")
	s.waitForReply(t, s.Olivia, desk, "Yes, up to 500.")
	s.Sam.Edit(t, said, "Yes, up to 700.")
	s.waitForReply(t, s.Olivia, desk, "Yes, up to 700.")
	wrong := s.Sam.Reply(t, card, "Wrong job.")
	s.waitForReply(t, s.Olivia, desk, "Wrong job.")
	s.Sam.Delete(t, wrong)
	all := s.waitForLedger(t, n, "internal They are slow payers.", "shared Is this covered?", "shared Yes, up to 700.", "shared (deleted)")
	if c := comment(t, all, "Yes, up to 700."); c.Author.Side != "external" {
		t.Errorf("the comment is %+v", c)
	}
	posts, err := s.Sam.Posts(t.Context(), direct.Id)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range posts {
		if harness.Contains(harness.Show(p), "slow payers") {
			t.Errorf("an external user reads %s", harness.Show(p))
		}
	}
	ask("remove "+s.Sam.Email, "is no longer involved")
	s.waitForCard(t, s.Sam, card, "no longer involved")
	s.waitForCard(t, s.Olivia, desk, "Nobody has this job yet")
}
