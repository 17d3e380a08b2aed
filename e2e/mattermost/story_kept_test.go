package mattermost_test

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// A desk keeps a text ready and sends it by typing, in the dialog of a reply and with work
// that it sends back. The firm reads the result alone, and nobody is called by it.
func TestStoryKeptTexts(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	s.asks(t, s.Olivia, s.Operations, "/task text", "No texts are kept yet", "/task text new")
	kept := s.Olivia.Command(t, s.Operations.Id, "/task text new")
	form := kept.Dialog(t)
	if got := form.TrySubmit(t, harness.Values{"name": "Way in", "text": "Ring {tenant}."}).Complaint(); !harness.Contains(got, "tenant") {
		t.Errorf("a text with a gap that nothing fills: %q", got)
	}
	form.Submit(t, harness.Values{"name": "Way in", "text": "Way in for {number} {title}: ring @channel, {firm}."})
	kept.Told(t, "Way in", "is kept", "/task comment N text:Way in")
	s.asks(t, s.Otto, s.Operations, "/task text list", "Way in", "{firm}")

	n, desk, card := s.accepted(t, "Boiler down at 4 Elm St")
	whole := fmt.Sprintf("Way in for #%d Boiler down at 4 Elm St: ring @channel, Acme Heating, Leeds.", n)
	s.refused(t, "an operator", s.Olivia, s.Operations.Id,
		forbidden{fmt.Sprintf("comment %d text:way", n), "Did you mean Way in?"}, forbidden{"text edit way out", "There is no kept text"})
	s.refused(t, "a firm's person", s.Cora, s.firm.Id, forbidden{"text list", "Only"}, forbidden{"text remove way in", "Only"})
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task comment %d text:way in", n), "Sent to the firm's thread")
	said := s.Carl.WaitForPost(t, s.firm.Id, "the text", s.replyWith(card, "Way in for"))
	if !harness.Contains(harness.Show(said), "Boiler down at 4 Elm St", "@channel, Acme Heating, Leeds") || s.Carl.Mentioned(t, said) {
		t.Errorf("the firm reads, or is called by, %q", harness.Show(said))
	}
	s.waitForLedger(t, n, "shared "+whole)

	s.waitForButtons(t, s.Otto, desk, "Reply to firm")
	s.Otto.Click(t, desk, "Reply to firm").Dialog(t).Submit(t, harness.Values{"kept": "Way in", "your reply": "The key is under the mat."})
	s.waitForReply(t, s.Cora, card, "The key is under the mat.")
	s.waitForLedger(t, n, "shared "+whole, "shared "+whole+"\nThe key is under the mat.")
	// What a firm types is what it says, whatever it looks like.
	s.Cora.Reply(t, card, "text:way in")
	s.waitForLedger(t, n, "shared "+whole, "shared "+whole+"\nThe key is under the mat.", "shared text:way in")

	s.waitForButtons(t, s.Cora, card, "Complete")
	s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": "All of it."})
	s.waitForButtons(t, s.Olivia, desk, "Send back")
	back := s.Olivia.Click(t, desk, "Send back").Dialog(t)
	if got := back.TrySubmit(t, harness.Values{"missing": ""}).Complaint(); got == "" {
		t.Error("work was sent back with neither a text nor a reason")
	}
	back.Submit(t, harness.Values{"kept": "Way in", "missing": ""})
	s.waitForStatus(t, n, "in_progress")
	s.Cora.WaitForPost(t, s.firm.Id, "why it came back", func(p *model.Post) bool {
		return p.RootId == card.Id && harness.Contains(harness.Show(p), "sent the work back", "Way in for", "Boiler down at 4 Elm St")
	})

	// One that is gone while a form is open is not sent.
	s.waitForButtons(t, s.Otto, desk, "Reply to firm")
	reply := s.Otto.Click(t, desk, "Reply to firm").Dialog(t)
	s.asks(t, s.Admin, s.Operations, "/task text remove way in", "is removed")
	if got := reply.TrySubmit(t, harness.Values{"kept": "Way in", "your reply": "Once more."}).Complaint(); !harness.Contains(got, "That text is gone") {
		t.Errorf("a text that is gone: %q", got)
	}
	s.refused(t, "an operator later", s.Olivia, s.Operations.Id, forbidden{fmt.Sprintf("comment %d text:way in", n), "There is no kept text"})
	neverRead(t, s.Cora, "{firm}", "{number}", "Once more.")
}
