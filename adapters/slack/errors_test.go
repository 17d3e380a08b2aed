package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
)

// answering is a Web API that always answers the same.
func answering(t *testing.T, status int, header map[string]string, body string) *Adapter {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(srv.Close)
	return against(t, srv.URL)
}

func against(t *testing.T, base string) *Adapter {
	t.Helper()
	a, err := New(Config{BotToken: testToken, AppToken: "xapp-secret", APIURL: base + "/api/"}, newRecorder())
	if err != nil {
		t.Fatal(err)
	}
	a.id.Store(testIdentity())
	return a
}

func sayHello(a *Adapter) error {
	_, err := a.Post(context.Background(), chat.Post{Channel: "C0TASKS01", Message: chat.Message{Text: chat.T("hello")}, DeliveryID: "d1"})
	return err
}

// The edge case E29: every way in which Slack says "slow down" or "no".
func TestE29ErrorMapping(t *testing.T) {
	t.Parallel()
	fail := func(code string) string { return fmt.Sprintf(`{"ok":false,"error":%q}`, code) }
	tests := map[string]struct {
		status int
		header map[string]string
		body   string
		want   chat.SendError
	}{
		"429 with header":       {429, map[string]string{"Retry-After": "30"}, fail("ratelimited"), chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: 30 * time.Second}},
		"429 without header":    {429, nil, "", chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: defaultBlock}},
		"429 with a bad header": {429, map[string]string{"Retry-After": "soon"}, "", chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: defaultBlock}},
		"200 ratelimited":       {200, nil, fail("ratelimited"), chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: defaultBlock}},
		"ok false, no error":    {200, nil, `{"ok":false}`, chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}},
		"ok false, odd errors":  {200, nil, `{"ok":false,"error":"is_archived","errors":[{"odd":{}}]}`, chat.SendError{Reason: chat.ChannelGone}},
		"no json":               {200, nil, "<html>", chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}},
		"500":                   {500, nil, "oops", chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}},
		"503 with header":       {503, map[string]string{"Retry-After": "7"}, "", chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: 7 * time.Second}},
		"redirect":              {302, map[string]string{"Location": "https://evil.example/"}, "", chat.SendError{Reason: chat.Unavailable, Retry: true}},
		"internal_error":        {200, nil, fail("internal_error"), chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}},
		"channel_not_found":     {200, nil, fail("channel_not_found"), chat.SendError{Reason: chat.ChannelGone}},
		"not_in_channel":        {200, nil, fail("not_in_channel"), chat.SendError{Reason: chat.NotInChannel}},
		"invalid_auth":          {200, nil, fail("invalid_auth"), chat.SendError{Reason: chat.Unauthorised}},
		"token_revoked":         {200, nil, fail("token_revoked"), chat.SendError{Reason: chat.Unauthorised}},
		"account_inactive":      {200, nil, fail("account_inactive"), chat.SendError{Reason: chat.Unauthorised}},
		"missing_scope":         {200, nil, `{"ok":false,"error":"missing_scope","needed":"chat:write","provided":"x"}`, chat.SendError{Reason: chat.MissingScope}},
		"name_taken":            {200, nil, fail("name_taken"), chat.SendError{Reason: chat.NameTaken}},
		"trigger_expired":       {200, nil, fail("trigger_expired"), chat.SendError{Reason: chat.TriggerGone}},
		"msg_too_long":          {200, nil, fail("msg_too_long"), chat.SendError{Reason: chat.Invalid}},
		"ratelimit":             {200, nil, fail("ratelimit"), chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: defaultBlock}},
		"migrating":             {200, nil, fail("external_channel_migrating"), chat.SendError{Reason: chat.Unavailable, Retry: true}},
		"joining an org":        {200, nil, fail("org_login_required"), chat.SendError{Reason: chat.Withheld, Retry: true}},
		"keys withheld":         {200, nil, fail("ekm_access_denied"), chat.SendError{Reason: chat.Withheld, Retry: true}},
		"wrong network":         {200, nil, fail("accesslimited"), chat.SendError{Reason: chat.Unauthorised}},
		"read only":             {200, nil, fail("restricted_action_read_only_channel"), chat.SendError{Reason: chat.PostingClosed}},
		"no replies":            {200, nil, fail("restricted_action_non_threadable_channel"), chat.SendError{Reason: chat.RepliesClosed}},
		"replies alone":         {200, nil, fail("restricted_action_thread_only_channel"), chat.SendError{Reason: chat.RootsClosed}},
		"closed by a setting":   {200, nil, fail("restricted_action"), chat.SendError{Reason: chat.PostingClosed}},
		"a locked thread":       {200, nil, fail("restricted_action_thread_locked"), chat.SendError{Reason: chat.Unsupported}},
		"never heard of":        {200, nil, fail("brand_new"), chat.SendError{Reason: chat.Invalid}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := answering(t, tt.status, tt.header, tt.body)
			err := sayHello(a)
			var se *chat.SendError
			if !errors.As(err, &se) {
				t.Fatalf("error %v is no SendError", err)
			}
			got := *se
			got.Err = nil
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if tt.want.Reason == chat.Unauthorised && a.Healthy() == nil {
				t.Error("healthy although the token is refused")
			}
			if tt.want.Reason == chat.RateLimited {
				again := sayHello(a)
				if chat.ReasonOf(again) != chat.RateLimited {
					t.Errorf("the next call in the channel: %v", again)
				}
			}
		})
	}
}

func TestTransportErrors(t *testing.T) {
	t.Parallel()
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(cut.Close)
	var se *chat.SendError
	if err := sayHello(against(t, cut.URL)); !errors.As(err, &se) || !se.Ambiguous || !se.Retry || se.Reason != chat.Unavailable {
		t.Errorf("a cut connection: %+v", err)
	}
	cut.Close()
	if err := sayHello(against(t, cut.URL)); !errors.As(err, &se) || se.Ambiguous || !se.Retry {
		t.Errorf("a refused connection: %+v", err)
	}
}

// No error holds a token, whatever a server or the network does.
func TestNoSecretInErrors(t *testing.T) {
	t.Parallel()
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		_, _ = fmt.Fprintf(w, `{"ok":false,"error":"%s %s"}`, r.Form.Get("token"), r.Header.Get("Authorization"))
	}))
	t.Cleanup(echo.Close)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	for _, base := range []string{echo.URL, dead.URL} {
		a := against(t, base)
		ctx := t.Context()
		_, findErr := a.Find(ctx, chat.Post{Channel: "C1", DeliveryID: "d"})
		_, createErr := a.CreateChannel(ctx, chat.ChannelSpec{Name: "x"})
		_, inviteErr := a.Invite(ctx, chat.InviteSpec{Channel: "C1", Address: "a@b.example"})
		_, personErr := a.Person(ctx, "U0ANNA001")
		_, dialErr := a.dialSocket(ctx)
		errs := []error{
			sayHello(a), a.Start(ctx), a.Update(ctx, "C1", "1.2", chat.Message{}), a.Delete(ctx, "C1", "1.2"),
			a.Whisper(ctx, "C1", "U1", chat.Message{}), a.AddMembers(ctx, "C1", []string{"U2"}), findErr, createErr, inviteErr, personErr, dialErr,
			a.respond(ctx, dead.URL+"/response/very-secret", chat.Message{}, false),
			a.respond(ctx, "https://evil.example/very-secret", chat.Message{}, false),
		}
		for i, err := range errs {
			if err == nil {
				t.Errorf("call %d succeeded", i)
				continue
			}
			if s := fmt.Sprintf("%v %+v", err, err); strings.Contains(s, "secret") {
				t.Errorf("call %d: %v", i, err)
			}
		}
	}
	if _, err := New(Config{BotToken: testToken, SigningSecret: testSecret, APIURL: "https://user:very-secret@x/"}, newRecorder()); err == nil || strings.Contains(err.Error(), "secret@") {
		t.Errorf("configuration: %v", err)
	}
}

func TestTrustedURL(t *testing.T) {
	t.Parallel()
	a := against(t, "http://127.0.0.1:9")
	for raw, ok := range map[string]bool{
		"https://hooks.slack.com/actions/T/1/x": true, "https://slack.com/x": true, "https://hooks.slack-gov.com/x": true,
		"http://127.0.0.1:9/response/1": true, "http://hooks.slack.com/x": false, "https://evilslack.com/x": false,
		"https://slack.com.evil.example/x": false, "https://user@slack.com/": false, "https://127.0.0.1:9/": false, "": false, "file:///etc/passwd": false,
		"http://127.0.0.1:10/": false, "https://slack.com:444/": false,
	} {
		if _, err := a.trustedURL(raw); (err == nil) != ok {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestPacer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &pacer{limiter: pace.NewLocal(nil), workspace: func() string { return "slack:T1" }, meter: chat.NoMeter{}}
		<-time.After(time.Minute)
		ctx := t.Context()
		begin := time.Now()
		for range channelBurst + 2 {
			if err := p.wait(ctx, postMethod, "C1"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begin); took < 2*time.Second || took > 2100*time.Millisecond {
			t.Errorf("%d posts took %v, want 2 s and a little", channelBurst+2, took)
		}
		// Another channel and another method are not held up.
		begin = time.Now()
		_ = p.wait(ctx, postMethod, "C2")
		_ = p.wait(ctx, "chat.update", "")
		if took := time.Since(begin); took != 0 {
			t.Errorf("others waited %v", took)
		}
		p.block(ctx, postMethod, "C1", 30*time.Second)
		err := p.wait(ctx, postMethod, "C1")
		var se *chat.SendError
		if !errors.As(err, &se) || se.Reason != chat.RateLimited || se.RetryAfter != 30*time.Second {
			t.Errorf("while blocked: %v", err)
		}
		if err := p.wait(ctx, postMethod, "C2"); err != nil {
			t.Errorf("another channel: %v", err)
		}
		<-time.After(30 * time.Second)
		if err := p.wait(ctx, postMethod, "C1"); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		for range 5 {
			err = p.wait(short, postMethod, "C3")
		}
		if chat.ReasonOf(err) != chat.RateLimited {
			t.Errorf("with too little time: %v", err)
		}
	})
}

// TestE29RateLimit: in each of its ways of saying so, Slack is left alone in the
// channel it spoke of for as long as it asked, while other channels and methods go on.
func TestE29RateLimit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault slacktest.Fault
		wait  time.Duration
	}{
		"429 with Retry-After": {slacktest.Fault{Kind: slacktest.FaultRateLimited, RetryAfter: 30 * time.Second}, 30 * time.Second},
		"429 without":          {slacktest.Fault{Kind: slacktest.FaultRateLimitedBare}, defaultBlock},
		"200 and ratelimited":  {slacktest.Fault{Kind: slacktest.FaultRateLimitedBody}, defaultBlock},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, fake := newConnected(t, slacktest.Options{}, newRecorder())
			ctx := t.Context()
			blocked := fake.AddChannel(slacktest.ChannelSpec{Name: "blocked", Private: true})
			free := fake.AddChannel(slacktest.ChannelSpec{Name: "free", Private: true})
			post := func(channel string) (string, error) {
				return a.Post(ctx, chat.Post{Channel: channel, DeliveryID: channel, Message: chat.Message{Text: chat.T("hello")}})
			}
			tc.fault.Method, tc.fault.Channel = postMethod, blocked
			fake.Inject(tc.fault)
			_, err := post(blocked)
			var se *chat.SendError
			if !errors.As(err, &se) || se.Reason != chat.RateLimited || !se.Retry || se.Ambiguous || se.RetryAfter != tc.wait {
				t.Fatalf("refused with %v after %v", err, se)
			}
			calls := len(fake.Calls(postMethod))
			if _, err := post(blocked); !errors.As(err, &se) || se.Reason != chat.RateLimited || se.RetryAfter <= 0 || se.RetryAfter > tc.wait {
				t.Errorf("once more: %v", err)
			}
			if n := len(fake.Calls(postMethod)); n != calls {
				t.Errorf("%d calls while Slack wants to be left alone", n-calls)
			}
			id, err := post(free)
			if err != nil {
				t.Errorf("another channel: %v", err)
			}
			if err := a.Update(ctx, free, id, chat.Message{Text: chat.T("hello again")}); err != nil {
				t.Errorf("another method: %v", err)
			}
		})
	}
}
