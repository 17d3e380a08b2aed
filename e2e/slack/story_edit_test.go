package slack_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestDetailsChange: the desk changes what it wrote about a job that a firm has. The firm
// reads in the thread what is new and what it was, once, and nothing of the desk's own; the
// desk's history has all of it.
func TestDetailsChange(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	n, card := d.accepted(acme, "Boiler down", "acme", who[0])
	edit := func(v slacktest.Values) {
		t.Helper()
		d.must(d.oskar.Click(d.ops, d.card(d.ops, n, "Acme").TS, "Edit details"))
		d.submit(d.oskar, fmt.Sprintf("Job #%d", n), v)
	}
	link := slacktest.Values{"Reference link": "https://crm.example/deals/77"}
	edit(link)
	edit(slacktest.Values{
		"Title": "Boiler cold", "Priority": "Urgent", "Place": "4 Elm St", "Reference link": "https://crm.example/deals/78",
		"Customer": "Mrs Patel", "Reference": "CRM-78",
	})
	d.card(acme, n, "Boiler cold", "4 Elm St")
	d.reply(card, "The desk changed the details", "Boiler down", "Boiler cold", "Urgent", "4 Elm St")
	d.must(d.slack.Settle())
	told := 0
	for _, m := range d.slack.Messages(acme) {
		d.lacks("the firm's channel", m.Plain(), "crm.example", "Reference", "CRM-78", "Patel")
		if strings.Contains(m.Plain(), "changed the details") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the firm is told %d times", told)
	}
	d.says(fmt.Sprintf("/task history %d", n), "changed the details", "Boiler down", "Boiler cold", "deals/77", "deals/78", "Mrs Patel", "CRM-78")
}
