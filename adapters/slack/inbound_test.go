package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// inboundGolden is an Inbound in a form that can be read and compared.
type inboundGolden struct {
	Status int
	Key    string       `json:",omitempty"`
	At     string       `json:",omitempty"`
	From   *chat.Person `json:",omitempty"`
	In     string       `json:",omitempty"`
	Kind   string       `json:",omitempty"`
	Body   any          `json:",omitempty"`
	Raw    bool         `json:",omitempty"`
}

func deliver(t *testing.T, a *Adapter, raw []byte) int {
	t.Helper()
	var head struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(raw, &head)
	switch head.Type {
	case "block_actions", "view_submission", "shortcut", "view_closed":
		form := url.Values{"payload": {string(raw)}}
		return post(a, "/slack/interactions", []byte(form.Encode()), nil).Code
	}
	return post(a, "/slack/events", raw, nil).Code
}

func TestInboundGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/inbound/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, ".golden.json") {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			h := newRecorder()
			a := newOffline(t, h)
			a.now = func() time.Time { return time.Unix(1_700_000_100, 0) }
			a.verifier = newVerifier(testSecret, a.now)
			a.people = newPeopleCache(a.now)
			a.people.put("U0BERT001", chat.Person{ID: "U0BERT001", Name: "Bert"}, time.Hour)
			got := inboundGolden{Status: deliver(t, a, readFile(t, path))}
			for _, in := range append(h.all(), h.missed()...) {
				got.Key, got.At, got.In = in.Key, in.At.UTC().Format(time.RFC3339Nano), in.Channel
				got.From, got.Body, got.Raw = &in.From, in.Body, in.Raw != nil
				got.Kind = reflect.TypeOf(in.Body).Name()
				if in.Workspace != "slack:T0HOME001" {
					t.Errorf("workspace %q", in.Workspace)
				}
			}
			golden(t, strings.TrimSuffix(path, ".json")+".golden.json", got)
		})
	}
}

// The edge case E04 as far as it is ours: every delivery of an event, however
// Slack marks it, reaches the handler with the same key.
func TestE04RedeliveryKeepsTheKey(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"message", "click", "submission", "unparsable", "shortcut"} {
		h := newRecorder()
		a := newOffline(t, h)
		raw := readFile(t, "testdata/inbound", name+".json")
		for range 3 {
			deliver(t, a, raw)
		}
		got := h.all()
		if len(got) != 3 || got[0].Key == "" || got[0].Key != got[1].Key || got[1].Key != got[2].Key {
			t.Errorf("%s: %d deliveries with differing or empty keys", name, len(got))
		}
	}
}

// The edge case E05: a retry may be the only delivery that ever arrives.
func TestE05RetryIsProcessed(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a := newOffline(t, h)
	rec := post(a, "/slack/events", readFile(t, "testdata/inbound/message.json"), func(hd http.Header) {
		hd.Set("X-Slack-Retry-Num", "1")
		hd.Set("X-Slack-Retry-Reason", "http_timeout")
	})
	if rec.Code != http.StatusOK || len(h.all()) != 1 {
		t.Errorf("status %d, %d handled", rec.Code, len(h.all()))
	}
}

func TestHandlerErrorIsNoAcknowledgement(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	h.respond(func(chat.Inbound) (chat.Answer, error) { return chat.Answer{}, errors.New("database is down") })
	a := newOffline(t, h)
	for _, name := range []string{"message", "unknown_type", "unparsable", "click", "submission"} {
		if code := deliver(t, a, readFile(t, "testdata/inbound", name+".json")); code != http.StatusInternalServerError {
			t.Errorf("%s: status %d, want 500", name, code)
		}
	}
	if rec := post(a, "/slack/commands", []byte("command=%2Ftask&text=help&team_id=T0HOME001"), nil); rec.Code != http.StatusInternalServerError {
		t.Errorf("command: status %d, want 500", rec.Code)
	}
}

// The edge case E07: nothing that Slack signed is refused, and what can be read
// of a malformed event is kept.
func TestE07MalformedEventsKeepTheirText(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"malformed_block": "Still stored", "malformed_fields": "Also stored"} {
		h := newRecorder()
		a := newOffline(t, h)
		if code := deliver(t, a, readFile(t, "testdata/inbound", name+".json")); code != http.StatusOK {
			t.Errorf("%s: status %d", name, code)
		}
		got := h.all()
		if len(got) != 1 {
			t.Fatalf("%s: %d handled", name, len(got))
		}
		if said, ok := got[0].Body.(chat.Said); !ok || said.Text != want {
			t.Errorf("%s: got %#v", name, got[0].Body)
		}
	}
}

// The edge case E08: the signature does not cover the query string, so nothing in
// it counts.
func TestE08OnlyTheBodyCounts(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a := newOffline(t, h)
	good := readFile(t, "testdata/inbound/click.json")
	evil := bytes.ReplaceAll(good, []byte("token-accept"), []byte("token-forged"))
	body := []byte(url.Values{"payload": {string(good)}}.Encode())
	rec := post(a, "/slack/interactions?payload="+url.QueryEscape(string(evil)), body, nil)
	if rec.Code != http.StatusOK || len(h.all()) != 1 {
		t.Fatalf("status %d, %d handled", rec.Code, len(h.all()))
	}
	if click, ok := h.all()[0].Body.(chat.Click); !ok || click.Token != "token-accept" {
		t.Errorf("acted on %#v", h.all()[0].Body)
	}
}

func TestSSLCheck(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a := newOffline(t, h)
	for _, path := range []string{"/slack/commands", "/slack/interactions"} {
		if rec := post(a, path, []byte("ssl_check=1&token=x"), nil); rec.Code != http.StatusOK || rec.Body.Len() != 0 {
			t.Errorf("%s: %d %q", path, rec.Code, rec.Body)
		}
	}
	if len(h.all()) != 0 {
		t.Error("the handler was called")
	}
}

func TestCommandAnswersInTheAcknowledgement(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	h.respond(func(chat.Inbound) (chat.Answer, error) {
		return chat.Private(chat.T("Usage: <show N>")), nil
	})
	a := newOffline(t, h)
	form := url.Values{
		"command": {"/task"}, "text": {"invite <@U0BERT001|bert> &amp; <mailto:a@b.example|a@b.example>"}, "team_id": {"T0HOME001"},
		"channel_id": {"C0TASKS01"}, "user_id": {"U0ANNA001"}, "user_name": {"anna"}, "trigger_id": {"1.2.3"}, "response_url": {"https://hooks.slack.com/x"},
	}
	rec := post(a, "/slack/commands", []byte(form.Encode()), nil)
	var got struct {
		Type string `json:"response_type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || got.Type != "ephemeral" || got.Text != "Usage: &lt;show N&gt;" {
		t.Errorf("answered %q (%v)", rec.Body, err)
	}
	in := h.all()[0]
	if c, ok := in.Body.(chat.Command); !ok || c.Text != "invite <@U0BERT001> & a@b.example" || c.Trigger != "1.2.3" || in.Channel != "C0TASKS01" || in.From.ID != "U0ANNA001" {
		t.Errorf("got %#v", in)
	}
	if strings.Contains(in.Key, "1.2.3") {
		t.Error("the key holds the trigger")
	}
	form.Set("command", "/other")
	if rec := post(a, "/slack/commands", []byte(form.Encode()), nil); !strings.Contains(rec.Body.String(), "/task") || len(h.all()) != 1 {
		t.Errorf("another command: %q", rec.Body)
	}
	form.Set("command", "/task")
	form.Set("team_id", "T0ALIEN01")
	if rec := post(a, "/slack/commands", []byte(form.Encode()), nil); rec.Code != http.StatusOK || len(h.all()) != 1 {
		t.Errorf("another workspace: %d, %d handled", rec.Code, len(h.all()))
	}
}

func TestSubmissionErrors(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a := newOffline(t, h)
	tests := map[string]struct{ errs, want map[string]string }{
		"field":         {map[string]string{"urgent": "Why?"}, map[string]string{"urgent": "Why?"}},
		"general":       {map[string]string{"": "Too late."}, map[string]string{"title": "Too late."}},
		"unknown field": {map[string]string{"nope": "Bad."}, map[string]string{"title": "Bad."}},
		"both":          {map[string]string{"": "Too late.", "title": "Too long."}, map[string]string{"title": "Too late. Too long."}},
	}
	for name, tt := range tests {
		h.respond(func(chat.Inbound) (chat.Answer, error) { return chat.Answer{FieldErrors: tt.errs}, nil })
		form := url.Values{"payload": {string(readFile(t, "testdata/inbound/submission.json"))}}
		rec := post(a, "/slack/interactions", []byte(form.Encode()), nil)
		var got struct {
			Action string            `json:"response_action"`
			Errors map[string]string `json:"errors"`
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || got.Action != "errors" || fmt.Sprint(got.Errors) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %q (%v)", name, rec.Body, err)
		}
	}
}

func TestRevokedIsUnhealthy(t *testing.T) {
	t.Parallel()
	a := newOffline(t, newRecorder())
	if err := a.Healthy(); err != nil {
		t.Fatalf("healthy before: %v", err)
	}
	deliver(t, a, readFile(t, "testdata/inbound/tokens_revoked.json"))
	if a.Healthy() == nil {
		t.Error("healthy although the tokens were revoked")
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/inbound/*.json")
	for _, path := range files {
		if !strings.HasSuffix(path, ".golden.json") {
			f.Add(readFile(f, path))
		}
	}
	id := testIdentity()
	f.Fuzz(func(t *testing.T, raw []byte) {
		env, err := decodeEnvelope(raw)
		if err == nil {
			translator{id: id, env: &env, name: noName}.translate()
		}
		in, err := decodeInteraction(raw)
		if err == nil {
			in.person(id)
			if in.View != nil {
				in.View.values()
				in.View.fieldErrors(map[string]string{"": "x"})
			}
		}
	})
}
