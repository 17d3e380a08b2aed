package slacktest

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Values are what a person enters, by action id, label or block id of the input.
// A string fills texts, dates and single choices (by text or value); a []string
// fills multiple choices.
type Values map[string]any

// Submitted is what became of a submission.
type Submitted struct {
	Errors map[string]string // field errors by block id; the modal stays open
	Closed bool              // no modal is left
	View   *View             // the modal on top now, if any
}

// Submit fills in the modal on top and submits it. Inputs that are not named
// keep their initial values. What a Slack client refuses itself (a required
// input left empty, a text too long) is reported under Errors without asking the
// application.
func (p *Person) Submit(values Values) (Submitted, error) {
	s := p.s
	s.mu.Lock()
	v := p.top()
	if v == nil {
		s.mu.Unlock()
		return Submitted{}, fmt.Errorf("open modal: %w", ErrUnknown)
	}
	list := v.snapshot().Controls()
	state, refused, err := fill(list, values)
	if err != nil || len(refused) > 0 {
		snap := v.snapshot()
		s.mu.Unlock()
		return Submitted{Errors: refused, View: &snap}, err
	}
	payload := s.common("view_submission", s.users[p.id])
	payload["trigger_id"] = s.newTrigger(p.id, true)
	payload["view"] = s.renderView(v, state)
	payload["response_urls"] = []object{}
	s.mu.Unlock()

	got, err := s.interact(payload, true)
	if err != nil {
		return Submitted{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out, err := s.applyAction(p, v, list, got)
	if top := p.top(); top != nil {
		snap := top.snapshot()
		out.View = &snap
	}
	out.Closed = out.View == nil
	return out, err
}

// applyAction plays out the response_action of a submission.
func (s *Server) applyAction(p *Person, v *view, list []Control, got receipt) (Submitted, error) {
	var answer struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	trouble := func(format string, args ...any) (Submitted, error) {
		s.violatef(RuleAckShape, "view_submission", format, args...)
		return Submitted{}, fmt.Errorf("we had some trouble connecting: %w", ErrDispatchFailed)
	}
	if len(strings.TrimSpace(string(got.body))) > 0 {
		if err := json.Unmarshal(got.body, &answer); err != nil {
			return trouble("the answer is no JSON object")
		}
		if !got.json {
			return trouble("the answer has no JSON content type")
		}
	}
	switch answer.Action {
	case "":
		s.drop(v)
	case "clear":
		s.closeAll(p.id)
		s.touch()
	case "errors":
		if len(answer.Errors) == 0 {
			return trouble("response_action errors without errors")
		}
		for key := range answer.Errors {
			if c, ok := findControl(list, key); !ok || c.BlockID != key || !c.input {
				return trouble("errors names %q, which is no block_id of an input block", key)
			}
		}
		return Submitted{Errors: answer.Errors}, nil
	case "update":
		obj, err := s.readView("response_action update", answer.View)
		if err != nil {
			return Submitted{}, fmt.Errorf("%w: %w", err, ErrDispatchFailed)
		}
		v.raw = obj
		s.rehash(v)
		s.touch()
	case "push":
		if len(s.stacks[p.id]) >= maxStack {
			return trouble("push over %d modals", maxStack)
		}
		next, err := s.newView("response_action push", answer.View, p.id)
		if err != nil {
			return Submitted{}, fmt.Errorf("%w: %w", err, ErrDispatchFailed)
		}
		s.push(next)
	default:
		return trouble("unknown response_action %q", answer.Action)
	}
	return Submitted{}, nil
}

// drop closes a submitted modal unless it is gone already.
func (s *Server) drop(v *view) {
	if stack := s.stacks[v.user]; len(stack) > 0 && stack[len(stack)-1] == v {
		s.pop(v.user)
	}
}

// fill builds state.values and what the client itself refuses.
func fill(list []Control, values Values) (state object, refused map[string]string, err error) {
	used := map[string]bool{}
	state, refused = object{}, map[string]string{}
	for _, c := range list {
		if c.Type == "button" || c.Type == "overflow" {
			continue
		}
		given, named := any(nil), false
		for _, key := range []string{c.ActionID, c.Label, c.BlockID} {
			if v, ok := values[key]; ok && !named {
				given, named = v, true
				used[key] = true
			}
		}
		value, filled, err := c.enter(given, named)
		if err != nil {
			return nil, nil, err
		}
		if c.input && !c.optional && !filled {
			refused[c.BlockID] = "This is a required field"
		}
		if text := str(value, "value"); c.input && text != "" {
			n := utf8.RuneCountInString(text)
			if limit := c.maxLength; limit > 0 && n > limit || n > 3000 {
				refused[c.BlockID] = "Too long"
			}
			if n < c.minLength {
				refused[c.BlockID] = "Too short"
			}
		}
		block, _ := state[c.BlockID].(object)
		if block == nil {
			block = object{}
		}
		block[c.ActionID] = value
		state[c.BlockID] = block
	}
	for key := range values {
		if !used[key] {
			return nil, nil, fmt.Errorf("input %q: %w", key, ErrUnknown)
		}
	}
	return state, refused, nil
}

// enter is one element of state.values, from what was given or preset.
func (c Control) enter(given any, named bool) (value object, filled bool, err error) {
	value = object{"type": c.Type}
	text, _ := given.(string)
	one := func(key, preset string) {
		value[key] = nil
		if !named {
			text = str(c.raw, preset)
		}
		if text != "" {
			value[key], filled = text, true
		}
	}
	switch c.Type {
	case "static_select", "external_select", "radio_buttons":
		value["selected_option"] = nil
		if !named {
			if o, ok := c.raw["initial_option"].(object); ok {
				value["selected_option"], filled = o, true
			}
		} else if text != "" {
			o, ok := c.choose(text)
			if !ok {
				return nil, false, fmt.Errorf("option %q of %q: %w", text, c.Label, ErrUnknown)
			}
			value["selected_option"], filled = o, true
		}
	case "checkboxes", "multi_static_select":
		chosen := []object{}
		names, _ := given.([]string)
		if text != "" {
			names = []string{text}
		}
		for _, name := range names {
			o, ok := c.choose(name)
			if !ok {
				return nil, false, fmt.Errorf("option %q of %q: %w", name, c.Label, ErrUnknown)
			}
			chosen = append(chosen, o)
		}
		if preset, ok := c.raw["initial_options"].([]any); ok && !named {
			for _, o := range preset {
				obj, _ := o.(object)
				chosen = append(chosen, obj)
			}
		}
		value["selected_options"], filled = chosen, len(chosen) > 0
	case "multi_users_select":
		value["selected_users"], filled = given, given != nil
	case "datepicker":
		one("selected_date", "initial_date")
	case "timepicker":
		one("selected_time", "initial_time")
	case "users_select":
		one("selected_user", "initial_user")
	case "conversations_select":
		one("selected_conversation", "initial_conversation")
	case "channels_select":
		one("selected_channel", "initial_channel")
	case "datetimepicker":
		value["selected_date_time"], filled = given, given != nil
		if !named && c.raw["initial_date_time"] != nil {
			value["selected_date_time"], filled = c.raw["initial_date_time"], true
		}
	case "file_input":
		value["files"], filled = given, given != nil
	default:
		one("value", "initial_value")
	}
	return value, filled, nil
}

// CloseView dismisses the modal on top; the application hears of it when it
// asked to.
func (p *Person) CloseView() error {
	s := p.s
	s.mu.Lock()
	v := p.top()
	if v == nil {
		s.mu.Unlock()
		return fmt.Errorf("open modal: %w", ErrUnknown)
	}
	s.pop(p.id)
	if v.raw["notify_on_close"] != true {
		s.mu.Unlock()
		return nil
	}
	payload := s.common("view_closed", s.users[p.id])
	payload["view"], payload["is_cleared"] = s.renderView(v, nil), false
	s.mu.Unlock()
	_, err := s.interact(payload, false)
	return err
}
