package slacktest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

func selects() []string {
	return []string{"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
}

func pickers() []string { return []string{"datepicker", "timepicker", "checkboxes", "radio_buttons"} }

func multiSelects() []string {
	out := selects()
	for i := range out {
		out[i] = "multi_" + out[i]
	}
	return out
}

func actionElements() []string {
	return slices.Concat([]string{"button", "overflow", "datetimepicker", "workflow_button"}, selects(), multiSelects(), pickers())
}

func sectionElements() []string {
	return slices.Concat([]string{"button", "overflow", "image", "workflow_button"}, selects(), multiSelects(), pickers())
}

// inputElements are those of input blocks; some live in modals only.
func inputElements(surface Surface) []string {
	out := slices.Concat([]string{"plain_text_input", "datetimepicker", "email_text_input", "number_input", "url_text_input"}, selects(), multiSelects(), pickers())
	if surface == SurfaceModal {
		out = append(out, "file_input", "rich_text_input")
	}
	return out
}

// element checks one interactive element.
func (c *checker) element(p string, v any, allowed []string) {
	el, ok := v.(object)
	if !ok {
		c.reportf(p, "not an object")
		return
	}
	kind := str(el, "type")
	if !slices.Contains(allowed, kind) {
		c.reportf(p+"/type", "unsupported type: %s", kind)
		return
	}
	if kind == "image" {
		c.image(p, el)
		return
	}
	c.length(p+"/action_id", el["action_id"], 255)
	if id := str(el, "action_id"); id != "" {
		if c.actions[id] {
			c.reportf(p+"/action_id", "action_id %q already exists in the block", id)
		}
		c.actions[id] = true
	}
	if el["focus_on_load"] == true {
		c.focus++
	}
	c.plain(p+"/placeholder", el["placeholder"], 150, false)
	c.confirm(p+"/confirm", el["confirm"])
	switch {
	case kind == "button":
		c.button(p, el)
	case strings.HasSuffix(kind, "static_select"):
		c.options(p, el, 100)
		c.initial(p, el)
	case kind == "overflow":
		c.options(p, el, 5)
	case kind == "checkboxes", kind == "radio_buttons":
		c.options(p, el, 10)
		c.initial(p, el)
	case strings.HasSuffix(kind, "text_input"):
		c.textInput(p, el)
	case kind == "number_input" && el["is_decimal_allowed"] == nil:
		c.reportf(p+"/is_decimal_allowed", "missing required field")
	case kind == "file_input":
		c.between(p+"/max_files", el, "max_files", 1, 10)
	}
}

func (c *checker) button(p string, el object) {
	c.plain(p+"/text", el["text"], 75, true)
	c.length(p+"/value", el["value"], 2000)
	c.length(p+"/url", el["url"], 3000)
	c.length(p+"/accessibility_label", el["accessibility_label"], 75)
	if style := str(el, "style"); style != "" && style != "primary" && style != "danger" {
		c.reportf(p+"/style", "must be primary or danger")
	}
}

func (c *checker) textInput(p string, el object) {
	c.between(p+"/min_length", el, "min_length", 0, 3000)
	c.between(p+"/max_length", el, "max_length", 1, 3000)
	c.between(p+"/min_lines", el, "min_lines", 1, 100)
	c.between(p+"/max_lines", el, "max_lines", 1, 100)
	initial := str(el, "initial_value")
	most := 3000
	if el["max_length"] != nil {
		most = num(el, "max_length")
		if num(el, "min_length") > most {
			c.reportf(p+"/min_length", "must not be more than max_length")
		}
	}
	if utf8.RuneCountInString(initial) > most {
		c.reportf(p+"/initial_value", "must be less than %d characters", most+1)
	}
}

// options checks the choices of a menu, given flat or in groups.
func (c *checker) options(p string, el object, limit int) {
	options, flat := el["options"].([]any)
	groups, grouped := el["option_groups"].([]any)
	switch {
	case flat == grouped:
		c.reportf(p, "must have either options or option_groups")
	case flat:
		c.optionList(p+"/options", options, limit)
	}
	if len(groups) > 100 {
		c.reportf(p+"/option_groups", "no more than 100 items allowed [max-items]")
	}
	for i, g := range groups {
		group, _ := g.(object)
		at := fmt.Sprintf("%s/option_groups/%d", p, i)
		c.plain(at+"/label", group["label"], 75, true)
		list, _ := group["options"].([]any)
		c.optionList(at+"/options", list, limit)
	}
}

func (c *checker) optionList(p string, list []any, limit int) {
	if len(list) == 0 {
		c.reportf(p, "must have at least 1 item")
	}
	if len(list) > limit {
		c.reportf(p, "no more than %d items allowed [max-items]", limit)
	}
	for i, o := range list {
		c.option(fmt.Sprintf("%s/%d", p, i), o)
	}
}

// option takes values up to 150 characters (docs.slack.dev) only to 75, since
// Slack's own sources disagree.
func (c *checker) option(p string, v any) {
	o, ok := v.(object)
	if !ok {
		c.reportf(p, "not an object")
		return
	}
	c.text(p+"/text", o["text"], 75, true)
	if o["value"] == nil {
		c.reportf(p+"/value", "missing required field")
	}
	c.length(p+"/value", o["value"], 75)
	c.length(p+"/url", o["url"], 3000)
	if o["description"] != nil {
		c.text(p+"/description", o["description"], 75, false)
	}
}

// initial checks that preset choices are among the options.
func (c *checker) initial(p string, el object) {
	var preset []any
	if o := el["initial_option"]; o != nil {
		preset = append(preset, o)
	}
	if list, ok := el["initial_options"].([]any); ok {
		if len(list) == 0 {
			c.reportf(p+"/initial_options", "must have at least 1 item")
		}
		preset = append(preset, list...)
	}
	for _, v := range preset {
		o, _ := v.(object)
		known := slices.ContainsFunc(optionsOf(el), func(x object) bool { return x["value"] == o["value"] })
		if !known {
			c.reportf(p, "initial option %q is not among the options", str(o, "value"))
		}
	}
}

func (c *checker) confirm(p string, v any) {
	o, ok := v.(object)
	if !ok {
		return
	}
	c.plain(p+"/title", o["title"], 100, false)
	c.text(p+"/text", o["text"], 300, false)
	c.plain(p+"/confirm", o["confirm"], 30, false)
	c.plain(p+"/deny", o["deny"], 30, false)
}

// text checks a text object of either kind.
func (c *checker) text(p string, v any, limit int, required bool) {
	if v == nil {
		if required {
			c.reportf(p, "missing required field")
		}
		return
	}
	o, ok := v.(object)
	if !ok {
		c.reportf(p, "not a text object")
		return
	}
	if kind := str(o, "type"); kind != "plain_text" && kind != "mrkdwn" {
		c.reportf(p+"/type", "unsupported type: %s", kind)
	}
	if o["type"] == "mrkdwn" && o["emoji"] != nil {
		c.reportf(p+"/emoji", "only allowed on plain_text")
	}
	text, isText := o["text"].(string)
	if !isText {
		c.reportf(p+"/text", "missing required field")
		return
	}
	c.within(p+"/text", text, 1, limit)
	c.total += utf8.RuneCountInString(text)
}

// plain checks a text object that must be plain_text.
func (c *checker) plain(p string, v any, limit int, required bool) {
	if o, ok := v.(object); ok && o["type"] != "plain_text" {
		c.reportf(p+"/type", "must be plain_text")
		return
	}
	c.text(p, v, limit, required)
}

func (c *checker) within(p, text string, least, most int) {
	n := utf8.RuneCountInString(text)
	if n < least {
		c.reportf(p, "must be more than %d characters", least-1)
	}
	if n > most {
		c.reportf(p, "must be less than %d characters", most+1)
	}
}

// length checks an optional string.
func (c *checker) length(p string, v any, most int) {
	if v == nil {
		return
	}
	text, ok := v.(string)
	if !ok {
		c.reportf(p, "must be a string")
		return
	}
	c.within(p, text, 0, most)
}

// between checks an optional number.
func (c *checker) between(p string, el object, key string, least, most int) {
	if el[key] == nil {
		return
	}
	if n := num(el, key); n < least || n > most {
		c.reportf(p, "must be %d to %d", least, most)
	}
}
