package mattermost_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// What people put on a card, a pin and a reaction, stays on it when the card changes.
func TestStoryMarksOnACard(t *testing.T) {
	t.Parallel()
	marksStay(t)
}

// TestStoryMarksWhereWordsMayNotChange: so they do where posts may not be edited any more.
// It runs alone: the setting is the whole server's.
func TestStoryMarksWhereWordsMayNotChange(t *testing.T) {
	env.EditLimit(t, 0)
	marksStay(t)
}

func marksStay(t *testing.T) {
	t.Helper()
	s := setUp(t, harness.SQLite)
	n := s.newIssue(t, "The boiler is cold.")
	s.offer(t, n)
	card := s.offered(t, s.Cora, s.firm, n)
	if _, err := s.Cora.Client.PinPost(t.Context(), card.Id); err != nil {
		t.Fatal(err)
	}
	reaction := &model.Reaction{UserId: s.Cora.ID, PostId: card.Id, EmojiName: "eyes"}
	if _, _, err := s.Cora.Client.SaveReaction(t.Context(), reaction); err != nil {
		t.Fatal(err)
	}
	s.Cora.Click(t, card, "Accept")
	s.waitForCard(t, s.Cora, card, "Accepted")
	s.Cora.Eventually(t, "the marks to be there", func() error {
		now := s.Cora.Read(t, card.Id)
		if !now.IsPinned || !now.HasReactions {
			return fmt.Errorf("pinned: %v, reactions: %v", now.IsPinned, now.HasReactions)
		}
		if now.Metadata == nil || len(now.Metadata.Reactions) != 1 {
			return errors.New("the reaction is not shown")
		}
		return nil
	})
}
