package slacktest

import "fmt"

// Shortcut chooses the application's shortcut in the menu of a message. People of
// other organisations have none
// (docs.slack.dev/interactivity/implementing-shortcuts).
func (p *Person) Shortcut(channel, ts, callbackID string) error {
	s := p.s
	s.mu.Lock()
	u, ch, err := p.in(channel)
	if err == nil && u.teamID != s.teamID {
		err = fmt.Errorf("%s: %w", u.name, ErrExternal)
	}
	if err == nil && !s.has("commands") {
		err = fmt.Errorf("scope commands: %w", ErrRefused)
	}
	var m *message
	if err == nil {
		if m = ch.find(ts); m == nil {
			err = fmt.Errorf("message %s: %w", ts, ErrUnknown)
		}
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	payload := s.common("message_action", u)
	payload["callback_id"] = callbackID
	payload["trigger_id"] = s.newTrigger(u.id, false)
	payload["response_url"] = s.newResponseURL(u, ch, nil)
	payload["action_ts"] = s.nextTS()
	payload["message_ts"] = m.ts
	payload["channel"] = object{"id": ch.id, "name": s.channelName(ch)}
	payload["message"] = s.render(ch, m, true)
	s.mu.Unlock()
	_, err = s.interact(payload, false)
	return err
}
