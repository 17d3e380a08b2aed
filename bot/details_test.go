package bot_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// edit sends the form of a job's details with some of its values changed.
func (d *desk) edit(number string, values map[string]string) {
	d.t.Helper()
	d.change(number, values)
	d.drained()
}

// change is edit that does not wait for what is sent.
func (d *desk) change(number string, values map[string]string) {
	d.t.Helper()
	form := d.click("olivia", "ops", d.issueCard("#"+number), "Edit details").Form
	sent := map[string]string{}
	for _, f := range form.Fields {
		sent[f.Name] = f.Value
	}
	maps.Copy(sent, values)
	if a := d.submit("olivia", "ops", form, sent); a.Refused != "" || len(a.FieldErrors) > 0 {
		d.t.Fatalf("edit: %+v", a)
	}
}

// changesSaid are the notices of changed details in a firm's channel.
func (d *desk) changesSaid(channel string) (out []string) {
	for _, p := range d.posts(channel, "changed the details") {
		out = append(out, p.Message.Text.String())
	}
	return out
}

// TestFirmIsToldWhatChanged: who has a job reads in its thread what the desk changed about
// it, once for each time and nothing that is the desk's own; both histories have it.
func TestFirmIsToldWhatChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	long := strings.Repeat("The tenant is at home from 8 to 12. ", 20)
	d.edit("1", map[string]string{"description": long, "place": "4 Elm St"})
	d.edit("1", map[string]string{
		"title": "Boiler cold", "priority": "urgent", "place": "", "description": long + "Ring twice.",
		"url": "https://crm.example/secret", "customer": "Mrs Secret\n0113 496 0123", "external_ref": "CRM-1077",
	})
	said := d.changesSaid(firmChannel)
	if len(said) != 2 {
		t.Fatalf("the firm was told %q", said)
	}
	expect(t, said[0], "Place: 4 Elm St", "Description: The tenant is at home")
	expect(t, said[1], "Title: Boiler down → Boiler cold", "Priority: Normal → Urgent", "Place: 4 Elm St → none", "Ring twice.")
	if strings.Contains(said[1], "crm.example") || strings.Contains(said[1], "Secret") || strings.Contains(said[1], "1077") || len(said[1]) > 600 {
		t.Errorf("the firm was told %q", said[1])
	}

	// What is none of the firm's business tells it nothing.
	d.edit("1", map[string]string{"url": "https://crm.example/other"})
	if again := d.changesSaid(firmChannel); len(again) != 2 {
		t.Errorf("of a link the firm was told %q", again[2:])
	}
	firms, _ := d.wholeHistory("cora", firmChannel, "history 1")
	desks, _ := d.wholeHistory("olivia", "ops", "history 1")
	count := func(lines []string, part string) int { return strings.Count(strings.Join(lines, "\n"), part) }
	for _, c := range []struct {
		part        string
		firm, desks int
	}{{"changed the details", 2, 3}, {"Title: Boiler down → Boiler cold", 1, 1}, {"Reference link", 0, 2}, {"crm.example", 0, 3}, {"Customer: Mrs Secret 0113", 0, 1}, {"CRM-1077", 0, 1}} {
		if f, o := count(firms, c.part), count(desks, c.part); f != c.firm || o != c.desks {
			t.Errorf("%q stands %d times in the firm's history and %d times in the desk's:\n%q\n%q", c.part, f, o, firms, desks)
		}
	}
}

// TestChangesBeforeAndAfterTheWork: a firm that was offered the job is told as well, one that
// knows nothing of it or has it no more is not, and a due date of the terms' own stands.
func TestChangesBeforeAndAfterTheWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "draft 1 other")
	d.says("olivia", "ops", "assign 1 acme by 2h due 2026-12-01 12:00")
	d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	d.edit("1", map[string]string{"topic": "Heating", "due": "2026-12-02 12:00"})
	said := d.changesSaid(firmChannel)
	if len(said) != 1 || strings.Contains(said[0], "Due") {
		t.Fatalf("the firm that was asked was told %q", said)
	}
	expect(t, said[0], "Topic: Heating")
	d.edit("1", map[string]string{"due": "2026-12-03 12:00"})
	expect(t, d.says("olivia", "ops", "cancel 1"), "withdrawn")
	d.drained()
	d.edit("1", map[string]string{"topic": "Water"})
	if again := d.changesSaid(firmChannel); len(again) != 1 {
		t.Errorf("the firm was told %q", again[1:])
	}
	if other := d.changesSaid(rivalChannel); len(other) != 0 {
		t.Errorf("a firm that knows nothing of the job was told %q", other)
	}
	for _, e := range d.eventsOf(1, "details_changed") {
		if e.Actor != "Olivia" || len(e.Data) == 0 || len(e.Data)%2 != 0 {
			t.Errorf("the history has %+v", e)
		}
	}
}

// TestChangesBeforeTheCardArrived: a firm whose card was still on its way reads the job as it
// is, and nowhere what the desk took back before.
func TestChangesBeforeTheCardArrived(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	d.drained()
	d.edit("1", map[string]string{"description": "The key is under the mat."})
	stop := d.failing(firmChannel, &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: 30 * time.Second})
	d.says("olivia", "ops", "assign 1 acme by 2h")
	d.untilWritten("a card that does not arrive", func() bool { return d.called("refused "+firmChannel) > 0 })
	d.change("1", map[string]string{"description": "Ask the neighbour."})
	stop()
	d.advance(31 * time.Second)
	d.drained()
	card := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	expect(t, card.Message.Text.String(), "Ask the neighbour.")
	lines, _ := d.wholeHistory("cora", firmChannel, "history 1")
	if all := strings.Join(append(lines, d.changesSaid(firmChannel)...), "\n"); strings.Contains(all, "mat") || strings.Contains(all, "changed the details") {
		t.Errorf("the firm reads %q", all)
	}
	if all := everything(d.jobPage("cora", 1)); strings.Contains(all, "mat.") {
		t.Errorf("the firm's page has %s", all)
	}
	d.edit("1", map[string]string{"description": "Ring twice."})
	if said := d.changesSaid(firmChannel); len(said) != 1 {
		t.Errorf("of what it has seen the firm was told %q", said)
	}
}

// TestWithdrawnOfferTellsNoMore: who had a job or was asked for it reads nowhere what the desk
// writes about it for who has it now.
func TestWithdrawnOfferTellsNoMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	d.accepted()
	d.edit("1", map[string]string{"description": "It hisses."})
	if page := d.jobPage("cora", 1); page.Description != "It hisses." {
		t.Errorf("the firm's page has %q", page.Description)
	}
	d.says("olivia", "ops", "takeback 1 nobody came")
	d.says("olivia", "ops", "assign 1 other")
	d.drained()
	d.edit("1", map[string]string{"description": "The key is under the mat.", "place": "4 Elm St"})
	d.submit("olivia", "ops", d.command("olivia", "ops", "require 1").Form, map[string]string{"checklist": "Put the key back under the mat"})
	d.drained()
	if page := d.jobPage("dora", 1); page.Description != "The key is under the mat." {
		t.Errorf("the page of the firm that is asked has %q", page.Description)
	}
	if all := everything(d.jobPage("cora", 1)); strings.Contains(all, "the mat") {
		t.Errorf("the page of the firm that had it says %s", all)
	}
	for _, command := range []string{"show 1", "history 1"} {
		if all := everything(d.command("cora", firmChannel, command).Message); strings.Contains(all, "the mat") {
			t.Errorf("%s tells the firm that had it %s", command, all)
		}
	}
	if posts := d.posts(firmChannel, "the mat"); len(posts) > 0 {
		t.Errorf("the firm that had it reads %+v", posts)
	}
	card := d.waitCard(rivalChannel, "#1", "Accept", "Decline", "Suggest other terms")
	d.submit("dora", rivalChannel, d.click("dora", rivalChannel, card, "Decline").Form, map[string]string{"reason": "no_capacity"})
	d.drained()
	d.edit("1", map[string]string{"description": "The code is 4711."})
	for _, firm := range []struct{ who, channel string }{{"cora", firmChannel}, {"dora", rivalChannel}} {
		if posts := d.posts(firm.channel, "4711"); len(posts) > 0 {
			t.Errorf("after it was declined, %s reads %+v", firm.who, posts)
		}
		if all := everything(d.jobPage(firm.who, 1)) + everything(d.command(firm.who, firm.channel, "show 1").Message); strings.Contains(all, "4711") {
			t.Errorf("after it was declined, %s reads %s", firm.who, all)
		}
	}
	lines, _ := d.wholeHistory("dora", rivalChannel, "history 1")
	if all := strings.Join(append(lines, everything(d.jobPage("dora", 1))), "\n"); strings.Contains(all, "Acme") || strings.Contains(all, "nobody came") {
		t.Errorf("the firm that is asked reads of the one before: %s", all)
	}
}

// eventsOf are the events of a kind in an issue's history.
func (d *desk) eventsOf(number int, kind string) (out []chat.EventView) {
	d.t.Helper()
	list, err := d.engine.Events(d.t.Context(), number, 0, 0)
	if err != nil {
		d.t.Fatalf("events: %v", err)
	}
	for _, e := range list {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

// TestFirmGoesOnReadingTheJobItLost: whichever way a firm lost a job, it reads it everywhere as
// it was then; offered anew, it reads there what the job is now.
func TestFirmGoesOnReadingTheJobItLost(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name string
		lose func(d *desk)
	}{
		{"declined", func(d *desk) { d.declines() }},
		{"withdrawn", func(d *desk) { d.says("olivia", "ops", "cancel 1") }},
		{"taken", func(d *desk) {
			d.says("olivia", "ops", "assign 1 acme")
			d.click("cora", firmChannel, d.waitCard(firmChannel, "#1", offerButtons()...), "Accept")
		}},
		{"taken back", func(d *desk) {
			d.click("dora", rivalChannel, d.waitCard(rivalChannel, "#1", offerButtons()...), "Accept")
			d.says("olivia", "ops", "takeback 1 nobody came")
		}},
		{"expired", func(d *desk) { d.advance(2*time.Hour + time.Minute) }},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			d.withRival()
			d.says("olivia", "ops", "new Boiler down")
			d.edit("1", map[string]string{"place": "4 Elm St", "topic": "Heating", "due": "2026-12-01 12:00", "priority": "high"})
			d.says("olivia", "ops", "assign 1 other by 2h")
			d.waitCard(rivalChannel, "#1", offerButtons()...)
			way.lose(d)
			d.drained()
			if got := d.issue(1); got.Assignments[0].Status != "declined" && got.Assignments[0].Status != "canceled" {
				t.Fatalf("the firm still has %+v", got)
			}
			d.edit("1", map[string]string{"place": "9 Oak Rd", "topic": "Water", "title": "Pump away", "priority": "urgent"})
			d.edit("1", map[string]string{"place": "", "title": "Pump stolen", "due": "2026-12-24 10:00"})
			d.submit("olivia", "ops", d.command("olivia", "ops", "require 1").Form, map[string]string{"checklist": "Lock the pump"})
			d.drained()

			ways := d.readable("dora", rivalChannel)
			for where, all := range ways {
				for _, later := range []string{"Pump", "pump", "9 Oak Rd", "Water", "Urgent", "urgent", "24 Dec 2026", "2026-12-24"} {
					if strings.Contains(all, later) {
						t.Errorf("the %s says %q: %s", where, later, all)
					}
				}
			}
			for where, parts := range map[string][]string{
				"channel": {"Boiler down", "4 Elm St", "Heating", "High", "1 Dec 2026"}, "page": {"Boiler down", "4 Elm St", "Heating", "High", "1 Dec 2026"},
				"show 1": {"Boiler down", "4 Elm St", "Heating", "High", "1 Dec 2026"}, "history 1": {"Boiler down"},
			} {
				expect(t, ways[where], parts...)
			}
			if d.issue(1).Assignments[0].Status == "declined" {
				expect(t, ways["list page"], "Boiler down", "4 Elm St", "Heating", "high", "2026-12-01")
				expect(t, ways["list declined"], "Boiler down")
				expect(t, ways["home"], "Boiler down")
			}
			if d.issue(1).Assignments[0].Status == "declined" {
				expect(t, d.listed("dora", chat.ListQuery{List: "declined", Topic: "heating"}), "Boiler down")
				expect(t, d.listed("olivia", chat.ListQuery{List: "declined", Firm: "other", Topic: "water"}), "Pump stolen")
			}
			if got := d.listed("dora", chat.ListQuery{List: "declined", Topic: "water"}); strings.Contains(got, "#1") {
				t.Errorf("by a topic that the firm does not know its list has %s", got)
			}
			expect(t, everything(d.issueCard("#1")), "Pump stolen", "Water", "Urgent", "24 Dec 2026")
			if way.name == "taken" {
				return
			}

			d.says("olivia", "ops", "assign 1 other by 2h")
			card := d.waitCard(rivalChannel, "#1", offerButtons()...)
			expect(t, everything(card)+everything(d.jobPage("dora", 1)), "Pump stolen", "Water", "Urgent", "24 Dec 2026")
			d.declines()
			d.drained()
			d.edit("1", map[string]string{"title": "Tap drips"})
			for where, all := range d.readable("dora", rivalChannel) {
				if strings.Contains(all, "Tap") || !strings.Contains(all, "Pump stolen") {
					t.Errorf("after the second time the %s says %s", where, all)
				}
			}
			if len(d.posts(rivalChannel, "Boiler down")) == 0 {
				t.Error("the first card says what the second does")
			}
		})
	}
}

// declines lets dora decline what she was offered.
func (d *desk) declines() {
	d.t.Helper()
	card := d.waitCard(rivalChannel, "#1", offerButtons()...)
	d.submit("dora", rivalChannel, d.click("dora", rivalChannel, card, "Decline").Form, map[string]string{"reason": "no_capacity"})
}

// listed is everything on a page of jobs.
func (d *desk) listed(who string, q chat.ListQuery) string {
	d.t.Helper()
	list, err := d.engine.ListPage(d.t.Context(), d.as(who), q)
	if err != nil {
		d.t.Fatalf("list: %v", err)
	}
	return everything(list)
}

// readable is everything that somebody of a firm can read about its jobs, by where.
func (d *desk) readable(who, channel string) map[string]string {
	d.t.Helper()
	list := d.listed(who, chat.ListQuery{List: "declined"})
	d.opens(who)
	d.pressHome(who, d.waitHome(who, "[Filter", "-Back"), "Show a list", "declined")
	out := map[string]string{
		"channel": everything(d.posts(channel, "")), "page": everything(d.jobPage(who, 1)), "list page": list,
		"home": homeText(d.waitHome(who, "Back")),
	}
	for _, command := range []string{"show 1", "history 1", "list declined"} {
		out[command] = everything(d.command(who, channel, command).Message)
	}
	return out
}
