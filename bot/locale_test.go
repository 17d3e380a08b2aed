package bot_test

import (
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// reads says in which language somebody reads the platform.
func (d *desk) reads(who, locale string) {
	d.t.Helper()
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	p := d.p.people[who]
	if p.ID == "" {
		p = chat.Person{ID: who, Name: strings.ToUpper(who[:1]) + who[1:], Kind: chat.Member}
	}
	p.Locale = locale
	d.p.people[who] = p
}

// TestPeopleAreAnsweredInTheirOwnLanguage: answers, refusals and forms are in the
// language of who asks; what others read is in the channel's.
func TestPeopleAreAnsweredInTheirOwnLanguage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.reads("gisela", "de-AT")
	d.reads("taro", "ja-JP")
	d.reads("dora", "de-DE")
	d.join("ops", "gisela")
	d.join("ops", "taro")
	d.join(firmChannel, "dora")
	expect(t, d.says("gisela", "ops", "new Heating drips"), "#1 Heating drips ist angelegt.")
	d.waitCard("ops", "#1 Heating drips", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	expect(t, d.says("gisela", "ops", "assign 9 acme"), "Diesen Auftrag gibt es hier nicht")
	expect(t, d.says("taro", "ops", "assign 9 acme"), "There is no such job here")
	if title := d.command("gisela", "ops", "contractor hours acme").Form.Title; title != "Arbeitszeit" {
		t.Errorf("the form is called %q", title)
	}
	d.says("gisela", "ops", "assign 1 acme by 2h")
	offer := d.waitCard(firmChannel, "#1 Heating drips", "Accept", "Decline", "Suggest other terms")
	expect(t, d.click("dora", firmChannel, offer, "Accept").Message.Text.String(), "Sie sind jetzt verantwortlich für #1")
	d.waitText("ops", "(Acme Heating, Leeds) accepted.")
	d.says("gisela", "ops", "complete 1")
	d.waitText(firmChannel, "marked this job as complete")
}

// TestHomeInOnesOwnLanguage shows a home in the language of whose it is.
func TestHomeInOnesOwnLanguage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.reads("gisela", "de")
	d.join("ops", "gisela")
	d.opens("gisela")
	d.waitHome("gisela", "Was bei Ihnen liegt")
	d.opens("olivia")
	d.waitHome("olivia", "Waiting for you")
}

// TestHintsInOnesOwnLanguage: what a command does is said in the language of who types it.
func TestHintsInOnesOwnLanguage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.reads("gisela", "de")
	d.join("ops", "gisela")
	for who, want := range map[string]string{"gisela": "einen Auftrag schließen", "olivia": "close a job"} {
		hints := d.engine.Hints(t.Context(), chat.Inbound{Workspace: workspace, Channel: "ops", From: chat.Person{ID: who, Kind: chat.Member}, Body: chat.Command{}})
		if n := slices.IndexFunc(hints, func(h chat.Hint) bool { return h.Text == "close" }); n < 0 || hints[n].Does != want {
			t.Errorf("%s is shown %+v", who, hints)
		}
	}
}
