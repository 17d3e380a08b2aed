package slacktest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// message is one stored message. Ephemeral ones are kept per person instead.
type message struct {
	pinned                            bool
	ts, threadTS, user, text, subtype string
	botID, username, icon, clientID   string
	blocks, attachments, metadata     json.RawMessage
	files                             []*file
	broadcast, tombstone              bool
	editedBy, editedTS                string
	teamID                            string
	reactions                         []reaction
	ephemeralTo                       string
}

type reaction struct {
	name  string
	users []string
}

// Message is a copy of a message as it is now.
type Message struct {
	Channel, TS, ThreadTS string
	User, BotID, Username string
	Icon                  string // the address of another picture than the bot's own
	Text, Subtype         string
	Blocks, Attachments   json.RawMessage
	Metadata              Metadata
	EditedTS              string
	FileIDs               []string
	Broadcast             bool // a reply also shown in the channel
	Tombstone             bool // a deleted root that keeps its replies
	Ephemeral             bool
	Reactions             map[string][]string // name to user ids
}

// Metadata is the machine-readable part of a message.
type Metadata struct {
	EventType    string          `json:"event_type"`
	EventPayload json.RawMessage `json:"event_payload"`
}

func (m *message) snapshot(ch *channel) Message {
	out := Message{
		Channel: ch.id, TS: m.ts, ThreadTS: m.threadTS, User: m.user, BotID: m.botID, Username: m.username, Icon: m.icon,
		Text: m.text, Subtype: m.subtype, Blocks: slices.Clone(m.blocks), Attachments: slices.Clone(m.attachments),
		EditedTS: m.editedTS, Broadcast: m.broadcast, Tombstone: m.tombstone, Ephemeral: m.ephemeralTo != "",
	}
	if m.metadata != nil {
		_ = json.Unmarshal(m.metadata, &out.Metadata) // It was checked when it was posted.
	}
	for _, f := range m.files {
		out.FileIDs = append(out.FileIDs, f.id)
	}
	for _, r := range m.reactions {
		if out.Reactions == nil {
			out.Reactions = map[string][]string{}
		}
		out.Reactions[r.name] = slices.Clone(r.users)
	}
	return out
}

// IsReply says whether the message stands in a thread under another one.
func (m Message) IsReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// Plain is the visible text: that of all blocks, a line each, or the fallback
// text when there are none. Markup characters are kept.
func (m Message) Plain() string {
	if len(m.Blocks) == 0 {
		return m.Text
	}
	return plainText(m.Blocks)
}

// plainText collects the text of blocks in reading order.
func plainText(blocks json.RawMessage) string {
	var lines []string
	walkJSON(blocks, func(o object) bool {
		switch o["type"] {
		case "plain_text", "mrkdwn", "markdown":
			lines = append(lines, str(o, "text"))
			return false
		case "rich_text_section", "rich_text_preformatted", "rich_text_quote":
			lines = append(lines, richText(o))
			return false
		}
		return true
	})
	return strings.Join(lines, "\n")
}

// richText joins the elements of one rich text section.
func richText(o object) string {
	var b strings.Builder
	list, _ := o["elements"].([]any)
	for _, e := range list {
		el, _ := e.(object)
		switch str(el, "type") {
		case "user":
			b.WriteString("<@" + str(el, "user_id") + ">")
		case "usergroup":
			b.WriteString("<!subteam^" + str(el, "usergroup_id") + ">")
		case "broadcast":
			b.WriteString("<!" + str(el, "range") + ">")
		case "channel":
			b.WriteString("<#" + str(el, "channel_id") + ">")
		case "emoji":
			b.WriteString(":" + str(el, "name") + ":")
		case "link":
			if t := str(el, "text"); t != "" {
				b.WriteString(t)
			} else {
				b.WriteString(str(el, "url"))
			}
		default:
			b.WriteString(str(el, "text"))
		}
	}
	return b.String()
}

// Mentions returns whom the message notifies: user ids, "here", "channel",
// "everyone" and "subteam^ID". Only places where Slack parses control sequences
// count: text, mrkdwn objects and rich text mention elements.
func (m Message) Mentions() []string {
	var out []string
	scan := func(text string) {
		for _, hit := range mentionPattern().FindAllStringSubmatch(text, -1) {
			name, _, _ := strings.Cut(hit[1], "|")
			out = append(out, strings.TrimLeft(name, "@!"))
		}
	}
	if len(m.Blocks) == 0 {
		scan(m.Text)
	}
	walkJSON(m.Blocks, func(o object) bool {
		switch o["type"] {
		case "mrkdwn", "markdown":
			scan(str(o, "text"))
		case "user", "usergroup", "broadcast":
			scan(richText(object{"elements": []any{o}}))
		}
		return true
	})
	slices.Sort(out)
	return slices.Compact(out)
}

func mentionPattern() *regexp.Regexp { return regexp.MustCompile(`<([@!][^<>]+)>`) }

// walkJSON calls visit for every object, in document order for arrays and by a
// fixed order of keys for objects; visit says whether to go deeper.
func walkJSON(raw json.RawMessage, visit func(object) bool) {
	var v any
	if json.Unmarshal(raw, &v) == nil {
		walkAny(v, visit)
	}
}

func walkAny(v any, visit func(object) bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			walkAny(e, visit)
		}
	case object:
		if !visit(v) {
			return
		}
		for _, key := range []string{"title", "text", "label", "fields", "element", "elements", "accessory", "rows", "blocks", "hint"} {
			walkAny(v[key], visit)
		}
	}
}

func str(o object, key string) string {
	s, _ := o[key].(string)
	return s
}

func num(o object, key string) int {
	f, _ := o[key].(float64)
	return int(f)
}

// render is the message object of the Web API and of events.
func (s *Server) render(ch *channel, m *message, full bool) object {
	o := object{"type": "message", "text": m.text, "ts": m.ts, "team": m.teamID}
	set := func(key, v string) {
		if v != "" {
			o[key] = v
		}
	}
	set("user", m.author())
	set("subtype", m.subtype)
	set("client_msg_id", m.clientID)
	set("bot_id", m.botID)
	set("username", m.username)
	set("thread_ts", m.threadTS)
	if m.botID != "" {
		o["app_id"] = s.appID
		o["bot_profile"] = object{"id": s.botID, "app_id": s.appID, "name": s.opts.Bot, "team_id": s.teamID, "deleted": false}
	}
	if m.threadTS != "" && m.threadTS != m.ts {
		if root := ch.find(m.threadTS); root != nil {
			set("parent_user_id", root.author())
		}
	}
	if m.teamID != s.teamID {
		o["user_team"], o["source_team"] = m.teamID, m.teamID
	}
	if m.blocks != nil {
		o["blocks"] = m.blocks
	}
	if m.attachments != nil {
		o["attachments"] = m.attachments
	}
	if m.editedTS != "" {
		o["edited"] = object{"user": m.editedBy, "ts": m.editedTS}
	}
	if m.metadata != nil {
		o["metadata"] = m.renderMetadata(full)
	}
	if len(m.files) > 0 {
		o["files"], o["upload"] = s.renderFiles(m.files), true
	}
	if len(m.reactions) > 0 {
		list := []object{}
		for _, r := range m.reactions {
			list = append(list, object{"name": r.name, "users": r.users, "count": len(r.users)})
		}
		o["reactions"] = list
	}
	if m.tombstone {
		o["hidden"] = true
	}
	if replies := ch.replies(m.ts); len(replies) > 0 {
		o["thread_ts"] = m.ts
		o["reply_count"] = len(replies)
		o["latest_reply"] = replies[len(replies)-1].ts
		var users []string
		for _, r := range replies {
			if who := cmp.Or(r.author(), r.botID); !slices.Contains(users, who) {
				users = append(users, who)
			}
		}
		o["reply_users_count"], o["is_locked"], o["subscribed"] = len(users), false, false
		o["reply_users"] = users[:min(len(users), 5)]
	}
	return o
}

// author is the user a message names, none where it bears a name of its own
// (docs.slack.dev/reference/events/message/bot_message).
func (m *message) author() string {
	if m.username != "" || m.icon != "" {
		return ""
	}
	return m.user
}

// renderMetadata leaves the payload out unless it was asked for.
func (m *message) renderMetadata(full bool) any {
	if full {
		return m.metadata
	}
	var md Metadata
	_ = json.Unmarshal(m.metadata, &md) // It was checked when it was posted.
	return object{"event_type": md.EventType}
}

// find returns the message of a ts.
func (c *channel) find(ts string) *message {
	for _, m := range c.messages {
		if m.ts == ts {
			return m
		}
	}
	return nil
}

// replies are those under a root, oldest first.
func (c *channel) replies(ts string) []*message {
	var out []*message
	for _, m := range c.messages {
		if m.threadTS == ts && m.ts != ts {
			out = append(out, m)
		}
	}
	return out
}

// Messages returns what stands in a channel, replies included, oldest first.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channelByID(channel)
	if ch == nil {
		return nil
	}
	out := make([]Message, 0, len(ch.messages))
	for _, m := range ch.messages {
		out = append(out, m.snapshot(ch))
	}
	return out
}

// Thread returns a root and its replies, oldest first.
func (s *Server) Thread(channel, ts string) []Message {
	return slices.DeleteFunc(s.Messages(channel), func(m Message) bool { return m.TS != ts && m.ThreadTS != ts })
}

// Message returns one message as it is now.
func (s *Server) Message(channel, ts string) (Message, bool) {
	for _, m := range s.Messages(channel) {
		if m.TS == ts {
			return m, true
		}
	}
	return Message{}, false
}

// WaitMessage waits until a message of the channel satisfies pred, and returns
// the newest such. A nil pred takes any message.
func (s *Server) WaitMessage(channel string, pred func(Message) bool) (Message, error) {
	var hit Message
	ok := s.wait(func() bool {
		ch := s.channelByID(channel)
		if ch == nil {
			return false
		}
		for _, m := range slices.Backward(ch.messages) {
			if snap := m.snapshot(ch); pred == nil || pred(snap) {
				hit = snap
				return true
			}
		}
		return false
	})
	if !ok {
		return Message{}, fmt.Errorf("%w: message in %s; there are: %s", ErrWait, channel, summary(s.Messages(channel)))
	}
	return hit, nil
}

// Containing matches messages whose visible text contains every part.
func Containing(parts ...string) func(Message) bool {
	return func(m Message) bool {
		text := m.Plain()
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(text, p) })
	}
}

func summary(list []Message) string {
	var b strings.Builder
	for _, m := range list[max(0, len(list)-8):] {
		text := []rune(m.Plain())
		fmt.Fprintf(&b, "\n  %s %s: %q", m.TS, m.User, string(text[:min(len(text), 100)]))
	}
	return b.String()
}
