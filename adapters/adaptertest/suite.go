package adaptertest

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// Open makes an installation whose adapter hands what happens to h and logs to
// log, and ends it with the test.
type Open func(t *testing.T, h chat.Handler, log *slog.Logger) Driver

// Run runs the suite.
func Run(t *testing.T, open Open) {
	t.Helper()
	topics := []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"Inbound", testInbound},
		{"Answers", testAnswers},
		{"Own", testOwn},
		{"Failure", testFailure},
		{"Forgery", testForgery},
		{"Messages", testMessages},
		{"Threads", testThreads},
		{"Parts", testParts},
		{"Whispers", testWhispers},
		{"Channels", testChannels},
		{"Stewards", testStewards},
		{"People", testPeople},
		{"LostAnswer", testLostAnswer},
		{"Faults", testFaults},
		{"RateLimit", testRateLimit},
		{"Hostile", testHostile},
		{"Files", testFiles},
		{"Lifecycle", testLifecycle},
	}
	for _, topic := range topics {
		t.Run(topic.name, func(t *testing.T) {
			t.Parallel()
			topic.run(t, open)
		})
	}
}

// bench is an opened driver with everything that was logged or returned as an
// error. At the end of the test no secret may be found in either.
type bench struct {
	Driver
	t    *testing.T
	desk *desk
	log  *record
	errs *record
}

func newBench(t *testing.T, open Open) *bench {
	t.Helper()
	b := &bench{t: t, desk: newDesk(), log: &record{}, errs: &record{}}
	// Registered before the driver's own, this runs after the adapter has ended.
	t.Cleanup(b.noSecrets)
	logger := slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	b.Driver = open(t, b.desk, logger)
	return b
}

// noSecrets looks for what the adapter was given and what came with the inbounds.
func (b *bench) noSecrets() {
	if b.Driver == nil {
		return
	}
	secrets := b.Secrets()
	kept, failed := b.desk.everything()
	for _, in := range append(kept, failed...) {
		trigger, reply := secretsOf(in)
		for _, s := range []string{trigger, reply} {
			if s == "" {
				continue
			}
			secrets = append(secrets, s)
			if strings.Contains(in.Key, s) || bytes.Contains(in.Raw, []byte(s)) {
				b.t.Errorf("%T: its key or what is kept of it holds a trigger or a reply address", in.Body)
			}
		}
	}
	for name, text := range map[string]string{"the log": b.log.String(), "an error": b.errs.String()} {
		for _, s := range secrets {
			if strings.Contains(text, s) || strings.Contains(text, url.QueryEscape(s)) {
				b.t.Errorf("%s holds the secret that begins with %.6q", name, s)
			}
		}
		if name == "an error" && strings.Contains(text, privateWords) {
			b.t.Error("an error holds what people wrote")
		}
	}
}

func secretsOf(in chat.Inbound) (trigger, reply string) {
	switch body := in.Body.(type) {
	case chat.Command:
		return string(body.Trigger), body.Reply
	case chat.Click:
		return string(body.Trigger), body.Reply
	case chat.Submitted:
		return "", body.Reply
	}
	return "", ""
}

// note keeps an error for the look for secrets and passes it on.
func (b *bench) note(err error) error {
	if err != nil {
		_, _ = fmt.Fprintf(b.errs, "%v\n%+v\n%#v\n", err, err, err)
	}
	return err
}

// post posts, and fails the test when that fails.
func (b *bench) post(p chat.Post) string {
	b.t.Helper()
	id, err := b.tryPost(p)
	if err != nil || id == "" {
		b.t.Fatalf("post %s: %q, %v", p.DeliveryID, id, err)
	}
	return id
}

func (b *bench) tryPost(p chat.Post) (string, error) {
	if p.Channel == "" {
		p.Channel = b.Channel()
	}
	if p.Since.IsZero() {
		p.Since = time.Now().Add(-time.Minute)
	}
	id, err := b.Platform().Post(b.t.Context(), p)
	return id, b.note(err)
}

func (b *bench) find(p chat.Post) (string, error) {
	if p.Channel == "" {
		p.Channel = b.Channel()
	}
	if p.Since.IsZero() {
		p.Since = time.Now().Add(-time.Minute)
	}
	id, err := b.Platform().Find(b.t.Context(), p)
	return id, b.note(err)
}

// shown finds a message of the channel by its id.
func (b *bench) shown(id string) (Shown, bool) {
	for _, m := range b.Messages(b.Channel()) {
		if m.ID == id {
			return m, true
		}
	}
	return Shown{}, false
}

// whispered waits until the person was shown a text that nobody else sees.
func (b *bench) whispered(person, part string) {
	b.t.Helper()
	eventually(b.t, fmt.Sprintf("%q is whispered", part), func() bool {
		for _, m := range b.Whispers(person) {
			if strings.Contains(m.Text, part) {
				return true
			}
		}
		return false
	})
	for _, m := range b.Messages(b.Channel()) {
		if strings.Contains(m.Text, part) {
			b.t.Errorf("%q is shown to everybody", part)
		}
	}
}

// eventually waits for a fact outside, which cannot tell of itself.
func eventually(t *testing.T, what string, fact func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !fact() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never came true: %s", what)
		}
	}
}

// record is a buffer that many may write to.
type record struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

// String is what was written so far.
func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}

// privateWords are in every text that is posted here, and belong into no error.
const privateWords = "kept between us"

func say(text string) chat.Message { return chat.Message{Text: chat.T(text + ", " + privateWords)} }

// The card that is posted to be pressed.
const (
	buttonAccept, tokenAccept = "accept", "token-of-accept"
	buttonAsk, tokenAsk       = "ask", "token-of-ask"
	tokenForm                 = "token-of-the-form"
)

func card() chat.Message {
	m := say("A card")
	m.Buttons = []chat.Button{
		{ID: buttonAccept, Label: "Accept", Token: tokenAccept},
		{ID: buttonAsk, Label: "Ask", Token: tokenAsk},
	}
	return m
}

// answering opens a form for one button and thanks for everything else.
func answering(in chat.Inbound) chat.Answer {
	switch body := in.Body.(type) {
	case chat.Click:
		if body.Token == tokenAsk {
			return chat.Answer{
				Form: &chat.Form{
					Title: "Decline", Submit: "Send", Token: tokenForm,
					Fields: []chat.Field{{Name: "reason", Label: "Reason", Kind: chat.Line}},
				},
				Fallback: chat.Message{Text: chat.T("The form did not open.")},
			}
		}
		return chat.Private(chat.T("Thanks for the click."))
	case chat.Command:
		return chat.Private(chat.T("Thanks for the command " + body.Text + "."))
	case chat.Submitted:
		if body.Values["reason"] == "no" {
			return chat.Answer{FieldErrors: map[string]string{"reason": "Say more."}}
		}
		return chat.Private(chat.T("Thanks for the form."))
	}
	return chat.Answer{}
}
