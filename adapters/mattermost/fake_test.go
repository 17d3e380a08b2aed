package mattermost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/gorilla/websocket"

	"taskbridge/bot/chat"
)

const testToken = "s3cr3t-bot-token"

// id makes an id of Mattermost's shape out of a few letters.
func id(s string) string { return (s + strings.Repeat("0", 26))[:26] }

var (
	botID  = id("bot")
	annID  = id("ann")
	teamID = id("team")
	chanID = id("chan")
)

// fakeServer plays the parts of a Mattermost server that the adapter talks to.
type fakeServer struct {
	t    *testing.T
	http *httptest.Server
	mux  *mux.Router

	// shared is whether the channel is shared with another server.
	shared atomic.Bool

	mu       sync.Mutex
	posts    map[string]*post
	pending  map[string]string
	users    map[string]user
	calls    []string
	conns    map[string]*fakeConn
	nextConn int
	// sinceCalls counts reads of the change feed.
	sinceCalls int
	failNext   func(w http.ResponseWriter, r *http.Request) bool
	opened     []openDialog
	refuseOpen bool
	resumed    []string
}

// fakeConn is a websocket connection that outlives its transport, as the server's
// resumable ones do.
type fakeConn struct {
	id   string
	sent [][]byte
	ws   *websocket.Conn
}

func newFake(t *testing.T) *fakeServer {
	t.Helper()
	f := &fakeServer{
		t: t, posts: map[string]*post{}, pending: map[string]string{}, conns: map[string]*fakeConn{},
		users: map[string]user{
			botID: {ID: botID, Username: "taskbridge", Roles: "system_user", IsBot: true},
			annID: {ID: annID, Username: "ann", FirstName: "Ann", LastName: "Lee", Roles: "system_user"},
		},
	}
	r := mux.NewRouter()
	f.mux = r
	api := r.PathPrefix("/api/v4").Subrouter()
	api.HandleFunc("/users/me", func(w http.ResponseWriter, _ *http.Request) { reply(w, f.users[botID]) })
	api.HandleFunc("/users/ids", func(w http.ResponseWriter, r *http.Request) {
		var ids []string
		_ = json.NewDecoder(r.Body).Decode(&ids)
		var out []user
		for _, i := range ids {
			if u, ok := f.users[i]; ok {
				out = append(out, u)
			}
		}
		reply(w, out)
	})
	api.HandleFunc("/users/{id:[a-z0-9]{26}}", func(w http.ResponseWriter, r *http.Request) {
		u, ok := f.users[mux.Vars(r)["id"]]
		if !ok {
			fail(w, 404, "app.user.missing_account.const")
			return
		}
		reply(w, u)
	})
	api.HandleFunc("/teams/name/desk", func(w http.ResponseWriter, _ *http.Request) { reply(w, team{ID: teamID, Name: "desk"}) })
	api.HandleFunc("/teams/{t}/members/{u}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, teamMember{TeamID: teamID, UserID: mux.Vars(r)["u"], Roles: "team_user"})
	})
	api.HandleFunc("/config/client", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]string{"MaxPostSize": "16383", "SiteURL": "https://chat.example.org", "EnableCommands": "true", "PostEditTimeLimit": "-1", "EnablePostUsernameOverride": "true"})
	})
	api.HandleFunc("/channels/direct", func(w http.ResponseWriter, _ *http.Request) { reply(w, channel{ID: id("direct"), Type: "D"}) })
	api.HandleFunc("/channels/{id}/posts", f.servePosts).Methods(http.MethodGet)
	api.HandleFunc("/channels/{id}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, channel{ID: mux.Vars(r)["id"], TeamID: teamID, Name: "ext-berlin-acme", Type: "P", Shared: f.shared.Load()})
	}).Methods(http.MethodGet)
	api.HandleFunc("/posts", f.serveCreate).Methods(http.MethodPost)
	api.HandleFunc("/actions/dialogs/open", func(w http.ResponseWriter, r *http.Request) {
		var d openDialog
		_ = json.NewDecoder(r.Body).Decode(&d)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.refuseOpen {
			fail(w, 400, "interactive_message.decode_trigger_id.expired")
			return
		}
		f.opened = append(f.opened, d)
		reply(w, map[string]string{"status": "OK"})
	})
	api.HandleFunc("/websocket", f.serveSocket)
	f.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+testToken {
			fail(w, 401, "api.context.session_expired.app_error")
			return
		}
		f.mu.Lock()
		f.calls = append(f.calls, r.Method+" "+r.URL.Path)
		hook := f.failNext
		f.mu.Unlock()
		if hook != nil && hook(w, r) {
			return
		}
		r2 := r
		f.mux.ServeHTTP(w, r2)
	}))
	t.Cleanup(func() {
		f.cut()
		f.http.Close()
	})
	return f
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, errID string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"id": errID, "message": "quoted text " + testToken, "status_code": status})
}

// before puts a hook in front of the server; true from it ends the request.
func (f *fakeServer) before(hook func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failNext = hook
}

func (f *fakeServer) serveCreate(w http.ResponseWriter, r *http.Request) {
	var p struct {
		post
		PendingPostID string `json:"pending_post_id"`
	}
	_ = json.NewDecoder(r.Body).Decode(&p)
	f.mu.Lock()
	defer f.mu.Unlock()
	if old := f.pending[p.PendingPostID]; p.PendingPostID != "" && old != "" {
		reply(w, f.posts[old])
		return
	}
	made := p.post
	made.ID = id("made" + strconv.Itoa(len(f.posts)) + "x")
	made.UserID = botID
	made.CreateAt = time.Now().UnixMilli()
	made.UpdateAt = made.CreateAt
	f.posts[made.ID] = &made
	f.pending[p.PendingPostID] = made.ID
	reply(w, made)
}

// servePosts keeps to the server's habits: since= caps without order and lists
// roots beside the order; before= pages from the newest, live posts only.
func (f *fakeServer) servePosts(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := postList{Posts: map[string]*post{}}
	channelID := mux.Vars(r)["id"]
	if since := r.URL.Query().Get("since"); since != "" {
		f.sinceCalls++
		at, _ := strconv.ParseInt(since, 10, 64)
		for _, p := range f.posts {
			if p.ChannelID != channelID || p.UpdateAt <= at || len(out.Order) >= sinceCap {
				continue
			}
			out.Posts[p.ID] = p
			out.Order = append(out.Order, p.ID)
			if root := f.posts[p.RootID]; root != nil {
				out.Posts[root.ID] = root
			}
		}
		reply(w, out)
		return
	}
	var rows []*post
	for _, p := range f.posts {
		if p.ChannelID == channelID && p.DeleteAt == 0 {
			rows = append(rows, p)
		}
	}
	slices.SortFunc(rows, func(a, b *post) int { return int(b.CreateAt - a.CreateAt) })
	before := r.URL.Query().Get("before")
	n, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	for _, p := range rows {
		if before != "" && p.CreateAt >= f.posts[before].CreateAt {
			continue
		}
		if len(out.Order) < n {
			out.Posts[p.ID] = p
			out.Order = append(out.Order, p.ID)
		}
	}
	reply(w, out)
}

func (f *fakeServer) serveSocket(w http.ResponseWriter, r *http.Request) {
	ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	q := r.URL.Query()
	f.mu.Lock()
	c := f.conns[q.Get("connection_id")]
	if c == nil {
		f.nextConn++
		c = &fakeConn{id: id("conn" + strconv.Itoa(f.nextConn) + "x"), ws: ws}
		f.conns[c.id] = c
		f.writeLocked(c, "hello", map[string]any{"connection_id": c.id}, nil)
	} else {
		c.ws = ws
		f.resumed = append(f.resumed, c.id)
		next, _ := strconv.Atoi(q.Get("sequence_number"))
		for _, raw := range c.sent[min(next, len(c.sent)):] {
			_ = ws.WriteMessage(websocket.TextMessage, raw)
		}
	}
	f.mu.Unlock()
	for {
		var req struct {
			Seq    int64  `json:"seq"`
			Action string `json:"action"`
		}
		if ws.ReadJSON(&req) != nil {
			return
		}
		f.mu.Lock()
		_ = ws.WriteJSON(map[string]any{"status": "OK", "seq_reply": req.Seq, "data": map[string]any{"text": "pong", "server_time": time.Now().UnixMilli()}})
		f.mu.Unlock()
	}
}

func (f *fakeServer) writeLocked(c *fakeConn, event string, data, broadcast map[string]any) {
	raw, _ := json.Marshal(map[string]any{"event": event, "data": data, "broadcast": broadcast, "seq": len(c.sent)})
	c.sent = append(c.sent, raw)
	if c.ws != nil {
		_ = c.ws.WriteMessage(websocket.TextMessage, raw)
	}
}

// emit sends an event to every connection, the cut ones' queues included.
func (f *fakeServer) emit(event string, data, broadcast map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		f.writeLocked(c, event, data, broadcast)
	}
}

// put stores a post and tells of it as the server would.
func (f *fakeServer) put(event string, p post) {
	f.mu.Lock()
	f.posts[p.ID] = &p
	f.mu.Unlock()
	raw, _ := json.Marshal(p)
	f.emit(event, map[string]any{"post": string(raw), "sender_name": "@ann", "team_id": teamID}, map[string]any{"channel_id": p.ChannelID})
}

// store puts a post without telling anybody.
func (f *fakeServer) store(p post) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.posts[p.ID] = &p
}

// cut ends every transport; the connections can be resumed.
func (f *fakeServer) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		if c.ws != nil {
			c.ws.Close()
			c.ws = nil
		}
	}
}

// restart forgets all connections.
func (f *fakeServer) restart() {
	f.mu.Lock()
	old := f.conns
	f.conns = map[string]*fakeConn{}
	f.mu.Unlock()
	for _, c := range old {
		if c.ws != nil {
			c.ws.Close()
		}
	}
}

// fakeBot records what reaches the bot, once per key, and answers.
type fakeBot struct {
	mu      sync.Mutex
	seen    []chat.Inbound
	keys    map[string]int
	refuse  func(chat.Inbound) error
	answer  func(chat.Inbound) chat.Answer
	watched []chat.WatchedChannel
	marks   map[string]time.Time
	changed chan struct{}
}

func newBot(watched ...chat.WatchedChannel) *fakeBot {
	return &fakeBot{keys: map[string]int{}, marks: map[string]time.Time{}, watched: watched, changed: make(chan struct{}, 1)}
}

func (b *fakeBot) note() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

func (b *fakeBot) Handle(_ context.Context, in chat.Inbound) (chat.Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.note()
	if b.refuse != nil {
		if err := b.refuse(in); err != nil {
			return chat.Answer{}, err
		}
	}
	b.keys[in.Key]++
	if b.keys[in.Key] == 1 {
		b.seen = append(b.seen, in)
	}
	if b.answer != nil {
		return b.answer(in), nil
	}
	return chat.Answer{}, nil
}

func (b *fakeBot) Watched(context.Context, string) ([]chat.WatchedChannel, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.watched), nil
}

func (b *fakeBot) CaughtUp(_ context.Context, _, channel string, upTo time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.note()
	b.marks[channel] = upTo
	for i := range b.watched {
		if b.watched[i].Channel == channel {
			b.watched[i].Since = upTo
		}
	}
	return nil
}

func (b *fakeBot) count(match func(chat.Inbound) bool) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, in := range b.seen {
		if match(in) {
			n++
		}
	}
	return n
}

func (b *fakeBot) has(key string) bool {
	return b.count(func(in chat.Inbound) bool { return in.Key == key }) == 1
}

// patience bounds every wait for a fact; only a test that fails waits for its end.
const patience = time.Minute

// until waits for a fact.
func (b *fakeBot) until(t *testing.T, what string, fact func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !fact() {
		select {
		case <-b.changed:
		case <-tick.C:
		case <-deadline:
			b.mu.Lock()
			defer b.mu.Unlock()
			t.Fatalf("never came true: %s\nseen: %s", what, keysOf(b.seen))
		}
	}
}

func keysOf(ins []chat.Inbound) string {
	var b strings.Builder
	for _, in := range ins {
		fmt.Fprintf(&b, "\n  %s %T", in.Key, in.Body)
	}
	return b.String()
}

// adapterFor makes a started adapter with short intervals.
func adapterFor(t *testing.T, f *fakeServer, b *fakeBot) *Adapter {
	t.Helper()
	a, err := New(Config{
		URL: f.http.URL, Token: testToken, Team: "desk", PublicURL: "https://bridge.example.org",
		CommandTokens: []string{"old-token", "new-token"}, Zone: time.UTC, HTTPClient: f.http.Client(),
	}, b, b)
	if err != nil {
		t.Fatal(err)
	}
	a.timing = timing{
		ping: 20 * time.Millisecond, silence: patience, mark: 30 * time.Millisecond, margin: 10 * time.Millisecond,
		overlap: 5 * time.Second, retry: time.Millisecond, retryMax: 20 * time.Millisecond, compare: time.Hour,
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

// run runs the adapter until the test ends.
func run(t *testing.T, a *Adapter) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run did not end")
		}
	})
}

var errTest = errors.New("the database is down")

func decodeInto(t *testing.T, r *http.Request, v any) {
	t.Helper()
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		t.Error(err)
	}
}
