package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// needs has the desk ask for certificates on a job.
func (d *desk) needs(number, certificates string) {
	d.t.Helper()
	form := d.command("olivia", "ops", "require "+number).Form
	if form == nil {
		d.t.Fatalf("no form for what #%s needs", number)
	}
	values := map[string]string{}
	for _, f := range form.Fields {
		values[f.Name] = f.Value
	}
	values["certificates"] = certificates
	if a := d.submit("olivia", "ops", form, values); a.Refused != "" {
		d.t.Fatalf("what #%s needs: %+v", number, a)
	}
}

// TestCertificates: the desk enters, renews and removes what it has checked, by a line or
// by the form, and each change stands in the history.
func TestCertificates(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	const certificate = "contractor certificate acme "
	expect(t, d.says("olivia", "ops", certificate), "None has been entered yet")
	expect(t, d.says("olivia", "ops", certificate+`add "Gas safety" until 2027-03-01 ref GS-4411`), "Acme Heating, Leeds has the certificate “Gas safety”: until 1 Mar 2027.")
	form := d.command("olivia", "ops", certificate+"add").Form
	for field, values := range map[string]map[string]string{
		"name":      {"name": "", "until": ""},
		"until":     {"name": "Asbestos", "until": "2026-11-22"},
		"reference": {"name": "Asbestos", "reference": strings.Repeat("x", 151)},
	} {
		if a := d.submit("olivia", "ops", form, values); a.FieldErrors[field] == "" {
			t.Errorf("%v gave %+v", values, a)
		}
	}
	d.submit("olivia", "ops", form, map[string]string{"name": "Asbestos", "until": "", "reference": ""})
	expect(t, d.says("olivia", "ops", certificate+"list"), "Asbestos · with no end date", "Gas safety · until 1 Mar 2027 · checked by Olivia", "GS-4411")
	expect(t, d.says("olivia", "ops", certificate+"add gas safety until 2028-03-01"), "until 1 Mar 2028")
	expect(t, d.says("olivia", "ops", "contractor show acme"), "Certificates: Asbestos with no end date, gas safety until 1 Mar 2028")
	expect(t, d.says("olivia", "ops", certificate+"remove F-gas"), "no certificate \"F-gas\"")
	expect(t, d.says("olivia", "ops", certificate+"remove asbestos"), "no longer", "goes on")
	expect(t, d.says("olivia", "ops", certificate+"renew"), "Usage:")
	d.admin()
	expect(t, d.says("adam", "general", "settings history"), "Certificates: “Asbestos” → nothing", "nothing → “Gas safety until 2027-03-01 ref GS-4411”", "“Gas safety until 2027-03-01 ref GS-4411” → “gas safety until 2028-03-01”")

	// A firm sees its own, without what the desk notes of them; nobody else does.
	expect(t, d.held("cora", firmChannel), "gas safety until 1 Mar 2028")
	d.says("olivia", "ops", certificate+"add F-gas ref SECRET-77")
	for who, channel := range map[string]string{"cora": firmChannel, "dora": rivalChannel} {
		for _, text := range []string{"score", certificate, certificate + "add Heights", certificate + "remove F-gas", "contractor show acme"} {
			if got := d.says(who, channel, text) + d.held(who, channel); strings.Contains(got, "SECRET") || who == "dora" && strings.Contains(got, "F-gas") {
				t.Errorf("%s reads %q: %s", who, text, got)
			}
		}
	}
	for _, c := range d.contractors() {
		if c.Company != "Acme Heating" {
			continue
		}
		if n := len(c.Certificates); n != 2 || c.Certificates[0].Name != "F-gas" || c.Certificates[1].Until != "2028-03-01" || c.Certificates[1].CheckedBy != "Olivia" {
			t.Errorf("a program reads %+v", c.Certificates)
		}
	}
	// Managers look at them, and change nothing.
	if got := d.command("mona", managers, certificate); got.Refused != "" {
		t.Errorf("a manager got %+v", got)
	}
	if got := d.command("mona", managers, certificate+"remove F-gas"); got.Refused != "forbidden" {
		t.Errorf("a manager got %+v", got)
	}
}

// held is what a firm's score says of its certificates.
func (d *desk) held(who, channel string) string {
	d.t.Helper()
	for _, f := range d.command(who, channel, "score").Message.Facts {
		if f.Label == "Certificates" {
			return f.Value.String()
		}
	}
	return ""
}

func (d *desk) contractors() []chat.ContractorView {
	d.t.Helper()
	list, err := d.engine.Contractors(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return list
}

// TestJobsThatNeedCertificates: no way of offering leads to a firm without them.
func TestJobsThatNeedCertificates(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	third := d.withThird()
	d.says("olivia", "ops", "new Boiler down")
	d.needs("1", "Gas safety")
	d.says("olivia", "ops", "contractor certificate acme add Gas safety until 2026-12-10")
	d.says("olivia", "ops", "contractor certificate cool add gas safety until 2026-11-24")
	d.advance(48 * time.Hour)

	for _, text := range []string{"assign 1 other by 2h", "assign 1 acme, other by 2h"} {
		expect(t, d.says("olivia", "ops", text), "Other Firm, Hull cannot get this job: it has no certificate “Gas safety”.")
	}
	expect(t, d.says("olivia", "ops", "assign 1 cool by 2h"), "Cool Air, York cannot get this job: its certificate “Gas safety” ended on 2026-11-24.")
	d.wantStatus(1, "reported/")
	want := []string{"Acme Heating, Leeds", "Other Firm, Hull – lacks Gas safety", "Cool Air, York – Gas safety has ended"}
	if got := firmChoices(d.command("olivia", "ops", "assign 1").Form); !slices.Equal(got, want) {
		t.Errorf("suggested are %q", got)
	}
	// A draft may wait for the paper; it is not sent before.
	d.says("olivia", "ops", "new Drains")
	d.needs("2", "Gas safety")
	draft := d.command("olivia", "ops", "draft 2 other by 2h").Message
	send := token(t, draft, "Send offer")
	if a := d.press("olivia", "ops", "", send, ""); a.Refused != "conflict" {
		t.Errorf("the draft was sent: %+v", a)
	}
	d.says("olivia", "ops", "contractor certificate other add gas SAFETY")
	if a := d.press("olivia", "ops", "", send, ""); a.Refused != "" {
		t.Errorf("the draft was not sent: %+v", a)
	}
	d.says("olivia", "ops", "contractor certificate other remove gas safety")

	expect(t, d.says("olivia", "ops", "assign 1 acme then other then cool by 2h"),
		"Other Firm, Hull is passed over unless you enter what it lacks: lacks Gas safety.", "Cool Air, York is passed over")
	card := d.waitCard(firmChannel, "#1", offerButtons()...)
	wantFact(t, card, "Needs certificates", "Gas safety")
	d.submit("cora", firmChannel, d.click("cora", firmChannel, card, "Decline").Form, map[string]string{"reason": "location"})
	d.waitText("ops", "No firm is left in turn")
	expect(t, d.says("olivia", "ops", "history 1"), "Other Firm, Hull was passed over because it lacks the certificate Gas safety", "Cool Air, York was passed over because it lacks")
	d.says("olivia", "ops", "contractor certificate cool add Gas safety until 2027-11-24")
	expect(t, d.says("olivia", "ops", "assign 1 cool by 2h"), "is offered to Cool Air, York")
	d.waitCard(third, "#1", offerButtons()...)

	// From a template, the job is not even made for a firm without them.
	form := d.command("olivia", "ops", "template new").Form
	d.submit("olivia", "ops", form, map[string]string{"name": "Service", "title": "Service at {place}", "certificates": "Gas safety, F-gas"})
	expect(t, d.says("olivia", "ops", "template show service"), "Service at {place}")
	form = d.command("olivia", "ops", "new service").Form
	if a := d.submit("olivia", "ops", form, map[string]string{"placeholder0": "4 Elm St", "contractor": "acme"}); !strings.Contains(a.FieldErrors["contractor"], "no certificate “F-gas”") {
		t.Errorf("by the template: %+v", a)
	}
	if got := d.command("olivia", "ops", "show 3").Refused; got != "not_found" {
		t.Errorf("the job was made all the same: %s", got)
	}
	if a := d.submit("olivia", "ops", form, map[string]string{"placeholder0": "4 Elm St"}); a.Refused != "" {
		t.Errorf("by the template for nobody yet: %+v", a)
	}
	if got := d.issue(3).Demands.Certificates; !slices.Equal(got, []string{"Gas safety", "F-gas"}) {
		t.Errorf("the job needs %v", got)
	}
	// One that needs an approval first is only prepared, and says what is missing.
	form = d.command("olivia", "ops", "template new").Form
	d.submit("olivia", "ops", form, map[string]string{"name": "Dear", "title": "Dear at {place}", "certificates": "F-gas", "approval": "place = 9 Elm St"})
	form = d.command("olivia", "ops", "new dear").Form
	a := d.submit("olivia", "ops", form, map[string]string{"placeholder0": "9 Elm St", "contractor": "acme"})
	expect(t, a.Message.Text.String(), "is prepared until then", "Acme Heating, Leeds: lacks F-gas. The offer is not sent before you enter what is missing.")
	d.wantStatus(4, "reported/unsent")
}

// TestCertificatesEnd: the desk is told once a month before and once after the last day,
// also after an outage; work that was accepted goes on.
func TestCertificatesEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	d.needs("1", "Gas safety")
	d.says("olivia", "ops", "contractor certificate acme add Gas safety until 2027-01-10")
	d.says("olivia", "ops", "contractor certificate acme add F-gas until 2027-01-10")
	d.says("olivia", "ops", "assign 1 acme by 2h")
	d.click("cora", firmChannel, d.waitCard(firmChannel, "#1", offerButtons()...), "Accept")
	d.at("2026-12-11T07:50:00Z")
	d.drained()
	soon := func() int { return len(d.posts("ops", "ends on 10 Jan 2027")) }
	over := func() int { return len(d.posts("ops", "ended on 10 Jan 2027")) }
	if soon() != 0 {
		t.Error("the desk was told too early")
	}
	d.at("2026-12-11T08:00:00Z")
	d.waitText("ops", "The certificate Gas safety of Acme Heating, Leeds ends on 10 Jan 2027.")
	d.advance(time.Minute)
	d.advance(24 * time.Hour)
	d.drained()
	if soon() != 1 || over() != 0 {
		t.Errorf("told %d times that they end, and %d that they ended", soon(), over())
	}
	// Nobody was there on the day after the last one.
	d.at("2027-01-14T12:00:00Z")
	d.waitText("ops", "jobs that need it are offered to others")
	d.advance(24 * time.Hour)
	d.drained()
	if soon() != 1 || over() != 1 || len(d.posts(firmChannel, "10 Jan 2027")) != 0 {
		t.Errorf("told %d times that they end, and %d that they ended", soon(), over())
	}
	card := d.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
	if a := d.click("cora", firmChannel, card, "Start"); a.Refused != "" {
		t.Errorf("the work cannot go on: %+v", a)
	}
	expect(t, d.held("cora", firmChannel), "Gas safety ended 10 Jan 2027")
}
