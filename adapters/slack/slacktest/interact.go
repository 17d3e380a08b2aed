package slacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	leastTrigger    = 3 * time.Second
	responseLife    = 30 * time.Minute
	responseMaxUses = 5
)

type interactions struct {
	ephemerals map[string][]*ephemeral // by person
	triggers   map[string]*trigger
	responses  map[string]*responseURL
	views      map[string]*view
	stacks     map[string][]*view // open modals by person, the top one last
	homes      map[string]*view
}

type ephemeral struct {
	ch *channel
	m  *message
}

type trigger struct {
	user   string
	issued time.Time
	used   bool
	inView bool // issued inside an open modal, so views.push may use it
}

// responseURL is where the application may answer later.
type responseURL struct {
	user   *user
	ch     *channel
	source *message // the message it came with, nil for commands
	issued time.Time
	uses   int
}

func newInteractions() interactions {
	return interactions{
		ephemerals: map[string][]*ephemeral{}, triggers: map[string]*trigger{}, responses: map[string]*responseURL{},
		views: map[string]*view{}, stacks: map[string][]*view{}, homes: map[string]*view{},
	}
}

// triggerLife is how long a trigger can be used.
func (s *Server) triggerLife() time.Duration { return max(leastTrigger, s.ackTimeout()) }

// newTrigger issues a trigger for a person. The lock is held.
func (s *Server) newTrigger(userID string, inView bool) string {
	id := fmt.Sprintf("%d.%d.%s", time.Now().UnixNano(), len(s.triggers)+1, randomHex(8))
	s.triggers[id] = &trigger{user: userID, issued: s.clock.Now(), inView: inView}
	return id
}

// newResponseURL issues one. The lock is held.
func (s *Server) newResponseURL(u *user, ch *channel, source *message) string {
	id := randomHex(12)
	s.responses[id] = &responseURL{user: u, ch: ch, source: source, issued: s.clock.Now()}
	return s.base + "/response/" + id
}

// interact sends an interactive payload and names what the person would see go
// wrong. A receipt with a body carries a view's response_action.
func (s *Server) interact(payload object, accepts bool) (receipt, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return receipt{}, fmt.Errorf("encode payload: %w", err)
	}
	kind := str(payload, "type")
	got := s.send(shipment{
		kind: kindInteractive, path: "/slack/interactions", contentType: "application/x-www-form-urlencoded",
		body: []byte(url.Values{"payload": {string(raw)}}.Encode()), payload: raw, accepts: accepts,
	})
	if err := s.acked(kindInteractive, kind, got); err != nil || accepts {
		return got, err
	}
	if len(bytes.TrimSpace(got.body)) > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.violatef(RuleAckShape, kind, "the acknowledgement must be empty, it has %d bytes", len(got.body))
	}
	return got, nil
}

// acked records the attempt and judges the acknowledgement of something a
// person did, which must be a 200 within the deadline and is never retried.
func (s *Server) acked(kind, what string, got receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliveries = append(s.deliveries, Delivery{
		Type: kind, Subtype: what, Status: got.status, Failed: got.failed, Took: got.took, At: s.clock.Now(),
	})
	s.touch()
	switch {
	case got.failed == "http_timeout":
		s.violatef(RuleAck, what, "not acknowledged within %v", s.ackTimeout())
		return fmt.Errorf("%s: %w", what, ErrOperationTimeout)
	case got.failed != "" || got.status != http.StatusOK:
		return fmt.Errorf("%s: answered %d (%s): %w", what, got.status, got.failed, ErrDispatchFailed)
	}
	return nil
}

// who is the user object of interactive payloads.
func (u *user) payload() object {
	return object{"id": u.id, "username": u.name, "name": u.name, "team_id": u.teamID}
}

// common are the fields of every interactive payload.
func (s *Server) common(kind string, u *user) object {
	return object{
		"type": kind, "user": u.payload(), "api_app_id": s.appID, "token": s.verifTk,
		"team":       object{"id": s.teamID, "domain": s.teams[s.teamID].domain},
		"enterprise": nil, "is_enterprise_install": false,
	}
}

// blockActions builds the payload of a used control in a message.
func (s *Server) blockActions(u *user, ch *channel, m *message, snap Message, action object) object {
	p := s.common("block_actions", u)
	p["trigger_id"] = s.newTrigger(u.id, false)
	p["response_url"] = s.newResponseURL(u, ch, m)
	p["channel"] = object{"id": ch.id, "name": s.channelName(ch)}
	p["state"] = object{"values": object{}}
	p["actions"] = []object{action}
	container := object{"type": "message", "message_ts": snap.TS, "channel_id": ch.id, "is_ephemeral": snap.Ephemeral}
	if snap.ThreadTS != "" {
		container["thread_ts"] = snap.ThreadTS
	}
	p["container"] = container
	msg := object{
		"type": "message", "user": s.botUser, "bot_id": s.botID, "app_id": s.appID, "ts": snap.TS,
		"text": snap.Text, "blocks": snap.Blocks, "team": s.teamID,
	}
	if snap.ThreadTS != "" {
		msg["thread_ts"] = snap.ThreadTS
	}
	if snap.Metadata.EventType != "" {
		msg["metadata"] = snap.Metadata
	}
	if !snap.Ephemeral {
		p["message"] = msg
	}
	return p
}

// channelName hides the names of private places, as payloads do.
func (s *Server) channelName(ch *channel) string {
	switch {
	case ch.im:
		return "directmessage"
	case ch.private:
		return "privategroup"
	}
	return ch.name
}

// action is the element that was used.
func (c Control) action(ts string) object {
	out := object{"type": c.Type, "action_id": c.ActionID, "block_id": c.BlockID, "action_ts": ts}
	if c.raw["text"] != nil {
		out["text"] = c.raw["text"]
	}
	if c.Value != "" {
		out["value"] = c.Value
	}
	return out
}

// choose finds the option by text or value.
func (c Control) choose(name string) (object, bool) {
	for _, o := range optionsOf(c.raw) {
		text, _ := o["text"].(object)
		if str(o, "value") == name || str(text, "text") == name {
			return o, true
		}
	}
	return nil, false
}

// serveResponseURL takes what the application sends to a response_url
// (docs.slack.dev/interactivity/handling-user-interaction).
func (s *Server) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Text            string          `json:"text"`
		ResponseType    string          `json:"response_type"`
		ReplaceOriginal *bool           `json:"replace_original"`
		DeleteOriginal  bool            `json:"delete_original"`
		ThreadTS        string          `json:"thread_ts"`
		Blocks          json.RawMessage `json:"blocks"`
		Attachments     json.RawMessage `json:"attachments"`
		Metadata        json.RawMessage `json:"metadata"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&body)
	s.mu.Lock()
	defer s.mu.Unlock()
	rs := s.responses[r.PathValue("id")]
	c := &call{method: "response_url", args: map[string]string{"text": body.Text, "thread_ts": body.ThreadTS}}
	for name, raw := range map[string]json.RawMessage{"blocks": body.Blocks, "attachments": body.Attachments, "metadata": body.Metadata} {
		if len(raw) > 0 && string(raw) != "null" {
			c.args[name] = string(raw)
		}
	}
	answer := func(status int, code string) {
		s.record(c, object{"error": strings.TrimPrefix(code, "ok")}, status)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(code))
	}
	switch {
	case err != nil:
		answer(http.StatusBadRequest, "invalid_payload")
		return
	case rs == nil:
		answer(http.StatusNotFound, "no_such_url")
		return
	case s.clock.Now().Sub(rs.issued) > responseLife:
		s.violatef(RuleResponseURL, "response_url", "used after %v", responseLife)
		answer(http.StatusNotFound, "expired_url")
		return
	case rs.uses >= responseMaxUses:
		s.violatef(RuleResponseURL, "response_url", "used more than %d times", responseMaxUses)
		answer(http.StatusNotFound, "used_url")
		return
	}
	rs.uses++
	content, err := s.readContent(c)
	if err != nil {
		answer(http.StatusBadRequest, err.Error())
		return
	}
	replace := body.ReplaceOriginal != nil && *body.ReplaceOriginal
	if body.ReplaceOriginal == nil && body.ThreadTS == "" && body.ResponseType == "" && rs.source != nil {
		replace = true
	}
	if code := s.respond(c, rs, content, responseHow{inChannel: body.ResponseType == "in_channel", replace: replace, remove: body.DeleteOriginal}); code != "" {
		answer(http.StatusNotFound, code)
		return
	}
	answer(http.StatusOK, "ok")
}

type responseHow struct{ inChannel, replace, remove bool }

// respond shows an answer, and returns Slack's error code when it cannot.
func (s *Server) respond(c *call, rs *responseURL, body content, how responseHow) string {
	src := rs.source
	switch {
	case (how.remove || how.replace) && src == nil:
		return "no_original_message"
	case (how.remove || how.replace) && src.ephemeralTo == "" && rs.ch.find(src.ts) != src:
		return "message_not_found"
	case how.remove && src.ephemeralTo != "":
		s.forget(src)
	case how.remove:
		s.remove(rs.ch, src)
	case how.replace && src.ephemeralTo != "":
		// An ephemeral message can change, but never becomes a channel message.
		src.text, src.blocks, src.attachments = body.text, body.blocks, body.attachments
		s.touch()
	case how.replace:
		s.change(rs.ch, src, s.botUser, func() { src.text, src.blocks, src.attachments = body.text, body.blocks, body.attachments })
	case how.inChannel:
		m := s.botMessage(body)
		s.placeInThread(c, rs.ch, m)
		s.post(rs.ch, m)
	default:
		m := s.botMessage(body)
		m.threadTS = c.args["thread_ts"]
		s.whisper(rs.ch, rs.user, m)
	}
	return ""
}

// forget takes an ephemeral message away.
func (s *Server) forget(m *message) {
	list := s.ephemerals[m.ephemeralTo]
	s.ephemerals[m.ephemeralTo] = slices.DeleteFunc(list, func(e *ephemeral) bool { return e.m == m })
	s.touch()
}

// readAnswer reads what came with a slash command's acknowledgement.
func (s *Server) readAnswer(got receipt) (Answer, error) {
	out := Answer{ResponseType: "ephemeral", Took: got.took}
	if len(strings.TrimSpace(string(got.body))) == 0 {
		return out, nil
	}
	if !got.json {
		out.Text = string(got.body)
		return out, nil
	}
	var body struct {
		Text         string          `json:"text"`
		ResponseType string          `json:"response_type"`
		Blocks       json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal(got.body, &body); err != nil {
		s.violatef(RuleAckShape, "command", "the answer is no JSON object: %v", err)
		return out, fmt.Errorf("read answer: %w", ErrDispatchFailed)
	}
	if body.ResponseType != "" {
		out.ResponseType = body.ResponseType
	}
	c := &call{method: "command answer", args: map[string]string{"text": body.Text}}
	if len(body.Blocks) > 0 && string(body.Blocks) != "null" {
		c.args["blocks"] = string(body.Blocks)
	}
	shown, err := s.readContent(c)
	if err != nil {
		return out, fmt.Errorf("read answer: %w: %w", err, ErrDispatchFailed)
	}
	out.Text, out.Blocks = shown.text, shown.blocks
	return out, nil
}
