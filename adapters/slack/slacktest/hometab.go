package slacktest

import "fmt"

// WaitHome waits until the person's Home tab satisfies pred; nil takes any.
func (p *Person) WaitHome(pred func(View) bool) (View, error) {
	var hit View
	ok := p.s.wait(func() bool {
		v := p.s.homes[p.id]
		if v == nil {
			return false
		}
		hit = v.snapshot()
		return pred == nil || pred(hit)
	})
	if !ok {
		return hit, fmt.Errorf("%w: a Home tab for %s", ErrWait, p.Name())
	}
	return hit, nil
}

// UseHome presses a button or, with an option, chooses in a menu of the Home tab. Of
// several controls of one name the first is used
// (docs.slack.dev/reference/interaction-payloads/block_actions-payload).
func (p *Person) UseHome(control, option string) error {
	s := p.s
	s.mu.Lock()
	v := s.homes[p.id]
	if v == nil {
		s.mu.Unlock()
		return fmt.Errorf("home tab: %w", ErrUnknown)
	}
	action, err := pick(v.snapshot().Controls(), control, option, s.nextTS())
	if err != nil {
		s.mu.Unlock()
		return err
	}
	payload := s.common("block_actions", s.users[p.id])
	payload["trigger_id"] = s.newTrigger(p.id, false)
	payload["view"] = s.renderView(v, nil)
	payload["container"] = object{"type": "view", "view_id": v.id}
	payload["actions"] = []object{action}
	s.mu.Unlock()
	_, err = s.interact(payload, false)
	return err
}
