package bot_test

import (
	"strings"
	"testing"
)

// TestAnswersOfAFirm: where the desk has named people of a firm, the others are kept from
// answering offers and from nothing else; who leaves does not count, who comes back does,
// and when nobody is left everybody answers again.
func TestAnswersOfAFirm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	expect(t, d.says("olivia", "ops", "contractor answers acme"), "Everybody in the channel of Acme Heating, Leeds answers its offers.")
	expect(t, d.says("olivia", "ops", "contractor answers acme nobody"), "is called \"nobody\"")
	expect(t, d.says("olivia", "ops", "contractor answers acme Olivia"), "is called \"Olivia\"")
	expect(t, d.says("olivia", "ops", "contractor answers acme cora"), "Offers to Acme Heating, Leeds are answered by Cora.")
	for who, channel := range map[string]string{"cora": firmChannel, "dora": rivalChannel, "mona": managers} {
		if a := d.command(who, channel, "contractor answers acme everybody"); a.Refused != "forbidden" {
			t.Errorf("%s changed who answers: %+v", who, a)
		}
	}
	expect(t, d.says("olivia", "ops", "contractor show acme"), "Answer offers: Cora")

	card := d.offered()
	for _, button := range offerButtons() {
		a := d.click("carl", firmChannel, card, button)
		if a.Refused != "forbidden" || a.Form != nil {
			t.Errorf("%s by somebody who is not named: %+v", button, a)
		}
		expect(t, a.Message.Text.String(), "answered by Cora: ask them")
	}
	// A form that was opened before is refused as well.
	d.says("olivia", "ops", "contractor answers acme everybody")
	form := d.click("carl", firmChannel, d.waitCard(firmChannel, "#1", offerButtons()...), "Decline").Form
	d.says("olivia", "ops", "contractor answers acme cora")
	if a := d.submit("carl", firmChannel, form, map[string]string{"reason": "location"}); a.Refused != "forbidden" {
		t.Errorf("a form of before: %+v", a)
	}
	d.wantStatus(1, "allocated/assigned")
	d.reply("carl", firmChannel, card.ID, "r1", "May I do this?")
	if a := d.click("cora", firmChannel, card, "Accept"); a.Refused != "" {
		t.Fatalf("who is named cannot accept: %+v", a)
	}
	card = d.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
	if a := d.click("carl", firmChannel, card, "Start"); a.Refused != "" {
		t.Errorf("who is not named cannot work: %+v", a)
	}

	// She leaves, and comes back.
	d.leaves("cora", firmChannel)
	d.waitText("ops", "none of them is in its channel any more")
	d.says("olivia", "ops", "new Drains")
	d.says("olivia", "ops", "assign 2 acme by 2h")
	second := d.waitCard(firmChannel, "#2", offerButtons()...)
	if a := d.click("carl", firmChannel, second, "Decline"); a.Form == nil {
		t.Errorf("nobody can answer: %+v", a)
	}
	d.join(firmChannel, "cora")
	if a := d.click("carl", firmChannel, second, "Accept"); a.Refused != "forbidden" {
		t.Errorf("she is back, and somebody else answers: %+v", a)
	}
	if n := len(d.posts("ops", "none of them is in its channel")); n != 1 {
		t.Errorf("the desk was told %d times", n)
	}
	// Another firm knows nothing of it.
	if a := d.command("dora", rivalChannel, "list"); strings.Contains(a.Message.Text.String(), "Cora") {
		t.Errorf("the other firm reads %+v", a)
	}
	d.admin()
	expect(t, d.says("adam", "general", "settings history"), "Who answers offers: nothing → “Cora”")
}

// TestAnswerersAndChannels: who is named counts as long as they are in any channel of the
// firm, and not when the channel that they were in is the firm's no longer.
func TestAnswerersAndChannels(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.p.addChannel("annex", "anna", "olivia", "carl")
	expect(t, d.says("olivia", "annex", "contractor link acme here"), "annex")
	d.join("annex", "cora")
	expect(t, d.says("olivia", "ops", "contractor answers acme cora, Cora"), "are answered by Cora.")
	card := d.offered()
	// She is in the other channel still.
	d.leaves("cora", "annex")
	if a := d.click("carl", firmChannel, card, "Decline"); a.Refused != "forbidden" {
		t.Errorf("she left one of two channels, and somebody else answers: %+v", a)
	}
	d.join("annex", "cora")
	expect(t, d.says("olivia", "ops", "contractor unlink acme #"+firmChannel), "is no longer a channel")
	other := d.waitCard("annex", "#1", offerButtons()...)
	if a := d.click("carl", "annex", other, "Decline"); a.Refused != "forbidden" {
		t.Errorf("she is in the channel that is left, and somebody else answers: %+v", a)
	}
	d.p.addChannel("yard", "anna", "olivia", "carl")
	expect(t, d.says("olivia", "yard", "contractor link acme here"), "yard")
	expect(t, d.says("olivia", "ops", "contractor unlink acme #annex"), "is no longer a channel")
	d.waitText("ops", "none of them is in its channel any more")
	last := d.waitCard("yard", "#1", offerButtons()...)
	if a := d.click("carl", "yard", last, "Accept"); a.Refused != "" {
		t.Errorf("nobody can answer: %+v", a)
	}
}
