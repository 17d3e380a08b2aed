package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// offerButtons are those of a firm that has not answered.
func offerButtons() []string { return []string{"Accept", "Decline", "Suggest other terms"} }

func TestChain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	third := d.withThird()
	d.says("olivia", "ops", "new Boiler down")
	if a := d.command("olivia", "ops", "chain 1 acme"); a.Refused != "conflict" {
		t.Errorf("a chain without an offer: %+v", a)
	}
	expect(t, d.says("olivia", "ops", "assign 1 acme then other then cool by 2h price 250 EUR"), "Acme Heating, Leeds", "then the others in turn: Other Firm, Hull; Cool Air, York")
	ops := d.waitCard("ops", "#1", "Reply to firm", "Edit details", "Firms in turn", "Withdraw offer")
	wantFact(t, ops, "Next in turn", "Other Firm, Hull; Cool Air, York")
	if len(d.posts(rivalChannel, "#1")) != 0 {
		t.Error("the second firm was asked at once")
	}

	// The first declines: the second has the same terms and the same time to answer.
	d.clock.Advance(30 * time.Minute)
	card := d.waitCard(firmChannel, "#1", offerButtons()...)
	form := d.click("cora", firmChannel, card, "Decline").Form
	d.submit("cora", firmChannel, form, map[string]string{"reason": "location"})
	d.wantStatus(1, "allocated/declined,assigned")
	rival := d.waitCard(rivalChannel, "#1", offerButtons()...)
	wantFact(t, rival, "Price", "250.00 EUR")
	if by := d.issue(1).Assignments[1].AcceptBy; by == nil || !d.near(*by, 2*time.Hour) {
		t.Errorf("the second firm may answer until %v", by)
	}
	expect(t, d.waitText("ops", "declined").Message.Text.String(), "Other Firm, Hull has the offer now")

	// The second says nothing, and the third turns it down as well: nobody is left.
	d.advance(2*time.Hour + time.Minute)
	d.wantStatus(1, "allocated/declined,declined,assigned")
	last := d.waitCard(third, "#1", offerButtons()...)
	d.submit("egon", third, d.click("egon", third, last, "Decline").Form, map[string]string{"reason": "skills"})
	d.wantStatus(1, "reported/declined,declined,declined")
	d.waitText("ops", "No firm is left in turn")
	expect(t, d.says("olivia", "ops", "history 1"), "lined up Other Firm, Hull; Cool Air, York", "The desk offered it to Cool Air, York", "no firm was left in turn")

	// Each firm knows of itself alone.
	d.drained()
	for channel, foreign := range map[string][]string{
		firmChannel: {"Other Firm", "Cool Air", "Dora", "turn"}, rivalChannel: {"Acme", "Cool Air", "Cora", "turn"}, third: {"Acme", "Other Firm", "Dora", "turn"},
	} {
		who := map[string]string{firmChannel: "cora", rivalChannel: "dora", third: "egon"}[channel]
		all := d.dump(channel) + d.says(who, channel, "history 1") + d.says(who, channel, "show 1")
		for _, secret := range foreign {
			if strings.Contains(all, secret) {
				t.Errorf("%s tells %q:\n%s", channel, secret, all)
			}
		}
	}
}

// TestChainPassesOver leaves out who is paused, who has just said no, and who has the
// job already.
func TestChainPassesOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	d.withThird()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme by 2h")
	decline := func(who, channel string) {
		t.Helper()
		card := d.waitCard(channel, "#1", offerButtons()...)
		d.submit(who, channel, d.click(who, channel, card, "Decline").Form, map[string]string{"reason": "location"})
	}
	decline("cora", firmChannel)
	d.wantStatus(1, "reported/declined")
	// A person may ask again at once, and is told; a chain may not.
	expect(t, d.says("olivia", "ops", "assign 1 other then acme then cool by 2h"), "Other Firm")
	d.says("olivia", "ops", "contractor pause cool")
	decline("dora", rivalChannel)
	d.wantStatus(1, "reported/declined,declined")
	if got := d.events(1); has(got, "passed_over") != 2 || has(got, "chain_over") != 1 {
		t.Errorf("the history is %v", got)
	}
	expect(t, d.says("olivia", "ops", "history 1"), "Acme Heating, Leeds was passed over because it said no a short time ago", "Cool Air, York was passed over because it gets no offers now")
	expect(t, d.says("olivia", "ops", "assign 1 acme by 2h"), "Acme Heating, Leeds said no to this job a short time ago")
}

func TestChainIsChangedAndStopped(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	third := d.withThird()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme by 2h price 70 EUR")
	expect(t, d.says("olivia", "ops", "chain 1 other, cool"), "Next in turn", "Other Firm, Hull; Cool Air, York")
	ops := d.waitCard("ops", "#1", "Reply to firm", "Edit details", "Firms in turn", "Withdraw offer")
	form := d.click("olivia", "ops", ops, "Firms in turn").Form
	if form.Fields[0].Value != "Other Firm, Hull\nCool Air, York" {
		t.Errorf("the form shows %q", form.Fields[0].Value)
	}
	if a := d.submit("olivia", "ops", form, map[string]string{"firms": "acme"}); a.FieldErrors["firms"] == "" {
		t.Errorf("a firm that has the offer: %+v", a)
	}
	d.submit("olivia", "ops", form, map[string]string{"firms": "Cool Air, York\nOther Firm, Hull"})
	card := d.waitCard(firmChannel, "#1", offerButtons()...)
	d.submit("cora", firmChannel, d.click("cora", firmChannel, card, "Decline").Form, map[string]string{"reason": "location"})
	wantFact(t, d.waitCard(third, "#1", offerButtons()...), "Price", "70.00 EUR")
	expect(t, d.says("olivia", "ops", "chain 1 stop"), "No other firm will be asked")
	if a := d.command("olivia", "ops", "chain 1 stop"); a.Refused != "conflict" {
		t.Errorf("stopping twice: %+v", a)
	}
	d.says("egon", third, "show 1")
	last := d.waitCard(third, "#1", offerButtons()...)
	d.submit("egon", third, d.click("egon", third, last, "Decline").Form, map[string]string{"reason": "location"})
	d.wantStatus(1, "reported/declined,declined")
	if len(d.posts(rivalChannel, "#1")) != 0 {
		t.Error("a firm was asked after the chain was stopped")
	}
}

func TestCounterOffer(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"Agree to terms", "Refuse terms"} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			d.withRival()
			d.says("olivia", "ops", "new Boiler down")
			d.says("olivia", "ops", "assign 1 acme, other by 2h price 250 EUR")
			card := d.waitCard(firmChannel, "#1", offerButtons()...)
			d.clock.Advance(time.Hour)
			form := d.click("cora", firmChannel, card, "Suggest other terms").Form
			for field, v := range map[string]map[string]string{
				"due":   {"due": "", "price": ""},
				"price": {"price": "300"},
			} {
				if a := d.submit("cora", firmChannel, form, v); a.FieldErrors[field] == "" {
					t.Errorf("%v gave %+v", v, a)
				}
			}
			expect(t, d.submit("cora", firmChannel, form, map[string]string{"due": "2099-01-05 14:00", "price": "300 EUR", "text": "The part comes on Friday"}).Message.Text.String(), "The desk looks at what you suggest")
			card = d.waitCard(firmChannel, "#1", "Accept", "Decline", "Withdraw suggestion")
			wantFact(t, card, "You suggested", "300.00 EUR")
			ops := d.waitCard("ops", "#1", "Agree to terms", "Refuse terms", "Reply to firm", "Edit details", "Withdraw offer")
			wantFact(t, ops, "The firm suggests", "The part comes on Friday")
			d.waitText("ops", "suggests other terms")
			if view := d.issue(1); view.LiesWith != "both" || view.Assignments[0].CounterOffer == nil || view.Assignments[0].CounterOffer.Price.Amount != "300.00" {
				t.Errorf("the API shows %+v", view)
			}
			// The clock of this firm stands still while the desk thinks; the other's runs.
			d.advance(90 * time.Minute)
			d.wantStatus(1, "allocated/assigned,declined")
			a := d.click("olivia", "ops", ops, answer)
			if a.Refused != "" {
				t.Fatalf("%s: %+v", answer, a)
			}
			if answer == "Agree to terms" {
				d.wantStatus(1, "allocated/accepted,declined")
				card = d.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
				wantFact(t, card, "Price", "300.00 EUR")
				wantFact(t, card, "In charge", "Cora")
				d.waitText(firmChannel, "The desk agreed to your terms")
				return
			}
			card = d.waitCard(firmChannel, "#1", offerButtons()...)
			wantFact(t, card, "Price", "250.00 EUR")
			d.waitText(firmChannel, "The desk stays with the terms as offered")
			if by := d.issue(1).Assignments[0].AcceptBy; by == nil || !d.near(*by, time.Hour) {
				t.Errorf("the firm may answer until %v", by)
			}
			d.click("cora", firmChannel, card, "Accept")
			d.wantStatus(1, "allocated/accepted,declined")
		})
	}
}

// TestCounterOfferWithdrawn: the offer is again what it was, with the time to answer that
// it had, and what is over by then ends.
func TestCounterOfferWithdrawn(t *testing.T) {
	t.Parallel()
	for name, waits := range map[string]time.Duration{"in time": 30 * time.Minute, "too late": 3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			d.says("olivia", "ops", "new Boiler down")
			d.says("olivia", "ops", "assign 1 acme by 2h price 250 EUR")
			card := d.waitCard(firmChannel, "#1", offerButtons()...)
			until := d.issue(1).Assignments[0].AcceptBy
			form := d.click("cora", firmChannel, card, "Suggest other terms").Form
			d.submit("cora", firmChannel, form, map[string]string{"due": "", "price": "300 EUR"})
			card = d.waitCard(firmChannel, "#1", "Accept", "Decline", "Withdraw suggestion")
			ops := d.waitCard("ops", "#1", "Agree to terms", "Refuse terms", "Reply to firm", "Edit details", "Withdraw offer")
			d.advance(waits)
			a := d.click("cora", firmChannel, card, "Withdraw suggestion")
			d.waitText("ops", "withdrew the suggestion of other terms")
			if kinds := d.events(1); !slices.Contains(kinds, "counter_withdrawn") {
				t.Errorf("the history is %v", kinds)
			}
			if name == "too late" {
				expect(t, a.Message.Text.String(), "the offer has ended")
				d.advance(time.Minute)
				d.wantStatus(1, "reported/declined")
				return
			}
			expect(t, a.Message.Text.String(), "accept or decline the offer as it stands")
			now := d.waitCard(firmChannel, "#1", offerButtons()...)
			wantFact(t, now, "Price", "250.00 EUR")
			if view := d.issue(1); view.LiesWith != "contractor" || view.Assignments[0].CounterOffer != nil || !view.Assignments[0].AcceptBy.Equal(*until) {
				t.Errorf("the API shows %+v", view)
			}
			// What the desk and the firm still had on their screens does nothing any more.
			for _, r := range []chat.Answer{d.click("olivia", "ops", ops, "Agree to terms"), d.click("cora", firmChannel, card, "Withdraw suggestion")} {
				if r.Refused == "" || r.Message.Text.String() == "" {
					t.Errorf("a stale button: %+v", r)
				}
			}
			d.advance(2 * time.Hour)
			d.wantStatus(1, "reported/declined")
		})
	}
}

// TestCounterOfferWithoutForm takes a later date where no form opens, and the answer
// by a command.
func TestCounterOfferWithoutForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.offered()
	a := d.click("cora", firmChannel, card, "Suggest other terms")
	choice := a.Fallback.Choice
	if choice == nil {
		t.Fatalf("there is no other way than the form: %+v", a.Fallback)
	}
	if r := d.press("cora", firmChannel, "", choice.Token, "400"); r.Refused != "invalid" {
		t.Errorf("a date that was not offered: %+v", r)
	}
	expect(t, d.press("cora", firmChannel, "", choice.Token, "2").Message.Text.String(), "The desk looks")
	if got := d.issue(1).Assignments[0].CounterOffer; got == nil || !d.near(*got.DueAt, 48*time.Hour) {
		t.Errorf("suggested %+v", got)
	}
	if r := d.press("cora", firmChannel, "", choice.Token, "3"); r.Refused != "conflict" {
		t.Errorf("a second counter-offer: %+v", r)
	}
	expect(t, d.says("olivia", "ops", "counter 1"), "Usage")
	expect(t, d.says("olivia", "ops", "counter 1 accept"), "on its own terms")
	d.wantStatus(1, "allocated/accepted")
	if r := d.command("olivia", "ops", "counter 1 refuse"); r.Refused != "conflict" {
		t.Errorf("answered twice: %+v", r)
	}
	if kinds := d.events(1); !slices.Contains(kinds, "counter_offered") || !slices.Contains(kinds, "counter_accepted") {
		t.Errorf("the history is %v", kinds)
	}
}
