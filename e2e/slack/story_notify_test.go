package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/email/mailtest"
	"taskbridge/adapters/slack/slacktest"
)

// TestHowPeopleAreTold: somebody of the desk has news of what they watch by e-mail, then not
// at all, then in chat; the firm gets its offers whatever anybody has chosen.
func TestHowPeopleAreTold(t *testing.T) {
	t.Parallel()
	mails := mailtest.Start(t, mailtest.Options{})
	clock := newMovedClock(t)
	clock.set(0)
	d := open(t, sockets()[0], options{clock: clock, settings: map[string]string{
		"SMTP_URL": "smtp://" + mails.Address + "?tls=none", "SMTP_FROM": "The Desk <tasks@desk.example>",
	}})
	acme, who := d.firm("Leeds", "Acme", "frank")
	frank := who[0]
	choose := func(v slacktest.Values) {
		t.Helper()
		d.says("/task notify")
		d.told(d.oskar, func() error { d.submit(d.oskar, "How you are told", v); return nil }, "from now on", "firms and people outside")
	}
	passed := time.Duration(0)
	later := func() {
		t.Helper()
		passed += 4 * time.Minute
		d.pass(clock, passed)
	}
	n := d.newIssue("Boiler down")
	d.says(fmt.Sprintf("/task watch %d", n), "You watch")
	choose(slacktest.Values{"Watched jobs": "By e-mail to oskar@example.com"})
	d.command(d.ada, d.ops, fmt.Sprintf("/task assign %d acme by 3h", n), "is offered to")
	card := d.card(acme, n, "accept or decline")
	if call := calls(card); len(call) != 1 {
		t.Errorf("the offer calls %v", call)
	}
	later()
	letter := mails.Wait(t, "the news", func(l mailtest.Mail) bool {
		return l.To == "oskar@example.com" && strings.Contains(l.Text, "offered it")
	})
	if !strings.Contains(letter.Subject, "Watched jobs") || strings.Contains(letter.Text, "do not pass them on") {
		t.Errorf("the letter is %q:\n%s", letter.Subject, letter.Text)
	}

	choose(slacktest.Values{"Watched jobs": "Not at all"})
	d.told(frank, func() error { return frank.Click(acme, card.TS, "Accept") }, "You are in charge")
	later()
	until(t, "the mark to pass what is not told", func() bool { return strings.Contains(d.program.Log(), "notice: not sent, as its reader chose") })
	choose(slacktest.Values{"Watched jobs": "Privately in chat"})
	_, err := frank.Reply(acme, card.TS, "On my way")
	d.must(err)
	d.once(n, "On my way")
	later()
	dm, err := d.oskar.Direct()
	d.must(err)
	d.lacks("the news", d.reads(dm, "that you watch", "On my way").Plain(), "accepted it")
}
