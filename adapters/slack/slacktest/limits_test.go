package slacktest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"taskbridge/adapters/slack/slacktest"
)

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) || answer.Err != code {
		t.Errorf("error %v, want %s", err, code)
	}
}

func wantIs(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{PostBurst: 2})
	b.Allow(slacktest.RuleRate, slacktest.RuleRetryAfter)
	post := func(channel string) error {
		_, _, err := b.api.PostMessageContext(t.Context(), channel, slack.MsgOptionText("x", false))
		return err
	}
	began, posted := time.Now(), 0
	var limited *slack.RateLimitedError
	for ; limited == nil; posted++ {
		if err := post(b.ops); err != nil && (!errors.As(err, &limited) || limited.RetryAfter != time.Second) {
			t.Fatalf("post %d at once: %v", posted+1, err)
		}
	}
	// One more has room for each second that the posts took.
	if most := 2 + int(time.Since(began).Seconds()); posted-1 < 2 || posted-1 > most {
		t.Errorf("%d posts at once, want 2 to %d", posted-1, most)
	}
	b.violated(t, slacktest.RuleRate)
	ok(t, post(b.ext))
	b.Advance(2 * time.Second)
	ok(t, post(b.ops))
	b.Inject(slacktest.Fault{Method: "chat.postMessage", Channel: b.ops, Kind: slacktest.FaultRateLimited, RetryAfter: time.Minute})
	for range 2 {
		if err := post(b.ops); err == nil {
			t.Error("the channel is still blocked")
		}
	}
	b.violated(t, slacktest.RuleRetryAfter)
	ok(t, post(b.ext))

	b.SetLimit("users.info", 1, 1)
	_ = must(b.api.GetUserInfoContext(t.Context(), b.carl.ID()))(t)
	if _, err := b.api.GetUserInfoContext(t.Context(), b.carl.ID()); !errors.As(err, &limited) {
		t.Errorf("second users.info: %v", err)
	}
}

// TestRetryAfterOfCallsInFlight: who could not have read it has not disregarded it, and
// has to wait all the same.
func TestRetryAfterOfCallsInFlight(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{InFlight: time.Minute})
	b.Inject(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.FaultRateLimited, RetryAfter: time.Hour})
	post := func() error {
		_, _, err := b.api.PostMessageContext(t.Context(), b.ops, slack.MsgOptionText("x", false))
		return err
	}
	for range 2 {
		var limited *slack.RateLimitedError
		if err := post(); !errors.As(err, &limited) {
			t.Errorf("error %v, want one that says wait", err)
		}
	}
	b.Advance(time.Minute)
	b.Allow(slacktest.RuleRetryAfter)
	if err := post(); err == nil {
		t.Error("posted before Retry-After had passed")
	}
	if got := b.Violations(); len(got) != 1 {
		t.Errorf("violations %v, want that of the last call", got)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	b.Allow(slacktest.RuleRetryAfter)
	post := func(ctx context.Context) error {
		_, _, err := b.api.PostMessageContext(ctx, b.ops, slack.MsgOptionText("x", false))
		return err
	}
	count := func() int { return len(b.Messages(b.ops)) }
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	tests := []struct {
		name   string
		fault  slacktest.Fault
		effect int
		check  func(error) bool
	}{
		{"error", slacktest.Fault{Kind: slacktest.FaultError, Code: "fatal_error"}, 0, func(err error) bool { return strings.Contains(err.Error(), "fatal_error") }},
		{"503", slacktest.Fault{Kind: slacktest.FaultStatus}, 0, func(err error) bool { return errors.As(err, &status) && status.Code == http.StatusServiceUnavailable }},
		{"bare 429", slacktest.Fault{Kind: slacktest.FaultRateLimitedBare}, 0, func(err error) bool { return errors.As(err, &status) && status.Code == http.StatusTooManyRequests }},
		{"ratelimited body", slacktest.Fault{Kind: slacktest.FaultRateLimitedBody}, 0, func(err error) bool { return err.Error() == "ratelimited" }},
		{"garbled", slacktest.Fault{Kind: slacktest.FaultGarbled}, 0, func(err error) bool { return err != nil }},
		{"drop before", slacktest.Fault{Kind: slacktest.FaultDropBefore}, 0, func(err error) bool { return err != nil }},
		{"drop after", slacktest.Fault{Kind: slacktest.FaultDropAfter}, 1, func(err error) bool { return err != nil }},
		{"503 after", slacktest.Fault{Kind: slacktest.FaultStatusAfter}, 1, func(err error) bool { return errors.As(err, &status) }},
		{"hang after", slacktest.Fault{Kind: slacktest.FaultHangAfter}, 1, func(err error) bool { return errors.Is(err, context.Canceled) }},
		{"429", slacktest.Fault{Kind: slacktest.FaultRateLimited, RetryAfter: 30 * time.Second}, 0, func(err error) bool {
			return errors.As(err, &limited) && limited.RetryAfter == 30*time.Second
		}},
	}
	for _, tt := range tests { // In order: each uses up its own fault.
		before := count()
		tt.fault.Method = "chat.postMessage"
		b.Inject(tt.fault)
		ctx, giveUp := context.WithCancel(t.Context())
		if tt.fault.Kind == slacktest.FaultHangAfter {
			// There is no answer, so that the caller gives up once it took effect.
			newest := b.Messages(b.ops)[before-1].TS
			go func() {
				_, _ = b.WaitMessage(b.ops, func(m slacktest.Message) bool { return m.TS > newest })
				giveUp()
			}()
		}
		err := post(ctx)
		giveUp()
		if err == nil || !tt.check(err) {
			t.Errorf("%s: error %v", tt.name, err)
		}
		if got := count() - before; got != tt.effect {
			t.Errorf("%s: %d messages posted, want %d", tt.name, got, tt.effect)
		}
		b.Advance(5 * time.Second)
	}
	if err := post(t.Context()); err == nil {
		t.Error("posted before Retry-After had passed")
	}
	b.violated(t, slacktest.RuleRetryAfter)
	b.Advance(30 * time.Second)
	ok(t, post(t.Context()))
}

func TestScopesAndTokens(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{Scopes: []string{"channels:read", "users:read"}})
	b.Allow(slacktest.RuleScope, slacktest.RuleAuth, slacktest.RuleMethod)
	ctx := t.Context()
	_, _, err := b.api.PostMessageContext(ctx, b.ops, slack.MsgOptionText("x", false))
	wantCode(t, err, "missing_scope")
	if calls := b.Calls("chat.postMessage"); len(calls) != 1 || calls[0].Error != "missing_scope" {
		t.Errorf("calls: %+v", calls)
	}
	_ = must(b.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: b.ops}))(t)
	_, err = b.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: b.ext})
	wantCode(t, err, "missing_scope")
	if u := must(b.api.GetUserInfoContext(ctx, b.olivia.ID()))(t); u.Profile.Email != "" {
		t.Error("an address without users:read.email")
	}
	_, err = slack.New("xoxb-wrong", slack.OptionAPIURL(b.URL())).AuthTestContext(ctx)
	wantCode(t, err, "invalid_auth")
	_, _, err = slack.New(b.BotToken(), slack.OptionAPIURL(b.URL()), slack.OptionAppLevelToken(b.BotToken())).StartSocketModeContext(ctx)
	wantCode(t, err, "not_allowed_token_type")
	b.RevokeToken("token_revoked")
	_, err = b.api.AuthTestContext(ctx)
	wantCode(t, err, "token_revoked")
}

// TestACallCutShort: an application that dies while it sends has called nothing.
func TestACallCutShort(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	at := must(url.Parse(b.URL()))(t)
	for _, kind := range []string{"application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"} {
		c := must((&net.Dialer{}).DialContext(t.Context(), "tcp", at.Host))(t)
		_, err := fmt.Fprintf(c, "POST %schat.postMessage HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: 900\r\n\r\n", at.Path, at.Host, kind)
		ok(t, err)
		ok(t, c.(*net.TCPConn).CloseWrite())
		// The answer comes when the call has been judged.
		_ = must(io.ReadAll(c))(t)
		ok(t, c.Close())
	}
	if calls, broken := b.Calls(""), b.Violations(); len(calls)+len(broken) != 0 {
		t.Errorf("calls %+v, breaches %v", calls, broken)
	}
}

func TestViolationsFailTheTest(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	s := slacktest.New(rec, slacktest.Options{})
	api := slack.New(s.BotToken(), slack.OptionAPIURL(s.URL()))
	ch := s.AddChannel(slacktest.ChannelSpec{Name: "general"})
	_, _, err := api.PostMessageContext(t.Context(), ch, slack.MsgOptionText(strings.Repeat("ж", 4001), false))
	ok(t, err)
	rec.end()
	if len(rec.lines) != 1 || !strings.Contains(rec.lines[0], "text_too_long: chat.postMessage: text has 4001 characters") {
		t.Errorf("lines: %q", rec.lines)
	}
}

func TestMessageRules(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{NoRateLimits: true})
	b.Allow(slacktest.RuleText, slacktest.RuleThread, slacktest.RuleUndefined)
	ctx := t.Context()
	theirs := must(b.olivia.Say(b.ops, "mine"))(t)
	reply := must(b.olivia.Reply(b.ops, theirs.TS, "re"))(t)
	private := b.AddChannel(slacktest.ChannelSpec{Name: "secret", Private: true, NoBot: true})
	public := b.AddChannel(slacktest.ChannelSpec{Name: "lobby", NoBot: true})
	text := slack.MsgOptionText("x", false)
	post := func(ch string, o ...slack.MsgOption) error {
		_, _, err := b.api.PostMessageContext(ctx, ch, o...)
		return err
	}
	wantCode(t, post(private, text), "channel_not_found")
	wantCode(t, post(public, text), "not_in_channel")
	wantCode(t, post(b.ops), "no_text")
	_, _, _, err := b.api.UpdateMessageContext(ctx, b.ops, theirs.TS, text)
	wantCode(t, err, "cant_update_message")
	_, _, err = b.api.DeleteMessageContext(ctx, b.ops, theirs.TS)
	wantCode(t, err, "cant_delete_message")
	_, _, _, err = b.api.UpdateMessageContext(ctx, b.ops, "1.000001", text)
	wantCode(t, err, "message_not_found")
	_, err = b.api.PostEphemeralContext(ctx, b.ops, b.carl.ID(), text)
	wantCode(t, err, "user_not_in_channel")
	card := b.card(t, b.ops)
	_, _, _, err = b.api.UpdateMessageContext(ctx, b.ops, card, slack.MsgOptionText(strings.Repeat("x", 4001), false))
	wantCode(t, err, "msg_too_long")
	ok(t, post(b.ops, text, slack.MsgOptionTS(reply.TS)))
	b.violated(t, slacktest.RuleThread)
	_, _, _, err = b.api.UpdateMessageContext(ctx, b.ops, card, text)
	ok(t, err)
	b.violated(t, slacktest.RuleUndefined)
	ok(t, b.Archive(b.ops, "olivia"))
	wantCode(t, post(b.ops, text), "is_archived")
}
