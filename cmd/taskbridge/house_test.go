package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/web"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// The people of a house, by what they are there. A customer has no account.
const (
	nobody        = "nobody"
	operator      = "operator"
	administrator = "administrator"
	manager       = "manager"
	firmA         = "firm A"
	firmB         = "firm B"
	external      = "external"
)

// house is the whole service with a workspace in the browser, two firms with a job each,
// and people with sessions, for tests of who may do what over HTTP.
type house struct {
	t       *testing.T
	app     *app
	station *station
	web     *web.Adapter
	past    *pastClock
	// sessions are cookies by role; ids are people's.
	sessions, ids map[string]string
	// rooms are channels' ids by name, cards the roots in them.
	rooms, cards map[string]string
}

// openHouse starts the service in this process.
func openHouse(t *testing.T) *house {
	t.Helper()
	folder := t.TempDir()
	cfg, err := loadConfig("", []string{
		variable(keyListen) + "=127.0.0.1:0", variable(keyWebEnabled) + "=true", variable(keyLogLevel) + "=error",
		variable(keyDatabaseURL) + "=sqlite:" + filepath.Join(folder, "house.db"), variable(keyFilesURL) + "=file:" + filepath.Join(folder, "files"),
		variable(keyAPIToken) + "=" + strings.Repeat("token-of-the-api", 3), variable(keyFilesMax) + "=1MiB",
	})
	must(t, err)
	past := &pastClock{}
	// Sessions are tried out beyond their end, so that time has to be able to pass.
	past.lag = 60 * 24 * time.Hour
	cfg.web.now = past.now
	a := newApp(quiet())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		must(t, a.stop(ctx))
	})
	s, err := start(t.Context(), a, &process{stdout: io.Discard, stderr: io.Discard}, cfg)
	must(t, err)
	must(t, s.ready(t.Context()))
	b, err := s.browser()
	must(t, err)
	h := &house{t: t, app: a, station: s, web: b, past: past, sessions: map[string]string{}, ids: map[string]string{}, rooms: map[string]string{}, cards: map[string]string{}}
	for _, name := range []string{web.Operations, web.Managers} {
		c, err := b.Channel(t.Context(), name)
		must(t, err)
		h.rooms[name] = c.ID
	}
	h.person(operator, storage.Talker{Name: "Olivia", Email: "olivia@example.org", Kind: string(chat.Member)}, web.Operations)
	h.person(administrator, storage.Talker{Name: "Ada", Email: "ada@example.org", Kind: string(chat.Member), Admin: true}, web.Operations)
	h.person(manager, storage.Talker{Name: "Priya", Email: "priya@example.org", Kind: string(chat.Member)}, web.Managers)
	h.person(external, storage.Talker{Name: "Eve", Email: "eve@example.org", Kind: string(chat.Guest)}, "")
	h.firm("Acme")
	h.firm("Bright")
	h.person(firmA, storage.Talker{Name: "Ben", Email: "ben@example.org", Kind: string(chat.Guest)}, "Acme")
	h.person(firmB, storage.Talker{Name: "Mia", Email: "mia@example.org", Kind: string(chat.Guest)}, "Bright")
	h.job(1, "Boiler of Acme", "Acme")
	h.job(2, "Lock of Bright", "Bright")
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// person makes an account in a channel and signs it in.
func (h *house) person(role string, p storage.Talker, channel string) {
	h.t.Helper()
	who, err := h.web.AddPerson(h.t.Context(), p)
	must(h.t, err)
	if channel != "" {
		must(h.t, h.web.AddMembers(h.t.Context(), h.rooms[channel], []string{who.ID}))
	}
	h.ids[role] = who.ID
	h.sessions[role] = h.signIn(role)
}

// link gives a sign-in link of a person's, as a path.
func (h *house) link(role string) string {
	h.t.Helper()
	address, err := h.web.IssueLink(h.t.Context(), h.ids[role])
	must(h.t, err)
	return strings.TrimPrefix(address, h.station.address)
}

func (h *house) signIn(role string) string {
	h.t.Helper()
	a := h.send(nobody, http.MethodPost, h.link(role), nil)
	for _, c := range a.cookies {
		if c.Name == "taskbridge" {
			return c.Value
		}
	}
	h.t.Fatalf("%s got no session: %d %s", role, a.status, a.text)
	return ""
}

// answered is what came back.
type answered struct {
	status  int
	text    string
	header  http.Header
	cookies []*http.Cookie
}

// request makes a request of a role's.
func (h *house) request(role, method, path string, values url.Values) *http.Request {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.station.address+path, strings.NewReader(values.Encode()))
	must(h.t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s := h.sessions[role]; s != "" {
		r.AddCookie(&http.Cookie{Name: "taskbridge", Value: s})
	}
	return r
}

// do sends a request as it is; a redirection is an answer. Of a stream as much is read
// as comes before the list of channels, which ends what was missed.
func (h *house) do(r *http.Request) answered {
	h.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	must(h.t, err)
	defer res.Body.Close()
	a := answered{status: res.StatusCode, header: res.Header, cookies: res.Cookies()}
	var text bytes.Buffer
	part := make([]byte, 16<<10)
	for {
		n, err := res.Body.Read(part)
		text.Write(part[:n])
		a.text = text.String()
		if errors.Is(err, io.EOF) || strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") && strings.Contains(a.text, "event: rooms") {
			return a
		}
		must(h.t, err)
	}
}

func (h *house) send(role, method, path string, values url.Values) answered {
	h.t.Helper()
	return h.do(h.request(role, method, path, values))
}

// says gives a command or says something, which has to be taken.
func (h *house) says(role, channel, thread, text string) answered {
	h.t.Helper()
	a := h.send(role, http.MethodPost, web.Prefix+"/c/"+h.rooms[channel]+"/say", url.Values{"text": {text}, "thread": {thread}})
	if a.status >= 300 {
		h.t.Fatalf("%s says %q: %d %s", role, text, a.status, a.text)
	}
	return a
}

// attaches says something with a file.
func (h *house) attaches(role, channel, thread, name, contentType string, content []byte) answered {
	h.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	must(h.t, w.WriteField("text", "See "+name))
	must(h.t, w.WriteField("thread", thread))
	part, err := w.CreatePart(map[string][]string{
		"Content-Disposition": {fmt.Sprintf(`form-data; name="files"; filename=%q`, name)}, "Content-Type": {contentType},
	})
	must(h.t, err)
	_, err = part.Write(content)
	must(h.t, err)
	must(h.t, w.Close())
	r := h.request(role, http.MethodPost, web.Prefix+"/c/"+h.rooms[channel]+"/say", nil)
	r.Body, r.ContentLength = io.NopCloser(&b), int64(b.Len())
	r.Header.Set("Content-Type", w.FormDataContentType())
	return h.do(r)
}

// until waits for a fact.
func (h *house) until(what string, fact func() bool) {
	h.t.Helper()
	late, tick := time.After(patience), time.NewTicker(2*time.Millisecond)
	defer tick.Stop()
	for !fact() {
		select {
		case <-tick.C:
		case <-late:
			h.t.Fatalf("never came to be: %s", what)
		}
	}
}

func (h *house) firm(name string) {
	h.t.Helper()
	h.says(operator, web.Operations, "", "/task contractor add Leeds | "+name)
	h.until("the channel of "+name, func() bool {
		firms, err := h.station.engine.Contractors(h.t.Context())
		must(h.t, err)
		for _, f := range firms {
			if f.Company == name && len(f.Channels) > 0 {
				h.rooms[name] = f.Channels[0].ID
				return true
			}
		}
		return false
	})
}

// job makes a task and offers it to a firm, with an internal note beneath the desk's card.
func (h *house) job(number int, title, firm string) {
	h.t.Helper()
	h.says(operator, web.Operations, "", "/task new "+title)
	h.says(operator, web.Operations, "", fmt.Sprintf("/task assign %d %s", number, firm))
	h.cards[firm] = h.card(firm, number)
	desk := h.card(web.Operations, number)
	h.cards[web.Operations] = desk
	h.says(operator, web.Operations, desk, "Internal note on "+title)
}

// card waits for a job's card in a channel.
func (h *house) card(channel string, number int) string {
	h.t.Helper()
	id := ""
	h.until(fmt.Sprintf("the card of #%d in %s", number, channel), func() bool {
		for _, m := range h.messages(channel, "") {
			var shown chat.Message
			if json.Unmarshal([]byte(m.Body), &shown) == nil && strings.HasPrefix(shown.Title, fmt.Sprintf("#%d ", number)) {
				id = m.ID
				return true
			}
		}
		return false
	})
	return id
}

// messages are what stands in a channel, or beneath a root, whoever it is for.
func (h *house) messages(channel, thread string) []storage.TalkMessage {
	h.t.Helper()
	var all []storage.TalkMessage
	for _, reader := range slices.Concat([]string{""}, slices.Sorted(valuesOf(h.ids))) {
		list, err := h.station.store.ListTalk(h.t.Context(), "main", storage.TalkFilter{Room: h.rooms[channel], Thread: thread, Reader: reader, Limit: 500})
		must(h.t, err)
		for _, m := range list {
			if !slices.ContainsFunc(all, func(x storage.TalkMessage) bool { return x.ID == m.ID }) {
				all = append(all, m)
			}
		}
	}
	return all
}

func valuesOf(m map[string]string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// said finds the message with a text.
func (h *house) said(channel, thread, text string) storage.TalkMessage {
	h.t.Helper()
	for _, m := range h.messages(channel, thread) {
		if strings.Contains(m.Text+m.Body, text) {
			return m
		}
	}
	h.t.Fatalf("nobody said %q in %s", text, channel)
	return storage.TalkMessage{}
}

// state is where a job stands with its firm.
func (h *house) state(number int) string {
	h.t.Helper()
	i, err := h.station.engine.Issue(h.t.Context(), number)
	must(h.t, err)
	return i.Assignments[len(i.Assignments)-1].Status
}

// change is the number of the workspace's last change.
func (h *house) change() int64 {
	h.t.Helper()
	h.settled()
	n, err := h.station.store.TalkChange(h.t.Context(), "main")
	must(h.t, err)
	return n
}

// settled waits until nothing is sent any more, now or soon: what the service shows by
// itself is nobody's doing.
func (h *house) settled() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		waiting, err := h.station.store.ListDeliveries(ctx, storage.ListDeliveriesParams{Limit: 100})
		must(h.t, err)
		soon := time.Now().Add(time.Hour)
		if !slices.ContainsFunc(waiting, func(w storage.Waiting) bool { return w.InFlight || w.NotBefore.Before(soon) }) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			h.t.Fatalf("%d messages wait to be sent and are not", len(waiting))
		}
	}
}

var formToken = regexp.MustCompile(`name="token" value="([^"]*)"`)
