package email_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
		if err := b.SignIn(t.Context(), "olivia@desk.example", b.pages.URL+"/web/sign-in/SECRET", 15*time.Minute); err != nil {
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
