package bot_test

import (
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

func expect(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(strings.ToLower(got), strings.ToLower(p)) {
			t.Fatalf("%q lacks %q", got, p)
		}
	}
}

// TestMainJob plays the whole hand-off of one job, from the set-up to the close.
func TestMainJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)

	expect(t, d.says("olivia", "ops", "here operations"), "administrator")
	expect(t, d.says("olivia", "ops", "new Leak"), "operations")
	expect(t, d.says("anna", "ops", "here operations"), "operations channel")
	expect(t, d.says("olivia", "ops", "contractor add Leeds | Acme Heating"), "ext-leeds-acme-heating")
	d.waitText(firmChannel, "Accept")
	expect(t, d.says("olivia", "ops", "contractor invite cora@acme.example"), "is in the channel")
	expect(t, d.says("olivia", "ops", "contractor invite new@acme.example"), "sent an invitation")
	d.join(firmChannel, "cora", "carl")

	expect(t, d.says("olivia", "ops", "new"), "FORM New job")
	expect(t, d.says("olivia", "ops", "new Boiler down at 4 Elm St"), "#1 Boiler down at 4 Elm St")
	d.waitCard("ops", "#1 Boiler", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	expect(t, d.says("olivia", "ops", "assign 1 acme by 2h"), "offered to Acme Heating, Leeds")
	card := d.waitCard(firmChannel, "#1 Boiler", "Accept", "Decline", "Suggest other terms")

	if a := d.click("sam", firmChannel, card, "Accept"); a.Refused != "forbidden" {
		t.Fatalf("a stranger got %+v", a)
	}
	expect(t, d.click("cora", firmChannel, card, "Accept").Message.Text.String(), "in charge")
	expect(t, d.click("carl", firmChannel, card, "Accept").Message.Text.String(), "already accepted by Cora")
	card = d.waitCard(firmChannel, "#1 Boiler", "Start", "Complete", "Hand over")
	d.waitText("ops", "Cora (Acme Heating, Leeds) accepted")

	// The first word of the firm starts the work.
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Said{Message: "r1", Thread: card.ID, Text: "On my way"}})
	card = d.waitCard(firmChannel, "#1 Boiler", "Complete", "Hand over")
	ops := d.waitPost("ops", "the reply on the desk's card", func(p fakePost) bool {
		return strings.Contains(p.Message.Title, "#1") && len(p.Message.Notes) > 0 && strings.Contains(p.Message.Notes[0].String(), "last by Cora")
	})
	d.handle(chat.Inbound{From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Said{Message: "i1", Thread: ops.ID, Text: "She is always late"}})
	expect(t, d.says("olivia", "ops", "comment 1 Mind the dog"), "sent to the firm")
	relayed := d.waitText(firmChannel, "Mind the dog")
	if relayed.Thread != card.ID || relayed.Message.Speaker.Name != "Olivia" {
		t.Fatalf("relayed as %+v", relayed)
	}
	all := d.comments(1)
	if len(all) != 3 || all[0].Visibility != "shared" || all[1].Visibility != "internal" || all[2].Author.Side != "operator" {
		t.Fatalf("comments %+v", all)
	}

	form := d.click("cora", firmChannel, card, "Hand over").Form
	d.submit("cora", firmChannel, form, map[string]string{"person": workspace + "/carl"})
	d.waitText("ops", "") // any notice; the state is checked below
	if got := d.issue(1).Assignments[0].InCharge; got != "Carl" {
		t.Fatalf("in charge is %s", got)
	}

	card = d.waitPost(firmChannel, "card of Carl", func(p fakePost) bool {
		for _, f := range p.Message.Facts {
			if f.Label == "In charge" && f.Value.String() == "Carl" {
				return true
			}
		}
		return false
	})
	form = d.click("carl", firmChannel, card, "Complete").Form
	if a := d.submit("carl", firmChannel, form, map[string]string{"note": "", "effort": "2h"}); a.FieldErrors["note"] == "" {
		t.Fatalf("an empty note gave %+v", a)
	}
	if a := d.submit("carl", firmChannel, form, map[string]string{"note": "New pump", "effort": "90"}); a.FieldErrors["effort"] == "" {
		t.Fatalf("an unclear effort gave %+v", a)
	}
	d.submit("carl", firmChannel, form, map[string]string{"note": "New pump", "effort": "1h30m", "costs": "120 EUR"})
	if a := d.submit("carl", firmChannel, form, map[string]string{"note": "New pump again"}); len(a.FieldErrors) == 0 {
		t.Fatalf("a form sent twice gave %+v", a)
	}
	ops = d.waitCard("ops", "#1 Boiler", "Approve", "Send back", "Reply to firm", "Edit details")
	form = d.click("olivia", "ops", ops, "Send back").Form
	d.submit("olivia", "ops", form, map[string]string{"reason": "Where is the photo?"})
	card = d.waitPost(firmChannel, "the card that was sent back", func(p fakePost) bool {
		return slices.ContainsFunc(p.Message.Facts, func(f chat.Fact) bool { return f.Value.String() == "Where is the photo?" })
	})
	form = d.click("carl", firmChannel, card, "Complete").Form
	d.submit("carl", firmChannel, form, map[string]string{"note": "Photo added"})
	ops = d.waitPost("ops", "the card of the second try", func(p fakePost) bool {
		return strings.Contains(p.Message.Text.String(), "Done: Photo added")
	})
	d.click("otto", "ops", ops, "Approve")
	ops = d.waitCard("ops", "#1 Boiler", "Close", "Reopen", "Rate")
	d.waitCard(firmChannel, "#1 Boiler", "Our score")
	expect(t, d.says("olivia", "ops", "history 1"), "on my way", "mind the dog", "always late")
	d.click("otto", "ops", ops, "Close")
	d.waitCard("ops", "#1 Boiler")
	if got := d.issue(1); got.Status != "closed" || got.Assignments[0].Status != "complete" || got.Assignments[0].EffortMinutes != 0 {
		t.Fatalf("the end is %+v", got)
	}
	expect(t, d.says("cora", firmChannel, "history 1"), "mind the dog")
	if h := d.says("cora", firmChannel, "history 1"); strings.Contains(h, "always late") {
		t.Fatalf("an internal note leaked: %s", h)
	}
}
