package slacktest

import (
	"encoding/json"
	"slices"
)

// Control is a button, menu or input a person can use.
type Control struct {
	Type, BlockID, ActionID string
	Label                   string // text of a button, placeholder or label of others
	Value, URL, Style       string
	Options                 []Option
	raw                     object
	optional, input         bool
	minLength, maxLength    int
}

// Option is one choice of a menu.
type Option struct{ Text, Value string }

// Controls returns everything that can be used, in reading order.
func (m Message) Controls() []Control { return controls(m.Blocks) }

// Control finds a control by label, action id or block id.
func (m Message) Control(name string) (Control, bool) { return findControl(m.Controls(), name) }

func findControl(list []Control, name string) (Control, bool) {
	for _, match := range []func(Control) string{
		func(c Control) string { return c.ActionID },
		func(c Control) string { return c.Label },
		func(c Control) string { return c.BlockID },
	} {
		for _, c := range list {
			if match(c) == name {
				return c, true
			}
		}
	}
	return Control{}, false
}

// controls walks the blocks for interactive elements.
func controls(blocks json.RawMessage) []Control {
	var list []any
	_ = json.Unmarshal(blocks, &list) // Stored blocks were validated.
	var out []Control
	for _, b := range list {
		block, _ := b.(object)
		for _, key := range []string{"accessory", "element"} {
			if el, ok := block[key].(object); ok {
				out = append(out, newControl(block, el))
			}
		}
		els, _ := block["elements"].([]any)
		for _, e := range els {
			if el, ok := e.(object); ok && str(block, "type") != "context" && str(block, "type") != "rich_text" {
				out = append(out, newControl(block, el))
			}
		}
	}
	return slices.DeleteFunc(out, func(c Control) bool { return c.Type == "image" })
}

func newControl(block, el object) Control {
	c := Control{
		Type: str(el, "type"), BlockID: str(block, "block_id"), ActionID: str(el, "action_id"),
		Value: str(el, "value"), URL: str(el, "url"), Style: str(el, "style"), raw: el,
		input: str(block, "type") == "input", optional: block["optional"] == true,
		minLength: num(el, "min_length"), maxLength: num(el, "max_length"),
	}
	for _, holder := range []any{el["text"], block["label"], el["placeholder"]} {
		if o, ok := holder.(object); ok && c.Label == "" {
			c.Label = str(o, "text")
		}
	}
	for _, o := range optionsOf(el) {
		text, _ := o["text"].(object)
		c.Options = append(c.Options, Option{Text: str(text, "text"), Value: str(o, "value")})
	}
	return c
}

// optionsOf lists the options of an element, those of groups included.
func optionsOf(el object) []object {
	var out []object
	add := func(v any) {
		list, _ := v.([]any)
		for _, o := range list {
			if opt, ok := o.(object); ok {
				out = append(out, opt)
			}
		}
	}
	add(el["options"])
	groups, _ := el["option_groups"].([]any)
	for _, g := range groups {
		if group, ok := g.(object); ok {
			add(group["options"])
		}
	}
	return out
}
