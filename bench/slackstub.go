package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// The people and places of the stand-in workspace.
const (
	teamID       = "T0BENCH01"
	adminUser    = "U0ADMIN01"
	firmUser     = "U0FIRM001"
	botUser      = "U0BENCHBOT"
	opsChannel   = "C0OPS0001"
	maxCardsKept = 200_000
)

// card is a message the bot posted, with what can be pressed on it.
type card struct {
	channel, ts string
	buttons     []button
}

// button is one pressable element of a message.
type button struct {
	blockID, actionID, value, label string
}

// slackStub answers the few Web API methods that an app needs to work, at once
// and always with success. It checks nothing: it stands in for Slack's speed, not
// for its contract.
type slackStub struct {
	base   string
	server *http.Server

	mu       sync.Mutex
	serial   int64
	channels map[string]*stubChannel
	cards    []card
	calls    map[string]int
	waiting  map[string]chan []byte
}

type stubChannel struct {
	id, name string
	private  bool
	members  []string
}

func startSlackStub() (*slackStub, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the stand-in for Slack: %w", err)
	}
	s := &slackStub{
		base:     "http://" + l.Addr().String(),
		channels: map[string]*stubChannel{},
		calls:    map[string]int{},
		waiting:  map[string]chan []byte{},
		serial:   time.Now().UnixMicro(),
	}
	s.channels[opsChannel] = &stubChannel{id: opsChannel, name: "operations", private: true, members: []string{adminUser, botUser}}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveMethod)
	mux.HandleFunc("/response/{id}", s.serveResponse)
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		// Serve ends with ErrServerClosed when the run is over.
		_ = s.server.Serve(l)
	}()
	return s, nil
}

func (s *slackStub) apiURL() string               { return s.base + "/api/" }
func (s *slackStub) responseURL(id string) string { return s.base + "/response/" + id }

func (s *slackStub) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		_ = s.server.Close()
	}
}

// expect returns a channel that gets what is posted to the response URL of id.
func (s *slackStub) expect(id string) <-chan []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan []byte, 1)
	s.waiting[id] = c
	return c
}

func (s *slackStub) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, id)
}

// posted returns the cards from index on, in the order they came.
func (s *slackStub) posted(from int) []card {
	s.mu.Lock()
	defer s.mu.Unlock()
	if from >= len(s.cards) {
		return nil
	}
	return s.cards[from:len(s.cards):len(s.cards)]
}

// callCounts says how often each method was called.
func (s *slackStub) callCounts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// created returns the channels the bot made, by name.
func (s *slackStub) created() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := map[string]string{}
	for id, c := range s.channels {
		if id != opsChannel {
			ids[c.name] = id
		}
	}
	return ids
}

func (s *slackStub) serveResponse(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	if c := s.waiting[r.PathValue("id")]; c != nil {
		select {
		case c <- body:
		default: // Only the first answer matters.
		}
	}
	s.mu.Unlock()
	_, _ = io.WriteString(w, "ok")
}

func (s *slackStub) serveMethod(w http.ResponseWriter, r *http.Request) {
	args, err := arguments(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	method := r.PathValue("method")
	s.mu.Lock()
	s.calls[method]++
	answer := s.answer(method, args)
	s.mu.Unlock()
	if answer["error"] == nil {
		answer["ok"] = true
	} else {
		answer["ok"] = false
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-OAuth-Scopes", scopes)
	// The client hung up: nothing to do about that here.
	_ = json.NewEncoder(w).Encode(answer)
}

const scopes = "app_mentions:read,channels:history,channels:manage,channels:read,chat:write,chat:write.customize,chat:write.public," +
	"commands,conversations.connect:manage,conversations.connect:read,conversations.connect:write,files:read,files:write," +
	"groups:history,groups:read,groups:write,im:history,im:read,im:write,metadata.message:read,mpim:read,pins:write," +
	"reactions:read,reactions:write,team:read,users:read,users:read.email"

// answer runs under the lock.
func (s *slackStub) answer(method string, args url.Values) map[string]any {
	switch method {
	case "auth.test":
		return map[string]any{
			"url": s.base + "/", "team": "Bench", "user": "taskbridge", "team_id": teamID,
			"user_id": botUser, "bot_id": "B0BENCH", "is_enterprise_install": false,
		}
	case "team.info":
		return map[string]any{"team": map[string]any{"id": teamID, "name": "Bench", "domain": "bench"}}
	case "bots.info":
		return map[string]any{"bot": map[string]any{"id": "B0BENCH", "app_id": "A0BENCH01", "user_id": botUser, "name": "taskbridge"}}
	case "users.info":
		return map[string]any{"user": userInfo(args.Get("user"))}
	case "users.list":
		return map[string]any{"members": []any{userInfo(adminUser), userInfo(firmUser), userInfo(botUser)}, "response_metadata": noCursor()}
	case "conversations.list", "users.conversations":
		var list []any
		for _, c := range s.channels {
			list = append(list, c.info())
		}
		return map[string]any{"channels": list, "response_metadata": noCursor()}
	case "conversations.create":
		for _, other := range s.channels {
			if other.name == args.Get("name") {
				return map[string]any{"error": "name_taken"}
			}
		}
		c := s.add(args.Get("name"), args.Get("is_private") == "true", botUser, firmUser)
		return map[string]any{"channel": c.info()}
	case "conversations.open":
		return map[string]any{"channel": map[string]any{"id": "D" + strings.TrimPrefix(args.Get("users"), "U")}}
	case "conversations.info", "conversations.join", "conversations.invite", "conversations.rename":
		c := s.channels[args.Get("channel")]
		if c == nil {
			return map[string]any{"error": "channel_not_found"}
		}
		return map[string]any{"channel": c.info()}
	case "conversations.members":
		c := s.channels[args.Get("channel")]
		if c == nil {
			return map[string]any{"error": "channel_not_found"}
		}
		return map[string]any{"members": c.members, "response_metadata": noCursor()}
	case "conversations.history", "conversations.replies":
		return map[string]any{"messages": []any{}, "has_more": false, "response_metadata": noCursor()}
	case "chat.postMessage":
		s.serial++
		ts := string(fraction(fmt.Appendf(nil, "%d", s.serial/1_000_000), s.serial%1_000_000))
		s.keep(args, ts)
		return map[string]any{"channel": args.Get("channel"), "ts": ts, "message": map[string]any{
			"type": "message", "user": botUser, "bot_id": "B0BENCH", "ts": ts, "thread_ts": args.Get("thread_ts"), "text": args.Get("text"),
		}}
	case "chat.update":
		s.keep(args, args.Get("ts"))
		return map[string]any{"channel": args.Get("channel"), "ts": args.Get("ts"), "text": args.Get("text")}
	case "chat.postEphemeral":
		s.serial++
		return map[string]any{"message_ts": string(fraction(fmt.Appendf(nil, "%d", s.serial/1_000_000), s.serial%1_000_000))}
	case "chat.getPermalink":
		return map[string]any{"channel": args.Get("channel"), "permalink": s.base + "/archives/" + args.Get("channel") + "/p" + strings.ReplaceAll(args.Get("message_ts"), ".", "")}
	case "views.open", "views.push", "views.update", "views.publish":
		s.serial++
		return map[string]any{"view": map[string]any{"id": fmt.Sprintf("V%d", s.serial), "hash": fmt.Sprintf("%d.h", s.serial), "team_id": teamID, "type": "modal"}}
	default:
		// Setting topics, reactions, pins and the like: success and nothing to say.
		return map[string]any{}
	}
}

// make makes a channel as a person would, and the bot is in it.
func (s *slackStub) make(name string) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(name, true, botUser, adminUser, firmUser).id
}

// add runs under the lock.
func (s *slackStub) add(name string, private bool, members ...string) *stubChannel {
	s.serial++
	c := &stubChannel{id: "C0" + string(base36(nil, uint64(s.serial), 9)), name: name, private: private, members: members}
	s.channels[c.id] = c
	return c
}

func (c *stubChannel) info() map[string]any {
	return map[string]any{
		"id": c.id, "name": c.name, "name_normalized": c.name, "is_channel": !c.private, "is_group": c.private,
		"is_private": c.private, "is_member": true, "is_archived": false, "is_ext_shared": false, "is_shared": false,
		"creator": botUser, "context_team_id": teamID, "num_members": len(c.members),
	}
}

func userInfo(id string) map[string]any {
	name := map[string]string{adminUser: "Ada Admin", firmUser: "Sam Firm", botUser: "taskbridge"}[id]
	if name == "" {
		name = id
	}
	return map[string]any{
		"id": id, "team_id": teamID, "name": strings.ToLower(strings.ReplaceAll(name, " ", ".")), "real_name": name, "deleted": false,
		"is_admin": id == adminUser, "is_owner": id == adminUser, "is_bot": id == botUser,
		"is_restricted": false, "is_ultra_restricted": false, "is_stranger": false,
		"tz": "Europe/London", "tz_offset": 0, "locale": "en-GB",
		"profile": map[string]any{"real_name": name, "display_name": name, "email": strings.ToLower(id) + "@example.com", "image_72": ""},
	}
}

func noCursor() map[string]any { return map[string]any{"next_cursor": ""} }

// keep runs under the lock.
func (s *slackStub) keep(args url.Values, ts string) {
	if len(s.cards) >= maxCardsKept {
		return
	}
	found := append(buttonsIn([]byte(args.Get("blocks"))), buttonsIn([]byte(args.Get("attachments")))...)
	// A card without buttons is kept too: it may be the later state of one that
	// had some.
	s.cards = append(s.cards, card{channel: args.Get("channel"), ts: ts, buttons: found})
}

// buttonsIn finds every button in a piece of JSON, wherever it sits.
func buttonsIn(raw []byte) []button {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return nil
	}
	var found []button
	var walk func(v any, block string)
	walk = func(v any, block string) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e, block)
			}
		case map[string]any:
			if id, ok := v["block_id"].(string); ok {
				block = id
			}
			if v["type"] == "button" {
				b := button{blockID: block}
				b.actionID, _ = v["action_id"].(string)
				b.value, _ = v["value"].(string)
				if t, ok := v["text"].(map[string]any); ok {
					b.label, _ = t["text"].(string)
				}
				found = append(found, b)
				return
			}
			for _, e := range v {
				walk(e, block)
			}
		}
	}
	walk(v, "")
	return found
}

// arguments reads a call's arguments from JSON or a form; what is not a string
// comes back as JSON.
func arguments(r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, 4<<20)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		err := r.ParseMultipartForm(4 << 20)
		if err != nil && !errors.Is(err, http.ErrNotMultipart) {
			return nil, fmt.Errorf("read arguments: %w", err)
		}
		return r.Form, nil
	}
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
		return nil, fmt.Errorf("read arguments: %w", err)
	}
	args := url.Values{}
	for k, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		args.Set(k, text)
	}
	return args, nil
}
