package slack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// bargain is a desk with three firms that do not know of each other.
type bargain struct {
	*desk
	v                   variant
	acme, baker, cool   string
	frank, berta, colin *slacktest.Person
}

// secrets are what nobody of a firm may read of the others.
func (b *bargain) secrets() map[string][]string {
	return map[string][]string{
		b.acme: {"Baker", "Cool Air", "berta", "colin", "in turn"}, b.baker: {"Acme", "Cool Air", "frank", "colin", "in turn"},
		b.cool: {"Acme", "Baker", "frank", "berta", "in turn"},
	}
}

// TestBargaining is what desk and firms say to each other before somebody has the job:
// drafts, terms, firms in turn and at once, other terms, and reasons for a no.
func TestBargaining(t *testing.T) {
	t.Parallel()
	for _, v := range []variant{variants()[0], variants()[2]} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, v, options{})
			b := &bargain{desk: d, v: v}
			var who []*slacktest.Person
			b.acme, who = d.firm("Leeds", "Acme", "frank")
			b.frank = who[0]
			b.baker, who = d.firm("Hull", "Baker", "berta")
			b.berta = who[0]
			b.cool, who = d.firm("York", "Cool Air", "colin")
			b.colin = who[0]
			for _, c := range []struct {
				name string
				tell func(*bargain)
			}{
				{"draft", (*bargain).draft},
				{"terms that change", (*bargain).amend},
				{"other terms agreed", (*bargain).counterAgreed},
				{"other terms refused", (*bargain).counterRefused},
				{"other terms withdrawn", (*bargain).counterWithdrawn},
				{"reasons of the desk", (*bargain).reasons},
				{"who fits", (*bargain).suggestions},
				{"in turn", (*bargain).chain},
				{"at once", (*bargain).atOnce},
				{"outside of working hours", (*bargain).outsideHours},
			} {
				t.Run(c.name, func(t *testing.T) {
					here := *b
					here.desk = b.in(t)
					c.tell(&here)
				})
			}
			b.desk = d
			b.apart()
		})
	}
}

// stands waits until a job and its assignments have these statuses.
func (d *desk) stands(number int, issue string, assignments ...string) {
	d.t.Helper()
	until(d.t, fmt.Sprintf("#%d is %s with %q", number, issue, assignments), func() bool {
		i := d.issue(number)
		var all []string
		for _, a := range i.Assignments {
			all = append(all, a.Status)
		}
		return i.Status == issue && slices.Equal(all, assignments)
	})
}

// apart checks that no firm's channel tells of another firm.
func (b *bargain) apart() {
	for channel, secrets := range b.secrets() {
		for _, m := range b.slack.Messages(channel) {
			b.lacks("the channel "+channel, m.Plain(), secrets...)
		}
	}
}

// draft: the desk sees an offer as the firm will, and nothing leaves before it is sent.
func (b *bargain) draft() {
	n := b.newIssue("Prepared with care")
	for text, want := range map[string]string{
		"price 250": "like 84.50 EUR", "price 250 XYZ": "EUR, GBP or USD", "due 1h ago": "Write it like", "limit 0 EUR": "more than nothing",
	} {
		b.sentence(b.says(fmt.Sprintf("/task draft %d acme %s", n, text), want).Plain())
	}
	b.stands(n, "reported")
	b.says(fmt.Sprintf("/task draft %d acme by 3h price £1,250.5 limit 80 eur terms Two rooms, by hand", n), "accept or decline", "1250.50 GBP", "80.00 EUR", "Two rooms, by hand", "Only you see this")
	first := b.ephemeral(b.oskar, "Only you see this", "1250.50 GBP")
	b.buttons(first, "Send offer", "Discard draft")
	b.buttons(b.card(b.ops, n, "An offer to Acme, Leeds is prepared"), "Send offer", "Discard draft", "Offer to a firm", "Edit details", "Close")
	b.must(b.oskar.ClickOld(first, "Discard draft"))
	b.stands(n, "reported", "canceled")
	b.sentence(b.told(b.oskar, func() error { return b.oskar.ClickOld(first, "Send offer") }, "discarded").Plain())
	if b.cards(b.acme, n) != 0 {
		b.t.Errorf("the firm heard of a draft: %v", b.slack.Messages(b.acme))
	}
	b.says(fmt.Sprintf("/task draft %d acme by 4h price 95 EUR", n), "95.00 EUR")
	second := b.ephemeral(b.oskar, "Only you see this", "95.00 EUR")
	b.told(b.oskar, func() error { return b.oskar.ClickOld(second, "Send offer") }, "is offered to Acme, Leeds")
	b.card(b.acme, n, "accept or decline", "95.00 EUR")
	b.sentence(b.told(b.oskar, func() error { return b.oskar.ClickOld(second, "Discard draft") }, "cancel the offer instead").Plain())
	b.stands(n, "allocated", "canceled", "assigned")
}

// amend: what a firm accepted is changed by the desk, and holds when the firm accepts
// again; what it pressed on the card of before does nothing.
func (b *bargain) amend() {
	n := b.newIssue("Grows while it lasts")
	b.says(fmt.Sprintf("/task assign %d acme by 2h price 250 EUR terms Two rooms", n), "is offered to")
	card := b.card(b.acme, n, "accept or decline", "250.00 EUR", "Two rooms")
	b.sentence(b.says(fmt.Sprintf("/task amend %d price 300 EUR", n), "has not answered yet").Plain())
	b.told(b.frank, func() error { return b.frank.Click(b.acme, card.TS, "Accept") }, "You are in charge")
	before := b.card(b.acme, n, "Accepted")
	b.sentence(b.says(fmt.Sprintf("/task amend %d price 250 EUR", n)).Plain())
	b.stands(n, "allocated", "accepted")
	ops := b.card(b.ops, n, "Accepted")
	b.must(b.oskar.Click(b.ops, ops.TS, "Amend terms"))
	title := fmt.Sprintf("Amend #%d", n)
	b.view(b.oskar, title)
	b.refusedForm(b.oskar, slacktest.Values{"Price": "300"}, "price", "like 84.50 EUR")
	b.told(b.oskar, func() error {
		b.submit(b.oskar, title, slacktest.Values{"Price": "1.300,5 EUR", "Terms": "Three rooms"})
		return nil
	}, "new terms")
	b.stands(n, "allocated", "assigned")
	b.reply(card, "changed the terms")
	b.card(b.acme, n, "250.00 EUR", "→", "1300.50 EUR", "Three rooms")
	b.told(b.frank, func() error { return b.frank.ClickOld(before, "Complete") })
	b.stands(n, "allocated", "assigned")
	b.told(b.frank, func() error { return b.frank.Click(b.acme, card.TS, "Accept") }, "You are in charge")
	b.lacks("the card of accepted terms", b.card(b.acme, n, "Accepted", "1300.50 EUR").Plain(), "250.00 EUR")
	b.says(fmt.Sprintf("/task history %d", n), "changed the terms", "250.00 EUR", "1300.50 EUR")
	b.sentence(b.says(fmt.Sprintf("/task cancel %d", n), "complete it early or amend its terms").Plain())
}

// suggest sends other terms of a firm's person.
func (b *bargain) suggest(p *slacktest.Person, channel string, n int, v slacktest.Values) {
	card := b.card(channel, n, "accept or decline")
	b.must(p.Click(channel, card.TS, "Suggest other terms"))
	b.told(p, func() error { b.submit(p, fmt.Sprintf("Terms of #%d", n), v); return nil }, "The desk looks at what you suggest")
}

// counterAgreed: the clock stands still while the desk thinks, and its yes makes the
// firm's terms hold and takes the job from the others.
func (b *bargain) counterAgreed() {
	n := b.newIssue("Dearer than thought")
	b.says(fmt.Sprintf("/task assign %d acme, baker by 2h price 250 EUR", n), "The first to accept gets it")
	card := b.card(b.acme, n, "accept or decline")
	b.card(b.baker, n, "accept or decline")
	b.must(b.frank.Click(b.acme, card.TS, "Suggest other terms"))
	b.view(b.frank, fmt.Sprintf("Terms of #%d", n))
	b.refusedForm(b.frank, slacktest.Values{}, "due")
	b.refusedForm(b.frank, slacktest.Values{"Other price": "300"}, "price", "like 84.50 EUR")
	b.refusedForm(b.frank, slacktest.Values{"Other date": "some day"}, "due", "Write it like")
	b.must(b.frank.CloseView())
	b.suggest(b.frank, b.acme, n, slacktest.Values{"Other date": "2031-01-05 14:00", "Other price": "300 EUR", "Why": "The part comes on Friday"})
	b.buttons(b.card(b.acme, n, "You suggested", "300.00 EUR"), "Accept", "Decline", "Withdraw suggestion")
	ops := b.card(b.ops, n, "The firm suggests", "300.00 EUR", "The part comes on Friday")
	b.reply(ops, "suggests other terms")
	b.sentence(b.told(b.frank, func() error { return b.frank.ClickOld(card, "Suggest other terms") }, "suggested other terms already").Plain())
	if i := b.issue(n); i.LiesWith != "both" {
		b.t.Errorf("the job lies with %s", i.LiesWith)
	}
	b.later(b.v, 2*time.Hour+time.Minute)
	until(b.t, "the other firm's time over", func() bool { return b.issue(n).Assignments[1].Status == "declined" })
	b.told(b.oskar, func() error { return b.oskar.Click(b.ops, ops.TS, "Agree to terms") }, "on its own terms")
	b.reply(card, "The desk agreed to your terms")
	b.card(b.acme, n, "Accepted", "300.00 EUR", "frank")
	b.sentence(b.says(fmt.Sprintf("/task counter %d refuse", n)).Plain())
	b.stands(n, "allocated", "accepted", "declined")
}

// counterRefused: the offer stands as it was, and whoever of the firm likes it accepts.
func (b *bargain) counterRefused() {
	n := b.newIssue("As offered")
	b.says(fmt.Sprintf("/task assign %d acme by 2h price 70 EUR", n), "is offered to")
	b.sentence(b.says(fmt.Sprintf("/task counter %d accept", n)).Plain())
	b.suggest(b.frank, b.acme, n, slacktest.Values{"Other price": "90 EUR"})
	b.sentence(b.says(fmt.Sprintf("/task counter %d", n), "Usage: /task counter N accept|refuse").Plain())
	b.says(fmt.Sprintf("/task counter %d refuse", n))
	card := b.card(b.acme, n, "accept or decline", "70.00 EUR")
	b.reply(card, "The desk stays with the terms as offered")
	b.buttons(b.card(b.acme, n, "accept or decline", "70.00 EUR"), "Accept", "Decline", "Suggest other terms")
	b.told(b.frank, func() error { return b.frank.Click(b.acme, card.TS, "Accept") }, "You are in charge")
	b.stands(n, "allocated", "accepted")
}

// counterWithdrawn: a firm takes its suggestion back before the desk has answered; its
// time to answer is what it was, and what is pressed too late is refused in a sentence.
func (b *bargain) counterWithdrawn() {
	n := b.newIssue("As offered after all")
	b.says(fmt.Sprintf("/task assign %d acme by 2h price 70 EUR", n), "is offered to")
	until := b.issue(n).Assignments[0].AcceptBy
	b.suggest(b.frank, b.acme, n, slacktest.Values{"Other price": "90 EUR"})
	suggested := b.card(b.acme, n, "You suggested", "90.00 EUR")
	asked := b.card(b.ops, n, "The firm suggests", "90.00 EUR")
	b.told(b.frank, func() error { return b.frank.Click(b.acme, suggested.TS, "Withdraw suggestion") }, "accept or decline the offer as it stands")
	b.reply(asked, "withdrew the suggestion of other terms")
	card := b.card(b.acme, n, "accept or decline", "70.00 EUR")
	b.buttons(card, "Accept", "Decline", "Suggest other terms")
	b.card(b.ops, n, "has this offer and has not answered yet")
	if i := b.issue(n); i.LiesWith != "contractor" || !i.Assignments[0].AcceptBy.Equal(*until) {
		b.t.Errorf("the job lies with %s, and its answer is due %v instead of %v", i.LiesWith, i.Assignments[0].AcceptBy, until)
	}
	b.sentence(b.told(b.frank, func() error { return b.frank.ClickOld(suggested, "Withdraw suggestion") }, "withdrew the suggestion").Plain())
	b.sentence(b.told(b.oskar, func() error { return b.oskar.ClickOld(asked, "Agree to terms") }, "withdrew the suggestion").Plain())
	b.suggest(b.frank, b.acme, n, slacktest.Values{"Other price": "80 EUR"})
	suggested = b.card(b.acme, n, "You suggested", "80.00 EUR")
	b.says(fmt.Sprintf("/task counter %d accept", n), "on its own terms")
	b.sentence(b.told(b.frank, func() error { return b.frank.ClickOld(suggested, "Withdraw suggestion") }, "accepted this already").Plain())
	b.stands(n, "allocated", "accepted")
}

// outsideHours: whoever accepts what is due when the firm does not work reads so, and the
// desk in its thread; the job is the firm's all the same. Who accepts what is due while it
// works reads nothing of it.
func (b *bargain) outsideHours() {
	b.hours("acme", slacktest.Values{"Time zone": "Europe/Berlin", "Working hours": "Mon-Fri 08:00-17:00", "Holidays": "2031-01-06 Epiphany"})
	for due, want := range map[string]string{
		"2031-01-05 14:00": "working hours (Mon–Fri 08:00–17:00, Europe/Berlin)",
		"2031-01-06 14:00": "working hours (Mon–Fri 08:00–17:00, Europe/Berlin; that day is a holiday)",
		"2031-01-07 14:00": "",
	} {
		n := b.newIssue("Due " + due)
		b.says(fmt.Sprintf("/task assign %d acme due %s", n, due), "is offered to")
		card := b.card(b.acme, n, "accept or decline")
		answer := b.told(b.frank, func() error { return b.frank.Click(b.acme, card.TS, "Accept") }, fmt.Sprintf("You are in charge of #%d", n)).Plain()
		told := b.reply(b.card(b.ops, n, "accepted and has not started yet"), "accepted.").Plain()
		if want == "" {
			if strings.Contains(answer+told, "working hours") {
				b.t.Errorf("what is due on a Tuesday is warned of: %q, %q", answer, told)
			}
		} else if !strings.Contains(answer, "is outside your "+want) || !strings.Contains(told, "is outside the firm's "+want) {
			b.t.Errorf("due %s: the firm read %q, and the desk %q", due, answer, told)
		}
		b.stands(n, "allocated", "accepted")
	}
}

// reasons: firms choose from the desk's own list, also when it changed under their
// hands.
func (b *bargain) reasons() {
	n, card := b.offered(b.acme, "Many stairs", "acme")
	b.must(b.frank.Click(b.acme, card.TS, "Decline"))
	b.view(b.frank, fmt.Sprintf("Decline #%d", n))
	_, err := b.ada.Command(b.ops, "/task settings reasons")
	b.must(err)
	b.view(b.ada, "Decline reasons")
	b.refusedForm(b.ada, slacktest.Values{"Decline reasons": "no_lift | No lift"}, "reasons", "cannot be removed")
	b.submit(b.ada, "Decline reasons", slacktest.Values{"Decline reasons": "no_lift | No lift in the building\nlocation | Not our town\nother | Something else"})
	// A form that was open before counts: a no is a no.
	b.told(b.frank, func() error {
		b.submit(b.frank, fmt.Sprintf("Decline #%d", n), slacktest.Values{"Reason": "Not our kind of work"})
		return nil
	}, "You declined")
	b.card(b.ops, n, "Declined", "Not our kind of work")

	n, card = b.offered(b.acme, "More stairs", "acme")
	b.must(b.frank.Click(b.acme, card.TS, "Decline"))
	form := b.view(b.frank, fmt.Sprintf("Decline #%d", n))
	if c, _ := form.Control("Reason"); len(c.Options) != 3 || c.Options[0].Text != "No lift in the building" {
		b.t.Errorf("the firm may choose from %+v", c.Options)
	}
	b.told(b.frank, func() error {
		b.submit(b.frank, fmt.Sprintf("Decline #%d", n), slacktest.Values{"Reason": "No lift in the building"})
		return nil
	}, "You declined")
	b.card(b.ops, n, "Declined", "No lift in the building")
	b.says("/task summary week", "No lift in the building")
	b.says("/task score acme", "No lift in the building")
}

// suggestions: who does a topic and is in the town comes first, with what speaks for it.
func (b *bargain) suggestions() {
	b.says("/task contractor topics cool drains, gutters", "Cool Air, York does drains, gutters")
	n := b.newIssue("Gutters overflow")
	b.says(fmt.Sprintf("/task assign %d", n))
	form := b.view(b.oskar, fmt.Sprintf("Offer #%d", n))
	c, _ := form.Control("Contractor")
	if len(c.Options) != 3 || !strings.HasPrefix(c.Options[0].Text, "Cool Air, York – gutters") {
		b.t.Errorf("the desk may choose from %+v", c.Options)
	}
	b.must(b.oskar.CloseView())
}

// declines turns an offer down with a form.
func (b *bargain) declines(p *slacktest.Person, channel string, n int) slacktest.Message {
	card := b.card(channel, n, "accept or decline")
	b.must(p.Click(channel, card.TS, "Decline"))
	b.told(p, func() error {
		b.submit(p, fmt.Sprintf("Decline #%d", n), slacktest.Values{"Reason": "Not our town"})
		return nil
	}, "You declined")
	return card
}

// chain: the next firm is asked after a no and after silence, with the same terms, until
// nobody is left; who has just said no is passed over.
func (b *bargain) chain() {
	n := b.newIssue("Somebody will")
	b.sentence(b.says(fmt.Sprintf("/task chain %d baker", n), "Offer the job to the first firm").Plain())
	b.says(fmt.Sprintf("/task assign %d acme then baker then cool by 2h price 70 EUR", n), "Acme, Leeds", "then the others in turn: Baker, Hull; Cool Air, York")
	ops := b.card(b.ops, n, "Next in turn", "Baker, Hull; Cool Air, York")
	if b.cards(b.baker, n)+b.cards(b.cool, n) != 0 {
		b.t.Error("a later firm was asked at once")
	}
	first := b.declines(b.frank, b.acme, n)
	b.reply(ops, "declined", "Baker, Hull has the offer now")
	second := b.card(b.baker, n, "accept or decline", "70.00 EUR")
	b.sentence(b.told(b.frank, func() error { return b.frank.ClickOld(first, "Accept") }, "ask the desk to offer it again").Plain())
	b.later(b.v, 2*time.Hour+time.Minute)
	b.buttons(b.card(b.baker, n, "Declined", "No answer in time"))
	b.sentence(b.told(b.berta, func() error { return b.berta.ClickOld(second, "Accept") }, "ask the desk to offer it again").Plain())
	for _, m := range b.slack.Messages(b.baker) {
		if m.ThreadTS == second.TS {
			b.lacks("what the firm is told after the time", m.Plain(), "Please answer this offer by")
		}
	}
	b.declines(b.colin, b.cool, n)
	b.reply(ops, "No firm is left in turn")
	b.stands(n, "reported", "declined", "declined", "declined")
	b.says(fmt.Sprintf("/task history %d", n), "lined up Baker, Hull; Cool Air, York", "No firm was left in turn")

	// A person may ask again at once and is told; a chain does not.
	b.says(fmt.Sprintf("/task assign %d acme by 2h", n), "said no to this job a short time ago")
	b.says(fmt.Sprintf("/task chain %d baker, cool", n), "Next in turn")
	b.declines(b.frank, b.acme, n)
	b.reply(ops, "No firm is left in turn")
	b.says(fmt.Sprintf("/task history %d", n), "Cool Air, York was passed over because it said no a short time ago")
	b.stands(n, "reported", "declined", "declined", "declined", "declined")
	b.sentence(b.says(fmt.Sprintf("/task chain %d stop", n), "nothing to stop").Plain())
}

// atOnce: of several who press at the same moment one has the job; the others read that
// it is taken, and no price any more.
func (b *bargain) atOnce() {
	n := b.newIssue("For the quickest")
	b.says(fmt.Sprintf("/task assign %d acme, baker, cool by 2h price 41 EUR", n), "The first to accept gets it")
	cards := map[*slacktest.Person]slacktest.Message{
		b.frank: b.card(b.acme, n, "accept or decline", "41.00 EUR"), b.berta: b.card(b.baker, n, "accept or decline"), b.colin: b.card(b.cool, n, "accept or decline"),
	}
	b.race(func(p *slacktest.Person) error { return p.ClickOld(cards[p], "Accept") }, b.frank, b.berta, b.colin)
	until(b.t, "one firm to have it", func() bool {
		var all []string
		for _, a := range b.issue(n).Assignments {
			all = append(all, a.Status)
		}
		slices.Sort(all)
		return slices.Equal(all, []string{"accepted", "canceled", "canceled"})
	})
	for p, card := range cards {
		name := p.Name()
		m, err := b.slack.WaitMessage(card.Channel, func(m slacktest.Message) bool {
			return m.TS == card.TS && (showing("Accepted", name)(m) || showing("This job is taken")(m))
		})
		b.must(err)
		if showing("This job is taken")(m) {
			b.lacks("the card that lost", m.Plain(), "41.00")
			b.ephemeral(p, "Somebody else took this job")
		} else {
			b.ephemeral(p, "You are in charge", fmt.Sprintf("#%d", n))
		}
	}
}
