package main

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// double behaves towards the benchmark as taskbridge promises to: it answers
// slash commands, posts cards to the stand-in and takes replies and clicks.
type double struct {
	stub *slackStub
	show bool // answer /task show with the card

	mu       sync.Mutex
	number   int
	channels map[string]string // by firm
	status   map[int]string
	cards    map[int]string // blocks
	ids      map[string]int // event and trigger ids, with how often
	badSign  int
	inFirst  int // clicks that changed something
}

func (d *double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Method == http.MethodPost {
		want := "v0=" + string(newSigner(signingSecret).sign([]byte(r.Header.Get("X-Slack-Request-Timestamp")), body))
		if !hmac.Equal([]byte(want), []byte(r.Header.Get("X-Slack-Signature"))) {
			d.mu.Lock()
			d.badSign++
			d.mu.Unlock()
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case r.URL.Path == "/slack/commands":
		form, _ := url.ParseQuery(string(body))
		_, _ = io.WriteString(w, d.command(form.Get("text"), form.Get("user_id"), form.Get("channel_id")))
	case r.URL.Path == "/slack/events":
		var e struct {
			ID string `json:"event_id"`
		}
		_ = json.Unmarshal(body, &e)
		d.ids[e.ID]++
	case r.URL.Path == "/slack/interactions":
		form, _ := url.ParseQuery(string(body))
		var c struct {
			Trigger string `json:"trigger_id"`
			Actions []struct {
				Value string `json:"value"`
			} `json:"actions"`
		}
		_ = json.Unmarshal([]byte(form.Get("payload")), &c)
		d.ids[c.Trigger]++
		n, _ := strconv.Atoi(strings.TrimPrefix(c.Actions[0].Value, "sealed-"))
		if d.status[n] == "assigned" {
			d.status[n] = "accepted"
			d.inFirst++
		}
	case strings.HasPrefix(r.URL.Path, "/api/v1/issues/"):
		n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/api/v1/issues/"))
		fmt.Fprintf(w, `{"number":%d,"assignments":[{"status":%q}]}`, n, d.status[n])
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (d *double) command(text, user, channel string) string {
	words := strings.Fields(text)
	switch {
	case words[0] == "contractor":
		firm := strings.ToLower(words[len(words)-1])
		var answer struct {
			Channel struct {
				ID string `json:"id"`
			} `json:"channel"`
		}
		d.slack("conversations.create", url.Values{"name": {"ext-leeds-" + firm}, "is_private": {"true"}}, &answer)
		d.channels[firm] = answer.Channel.ID
		return "Added."
	case words[0] == "new":
		d.number++
		return fmt.Sprintf(`{"text":"Created #%d."}`, d.number)
	case words[0] == "assign":
		n, _ := strconv.Atoi(words[1])
		d.status[n] = "assigned"
		d.cards[n] = fmt.Sprintf(`[{"type":"actions","block_id":"a","elements":[{"type":"button","action_id":"x1","text":{"type":"plain_text","text":"Accept"},"value":"sealed-%d"}]}]`, n)
		d.slack("chat.postMessage", url.Values{"channel": {d.channels[words[2]]}, "blocks": {d.cards[n]}}, nil)
		return "Offered."
	case words[0] == "show" && d.show && user == firmUser:
		n, _ := strconv.Atoi(words[1])
		return `{"blocks":` + d.cards[n] + `}`
	default:
		return "Fine."
	}
}

func (d *double) slack(method string, args url.Values, into any) {
	resp, err := http.PostForm(d.stub.apiURL()+method, args)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	if into != nil {
		_ = json.NewDecoder(resp.Body).Decode(into)
	}
}

func TestSeedAndSlicesAgainstADouble(t *testing.T) {
	t.Parallel()
	for _, show := range []bool{true, false} {
		t.Run(fmt.Sprintf("show=%v", show), func(t *testing.T) {
			t.Parallel()
			stub, err := startSlackStub()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stub.close)
			d := &double{stub: stub, show: show, channels: map[string]string{}, status: map[int]string{}, cards: map[int]string{}, ids: map[string]int{}}
			front := httptest.NewServer(d)
			t.Cleanup(front.Close)
			self, err := os.FindProcess(os.Getpid())
			if err != nil {
				t.Fatal(err)
			}
			s := &server{
				process: &process{name: taskbridgeSQLite, exited: make(chan struct{}), cmd: &exec.Cmd{Process: self}},
				addr:    front.Listener.Addr().String(), slack: stub,
			}
			plan := seedPlan{contractors: 3, threads: 6, targets: 600, limit: time.Minute}
			if _, err := seed(t.Context(), s, plan, t.Logf); err != nil {
				t.Fatal(err)
			}
			if len(s.threads) != 6 || len(s.buttons) != 600 {
				t.Fatalf("%d threads, %d buttons", len(s.threads), len(s.buttons))
			}
			checkSlices(t, d, s)
		})
	}
}

func checkSlices(t *testing.T, d *double, s *server) {
	t.Helper()
	r := &runner{servers: []*server{s}, rounds: 1, conns: 4, progress: t.Logf}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tables, err := r.drive(ctx, []section{
		{"replies", "", replies, 0, 200 * time.Millisecond},
		{"clicks", "", clicks, 0, 20 * time.Second}, // ends early, when its 300 buttons are pressed
		{"steady-clicks", "", clicks, 1000, 20 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	var click, steady sample = tables[1].samples[s.name][0], tables[2].samples[s.name][0]
	if click.Requests != 300 || click.Repeated != 0 || click.Failed != 0 {
		t.Errorf("clicks: %+v", click.loadResult)
	}
	if steady.Requests != 300 || steady.Repeated != 0 || steady.Failed != 0 || steady.Elapsed < 290*time.Millisecond {
		t.Errorf("steady clicks: %+v", steady.loadResult)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.badSign != 0 {
		t.Errorf("%d requests with a bad signature", d.badSign)
	}
	if d.inFirst != 606 {
		t.Errorf("%d clicks changed something, want the 6 threads and 600 buttons", d.inFirst)
	}
	for id, n := range d.ids {
		if n != 1 {
			t.Errorf("id %q was sent %d times", id, n)
		}
	}
}
