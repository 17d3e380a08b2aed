package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Surface is where blocks are shown; some are allowed in one place only.
type Surface string

// The surfaces.
const (
	SurfaceMessage Surface = "message"
	SurfaceModal   Surface = "modal"
	SurfaceHome    Surface = "home"
)

// maxMessageText is the undocumented total of block text of one message; at
// about this many characters Slack was seen answering msg_blocks_too_long.
const maxMessageText = 13_200

// maxViewBytes is the bound of view_too_large.
const maxViewBytes = 250_000

// Problem is one breach of a Block Kit limit.
type Problem struct {
	Pointer string // JSON pointer to what is wrong
	Text    string
	tooLong bool
}

// String has the form of Slack's response_metadata messages.
func (p Problem) String() string {
	return fmt.Sprintf("[ERROR] %s [json-pointer:%s]", p.Text, p.Pointer)
}

func (p Problem) code() string {
	if p.tooLong {
		return "msg_blocks_too_long"
	}
	return "invalid_blocks"
}

func problemFields(list []Problem) object {
	lines := make([]string, len(list))
	for i, p := range list {
		lines[i] = p.String()
	}
	return object{"response_metadata": object{"messages": lines}}
}

// CheckBlocks validates a JSON array of blocks against the documented limits
// (docs.slack.dev/reference/block-kit). Lengths count Unicode code points.
func CheckBlocks(surface Surface, raw []byte) []Problem {
	var list []any
	if err := json.Unmarshal(raw, &list); err != nil {
		return []Problem{{Pointer: "/blocks", Text: "not a JSON array"}}
	}
	c := newChecker(surface)
	c.blocks("/blocks", list)
	return c.problems
}

// CheckView validates a modal or Home tab. A missing type counts as modal.
func CheckView(raw []byte) []Problem {
	var view object
	if err := json.Unmarshal(raw, &view); err != nil || view == nil {
		return []Problem{{Pointer: "/view", Text: "not a JSON object"}}
	}
	surface := SurfaceModal
	if view["type"] == "home" {
		surface = SurfaceHome
	}
	c := newChecker(surface)
	if t := view["type"]; t != "modal" && t != "home" {
		c.reportf("/view/type", "must be modal or home")
	}
	if len(raw) > maxViewBytes {
		c.reportf("/view", "view_too_large: %d bytes, at most %d", len(raw), maxViewBytes)
	}
	if surface == SurfaceModal {
		c.plain("/view/title", view["title"], 24, true)
	}
	c.plain("/view/submit", view["submit"], 24, false)
	c.plain("/view/close", view["close"], 24, false)
	c.length("/view/private_metadata", view["private_metadata"], 3000)
	c.length("/view/callback_id", view["callback_id"], 255)
	c.length("/view/external_id", view["external_id"], 255)
	list, ok := view["blocks"].([]any)
	if !ok {
		c.reportf("/view/blocks", "missing required field")
	}
	c.blocks("/view/blocks", list)
	if view["submit"] == nil && surface == SurfaceModal && slices.ContainsFunc(list, isInput) {
		c.reportf("/view/submit", "must be present when an input block is")
	}
	return c.problems
}

func isInput(b any) bool {
	block, _ := b.(object)
	return block["type"] == "input"
}

type checker struct {
	surface  Surface
	problems []Problem
	blockIDs map[string]bool
	actions  map[string]bool // action ids of the current block
	focus    int             // elements with focus_on_load
	total    int             // characters of all text
	markdown int             // characters of all markdown blocks
}

func newChecker(surface Surface) *checker {
	return &checker{surface: surface, blockIDs: map[string]bool{}}
}

func (c *checker) reportf(pointer, format string, args ...any) {
	c.problems = append(c.problems, Problem{Pointer: pointer, Text: fmt.Sprintf(format, args...)})
}

func (c *checker) blocks(p string, list []any) {
	limit := 100
	if c.surface == SurfaceMessage {
		limit = 50
	}
	if len(list) > limit {
		c.reportf(p, "no more than %d items allowed [max-items]", limit)
	}
	for i, b := range list {
		c.block(fmt.Sprintf("%s/%d", p, i), b)
	}
	if c.markdown > 12_000 {
		c.reportf(p, "all markdown blocks together must be less than 12001 characters")
	}
	if c.surface == SurfaceMessage && c.total > maxMessageText {
		c.problems = append(c.problems, Problem{
			Pointer: p, tooLong: true, Text: fmt.Sprintf("%d characters of text, at most %d", c.total, maxMessageText),
		})
	}
	if c.focus > 1 {
		c.reportf(p, "focus_on_load on more than one element")
	}
}

// block checks one block of any type.
func (c *checker) block(p string, v any) {
	b, ok := v.(object)
	if !ok {
		c.reportf(p, "not an object")
		return
	}
	c.length(p+"/block_id", b["block_id"], 255)
	if id := str(b, "block_id"); id != "" {
		if c.blockIDs[id] {
			c.reportf(p+"/block_id", "block_id %q already exists", id)
		}
		c.blockIDs[id] = true
	}
	c.actions = map[string]bool{}
	switch kind := str(b, "type"); kind {
	case "section":
		c.section(p, b)
	case "actions":
		c.elements(p, b, 25, actionElements())
	case "context":
		c.context(p, b)
	case "context_actions":
		c.messageOnly(p, kind)
		c.elements(p, b, 5, []string{"feedback_buttons", "icon_button"})
	case "header":
		c.plain(p+"/text", b["text"], 150, true)
		if l, set := b["level"]; set && (num(object{"l": l}, "l") < 1 || num(object{"l": l}, "l") > 4) {
			c.reportf(p+"/level", "must be 1 to 4")
		}
	case "divider":
	case "input":
		c.input(p, b)
	case "image":
		c.image(p, b)
		c.plain(p+"/title", b["title"], 2000, false)
	case "markdown":
		text := str(b, "text")
		c.within(p+"/text", text, 1, 12_000)
		c.markdown += utf8.RuneCountInString(text)
		c.total += utf8.RuneCountInString(text)
	case "rich_text":
		c.richText(p, b)
	case "table":
		c.table(p, b)
	case "video":
		c.plain(p+"/title", b["title"], 199, true)
		c.length(p+"/alt_text", b["alt_text"], 2000)
	case "file":
	case "alert":
		if c.surface != SurfaceModal {
			c.reportf(p+"/type", "alert is allowed in modals only")
		}
	case "card", "carousel", "container", "layout":
		c.agentBlock(p, b, kind)
	default:
		c.reportf(p+"/type", "unsupported type: %s", kind)
	}
}

func (c *checker) messageOnly(p, kind string) {
	if c.surface != SurfaceMessage {
		c.reportf(p+"/type", "%s is allowed in messages only", kind)
	}
}

func (c *checker) section(p string, b object) {
	fields, hasFields := b["fields"].([]any)
	if b["text"] == nil && !hasFields {
		c.reportf(p, "must have text or fields")
	}
	c.text(p+"/text", b["text"], 3000, false)
	if hasFields && len(fields) == 0 {
		c.reportf(p+"/fields", "must have at least 1 item")
	}
	if len(fields) > 10 {
		c.reportf(p+"/fields", "no more than 10 items allowed [max-items]")
	}
	for i, f := range fields {
		c.text(fmt.Sprintf("%s/fields/%d", p, i), f, 2000, true)
	}
	if a := b["accessory"]; a != nil {
		c.element(p+"/accessory", a, sectionElements())
	}
}

func (c *checker) elements(p string, b object, limit int, allowed []string) {
	list, _ := b["elements"].([]any)
	if len(list) == 0 {
		c.reportf(p+"/elements", "must have at least 1 item")
	}
	if len(list) > limit {
		c.reportf(p+"/elements", "no more than %d items allowed [max-items]", limit)
	}
	for i, e := range list {
		c.element(fmt.Sprintf("%s/elements/%d", p, i), e, allowed)
	}
}

func (c *checker) context(p string, b object) {
	list, _ := b["elements"].([]any)
	if len(list) == 0 || len(list) > 10 {
		c.reportf(p+"/elements", "must have 1 to 10 items, has %d", len(list))
	}
	for i, e := range list {
		at := fmt.Sprintf("%s/elements/%d", p, i)
		if el, ok := e.(object); ok && el["type"] == "image" {
			c.image(at, el)
			continue
		}
		c.text(at, e, 3000, true)
	}
}

func (c *checker) input(p string, b object) {
	c.plain(p+"/label", b["label"], 2000, true)
	c.plain(p+"/hint", b["hint"], 2000, false)
	if b["element"] == nil {
		c.reportf(p+"/element", "missing required field")
		return
	}
	c.element(p+"/element", b["element"], inputElements(c.surface))
}

func (c *checker) image(p string, b object) {
	if b["alt_text"] == nil {
		c.reportf(p+"/alt_text", "missing required field")
	}
	c.length(p+"/alt_text", b["alt_text"], 2000)
	c.length(p+"/image_url", b["image_url"], 3000)
	if b["image_url"] == nil && b["slack_file"] == nil {
		c.reportf(p, "must have image_url or slack_file")
	}
}

func (c *checker) richText(p string, b object) {
	list, ok := b["elements"].([]any)
	if !ok {
		c.reportf(p+"/elements", "missing required field")
	}
	known := []string{"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
	for i, e := range list {
		el, _ := e.(object)
		if !slices.Contains(known, str(el, "type")) {
			c.reportf(fmt.Sprintf("%s/elements/%d/type", p, i), "unsupported type: %s", str(el, "type"))
		}
	}
	walkAny(b, func(o object) bool {
		if t, isText := o["text"].(string); isText {
			c.total += utf8.RuneCountInString(t)
			if t == "" && o["type"] == "text" {
				c.reportf(p, "must be more than 0 characters")
			}
		}
		return true
	})
}

func (c *checker) table(p string, b object) {
	rows, _ := b["rows"].([]any)
	if len(rows) == 0 || len(rows) > 100 {
		c.reportf(p+"/rows", "must have 1 to 100 rows, has %d", len(rows))
	}
	for i, r := range rows {
		if cells, _ := r.([]any); len(cells) > 20 {
			c.reportf(fmt.Sprintf("%s/rows/%d", p, i), "no more than 20 items allowed [max-items]")
		}
	}
	if cols, _ := b["column_settings"].([]any); len(cols) > 20 {
		c.reportf(p+"/column_settings", "no more than 20 items allowed [max-items]")
	}
}

// agentBlock covers the newest blocks, which chat.postMessage was seen
// refusing; in messages they are refused here as well.
func (c *checker) agentBlock(p string, b object, kind string) {
	if c.surface == SurfaceMessage && (kind == "card" || kind == "carousel") {
		c.reportf(p+"/type", "unsupported type: %s", kind)
		return
	}
	for field, limit := range map[string]int{"title": 150, "subtitle": 150, "body": 200, "label": 150} {
		if b[field] != nil {
			c.text(p+"/"+field, b[field], limit, false)
		}
	}
	children := map[string]string{"carousel": "elements", "container": "child_blocks"}[kind]
	if children == "" {
		return
	}
	if list, _ := b[children].([]any); len(list) < 1 || len(list) > 10 {
		c.reportf(p+"/"+children, "must have 1 to 10 items, has %d", len(list))
	}
}
