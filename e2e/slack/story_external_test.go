package slack_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/adapters/email/mailtest"
	"taskbridge/adapters/slack/slacktest"
)

// TestExternalUsers: an insurer with an account answers in a conversation of their own, a
// council without one by a letter's page. The desk reads both and closes the job; neither
// reads the other, the desk's notes or a firm's work.
func TestExternalUsers(t *testing.T) {
	t.Parallel()
	mails := mailtest.Start(t, mailtest.Options{})
	d := open(t, variants()[0], options{settings: map[string]string{
		"SMTP_URL": "smtp://" + mails.Address + "?tls=none", "SMTP_FROM": "The Desk <tasks@desk.example>", "SMTP_BUNDLE": "1s",
	}})
	council := &mailbox{d, mails, "homes@council.example"}
	clara := d.slack.AddUser(slacktest.UserSpec{Name: "clara", RealName: "Clara Insurer", Email: "claims@insurer.example", Guest: true})
	n := d.newIssue("Water in the cellar")
	ask := fmt.Sprintf("/task external %d ", n)
	d.says(ask+"nobody", "Nobody here is called nobody")
	d.says(ask+"oskar", "belongs to the desk")
	const button, field = "Ask somebody outside", "E-mail address or @name"
	d.must(d.oskar.Click(d.ops, d.card(d.ops, n, "Reported").TS, button))
	d.view(d.oskar, fmt.Sprintf("Ask about #%d", n))
	d.refusedForm(d.oskar, slacktest.Values{field: "nobody"}, "people", "Nobody here is called nobody")
	d.told(d.oskar, func() error {
		_, err := d.oskar.Submit(slacktest.Values{field: "claims@insurer.example"})
		return err
	}, "clara is asked on Slack")
	d.says(ask+"@clara", "is involved already")
	d.says(ask+"homes@council.example", "A letter about", "is on its way to homes@council.example")
	if i := d.issue(n); i.Status != "allocated_external" || i.LiesWith != "both" {
		t.Errorf("the job is %s with %s", i.Status, i.LiesWith)
	}

	dm, err := clara.Direct()
	d.must(err)
	card := d.card(dm, n, "would like your comments", "Reply in this thread")
	letter := council.letter("Water in the cellar", "would like your comments")
	page := letter.Link("Open this job")
	ops := d.card(d.ops, n, "Involved", "clara, homes@council.example")

	// What each side says.
	_, err = d.oskar.Reply(d.ops, ops.TS, "They are slow payers")
	d.must(err)
	d.says(ask+"comment Is this covered?", "Sent to the people outside")
	d.reads(dm, "Is this covered?")
	council.letter("Is this covered?")
	said, err := clara.Post(slacktest.PostSpec{Channel: dm, Thread: card.TS, Text: "Yes, up to 500.", Files: []slacktest.FileSpec{{Name: "policy.pdf", Content: []byte("%PDF-1.4 terms")}}})
	d.must(err)
	d.filesOf(n, "Yes, up to 500.", 1)
	council.shows(council.press(page, "", "Send", map[string]string{"text": "We know of the leak."}), "Your message is with the desk.")
	d.reads(d.ops, "Yes, up to 500.")
	d.reads(d.ops, "We know of the leak.")
	d.must(clara.Edit(dm, said.TS, "Yes, up to 700."))
	d.reads(d.ops, "Yes, up to 700.")
	for text, side := range map[string]string{"Yes, up to 700.": "external", "We know of the leak.": "external", "Is this covered?": "operator"} {
		if c := d.once(n, text); c.Author.Side != side || c.Visibility != "shared" {
			t.Errorf("%q is %+v", text, c)
		}
	}
	d.must(d.slack.Settle())
	for _, m := range d.slack.Messages(dm) {
		d.lacks("Clara's conversation", m.Plain(), "slow payers", "leak")
	}
	for _, l := range mails.Mails() {
		if strings.Contains(l.Text, "slow payers") || strings.Contains(l.Text, "up to") || strings.Contains(l.Text, "clara") {
			t.Errorf("the council got:\n%s", l.Text)
		}
	}

	// The end.
	d.says(ask+"remove homes@council.example", "is no longer involved")
	council.shows(council.browse(page, nil), "no longer involved")
	d.says(fmt.Sprintf("/task history %d", n), "brought in people from outside: clara", "let people from outside go: homes@council.example")
	d.says(fmt.Sprintf("/task close %d", n), "is closed")
	d.card(dm, n, "has closed this job")
	d.says(ask+"@clara", "closed the job")
}

// reads waits for a message of the bot's in a channel.
func (d *desk) reads(channel string, parts ...string) slacktest.Message {
	d.t.Helper()
	m, err := d.slack.WaitMessage(channel, func(m slacktest.Message) bool { return m.User == d.slack.BotUserID() && showing(parts...)(m) })
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}
