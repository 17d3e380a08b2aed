package slack

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
)

// newSocketed is an adapter that runs in Socket Mode against a fake Slack.
func newSocketed(t *testing.T, h chat.Handler) (*Adapter, *slacktest.Server) {
	t.Helper()
	fake := slacktest.New(t, slacktest.Options{})
	a, err := New(Config{BotToken: fake.BotToken(), AppToken: fake.AppToken(), APIURL: fake.URL()}, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a.Healthy() == nil {
		t.Error("healthy before the socket is open")
	}
	fake.Connect(slacktest.Endpoints{Socket: true})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Error("Run did not end")
		}
	})
	if err := fake.WaitSockets(1); err != nil {
		t.Fatal(err)
	}
	return a, fake
}

func TestSocketMode(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a, fake := newSocketed(t, h)
	anna := fake.AddUser(slacktest.UserSpec{Name: "anna"})
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Members: []string{"anna"}})
	h.respond(func(in chat.Inbound) (chat.Answer, error) {
		switch b := in.Body.(type) {
		case chat.Command:
			if b.Text == "long" {
				return chat.Private(chat.T(strings.Repeat("Ж long answer ", 700))), nil
			}
			return chat.Private(chat.T("you said " + b.Text)), nil
		case chat.Click:
			return chat.Answer{Form: form()}, nil
		case chat.Submitted:
			return chat.Answer{FieldErrors: map[string]string{"": "Too late."}}, nil
		}
		return chat.Answer{}, nil
	})
	answer, err := anna.Command(channel, "/task help me")
	if err != nil || !strings.Contains(answer.Plain(), "you said help me") {
		t.Errorf("answered %+v, %v", answer, err)
	}
	if _, err := anna.Command(channel, "/task long"); err != nil {
		t.Error(err)
	}
	if _, err := anna.WaitEphemeral(slacktest.Containing("Ж long answer")); err != nil {
		t.Errorf("an answer too long for the acknowledgement: %v", err)
	}
	if _, err := anna.Say(channel, "hello"); err != nil {
		t.Fatal(err)
	}
	h.wait(t, func(in chat.Inbound) bool { s, ok := in.Body.(chat.Said); return ok && s.Text == "hello" })
	ts, err := a.Post(t.Context(), chat.Post{Channel: channel, DeliveryID: "d", Message: card("tok")})
	if err != nil {
		t.Fatal(err)
	}
	if err := anna.Click(channel, ts, "accept"); err != nil {
		t.Fatal(err)
	}
	got, err := anna.Submit(slacktest.Values{"reason": "x"})
	if err != nil || got.Errors["reason"] != "Too late." {
		t.Errorf("submitted %+v, %v", got, err)
	}
	if err := a.Healthy(); err != nil {
		t.Error(err)
	}
}

// Without an acknowledgement Slack delivers again, so nothing is acknowledged
// that was not kept.
func TestSocketAcknowledgesOnlyWhatWasKept(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	_, fake := newSocketed(t, h)
	fake.Allow(slacktest.RuleAck)
	anna := fake.AddUser(slacktest.UserSpec{Name: "anna"})
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Members: []string{"anna"}})
	h.respond(func(chat.Inbound) (chat.Answer, error) { return chat.Answer{}, errors.New("no database") })
	if _, err := anna.Command(channel, "/task x"); err == nil {
		t.Error("a command that was not kept was acknowledged")
	}
}

// The new connection is open before the old one ends.
func TestSocketRefreshAndLinkDisabled(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a, fake := newSocketed(t, h)
	anna := fake.AddUser(slacktest.UserSpec{Name: "anna"})
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Members: []string{"anna"}})
	fake.Disconnect(slacktest.DisconnectWarning)
	if err := fake.WaitSockets(2); err != nil {
		t.Fatal(err)
	}
	fake.Advance(10 * time.Second)
	fake.Advance(10 * time.Second)
	if err := fake.WaitSockets(1); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Say(channel, "after the refresh"); err != nil {
		t.Fatal(err)
	}
	h.wait(t, func(in chat.Inbound) bool { s, ok := in.Body.(chat.Said); return ok && s.Text == "after the refresh" })
	fake.DropSockets()
	if err := fake.WaitSockets(1); err != nil {
		t.Fatal(err)
	}
	fake.Disconnect(slacktest.DisconnectLinkDisabled)
	deadline := time.After(patience)
	for a.Healthy() == nil || !strings.Contains(a.Healthy().Error(), "turned off") {
		select {
		case <-deadline:
			t.Fatalf("healthy %v although the link is disabled", a.Healthy())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestLooseEnvelopeID(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"envelope_id":"abc","payload":`:    "abc",
		`{"payload":1,"envelope_id" : "x-1"`: "x-1",
		`{"envelope_id":7`:                   "",
		`nothing`:                            "",
		`{"envelope_id":"`:                   "",
	} {
		if got := looseEnvelopeID([]byte(raw)); got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestBackoffGrowsAndHonoursSlack(t *testing.T) {
	t.Parallel()
	for n, bounds := range map[int][2]time.Duration{1: {minBackoff / 2, minBackoff}, 4: {4 * time.Second, 8 * time.Second}, 99: {maxBackoff / 2, maxBackoff}} {
		if d := backoff(n, nil); d < bounds[0] || d > bounds[1] {
			t.Errorf("backoff(%d) = %v", n, d)
		}
	}
	if d := backoff(1, &chat.SendError{Retry: true, RetryAfter: time.Minute}); d != time.Minute {
		t.Errorf("with Retry-After: %v", d)
	}
	if d := backoff(1, &chat.SendError{Reason: chat.Unauthorised}); d != refusedEvery {
		t.Errorf("a plain no is asked again after %v", d)
	}
}
