package bot_test

import (
	"testing"

	"taskbridge/bot/chat"
)

// withMona adds a manager to a desk with one firm.
func (d *desk) withMona() {
	d.t.Helper()
	d.withFirm()
	d.p.addPerson("mona", chat.Member, false)
	d.p.addChannel("managers", "mona", "anna")
	expect(d.t, d.says("anna", "managers", "here managers"), "managers channel")
}

// TestRightsOfOnePerson: given and taken by an administrator, with effect at once, and
// kept in the history.
func TestRightsOfOnePerson(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withMona()
	expect(t, d.says("mona", "managers", "new Not hers"), "only the desk")
	expect(t, d.says("olivia", "ops", "rights grant Mona hand out"), "administrator")
	expect(t, d.says("anna", "ops", "rights grant Mona hand out"), `has the right "Hand out jobs"`)
	expect(t, d.says("anna", "ops", "rights grant mona handout"), "already")
	expect(t, d.says("mona", "managers", "new Hers now"), "created")
	expect(t, d.says("mona", "managers", "assign 1 acme"), "offered")
	d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	expect(t, d.says("mona", "managers", "contractor pause acme"), "only the desk")

	expect(t, d.says("anna", "ops", "rights revoke @Otto firms"), "not have the right")
	expect(t, d.says("otto", "ops", "contractor pause acme"), `the right "manage firms" was taken`)
	expect(t, d.says("otto", "ops", "new Still his"), "created")
	expect(t, d.says("olivia", "ops", "rights"), "mona: view, hand out jobs", "given: hand out jobs", "taken: manage firms")
	expect(t, d.says("anna", "ops", "rights history"), `gave "hand out jobs" to mona`, `took "manage firms" from otto`)
	expect(t, d.says("anna", "ops", "rights grant otto firms"), "has the right")
	expect(t, d.says("otto", "ops", "contractor pause acme"), "no new offers")

	expect(t, d.says("anna", "ops", "rights revoke anna admin"), "yourself")
	expect(t, d.says("anna", "ops", "rights grant Cora admin"), "nobody in the desk's channels")
	expect(t, d.says("anna", "ops", "rights grant Mona everything"), "say which right")
}

// TestCostsAboveTheLimit: an operator is told who can approve them, and a manager's
// word, or the right, settles it.
func TestCostsAboveTheLimit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withMona()
	a := d.command("anna", "ops", "settings money")
	d.submit("anna", "ops", a.Form, map[string]string{"limit": "100 EUR"})
	card := d.accepted()
	form := d.click("cora", firmChannel, card, "Complete").Form
	d.submit("cora", firmChannel, form, map[string]string{"note": "Done", "costs": "120 EUR"})
	expect(t, d.says("olivia", "ops", "approve 1"), "above the desk's limit of 100.00 EUR", "somebody in the managers' channel")
	d.says("mona", "managers", "list")
	expect(t, d.says("olivia", "ops", "approve 1"), "ask mona")
	expect(t, d.says("olivia", "ops", "close 1"), "above the desk's limit")
	expect(t, d.says("anna", "ops", "rights grant Olivia money"), "has the right")
	expect(t, d.says("olivia", "ops", "approve 1"), "is approved")
}
