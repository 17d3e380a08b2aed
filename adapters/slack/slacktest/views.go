package slacktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxStack is how many modals can be open one over the other.
const maxStack = 3

// view is a modal or a Home tab.
type view struct {
	id, hash, user, root, previous string
	raw                            object
}

// View is a copy of what a person sees in a modal or Home tab.
type View struct {
	ID, Hash, Type, CallbackID, ExternalID, PrivateMetadata string
	Title, SubmitLabel, CloseLabel                          string
	Blocks                                                  json.RawMessage
}

// Plain is the visible text of the blocks.
func (v View) Plain() string { return plainText(v.Blocks) }

// Controls returns the inputs and buttons, in reading order.
func (v View) Controls() []Control { return controls(v.Blocks) }

// Control finds one by action id, label or block id.
func (v View) Control(name string) (Control, bool) { return findControl(v.Controls(), name) }

func (v *view) snapshot() View {
	text := func(key string) string {
		o, _ := v.raw[key].(object)
		return str(o, "text")
	}
	blocks, _ := json.Marshal(v.raw["blocks"]) // It came from JSON.
	return View{
		ID: v.id, Hash: v.hash, Type: str(v.raw, "type"), CallbackID: str(v.raw, "callback_id"),
		ExternalID: str(v.raw, "external_id"), PrivateMetadata: str(v.raw, "private_metadata"),
		Title: text("title"), SubmitLabel: text("submit"), CloseLabel: text("close"), Blocks: blocks,
	}
}

func (s *Server) viewMethods() map[string]method {
	return map[string]method{
		"views.open":    {tier: 4, handle: s.viewsOpen},
		"views.push":    {tier: 4, handle: s.viewsPush},
		"views.update":  {tier: 4, handle: s.viewsUpdate},
		"views.publish": {tier: 4, handle: s.viewsPublish},
	}
}

// exchange uses up a trigger: single use, three seconds
// (docs.slack.dev/reference/methods/views.open).
func (s *Server) exchange(c *call) (*trigger, error) {
	t := s.triggers[c.args["trigger_id"]]
	switch {
	case t == nil:
		s.violatef(RuleTrigger, c.method, "a trigger that was never issued")
		return nil, fail("invalid_trigger_id")
	case t.used:
		s.violatef(RuleTrigger, c.method, "a trigger used twice")
		return nil, fail("exchanged_trigger_id")
	case s.clock.Now().Sub(t.issued) > s.triggerLife():
		s.violatef(RuleTrigger, c.method, "a trigger used after %v", s.triggerLife())
		return nil, fail("expired_trigger_id")
	}
	t.used = true
	if u := s.users[t.user]; u.teamID != s.teamID && s.opts.NoExternalViews {
		return nil, fail("not_allowed")
	}
	return t, nil
}

// newView validates and stores a view. Breaches are recorded.
func (s *Server) newView(where string, raw []byte, userID string) (*view, error) {
	obj, err := s.readView(where, raw)
	if err != nil {
		return nil, err
	}
	if ext := str(obj, "external_id"); ext != "" && s.viewByExternal(ext) != nil {
		return nil, fail("duplicate_external_id")
	}
	v := &view{id: s.nextID("V"), user: userID, raw: obj}
	v.root = v.id
	s.rehash(v)
	s.views[v.id] = v
	return v, nil
}

func (s *Server) rehash(v *view) { v.hash = s.nextTS()[:10] + "." + randomHex(4) }

func (s *Server) readView(where string, raw []byte) (object, error) {
	if problems := CheckView(raw); len(problems) > 0 {
		for _, p := range problems {
			s.violatef(RuleView, where, "%s", p)
		}
		code := "invalid_arguments"
		if len(raw) > maxViewBytes {
			code = "view_too_large"
		}
		return nil, &apiError{code: code, extra: problemFields(problems)}
	}
	var obj object
	if err := json.Unmarshal(raw, &obj); err != nil {
		return nil, fail("invalid_arguments")
	}
	list, _ := obj["blocks"].([]any)
	for _, b := range list {
		block, _ := b.(object)
		if str(block, "block_id") == "" {
			block["block_id"] = s.nextID("b")
		}
		if el, ok := block["element"].(object); ok && str(el, "action_id") == "" {
			el["action_id"] = s.nextID("a")
		}
	}
	return obj, nil
}

func (s *Server) viewByExternal(id string) *view {
	for _, v := range s.views {
		if str(v.raw, "external_id") == id {
			return v
		}
	}
	return nil
}

func (s *Server) viewsOpen(c *call) (object, error) {
	// The view is checked first, so that a faulty one does not cost the trigger.
	if _, err := s.readView(c.method, []byte(c.args["view"])); err != nil {
		return nil, err
	}
	t, err := s.exchange(c)
	if err != nil {
		return nil, err
	}
	v, err := s.newView(c.method, []byte(c.args["view"]), t.user)
	if err != nil {
		return nil, err
	}
	s.closeAll(t.user)
	s.stacks[t.user] = []*view{v}
	s.touch()
	return object{"view": s.renderView(v, nil)}, nil
}

func (s *Server) closeAll(userID string) {
	for _, v := range s.stacks[userID] {
		delete(s.views, v.id)
	}
	delete(s.stacks, userID)
}

func (s *Server) viewsPush(c *call) (object, error) {
	t, err := s.exchange(c)
	if err != nil {
		return nil, err
	}
	stack := s.stacks[t.user]
	switch {
	case len(stack) == 0 || !t.inView:
		return nil, fail("not_found")
	case len(stack) >= maxStack:
		return nil, fail("push_limit_reached")
	}
	v, err := s.newView(c.method, []byte(c.args["view"]), t.user)
	if err != nil {
		return nil, err
	}
	s.push(v)
	return object{"view": s.renderView(v, nil)}, nil
}

func (s *Server) push(v *view) {
	stack := s.stacks[v.user]
	v.root, v.previous = stack[0].id, stack[len(stack)-1].id
	s.stacks[v.user] = append(stack, v)
	s.touch()
}

func (s *Server) viewsUpdate(c *call) (object, error) {
	v := s.views[c.args["view_id"]]
	if ext := c.args["external_id"]; ext != "" {
		v = s.viewByExternal(ext)
	}
	if v == nil {
		return nil, fail("not_found")
	}
	if h := c.args["hash"]; h != "" && h != v.hash {
		return nil, fail("hash_conflict")
	}
	obj, err := s.readView(c.method, []byte(c.args["view"]))
	if err != nil {
		return nil, err
	}
	v.raw = obj
	s.rehash(v)
	s.touch()
	return object{"view": s.renderView(v, nil)}, nil
}

func (s *Server) viewsPublish(c *call) (object, error) {
	u := s.users[c.args["user_id"]]
	if u == nil {
		return nil, fail("user_not_found")
	}
	if old := s.homes[u.id]; old != nil && c.args["hash"] != "" && c.args["hash"] != old.hash {
		return nil, fail("hash_conflict")
	}
	v, err := s.newView(c.method, []byte(c.args["view"]), u.id)
	if err != nil {
		return nil, err
	}
	if str(v.raw, "type") != "home" {
		return nil, fail("invalid_arguments")
	}
	s.homes[u.id] = v
	s.touch()
	return object{"view": s.renderView(v, nil)}, nil
}

// renderView is the view object with its state.
func (s *Server) renderView(v *view, values object) object {
	out := maps.Clone(v.raw)
	if out == nil {
		out = object{}
	}
	if values == nil {
		values = object{}
	}
	out["id"], out["hash"], out["team_id"], out["app_id"], out["bot_id"] = v.id, v.hash, s.teamID, s.appID, s.botID
	out["app_installed_team_id"], out["root_view_id"], out["previous_view_id"] = s.teamID, v.root, nil
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	out["state"] = object{"values": values}
	for _, key := range []string{"private_metadata", "callback_id", "external_id"} {
		out[key] = str(v.raw, key)
	}
	return out
}

// View returns the modal on top; ok is false when none is open.
func (p *Person) View() (View, bool) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if v := p.top(); v != nil {
		return v.snapshot(), true
	}
	return View{}, false
}

func (p *Person) top() *view {
	stack := p.s.stacks[p.id]
	if len(stack) == 0 {
		return nil
	}
	return stack[len(stack)-1]
}

// WaitView waits for a modal that satisfies pred; nil takes any.
func (p *Person) WaitView(pred func(View) bool) (View, error) {
	var hit View
	ok := p.s.wait(func() bool {
		v := p.top()
		if v == nil {
			return false
		}
		hit = v.snapshot()
		return pred == nil || pred(hit)
	})
	if !ok {
		return hit, fmt.Errorf("%w: a modal for %s", ErrWait, p.Name())
	}
	return hit, nil
}

// Home returns the person's Home tab, and tells the application that it was
// opened.
func (p *Person) Home() (View, bool) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	// Its moment has no dot (docs.slack.dev/reference/events/app_home_opened).
	moment := strings.ReplaceAll(s.nextTS(), ".", "")
	s.emit(nil, object{"type": "app_home_opened", "user": p.id, "tab": "home", "channel": "D" + p.id, "event_ts": moment})
	if v := s.homes[p.id]; v != nil {
		return v.snapshot(), true
	}
	return View{}, false
}

// pop closes the modal on top.
func (s *Server) pop(userID string) {
	stack := s.stacks[userID]
	if len(stack) == 0 {
		return
	}
	delete(s.views, stack[len(stack)-1].id)
	s.stacks[userID] = slices.Clone(stack[:len(stack)-1])
	s.touch()
}
