package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/email/mailtest"
	"taskbridge/adapters/web"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// TestSignInByMail: whoever types the address of somebody of the workspace gets the same
// answer as anybody else, and the somebody gets a letter. Its link does nothing by being
// opened, works once, and then the person is signed in.
func TestSignInByMail(t *testing.T) {
	t.Parallel()
	mails := mailtest.Start(t, mailtest.Options{})
	cfg, err := loadConfig(writeConfig(t, ""), []string{
		"TASKBRIDGE_LISTEN=127.0.0.1:0", "TASKBRIDGE_DATABASE_URL=sqlite:" + t.TempDir() + "/tb.db", "TASKBRIDGE_SECRET_KEY=" + strings.Repeat("k", minSecret),
		"TASKBRIDGE_WEB_ENABLED=true", "TASKBRIDGE_SMTP_URL=smtp://" + mails.Address + "?tls=none", "TASKBRIDGE_SMTP_FROM=The Desk <tasks@desk.example>",
	})
	must(t, err)
	a := newApp(quiet())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		must(t, a.stop(ctx))
	})
	s, err := start(t.Context(), a, &process{stdout: t.Output(), stderr: t.Output()}, cfg)
	must(t, err)
	must(t, s.ready(t.Context()))
	b, err := s.browser()
	must(t, err)
	ops, err := b.Channel(t.Context(), web.Operations)
	must(t, err)
	who, err := b.AddPerson(t.Context(), storage.Talker{Name: "Olivia Hart", Email: "olivia@example.com", Kind: string(chat.Member)})
	must(t, err)
	must(t, b.AddMembers(t.Context(), ops.ID, []string{who.ID}))

	jar, err := cookiejar.New(nil)
	must(t, err)
	browser := &http.Client{Jar: jar, Timeout: time.Minute}
	ask := func(address, from string) answered {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+"/web/sign-in", strings.NewReader(url.Values{"email": {address}}.Encode()))
		must(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("X-Forwarded-For", from)
		return sent(t, browser, req)
	}
	door := fetched(t, browser, s.address+"/web/")
	if door.status != http.StatusUnauthorized || !strings.Contains(door.text, `name="email"`) {
		t.Fatalf("the door is %d\n%s", door.status, door.text)
	}
	known, unknown := ask(" Olivia@Example.com ", "192.0.2.1"), ask("nobody@example.com", "192.0.2.1")
	if known.status != http.StatusOK || known.text != unknown.text || unknown.status != known.status || !strings.Contains(known.text, "Look into your mail") {
		t.Errorf("a known address is answered %d\n%s\nan unknown one %d\n%s", known.status, known.text, unknown.status, unknown.text)
	}
	if a := ask("no address", "192.0.2.2"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, "not an e-mail address") {
		t.Errorf("no address is answered %d", a.status)
	}
	// An id is no address, though it names the person.
	if a := ask(who.ID, "192.0.2.2"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an id is answered %d", a.status)
	}
	letter := mails.Wait(t, "a sign-in link", func(m mailtest.Mail) bool { return m.To == "olivia@example.com" })
	link := letter.Link("Sign in")
	if link == "" || !strings.Contains(letter.Subject, "Sign in to The Desk") || !strings.Contains(letter.HTML, link) || letter.ReplyTo != "" {
		t.Fatalf("the letter is %q\n%s", letter.Subject, letter.Text)
	}
	for range 2 {
		// Programs that look mail through open links.
		if p := fetched(t, browser, link); p.status != http.StatusOK || !strings.Contains(p.text, "Press the button") || !strings.Contains(p.text, "Sign in as Olivia Hart") {
			t.Errorf("the link shows %d\n%s", p.status, p.text)
		}
	}
	if p := fetched(t, browser, s.address+"/web/"); p.status != http.StatusUnauthorized {
		t.Errorf("a look signed somebody in: %d", p.status)
	}
	press := func() answered {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, link, nil)
		must(t, err)
		return sent(t, browser, req)
	}
	if p := press(); p.status != http.StatusOK || !strings.Contains(p.text, "Operations") {
		t.Errorf("after the press: %d\n%s", p.status, p.text)
	}
	if p := fetched(t, browser, link); p.status != http.StatusGone || strings.Contains(p.text, "Olivia") {
		t.Errorf("whoever opens it afterwards reads %d\n%s", p.status, p.text)
	}
	if p := press(); p.status != http.StatusGone || !strings.Contains(p.text, `name="email"`) {
		t.Errorf("the second press: %d\n%s", p.status, p.text)
	}

	// From one place few may ask, whoever for; another place is not kept waiting.
	limited := 0
	for range 6 {
		if a := ask("nobody@example.com", "192.0.2.3"); a.status == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited != 1 {
		t.Errorf("%d of 6 were told to wait", limited)
	}
	if a := ask("nobody@example.com", "2001:db8::1"); a.status != http.StatusOK {
		t.Errorf("another place is answered %d", a.status)
	}
	// One person is written so many letters and no more, wherever they are asked for.
	for n := range 8 {
		if a := ask("olivia@example.com", "198.51.100."+string(rune('1'+n))); a.status != http.StatusOK {
			t.Errorf("asking again is answered %d", a.status)
		}
	}
	_, err = b.AddPerson(t.Context(), storage.Talker{Name: "Otto", Email: "otto@example.com", Kind: string(chat.Member)})
	must(t, err)
	ask("otto@example.com", "203.0.113.1")
	mails.Wait(t, "the last that was asked for", func(m mailtest.Mail) bool { return m.To == "otto@example.com" })
	for _, m := range mails.Mails() {
		if m.To == "nobody@example.com" {
			t.Error("somebody unknown was written to")
		}
	}
	if n := len(mails.Mails()); n != 6 {
		t.Errorf("%d letters were written, five and one were meant", n)
	}
}

func fetched(t *testing.T, c *http.Client, address string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	return sent(t, c, req)
}

func sent(t *testing.T, c *http.Client, r *http.Request) answered {
	t.Helper()
	res, err := c.Do(r)
	must(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	return answered{status: res.StatusCode, text: string(text), header: res.Header}
}
