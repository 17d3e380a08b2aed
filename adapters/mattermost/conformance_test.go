package mattermost

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/adapters/adaptertest"
	"taskbridge/bot/chat"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, func(t *testing.T, h chat.Handler, log *slog.Logger) adaptertest.Driver {
		return newConformance(t, h, log)
	})
}

// conformance drives the adapter through the fake server.
type conformance struct {
	t       *testing.T
	fake    *fakeServer
	extra   *extraServer
	handler chat.Handler
	log     *slog.Logger
	a       *Adapter
	known   adaptertest.Known

	mu       sync.Mutex
	serial   int
	whispers []adaptertest.Shown
	// echoed is the last state of each of the bot's posts that was told of.
	echoed map[string]int64
}

var _ adaptertest.Driver = (*conformance)(nil)

func newConformance(t *testing.T, h chat.Handler, log *slog.Logger) *conformance {
	t.Helper()
	c := &conformance{t: t, fake: newFake(t), handler: h, log: log, echoed: map[string]int64{}}
	carl := id("carl")
	c.known = adaptertest.Known{Person: annID, Colleague: carl, Address: "carl@example.org", Nobody: id("nobody")}
	c.fake.users[carl] = user{ID: carl, Username: "carl", Email: c.known.Address, Roles: "system_user"}
	c.extra = newExtra(c.fake)
	watch := newBot(watchedSince(0))
	c.a = c.adapter(watch)
	if err := c.a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, c.a)
	connected(t, c.a, watch)
	return c
}

func (c *conformance) adapter(watch chat.Watch) *Adapter {
	a, err := New(Config{
		URL: c.fake.http.URL, Token: testToken, Team: "desk", PublicURL: "https://bridge.example.org",
		CommandTokens: []string{"old-token", "new-token"}, Zone: time.UTC, HTTPClient: c.fake.http.Client(), Logger: c.log,
	}, c.handler, watch)
	if err != nil {
		c.t.Error(err)
	}
	a.timing = timing{
		ping: 20 * time.Millisecond, silence: patience, mark: 30 * time.Millisecond, margin: 10 * time.Millisecond,
		overlap: 5 * time.Second, retry: time.Millisecond, retryMax: 20 * time.Millisecond, compare: time.Hour,
	}
	return a
}

func (c *conformance) Platform() chat.Platform      { return c.a }
func (c *conformance) Channel() string              { return chanID }
func (c *conformance) Known() adaptertest.Known     { return c.known }
func (c *conformance) Secrets() []string            { return []string{testToken, "old-token", "new-token"} }
func (c *conformance) Replica() adaptertest.Service { return c.adapter(newBot(watchedSince(0))) }
func (c *conformance) Fail(f adaptertest.Fault)     { c.extra.fail(f) }
func (c *conformance) Calls() int                   { return c.extra.attempts() }

// next makes an id that no other is like.
func (c *conformance) next(kind string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serial++
	return id(fmt.Sprintf("%s%03dx", kind, c.serial))
}

// event hands something over on the websocket. The server knows no acknowledgement
// of it: what was sent counts as taken.
func (c *conformance) event(kind string, p post) adaptertest.Delivery {
	c.fake.put(kind, p)
	return adaptertest.Delivery{
		Message: p.ID, Acknowledged: true,
		Again: func() adaptertest.Delivery { return c.event(kind, p) },
	}
}

func (c *conformance) Reply(root, text string) adaptertest.Delivery {
	now := time.Now().UnixMilli()
	return c.event("posted", post{
		ID: c.next("reply"), ChannelID: chanID, UserID: annID, RootID: root, Message: text, CreateAt: now, UpdateAt: now,
	})
}

func (c *conformance) Attach(root, text string, files ...adaptertest.Attachment) adaptertest.Delivery {
	now := time.Now().UnixMilli()
	p := post{ID: c.next("reply"), ChannelID: chanID, UserID: annID, RootID: root, Message: text, CreateAt: now, UpdateAt: now}
	for _, f := range files {
		info := c.extra.keep(f.Name, f.Type, annID, f.Content)
		p.FileIDs = append(p.FileIDs, info.ID)
	}
	return c.event("posted", p)
}

func (c *conformance) Edit(message, text string) adaptertest.Delivery {
	p := c.extra.post(message)
	p.Message = text
	p.EditAt = max(time.Now().UnixMilli(), p.UpdateAt+1)
	p.UpdateAt = p.EditAt
	return c.event("post_edited", p)
}

// Remove tells of the post as it was, which is what the server does.
func (c *conformance) Remove(message string) adaptertest.Delivery {
	p := c.extra.post(message)
	d := c.event("post_deleted", p)
	c.extra.remove(message)
	return d
}

// request makes a request of the server's to the adapter. The server never makes
// one twice; where a proxy does, it is the same to the byte.
func (c *conformance) request(path, contentType, body string) adaptertest.Delivery {
	w := send(c.a, path, contentType, body, nil)
	d := adaptertest.Delivery{
		Acknowledged: w.Code == http.StatusOK,
		Again:        func() adaptertest.Delivery { return c.request(path, contentType, body) },
	}
	var answer struct {
		commandAnswer
		EphemeralText string `json:"ephemeral_text"`
		dialogAnswer
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		c.t.Errorf("the answer to %s cannot be read: %v", path, err)
	}
	if answer.Error != "" || len(answer.Errors) > 0 {
		d.FieldErrors = map[string]string{"": answer.Error}
		maps.Copy(d.FieldErrors, answer.Errors)
	}
	said := post{Message: answer.Text + answer.EphemeralText}
	if len(answer.Attachments) > 0 {
		raw, _ := json.Marshal(answer.Attachments)
		said.Props = map[string]json.RawMessage{"attachments": raw}
	}
	if s := shown(&said); strings.TrimSpace(s.Text) != "" {
		c.mu.Lock()
		c.whispers = append(c.whispers, s)
		c.mu.Unlock()
	}
	return d
}

func (c *conformance) Command(text string) adaptertest.Delivery {
	return c.request(CommandsPath, formType, commandBody(url.Values{
		"text": {text}, "trigger_id": {c.next("trigger")}, "response_url": {"https://chat.example.org/hooks/" + c.next("hook")},
	}))
}

func (c *conformance) Press(message, button string) adaptertest.Delivery {
	var attachments []attachment
	_ = json.Unmarshal(c.extra.post(message).Props["attachments"], &attachments)
	for _, at := range attachments {
		for _, act := range at.Actions {
			if act.ID == button {
				return c.request(ActionsPath, jsonType, actionBody(map[string]any{
					"post_id": message, "trigger_id": c.next("trigger"), "context": act.Integration.Context,
				}))
			}
		}
	}
	c.t.Fatalf("message %s has no button %q", message, button)
	return adaptertest.Delivery{}
}

func (c *conformance) Submit(values map[string]string) adaptertest.Delivery {
	c.fake.mu.Lock()
	if len(c.fake.opened) == 0 {
		c.fake.mu.Unlock()
		c.t.Fatal("no form was opened")
	}
	state := c.fake.opened[len(c.fake.opened)-1].Dialog.State
	c.fake.mu.Unlock()
	body, err := json.Marshal(map[string]any{
		"type": "dialog_submission", "state": state, "user_id": annID, "channel_id": chanID, "team_id": teamID, "submission": values,
	})
	if err != nil {
		c.t.Error(err)
	}
	return c.request(DialogsPath, jsonType, string(body))
}

// Echo tells of the bot's own posts as the server does of everybody's.
func (c *conformance) Echo() {
	for _, p := range c.extra.all() {
		if p.UserID != botID || p.ChannelID != chanID {
			continue
		}
		before, known := c.echoed[p.ID]
		c.echoed[p.ID] = p.UpdateAt
		switch {
		case !known:
			c.fake.put("posted", p)
		case p.DeleteAt > 0 && before != p.UpdateAt:
			was := p
			was.DeleteAt = 0
			c.fake.put("post_deleted", was)
			c.fake.store(p)
		case before != p.UpdateAt:
			c.fake.put("post_edited", p)
		}
	}
}

// Recovery: the server repeats neither events nor requests, and shows a refused
// request as "failed with status 500".
func (c *conformance) Recovery(act adaptertest.Act) adaptertest.Recovery {
	if act == adaptertest.ActReply {
		return adaptertest.AdapterRepeats
	}
	return adaptertest.AdapterTells
}

// Forgeries are what the adapter can tell by itself. Mattermost signs nothing, so
// that an altered token of a button or form is the bot's to refuse, which made it.
func (c *conformance) Forgeries() []adaptertest.Forgery {
	forge := func(name, path, contentType, body string, header map[string]string) adaptertest.Forgery {
		return adaptertest.Forgery{Name: name, Send: func() bool { return send(c.a, path, contentType, body, header).Code < 400 }}
	}
	dialog := func(state string) string {
		return `{"type":"dialog_submission",` + state + `"user_id":"` + annID + `","channel_id":"` + chanID + `","submission":{"a":"b"}}`
	}
	return []adaptertest.Forgery{
		forge("command with another token", CommandsPath, formType, commandBody(url.Values{"token": {"guessed"}}), nil),
		forge("command without a token", CommandsPath, formType, commandBody(url.Values{"token": nil}), nil),
		forge("command with an empty token", CommandsPath, formType, commandBody(url.Values{"token": {""}}), nil),
		forge("command with a part of the token", CommandsPath, formType, commandBody(url.Values{"token": {"new-toke"}}), nil),
		forge("command with the token in a header", CommandsPath, formType, commandBody(url.Values{"token": {"guessed"}}), map[string]string{"Authorization": "Token new-token"}),
		forge("command with the token in the address", CommandsPath+"?token=new-token", formType, commandBody(url.Values{"token": {"guessed"}}), nil),
		forge("command of another team", CommandsPath, formType, commandBody(url.Values{"team_id": {id("other")}}), nil),
		forge("click without a token", ActionsPath, jsonType, actionBody(map[string]any{"context": map[string]any{}}), nil),
		forge("click with a token that is no text", ActionsPath, jsonType, actionBody(map[string]any{"context": map[string]any{"t": 7}}), nil),
		forge("click without a context", ActionsPath, jsonType, actionBody(map[string]any{"context": nil}), nil),
		forge("form without a state", DialogsPath, jsonType, dialog(""), nil),
		forge("form with an empty state", DialogsPath, jsonType, dialog(`"state":"",`), nil),
	}
}

func (c *conformance) Messages(channel string) []adaptertest.Shown {
	var out []adaptertest.Shown
	for _, p := range c.extra.all() {
		if p.ChannelID != channel || p.DeleteAt > 0 {
			continue
		}
		s := shown(&p)
		s.Files = c.extra.attachments(p.FileIDs)
		out = append(out, s)
	}
	return out
}

func (c *conformance) Whispers(person string) []adaptertest.Shown {
	out := c.Messages(directTo(person))
	if person == annID {
		c.mu.Lock()
		defer c.mu.Unlock()
		out = append(out, c.whispers...)
	}
	return out
}
