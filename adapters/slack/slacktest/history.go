package slacktest

import (
	"encoding/base64"
	"slices"
	"strings"
)

// compareTS orders message timestamps without floats, which would lose digits.
func compareTS(a, b string) int {
	as, au, _ := strings.Cut(a, ".")
	bs, bu, _ := strings.Cut(b, ".")
	as, bs = strings.TrimLeft(as, "0"), strings.TrimLeft(bs, "0")
	if len(as) != len(bs) {
		return len(as) - len(bs)
	}
	if c := strings.Compare(as, bs); c != 0 {
		return c
	}
	return strings.Compare(pad6(au), pad6(bu))
}

func pad6(s string) string { return (s + "000000")[:max(6, len(s))] }

// inWindow applies oldest, latest and inclusive.
func inWindow(c *call, ts string) bool {
	inclusive := c.bool("inclusive")
	if o := c.args["oldest"]; o != "" {
		if d := compareTS(ts, o); d < 0 || d == 0 && !inclusive {
			return false
		}
	}
	if l := c.args["latest"]; l != "" {
		if d := compareTS(ts, l); d > 0 || d == 0 && !inclusive {
			return false
		}
	}
	return true
}

// readable finds a channel whose messages the bot may read.
func (s *Server) readable(c *call) (*channel, error) {
	ch := s.channelByID(c.args["channel"])
	switch {
	case ch == nil, ch.id != c.args["channel"], ch.private && !ch.has(s.botUser):
		return nil, fail("channel_not_found")
	case !ch.has(s.botUser):
		return nil, fail("not_in_channel")
	}
	return ch, nil
}

func (s *Server) conversationsHistory(c *call) (object, error) {
	ch, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	var list []*message
	for _, m := range slices.Backward(ch.messages) {
		root := m.threadTS == "" || m.threadTS == m.ts || m.broadcast
		if root && inWindow(c, m.ts) {
			list = append(list, m)
		}
	}
	return s.page(c, ch, list, 100)
}

// forward tells whether a call wants what is nearest to its oldest: it names no latest
// (docs.slack.dev/messaging/retrieving-messages, where oldest alone with a limit of one
// finds the message of that moment).
func forward(c *call) bool {
	return c.method == "conversations.history" && c.args["oldest"] != "" && c.args["latest"] == ""
}

func (s *Server) conversationsReplies(c *call) (object, error) {
	ch, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	root := ch.find(c.args["ts"])
	if root == nil {
		return nil, fail("thread_not_found")
	}
	if root.threadTS != "" && root.threadTS != root.ts {
		// A reply's ts answers with that reply alone.
		return s.page(c, ch, []*message{root}, 1000)
	}
	// The root is always part of the answer.
	list := []*message{root}
	for _, m := range ch.replies(root.ts) {
		if inWindow(c, m.ts) {
			list = append(list, m)
		}
	}
	return s.page(c, ch, list, 1000)
}

// page cuts one page out of a list; the cursor is the ts the next page starts
// with.
func (s *Server) page(c *call, ch *channel, list []*message, def int) (object, error) {
	limit := c.int("limit", def)
	switch {
	case limit < 0:
		return nil, fail("invalid_limit")
	case limit == 0:
		limit = def
	}
	limit = min(limit, 999)
	if s.opts.Distributed {
		limit = min(limit, 15)
	}
	if forward(c) {
		slices.Reverse(list)
	}
	if cursor := c.args["cursor"]; cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		ts, ok := strings.CutPrefix(string(raw), "next_ts:")
		if err != nil || !ok {
			return nil, fail("invalid_cursor")
		}
		from := slices.IndexFunc(list, func(m *message) bool { return m.ts == ts })
		if from < 0 {
			from = len(list)
		}
		list = list[from:]
	}
	next := ""
	if len(list) > limit {
		next = base64.StdEncoding.EncodeToString([]byte("next_ts:" + list[limit].ts))
		list = list[:limit]
	}
	if forward(c) {
		// Within a page the newest stands first all the same.
		slices.Reverse(list)
	}
	messages := []object{}
	for _, m := range list {
		messages = append(messages, s.render(ch, m, c.bool("include_all_metadata")))
	}
	return object{
		"messages": messages, "has_more": next != "", "pin_count": 0,
		"response_metadata": object{"next_cursor": next},
	}, nil
}

func (s *Server) reactionsAdd(c *call) (object, error) {
	ch, m, err := s.reactable(c)
	if err != nil {
		return nil, err
	}
	return nil, s.react(ch, m, s.botUser, c.args["name"])
}

func (s *Server) react(ch *channel, m *message, user, name string) error {
	if name == "" {
		return fail("invalid_name")
	}
	i := slices.IndexFunc(m.reactions, func(r reaction) bool { return r.name == name })
	if i < 0 {
		m.reactions = append(m.reactions, reaction{name: name})
		i = len(m.reactions) - 1
	}
	if slices.Contains(m.reactions[i].users, user) {
		return fail("already_reacted")
	}
	m.reactions[i].users = append(m.reactions[i].users, user)
	s.emitReaction(ch, m, "reaction_added", user, name)
	return nil
}

func (s *Server) emitReaction(ch *channel, m *message, kind, user, name string) {
	s.touch()
	s.emit(ch, object{
		"type": kind, "user": user, "reaction": name, "item_user": m.user, "event_ts": s.nextTS(),
		"item": object{"type": "message", "channel": ch.id, "ts": m.ts},
	})
}

func (s *Server) reactionsRemove(c *call) (object, error) {
	ch, m, err := s.reactable(c)
	if err != nil {
		return nil, err
	}
	name := c.args["name"]
	for i := range m.reactions {
		r := &m.reactions[i]
		if at := slices.Index(r.users, s.botUser); r.name == name && at >= 0 {
			if r.users = slices.Delete(r.users, at, at+1); len(r.users) == 0 {
				m.reactions = slices.Delete(m.reactions, i, i+1)
			}
			s.emitReaction(ch, m, "reaction_removed", s.botUser, name)
			return nil, nil
		}
	}
	return nil, fail("no_reaction")
}

func (s *Server) reactionsGet(c *call) (object, error) {
	ch, m, err := s.reactable(c)
	if err != nil {
		return nil, err
	}
	return object{"type": "message", "channel": ch.id, "message": s.render(ch, m, false)}, nil
}

func (s *Server) reactable(c *call) (*channel, *message, error) {
	ch, err := s.target(c)
	if err != nil {
		return nil, nil, err
	}
	m := ch.find(c.args["timestamp"])
	if m == nil {
		return nil, nil, fail("message_not_found")
	}
	return ch, m, nil
}
