package slack_test

import (
	"fmt"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestAcceptSeveral: a firm of another company accepts several offers from its pinned list,
// with a form and where none opens; what changed meanwhile is not accepted, and the answer
// says of each offer what became of it.
func TestAcceptSeveral(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank", "fiona")
		frank, fiona := who[0], who[1]
		baker, who := d.firm("Hull", "Baker", "berta")
		berta := who[0]
		d.offered(acme, "Alone", "acme")
		d.buttons(d.board(acme, "To accept or decline (1)"))
		var n []int
		for _, title := range []string{"Gutter", "Lock", "Lamp", "Door"} {
			number, _ := d.offered(acme, title, "acme")
			n = append(n, number)
		}
		d.says(fmt.Sprintf("/task cancel %d", n[0]), "is withdrawn")
		d.says(fmt.Sprintf("/task assign %d acme, baker by 2h", n[0]), "The first to accept gets it")
		gutter := d.card(baker, n[0], "accept or decline")
		board := d.board(acme, "To accept or decline (5)")
		d.buttons(board, "Accept several")

		// The form is open while another firm takes one of them and the desk changes another.
		d.must(frank.Click(acme, board.TS, "Accept several"))
		form := d.view(frank, "Accept several")
		d.has("the form", form.Plain(), "Gutter", "Lock", "Lamp", "Door", "answer by")
		d.refusedForm(frank, slacktest.Values{}, fmt.Sprintf("offer_%d", n[0]), "Tick at least one")
		d.told(berta, func() error { return berta.Click(baker, gutter.TS, "Accept") }, "You are in charge")
		d.says(fmt.Sprintf("/task cancel %d", n[1]), "is withdrawn")
		d.says(fmt.Sprintf("/task assign %d acme by 3h price 10 EUR", n[1]), "is offered to")
		tick := slacktest.Values{}
		for k, title := range []string{"Gutter", "Lock", "Lamp"} {
			label := fmt.Sprintf("#%d %s", n[k], title)
			tick[label] = []string{"Accept"}
		}
		told := d.told(frank, func() error { d.submit(frank, "Accept several", tick); return nil },
			"Accepted (1)", fmt.Sprintf("You are in charge of #%d Lamp", n[2]), "Not accepted (2)",
			fmt.Sprintf("#%d Gutter: Somebody else took this job", n[0]), fmt.Sprintf("#%d Lock: This was changed", n[1]))
		d.lacks("the answer", told.Plain(), "Baker", "berta")
		d.stands(n[0], "allocated", "canceled", "canceled", "accepted")
		d.stands(n[1], "allocated", "canceled", "assigned")
		d.stands(n[2], "allocated", "accepted")
		d.stands(n[3], "allocated", "assigned")
		d.card(acme, n[2], "Accepted", "frank")
		d.reply(d.card(d.ops, n[2], "Accepted"), "accepted.")

		// Others than the firm's people get nothing of it.
		d.must(d.slack.Join(acme, "oskar"))
		board = d.board(acme, "To accept or decline (3)")
		d.sentence(d.told(d.oskar, func() error { return d.oskar.ClickOld(board, "Accept several") }).Plain())
		if _, open := d.oskar.View(); open {
			t.Error("the desk has the firm's form")
		}
		// By typing, where there are commands: the rest, by a colleague.
		d.must(fiona.Click(acme, board.TS, "Accept several"))
		d.view(fiona, "Accept several")
		d.must(fiona.CloseView())
		d.stands(n[3], "allocated", "assigned")
	})
}

// TestAcceptSeveralWithoutForms: where Slack opens no form for people of another
// organisation, they choose one offer or all of them.
func TestAcceptSeveralWithoutForms(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{slack: slacktest.Options{NoExternalViews: true}})
	acme, who := d.firm("Leeds", "Acme", "frank")
	frank := who[0]
	first, _ := d.offered(acme, "Gutter", "acme")
	second, _ := d.offered(acme, "Lock", "acme")
	third, _ := d.offered(acme, "Lamp", "acme")
	board := d.board(acme, "To accept or decline (3)")
	ask := d.told(frank, func() error { return frank.Click(acme, board.TS, "Accept several") }, "Which offers do you accept", "Gutter", "Lamp")
	d.told(frank, func() error { return frank.SelectOld(ask, "Accept", fmt.Sprintf("#%d Lock", second)) }, "Accepted (1)", "Lock")
	d.stands(first, "allocated", "assigned")
	d.told(frank, func() error { return frank.SelectOld(ask, "Accept", "All 3") }, "Accepted (2)", "Gutter", "Lamp", "Not accepted (1)", "You accepted this already")
	for _, n := range []int{first, second, third} {
		d.stands(n, "allocated", "accepted")
	}
	d.buttons(d.board(acme, "Accepted or in progress (3)"))
}
