package slack_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"taskbridge/adapters/email/mailtest"
	"taskbridge/adapters/slack/slacktest"
)

// TestVisitAgreed: a firm plans a visit. The customer, who was sent the link to the job,
// gets a letter, asks for another time and agrees to the one after; firm and desk read it
// on their cards and in their threads, another firm reads nothing, and the customer learns
// neither whose job it is nor who comes.
func TestVisitAgreed(t *testing.T) {
	t.Parallel()
	mails := mailtest.Start(t, mailtest.Options{})
	d := open(t, variants()[0], options{settings: map[string]string{
		"SMTP_URL": "smtp://" + mails.Address + "?tls=none", "SMTP_FROM": "The Desk <tasks@desk.example>",
	}})
	acme, who := d.firm("Leeds", "Acme", "frank")
	baker, _ := d.firm("Hull", "Baker", "berta")
	frank := who[0]
	n, card := d.accepted(acme, "Boiler down", "acme", frank)
	customer := &mailbox{d, mails, "ada@customer.example"}
	d.says(fmt.Sprintf("/task status-link %d ada@customer.example", n), "on its way")
	link := regexp.MustCompile(`https?://\S+/status/\w+`).FindString(customer.letter("Follow your job").Text)
	plan := func(from, to string) string {
		t.Helper()
		d.must(frank.Select(acme, card.TS, "Steps and more", "Step: Planned…"))
		d.submit(frank, fmt.Sprintf("Plan #%d", n), slacktest.Values{"From": from, "To": to})
		page := ""
		until(t, "the customer to be asked", func() bool {
			page = customer.browse(link, nil)
			return strings.Contains(page, "Does this time suit you?")
		})
		return page
	}
	page := plan("tomorrow 9am", "11am")
	letter := customer.letter("A visit is planned", link)
	for _, never := range []string{"Boiler", "Acme", "frank", fmt.Sprintf("#%d", n)} {
		if strings.Contains(page+letter.Subject+letter.Text, never) {
			t.Errorf("the customer reads %q in\n%s\n%s", never, page, letter.Text)
		}
	}
	d.card(acme, n, "Planned,")
	d.lacks("the firm's card", d.card(acme, n, "Planned,").Plain(), "The customer")

	customer.shows(customer.press(link, page, "Another time, please", map[string]string{"text": " "}), "Say which time would suit you better.")
	wish := "After five <b> & bring the key"
	customer.shows(customer.press(link, page, "Another time, please", map[string]string{"text": wish}), "Those who come have your answer.", "You asked for another time.")
	d.card(acme, n, "asks for another time", wish)
	ops := d.card(d.ops, n, "asks for another time", wish)
	d.reply(ops, "The customer asks for another time", wish)
	d.reply(card, "The customer asks for another time", wish)

	old := page
	page = plan("tomorrow 5pm", "7pm")
	d.lacks("the firm's card", d.card(acme, n, "17:00 UTC").Plain(), "asks for another time")
	customer.shows(customer.press(link, old, "This suits me", nil), "planned anew")
	customer.shows(customer.press(link, page, "This suits me", nil), "You agreed to this time.", "Change your answer")
	d.card(acme, n, "agrees to the time")
	d.card(d.ops, n, "agrees to the time")
	d.reply(ops, "The customer agrees to")
	d.reply(card, "The customer agrees to")
	d.says(fmt.Sprintf("/task history %d", n), "The customer asked for another time", "The customer agreed to")

	// Once the firm is on its way there is nothing more to answer.
	page = customer.browse(link, nil)
	d.must(frank.Select(acme, card.TS, "Steps and more", "Step: Travel"))
	d.card(acme, n, "Step", "Travel")
	customer.shows(customer.press(link, page, "Another time, please", map[string]string{"text": "In May"}), "No visit is planned now")
	if now := customer.browse(link, url.Values{"visit": {"another"}, "text": {"No"}}); strings.Contains(now, "Does this time suit you?") {
		t.Errorf("the customer is asked on\n%s", now)
	}
	for _, m := range d.slack.Messages(baker) {
		d.lacks("another firm's channel", m.Plain(), "customer", "Boiler")
	}
}
