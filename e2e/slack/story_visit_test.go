package slack_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
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
	entry := string(letter.Files["visit.ics"])
	d.has("the entry for the customer's calendar", entry, "METHOD:PUBLISH", "SUMMARY:Visit for your job", "DTEND:")
	d.lacks("the entry for the customer's calendar", entry, "Boiler", "Acme", "frank", "LOCATION")
	if again := customer.browse(link+"/visit.ics", nil); uid(again) == "" || uid(again) != uid(entry) {
		t.Errorf("the page's entry is\n%s\nand the letter's\n%s", again, entry)
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

	moved := string(customer.letter("A visit is planned", "19:00").Files["visit.ics"])
	if uid(moved) != uid(entry) || sequence(moved) <= sequence(entry) {
		t.Errorf("the entry\n%s\ndoes not follow on\n%s", moved, entry)
	}

	// Once the firm is on its way there is nothing more to answer.
	page = customer.browse(link, nil)
	d.must(frank.Select(acme, card.TS, "Steps and more", "Step: Travel"))
	d.card(acme, n, "Step", "Travel")
	customer.shows(customer.press(link, page, "Another time, please", map[string]string{"text": "In May"}), "No visit is planned now")
	if now := customer.browse(link, url.Values{"visit": {"another"}, "text": {"No"}}); strings.Contains(now, "Does this time suit you?") {
		t.Errorf("the customer is asked on\n%s", now)
	}

	// A visit that does not come about is taken out of the calendar.
	plan("tomorrow 5pm", "7pm")
	d.says(fmt.Sprintf("/task close %d", n), "is closed")
	off := string(customer.letter("A visit is called off").Files["visit.ics"])
	d.has("the entry that is off", off, "METHOD:CANCEL", "STATUS:CANCELLED", uid(entry))
	if sequence(off) <= sequence(moved) {
		t.Errorf("the entry\n%s\ndoes not follow on\n%s", off, moved)
	}
	for _, m := range d.slack.Messages(baker) {
		d.lacks("another firm's channel", m.Plain(), "customer", "Boiler")
	}
}

// uid and sequence are what calendars know an entry by.
func uid(entry string) string { return regexp.MustCompile(`UID:\S+`).FindString(entry) }

func sequence(entry string) int {
	m := regexp.MustCompile(`SEQUENCE:(\d+)`).FindStringSubmatch(entry)
	if m == nil {
		return -1
	}
	n, _ := strconv.Atoi(m[1])
	return n
}
