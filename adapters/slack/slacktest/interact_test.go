package slacktest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"taskbridge/adapters/slack/slacktest"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{EscapeCommands: true})
	b.app.answer(func(w http.ResponseWriter, r request) {
		if r.path == "/slack/commands" {
			jsonAnswerf(w, `{"text":%q,"response_type":"ephemeral"}`, "got "+r.form().Get("text"))
		}
	})
	got := must(b.olivia.Command(b.ops, "/task assign 1 @carl"))(t)
	if want := "got assign 1 <@" + b.carl.ID() + "|carl>"; got.Text != want {
		t.Errorf("answer %q, want %q", got.Text, want)
	}
	if list := b.olivia.Ephemerals(); len(list) != 1 || list[0].Text != got.Text {
		t.Errorf("ephemerals: %+v", list)
	}
	_, err := b.erik.Command(b.ext, "/task list")
	wantIs(t, err, slacktest.ErrExternal)
	_, err = b.carl.Command(b.ops, "/task list")
	wantIs(t, err, slacktest.ErrNotInChannel)
	_, err = b.olivia.CommandInThread(b.ops, "1.0", "/task list")
	wantIs(t, err, slacktest.ErrInThread)

	b.app.answer(func(w http.ResponseWriter, _ request) {
		jsonAnswerf(w, `{"response_type":"in_channel","text":"all see"}`)
	})
	_ = must(b.olivia.Command(b.ops, "/task summary"))(t)
	_ = must(b.WaitMessage(b.ops, slacktest.Containing("all see")))(t)
	b.app.answer(func(w http.ResponseWriter, _ request) { w.WriteHeader(http.StatusInternalServerError) })
	_, err = b.olivia.Command(b.ops, "/task list")
	wantIs(t, err, slacktest.ErrDispatchFailed)
}

func TestCommandTimesOut(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{AckTimeout: 30 * time.Millisecond})
	b.Allow(slacktest.RuleAck)
	release := make(chan struct{})
	defer close(release)
	b.app.answer(func(http.ResponseWriter, request) { <-release })
	_, err := b.olivia.Command(b.ops, "/task list")
	wantIs(t, err, slacktest.ErrOperationTimeout)
	b.violated(t, slacktest.RuleAck)
}

func TestClickAndSelect(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	ts := b.card(t, b.ext)
	old, _ := b.Message(b.ext, ts)
	ok(t, b.erik.Click(b.ext, ts, "Accept"))
	ok(t, b.erik.Select(b.ext, ts, "Reason", "Too far"))
	_, _, _, err := b.api.UpdateMessageContext(t.Context(), b.ext, ts, slack.MsgOptionText("closed", false), slack.MsgOptionBlocks())
	ok(t, err)
	wantIs(t, b.erik.Click(b.ext, ts, "Accept"), slacktest.ErrUnknown)
	ok(t, b.erik.ClickOld(old, "decline"))
	wantIs(t, b.carl.ClickOld(old, "decline"), slacktest.ErrNotInChannel)

	var got []string
	for _, r := range b.app.requests("/slack/interactions") {
		p, err := slack.InteractionCallbackParse(&http.Request{Method: http.MethodPost, Header: r.header, Body: body(r.body)})
		ok(t, err)
		a := p.ActionCallback.BlockActions[0]
		got = append(got, fmt.Sprint(a.ActionID, " ", a.SelectedOption.Value, " ", p.Container.MessageTs == ts, " ", p.User.TeamID != b.TeamID()))
	}
	if diff := cmp.Diff([]string{"accept  true true", "reason far true true", "decline  true true"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestResponseURL(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	b.Allow(slacktest.RuleResponseURL)
	ts := b.card(t, b.ext)
	link := func() string {
		ok(t, b.erik.Click(b.ext, ts, "accept"))
		list := b.app.requests("/slack/interactions")
		s, _ := list[len(list)-1].payload()["response_url"].(string)
		return s
	}
	send := func(url, body string) int {
		req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body)))(t)
		res := must(http.DefaultClient.Do(req))(t)
		_ = res.Body.Close()
		return res.StatusCode
	}
	first := link()
	for i := range 6 {
		want := http.StatusOK
		if i == 5 {
			want = http.StatusNotFound
		}
		if got := send(first, `{"text":"note","response_type":"ephemeral","replace_original":false}`); got != want {
			t.Errorf("use %d: %d, want %d", i+1, got, want)
		}
	}
	if n := len(b.erik.Ephemerals()); n != 5 {
		t.Errorf("%d ephemerals", n)
	}
	second := link()
	if got := send(second, `{"text":"replaced","replace_original":true}`); got != http.StatusOK {
		t.Errorf("replace: %d", got)
	}
	if m, _ := b.Message(b.ext, ts); m.Text != "replaced" {
		t.Errorf("message: %+v", m)
	}
	b.Advance(30*time.Minute + time.Second)
	if got := send(second, `{"text":"late"}`); got != http.StatusNotFound {
		t.Errorf("after 30 minutes: %d", got)
	}
	b.violated(t, slacktest.RuleResponseURL)
}

func modal(title string) slack.ModalViewRequest {
	text := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, false, false) }
	reason := slack.NewOptionsSelectBlockElement(
		"static_select", nil, "reason",
		slack.NewOptionBlockObject("far", text("Too far"), nil), slack.NewOptionBlockObject("busy", text("Busy"), nil),
	)
	note := slack.NewPlainTextInputBlockElement(nil, "note")
	note.MaxLength = 10
	optional := slack.NewInputBlock("note_block", text("Note"), nil, note)
	optional.Optional = true
	return slack.ModalViewRequest{
		Type: "modal", Title: text(title), Submit: text("Send"), CallbackID: "decline", PrivateMetadata: "1", NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("reason_block", text("Reason"), nil, reason), optional}},
	}
}

func (b *bundle) trigger(t *testing.T, ts string) string {
	t.Helper()
	ok(t, b.erik.Click(b.ext, ts, "decline"))
	list := b.app.requests("/slack/interactions")
	id, _ := list[len(list)-1].payload()["trigger_id"].(string)
	return id
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	b.Allow(slacktest.RuleTrigger)
	ts := b.card(t, b.ext)
	late := b.trigger(t, ts)
	b.Advance(3*time.Second + time.Millisecond)
	_, err := b.api.OpenViewContext(t.Context(), late, modal("Decline"))
	wantCode(t, err, "expired_trigger_id")
	once := b.trigger(t, ts)
	_ = must(b.api.OpenViewContext(t.Context(), once, modal("Decline")))(t)
	_, err = b.api.OpenViewContext(t.Context(), once, modal("Decline"))
	wantCode(t, err, "exchanged_trigger_id")
	_, err = b.api.OpenViewContext(t.Context(), "made.up", modal("Decline"))
	wantCode(t, err, "invalid_trigger_id")
	b.Allow(slacktest.RuleView)
	_, err = b.api.OpenViewContext(t.Context(), b.trigger(t, ts), modal(long(25)))
	wantCode(t, err, "invalid_arguments")
}

func TestModal(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	ts := b.card(t, b.ext)
	opened := must(b.api.OpenViewContext(t.Context(), b.trigger(t, ts), modal("Decline")))(t)
	v := must(b.erik.WaitView(nil))(t)
	if v.Title != "Decline" || v.PrivateMetadata != "1" || v.ID != opened.ID {
		t.Errorf("view: %+v", v)
	}
	sub := must(b.erik.Submit(nil))(t)
	if diff := cmp.Diff(map[string]string{"reason_block": "This is a required field"}, sub.Errors); diff != "" {
		t.Error(diff)
	}
	sub = must(b.erik.Submit(slacktest.Values{"Reason": "Busy", "note": "far too long"}))(t)
	if sub.Errors["note_block"] != "Too long" {
		t.Errorf("errors: %v", sub.Errors)
	}
	_, err := b.erik.Submit(slacktest.Values{"nothing": "x"})
	wantIs(t, err, slacktest.ErrUnknown)

	b.app.answer(func(w http.ResponseWriter, _ request) {
		jsonAnswerf(w, `{"response_action":"errors","errors":{"note_block":"say more"}}`)
	})
	sub = must(b.erik.Submit(slacktest.Values{"Reason": "busy", "Note": "no"}))(t)
	if sub.Errors["note_block"] != "say more" || sub.Closed {
		t.Errorf("submitted: %+v", sub)
	}
	list := b.app.requests("/slack/interactions")
	last := list[len(list)-1]
	p := must(slack.InteractionCallbackParse(&http.Request{Method: http.MethodPost, Header: last.header, Body: body(last.body)}))(t)
	if s := p.View.State.Values; s["reason_block"]["reason"].SelectedOption.Value != "busy" || s["note_block"]["note"].Value != "no" {
		t.Errorf("state: %+v", s)
	}
	b.Allow(slacktest.RuleAckShape)
	b.app.answer(func(w http.ResponseWriter, _ request) {
		jsonAnswerf(w, `{"response_action":"errors","errors":{"reason":"an action id"}}`)
	})
	_, err = b.erik.Submit(slacktest.Values{"Reason": "busy"})
	wantIs(t, err, slacktest.ErrDispatchFailed)
	b.violated(t, slacktest.RuleAckShape)

	push := raw(t, modal("Sure?"))
	b.app.answer(func(w http.ResponseWriter, _ request) { jsonAnswerf(w, `{"response_action":"push","view":%s}`, push) })
	for range 2 {
		sub = must(b.erik.Submit(slacktest.Values{"Reason": "busy"}))(t)
	}
	if sub.View == nil || sub.View.Title != "Sure?" {
		t.Errorf("pushed: %+v", sub)
	}
	_, err = b.erik.Submit(slacktest.Values{"Reason": "busy"})
	wantIs(t, err, slacktest.ErrDispatchFailed) // A fourth modal.
	_, err = b.api.UpdateViewContext(t.Context(), modal("Loading"), "", "stale", sub.View.ID)
	wantCode(t, err, "hash_conflict")
	_ = must(b.api.UpdateViewContext(t.Context(), modal("Loaded"), "", "", sub.View.ID))(t)
	_ = must(b.erik.WaitView(func(v slacktest.View) bool { return v.Title == "Loaded" }))(t)

	b.app.answer(nil)
	ok(t, b.erik.CloseView())
	b.app.answer(func(w http.ResponseWriter, _ request) { jsonAnswerf(w, `{"response_action":"clear"}`) })
	if sub = must(b.erik.Submit(slacktest.Values{"Reason": "busy"}))(t); !sub.Closed {
		t.Errorf("cleared: %+v", sub)
	}
}

func TestExternalViewsCanBeRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{NoExternalViews: true})
	_, err := b.api.OpenViewContext(t.Context(), b.trigger(t, b.card(t, b.ext)), modal("Decline"))
	wantCode(t, err, "not_allowed")
}

func TestMessageEvents(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	root := must(b.olivia.Say(b.ops, "root <@"+b.BotUserID()+">"))(t)
	reply := must(b.olivia.Post(slacktest.PostSpec{Channel: b.ops, Thread: root.TS, Text: "reply", Broadcast: true}))(t)
	ok(t, b.olivia.Edit(b.ops, reply.TS, "edited"))
	ok(t, b.Unfurl(b.ops, reply.TS))
	ok(t, b.olivia.Delete(b.ops, root.TS))
	ok(t, b.olivia.Delete(b.ops, reply.TS))
	meta := slack.SlackMetadata{EventType: "taskbridge_delivery", EventPayload: map[string]any{"id": "d1"}}
	_, _, err := b.api.PostMessageContext(t.Context(), b.ops, slack.MsgOptionText("own", false), slack.MsgOptionMetadata(meta))
	ok(t, err)
	b.settle(t)
	if n := len(b.app.inner("app_mention")); n != 1 {
		t.Errorf("%d app_mention events", n)
	}
	ev := b.app.inner("message")
	if len(ev) != 7 {
		t.Fatalf("%d message events", len(ev))
	}
	sub := func(e map[string]any, key string) map[string]any {
		o, _ := e[key].(map[string]any)
		return o
	}
	checks := []struct {
		name string
		ok   bool
	}{
		{"root has no thread_ts", ev[0]["thread_ts"] == nil && ev[0]["client_msg_id"] != nil && ev[0]["channel_type"] == "channel"},
		{"broadcast", ev[1]["subtype"] == "thread_broadcast" && ev[1]["thread_ts"] == root.TS && sub(ev[1], "root")["ts"] == root.TS},
		{"edit", ev[2]["subtype"] == "message_changed" && ev[2]["user"] == nil && ev[2]["ts"] != reply.TS &&
			sub(ev[2], "message")["ts"] == reply.TS && sub(ev[2], "message")["edited"] != nil && sub(ev[2], "previous_message")["text"] == "reply"},
		{"unfurl keeps text and edit", sub(ev[3], "message")["text"] == sub(ev[3], "previous_message")["text"] &&
			fmt.Sprint(sub(ev[3], "message")["edited"]) == fmt.Sprint(sub(ev[3], "previous_message")["edited"])},
		{"tombstone", ev[4]["subtype"] == "message_changed" && sub(ev[4], "message")["subtype"] == "tombstone"},
		{"deleted", ev[5]["subtype"] == "message_deleted" && ev[5]["deleted_ts"] == reply.TS},
		{"own", ev[6]["bot_id"] == b.BotID() && ev[6]["app_id"] == b.AppID() && sub(sub(ev[6], "metadata"), "event_payload")["id"] == "d1"},
	}
	for i, c := range checks {
		if !c.ok {
			t.Errorf("%s: %v", c.name, ev[i])
		}
	}
	// The deleted root leaves nothing to reply to: a late reply lands in the channel.
	_, _, sent, err := b.api.PostMessageWithResponseContext(t.Context(), b.ops, slack.MsgOptionText("late", false), slack.MsgOptionTS("1.000001"))
	ok(t, err)
	if sent.ThreadTimestamp != "" {
		t.Errorf("thread %q", sent.ThreadTimestamp)
	}
	wantIs(t, b.erik.Edit(b.ext, root.TS, "x"), slacktest.ErrUnknown)
}

func TestChannelEvents(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	ok(t, b.Join(b.ops, "carl"))
	ok(t, b.Leave(b.ops, "carl"))
	ok(t, b.Rename(b.ops, "desk"))
	ok(t, b.Archive(b.ops, "olivia"))
	ok(t, b.Unarchive(b.ops, "olivia"))
	ok(t, b.Archive(b.ext, "olivia"))
	ok(t, b.Deactivate("carl"))
	id := must(b.ChangeChannelID(b.ext))(t)
	b.settle(t)
	for _, kind := range []string{
		"member_joined_channel", "member_left_channel", "channel_rename", "channel_archive", "channel_unarchive",
		"group_archive", "user_change", "channel_id_changed",
	} {
		if got := b.app.inner(kind); len(got) != 1 {
			t.Errorf("%s: %v", kind, got)
		}
	}
	if b.ChannelID("ext-berlin-electric") != id || b.Members(b.ext) != nil {
		t.Error("the old id still works")
	}
}

func TestMentions(t *testing.T) {
	t.Parallel()
	m := slacktest.Message{Blocks: []byte(`[
		{"type":"section","text":{"type":"mrkdwn","text":"<!channel> &lt;!here&gt; <@U1|x>"}},
		{"type":"section","text":{"type":"plain_text","text":"<!everyone>"}},
		{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"<!here>"},{"type":"usergroup","usergroup_id":"S1"}]}]}]`)}
	if diff := cmp.Diff([]string{"U1", "channel", "subteam^S1"}, m.Mentions()); diff != "" {
		t.Error(diff)
	}
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }

func body(raw []byte) reader { return reader{bytes.NewReader(raw)} }

func TestAckOfClickIsEmpty(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	b.Allow(slacktest.RuleAckShape)
	ts := b.card(t, b.ext)
	b.app.answer(func(w http.ResponseWriter, _ request) { jsonAnswerf(w, `{"text":"Accepted"}`) })
	ok(t, b.erik.Click(b.ext, ts, "Accept"))
	b.violated(t, slacktest.RuleAckShape)
}

func TestCloseWhileDelivering(t *testing.T) {
	t.Parallel()
	s, err := slacktest.Start(slacktest.Options{})
	ok(t, err)
	ch := s.AddChannel(slacktest.ChannelSpec{Name: "general"})
	p := s.AddUser(slacktest.UserSpec{Name: "olivia"})
	ok(t, s.Join(ch, "olivia"))
	arrived, release := make(chan struct{}, 1), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	}))
	defer server.Close()
	defer close(release)
	s.Connect(slacktest.Endpoints{Base: server.URL})
	_ = must(p.Say(ch, "hello"))(t)
	<-arrived
	s.Close() // It must not wait for the application.
	if v := s.Unallowed(); len(v) != 0 {
		t.Errorf("violations: %v", v)
	}
}
