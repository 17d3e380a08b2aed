package bot_test

import (
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// chooses fills in how somebody of the desk wants to be told.
func (d *desk) chooses(who, channel string, values map[string]string) chat.Answer {
	d.t.Helper()
	form := d.command(who, channel, "notify").Form
	if form == nil {
		d.t.Fatalf("%s is not asked how to be told", who)
	}
	return d.submit(who, channel, form, values)
}

// withMail lets letters be sent, and gives a person an address.
func (d *desk) withMail(who, address string) *fakeMail {
	d.t.Helper()
	m := &fakeMail{fakePlatform: newFakePlatform(mailWorkspace)}
	m.addPerson(address, chat.External, false)
	m.addChannel(address, address, "bot")
	if err := d.engine.Attach(d.t.Context(), m, "", ""); err != nil {
		d.t.Fatal(err)
	}
	d.p.mu.Lock()
	person := d.p.people[who]
	person.Email = address
	d.p.people[who] = person
	d.p.mu.Unlock()
	d.clock.Advance(time.Hour)
	return m
}

// whispersTo are the texts that were sent to one person alone.
func (p *fakePlatform) whispersTo(who string) (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.whispers {
		if text, to := strings.CutPrefix(w, who+": "); to {
			out = append(out, text)
		}
	}
	return out
}

// notices is what is kept of how people want to be told.
func (d *desk) notices() (text string) {
	d.t.Helper()
	err := d.store.View(d.t.Context(), "main", func(tx storage.Tx) (err error) {
		text, err = tx.Setting(d.t.Context(), "notices")
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

// TestHowNewsComes: by letter, not at all, and in chat again; offers come to the firm
// whatever anybody has chosen.
func TestHowNewsComes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	const address = "olivia@desk.example"
	m := d.withMail("olivia", address)
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "watch 1")
	if a := d.chooses("olivia", "ops", map[string]string{"watched": "pigeon"}); a.FieldErrors["watched"] == "" {
		t.Errorf("a way that there is not: %+v", a)
	}
	expect(t, d.chooses("olivia", "ops", map[string]string{"watched": "mail"}).Message.Text.String(), "from now on")
	d.says("otto", "ops", "assign 1 acme by 2h")
	card := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	d.advance(3 * time.Minute)
	d.until("a letter", func() bool { return len(m.whispersTo(address)) == 1 })
	expect(t, m.whispersTo(address)[0], "News of 1 job that you watch", "otto offered it")

	d.chooses("olivia", "ops", map[string]string{"watched": "none", "reminders": "none"})
	d.click("cora", firmChannel, card, "Accept")
	d.advance(3 * time.Minute)
	if err := d.engine.TellWatchers(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.chooses("olivia", "ops", map[string]string{"watched": "chat"})
	d.reply("cora", firmChannel, card.ID, "m1", "On my way")
	d.advance(3 * time.Minute)
	d.until("news in chat", func() bool { return len(d.newsTo("olivia")) == 1 })
	lacks(t, d.newsTo("olivia")[0], "accepted it")
	expect(t, d.newsTo("olivia")[0], "On my way")
	if n := len(m.whispersTo(address)); n != 1 {
		t.Errorf("%d letters", n)
	}
	expect(t, d.says("cora", firmChannel, "notify"), "only the desk")
}

// TestRemindersForOne: whoever wants so is reminded in person, too, as long as they are in
// the desk's channel; and e-mail is offered to those alone who can get it. The message leads
// to the job: it stands in no thread of it.
func TestRemindersForOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withLinks()
	d.withFirm()
	for _, field := range d.command("otto", "ops", "notify").Form.Fields {
		for _, o := range field.Options {
			if o.Value == "mail" {
				t.Errorf("e-mail is offered: %+v", o)
			}
		}
	}
	if a := d.chooses("otto", "ops", map[string]string{"reminders": "mail"}); !strings.Contains(a.FieldErrors["reminders"], "e-mail") {
		t.Errorf("e-mail without an address: %+v", a)
	}
	d.chooses("otto", "ops", map[string]string{"reminders": "chat"})
	d.chooses("olivia", "ops", map[string]string{"reminders": "chat"})
	d.says("anna", "ops", "new Boiler down")
	// The card is there before its time is over, as it is in a day.
	d.drained()
	d.p.addChannel("bosses", "anna", "olivia", "mona")
	expect(t, d.says("anna", "bosses", "here managers"), "managers channel")
	d.leaves("olivia", "bosses")
	if got := d.notices(); !strings.Contains(got, "olivia") {
		t.Errorf("who is in the operations channel lost what they chose: %s", got)
	}
	d.leaves("olivia", "ops")
	if got := d.notices(); strings.Contains(got, "olivia") || !strings.Contains(got, "otto") {
		t.Errorf("what is known of those who choose is %s", got)
	}
	d.advance(25 * time.Hour)
	d.until("otto is reminded", func() bool { return len(d.newsTo("otto")) == 1 })
	expect(t, d.newsTo("otto")[0], "#1 Boiler down", "Open card")
	d.drained()
	if p := d.posts("dm-otto", ""); len(p[0].Message.Buttons) > 0 {
		t.Errorf("the reminder has the buttons of the channel: %+v", p[0].Message.Buttons)
	}
	if all := d.newsTo("olivia"); len(all) > 0 {
		t.Errorf("who has left is told %q", all)
	}
}
