package bot_test

import (
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// actors are one person of each kind with the channel they speak in.
var actors = []struct{ kind, who, channel string }{
	{"operator", "olivia", "ops"},
	{"operator elsewhere", "olivia", "general"},
	{"manager", "mona", managers},
	{"contractor", "cora", firmChannel},
	{"rival", "dora", rivalChannel},
	{"guest", "gina", "ops"},
	{"stranger", "sam", "general"},
	{"admin", "adam", "general"},
}

// commandRights is who may use each subcommand on issue 1, an accepted job.
var commandRights = []struct {
	text    string
	allowed []string
}{
	{"new Another job", []string{"operator"}},
	{"new", []string{"operator"}},
	{"assign 1 other", []string{"operator"}},
	{"comment 1 Hello", []string{"operator", "contractor"}},
	{"note 1 Hello", []string{"operator"}},
	{"cancel 1", []string{"operator"}},
	{"approve 1", []string{"operator"}},
	{"sendback 1 More", []string{"operator"}},
	{"remind 1 2h", []string{"operator"}},
	{"show 1", []string{"operator", "manager", "contractor"}},
	{"history 1", []string{"operator", "manager", "contractor"}},
	{"list", []string{"operator", "manager", "contractor", "rival"}},
	{"summary", []string{"operator", "manager"}},
	{"contractor", []string{"operator", "manager"}},
	{"contractor list", []string{"operator", "manager"}},
	{"contractor show acme", []string{"operator", "manager"}},
	{"contractor add", []string{"operator"}},
	{"contractor invite acme x@acme.example", []string{"operator"}},
	{"contractor pause other", []string{"operator"}},
	{"contractor resume other", []string{"operator"}},
	{"contractor offboard other", []string{"operator"}},
	{"rights", []string{"operator", "manager"}},
	{"rights grant Mona firms", []string{"admin"}},
	{"here operations", []string{"admin"}},
	{"help", []string{"operator", "manager", "contractor", "rival", "guest", "stranger", "admin"}},
	{"reopen 1", []string{"operator"}},
	{"close 1", []string{"operator"}},
}

func TestCommandRights(t *testing.T) {
	t.Parallel()
	for _, a := range actors {
		t.Run(a.kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			d.withRival()
			d.accepted()
			for _, c := range commandRights {
				kind, _, _ := strings.Cut(a.kind, " ")
				allowed := slices.Contains(c.allowed, kind)
				if c.text == "here operations" && a.kind == "admin" {
					continue // It would take the desk away from the others; tried elsewhere.
				}
				before, firms := d.issue(1), d.firms()
				got := d.command(a.who, a.channel, c.text)
				denied := got.Refused == "forbidden" || got.Refused == "not_found"
				if denied == allowed {
					t.Errorf("%s: /task %s: refused %q: %s", a.kind, c.text, got.Refused, got.Message.Text)
				}
				if allowed {
					continue
				}
				d.same(1, before, a.kind+": /task "+c.text)
				if after := d.firms(); after != firms {
					t.Errorf("%s: /task %s changed the firms from %s to %s", a.kind, c.text, firms, after)
				}
				for _, secret := range []string{"Boiler", "Acme", "Other Firm"} {
					if s := got.Message.Title + got.Message.Text.String(); strings.Contains(s, secret) && !strings.Contains(c.text, secret) {
						t.Errorf("%s: /task %s tells %q in %q", a.kind, c.text, secret, s)
					}
				}
				if got.Form != nil {
					t.Errorf("%s: /task %s opened a form", a.kind, c.text)
				}
			}
			if l := d.says("dora", rivalChannel, "list"); strings.Contains(l, "Boiler") {
				t.Errorf("the rival's list has another firm's job: %s", l)
			}
		})
	}
}

// firms is the state of all firms in one string.
func (d *desk) firms() string {
	d.t.Helper()
	all, err := d.engine.Contractors(d.t.Context())
	if err != nil {
		d.t.Fatalf("contractors: %v", err)
	}
	var out []string
	for _, c := range all {
		var inv []string
		for _, i := range c.Invitations {
			inv = append(inv, i.Address)
		}
		out = append(out, c.Company+" "+c.State+" "+strings.Join(inv, ","))
	}
	return strings.Join(out, "; ")
}

// TestButtonRights presses every button of both cards in every state as everybody
// who must not.
func TestButtonRights(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	// An operator and a rival inside the firm's channel are still no contractors
	// of it as far as the desk's own people go.
	d.join(firmChannel, "olivia", "mona")
	try := func(state string, card fakePost, channel string, may ...string) {
		t.Helper()
		for _, b := range card.Message.Buttons {
			for _, who := range []string{"olivia", "mona", "cora", "dora", "gina", "sam", "adam"} {
				// The firm may write about its job, from wherever it does.
				if slices.Contains(may, who) || who == "cora" && b.Label == "Reply to firm" {
					continue
				}
				before := d.issue(1)
				a := d.press(who, channel, card.ID, b.Token, "")
				if a.Refused != "forbidden" && a.Refused != "not_found" || a.Form != nil {
					t.Errorf("%s: %s pressed %s: refused %q %s form %v", state, who, b.Label, a.Refused, a.Message.Text, a.Form != nil)
				}
				d.same(1, before, state+": "+who+" pressed "+b.Label)
			}
		}
	}
	card := d.offered()
	try("offered, firm", card, firmChannel, "cora")
	try("offered, desk", d.waitCard("ops", "#1", "Reply to firm", "Edit details", "Withdraw offer"), "ops", "olivia")
	d.click("cora", firmChannel, card, "Accept")
	card = d.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
	try("accepted, firm", card, firmChannel, "cora")
	try("accepted, desk", d.waitCard("ops", "#1", "Reply to firm", "Edit details", "Amend terms", "Complete early", "Take back"), "ops", "olivia")
	d.submit("cora", firmChannel, d.click("cora", firmChannel, card, "Complete").Form, map[string]string{"note": "Done"})
	ops := d.waitCard("ops", "#1", "Approve", "Send back", "Reply to firm", "Edit details")
	try("handed in, desk", ops, "ops", "olivia")
	d.click("olivia", "ops", ops, "Approve")
	try("approved, desk", d.waitCard("ops", "#1", "Close", "Reopen", "Rate"), "ops", "olivia")
	d.wantStatus(1, "resolved/complete")
}

// TestShowsOnlyOwnSide looks at what each side reads of one job.
func TestShowsOnlyOwnSide(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	d.handle(chat.Inbound{Workspace: "rest:api", From: chat.Person{ID: "t"}, Body: chat.Request{Verb: "new", Fields: map[string]string{
		"title": "Boiler down", "customer": "SECRET-customer", "external_ref": "SECRET-ref", "url": "https://crm.example/SECRET-url",
	}}})
	expect(t, d.says("olivia", "ops", "assign 1 acme"), "offered")
	expect(t, d.says("olivia", "ops", "assign 1 other"), "offered")
	d.says("olivia", "ops", "note 1 SECRET-note")
	d.reply("olivia", "ops", d.issueCard("#1").ID, "i1", "SECRET-internal")
	rivals := d.waitCard(rivalChannel, "#1", "Accept", "Decline", "Suggest other terms")
	d.reply("dora", rivalChannel, rivals.ID, "s1", "SECRET-rival")
	d.click("dora", rivalChannel, rivals, "Accept")
	d.waitCard(firmChannel, "#1")
	for _, c := range []string{"show 1", "history 1", "list", "list done", "help"} {
		a := d.command("cora", firmChannel, c)
		all := a.Message.Title + a.Message.Text.String()
		for _, f := range a.Message.Facts {
			all += f.Value.String() + f.Value.String()
		}
		for _, secret := range []string{"SECRET", "Other Firm", "Dora", "Hull"} {
			if strings.Contains(all, secret) {
				t.Errorf("/task %s tells the firm %q:\n%s", c, secret, all)
			}
		}
	}
	d.drained()
	all := d.dump(firmChannel)
	for _, secret := range []string{"SECRET", "Other Firm", "Dora", "Hull"} {
		if strings.Contains(all, secret) {
			t.Errorf("the firm's channel tells %q:\n%s", secret, all)
		}
	}
}

func TestHere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	expect(t, d.says("olivia", "ops", "here operations"), "administrator")
	expect(t, d.says("gina", "ops", "here operations"), "administrator")
	d.p.addPerson("guestadmin", chat.Guest, true)
	expect(t, d.says("guestadmin", "ops", "here operations"), "administrator")
	expect(t, d.says("anna", "ops", "here"), "Usage")
	expect(t, d.says("anna", "ops", "here kitchen"), "Usage")
	expect(t, d.says("anna", "nowhere", "here operations"), "Add @taskbridge")
	d.withFirm()
	d.join(firmChannel, "anna")
	expect(t, d.says("anna", firmChannel, "here operations"), "belongs to a contractor")

	// Moving the operations channel takes the desk with it.
	d.p.addChannel("ops2", "anna", "otto")
	expect(t, d.says("anna", "ops2", "here operations"), "now the operations channel")
	expect(t, d.says("otto", "ops2", "new Boiler"), "#1")
	d.waitCard("ops2", "#1", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	if a := d.command("olivia", "ops", "new Another"); a.Refused != "forbidden" {
		t.Errorf("who is only in the former operations channel: %+v", a)
	}
}

// TestLeavingTakesTheRights follows people who leave.
func TestLeavingTakesTheRights(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.offered()
	d.p.mu.Lock()
	for _, name := range []string{"ops", firmChannel} {
		c := d.p.channels[name]
		c.members = slices.DeleteFunc(c.members, func(s string) bool { return s == "otto" || s == "carl" })
	}
	d.p.mu.Unlock()
	d.handle(chat.Inbound{From: chat.Person{ID: "carl"}, Channel: firmChannel, Body: chat.Left{}})
	d.handle(chat.Inbound{From: chat.Person{ID: "otto"}, Channel: "ops", Body: chat.Left{}})
	if a := d.click("carl", firmChannel, card, "Accept"); a.Refused != "forbidden" {
		t.Errorf("a contractor who left: %+v", a)
	}
	if a := d.command("otto", "ops", "cancel 1"); a.Refused != "forbidden" {
		t.Errorf("an operator who left: %+v", a)
	}
	d.wantStatus(1, "allocated/assigned")
}
