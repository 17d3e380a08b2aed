package slack_test

import (
	"fmt"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestListsNarrowed: any list is narrowed by firm, city, topic and person, by several of
// them at once, and what is none of them is refused with what there is.
func TestListsNarrowed(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[2], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	d.firm("Hull", "Baker")
	boiler, _ := d.accepted(acme, "Boiler down", "acme", who[0])
	gutter := d.newIssue("Gutter loose")
	d.says(fmt.Sprintf("/task assign %d baker", gutter), "is offered to")
	lift := d.command(d.ada, d.ops, "/task new Lift stuck", "Created")
	for number, topic := range map[int]string{boiler: "Heating", d.created(lift.Plain()): "Lifts"} {
		d.must(d.oskar.Click(d.ops, d.card(d.ops, number).TS, "Edit details"))
		d.submit(d.oskar, fmt.Sprintf("Job #%d", number), slacktest.Values{"Topic": topic})
		d.card(d.ops, number, topic)
	}
	all := map[string]string{"boiler": "Boiler down", "gutter": "Gutter loose", "lift": "Lift stuck"}
	for filter, want := range map[string][]string{
		"open":                         {"boiler", "gutter", "lift"},
		"open firm:acme":               {"boiler"},
		"open city:hull":               {"gutter"},
		"open topic:heating":           {"boiler"},
		"open topic:lifts":             {"lift"},
		"open person:frank":            {"boiler"},
		"open person:ada":              {"lift"},
		"open firm:acme topic:heating": {"boiler"},
		"open firm:acme topic:lifts":   nil,
		"new":                          {"lift"},
		"waiting firm:baker":           {"gutter"},
	} {
		text := d.says("/task list " + filter).Plain()
		shown := map[string]bool{}
		for _, one := range want {
			shown[one] = true
			d.has("the list "+filter, text, all[one])
		}
		for one, title := range all {
			if !shown[one] {
				d.lacks("the list "+filter, text, title)
			}
		}
	}
	d.sentence(d.says("/task list open firm:zenith", "No firm fits").Plain())
}

// TestFirmInGerman: a desk that works in English has a firm whose channel is in German;
// whatever is shared is as it was written.
func TestFirmInGerman(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	acme, who := d.firm("Köln", "Acme", "frank")
	d.hours("acme", slacktest.Values{"Language": "Deutsch"})
	n := d.newIssue("Boiler down")
	d.says(fmt.Sprintf("/task assign %d acme by 2h", n), "is offered to")
	card := d.card(acme, n, "Boiler down", "Ein neuer Auftrag für Sie")
	d.lacks("the German card", card.Plain(), "accept or decline", "Answer by")
	d.must(who[0].Click(acme, card.TS, "Annehmen"))
	ops := d.card(d.ops, n, "Accepted", "In charge")
	d.reply(ops, "frank", "accepted")
	d.says(fmt.Sprintf("/task comment %d Ring twice", n), "Sent to the firm's thread")
	d.reply(card, "Ring twice")
	d.says(fmt.Sprintf("/task complete %d", n), "is complete")
	d.card(acme, n, "Abgeschlossen")
	d.card(d.ops, n, "Resolved", "Complete")
}
