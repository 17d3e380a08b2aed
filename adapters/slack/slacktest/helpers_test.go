package slacktest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/slack-go/slack"

	"taskbridge/adapters/slack/slacktest"
)

// request is what the test application got.
type request struct {
	path   string
	header http.Header
	body   []byte
}

func (r request) form() url.Values {
	v, _ := url.ParseQuery(string(r.body))
	return v
}

// payload decodes an interactive payload.
func (r request) payload() map[string]any {
	var out map[string]any
	_ = json.Unmarshal([]byte(r.form().Get("payload")), &out)
	return out
}

// event decodes an event envelope.
func (r request) event() (envelope, inner map[string]any) {
	_ = json.Unmarshal(r.body, &envelope)
	inner, _ = envelope["event"].(map[string]any)
	return envelope, inner
}

// app is an application that keeps what it got and answers as told.
type app struct {
	mu      sync.Mutex
	got     []request
	respond func(w http.ResponseWriter, r request)
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	req := request{path: r.URL.Path, header: r.Header, body: body}
	a.mu.Lock()
	a.got = append(a.got, req)
	respond := a.respond
	a.mu.Unlock()
	if respond != nil {
		respond(w, req)
	}
}

func (a *app) answer(f func(w http.ResponseWriter, r request)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.respond = f
}

func (a *app) requests(path string) []request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.got), func(r request) bool { return r.path != path })
}

// inner returns the inner events of one type, in the order of arrival.
func (a *app) inner(kind string) []map[string]any {
	var out []map[string]any
	for _, r := range a.requests("/slack/events") {
		if _, ev := r.event(); ev["type"] == kind {
			out = append(out, ev)
		}
	}
	return out
}

// bundle is a workspace with a desk, a firm and a connected application.
type bundle struct {
	*slacktest.Server
	app                *app
	api                *slack.Client
	olivia, carl, erik *slacktest.Person // operator, guest, person of another organisation
	ops, ext           string
}

func setup(t *testing.T, o slacktest.Options) *bundle {
	t.Helper()
	s := slacktest.New(t, o)
	if s == nil {
		t.FailNow()
	}
	a := &app{}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	b := &bundle{
		Server: s, app: a, api: slack.New(s.BotToken(), slack.OptionAPIURL(s.URL()), slack.OptionAppLevelToken(s.AppToken())),
		olivia: s.AddUser(slacktest.UserSpec{Name: "olivia", Admin: true}),
		carl:   s.AddUser(slacktest.UserSpec{Name: "carl", Guest: true}),
		erik:   s.AddUser(slacktest.UserSpec{Name: "erik", Team: "Erik Electric"}),
	}
	b.ops = s.AddChannel(slacktest.ChannelSpec{Name: "operations", Members: []string{"olivia"}})
	b.ext = s.AddChannel(slacktest.ChannelSpec{Name: "ext-berlin-electric", Private: true, Members: []string{"olivia", "erik"}})
	s.Connect(slacktest.Endpoints{Base: server.URL})
	return b
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) settle(t *testing.T) {
	t.Helper()
	ok(t, b.Settle())
}

// violated checks that exactly this rule was breached so far.
func (b *bundle) violated(t *testing.T, rule slacktest.Rule) {
	t.Helper()
	for _, v := range b.Violations() {
		if v.Rule == rule {
			return
		}
	}
	t.Errorf("no violation of %s, there are %v", rule, b.Violations())
}

// card posts a message with two buttons and a menu.
func (b *bundle) card(t *testing.T, channel string) string {
	t.Helper()
	blocks := []slack.Block{
		slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*Job 1*", false, false), nil, nil),
		slack.NewActionBlock(
			"acts",
			slack.NewButtonBlockElement("accept", "1", slack.NewTextBlockObject("plain_text", "Accept", false, false)),
			slack.NewButtonBlockElement("decline", "1", slack.NewTextBlockObject("plain_text", "Decline", false, false)),
			slack.NewOptionsSelectBlockElement(
				"static_select", slack.NewTextBlockObject("plain_text", "Reason", false, false), "reason",
				slack.NewOptionBlockObject("far", slack.NewTextBlockObject("plain_text", "Too far", false, false), nil),
			),
		),
	}
	_, ts, err := b.api.PostMessageContext(t.Context(), channel, slack.MsgOptionText("Job 1", false), slack.MsgOptionBlocks(blocks...))
	ok(t, err)
	return ts
}

func jsonAnswerf(w http.ResponseWriter, format string, args ...any) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, format, args...)
}

// recorder is a TB that keeps failures.
type recorder struct {
	lines   []string
	cleanup []func()
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func (r *recorder) Cleanup(f func()) { r.cleanup = append(r.cleanup, f) }

func (r *recorder) end() {
	for _, f := range slices.Backward(r.cleanup) {
		f()
	}
}
