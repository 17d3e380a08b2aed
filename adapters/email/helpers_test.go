package email_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"taskbridge/adapters/email"
	"taskbridge/adapters/email/mailtest"
	"taskbridge/bot/chat"
)

const (
	firm   = "jobs@acme.example"
	secret = "0123456789abcdef0123456789abcdef"
)

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

// desk stands for the bot: it keeps what it is given, answers as told and has cards.
type desk struct {
	mu     sync.Mutex
	got    []chat.Inbound
	answer func(chat.Inbound) (chat.Answer, error)
	cards  map[string]chat.Message
	// language is that of the firm, "" for English.
	language string
}

// LanguageAt implements chat.Linguist: only the firm's language is another than English.
func (d *desk) LanguageAt(_ context.Context, workspace, channel string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if workspace != "email:main" || channel != firm {
		return "en"
	}
	return d.language
}

// LanguageOf implements chat.Linguist.
func (d *desk) LanguageOf(context.Context, chat.Viewer) string { return "en" }

func (d *desk) Handle(_ context.Context, in chat.Inbound) (chat.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.got = append(d.got, in)
	if d.answer == nil {
		return chat.Answer{}, nil
	}
	return d.answer(in)
}

func (d *desk) CardAt(_ context.Context, workspace, channel, message string) (chat.Message, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, ok := d.cards[workspace+" "+channel+" "+message]
	if !ok {
		return m, chat.ErrNoSuch
	}
	return m, nil
}

func (d *desk) put(message string, m chat.Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cards["email:main "+firm+" "+message] = m
}

func (d *desk) everything() []chat.Inbound {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]chat.Inbound(nil), d.got...)
}

// shelf keeps files in memory.
type shelf struct {
	mu sync.Mutex
	by map[string][]byte
}

func (s *shelf) Put(_ context.Context, r io.Reader, limit int64) (string, int64, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return "", 0, err
	}
	if int64(len(b)) > limit {
		return "", 0, email.ErrTooLarge
	}
	sum := sha256.Sum256(b)
	digest := hex.EncodeToString(sum[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[digest] = b
	return digest, int64(len(b)), nil
}

type nopSeekCloser struct{ *bytes.Reader }

func (nopSeekCloser) Close() error { return nil }

func (s *shelf) Open(_ context.Context, digest string) (io.ReadSeekCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.by[digest]
	if !ok {
		return nil, email.ErrNotKept
	}
	return nopSeekCloser{bytes.NewReader(b)}, nil
}

// locked is a buffer that many may write to.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String is what was written.
func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// bench is an adapter with a mail server before it and its pages served.
type bench struct {
	*email.Adapter
	desk  *desk
	mails *mailtest.Server
	pages *httptest.Server
	shelf *shelf
	log   *locked
	now   func() time.Time
}

// open makes an adapter. set changes its configuration, o what the mail server asks.
func open(t *testing.T, o mailtest.Options, set func(*email.Config)) *bench {
	t.Helper()
	b := &bench{desk: &desk{cards: map[string]chat.Message{}}, mails: mailtest.Start(t, o), log: &locked{}, shelf: &shelf{by: map[string][]byte{}}}
	b.pages = httptest.NewUnstartedServer(nil)
	b.now = noon
	c := email.Config{
		SMTPURL: "smtp://" + b.mails.Address + "?tls=none", From: "Acme desk <tasks@desk.example>",
		PublicURL: "http://" + b.pages.Listener.Addr().String(), SecretKey: []byte(secret), Linguist: b.desk,
		Shelf: b.shelf, Logger: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: func() time.Time { return b.now() }, Zone: time.UTC,
	}
	if b.mails.Roots != nil {
		c.TLS = &tls.Config{RootCAs: b.mails.Roots, MinVersion: tls.VersionTLS12}
	}
	if set != nil {
		set(&c)
	}
	a, err := email.New(c, b.desk, b.desk)
	if err != nil {
		t.Fatal(err)
	}
	b.Adapter = a
	b.pages.Config.Handler = a.Routes()
	b.pages.Start()
	t.Cleanup(b.pages.Close)
	return b
}

// offer is a card as the bot draws it for a firm.
func offer() chat.Message {
	return chat.Message{
		Title: "#12 Boiler down at 4 Elm St", Tone: chat.Waiting,
		Text:  chat.T("New offer.\n").Quote("No heating since Friday.\nThe key is with the neighbour <b>Mrs Ashby</b>."),
		Facts: []chat.Fact{{Label: "Answer by", Value: chat.Text{}.Moment(noon().Add(2 * time.Hour))}, {Label: "Terms", Value: chat.T("90 € an hour & travel")}},
		Notes: []chat.Text{chat.T("A note.")},
		Buttons: []chat.Button{
			{ID: "accept", Label: "Accept", Token: "ticket-accept", Style: chat.Primary},
			{ID: "decline", Label: "Decline", Token: "ticket-decline", Style: chat.Danger},
		},
	}
}
