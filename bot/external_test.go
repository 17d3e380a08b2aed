package bot_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/workflow"
)

var _ chat.Corresponding = (*fakePlatform)(nil)

// FindPerson implements chat.Corresponding: by the id, as a name, or by the address.
func (p *fakePlatform) FindPerson(_ context.Context, typed string) (chat.Person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("find person"); err != nil {
		return chat.Person{}, err
	}
	for _, who := range p.people {
		if who.ID == strings.TrimPrefix(typed, "@") || who.Email != "" && who.Email == typed {
			return who, nil
		}
	}
	return chat.Person{}, &chat.SendError{Reason: chat.NotFound}
}

// OpenDirect implements chat.Corresponding.
func (p *fakePlatform) OpenDirect(_ context.Context, person string) (chat.ChannelInfo, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("open direct"); err != nil {
		return chat.ChannelInfo{}, err
	}
	id := direct(person)
	if p.channels[id] == nil {
		p.channels[id] = &fakeChannel{ChannelInfo: chat.ChannelInfo{ID: id, Name: id, Private: true}, members: []string{person, "bot"}}
	}
	return p.channels[id].ChannelInfo, nil
}

func direct(person string) string { return "dm-" + person }

// withOutsiders is a desk with a firm, an insurer and a council in the workspace, and job
// #1 with things that nobody outside may read.
func withOutsiders(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.withOutsiders()
	return d
}

func (d *desk) withOutsiders() {
	d.t.Helper()
	d.withFirm()
	for id, email := range map[string]string{"ivan": "claims@insurer.example", "carol": "homes@council.example"} {
		d.p.addPerson(id, chat.Guest, false)
		d.p.mu.Lock()
		who := d.p.people[id]
		who.Email = email
		d.p.people[id] = who
		d.p.mu.Unlock()
	}
	form := d.command("olivia", "ops", "new").Form
	d.submit("olivia", "ops", form, map[string]string{
		"title": "Water in the cellar", "description": "SECRET description", "topic": "SECRET topic", "place": "4 Elm St",
		"customer": "SECRET customer", "external_ref": "SECRET ref", "priority": "urgent",
	})
	d.issueCard("#1")
}

// involved brings Ivan into job #1 and gives his card.
func (d *desk) involved() fakePost {
	d.t.Helper()
	expect(d.t, d.says("olivia", "ops", "external 1 claims@insurer.example"), "Ivan is asked on Fake about #1 Water in the cellar")
	return d.waitCard(direct("ivan"), "#1")
}

// TestExternal follows a job with somebody outside: they read their card and what the
// desk says to them, their words are the job's, and the desk closes it.
func TestExternal(t *testing.T) {
	t.Parallel()
	d := withOutsiders(t)
	remind := d.issue(1).RemindAt
	card := d.involved()
	i := d.issue(1)
	if i.Status != string(workflow.AllocatedExternal) || i.LiesWith != "both" || i.RemindAt == nil || !i.RemindAt.Equal(*remind) {
		t.Errorf("the job is %s with %s, reminder %v, was %v", i.Status, i.LiesWith, i.RemindAt, remind)
	}
	ops := d.waitCard("ops", "#1", "Write to them", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	d.waitPost("ops", "who is involved", func(p fakePost) bool { return p.ID == ops.ID && strings.Contains(everyFact(p), "Involved Ivan") })

	// A note stays inside; what is meant for outside goes out.
	d.reply("otto", "ops", ops.ID, "n1", "INTERNAL note")
	expect(t, d.says("olivia", "ops", "external 1 comment Is this covered?"), "Sent to the people outside")
	d.waitText(direct("ivan"), "Is this covered?")
	d.submit("olivia", "ops", d.click("olivia", "ops", ops, "Write to them").Form, map[string]string{"text": "And the carpet?"})
	d.waitText(direct("ivan"), "And the carpet?")
	d.reply("ivan", direct("ivan"), card.ID, "i1", "Yes, up to 500.")
	d.waitText("ops", "Yes, up to 500.")
	d.drained()
	d.wantThread("ops", ops.ID, "Olivia (to outside): Is this covered?", "Olivia (to outside): And the carpet?", "Ivan (outside): Yes, up to 500.")
	for _, p := range d.posts(direct("ivan"), "") {
		if strings.Contains(p.Message.Title+p.Message.Text.String()+everyFact(p), "SECRET") || strings.Contains(p.Message.Text.String(), "INTERNAL") || len(p.Message.Buttons) > 0 {
			t.Errorf("Ivan reads %+v", p.Message)
		}
	}

	// Edits and deletions follow, as in any thread.
	d.edits("ivan", direct("ivan"), card.ID, "i1", "Yes, up to 700.", d.clock.Now().Add(time.Second))
	d.waitText("ops", "Yes, up to 700.")
	d.reply("ivan", direct("ivan"), card.ID, "i2", "Wrong job")
	d.waitText("ops", "Wrong job")
	d.deletes(direct("ivan"), card.ID, "i2")
	d.drained()
	d.wantThread("ops", ops.ID, "Olivia (to outside): Is this covered?", "Olivia (to outside): And the carpet?", "Ivan (outside): Yes, up to 700.")

	// The desk's history names everybody; the ledger knows who spoke.
	h := d.says("olivia", "ops", "history 1")
	expect(t, h, "Olivia brought in people from outside: Ivan", "Yes, up to 700.")
	all := d.comments(1)
	at := slices.IndexFunc(all, func(c chat.CommentView) bool { return c.Source.Message == "i1" })
	if at < 0 || all[at].Author.Side != "external" || all[at].Visibility != "shared" || len(all[at].Versions) != 2 {
		t.Errorf("the ledger has %+v", all)
	}
	// The reminder comes when it would have, to both.
	d.advance(25 * time.Hour)
	d.waitText(direct("ivan"), "would still like to hear from you")
	d.says("olivia", "ops", "close 1")
	d.waitPost(direct("ivan"), "a closed card", func(p fakePost) bool {
		return p.ID == card.ID && strings.Contains(p.Message.Text.String(), "has closed this job")
	})
}

func everyFact(p fakePost) string {
	var b strings.Builder
	for _, f := range p.Message.Facts {
		b.WriteString(f.Label + " " + f.Value.String() + "\n")
	}
	return b.String()
}

// TestReminderOfAFirmStaysWithIt: whoever is asked about the job from outside reads none.
func TestReminderOfAFirmStaysWithIt(t *testing.T) {
	t.Parallel()
	d := withOutsiders(t)
	d.involved()
	expect(t, d.says("olivia", "ops", "assign 1 acme by 5d"), "offered")
	d.drained()
	d.advance(24 * time.Hour)
	d.waitText(firmChannel, "Reminder: the desk waits for you here")
	d.drained()
	if got := d.posts(direct("ivan"), "Reminder"); len(got) != 0 {
		t.Errorf("somebody outside got the firm's reminder: %v", got)
	}
}

// TestExternalSeesNothingElse: of other jobs, of another's words, of a firm's work.
func TestExternalSeesNothingElse(t *testing.T) {
	t.Parallel()
	d := withOutsiders(t)
	ivan := d.involved()
	d.says("olivia", "ops", "new SECRET other job")
	expect(t, d.says("olivia", "ops", "external 2 @carol"), "Carol is asked")
	carol2 := d.waitCard(direct("carol"), "#2")
	expect(t, d.says("olivia", "ops", "external 1 homes@council.example"), "Carol is asked")
	carol := d.waitPost(direct("carol"), "card of #1", func(p fakePost) bool { return p.ID != carol2.ID && strings.Contains(p.Message.Title, "#1") })

	// Two people outside do not read each other.
	d.reply("ivan", direct("ivan"), ivan.ID, "i1", "IVANS words")
	d.reply("carol", direct("carol"), carol.ID, "c1", "CAROLS words")
	d.waitText("ops", "IVANS words")
	d.waitText("ops", "CAROLS words")

	// Nor does a firm that gets the job, of which they see nothing either.
	expect(t, d.says("olivia", "ops", "assign 1 acme by 2h price 999 GBP"), "offered")
	firm := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	d.click("cora", firmChannel, firm, "Accept")
	d.reply("cora", firmChannel, firm.ID, "f1", "FIRMS words")
	d.says("olivia", "ops", "comment 1 DESK to the firm")
	expect(t, d.says("olivia", "ops", "external 1 comment DESK to outside"), "Sent to the people outside")
	d.waitText(firmChannel, "DESK to the firm")
	d.waitText(direct("ivan"), "DESK to outside")
	d.waitText(direct("carol"), "DESK to outside")
	d.drained()
	for channel, never := range map[string][]string{
		direct("ivan"):  {"SECRET", "CAROLS", "FIRMS", "to the firm", "999", "Acme", "#2"},
		direct("carol"): {"IVANS", "FIRMS", "to the firm", "999", "Acme"},
		firmChannel:     {"IVANS", "CAROLS", "to outside", "Ivan", "Carol", "insurer", "council"},
	} {
		for _, p := range d.posts(channel, "") {
			text := p.Message.Speaker.Name + p.Message.Title + p.Message.Text.String() + everyFact(p)
			for _, word := range never {
				if strings.Contains(text, word) {
					t.Errorf("%s reads %q: %s", channel, word, text)
				}
			}
		}
	}
	if h := d.says("cora", firmChannel, "history 1"); strings.Contains(h, "Ivan") || strings.Contains(h, "outside") || strings.Contains(h, "IVANS") {
		t.Errorf("the firm's history says:\n%s", h)
	}
	if s := d.says("cora", firmChannel, "show 1"); strings.Contains(s, "Ivan") {
		t.Errorf("the firm sees:\n%s", s)
	}

	// By command they get no further than by reading.
	if s := d.says("ivan", direct("ivan"), "show 1"); strings.Contains(s, "SECRET") || !strings.Contains(s, "Water in the cellar") {
		t.Errorf("Ivan sees:\n%s", s)
	}
	expect(t, d.says("ivan", direct("ivan"), "show 2"), "no such")
	expect(t, d.says("ivan", direct("ivan"), "comment 2 Hello"), "no such")
	expect(t, d.says("ivan", direct("ivan"), "history 1"), "thread under the job's card")
	expect(t, d.says("ivan", direct("ivan"), "list open"), "Only the desk")
	expect(t, d.says("ivan", direct("ivan"), "close 1"), "Only the desk")
	expect(t, d.says("ivan", direct("ivan"), "external 1 someone@else.example"), "Only the desk")
	// A reply in somebody else's thread, by whatever way it comes, is none of the job's.
	before := len(d.comments(2))
	d.reply("ivan", direct("carol"), carol2.ID, "x1", "Forged")
	if after := d.comments(2); len(after) != before {
		t.Errorf("somebody who is not involved spoke: %+v", after)
	}
}

// TestExternalRefusals gives each refusal in one sentence.
func TestExternalRefusals(t *testing.T) {
	t.Parallel()
	d := withOutsiders(t)
	d.withRival()
	card := d.involved()
	for _, tt := range []struct{ who, channel, text, want string }{
		{"olivia", "ops", "external", "Give the job's number."},
		{"olivia", "ops", "external 9 ivan", "no such"},
		{"olivia", "ops", "external 1 @nobody", "Nobody here is called @nobody"},
		{"olivia", "ops", "external 1 not@an@address", "E-mail is not set up here"},
		{"olivia", "ops", "external 1 claims@insurer.example", "Ivan is involved already."},
		{"olivia", "ops", "external 1 otto", "belongs to the desk"},
		{"olivia", "ops", "external 1 cora", "acts for a firm"},
		{"olivia", "ops", "external 1 bot", "is a program"},
		{"olivia", "ops", "external 1 remove", "Say who is to be let go."},
		{"olivia", "ops", "external 1 remove carol", "carol is not involved in this job."},
		{"olivia", "ops", "external 1 comment", "Say what you want to write."},
		{"olivia", "ops", "external 1", "claims@insurer.example"},
		{"cora", firmChannel, "external 1 ivan", "Only the desk can allocate"},
		{"mona", managers, "external 1 ivan", "Only the desk can allocate"},
		{"sam", "general", "external 1 ivan", "does not know you"},
	} {
		if got := d.says(tt.who, tt.channel, tt.text); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
	if n := d.called("find person"); n > 9 {
		t.Errorf("people were looked up %d times: somebody without a right made us", n)
	}
	d.says("olivia", "ops", "new Another")
	expect(t, d.says("olivia", "ops", "external 2 comment Hello"), "Nobody outside is involved in this job")
	d.says("olivia", "ops", "assign 2 acme")
	expect(t, d.says("olivia", "ops", "external 2 carol"), "Carol is asked", "about #2 Another")
	if got := d.issue(2); got.Status != string(workflow.Allocated) {
		t.Errorf("with somebody outside it is %s", got.Status)
	}

	// Whoever is let go is told, and is heard no more; what they said stays.
	d.reply("ivan", direct("ivan"), card.ID, "i1", "Covered")
	expect(t, d.says("olivia", "ops", "external 1 remove claims@insurer.example"), "Ivan is no longer involved")
	d.waitPost(direct("ivan"), "a card that says so", func(p fakePost) bool {
		return p.ID == card.ID && strings.Contains(p.Message.Text.String(), "no longer involved") && !strings.Contains(p.Message.Title, "Water")
	})
	d.reply("ivan", direct("ivan"), card.ID, "i2", "Still here")
	if all := d.comments(1); len(all) != 1 || all[0].Text != "Covered" {
		t.Errorf("the ledger has %+v", all)
	}
	if i := d.issue(1); i.Status != "reported" || i.LiesWith != "operator" {
		t.Errorf("the job is %s with %s", i.Status, i.LiesWith)
	}
	expect(t, d.says("olivia", "ops", "history 1"), "let people from outside go: Ivan", "Covered")
	expect(t, d.says("ivan", direct("ivan"), "show 1"), "no such")
	// He may come back, with a card of his own.
	expect(t, d.says("olivia", "ops", "external 1 ivan"), "Ivan is asked")
	again := d.waitPost(direct("ivan"), "a new card", func(p fakePost) bool { return p.ID != card.ID && strings.Contains(p.Message.Title, "#1 Water") })
	d.reply("ivan", direct("ivan"), again.ID, "i3", "Back")
	d.waitText("ops", "Back")
	d.says("olivia", "ops", "close 1")
	expect(t, d.says("olivia", "ops", "external 1 carol"), "closed the job")
	expect(t, d.says("olivia", "ops", "external 1 remove ivan"), "closed the job")
}

// TestExternalByForm asks by the button of the desk's card: each refusal keeps what was
// typed, and who has no right makes no look-up.
func TestExternalByForm(t *testing.T) {
	t.Parallel()
	d := withOutsiders(t)
	card := d.waitCard("ops", "#1", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	a := d.click("olivia", "ops", card, "Ask somebody outside")
	if text := a.Fallback.Text.String(); !strings.Contains(text, "external 1 EMAIL") || len(a.Fallback.Buttons) != 1 {
		t.Errorf("where the form does not open: %q", text)
	}
	for typed, want := range map[string]string{
		"":        "Give the e-mail address of somebody outside",
		"@nobody": "Nobody here is called @nobody", "not@an@address": "E-mail is not set up here",
		"otto": "belongs to the desk", "cora": "acts for a firm", "bot": "is a program",
		strings.Repeat("x", 10_001): "Shorten this to",
	} {
		got := d.submit("olivia", "ops", a.Form, map[string]string{present.AskedOutside: typed})
		if !strings.Contains(got.FieldErrors[present.AskedOutside], want) {
			t.Errorf("%.20q: %v, want %q", typed, got.FieldErrors, want)
		}
	}
	looked := d.called("find person")
	for _, who := range []struct{ name, channel string }{{"cora", firmChannel}, {"mona", managers}, {"sam", "general"}, {"otto", "ops"}} {
		got := d.submit(who.name, who.channel, a.Form, map[string]string{present.AskedOutside: "carol"})
		if got.Refused == "" || len(got.FieldErrors) == 0 {
			t.Errorf("%s sent a form of Olivia's: %+v", who.name, got)
		}
	}
	if n := d.called("find person"); n != looked {
		t.Errorf("people were looked up %d times for others", n-looked)
	}
	if i := d.issue(1); i.Status != "reported" {
		t.Errorf("after refusals the job is %s", i.Status)
	}

	// What was refused may be sent again, once.
	got := d.submit("olivia", "ops", a.Form, map[string]string{present.AskedOutside: " claims@insurer.example "})
	expect(t, got.Message.Text.String(), "Ivan is asked on Fake about #1 Water in the cellar")
	d.waitCard(direct("ivan"), "#1")
	again := d.click("olivia", "ops", d.waitCard("ops", "#1", "Write to them", "Offer to a firm", "Edit details", "Close", "Ask somebody outside"), "Ask somebody outside")
	got = d.submit("olivia", "ops", again.Form, map[string]string{present.AskedOutside: "@ivan"})
	expect(t, got.FieldErrors[present.AskedOutside], "Ivan is involved already.")
	d.says("olivia", "ops", "close 1")
	got = d.submit("olivia", "ops", again.Form, map[string]string{present.AskedOutside: "carol"})
	expect(t, got.FieldErrors[present.AskedOutside], "closed the job")
}

// TestListsKnowEverybody: whoever made a job, has it or is asked about it is found by
// name, with a profile or without one, and by a name they had before.
func TestListsKnowEverybody(t *testing.T) {
	t.Parallel()
	d := withOutsiders(t)
	d.involved()
	d.handle(chat.Inbound{
		Workspace: bot.APIWorkspace, From: chat.Person{ID: "crm", Name: "Billing system"},
		Body: chat.Request{Verb: "new", Fields: map[string]string{"title": "From a program"}},
	})
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 3 acme")
	d.click("cora", firmChannel, d.waitCard(firmChannel, "#3", "Accept", "Decline", "Suggest other terms"), "Accept")
	d.p.mu.Lock()
	cora := d.p.people["cora"]
	cora.Name = "Cordelia Reed"
	d.p.people["cora"] = cora
	d.p.mu.Unlock()
	d.advance(11 * time.Minute)
	d.says("cora", firmChannel, "show 3")
	for query, want := range map[string]string{
		"person:ivan": "#1", "open person:ivan": "#1", "progress person:ivan": "nothing on this list",
		"person:billing": "#2", "person:cora": "#3", "person:cordelia": "#3",
	} {
		got := d.says("olivia", "ops", "list "+query)
		for _, n := range []string{"#1", "#2", "#3", "nothing on this list"} {
			if strings.Contains(got, n) != (n == want) {
				t.Errorf("%s: %q, want %s", query, got, want)
			}
		}
	}
}
