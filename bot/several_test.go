package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
)

// withOffers is a desk whose firm has so many offers.
func withOffers(t *testing.T, n int) *desk {
	t.Helper()
	d := newDesk(t)
	d.withFirm()
	for i := range n {
		d.says("olivia", "ops", fmt.Sprintf("new Job %d", i+1))
		expect(t, d.says("olivia", "ops", fmt.Sprintf("assign %d acme by %dh", i+1, 100-i)), "offered")
	}
	return d
}

// severalForm is the form that a firm's list opens.
func (d *desk) severalForm(who string) *chat.Form {
	d.t.Helper()
	list := d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: firmChannel, Body: chat.Command{Text: "list offered"}})
	a := d.click(who, firmChannel, fakePost{Message: list.Message}, "Accept several")
	if a.Form == nil {
		d.t.Fatalf("no form but %+v", a)
	}
	return a.Form
}

func ticked(numbers ...int) map[string]string {
	v := map[string]string{}
	for _, n := range numbers {
		v[present.OfferField(n)] = "true"
	}
	return v
}

// TestAcceptSeveral: each of the chosen offers is accepted as by its card's button, and of
// each that is not the firm reads why.
func TestAcceptSeveral(t *testing.T) {
	t.Parallel()
	d := withOffers(t, 7)
	d.says("olivia", "ops", "contractor add Hull | Baker")
	card := d.waitCard(firmChannel, "#2 Job 2", offerButtons()...)
	form := d.severalForm("cora")
	if len(form.Fields) != 7 || form.Fields[0].Name != "offer_7" {
		t.Fatalf("the form asks for %+v", form.Fields)
	}
	d.click("carl", firmChannel, card, "Accept")
	d.says("olivia", "ops", "cancel 3")
	d.change("3", map[string]string{"title": "For who has it next"})
	// The same firm gets the job anew, with other terms: a new card.
	d.says("olivia", "ops", "cancel 4")
	d.says("olivia", "ops", "assign 4 acme by 3h price 10 EUR")
	ops := d.waitCard("ops", "#5 Job 5", "Reply to firm", "Edit details", "Withdraw offer")
	details := d.click("olivia", "ops", ops, "Edit details").Form
	d.submit("olivia", "ops", details, map[string]string{"title": "Job 5", "place": "Another town"})

	got := d.submit("cora", firmChannel, form, ticked(1, 2, 3, 4, 5, 6)).Message.Text.String()
	expect(t, got, "Accepted (2)", "You are in charge of #1 Job 1", "You are in charge of #6 Job 6", "Not accepted (4)",
		"#2 Job 2: Already accepted by Carl", "#3 Job 3: Olivia withdrew", "#4 Job 4: This was changed", "#5 Job 5: This was changed")
	for n, want := range map[int]string{1: "accepted", 2: "accepted", 3: "canceled", 4: "assigned", 5: "assigned", 6: "accepted", 7: "assigned"} {
		i := d.issue(n)
		if last := i.Assignments[len(i.Assignments)-1].Status; last != want {
			t.Errorf("#%d is %s, want %s", n, last, want)
		}
	}
	d.waitPost(firmChannel, "the card of an accepted job", func(p fakePost) bool {
		return strings.Contains(p.Message.Title, "#6 Job 6") && slices.Contains(labels(p.Message), "Complete")
	})
	again := d.submit("cora", firmChannel, form, ticked(1, 7))
	if !strings.Contains(again.FieldErrors[""], "sent already") || d.issue(7).Assignments[0].Status != "assigned" {
		t.Errorf("a form sent twice gave %+v", again)
	}
}

// TestAcceptSeveralRefused: who may not accept opens and sends nothing, and what was not
// ticked is not taken.
func TestAcceptSeveralRefused(t *testing.T) {
	t.Parallel()
	d := withOffers(t, 2)
	d.later()
	board := d.boardSays("To accept or decline (2)")
	if !slices.Equal(labels(board.Message), []string{"Accept several"}) {
		t.Errorf("the board has %v", labels(board.Message))
	}
	for who, want := range map[string]string{"olivia": "forbidden", "sam": "forbidden"} {
		if a := d.click(who, firmChannel, board, "Accept several"); a.Refused != want || a.Form != nil {
			t.Errorf("%s got %+v", who, a)
		}
	}
	a := d.click("cora", firmChannel, board, "Accept several")
	if none := d.submit("cora", firmChannel, a.Form, nil); !strings.Contains(none.FieldErrors[""], "Tick at least one") {
		t.Errorf("nothing ticked gave %+v", none)
	}
	if foreign := d.submit("carl", firmChannel, a.Form, ticked(1)); foreign.Refused != "unauthenticated" {
		t.Errorf("another's form gave %+v", foreign)
	}
	// A client says which channel it is in; the firm is the one the form was opened for.
	d.p.addPerson("berta", chat.External, false)
	d.says("olivia", "ops", "contractor add Hull | Baker")
	d.waitText("ext-hull-baker", "Accept")
	d.join("ext-hull-baker", "cora", "berta")
	got := d.submit("cora", "ext-hull-baker", a.Form, ticked(1)).Message.Text.String()
	expect(t, got, "Accepted (1)", "#1 Job 1")
	expect(t, d.click("berta", firmChannel, board, "Accept several").Message.Text.String(), "only the firm")
	d.clock.Advance(101 * time.Hour)
	left := d.click("cora", firmChannel, board, "Accept several")
	if left.Form != nil {
		expect(t, d.submit("cora", firmChannel, left.Form, ticked(2)).Message.Text.String(), "Not accepted (1)", "#2 Job 2")
	} else {
		expect(t, left.Message.Text.String(), "No offer waits")
	}
	if d.issue(2).Assignments[0].Status == "accepted" {
		t.Error("an offer was accepted whose time was over")
	}
}

// TestAcceptSeveralWithoutForm: where no form opens, all or one are chosen in a message.
func TestAcceptSeveralWithoutForm(t *testing.T) {
	t.Parallel()
	d := withOffers(t, present.SeveralMost+2)
	d.later()
	board := d.boardSays(fmt.Sprintf("To accept or decline (%d)", present.SeveralMost+2))
	a := d.click("cora", firmChannel, board, "Accept several")
	if len(a.Form.Fields) != present.SeveralMost {
		t.Errorf("the form has %d offers", len(a.Form.Fields))
	}
	expect(t, a.Form.Intro, "2 more offers have more time left")
	choice := a.Fallback.Choice
	if len(choice.Options) != present.SeveralMost+1 || choice.Options[0].Label != "All 10" {
		t.Fatalf("the choice is %+v", choice.Options)
	}
	pick := func(who, value string) chat.Answer {
		return d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: firmChannel, Body: chat.Click{Token: choice.Token, Choice: value}})
	}
	expect(t, pick("cora", choice.Options[1].Value).Message.Text.String(), "Accepted (1)", "#12 Job 12")
	if a := pick("carl", choice.Options[0].Value); a.Refused != "unauthenticated" {
		t.Errorf("another's choice gave %+v", a)
	}
	got := pick("cora", choice.Options[0].Value).Message.Text.String()
	expect(t, got, fmt.Sprintf("Accepted (%d)", present.SeveralMost-1), "Not accepted (1)", "#12 Job 12: You accepted this already")
	rest := d.severalForm("cora")
	if len(rest.Fields) != 2 {
		t.Errorf("the rest is %+v", rest.Fields)
	}
}
