package bot_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// wantFact demands what a card says under a label.
func wantFact(t *testing.T, p fakePost, label, want string) {
	t.Helper()
	for _, f := range p.Message.Facts {
		if f.Label == label {
			if !strings.Contains(f.Value.String(), want) {
				t.Errorf("%s is %q, want %q", label, f.Value.String(), want)
			}
			return
		}
	}
	t.Errorf("the card has no %q: %+v", label, p.Message.Facts)
}

// near tells whether a moment is so far from now, but for what a test takes.
func (d *desk) near(at time.Time, ahead time.Duration) bool {
	left := at.Sub(d.clock.Now())
	return left <= ahead && left > ahead-time.Minute
}

// withThird adds a firm in York whose channel has Egon.
func (d *desk) withThird() string {
	d.t.Helper()
	const channel = "ext-york-cool-air"
	d.p.addPerson("egon", chat.External, false)
	d.says("olivia", "ops", "contractor add York | Cool Air")
	d.waitText(channel, "Accept")
	d.join(channel, "egon")
	return channel
}

func TestTermsOnTheCard(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	for text, part := range map[string]string{
		"price 250":       "the currency, too",
		"price 250 XYZ":   "no currency",
		"price 1.2.3 EUR": "is no amount",
		"price -5 EUR":    "with its currency",
		"limit 0 EUR":     "more than nothing",
		"due 1h ago":      "write it like",
		"by 10s":          "write it like",
	} {
		a := d.command("olivia", "ops", "assign 1 acme "+text)
		if a.Refused != "invalid" {
			t.Errorf("%q: refused %q", text, a.Refused)
		}
		expect(t, a.Message.Text.String(), part)
	}
	d.wantStatus(1, "reported/")
	expect(t, d.says("olivia", "ops", "assign 1 acme by 2h due 2099-01-05 14:00 price £1,250.5 limit 80 eur terms Two rooms, by hand"), "is offered to Acme Heating, Leeds")
	card := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	wantFact(t, card, "Price", "1250.50 GBP")
	wantFact(t, card, "Spending limit", "80.00 EUR")
	wantFact(t, card, "Terms", "Two rooms, by hand")
	wantFact(t, card, "Due", "2099")
	terms := d.issue(1).Assignments[0].Terms
	if terms.Price == nil || *terms.Price != (chat.MoneyView{Amount: "1250.50", Currency: "GBP"}) || terms.DueAt == nil || terms.Note != "Two rooms, by hand" {
		t.Errorf("the API shows %+v", terms)
	}
}

// TestMoneyStaysBetweenFirmAndDesk: another firm and strangers learn of no price.
func TestMoneyStaysBetweenFirmAndDesk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme by 2h price 987.65 EUR")
	card := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	form := d.click("cora", firmChannel, card, "Suggest other terms").Form
	d.submit("cora", firmChannel, form, map[string]string{"price": "987.66 EUR"})
	for _, who := range []struct{ who, channel string }{{"dora", rivalChannel}, {"sam", "general"}} {
		for _, c := range []string{"show 1", "history 1", "list"} {
			a := d.command(who.who, who.channel, c)
			if all := a.Message.Title + a.Message.Text.String() + factsOf(a.Message); strings.Contains(all, "987") {
				t.Errorf("%s reads a price in %s: %s", who.who, c, all)
			}
		}
	}
}

func factsOf(m chat.Message) string {
	var b strings.Builder
	for _, f := range m.Facts {
		b.WriteString("\n" + f.Label + ": " + f.Value.String())
	}
	return b.String()
}

func TestDraft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	a := d.command("olivia", "ops", "draft 1 acme by 3h price 90 EUR")
	if got := strings.Join(labels(a.Message), ","); got != "Send offer,Discard draft" {
		t.Fatalf("the draft has the buttons %s", got)
	}
	preview := a.Message
	expect(t, preview.Text.String()+factsOf(preview), "accept or decline", "90.00 EUR")
	d.drained()
	if len(d.posts(firmChannel, "#1")) != 0 {
		t.Fatal("the firm heard of a draft")
	}
	d.waitCard("ops", "#1", "Send offer", "Discard draft", "Offer to a firm", "Edit details", "Close")
	if a := d.press("olivia", "ops", "", preview.Buttons[1].Token, ""); a.Refused != "" {
		t.Fatalf("discard: %+v", a)
	}
	d.wantStatus(1, "reported/canceled")
	d.waitCard("ops", "#1", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	d.drained()
	if all := d.posts(firmChannel, "#1"); len(all) != 0 {
		t.Fatalf("the firm heard of a draft that was discarded: %+v", all)
	}
	if a := d.press("olivia", "ops", "", preview.Buttons[0].Token, ""); a.Refused != "conflict" {
		t.Errorf("sending what was discarded: %+v", a)
	}

	// What is written anew is one draft, and its time begins when it is sent.
	d.says("olivia", "ops", "draft 1 acme by 3h")
	a = d.command("olivia", "ops", "draft 1 acme by 4h price 95 EUR")
	if n := len(d.issue(1).Assignments); n != 2 {
		t.Errorf("there are %d assignments", n)
	}
	d.clock.Advance(time.Hour)
	expect(t, d.press("olivia", "ops", "", a.Message.Buttons[0].Token, "").Message.Text.String(), "is offered to Acme")
	card := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	wantFact(t, card, "Price", "95.00 EUR")
	if by := d.issue(1).Assignments[1].AcceptBy; by == nil || !d.near(*by, 4*time.Hour) {
		t.Errorf("the firm may answer until %v", by)
	}
	if h := d.says("cora", firmChannel, "history 1"); strings.Contains(h, "prepared") {
		t.Errorf("the firm reads of drafts: %s", h)
	}
}

func TestDraftByForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	card := d.waitCard("ops", "#1", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	form := d.click("olivia", "ops", card, "Offer to a firm").Form
	v := map[string]string{"contractor": form.Fields[0].Options[0].Value, "price": "12", "draft": "true"}
	if a := d.submit("olivia", "ops", form, v); a.FieldErrors["price"] == "" {
		t.Errorf("a price without a currency gave %+v", a)
	}
	v["price"] = "12 EUR"
	if a := d.submit("olivia", "ops", form, v); strings.Join(labels(a.Message), ",") != "Send offer,Discard draft" {
		t.Errorf("the draft is %+v", a.Message)
	}
	d.wantStatus(1, "reported/unsent")
}

func TestAmend(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme by 2h price 250 EUR terms Two rooms")
	d.click("cora", firmChannel, d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms"), "Accept")
	ops := d.waitCard("ops", "#1", "Reply to firm", "Edit details", "Amend terms", "Complete early", "Take back")
	if a := d.command("olivia", "ops", "amend 1 price 250 EUR"); a.Refused != "invalid" {
		t.Errorf("terms that do not change: %+v", a)
	}
	form := d.click("olivia", "ops", ops, "Amend terms").Form
	values := map[string]string{}
	for _, f := range form.Fields {
		values[f.Name] = f.Value
	}
	if values["price"] != "250.00 EUR" || values["terms"] != "Two rooms" {
		t.Errorf("the form shows %v", values)
	}
	values["price"] = "300 EUR"
	expect(t, d.submit("olivia", "ops", form, values).Message.Text.String(), "new terms")
	d.wantStatus(1, "allocated/assigned")
	card := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	wantFact(t, card, "Price", "250.00 EUR → 300.00 EUR")
	wantFact(t, card, "Terms", "Two rooms")
	d.waitText(firmChannel, "changed the terms")
	d.click("cora", firmChannel, card, "Accept")
	card = d.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
	wantFact(t, card, "Price", "300.00 EUR")
	expect(t, d.says("olivia", "ops", "history 1"), "changed the terms", "250.00 EUR → 300.00 EUR")
	expect(t, d.says("olivia", "ops", "amend 1 due 2099-02-01"), "new terms")
	wantFact(t, d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms"), "Price", "300.00 EUR")
}

func TestSeveralAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	third := d.withThird()
	d.says("olivia", "ops", "new Boiler down")
	if a := d.command("olivia", "ops", "assign 1 acme, zenith by 2h"); a.Refused == "" {
		t.Errorf("a firm that is not there: %+v", a)
	}
	d.wantStatus(1, "reported/")
	expect(t, d.says("olivia", "ops", "assign 1 Acme Heating, Leeds, other, cool by 2h price 250 EUR"), "Acme Heating, Leeds; Other Firm, Hull; Cool Air, York", "first to accept")
	d.wantStatus(1, "allocated/assigned,assigned,assigned")
	acme := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	d.waitCard(third, "#1", "Accept", "Decline", "Suggest other terms")
	rival := d.waitCard(rivalChannel, "#1", "Accept", "Decline", "Suggest other terms")
	d.click("dora", rivalChannel, rival, "Accept")
	lost := d.waitCard(firmChannel, "#1")
	expect(t, lost.Message.Text.String(), "this job is taken")
	expect(t, d.click("cora", firmChannel, acme, "Accept").Message.Text.String(), "somebody else took this job")
	d.drained()
	for _, channel := range []string{firmChannel, third} {
		for _, secret := range []string{"Other Firm", "Hull", "Dora", "firms"} {
			if all := d.dump(channel); strings.Contains(all, secret) {
				t.Errorf("%s tells %q:\n%s", channel, secret, all)
			}
		}
	}
	if all := factsOf(lost.Message); strings.Contains(all, "250") {
		t.Errorf("the card that lost shows the price: %s", all)
	}
}

// TestTwoAcceptAtOnce has two firms accept at the same moment on both engines: one
// has the job, and the other is told why it has not.
func TestTwoAcceptAtOnce(t *testing.T) {
	t.Parallel()
	race := func(t *testing.T, d, other *desk) {
		t.Helper()
		d.withFirm()
		d.withRival()
		for n := range 10 {
			d.says("olivia", "ops", "new Boiler down")
			number := n + 1
			title := fmt.Sprintf("#%d ", number)
			d.says("olivia", "ops", fmt.Sprintf("assign %d acme, other by 2h", number))
			buttons := []string{"Accept", "Decline", "Suggest other terms"}
			a, b := d.waitCard(firmChannel, title, buttons...), d.waitCard(rivalChannel, title, buttons...)
			var answers [2]chat.Answer
			var both sync.WaitGroup
			start := make(chan struct{})
			accept := func(on *desk, answer *chat.Answer, who, channel string, p fakePost) {
				in := chat.Inbound{
					Key: "race" + title + who, Workspace: d.p.Workspace(), At: d.clock.Now(), From: chat.Person{ID: who}, Channel: channel,
					Body: chat.Click{Token: p.Message.Buttons[0].Token, Message: p.ID},
				}
				both.Go(func() {
					<-start
					got, err := on.engine.Handle(t.Context(), in)
					if err != nil {
						t.Errorf("%s accepts: %v", who, err)
					}
					*answer = got
				})
			}
			accept(d, &answers[0], "cora", firmChannel, a)
			accept(other, &answers[1], "dora", rivalChannel, b)
			close(start)
			both.Wait()
			won := 0
			for _, answer := range answers {
				text := answer.Message.Text.String()
				switch {
				case answer.Refused == "":
					won++
					expect(t, text, "you are in charge")
				default:
					expect(t, text, "somebody else took this job")
				}
			}
			if won != 1 {
				t.Fatalf("%d firms have the job: %+v", won, answers)
			}
			if got := d.status(number); got != "allocated/accepted,canceled" && got != "allocated/canceled,accepted" {
				t.Fatalf("the job is %s", got)
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		race(t, d, d)
	})
	t.Run("postgres, two replicas", func(t *testing.T) {
		t.Parallel()
		d, other := replicas(t)
		race(t, d, other)
	})
}
