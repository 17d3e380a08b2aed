package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// TestReadAll: a firm reads with a button what its card has no room for, and nobody reads it
// who may not.
func TestReadAll(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	long := strings.Repeat("The pump in the cellar leaks. ", 60) + "The key is at number 9."
	f := d.command("olivia", "ops", "new").Form
	d.submit("olivia", "ops", f, map[string]string{"title": "Pump leaks", "description": long, "priority": "normal"})
	expect(t, d.says("olivia", "ops", "assign 1 acme terms "+strings.Repeat("Ask before you cut. ", 30)+"Bring a ladder."), "offered")
	const label = "Read all of it"
	card := d.waitCard(firmChannel, "#1", append(offerButtons(), label)...)
	if text := card.Message.Text.String(); strings.Contains(text, "number 9") {
		t.Fatalf("the card shows all of it: %s", text)
	}
	for _, who := range []string{"cora", "olivia"} {
		text := d.click(who, firmChannel, card, label).Message.Text.String()
		expect(t, text, long, "Bring a ladder.")
	}
	// The desk's card has no room for the terms either.
	ops := d.waitPost("ops", "a card with all of it", func(p fakePost) bool { return slices.Contains(labels(p.Message), label) })
	if text := ops.Message.Facts; strings.Contains(fmt.Sprint(text), "ladder") {
		t.Fatalf("the card shows all of it: %v", text)
	}
	expect(t, d.click("olivia", "ops", ops, label).Message.Text.String(), long, "Bring a ladder.")
	expect(t, d.says("olivia", "ops", "show 1"), "number 9")
	if shown := d.command("olivia", "ops", "show 1").Message; !strings.Contains(fmt.Sprint(shown.Facts), "Bring a ladder.") {
		t.Errorf("the whole job lacks the end of its terms: %v", shown.Facts)
	}
	// The button of another firm's channel, and the one of an offer that was withdrawn.
	at := slices.IndexFunc(card.Message.Buttons, func(b chat.Button) bool { return b.Label == label })
	expect(t, d.press("dora", rivalChannel, card.ID, card.Message.Buttons[at].Token, "").Message.Text.String(), "does not belong here")
	d.says("olivia", "ops", "cancel 1")
	expect(t, d.click("cora", firmChannel, card, label).Message.Text.String(), "This offer was withdrawn.")
	// Nor does who declined read on.
	d.drained()
	d.says("olivia", "ops", "assign 1 acme")
	card = d.waitCard(firmChannel, "#1", append(offerButtons(), label)...)
	d.submit("cora", firmChannel, d.click("cora", firmChannel, card, "Decline").Form, map[string]string{"reason": "location"})
	expect(t, d.click("cora", firmChannel, card, label).Message.Text.String(), "Declined.")

	// What the card has room for needs no button.
	d.says("olivia", "ops", "new Boiler down")
	expect(t, d.says("olivia", "ops", "assign 2 acme"), "offered")
	d.waitCard(firmChannel, "#2", offerButtons()...)
	ops = d.waitPost("ops", "the desk's card", func(p fakePost) bool { return strings.Contains(p.Message.Title, "#2") })
	if slices.Contains(labels(ops.Message), label) {
		t.Errorf("the card has %q", labels(ops.Message))
	}
}
