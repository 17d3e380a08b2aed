package slacktest

import "fmt"

// maxPins is how many messages a channel pins (docs.slack.dev/reference/methods/pins.add,
// too_many_pins; the number is that of slack.com/help/articles/205239997).
const maxPins = 100

func (s *Server) pinMethods() map[string]method {
	return map[string]method{"pins.add": {tier: 2, scope: one("pins:write"), handle: s.pinsAdd}}
}

func (s *Server) pinsAdd(c *call) (object, error) {
	ch := s.channelByID(c.args["channel"])
	if ch == nil || !ch.has(s.botUser) {
		return nil, fail("channel_not_found")
	}
	m := ch.find(c.args["timestamp"])
	switch {
	case m == nil:
		return nil, fail("message_not_found")
	case m.pinned:
		return nil, fail("already_pinned")
	}
	pinned := 0
	for _, other := range ch.messages {
		if other.pinned {
			pinned++
		}
	}
	if pinned == maxPins {
		return nil, fail("too_many_pins")
	}
	m.pinned = true
	s.touch()
	s.emit(ch, object{
		"type": "pin_added", "user": s.botUser, "channel_id": ch.id, "event_ts": s.nextTS(),
		"item": object{"type": "message", "channel": ch.id, "message": object{"ts": m.ts}},
	})
	return object{}, nil
}

// Pinned lists the timestamps of a channel's pinned messages, in their order.
func (s *Server) Pinned(channel string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	if ch := s.channelByID(channel); ch != nil {
		for _, m := range ch.messages {
			if m.pinned {
				out = append(out, m.ts)
			}
		}
	}
	return out
}

// Unpin takes a message off a channel's pins, as anybody in it can.
func (p *Person) Unpin(channel, ts string) error {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ch, err := p.in(channel)
	if err != nil {
		return err
	}
	m := ch.find(ts)
	if m == nil || !m.pinned {
		return fmt.Errorf("slacktest: %s is not pinned in %s", ts, channel)
	}
	m.pinned = false
	s.emit(ch, object{
		"type": "pin_removed", "user": u.id, "channel_id": ch.id, "event_ts": s.nextTS(), "has_pins": false,
		"item": object{"type": "message", "channel": ch.id, "message": object{"ts": m.ts}},
	})
	return nil
}
