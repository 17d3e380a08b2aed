package slacktest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"taskbridge/adapters/slack/slacktest"
)

// frame is anything the server sends.
type frame struct {
	Type         string          `json:"type"`
	Reason       string          `json:"reason"`
	EnvelopeID   string          `json:"envelope_id"`
	Accepts      bool            `json:"accepts_response_payload"`
	RetryAttempt int             `json:"retry_attempt"`
	RetryReason  string          `json:"retry_reason"`
	Connections  int             `json:"num_connections"`
	Payload      json.RawMessage `json:"payload"`
}

// dial opens a connection by hand and gives its frames.
func (b *bundle) dial(t *testing.T) (*websocket.Conn, <-chan frame) {
	t.Helper()
	_, link, err := b.api.StartSocketModeContext(t.Context())
	ok(t, err)
	ws, res, err := websocket.DefaultDialer.DialContext(t.Context(), link, nil)
	ok(t, err)
	_ = res.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	frames := make(chan frame, 100)
	go func() {
		defer close(frames)
		for {
			var f frame
			if ws.ReadJSON(&f) != nil {
				return
			}
			frames <- f
		}
	}()
	if hello := next(t, frames); hello.Type != "hello" {
		t.Fatalf("first frame: %+v", hello)
	}
	return ws, frames
}

func next(t *testing.T, frames <-chan frame) frame {
	t.Helper()
	select {
	case f, open := <-frames:
		if !open {
			t.Fatal("the connection is closed")
		}
		return f
	case <-time.After(time.Minute):
		t.Fatal("no frame")
	}
	return frame{}
}

func socketSetup(t *testing.T, o slacktest.Options) *bundle {
	t.Helper()
	b := setup(t, o)
	b.Connect(slacktest.Endpoints{Socket: true})
	return b
}

func TestSocketModeWithClient(t *testing.T) {
	t.Parallel()
	b := socketSetup(t, slacktest.Options{})
	client := socketmode.New(b.api)
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	defer done.Wait()
	defer cancel()
	done.Go(func() { _ = client.RunContext(ctx) })
	texts := make(chan string, 10)
	done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-client.Events:
				switch data := e.Data.(type) {
				case slackevents.EventsAPIEvent:
					if m, isMessage := data.InnerEvent.Data.(*slackevents.MessageEvent); isMessage {
						texts <- m.Text
					}
					_ = client.Ack(*e.Request)
				case slack.SlashCommand:
					_ = client.Ack(*e.Request, map[string]any{"text": "got " + data.Text})
				case slack.InteractionCallback:
					texts <- data.ActionCallback.BlockActions[0].ActionID
					_ = client.Ack(*e.Request)
				}
			}
		}
	})
	ok(t, b.WaitSockets(1))
	_ = must(b.olivia.Say(b.ops, "hello"))(t)
	if got := <-texts; got != "hello" {
		t.Errorf("event text %q", got)
	}
	if got := must(b.olivia.Command(b.ops, "/task list"))(t); got.Text != "got list" {
		t.Errorf("answer %q", got.Text)
	}
	ts := b.card(t, b.ops)
	<-texts
	ok(t, b.olivia.Click(b.ops, ts, "Accept"))
	if got := <-texts; got != "accept" {
		t.Errorf("action %q", got)
	}
	b.Disconnect(slacktest.DisconnectRefresh)
	_ = must(b.olivia.Say(b.ops, "after the refresh"))(t)
	if got := <-texts; got != "after the refresh" {
		t.Errorf("event text %q", got)
	}
	b.settle(t)
}

func TestSocketRedelivery(t *testing.T) {
	t.Parallel()
	b := socketSetup(t, slacktest.Options{AckTimeout: 50 * time.Millisecond})
	b.Allow(slacktest.RuleAck)
	_, first := b.dial(t)
	_ = must(b.olivia.Say(b.ops, "hello"))(t)
	one := next(t, first)
	two := next(t, first)
	if one.Type != "events_api" || one.Accepts || one.RetryAttempt != 0 || two.RetryAttempt != 1 || two.RetryReason != "http_timeout" {
		t.Errorf("frames: %+v %+v", one, two)
	}
	if string(one.Payload) != string(two.Payload) || one.EnvelopeID == two.EnvelopeID {
		t.Error("a redelivery has the same payload in another envelope")
	}
	b.settle(t)
	b.violated(t, slacktest.RuleAck)
	// A minute on the next try comes, to whichever connection is there.
	b.DropSockets()
	ok(t, b.WaitSockets(0))
	ws, second := b.dial(t)
	// This one is acknowledged, however busy the machine is.
	b.SetAckTimeout(time.Minute)
	b.Advance(time.Minute)
	three := next(t, second)
	ok(t, ws.WriteJSON(map[string]string{"envelope_id": three.EnvelopeID}))
	d := must(b.WaitDelivery(func(d slacktest.Delivery) bool { return d.Retry == 2 }))(t)
	if three.RetryAttempt != 2 || d.Failed != "" {
		t.Errorf("third: %+v %+v", three, d)
	}
}

func TestSocketSpreadsDeliveries(t *testing.T) {
	t.Parallel()
	b := socketSetup(t, slacktest.Options{})
	counts := make(chan int, 2)
	var readers sync.WaitGroup
	for i := range 2 {
		ws, frames := b.dial(t)
		readers.Go(func() {
			for f := range frames {
				if f.EnvelopeID != "" {
					_ = ws.WriteJSON(map[string]string{"envelope_id": f.EnvelopeID})
					counts <- i
				}
			}
		})
	}
	ok(t, b.WaitSockets(2))
	seen := map[int]int{}
	for range 4 {
		_ = must(b.olivia.Say(b.ops, "x"))(t)
		seen[<-counts]++
	}
	if diff := cmp.Diff(map[int]int{0: 2, 1: 2}, seen); diff != "" {
		t.Error(diff)
	}
	b.settle(t)
	b.DropSockets()
	readers.Wait()
}

func TestSocketAnswerSize(t *testing.T) {
	t.Parallel()
	b := socketSetup(t, slacktest.Options{AckTimeout: 200 * time.Millisecond})
	b.Allow(slacktest.RuleAckSize, slacktest.RuleAck, slacktest.RuleAckShape)
	ws, frames := b.dial(t)
	answer := func(text string) {
		f := next(t, frames)
		_ = ws.WriteJSON(map[string]any{"envelope_id": f.EnvelopeID, "payload": map[string]string{"text": text}})
	}
	var done sync.WaitGroup
	done.Go(func() { answer(strings.Repeat("x", 20*1024)) })
	_, err := b.olivia.Command(b.ops, "/task list")
	wantIs(t, err, slacktest.ErrOperationTimeout)
	b.violated(t, slacktest.RuleAckSize)
	done.Wait()
	// This one is read, however busy the machine is.
	b.SetAckTimeout(time.Minute)
	_ = must(b.olivia.Say(b.ops, "x"))(t)
	answer("events take no answer")
	b.settle(t)
	b.violated(t, slacktest.RuleAckShape)
}

func TestSocketDisconnects(t *testing.T) {
	t.Parallel()
	b := socketSetup(t, slacktest.Options{})
	_, frames := b.dial(t)
	b.Disconnect(slacktest.DisconnectWarning)
	if f := next(t, frames); f.Reason != "warning" {
		t.Errorf("frame: %+v", f)
	}
	ok(t, b.WaitSockets(1))
	b.Advance(10 * time.Second)
	if f := next(t, frames); f.Reason != "refresh_requested" {
		t.Errorf("frame: %+v", f)
	}
	b.Advance(10 * time.Second)
	if _, open := <-frames; open {
		t.Error("still open ten seconds after the refresh")
	}
	_, frames = b.dial(t)
	b.Disconnect(slacktest.DisconnectLinkDisabled)
	if f := next(t, frames); f.Reason != "link_disabled" {
		t.Errorf("frame: %+v", f)
	}
	_, _, err := b.api.StartSocketModeContext(t.Context())
	wantCode(t, err, "socket_mode_disabled")
	b.EnableLink()
	_, _ = b.dial(t)
}

func TestSocketTokenInHeaderAndTicketOnce(t *testing.T) {
	t.Parallel()
	b := socketSetup(t, slacktest.Options{})
	b.Allow(slacktest.RuleAuth)
	_, link, err := b.api.StartSocketModeContext(t.Context())
	ok(t, err)
	for i := range 2 {
		ws, res, err := websocket.DefaultDialer.DialContext(t.Context(), link, nil)
		_ = res.Body.Close()
		if (err == nil) != (i == 0) {
			t.Errorf("use %d: %v", i+1, err)
		}
		if err == nil {
			_ = ws.Close()
		}
	}
	req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL()+"apps.connections.open", strings.NewReader("token="+b.AppToken())))(t)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res := must(http.DefaultClient.Do(req))(t)
	_ = res.Body.Close()
	if calls := b.Calls("apps.connections.open"); calls[len(calls)-1].Error != "invalid_auth" {
		t.Errorf("token as a parameter: %+v", calls)
	}
}

// TestAcknowledgementCountsFromTheEnvelope: an application that connects late has all
// of its time from then on.
func TestAcknowledgementCountsFromTheEnvelope(t *testing.T) {
	t.Parallel()
	const ack = 800 * time.Millisecond
	b := socketSetup(t, slacktest.Options{AckTimeout: ack})
	_ = must(b.olivia.Say(b.ops, "while nobody listens"))(t)
	<-time.After(ack * 3 / 4)
	ws, frames := b.dial(t)
	got := next(t, frames)
	<-time.After(ack * 3 / 4)
	ok(t, ws.WriteJSON(map[string]string{"envelope_id": got.EnvelopeID}))
	d := must(b.WaitDelivery(func(d slacktest.Delivery) bool { return d.Status == http.StatusOK }))(t)
	if d.Retry != got.RetryAttempt {
		t.Errorf("try %d was acknowledged, want %d", d.Retry, got.RetryAttempt)
	}
}
