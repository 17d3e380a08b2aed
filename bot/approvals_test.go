package bot_test

import (
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// TestAskAgainWithoutForm: what a firm asked for before, and what it was to cost, is no part
// of what it asks for next.
func TestAskAgainWithoutForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	ask := func(message, text string) string {
		d.clock.Advance(time.Minute)
		if text != "" {
			d.reply("cora", firmChannel, card.ID, message, text)
		}
		card = d.waitCard(firmChannel, "#1", "Complete", "Hand over")
		again := d.press("cora", firmChannel, card.ID, card.Message.Choice.Token, "ask").Fallback
		return d.press("cora", firmChannel, "", token(t, again, "Ask the desk"), "").Message.Text.String()
	}
	expect(t, ask("r1", "Approval: another pump\nAmount: 80 EUR"), "The desk looks at what you ask for")
	expect(t, d.says("olivia", "ops", "approve 1"), "is approved")
	d.drained()
	expect(t, ask("", ""), "Say in a few words")
	expect(t, ask("r2", "Approval: the other valve"), "The desk looks at what you ask for")
	if r := d.issue(1).Assignments[0].ApprovalRequest; r == nil || r.What != "the other valve" || r.Amount != nil {
		t.Errorf("it asks for %+v", r)
	}
	expect(t, d.says("olivia", "ops", "refuse 1 Not needed"), "goes on as agreed")
}

// TestApprovesWhatWasSeen: who types an answer just when the firm asks for something else, or
// hands in its work instead, approves neither of them unseen.
func TestApprovesWhatWasSeen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.reply("cora", firmChannel, card.ID, "r1", "Approval: another pump\nAmount: 80 EUR")
	press := func(choice string, buttons ...string) chat.Answer {
		card = d.waitCard(firmChannel, "#1", buttons...)
		return d.press("cora", firmChannel, card.ID, card.Message.Choice.Token, choice)
	}
	ask := func() string {
		return d.press("cora", firmChannel, "", token(t, press("ask", "Complete", "Hand over").Fallback, "Ask the desk"), "").Message.Text.String()
	}
	expect(t, ask(), "The desk looks at what you ask for")
	d.drained()
	press("unask", "Hand over")
	d.reply("cora", firmChannel, card.ID, "r2", "Approval: a new boiler\nAmount: 4000 EUR")
	d.drained()
	expect(t, ask(), "The desk looks at what you ask for")
	expect(t, d.says("olivia", "ops", "approve 1"), "changed a moment ago", "show 1")
	expect(t, d.says("olivia", "ops", "refuse 1 No"), "changed a moment ago")
	if r := d.issue(1).Assignments[0].ApprovalRequest; r == nil || r.State != "open" {
		t.Fatalf("the request is %+v", r)
	}
	d.clock.Advance(time.Minute)
	expect(t, d.says("olivia", "ops", "approve 1"), "is approved")
}
