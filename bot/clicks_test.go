package bot_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/workflow"
)

func TestClicksThatAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	card := d.offered()
	accept := token(t, card.Message, "Accept")
	before := d.issue(1)
	check := func(what string, a chat.Answer, refused string) {
		t.Helper()
		if a.Refused != refused || a.Message.Text.Empty() {
			t.Errorf("%s: refused %q with %q, want %q", what, a.Refused, a.Message.Text, refused)
		}
		d.same(1, before, what)
	}
	for i := range len(accept) {
		b := []byte(accept)
		b[i] ^= 1
		if a := d.press("cora", firmChannel, card.ID, string(b), ""); a.Refused != bot.RefusedUnauthenticated {
			// The last character of a base64 text may carry unused bits.
			if i != len(accept)-1 {
				t.Fatalf("bit flip at %d of %d: refused %q", i, len(accept), a.Refused)
			}
		}
	}
	for _, junk := range []string{"", ".", "a.b", strings.Repeat("x", 5000), accept + "x", "x" + accept} {
		if a := d.press("cora", firmChannel, card.ID, junk, ""); a.Refused != bot.RefusedUnauthenticated {
			t.Errorf("%.20q: refused %q", junk, a.Refused)
		}
	}
	other := ticket.NewSigner([]byte("another key of sixteen bytes")).Sign(ticket.Ticket{Desk: "main", Verb: "accept", Expires: 1 << 40})
	check("another key", d.press("cora", firmChannel, card.ID, other, ""), bot.RefusedUnauthenticated)
	foreign := ticket.NewSigner(secretKey).Sign(ticket.Ticket{Desk: "elsewhere", Verb: "accept", Expires: 1 << 40})
	check("another desk", d.press("cora", firmChannel, card.ID, foreign, ""), bot.RefusedUnauthenticated)
	check("from another channel", d.press("cora", rivalChannel, card.ID, accept, ""), bot.RefusedUnauthenticated)
	check("from the desk's channel", d.press("cora", "ops", card.ID, accept, ""), bot.RefusedUnauthenticated)
	check("on another message", d.press("cora", firmChannel, "m1", accept, ""), bot.RefusedUnauthenticated)
	private := d.command("olivia", "ops", "show 1").Message
	check("another's private button", d.press("otto", "ops", "", token(t, private, "Withdraw offer"), ""), bot.RefusedUnauthenticated)
	// What comes due in all that time comes before, and not just while the button is pressed.
	d.advance(181 * 24 * time.Hour)
	before = d.issue(1)
	check("expired", d.press("cora", firmChannel, card.ID, accept, ""), "expired")
}

func TestLateDoubleAndStaleClicks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	offer := d.offered()
	expect(t, d.click("cora", firmChannel, offer, "Accept").Message.Text.String(), "in charge")
	expect(t, d.click("cora", firmChannel, offer, "Accept").Message.Text.String(), "You accepted this already")
	expect(t, d.click("carl", firmChannel, offer, "Accept").Message.Text.String(), "Already accepted by Cora")
	if a := d.click("carl", firmChannel, offer, "Decline"); a.Form != nil || a.Refused == "" {
		t.Errorf("a late decline opens a form: %+v", a)
	}
	work := d.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
	d.click("cora", firmChannel, work, "Start")
	if a := d.click("carl", firmChannel, work, "Start"); a.Refused != "conflict" {
		t.Errorf("starting twice: %+v", a)
	}
	// A form shows the job as it is now, so an older card may still open it; the
	// form that was open already is what is stale.
	form := d.click("carl", firmChannel, work, "Hand over").Form
	if form == nil {
		t.Fatal("a card of before the start opens no form")
	}
	d.submit("cora", firmChannel, d.click("cora", firmChannel, work, "Complete").Form, map[string]string{"note": "Done"})
	stale := d.submit("carl", firmChannel, form, map[string]string{"person": workspace + "/carl"})
	if stale.Refused != "too_late" || stale.FieldErrors[""] == "" {
		t.Errorf("a stale form: %+v", stale)
	}
	d.says("olivia", "ops", "close 1")
	expect(t, d.click("cora", firmChannel, work, "Complete").Message.Text.String(), "olivia closed")
	d.wantStatus(1, "closed/complete")
}

// TestSameClickDeliveredAgain gives the same answer to the same event.
func TestSameClickDeliveredAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.offered()
	in := chat.Inbound{Key: "again", From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Click{Token: token(t, card.Message, "Accept"), Message: card.ID}}
	first, second := d.handle(in), d.handle(in)
	if first.Message.Text.String() != second.Message.Text.String() || second.Refused != "" {
		t.Errorf("first %+v, then %+v", first, second)
	}
	if n := has(d.events(1), "accepted"); n != 1 {
		t.Errorf("accepted %d times", n)
	}
}

// TestRaceOfAccepts lets two firms of two people each press at the same time: one
// of them gets the job and everybody else is told by a sentence.
func TestRaceOfAccepts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	mine := d.offered()
	expect(t, d.says("olivia", "ops", "assign 1 other"), "offered")
	theirs := d.waitCard(rivalChannel, "#1", "Accept", "Decline", "Suggest other terms")
	type click struct {
		who, channel string
		card         fakePost
	}
	clicks := []click{{"cora", firmChannel, mine}, {"carl", firmChannel, mine}, {"dora", rivalChannel, theirs}, {"cora", firmChannel, mine}}
	answers := make([]chat.Answer, len(clicks))
	var all sync.WaitGroup
	for n, c := range clicks {
		in := chat.Inbound{
			Key: "race" + string(rune('a'+n)), Workspace: workspace, At: d.clock.Now(), From: chat.Person{ID: c.who}, Channel: c.channel,
			Body: chat.Click{Token: token(t, c.card.Message, "Accept"), Message: c.card.ID},
		}
		all.Go(func() {
			a, err := d.engine.Handle(t.Context(), in)
			if err != nil {
				t.Errorf("handle: %v", err)
			}
			answers[n] = a
		})
	}
	all.Wait()
	won := 0
	for n, a := range answers {
		switch {
		case a.Refused == "":
			won++
			expect(t, a.Message.Text.String(), "you are in charge")
		case a.Message.Text.Empty():
			t.Errorf("%s was told nothing: %+v", clicks[n].who, a)
		}
		if clicks[n].who == "dora" {
			for _, secret := range []string{"Cora", "Carl", "Acme"} {
				lacks(t, a.Message.Text.String(), secret)
			}
		}
	}
	if won != 1 || has(d.events(1), "accepted") != 1 {
		t.Fatalf("%d won; events %v", won, d.events(1))
	}
	d.drained()
	before := d.issue(1)
	for _, c := range clicks {
		if a := d.press(c.who, c.channel, c.card.ID, token(t, c.card.Message, "Accept"), ""); a.Refused == "" {
			t.Errorf("%s accepted afterwards", c.who)
		}
	}
	d.same(1, before, "a third click")
}

// TestDeclineWithoutForm answers where no form can be opened, with every reason
// that is offered.
func TestDeclineWithoutForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.offered()
	fallback := d.click("cora", firmChannel, card, "Decline").Fallback
	if fallback.Choice == nil {
		t.Fatalf("no choice: %+v", fallback)
	}
	if a := d.press("carl", firmChannel, "", fallback.Choice.Token, "skills"); a.Refused != bot.RefusedUnauthenticated {
		t.Errorf("another person's choice: %+v", a)
	}
	if a := d.press("cora", firmChannel, "", fallback.Choice.Token, "no_answer"); a.Refused == "" {
		t.Errorf("a reason that is not offered: %+v", a)
	}
	if a := d.press("cora", firmChannel, "", fallback.Choice.Token, fallback.Choice.Options[0].Value); a.Refused != "" {
		t.Errorf("a reason that is offered: %s", a.Message.Text)
	}
	d.wantStatus(1, "reported/declined")
	d.waitText("ops", "declined: No capacity at that time")
}

// TestCompleteWithoutForm hands in where no form can be opened, once.
func TestCompleteWithoutForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	fallback := d.click("cora", firmChannel, d.accepted(), "Complete").Fallback
	now := token(t, fallback, "Hand in")
	expect(t, d.press("cora", firmChannel, "", now, "").Message.Text.String(), "handed in")
	if a := d.press("cora", firmChannel, "", now, ""); a.Refused == "" {
		t.Errorf("handed in twice: %+v", a)
	}
	d.wantStatus(1, "allocated/waiting_approval")
}

// TestOldButton: a button whose time is over changes nothing. The card gets new ones, and
// elsewhere nobody is sent to a command that they may not have.
func TestOldButton(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.offered()
	d.drained()
	card := d.waitCard(firmChannel, "#1", offerButtons()...)
	old := ticket.NewSigner(secretKey).Sign(ticket.Ticket{Desk: "main", Verb: "accept", Expires: d.clock.Now().Add(-time.Hour).Unix()})
	expect(t, d.press("cora", firmChannel, card.ID, old, "").Message.Text.String(), "gets new ones")
	d.waitPost(firmChannel, "a card with new buttons", func(p fakePost) bool { return p.ID == card.ID && p.Updates > card.Updates })
	d.wantStatus(1, "allocated/assigned")
	for who, want := range map[string]string{"cora": "the job's card in this channel", "olivia": "/task show"} {
		a := d.press(who, firmChannel, "elsewhere", old, "")
		if expect(t, a.Message.Text.String(), want); a.Refused != string(workflow.Expired) {
			t.Errorf("%s is answered %+v", who, a)
		}
	}
}
