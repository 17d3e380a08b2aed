package email_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taskbridge/adapters/email"
	"taskbridge/adapters/email/mailtest"
	"taskbridge/bot/chat"
)

// TestServers: each way of reaching a mail server works, and none is less safe than it
// says.
func TestServers(t *testing.T) {
	t.Parallel()
	login := url.UserPassword("desk", "pass:word/1").String() + "@"
	for name, tt := range map[string]struct {
		options mailtest.Options
		scheme  string
		user    string
		query   string
		set     func(*email.Config)
		want    chat.Reason
		// told is part of the error, for doctor.
		told string
	}{
		"plain, when asked for":               {scheme: "smtp", query: "?tls=none"},
		"STARTTLS":                            {options: mailtest.Options{STARTTLS: true}, scheme: "smtp"},
		"STARTTLS and a password":             {options: mailtest.Options{STARTTLS: true, User: "desk", Password: "pass:word/1"}, scheme: "smtp", user: login},
		"TLS":                                 {options: mailtest.Options{TLS: true}, scheme: "smtps"},
		"TLS and a password":                  {options: mailtest.Options{TLS: true, User: "desk", Password: "pass:word/1"}, scheme: "smtps", user: login},
		"no STARTTLS where it is insisted on": {scheme: "smtp", want: chat.Unavailable},
		"a certificate of nobody we know": {
			options: mailtest.Options{STARTTLS: true}, scheme: "smtp", want: chat.Unavailable,
			set: func(c *email.Config) { c.TLS = &tls.Config{MinVersion: tls.VersionTLS12} },
		},
		"a wrong password": {
			options: mailtest.Options{STARTTLS: true, User: "desk", Password: "another"}, scheme: "smtp", user: login,
			want: chat.Unauthorised, told: "535",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var address string
			b := open(t, tt.options, func(c *email.Config) {
				address = strings.TrimSuffix(strings.TrimPrefix(c.SMTPURL, "smtp://"), "?tls=none")
				c.SMTPURL = tt.scheme + "://" + tt.user + address + tt.query
				if tt.set != nil {
					tt.set(c)
				}
			})
			_, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: offer(), DeliveryID: "main-1"})
			if chat.ReasonOf(err) != tt.want {
				t.Fatalf("posting: %v, want %q", err, tt.want)
			}
			checked := b.Check(t.Context())
			if (checked != nil) != (tt.want != "") {
				t.Errorf("doctor says %v", checked)
			}
			if tt.want == "" {
				if n := len(b.mails.Mails()); n != 1 {
					t.Errorf("%d letters came", n)
				}
				return
			}
			for _, e := range []error{err, checked} {
				if strings.Contains(e.Error(), "pass") || !strings.Contains(e.Error(), tt.told) {
					t.Errorf("the error says %q", e)
				}
			}
			if n := len(b.mails.Mails()); n != 0 {
				t.Errorf("%d letters came", n)
			}
		})
	}
}

// TestAnswersOfServers: what a server says decides whether a letter is tried again,
// given up, or holds up its address.
func TestAnswersOfServers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		stage     mailtest.Stage
		answer    error
		want      chat.Reason
		retry     bool
		ambiguous bool
	}{
		"greylisting":          {mailtest.AtRecipient, mailtest.Status(450, 4, 2, 0, "later"), chat.Unavailable, true, false},
		"too busy":             {mailtest.AtEnd, mailtest.Status(451, 4, 3, 0, "later"), chat.Unavailable, true, false},
		"nobody there":         {mailtest.AtRecipient, mailtest.Status(550, 5, 1, 1, "no such user"), chat.NoMailbox, false, false},
		"moved away":           {mailtest.AtRecipient, mailtest.Status(551, 5, 1, 6, "moved"), chat.NoMailbox, false, false},
		"a full mailbox":       {mailtest.AtRecipient, mailtest.Status(552, 5, 2, 2, "full"), chat.Unavailable, true, false},
		"taken for spam":       {mailtest.AtEnd, mailtest.Status(554, 5, 7, 1, "spam"), chat.Refused, false, false},
		"not let in":           {mailtest.AtRecipient, mailtest.Status(550, 5, 7, 1, "policy"), chat.Refused, false, false},
		"too large":            {mailtest.AtEnd, mailtest.Status(552, 5, 3, 4, "too big"), chat.Invalid, false, false},
		"no answer to its end": {mailtest.After, errors.New("gone"), chat.Unavailable, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, mailtest.Options{}, nil)
			b.mails.Refuse(func(stage mailtest.Stage, _ string) error {
				if stage == tt.stage {
					return tt.answer
				}
				return nil
			})
			_, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: offer(), DeliveryID: "main-1"})
			se, ok := errors.AsType[*chat.SendError](err)
			if !ok || se.Reason != tt.want || se.Retry != tt.retry || se.Ambiguous != tt.ambiguous {
				t.Fatalf("%#v: %v", se, err)
			}
			if strings.Contains(err.Error(), "Ashby") || strings.Contains(err.Error(), firm) {
				t.Errorf("the error says %q", err)
			}
		})
	}
}

// TestThreads: letters about a job hang together, a repeat has the id of the first, and
// nothing that people type gets into a header.
func TestThreads(t *testing.T) {
	t.Parallel()
	b := open(t, mailtest.Options{}, nil)
	m := offer()
	m.Title = "#12 Boiler\r\nBcc: eve@evil.example\r\n\r\nPay here — £5"
	root, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: m, DeliveryID: "main-1"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: m, DeliveryID: "main-1", Repeat: true}); err != nil || again != root {
		t.Errorf("the repeat is %q, %v", again, err)
	}
	if other, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: m, DeliveryID: "main-2"}); err != nil || other == root {
		t.Errorf("another one is %q, %v", other, err)
	}
	bundle := chat.Bundle{
		Channel: firm, Thread: root, DeliveryID: "bundle-1", Card: m, Changed: true,
		Parts: []chat.Part{
			{Message: chat.Message{Speaker: chat.Speaker{Name: "Olivia <b>"}, Text: chat.T("Mind the dog, please.").Link("map", "javascript:alert(1)")}},
			{Message: chat.Message{Text: chat.T("The time is up.")}, Changed: true},
		},
	}
	if err := b.Bundle(t.Context(), bundle); err != nil {
		t.Fatal(err)
	}
	mails := b.mails.Mails()
	if len(mails) != 4 {
		t.Fatalf("%d letters", len(mails))
	}
	first, reply := mails[0], mails[3]
	if first.MessageID != mails[1].MessageID || first.MessageID == mails[2].MessageID || first.MessageID != root+"@desk.example" {
		t.Errorf("Message-IDs %q, %q, %q", first.MessageID, mails[1].MessageID, mails[2].MessageID)
	}
	if !slices.Equal(reply.References, []string{first.MessageID}) || reply.MessageID == first.MessageID {
		t.Errorf("%q refers to %q", reply.MessageID, reply.References)
	}
	for _, m := range mails {
		for name, want := range map[string]string{
			"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "List-Id": "<taskbridge.desk.example>", "Bcc": "",
			"To": "<" + firm + ">", "From": `"Acme desk" <tasks@desk.example>`,
		} {
			if got := m.Header.Get(name); got != want {
				t.Errorf("%s is %q", name, got)
			}
		}
		if !strings.HasSuffix(m.Subject, "#12 Boiler Bcc: eve@evil.example Pay here — £5") {
			t.Errorf("the subject is %q", m.Subject)
		}
		for _, evil := range []string{"<b>Mrs", "Olivia <b>", "javascript:"} {
			if strings.Contains(m.HTML, evil) {
				t.Errorf("the page of the letter has %q:\n%s", evil, m.HTML)
			}
		}
	}
	for _, want := range []string{"Olivia <b>:\nMind the dog, please.map\n", "This (changed):\nThe time is up.", "Answer by: Sat 14 Mar 2026 14:00 UTC", "Terms: 90 € an hour & travel", "| No heating since Friday.\n| The key"} {
		if !strings.Contains(reply.Text, want) {
			t.Errorf("%q is not in\n%s", want, reply.Text)
		}
	}
	if got := first.Link("Accept"); !strings.HasPrefix(got, b.pages.URL+"/email/job/") || !strings.HasSuffix(got, "?do=accept") {
		t.Errorf("accepting leads to %q", got)
	}
}

// TestAttachedFiles: what was uploaded hangs on the letter, as far as there is room.
func TestAttachedFiles(t *testing.T) {
	t.Parallel()
	b := open(t, mailtest.Options{}, nil)
	up := func(name string, size int) string {
		t.Helper()
		id, err := b.Upload(t.Context(), chat.Upload{Channel: firm, Name: name, Type: "image/jpeg", Size: int64(size), Content: strings.NewReader(strings.Repeat("x", size-len(name)) + name)})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	files := []string{up("../plan \"A\".jpg", 100), up("six.jpg", 6<<20), up("seven.jpg", 7<<20), up("more.jpg", 7<<20)}
	err := b.Bundle(t.Context(), chat.Bundle{
		Channel: firm, Thread: "t", DeliveryID: "b", Card: offer(),
		Parts: []chat.Part{{Message: chat.Message{Text: chat.T("Plans")}, Files: files}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := b.mails.Mails()[0]
	var names []string
	for name, content := range m.Files {
		names = append(names, name)
		if !strings.HasSuffix(string(content), "jpg") {
			t.Errorf("%s has other content", name)
		}
	}
	slices.Sort(names)
	if len(names) != 3 || !strings.Contains(m.Text, "more.jpg") {
		t.Errorf("attached are %q\n%s", names, m.Text)
	}
	link := regexp.MustCompile(`more\.jpg \((http\S+)\)`).FindStringSubmatch(m.Text)
	if link == nil {
		t.Fatalf("no link leads to what was left out:\n%s", m.Text)
	}
	r := &reader{t: t, b: b, link: link[1]}
	b.desk.put("t", offer())
	get := func(link string) (*http.Response, string) {
		t.Helper()
		res, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		content, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(content)
	}
	res, content := get(r.link)
	if res.StatusCode != http.StatusOK || len(content) != 7<<20 || !strings.HasSuffix(content, "more.jpg") {
		t.Errorf("what was left out is answered by %d with %d bytes", res.StatusCode, len(content))
	}
	if got := res.Header; got.Get("Content-Disposition") != "attachment; filename=more.jpg" || got.Get("Content-Type") != "application/octet-stream" || got.Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
		t.Errorf("it comes with %v", got)
	}
	if code, page := r.get(r.link[:len(r.link)-1]); code != http.StatusNotFound || !strings.Contains(page, "no longer here for you") {
		t.Errorf("another link: %d\n%s", code, page)
	}
	b.desk.put("t", chat.Message{Title: "#12", Tone: chat.Closed})
	if code, _ := r.get(r.link); code != http.StatusNotFound {
		t.Errorf("a job that is closed to its reader: %d", code)
	}
	_, err = b.Upload(t.Context(), chat.Upload{Name: "huge.bin", Size: 8 << 20, Content: strings.NewReader("")})
	if chat.ReasonOf(err) != chat.TooLarge {
		t.Errorf("a huge file: %v", err)
	}
}

// TestFilesThatAServerRefuses: a letter that is too large with its files is one to be tried
// without them, and then names them.
func TestFilesThatAServerRefuses(t *testing.T) {
	t.Parallel()
	b := open(t, mailtest.Options{MaxBytes: 100 << 10}, nil)
	id, err := b.Upload(t.Context(), chat.Upload{Channel: firm, Name: "plan.jpg", Type: "image/jpeg", Size: 200 << 10, Content: strings.NewReader(strings.Repeat("x", 200<<10))})
	if err != nil {
		t.Fatal(err)
	}
	bundle := chat.Bundle{
		Channel: firm, Thread: "t", DeliveryID: "b", Card: offer(),
		Parts: []chat.Part{{Message: chat.Message{Text: chat.T("The plan")}, Files: []string{id}}},
	}
	se, refused := errors.AsType[*chat.SendError](b.Bundle(t.Context(), bundle))
	if !refused || se.Reason != chat.TooLarge || !se.Retry {
		t.Fatalf("with the file: %+v", se)
	}
	bundle.WithoutFiles = true
	if err := b.Bundle(t.Context(), bundle); err != nil {
		t.Fatal(err)
	}
	m := b.mails.Mails()[0]
	if len(m.Files) != 0 || !strings.Contains(m.Text, "The plan") || !strings.Contains(m.Text, "plan.jpg") {
		t.Errorf("the letter has %d files\n%s", len(m.Files), m.Text)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	b := open(t, mailtest.Options{}, nil)
	for typed, want := range map[string]string{
		"jobs@acme.example":                            "jobs@acme.example",
		" Jobs+North@ACME.example ":                    "jobs+north@acme.example",
		"<mailto:jobs@acme.example|jobs@acme.example>": "jobs@acme.example",
		"jobs@müller.example":                          "jobs@xn--mller-kva.example",
		"tasks@desk.example":                           "", // We ourselves.
		"jobs@acme":                                    "",
		"@acme.example":                                "",
		"jobs@":                                        "",
		`"a b"@acme.example`:                           "",
		"a@b.example\r\nBcc: eve@evil.example":         "",
		"jobs@acme.example,eve@evil.example":           "",
		strings.Repeat("x", 65) + "@acme.example":      "",
		"jürgen@acme.example":                          "",
	} {
		if got, ok := b.Address(typed); got.ID != want || ok != (want != "") {
			t.Errorf("%q became %q, %v", typed, got.ID, ok)
		}
	}
}
