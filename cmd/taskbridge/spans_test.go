package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
)

// collector takes spans and remembers them.
func collector(t *testing.T, status int) (address string, got chan *http.Request, bodies chan []byte) {
	t.Helper()
	got, bodies = make(chan *http.Request, 10), make(chan []byte, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got <- r
		bodies <- body
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s.URL, got, bodies
}

func TestSpansHangOnTheInbounds(t *testing.T) {
	t.Parallel()
	address, got, bodies := collector(t, http.StatusOK)
	a := newApp(quiet())
	s, err := newSpans(t.Context(), a, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + address + "/", "OTEL_EXPORTER_OTLP_HEADERS=x-key=a%20b, x-more=c"})
	if err != nil || s == nil {
		t.Fatalf("spans %v: %v", s, err)
	}
	key := chat.NewTrace("slack:T1", "Ev1")
	ctx := chat.WithTrace(t.Context(), key)
	began := time.Unix(1_700_000_000, 0)
	s.Handled(ctx, bot.Handled{Workspace: "slack:T1", Kind: "message", Outcome: "ok", Began: began, Took: time.Second})
	s.Handled(ctx, bot.Handled{Workspace: "slack:T1", Kind: "message", Outcome: "repeat", Began: began})
	s.Delivered(ctx, bot.Delivered{Workspace: "slack:T1", Kind: "mirror", Outcome: "postponed", Reason: "unavailable", Attempt: 2, Began: began, Took: time.Second})
	s.Called(ctx, chat.Call{Platform: "slack", Method: "chat.postMessage", Err: &chat.SendError{Reason: chat.Unavailable, Err: errors.New("what people wrote")}})
	s.Called(t.Context(), chat.Call{Platform: "slack", Method: "auth.test"})
	if err := a.stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := <-got
	if r.URL.Path != "/v1/traces" || r.Header.Get("X-Key") != "a b" || r.Header.Get("X-More") != "c" || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %v", r.URL, r.Header)
	}
	body := <-bodies
	var sent otlpRequest
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatal(err)
	}
	list := sent.ResourceSpans[0].ScopeSpans[0].Spans
	if len(list) != 3 {
		t.Fatalf("%d spans: %s", len(list), body)
	}
	root := list[0]
	if root.TraceID != key || root.SpanID != key[16:] || root.ParentSpanID != "" || root.Kind != 2 ||
		root.Start != "1700000000000000000" || root.End != "1700000001000000000" || root.Status.Code != 0 {
		t.Errorf("the inbound's span is %+v", root)
	}
	for _, child := range list[1:] {
		if child.TraceID != key || child.ParentSpanID != root.SpanID || child.SpanID == root.SpanID || child.Status.Message != "unavailable" {
			t.Errorf("a span of it is %+v", child)
		}
	}
	for _, want := range []string{`"taskbridge"`, `"service.name"`, `"deliver mirror"`, `"slack chat.postMessage"`} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s is missing in %s", want, body)
		}
	}
	if strings.Contains(string(body), "people wrote") {
		t.Errorf("an error's text was sent: %s", body)
	}
}

func TestTracesAreOffUnlessAsked(t *testing.T) {
	t.Parallel()
	const on = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"
	for name, environ := range map[string][]string{
		"nothing": nil, "disabled": {on, "OTEL_SDK_DISABLED=TRUE"}, "no exporter": {on, "OTEL_TRACES_EXPORTER=none"},
	} {
		if s, err := newSpans(t.Context(), newApp(quiet()), environ); s != nil || err != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	for name, line := range map[string]string{
		"gRPC": "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "a wrong time": "OTEL_EXPORTER_OTLP_TIMEOUT=soon",
		"wrong headers": "OTEL_EXPORTER_OTLP_HEADERS=secret-key", "a wrong address": "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=secret-key",
	} {
		s, err := newSpans(t.Context(), newApp(quiet()), []string{on, line})
		if s != nil || err == nil || strings.Contains(err.Error(), "secret-key") {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

// A collector that fails holds nothing up.
func TestSpansThatCannotBeSentAreLost(t *testing.T) {
	t.Parallel()
	address, got, _ := collector(t, http.StatusInternalServerError)
	a := newApp(quiet())
	s, err := newSpans(t.Context(), a, []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + address + "/own"})
	if err != nil {
		t.Fatal(err)
	}
	s.Handled(chat.WithTrace(t.Context(), chat.NewTrace("a", "b")), bot.Handled{Kind: "message", Outcome: "ok"})
	if err := a.stop(t.Context()); err != nil {
		t.Error(err)
	}
	if r := <-got; r.URL.Path != "/own" {
		t.Errorf("sent to %s", r.URL)
	}
}
