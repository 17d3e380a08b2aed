package mattermost_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// tab is a browser of its own.
type tab struct {
	base   string
	client *http.Client
}

func (s *scene) tab(t *testing.T) *tab {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &tab{s.Gate.URL, &http.Client{Jar: jar, Timeout: harness.Patience}}
}

// get reads a page, given by its path or as a whole link.
func (b *tab) get(t *testing.T, address string) (int, string) {
	t.Helper()
	return b.send(t, http.MethodGet, address, nil)
}

// post sends a form.
func (b *tab) post(t *testing.T, address string, values url.Values) (int, string) {
	t.Helper()
	return b.send(t, http.MethodPost, address, values)
}

func (b *tab) send(t *testing.T, method, address string, values url.Values) (int, string) {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.base + address
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

var (
	signIn   = regexp.MustCompile(`https?://[^\s()]+/web/sign-in/[A-Z2-7]{52}(\?job=\d+)?`)
	revision = regexp.MustCompile(`/web/jobs/\d+/press\?revision=\d+`)
)

// enter opens the link in an answer as a person does: they read the page and press its
// button. It returns the page that they come to.
func (b *tab) enter(t *testing.T, answer string) (link, page string) {
	t.Helper()
	link = signIn.FindString(answer)
	if link == "" {
		t.Fatalf("no link in %q", answer)
	}
	if status, text := b.get(t, link); status != http.StatusOK || !strings.Contains(text, "Press the button") {
		t.Fatalf("the link: %d\n%s", status, text)
	}
	status, page := b.post(t, link, nil)
	if status != http.StatusOK {
		t.Fatalf("signing in: %d\n%s", status, page)
	}
	return link, page
}

// press presses a button of a job's page.
func (b *tab) press(t *testing.T, n int, button string) (int, string) {
	t.Helper()
	_, text := b.get(t, fmt.Sprintf("/web/jobs/%d", n))
	at := revision.FindString(text)
	if at == "" {
		t.Fatalf("nothing can be done about #%d:\n%s", n, text)
	}
	return b.post(t, at, url.Values{"button": {button}})
}

// signedOut waits until there is nothing left for a tab.
func (b *tab) signedOut(t *testing.T, who string) {
	t.Helper()
	harness.Eventually(t, who+" to have nothing left", func() error {
		if status, _ := b.get(t, "/web/jobs"); status != http.StatusUnauthorized {
			return fmt.Errorf("the lists answer with %d", status)
		}
		return nil
	})
}

// Whoever types the command, or presses the button of the firm's list, works in the
// browser as the same person as in Mattermost, until they leave the channel.
func TestStoryBrowser(t *testing.T) {
	t.Parallel()
	s := furnish(t, env.Open(t, harness.Postgres15, "TASKBRIDGE_WEB_ENABLED=true"))
	secret := s.newIssue(t, "Secret of the desk")
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	card := s.offer(t, n)

	operator := s.tab(t)
	link, _ := operator.enter(t, s.Olivia.Ask(t, s.Operations.Id, "/task web"))
	if status, text := operator.get(t, "/web/jobs?list=new"); status != http.StatusOK || !strings.Contains(text, "Secret of the desk") {
		t.Errorf("the desk's list: %d\n%s", status, text)
	}
	if status, _ := s.tab(t).post(t, link, nil); status != http.StatusGone {
		t.Errorf("the link works again: %d", status)
	}
	if text := s.Sam.Ask(t, s.Lobby.Id, "/task web"); signIn.MatchString(text) {
		t.Error("a stranger is let in")
	}

	// The firm comes in by its list's button and by the command, and finds its own.
	board := s.Cora.WaitForPost(t, s.firm.Id, "the board", func(p *model.Post) bool {
		return p.UserId == s.BotID && harness.Contains(harness.Show(p), "Open jobs", "Boiler down") && harness.HasButton(p, "Open in browser")
	})
	cora, carl := s.tab(t), s.tab(t)
	_, pressed := cora.enter(t, s.Cora.Click(t, board, "Open in browser").ToldPrivately(t, "Sign in as yourself"))
	_, typed := carl.enter(t, s.Carl.Ask(t, s.firm.Id, fmt.Sprintf("/task web %d", n)))
	for who, page := range map[string]string{"Cora": pressed, "Carl": typed} {
		if !strings.Contains(page, "Boiler down") || strings.Contains(page, "Secret of the desk") {
			t.Errorf("%s comes to\n%s", who, page)
		}
	}
	for _, page := range []string{fmt.Sprintf("/web/jobs/%d", secret), "/web/steps", "/web/c/operations"} {
		if status, text := cora.get(t, page); status < 400 || strings.Contains(text, "Secret of the desk") {
			t.Errorf("the firm opens %s: %d", page, status)
		}
	}

	// What they do there is done by them, and stands in Mattermost.
	if status, text := cora.press(t, n, "accept"); status != http.StatusOK || !strings.Contains(text, "You are in charge") {
		t.Errorf("accepting: %d %s", status, text)
	}
	s.waitForStatus(t, n, "accepted")
	s.waitForButtons(t, s.Cora, card, "Start", "Complete")
	s.waitForCard(t, s.Olivia, s.deskCard(t, n), "Accepted", s.Cora.Name)
	if status, text := operator.post(t, fmt.Sprintf("/web/jobs/%d/write", n), url.Values{"text": {"Key is at number 5"}, "to": {"comment"}}); status >= 400 {
		t.Errorf("writing: %d %s", status, text)
	}
	s.waitForLedger(t, n, "shared Key is at number 5")
	s.Cora.Eventually(t, "the operator's words in the firm's thread", func() error {
		thread, err := s.Cora.Thread(t.Context(), card.Id)
		if err == nil && !strings.Contains(harness.ShowAll(thread), "Key is at number 5") {
			err = fmt.Errorf("the thread reads\n%s", harness.ShowAll(thread))
		}
		return err
	})

	// Who signs out, or is taken out of the channel, is out in the browser.
	s.Olivia.Command(t, s.Operations.Id, "/task web off").Told(t, "signed out")
	operator.signedOut(t, "Olivia")
	if _, err := s.Admin.Client.RemoveUserFromChannel(t.Context(), s.firm.Id, s.Cora.ID); err != nil {
		t.Fatal(err)
	}
	cora.signedOut(t, "Cora")
	if status, _ := carl.get(t, fmt.Sprintf("/web/jobs/%d", n)); status != http.StatusOK {
		t.Errorf("Carl, who is still there, reads %d", status)
	}
}
