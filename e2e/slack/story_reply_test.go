package slack_test

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"taskbridge/adapters/email/mailtest"
	"taskbridge/e2e/process"
)

// answers replies to a letter as a mail program does, through the mail server of
// whoever from is.
func (m *mailbox) answers(inbox, from string, l mailtest.Mail, id, words string) error {
	m.t.Helper()
	conn, err := net.Dial("tcp", inbox)
	if err != nil {
		m.t.Fatal(err)
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	quoted := "> " + strings.ReplaceAll(strings.TrimSpace(l.Text), "\n", "\n> ")
	letter := "From: Cora Lee <" + from + ">\nTo: <" + l.ReplyTo + ">\nSubject: Re: " + l.Subject + "\nMessage-ID: <" + id + "@acme.example>\n" +
		"In-Reply-To: <" + l.MessageID + ">\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" +
		"--b\nContent-Type: text/plain; charset=utf-8\n\n" + words + "\n\nOn Monday The Desk wrote:\n" + quoted + "\n\n" +
		"--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=pump.png\n\nthe picture\n--b--\n"
	if err := c.SendMail(from, []string{l.ReplyTo}, strings.NewReader(strings.ReplaceAll(letter, "\n", "\r\n"))); err != nil {
		return err //nolint:wrapcheck // Its code is looked at.
	}
	return c.Quit()
}

// TestReplyByMail: a firm that has nothing but mail takes a job on the page behind the
// letter, and talks with the desk by replying to letters. What it says stands in the
// desk's thread on Slack; whoever was passed the letter cannot say anything.
func TestReplyByMail(t *testing.T) {
	t.Parallel()
	mails := mailtest.Start(t, mailtest.Options{})
	inbox := process.FreeAddress(t)
	d := open(t, variants()[0], options{settings: map[string]string{
		"SMTP_URL": "smtp://" + mails.Address + "?tls=none", "SMTP_FROM": "The Desk <tasks@desk.example>",
		"SMTP_BUNDLE": "1s", "SMTP_LISTEN": "smtp://" + inbox, "SMTP_PROOF": "never", "SMTP_REPLY_DOMAIN": "replies.desk.example",
	}})
	m := &mailbox{d, mails, "jobs@acme.example"}
	d.says("/task contractor add Leeds | Acme Heating | jobs@acme.example", "works by e-mail")
	n := d.newIssue("Boiler down at 4 Elm St")
	d.says(fmt.Sprintf("/task note %d Landlord pays, do not tell the firm", n), "only the desk reads it")
	d.says(fmt.Sprintf("/task assign %d acme by 3h", n), "is offered to Acme Heating, Leeds")
	offer := m.letter("Boiler down at 4 Elm St", "Answer by")
	m.shows(m.press(offer.Link("Accept"), "", "Accept", nil), "You are in charge of")
	card := d.card(d.ops, n, "Accepted")
	taken := m.letter("Re: ", "Accepted", "Complete: ")

	for range 2 {
		// Mail servers bring a letter again when they did not hear our answer.
		if err := m.answers(inbox, m.address, taken, "m1", "We come at nine & bring parts"); err != nil {
			t.Fatal(err)
		}
	}
	if said := d.reply(card, "We come at nine"); !strings.HasPrefix(said.Username, "Cora Lee (Acme Heating), by e-mail") {
		t.Errorf("it stands in the desk's thread as said by %q", said.Username)
	}
	if c := d.once(n, "We come at nine & bring parts"); c.Visibility != "shared" || c.Author.Side != "contractor" || c.Author.Name != "Cora Lee" {
		t.Errorf("the comment is %+v", c)
	}
	if f := d.filesOf(n, "We come at nine & bring parts", 1); f[0].Name != "pump.png" || f[0].Digest == "" {
		t.Errorf("the files are %+v", f)
	}
	d.reply(card, "pump.png")
	if err := m.answers(inbox, "eve@elsewhere.example", taken, "m2", "Send the money to me"); err == nil || !strings.Contains(err.Error(), "belongs to another e-mail address") {
		t.Errorf("who was passed the letter is told %v", err)
	}

	d.says(fmt.Sprintf("/task comment %d Ring twice", n), "Sent to the firm")
	answer := m.letter("Ring twice")
	if len(answer.References) != 1 || answer.References[0] != offer.MessageID || strings.Contains(answer.Text, "do not tell the firm") {
		t.Errorf("the letter refers to %q and says\n%s", answer.References, answer.Text)
	}
	if err := m.answers(inbox, m.address, answer, "m3", "Will do"); err != nil {
		t.Fatal(err)
	}
	d.reply(card, "Will do")
	page := m.press(offer.Link("Open this job"), "", "Complete", nil)
	label := regexp.MustCompile(`<button class="primary">([^<]+)</button> <a class="button"`).FindStringSubmatch(page)
	if label == nil {
		t.Fatalf("there is no form to hand in:\n%s", page)
	}
	m.shows(m.press(offer.Link("Open this job"), page, label[1], map[string]string{"v.note": "New pump fitted", "v.effort": "2h"}), "is handed in")
	d.says(fmt.Sprintf("/task approve %d", n), "")
	m.letter("Complete", "approved the work")
	if i := d.issue(n); i.Status != "resolved" {
		t.Errorf("the issue is %s", i.Status)
	}
	for _, c := range d.comments(n) {
		if strings.Contains(c.Text, "Send the money to me") {
			t.Errorf("who was passed the letter said %+v", c)
		}
	}
	if strings.Contains(d.program.Log(), taken.ReplyTo) {
		t.Error("the log holds the reply address")
	}
}
