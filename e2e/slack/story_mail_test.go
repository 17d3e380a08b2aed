package slack_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"taskbridge/adapters/email/mailtest"
)

// mailbox is a firm that has an e-mail address, a browser and nothing else.
type mailbox struct {
	*desk
	mails   *mailtest.Server
	address string
}

// letter waits for a letter to the firm whose words have every part.
func (m *mailbox) letter(parts ...string) mailtest.Mail {
	m.t.Helper()
	return m.mails.Wait(m.t, strings.Join(parts, ", "), func(l mailtest.Mail) bool {
		if l.To != m.address {
			return false
		}
		for _, p := range parts {
			if !strings.Contains(l.Subject+"\n"+l.Text, p) {
				return false
			}
		}
		return true
	})
}

func (m *mailbox) browse(link string, form url.Values) (page string) {
	m.t.Helper()
	var res *http.Response
	var err error
	if form == nil {
		res, err = http.Get(link)
	} else {
		res, err = http.PostForm(link, form)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(body)
}

// press opens a page, presses a button on it and gives the page that follows. Other
// values are typed into the form first.
func (m *mailbox) press(link, page, button string, typed map[string]string) string {
	m.t.Helper()
	if page == "" {
		page = m.browse(link, nil)
	}
	for _, form := range regexp.MustCompile(`(?s)<form.*?</form>`).FindAllString(page, -1) {
		if !strings.Contains(form, ">"+button+"</button>") {
			continue
		}
		v := url.Values{}
		for _, in := range regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
			v.Set(in[1], html.UnescapeString(in[2]))
		}
		for name, value := range typed {
			v.Set(name, value)
		}
		return m.browse(link, v)
	}
	m.t.Fatalf("there is no button %q in\n%s", button, page)
	return ""
}

func (m *mailbox) shows(page string, parts ...string) {
	m.t.Helper()
	for _, p := range parts {
		if !strings.Contains(page, p) {
			m.t.Errorf("%q is not in\n%s", p, page)
		}
	}
}

// TestFirmByMail: the main job with a firm that has an e-mail address only, from the
// offer to the approval; another firm by mail learns nothing of it.
func TestFirmByMail(t *testing.T) {
	t.Parallel()
	mails := mailtest.Start(t, mailtest.Options{})
	d := open(t, variants()[0], options{settings: map[string]string{
		"SMTP_URL": "smtp://" + mails.Address + "?tls=none", "SMTP_FROM": "The Desk <tasks@desk.example>",
		"SMTP_BUNDLE": "1s",
	}})
	m := &mailbox{d, mails, "jobs@acme.example"}
	d.says("/task contractor add Leeds | Acme Heating | nonsense@", "not an e-mail address")
	d.says("/task contractor add Leeds | Acme Heating | Jobs@Acme.example", "Acme Heating, Leeds works by e-mail at jobs@acme.example")
	d.says("/task contractor add Hull | Spies | jobs@acme.example", "address of another firm")
	d.says("/task contractor add Hull | Spies | spies@hull.example", "works by e-mail")
	m.letter("Welcome, Acme Heating", "You need no account")

	n := d.newIssue("Boiler down at 4 Elm St")
	d.says(fmt.Sprintf("/task note %d Landlord pays, do not tell the firm", n), "only the desk reads it")
	d.says(fmt.Sprintf("/task assign %d acme by 3h", n), "is offered to Acme Heating, Leeds")
	offer := m.letter("Boiler down at 4 Elm St", "Answer by")
	accept, job := offer.Link("Accept"), offer.Link("Open this job")
	m.shows(m.browse(accept, nil), "Accept?", "Nothing is done before you press this.")
	if i := d.issue(n); i.Assignments[0].Status != "assigned" {
		t.Fatalf("a look at the page made it %s", i.Assignments[0].Status)
	}
	m.shows(m.press(accept, "", "Accept", nil), "You are in charge of", "Complete")
	d.card(d.ops, n, "Accepted", "jobs@acme.example")
	taken := m.letter("Re: ", "Accepted", "Complete: ")
	if len(taken.References) != 1 || taken.References[0] != offer.MessageID {
		t.Errorf("the letter refers to %q and not to %q", taken.References, offer.MessageID)
	}

	// What is said within a while is one letter, and only what the firm may read.
	for _, words := range []string{"Mind the dog", "The key is next door", "Ring twice"} {
		d.says(fmt.Sprintf("/task comment %d %s", n, words), "Sent to the firm")
	}
	d.says(fmt.Sprintf("/task note %d They are slow", n), "only the desk reads it")
	all := m.letter("oskar", "Mind the dog")
	if !strings.Contains(all.Text, "Ring twice") {
		// The second may have passed between them; then there is one more letter.
		m.letter("Ring twice")
	}
	m.shows(m.press(job, "", "Send", map[string]string{"text": "We come at nine & bring parts"}), "Your message is with the desk.")
	if c := d.once(n, "We come at nine & bring parts"); c.Visibility != "shared" || c.Author.Side != "contractor" {
		t.Errorf("the comment is %+v", c)
	}

	page := m.press(job, "", "Complete", nil)
	m.shows(page, "<form")
	label := regexp.MustCompile(`<button class="primary">([^<]+)</button> <a class="button"`).FindStringSubmatch(page)
	if label == nil {
		t.Fatalf("there is no form to hand in:\n%s", page)
	}
	m.shows(m.press(job, page, label[1], map[string]string{"v.note": ""}), "Say in a sentence what was done.")
	m.shows(m.press(job, page, label[1], map[string]string{"v.note": "New pump fitted", "v.effort": "2h"}), "is handed in")
	d.card(d.ops, n, "Waiting approval", "New pump fitted")
	d.says(fmt.Sprintf("/task sendback %d The floor is still wet", n), "")
	m.letter("sent the work back", "The floor is still wet")
	page = m.press(job, "", "Complete", nil)
	m.shows(m.press(job, page, label[1], map[string]string{"v.note": "Dried"}), "is handed in")
	d.says(fmt.Sprintf("/task approve %d", n), "")
	m.letter("Complete", "approved the work")
	if i := d.issue(n); i.Status != "resolved" {
		t.Errorf("the issue is %s", i.Status)
	}
	// The customer sees the steps and nothing else, and rates the work once.
	d.says(fmt.Sprintf("/task status-link %d ada@customer.example", n), "on its way to ada@customer.example")
	customer := &mailbox{d, mails, "ada@customer.example"}
	link := regexp.MustCompile(`https?://\S+/status/\S+`).FindString(customer.letter("Follow your job").Text)
	page = customer.browse(link, nil)
	customer.shows(page, `<li class="now" aria-current="step">`, "Finished", "How was the work?")
	for _, never := range []string{"Boiler", "Acme", "Elm St", fmt.Sprintf("#%d", n)} {
		if strings.Contains(page, never) {
			t.Errorf("the customer sees %q in\n%s", never, page)
		}
	}
	rating := map[string]string{"stars": "4", "text": "Quick and clean"}
	customer.shows(customer.press(link, page, "Send rating", rating), "Thank you for your rating.", "4 of 5 stars")
	rating["stars"] = "1"
	customer.shows(customer.press(link, page, "Send rating", rating), "rated already")
	d.says(fmt.Sprintf("/task show %d", n), "Quick and clean")
	d.says(fmt.Sprintf("/task status-link %d", n), link)
	d.says(fmt.Sprintf("/task status-link %d off", n), "leads nowhere")
	customer.shows(customer.browse(link, nil), "This link leads nowhere")
	for _, l := range mails.Mails() {
		if l.To == customer.address && !strings.Contains(l.Text, "/status/") {
			t.Errorf("the customer was sent\n%s", l.Text)
		}
		if l.To != m.address && strings.Contains(l.Text, "Boiler") {
			t.Errorf("%s was sent\n%s", l.To, l.Text)
		}
		for _, never := range []string{"do not tell the firm", "They are slow", "Spies"} {
			if l.To == m.address && strings.Contains(l.Text, never) {
				t.Errorf("the firm was sent %q", never)
			}
		}
	}
}
