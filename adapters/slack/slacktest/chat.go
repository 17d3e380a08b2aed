package slacktest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxText       = 40_000 // characters; more is truncated (docs.slack.dev/reference/methods/chat.postMessage)
	goodText      = 4_000  // characters the same page asks to stay under
	maxAttachment = 100
	maxUsername   = 80
)

func (s *Server) chatMethods() map[string]method {
	write := one("chat:write")
	return map[string]method{
		"chat.postMessage":   {tier: tierSpecial, scope: write, handle: s.chatPostMessage},
		"chat.postEphemeral": {tier: 4, scope: write, handle: s.chatPostEphemeral},
		"chat.update":        {tier: 3, scope: write, handle: s.chatUpdate},
		"chat.delete":        {tier: 3, scope: write, handle: s.chatDelete},
		"chat.getPermalink":  {tier: tierSpecial, handle: s.chatGetPermalink},

		"conversations.history": {tier: 3, scope: s.byChannel("history"), handle: s.conversationsHistory},
		"conversations.replies": {tier: 3, scope: s.byChannel("history"), handle: s.conversationsReplies},

		"reactions.add":    {tier: 3, scope: one("reactions:write"), handle: s.reactionsAdd},
		"reactions.remove": {tier: 3, scope: one("reactions:write"), handle: s.reactionsRemove},
		"reactions.get":    {tier: 3, scope: one("reactions:read"), handle: s.reactionsGet},
	}
}

// content is what a call wants shown, after all limits were checked.
type content struct {
	text                          string
	blocks, attachments, metadata json.RawMessage
}

// readContent checks text, blocks, attachments and metadata. Breaches are
// recorded; the error is what Slack answers.
func (s *Server) readContent(c *call) (content, error) {
	out := content{text: c.args["text"]}
	if n := utf8.RuneCountInString(out.text); n > goodText {
		s.violatef(RuleText, c.method, "text has %d characters, at most %d should be sent", n, goodText)
		if c.method == "chat.update" {
			return out, fail("msg_too_long")
		}
		out.text = string([]rune(out.text)[:min(n, maxText)])
	}
	if raw := c.args["blocks"]; raw != "" {
		blocks, err := s.readBlocks(c.method, []byte(raw))
		if err != nil {
			return out, err
		}
		out.blocks = blocks
	}
	if raw := c.args["attachments"]; raw != "" {
		var list []object
		if json.Unmarshal([]byte(raw), &list) != nil {
			return out, fail("invalid_attachments")
		}
		if len(list) > maxAttachment {
			s.violatef(RuleBlocks, c.method, "%d attachments, at most %d", len(list), maxAttachment)
			return out, fail("too_many_attachments")
		}
		if len(list) > 0 {
			out.attachments = json.RawMessage(raw)
		}
	}
	if raw := c.args["metadata"]; raw != "" {
		var md struct {
			EventType    string `json:"event_type"`
			EventPayload object `json:"event_payload"`
		}
		if json.Unmarshal([]byte(raw), &md) != nil {
			return out, fail("invalid_metadata_format")
		}
		if md.EventType == "" && len(md.EventPayload) > 0 {
			return out, fail("invalid_metadata_schema")
		}
		if md.EventType != "" {
			out.metadata = json.RawMessage(raw)
		}
	}
	return out, nil
}

// readBlocks validates blocks of a message and gives ids to those without. An
// empty list means no blocks.
func (s *Server) readBlocks(where string, raw []byte) (json.RawMessage, error) {
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		s.violatef(RuleBlocks, where, "blocks are no JSON array")
		return nil, fail("invalid_blocks_format")
	}
	if len(list) == 0 {
		return json.RawMessage("[]"), nil
	}
	if problems := CheckBlocks(SurfaceMessage, raw); len(problems) > 0 {
		for _, p := range problems {
			s.violatef(RuleBlocks, where, "%s", p)
		}
		return nil, &apiError{code: problems[0].code(), extra: problemFields(problems)}
	}
	return s.withBlockIDs(list), nil
}

// withBlockIDs fills in missing block_ids, as Slack does.
func (s *Server) withBlockIDs(list []any) json.RawMessage {
	for _, b := range list {
		if block, ok := b.(object); ok && str(block, "block_id") == "" {
			block["block_id"] = strings.ToLower(s.nextID("b"))
		}
	}
	raw, _ := json.Marshal(list) // It came from JSON.
	return raw
}

// target finds the channel of a call the bot may act in.
func (s *Server) target(c *call) (*channel, error) {
	id := c.args["channel"]
	if u := s.users[id]; u != nil && !u.bot {
		return s.direct(u)
	}
	ch := s.channelByID(id)
	switch {
	case ch == nil, ch.private && !ch.has(s.botUser):
		return nil, fail("channel_not_found")
	case ch.archived:
		return nil, fail("is_archived")
	case !ch.has(s.botUser):
		return nil, fail("not_in_channel")
	}
	return ch, nil
}

func (s *Server) chatPostMessage(c *call) (object, error) {
	ch, err := s.target(c)
	if err != nil {
		return nil, err
	}
	if ch.closed {
		return nil, fail("restricted_action_read_only_channel")
	}
	body, err := s.readContent(c)
	if err != nil {
		return nil, err
	}
	if body.text == "" && isEmptyList(body.blocks) && body.attachments == nil {
		return nil, fail("no_text")
	}
	m := s.botMessage(body)
	if err := s.dress(c, m); err != nil {
		return nil, err
	}
	s.placeInThread(c, ch, m)
	s.post(ch, m)
	return object{"channel": ch.id, "ts": m.ts, "message": s.render(ch, m, true)}, nil
}

// customizeScope lets an app show another name and picture on a message
// (docs.slack.dev/reference/methods/chat.postMessage).
const customizeScope = "chat:write.customize"

// dress gives a message another author's name and picture.
func (s *Server) dress(c *call, m *message) error {
	m.username, m.icon = c.args["username"], c.args["icon_url"]
	if m.username == "" && m.icon == "" {
		return nil
	}
	m.subtype = "bot_message"
	if !s.has(customizeScope) {
		s.violatef(RuleScope, c.method, "username and icon_url need %s", customizeScope)
		return &apiError{code: "missing_scope", extra: object{"needed": customizeScope, "provided": strings.Join(s.opts.Scopes, ",")}}
	}
	if n := utf8.RuneCountInString(m.username); n > maxUsername {
		s.violatef(RuleText, c.method, "username has %d characters, at most %d are shown", n, maxUsername)
	}
	if u, err := url.Parse(m.icon); m.icon != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		s.violatef(RuleText, c.method, "icon_url is no https address")
	}
	return nil
}

func isEmptyList(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "[]" }

func (s *Server) botMessage(body content) *message {
	m := &message{
		ts: s.nextTS(), user: s.botUser, botID: s.botID, teamID: s.teamID,
		text: body.text, attachments: body.attachments, metadata: body.metadata,
	}
	if !isEmptyList(body.blocks) {
		m.blocks = body.blocks
	}
	return m
}

// placeInThread puts a reply under its root. Where the root is gone, Slack posts
// into the channel instead.
func (s *Server) placeInThread(c *call, ch *channel, m *message) {
	ts := c.args["thread_ts"]
	if ts == "" {
		return
	}
	root := ch.find(ts)
	switch {
	case root == nil:
	case root.threadTS != "" && root.threadTS != root.ts:
		s.violatef(RuleThread, c.method, "thread_ts %s is a reply, not a root", ts)
	default:
		m.threadTS = ts
		if root.threadTS == "" {
			root.threadTS = root.ts
		}
		if m.broadcast = c.bool("reply_broadcast"); m.broadcast {
			m.subtype = "thread_broadcast"
		}
	}
}

// post stores a message and tells the application, the bot's own included.
func (s *Server) post(ch *channel, m *message) {
	ch.messages = append(ch.messages, m)
	s.touch()
	ev := s.render(ch, m, true)
	delete(ev, "reply_count")
	if m.broadcast {
		if root := ch.find(m.threadTS); root != nil {
			ev["root"] = s.render(ch, root, false)
		}
	}
	s.emitMessage(ch, ev, m.ts)
}

// emitMessage sends one message event of whatever subtype.
func (s *Server) emitMessage(ch *channel, ev object, eventTS string) {
	for _, key := range []string{"message", "previous_message"} {
		if inner, ok := ev[key].(object); ok {
			stubFiles(ch, inner)
		}
	}
	stubFiles(ch, ev)
	ev["type"], ev["channel"], ev["channel_type"], ev["event_ts"] = "message", ch.id, ch.kind(), eventTS
	s.emit(ch, ev)
}

func (s *Server) chatPostEphemeral(c *call) (object, error) {
	ch, err := s.target(c)
	if err != nil {
		return nil, err
	}
	body, err := s.readContent(c)
	if err != nil {
		return nil, err
	}
	u := s.users[c.args["user"]]
	if u == nil || !ch.has(u.id) {
		return nil, fail("user_not_in_channel")
	}
	if body.text == "" && isEmptyList(body.blocks) && body.attachments == nil {
		return nil, fail("no_text")
	}
	m := s.botMessage(body)
	m.threadTS = c.args["thread_ts"]
	s.whisper(ch, u, m)
	return object{"message_ts": m.ts}, nil
}

// whisper shows a message to one person.
func (s *Server) whisper(ch *channel, u *user, m *message) {
	m.ephemeralTo = u.id
	s.ephemerals[u.id] = append(s.ephemerals[u.id], &ephemeral{ch: ch, m: m})
	s.touch()
}

func (s *Server) chatUpdate(c *call) (object, error) {
	ch, err := s.target(c)
	if err != nil {
		return nil, err
	}
	m := ch.find(c.args["ts"])
	switch {
	case m == nil, m.tombstone:
		return nil, fail("message_not_found")
	case m.user != s.botUser:
		return nil, fail("cant_update_message")
	}
	body, err := s.readContent(c)
	if err != nil {
		return nil, err
	}
	if body.text == "" && body.blocks == nil && body.attachments == nil {
		return nil, fail("no_text")
	}
	if body.blocks == nil && m.blocks != nil {
		s.violatef(RuleUndefined, c.method, "text alone on a message with blocks, which takes them away: send both")
		body.blocks = json.RawMessage("[]")
	}
	s.change(ch, m, s.botUser, func() {
		m.text = body.text
		if body.blocks != nil {
			m.blocks = nil
			if !isEmptyList(body.blocks) {
				m.blocks = body.blocks
			}
		}
		// What a call leaves out stays (docs.slack.dev/reference/methods/chat.update).
		if _, given := c.args["metadata"]; given {
			m.metadata = body.metadata
		}
		if _, given := c.args["attachments"]; given {
			m.attachments = body.attachments
		}
	})
	return object{"channel": ch.id, "ts": m.ts, "text": m.text, "message": s.render(ch, m, true)}, nil
}

// change edits a message and sends message_changed. The outer ts is that of the
// event; the message's id is message.ts.
func (s *Server) change(ch *channel, m *message, by string, edit func()) {
	before := s.render(ch, m, true)
	edit()
	ts := s.nextTS()
	m.editedBy, m.editedTS = by, ts
	s.emitChanged(ch, before, s.render(ch, m, true))
}

func (s *Server) emitChanged(ch *channel, before, after object) {
	ts := s.nextTS()
	s.touch()
	s.emitMessage(ch, object{"subtype": "message_changed", "hidden": true, "ts": ts, "message": after, "previous_message": before}, ts)
}

func (s *Server) chatDelete(c *call) (object, error) {
	ch, err := s.target(c)
	if err != nil {
		return nil, err
	}
	m := ch.find(c.args["ts"])
	switch {
	case m == nil, m.tombstone:
		return nil, fail("message_not_found")
	case m.user != s.botUser, s.opts.NoDeleteNamed && m.username != "":
		return nil, fail("cant_delete_message")
	}
	s.remove(ch, m)
	return object{"channel": ch.id, "ts": m.ts}, nil
}

// remove deletes a message. A root with replies stays as a tombstone.
func (s *Server) remove(ch *channel, m *message) {
	before := s.render(ch, m, true)
	if len(ch.replies(m.ts)) > 0 {
		*m = message{
			ts: m.ts, threadTS: m.ts, user: "USLACKBOT", teamID: m.teamID, subtype: "tombstone",
			text: "This message was deleted.", tombstone: true,
		}
		s.emitChanged(ch, before, s.render(ch, m, true))
		return
	}
	ch.drop(m)
	if root := ch.find(m.threadTS); root != nil && root.tombstone && len(ch.replies(root.ts)) == 0 {
		// With its last reply an emptied root goes too.
		ch.drop(root)
	}
	ts := s.nextTS()
	s.touch()
	s.emitMessage(ch, object{"subtype": "message_deleted", "hidden": true, "ts": ts, "deleted_ts": m.ts, "previous_message": before}, ts)
}

// Moderate deletes anybody's message, as an administrator may.
func (s *Server) Moderate(channel, ts string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channelByID(channel)
	if ch == nil || ch.find(ts) == nil || ch.find(ts).tombstone {
		return fmt.Errorf("moderate %s in %s: %w", ts, channel, ErrUnknown)
	}
	s.remove(ch, ch.find(ts))
	return nil
}

// Expire takes every message before ts away and tells nobody, as a retention rule
// or the end of a free workspace's history does.
func (s *Server) Expire(channel, ts string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channelByID(channel)
	if ch == nil {
		return fmt.Errorf("expire in %s: %w", channel, ErrUnknown)
	}
	ch.messages = slices.DeleteFunc(ch.messages, func(m *message) bool { return compareTS(m.ts, ts) < 0 })
	s.touch()
	return nil
}

func (c *channel) drop(m *message) {
	for i, other := range c.messages {
		if other == m {
			c.messages = append(c.messages[:i:i], c.messages[i+1:]...)
			return
		}
	}
}

// Unfurl changes a message only by an attachment, as Slack does once it fetched
// a link's preview: message_changed without an edit.
func (s *Server) Unfurl(channel, ts string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channelByID(channel)
	if ch == nil || ch.find(ts) == nil {
		return ErrUnknown
	}
	m := ch.find(ts)
	before := s.render(ch, m, true)
	m.attachments = json.RawMessage(`[{"id":1,"from_url":"https://example.com/","title":"Example","fallback":"Example"}]`)
	s.emitChanged(ch, before, s.render(ch, m, true))
	return nil
}

func (s *Server) chatGetPermalink(c *call) (object, error) {
	ch := s.channelByID(c.args["channel"])
	if ch == nil {
		return nil, fail("channel_not_found")
	}
	m := ch.find(c.args["message_ts"])
	if m == nil {
		return nil, fail("message_not_found")
	}
	link := "https://" + s.teams[s.teamID].domain + ".slack.com/archives/" + ch.id + "/p" + strings.ReplaceAll(m.ts, ".", "")
	return object{"channel": ch.id, "permalink": link}, nil
}
