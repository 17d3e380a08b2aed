package slacktest_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"taskbridge/adapters/slack/slacktest"
)

func TestSignature(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	_ = must(b.olivia.Say(b.ops, "hello"))(t)
	b.settle(t)
	got := b.app.requests("/slack/events")[0]
	verifier := must(slack.NewSecretsVerifier(got.header, b.SigningSecret()))(t)
	_ = must(verifier.Write(got.body))(t)
	ok(t, verifier.Ensure())
	env, inner := got.event()
	if env["type"] != "event_callback" || env["event_id"] == "" || env["is_ext_shared_channel"] != false || inner["text"] != "hello" {
		t.Errorf("envelope: %v", env)
	}
	old := b.Sign([]byte("{}"), time.Now().Add(-301*time.Second))
	if _, err := slack.NewSecretsVerifier(old, b.SigningSecret()); err == nil {
		t.Error("a signature of 301 seconds ago is stale")
	}
	res := must(b.Post("/slack/events", []byte("{}"), old))(t)
	if res.Status != http.StatusOK || b.app.requests("/slack/events")[1].header.Get("X-Slack-Signature") != old.Get("X-Slack-Signature") {
		t.Errorf("raw post: %+v", res)
	}
}

func TestVerifyURL(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	if err := b.VerifyURL(); err == nil {
		t.Error("an empty answer is no challenge")
	}
	b.app.answer(func(w http.ResponseWriter, r request) {
		env, _ := r.event()
		challenge, _ := env["challenge"].(string)
		_, _ = w.Write([]byte(challenge))
	})
	ok(t, b.VerifyURL())
}

func retries(b *bundle) (out []string) {
	for _, r := range b.app.requests("/slack/events") {
		out = append(out, r.header.Get("X-Slack-Retry-Num")+" "+r.header.Get("X-Slack-Retry-Reason"))
	}
	return out
}

func TestRetrySchedule(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	b.app.answer(func(w http.ResponseWriter, _ request) { w.WriteHeader(http.StatusInternalServerError) })
	_ = must(b.olivia.Say(b.ops, "hello"))(t)
	b.settle(t)
	want := []string{" ", "1 http_error"}
	for _, step := range []struct {
		wait time.Duration
		more string
	}{
		{59 * time.Second, ""},
		{2 * time.Second, "2 http_error"},
		{299 * time.Second, ""},
		{2 * time.Second, "3 http_error"},
		{24 * time.Hour, ""},
	} {
		b.Advance(step.wait)
		b.settle(t)
		if step.more != "" {
			want = append(want, step.more)
		}
		if diff := cmp.Diff(want, retries(b)); diff != "" {
			t.Fatalf("after %v: %s", step.wait, diff)
		}
	}
	ids := map[string]bool{}
	for _, d := range b.Deliveries() {
		ids[d.EventID] = true
	}
	if len(ids) != 1 {
		t.Errorf("event ids: %v", ids)
	}
}

func TestNoRetryAndDelayedEvents(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{DelayedEvents: true})
	b.app.answer(func(w http.ResponseWriter, _ request) {
		w.Header().Set("X-Slack-No-Retry", "1")
		w.WriteHeader(http.StatusInternalServerError)
	})
	_ = must(b.olivia.Say(b.ops, "a"))(t)
	b.settle(t)
	b.Advance(time.Hour)
	b.settle(t)
	if got := retries(b); len(got) != 1 {
		t.Errorf("retries in spite of x-slack-no-retry: %v", got)
	}
	b.app.answer(func(w http.ResponseWriter, _ request) { w.WriteHeader(http.StatusBadGateway) })
	_ = must(b.olivia.Say(b.ops, "b"))(t)
	for range 30 {
		b.settle(t)
		b.Advance(time.Hour)
	}
	b.settle(t)
	if got := retries(b); len(got) != 1+1+3+24 {
		t.Errorf("%d attempts with delayed events", len(got))
	}
}

func TestAckTimeoutAndRecovery(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{AckTimeout: 50 * time.Millisecond})
	b.Allow(slacktest.RuleAck)
	release := make(chan struct{})
	b.app.answer(func(_ http.ResponseWriter, r request) {
		if r.header.Get("X-Slack-Retry-Num") == "" {
			// The retry is acknowledged, however busy the machine is.
			b.SetAckTimeout(time.Minute)
			<-release
		}
	})
	_ = must(b.olivia.Say(b.ops, "slow"))(t)
	d := must(b.WaitDelivery(func(d slacktest.Delivery) bool { return d.Retry == 1 }))(t)
	close(release)
	if d.Why != "http_timeout" || d.Failed != "" {
		t.Errorf("retry: %+v", d)
	}
	b.violated(t, slacktest.RuleAck)
}

func TestConnectionFailedAndRedirects(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{Retries: []time.Duration{}})
	b.app.answer(func(w http.ResponseWriter, r request) {
		w.Header().Set("Location", r.path+"/again")
		w.WriteHeader(http.StatusFound)
	})
	_ = must(b.olivia.Say(b.ops, "a"))(t)
	b.settle(t)
	var lc net.ListenConfig
	ln := must(lc.Listen(context.Background(), "tcp", "127.0.0.1:0"))(t)
	ok(t, ln.Close())
	b.Connect(slacktest.Endpoints{Base: "http://" + ln.Addr().String()})
	_ = must(b.olivia.Say(b.ops, "b"))(t)
	b.settle(t)
	var got []string
	for _, d := range b.Deliveries() {
		got = append(got, d.Failed)
	}
	if diff := cmp.Diff([]string{"too_many_redirects", "connection_failed"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestHoldReleaseRedeliver(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	b.Hold()
	m := must(b.olivia.Say(b.ops, "one"))(t)
	ok(t, b.olivia.Edit(b.ops, m.TS, "two"))
	ok(t, b.olivia.Delete(b.ops, m.TS))
	held := b.Held()
	if len(held) != 3 || len(b.app.requests("/slack/events")) != 0 {
		t.Fatalf("held: %+v", held)
	}
	b.Release(held[2].ID, held[0].ID)
	b.Release()
	_ = must(b.Redeliver(held[0].ID))(t)
	_ = must(b.DeliverEvent(held[0].Body))(t)
	_ = must(b.DeliverEvent([]byte(`{"type":"never_heard_of","channel":"` + b.ops + `"}`)))(t)
	var got []string
	for _, r := range b.app.requests("/slack/events") {
		env, ev := r.event()
		id, _ := env["event_id"].(string)
		name, _ := ev["subtype"].(string)
		if id == held[0].ID {
			name = "first"
		}
		if name == "" {
			name, _ = ev["type"].(string)
		}
		got = append(got, strings.TrimSpace(name+" "+r.header.Get("X-Slack-Retry-Num")))
	}
	want := []string{"message_deleted", "first", "message_changed", "first 1", "first", "never_heard_of"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAutoDisable(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{Retries: []time.Duration{}})
	b.Allow(slacktest.RuleDisabled)
	b.app.answer(func(w http.ResponseWriter, _ request) { w.WriteHeader(http.StatusInternalServerError) })
	for range 1000 {
		_ = must(b.DeliverEvent([]byte(`{"type":"app_home_opened"}`)))(t)
	}
	b.violated(t, slacktest.RuleDisabled)
	_ = must(b.olivia.Say(b.ops, "unheard"))(t)
	b.settle(t)
	if n := len(b.app.inner("message")); n != 0 {
		t.Errorf("%d events after Slack turned delivery off", n)
	}
}
