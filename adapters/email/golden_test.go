package email_test

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/email"
	"taskbridge/adapters/email/mailtest"
	"taskbridge/bot/chat"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a letter with its golden files: its head and plain text, and its HTML.
func golden(t *testing.T, name, base string, m mailtest.Mail) {
	t.Helper()
	var head bytes.Buffer
	for _, key := range []string{"From", "To", "Reply-To", "Subject", "Message-Id", "In-Reply-To", "References", "Auto-Submitted", "List-Id"} {
		fmt.Fprintf(&head, "%s: %s\n", key, m.Header.Get(key))
	}
	fmt.Fprintf(&head, "\n%s", m.Text)
	for ending, got := range map[string][]byte{".txt": head.Bytes(), ".html": []byte(m.HTML)} {
		got = bytes.ReplaceAll(bytes.ReplaceAll(got, []byte(base), []byte("https://tasks.desk.example")), []byte("\r\n"), []byte("\n"))
		path := filepath.Join("testdata", name+ending)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is\n%s\nwant\n%s", path, got, want)
		}
	}
}

// TestLettersLook: each kind of letter, as text and as HTML, where replies are read and
// where they are not.
func TestLettersLook(t *testing.T) {
	t.Parallel()
	for _, replies := range []bool{false, true} {
		name := "silent"
		b := open(t, mailtest.Options{}, func(c *email.Config) {
			if replies {
				name = "replies"
				c.Inbox = &email.InboxConfig{Listen: "lmtp://127.0.0.1:0", Domain: "reply.desk.example"}
			}
		})
		thread, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: offer(), DeliveryID: "main-1"})
		if err != nil {
			t.Fatal(err)
		}
		accepted := offer()
		accepted.Tone, accepted.Text = chat.Active, chat.T("You are in charge of this job.")
		accepted.Buttons = []chat.Button{{ID: "complete", Label: "Complete", Token: "ticket", Style: chat.Primary}}
		err = b.Bundle(t.Context(), chat.Bundle{
			Channel: firm, Thread: thread, DeliveryID: "bundle-1", Card: accepted, Changed: true,
			Parts: []chat.Part{
				{Message: chat.Message{Speaker: chat.Speaker{Name: "Oskar"}, Text: chat.T("Mind the ").Bold("dog").Plain(" & ring <twice>.\nThe key is next door.")}},
				{Message: chat.Message{Speaker: chat.Speaker{Name: "Oskar"}, Text: chat.T("Ring once.")}, Changed: true},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.SignIn(t.Context(), "olivia@desk.example", "", b.pages.URL+"/web/sign-in/SECRET", 15*time.Minute); err != nil {
			t.Fatal(err)
		}
		mails := b.mails.Mails()
		if len(mails) != 3 {
			t.Fatalf("%d letters", len(mails))
		}
		golden(t, "offer_"+name, b.pages.URL, mails[0])
		golden(t, "bundle_"+name, b.pages.URL, mails[1])
		if !replies {
			// Each sign-in letter has an id of its own.
			if id := mails[2].MessageID; id == "" || id == mails[0].MessageID {
				t.Errorf("the sign-in letter is %q", id)
			}
			mails[2].Header.Del("Message-Id")
			golden(t, "sign_in", b.pages.URL, mails[2])
		}
	}
}

// angebot is a card as the bot draws it for a firm that works in German.
func angebot() chat.Message {
	m := offer()
	m.Text = chat.T("Neues Angebot.\n").Quote("Keine Heizung seit Freitag.\nDer Schlüssel ist bei der Nachbarin.")
	m.Facts = []chat.Fact{
		{Label: "Antwort bis", Value: chat.Text{}.Moment(noon().Add(2 * time.Hour))},
		{Label: "Schritt", Value: chat.T("Geplant, ").Window(noon().AddDate(0, 0, 1), noon().AddDate(0, 0, 1).Add(2*time.Hour))},
		{Label: "Fällig", Value: chat.Text{}.Add(chat.Span{Kind: chat.Moment, Time: noon(), Gone: true}).Plain(" → ").Moment(noon().AddDate(0, 0, 2))},
	}
	m.Notes = nil
	m.Buttons[0].Label, m.Buttons[1].Label = "Annehmen", "Ablehnen"
	return m
}

// TestGermanLetters: the letters to a firm that works in German, and the one with a link
// for somebody who reads the browser in German.
func TestGermanLetters(t *testing.T) {
	t.Parallel()
	b := open(t, mailtest.Options{}, func(c *email.Config) {
		c.Inbox = &email.InboxConfig{Listen: "lmtp://127.0.0.1:0", Domain: "reply.desk.example"}
	})
	b.desk.language = "de"
	thread, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: angebot(), DeliveryID: "main-1"})
	if err != nil {
		t.Fatal(err)
	}
	err = b.Bundle(t.Context(), chat.Bundle{
		Channel: firm, Thread: thread, DeliveryID: "bundle-1", Card: angebot(), Changed: true,
		Parts: []chat.Part{{Message: chat.Message{Speaker: chat.Speaker{Name: "Oskar"}, Text: chat.T("Bitte einmal klingeln.")}, Changed: true}},
	})
	if err == nil {
		err = b.SignIn(t.Context(), "olivia@desk.example", "de", b.pages.URL+"/web/sign-in/SECRET", 15*time.Minute)
	}
	if err == nil {
		err = b.SignIn(t.Context(), "olivia@desk.example", "", b.pages.URL+"/web/sign-in/SECRET", 15*time.Minute)
	}
	if err != nil {
		t.Fatal(err)
	}
	mails := b.mails.Mails()
	if len(mails) != 4 || mails[3].Header.Get("Subject") != "Sign in to Acme desk" {
		t.Fatalf("%d letters, the last %q", len(mails), mails[len(mails)-1].Header.Get("Subject"))
	}
	for n, name := range []string{"offer", "bundle", "sign_in"} {
		if n == 2 {
			mails[n].Header.Del("Message-Id")
		}
		golden(t, name+".de", b.pages.URL, mails[n])
	}
}

// TestPagesLook: each kind of page behind a letter, in both languages.
func TestPagesLook(t *testing.T) {
	t.Parallel()
	secrets := regexp.MustCompile(`(name="(?:nonce|form)" value=")[^"]+`)
	for _, language := range []string{"en", "de"} {
		card := offer()
		if language == "de" {
			card = angebot()
		}
		b := open(t, mailtest.Options{}, nil)
		b.desk.language = language
		root, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: card, DeliveryID: "main-1"})
		if err != nil {
			t.Fatal(err)
		}
		b.desk.put(root, card)
		open := map[string]string{"en": "Open this job", "de": "Diesen Auftrag öffnen"}[language]
		r := &reader{t, b, b.mails.Mails()[0].Link(open)}
		b.desk.answer = func(chat.Inbound) (chat.Answer, error) {
			return chat.Answer{Form: &chat.Form{Title: card.Buttons[1].Label, Submit: "OK", Token: "form-token", Fields: []chat.Field{
				{Kind: chat.Select, Name: "reason", Label: "?", Options: []chat.Option{{Value: "a", Label: "A"}}},
				{Kind: chat.Paragraph, Name: "note", Label: "…", Optional: true},
			}}}, nil
		}
		_, job := r.get(r.link)
		_, confirm := r.get(r.link + "?do=accept")
		_, gone := r.get(r.link + "?do=complete")
		_, form := r.post(r.link, hidden(t, job, card.Buttons[1].Label))
		for name, page := range map[string]string{"job": job, "confirm": confirm, "late": gone, "form": form} {
			page = secrets.ReplaceAllString(page, "${1}…")
			path := filepath.Join("testdata", "page_"+name+"."+language+".html")
			if *update {
				if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if page != string(want) {
				t.Errorf("%s is\n%s\nwant\n%s", path, page, want)
			}
		}
	}
}

// TestBrokenLinksSpeakTheBrowsersLanguage: who has no good link is nobody we know.
func TestBrokenLinksSpeakTheBrowsersLanguage(t *testing.T) {
	t.Parallel()
	b := open(t, mailtest.Options{}, nil)
	for language, want := range map[string]string{"de-AT": "Dieser Link ist unvollständig", "fr": "This link is incomplete", "": `<html lang="en">`} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.pages.URL+email.JobPath+"x", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Language", language)
		res, err := http.DefaultClient.Do(req)
		if code, page := (&reader{t, b, ""}).read(res, err); code != http.StatusNotFound || !strings.Contains(page, want) {
			t.Errorf("%s: %d\n%s", language, code, page)
		}
	}
}
