package mattermost_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// replyWith matches a reply under root that contains text.
func (s *scene) replyWith(root *model.Post, text string) func(*model.Post) bool {
	return func(p *model.Post) bool { return p.RootId == root.Id && harness.Contains(harness.Show(p), text) }
}

// Chapter six: the thread under a card is the job's history of comments.
func TestStoryThread(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n, desk, card := s.accepted(t, "Boiler down at 4 Elm St")

	first := s.Cora.Reply(t, card, "We arive at nine.")
	gone := s.Carl.Reply(t, card, "Wrong thread, sorry.")
	s.Olivia.Reply(t, card, "The key is with the neighbour.")
	s.Otto.Reply(t, desk, "Do not tell them the budget.")
	s.waitForLedger(t, n,
		"shared We arive at nine.", "shared Wrong thread, sorry.",
		"shared The key is with the neighbour.", "internal Do not tell them the budget.")
	// The first word of the firm starts the work.
	s.waitForStatus(t, n, "in_progress")

	s.Cora.Edit(t, first, "We arrive at nine.")
	s.Carl.Delete(t, gone)
	all := s.waitForLedger(t, n,
		"shared We arrive at nine.", "shared (deleted)",
		"shared The key is with the neighbour.", "internal Do not tell them the budget.")
	comment(t, all, "We arive at nine.")
	for text, side := range map[string]string{"We arrive at nine.": "contractor", "The key is with the neighbour.": "operator", "Do not tell them the budget.": "operator"} {
		if c := comment(t, all, text); c.Author.Side != side {
			t.Errorf("the side of %q is %q, not %s", text, c.Author.Side, side)
		}
	}
	if c := comment(t, all, "We arrive at nine."); c.EditedAt == nil || !harness.Contains(c.Author.Name, s.Cora.Name) {
		t.Errorf("the edited comment is %+v", c)
	}

	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task comment %d Please call before you come.", n))
	s.waitForReply(t, s.Cora, card, "Please call before you come.")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task note %d Second boiler this month.", n))
	s.waitForLedger(t, n,
		"shared We arrive at nine.", "shared (deleted)",
		"shared The key is with the neighbour.", "internal Do not tell them the budget.",
		"shared Please call before you come.", "internal Second boiler this month.")

	history := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task history %d", n))
	if !harness.Contains(history, "We arrive at nine.", "We arive at nine.", "Please call before you come.", "Do not tell them the budget.", "deleted") {
		t.Errorf("the history is incomplete:\n%s", history)
	}

	// What is internal has not reached the firm anywhere.
	posts, err := s.Cora.Posts(t.Context(), s.firm.Id)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"budget", "Second boiler"} {
		if harness.Contains(harness.ShowAll(posts), secret) {
			t.Errorf("the firm reads %q:\n%s", secret, harness.ShowAll(posts))
		}
	}
}

// A file that somebody adds is part of the comment, and is kept by its digest.
func TestStoryFiles(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n, _, card := s.accepted(t, "Broken pane")
	data := []byte("not really a picture")
	s.Cora.Reply(t, card, "The pane:", s.Cora.Upload(t, s.firm.Id, "pane.png", data))
	c := comment(t, s.waitForLedger(t, n, "shared The pane:"), "The pane:")
	if len(c.Files) != 1 || c.Files[0].Name != "pane.png" || c.Files[0].Size != int64(len(data)) {
		t.Errorf("the comment's files are %+v", c.Files)
	}
	want := fmt.Sprintf("%x", sha256.Sum256(data))
	s.Olivia.Eventually(t, "the digest of the file", func() error {
		comments, err := s.API.Comments(t.Context(), n)
		if err != nil {
			return err
		}
		if got := comment(t, comments, "The pane:").Files[0].Digest; got != want {
			return fmt.Errorf("it is %q, not %s", got, want)
		}
		return nil
	})
}

// Removing a root removes its replies although the platform tells of the root
// alone; the job and its history live on.
func TestStoryRootDeleted(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n, _, card := s.accepted(t, "Blocked drain")
	s.Cora.Reply(t, card, "On our way.")
	s.waitForLedger(t, n, "shared On our way.")
	s.Admin.Delete(t, card)
	all := s.waitForLedger(t, n, "shared (deleted)")
	comment(t, all, "On our way.")
	if text := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task show %d", n)); !harness.Contains(text, "Blocked drain") {
		t.Errorf("the job reads %q", text)
	}
}

// A long conversation comes out complete, in order and once.
func TestStoryManyReplies(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n, _, card := s.accepted(t, "Roof")
	var want []string
	for i := range 40 {
		u := []*harness.User{s.Cora, s.Carl, s.Olivia}[i%3]
		text := fmt.Sprintf("line %02d", i)
		u.Reply(t, card, text)
		want = append(want, "shared "+text)
	}
	all := s.waitForLedger(t, n, want...)
	for i := range all {
		if got := entry(&all[i]); got != want[i] {
			t.Fatalf("comment %d is %q, not %q", i, got, want[i])
		}
	}
}
