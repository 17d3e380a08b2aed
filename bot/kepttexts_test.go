package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/workflow"
)

// keeps keeps a text ready.
func (d *desk) keeps(name, text string) {
	d.t.Helper()
	form := d.command("olivia", "ops", "text new").Form
	if a := d.submit("olivia", "ops", form, map[string]string{"name": name, "text": text}); a.Refused != "" {
		d.t.Fatalf("the text is not kept: %+v", a)
	}
}

// keptField gives the choice of kept texts of a form, by their names.
func keptField(f *chat.Form) map[string]string {
	out := map[string]string{}
	for _, field := range f.Fields {
		if field.Name == present.KeptTextField {
			for _, o := range field.Options {
				out[o.Label] = o.Value
			}
		}
	}
	return out
}

// TestKeptTexts keeps texts and sends them, by command and in both forms.
func TestKeptTexts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	expect(t, d.says("olivia", "ops", "text list"), "No texts are kept yet")
	card := d.accepted()
	if f := d.command("olivia", "ops", "comment 1").Form; len(f.Fields) != 1 || f.Fields[0].Optional {
		t.Errorf("a desk without kept texts is asked for %+v", f.Fields)
	}
	d.keeps("Gate code", "The gate code for {Title} ({number}) is 4711, {firm}.")
	d.keeps("Where", "Come to {place}.")
	expect(t, d.says("olivia", "ops", "text list"), "Gate code", "Where")

	expect(t, d.says("olivia", "ops", "comment 1 text:gate code"), "Sent to the firm's thread")
	d.waitText(firmChannel, "The gate code for Boiler down (#1) is 4711, Acme Heating, Leeds.")
	expect(t, d.says("olivia", "ops", `comment 1 text:"Gate code" Ring twice.`), "Sent to the firm's thread")
	d.waitText(firmChannel, "4711, Acme Heating, Leeds.\nRing twice.")
	// What only looks like it is what was typed.
	expect(t, d.says("olivia", "ops", "comment 1 text: see the photo"), "Sent to the firm's thread")
	d.waitText(firmChannel, "text: see the photo")

	// Nothing with a gap in it goes out, and a name that no text has is no text.
	before := len(d.comments(1))
	expect(t, d.says("olivia", "ops", "comment 1 text:where"), `needs "place"`, "#1 has none")
	expect(t, d.says("olivia", "ops", "comment 1 text:gate"), "no kept text", "Did you mean Gate code?")
	expect(t, d.says("olivia", "ops", "comment 1 text:zebra"), "no kept text", "text list shows")
	if n := len(d.comments(1)); n != before {
		t.Errorf("%d comments became %d", before, n)
	}

	form := d.command("olivia", "ops", "comment 1").Form
	kept := keptField(form)
	expect(t, d.submit("olivia", "ops", form, nil).FieldErrors["text"], "Write a text")
	expect(t, d.submit("olivia", "ops", form, map[string]string{"kept": kept["Where"]}).FieldErrors["kept"], `needs "place"`)
	expect(t, d.submit("olivia", "ops", form, map[string]string{"kept": "gone"}).FieldErrors["kept"], "is gone")
	d.submit("olivia", "ops", form, map[string]string{"kept": kept["Gate code"], "text": "And close it."})
	d.waitText(firmChannel, "Leeds.\nAnd close it.")

	d.submit("cora", firmChannel, d.click("cora", firmChannel, card, "Complete").Form, map[string]string{"note": "New pump"})
	back := d.click("olivia", "ops", d.waitCard("ops", "#1", "Approve", "Send back", "Reply to firm", "Edit details"), "Send back").Form
	long := strings.Repeat("x", 1500)
	expect(t, d.submit("olivia", "ops", back, map[string]string{"kept": keptField(back)["Gate code"], "reason": long}).FieldErrors["kept"], "too long", "1500")
	d.submit("olivia", "ops", back, map[string]string{"kept": keptField(back)["Gate code"]})
	d.waitText(firmChannel, "sent the work back")
	if reason := d.issue(1).Assignments[0].SendBackReason; !strings.HasPrefix(reason, "The gate code for Boiler down") {
		t.Errorf("the work is sent back because of %q", reason)
	}
}

// TestKeptTextsAreTheDesks keeps the firm away from them, and from each other those who
// change them.
func TestKeptTextsAreTheDesks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.keeps("Gate code", "4711")
	for _, text := range []string{"text list", "text new", "text remove gate code"} {
		expect(t, d.says("cora", firmChannel, text), "Only the desk")
	}
	// The firm's own words are nobody's text.
	d.says("cora", firmChannel, "comment 1 text:gate code")
	d.until("the firm's words are there as typed", func() bool {
		all := d.comments(1)
		return len(all) == 1 && all[0].Text == "text:gate code"
	})

	first, second := d.command("olivia", "ops", "text edit gate code").Form, d.command("olivia", "ops", "text edit Gate  Code").Form
	expect(t, d.submit("olivia", "ops", first, map[string]string{"name": "Gate", "text": "Ring {customer}."}).FieldErrors["text"], "customer")
	d.submit("olivia", "ops", first, map[string]string{"name": "Gate", "text": "0815"})
	expect(t, d.submit("olivia", "ops", second, map[string]string{"name": "Gate", "text": "1"}).FieldErrors[""], "somebody else changed")
	again := d.command("olivia", "ops", "text new").Form
	expect(t, d.submit("olivia", "ops", again, map[string]string{"name": "gate", "text": "1"}).FieldErrors["name"], "already")
	expect(t, d.says("olivia", "ops", "text remove gate"), "is removed")
	expect(t, d.says("olivia", "ops", "text edit gate"), "no kept text")
	expect(t, d.says("olivia", "ops", "text burn"), "no such part", "text list|new|edit|remove")
	for n := range workflow.MaxKeptTexts {
		d.keeps(fmt.Sprintf("Text %d", n), "x")
	}
	full := d.command("olivia", "ops", "text new").Form
	expect(t, d.submit("olivia", "ops", full, map[string]string{"name": "One more", "text": "x"}).FieldErrors[""], "at most 50 texts")
}

// TestKeptTextInTheFirmsWords says a date as the firm reads it.
func TestKeptTextInTheFirmsWords(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.speaks("acme", "de")
	d.keeps("Due", "Bitte bis {due}.")
	d.command("olivia", "ops", "new Heizung tropft")
	form := d.click("olivia", "ops", d.waitCard("ops", "#1", "Offer to a firm", "Edit details", "Close", "Ask somebody outside"), "Edit details").Form
	d.submit("olivia", "ops", form, map[string]string{"title": "Heizung tropft", "priority": "normal", "due": "2031-12-01 14:00"})
	d.says("olivia", "ops", "assign 1 acme by 2h")
	expect(t, d.says("olivia", "ops", "comment 1 text:due"), "Sent to")
	d.waitText(firmChannel, "Bitte bis 1. Dez. 2031, 14:00 UTC.")
}

// TestKeptTextForThoseOutside says nothing that they do not see of the job.
func TestKeptTextForThoseOutside(t *testing.T) {
	t.Parallel()
	d := withOutsiders(t)
	d.involved()
	d.keeps("About", "It is about {topic}.")
	d.keeps("Where", "It is {title} at {place}.")
	expect(t, d.says("olivia", "ops", "comment 1 text:about"), `needs "topic"`)
	expect(t, d.says("olivia", "ops", "comment 1 text:where"), "Sent to the people outside")
	d.waitText(direct("ivan"), "It is Water in the cellar at 4 Elm St.")
	if said := d.dump(direct("ivan")); strings.Contains(said, "SECRET") {
		t.Errorf("they read\n%s", said)
	}
}
