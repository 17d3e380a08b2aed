package slacktest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"taskbridge/adapters/slack/slacktest"
)

// long is n Cyrillic letters, two bytes each: the limits count characters.
func long(n int) string { return strings.Repeat("ж", n) }

func plain(n int) string { return fmt.Sprintf(`{"type":"plain_text","text":%q}`, long(n)) }

func repeat(n int, item string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = strings.ReplaceAll(item, "#", fmt.Sprint(i))
	}
	return "[" + strings.Join(items, ",") + "]"
}

// Each row has a form that takes a number; most is the largest that passes.
func TestBlockLimits(t *testing.T) {
	t.Parallel()
	option := `{"text":{"type":"plain_text","text":"o"},"value":"v#"}`
	element := func(el string) string {
		return `[{"type":"actions","elements":[` + el + `]}]`
	}
	button := func(field string) string {
		return element(`{"type":"button","action_id":"a","text":{"type":"plain_text","text":"b"},` + field + `}`)
	}
	tests := []struct {
		name  string
		most  int
		build func(n int) string
	}{
		{"blocks", 50, func(n int) string { return repeat(n, `{"type":"divider"}`) }},
		{"block_id", 255, func(n int) string { return fmt.Sprintf(`[{"type":"divider","block_id":%q}]`, long(n)) }},
		{"section text", 3000, func(n int) string { return `[{"type":"section","text":` + plain(n) + `}]` }},
		{"section fields", 10, func(n int) string {
			return `[{"type":"section","fields":` + repeat(n, `{"type":"mrkdwn","text":"f"}`) + `}]`
		}},
		{"section field", 2000, func(n int) string { return `[{"type":"section","fields":[` + plain(n) + `]}]` }},
		{"actions", 25, func(n int) string {
			return `[{"type":"actions","elements":` + repeat(n, `{"type":"button","action_id":"a#","text":{"type":"plain_text","text":"b"}}`) + `}]`
		}},
		{"context", 10, func(n int) string {
			return `[{"type":"context","elements":` + repeat(n, `{"type":"mrkdwn","text":"c"}`) + `}]`
		}},
		{"header", 150, func(n int) string { return `[{"type":"header","text":` + plain(n) + `}]` }},
		{"input label", 2000, func(n int) string {
			return `[{"type":"input","label":` + plain(n) + `,"element":{"type":"plain_text_input","action_id":"a"}}]`
		}},
		{"placeholder", 150, func(n int) string {
			return `[{"type":"input","label":` + plain(1) + `,"element":{"type":"plain_text_input","action_id":"a","placeholder":` + plain(n) + `}}]`
		}},
		{"initial value", 3000, func(n int) string {
			return fmt.Sprintf(`[{"type":"input","label":%s,"element":{"type":"plain_text_input","initial_value":%q}}]`, plain(1), long(n))
		}},
		{"max_length", 3000, func(n int) string {
			return fmt.Sprintf(`[{"type":"input","label":%s,"element":{"type":"plain_text_input","max_length":%d}}]`, plain(1), n)
		}},
		{"alt text", 2000, func(n int) string {
			return fmt.Sprintf(`[{"type":"image","image_url":"https://x","alt_text":%q}]`, long(n))
		}},
		{"button text", 75, func(n int) string {
			return element(`{"type":"button","action_id":"a","text":` + plain(n) + `}`)
		}},
		{"button value", 2000, func(n int) string { return button(fmt.Sprintf(`"value":%q`, long(n))) }},
		{"button url", 3000, func(n int) string { return button(fmt.Sprintf(`"url":%q`, long(n))) }},
		{"action_id", 255, func(n int) string {
			return strings.Replace(button(`"value":"v"`), `"a"`, fmt.Sprintf("%q", long(n)), 1)
		}},
		{"confirm title", 100, func(n int) string { return button(`"confirm":{"title":` + plain(n) + `}`) }},
		{"confirm text", 300, func(n int) string { return button(`"confirm":{"text":` + plain(n) + `}`) }},
		{"confirm button", 30, func(n int) string { return button(`"confirm":{"confirm":` + plain(n) + `}`) }},
		{"options", 100, func(n int) string {
			return element(`{"type":"static_select","action_id":"a","options":` + repeat(n, option) + `}`)
		}},
		{"option text", 75, func(n int) string {
			return element(`{"type":"static_select","action_id":"a","options":[{"text":` + plain(n) + `,"value":"v"}]}`)
		}},
		{"option value", 75, func(n int) string {
			return element(fmt.Sprintf(`{"type":"static_select","action_id":"a","options":[{"text":%s,"value":%q}]}`, plain(1), long(n)))
		}},
		{"option groups", 100, func(n int) string {
			return element(`{"type":"static_select","action_id":"a","option_groups":` + repeat(n, `{"label":{"type":"plain_text","text":"g"},"options":[`+option+`]}`) + `}`)
		}},
		{"overflow", 5, func(n int) string {
			return element(`{"type":"overflow","action_id":"a","options":` + repeat(n, option) + `}`)
		}},
		{"checkboxes", 10, func(n int) string {
			return element(`{"type":"checkboxes","action_id":"a","options":` + repeat(n, option) + `}`)
		}},
		{"radio buttons", 10, func(n int) string {
			return element(`{"type":"radio_buttons","action_id":"a","options":` + repeat(n, option) + `}`)
		}},
		{"markdown", 12000, func(n int) string { return fmt.Sprintf(`[{"type":"markdown","text":%q}]`, long(n)) }},
		{"table rows", 100, func(n int) string {
			return `[{"type":"table","rows":` + repeat(n, `[{"type":"raw_text","text":"c"}]`) + `}]`
		}},
		{"table cells", 20, func(n int) string {
			return `[{"type":"table","rows":[` + repeat(n, `{"type":"raw_text","text":"c"}`) + `]}]`
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := slacktest.CheckBlocks(slacktest.SurfaceMessage, []byte(tt.build(tt.most))); len(got) != 0 {
				t.Errorf("%d is allowed, got %v", tt.most, got)
			}
			if got := slacktest.CheckBlocks(slacktest.SurfaceMessage, []byte(tt.build(tt.most+1))); len(got) == 0 {
				t.Errorf("%d is over the limit of %d", tt.most+1, tt.most)
			}
		})
	}
}

func TestBlockRules(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, blocks, want string }{
		{"not an array", `{}`, "not a JSON array"},
		{"empty text", `[{"type":"header","text":{"type":"plain_text","text":""}}]`, "must be more than 0 characters"},
		{"header markup", `[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`, "must be plain_text"},
		{"empty section", `[{"type":"section"}]`, "must have text or fields"},
		{"unknown block", `[{"type":"banner"}]`, "unsupported type: banner"},
		{"alert", `[{"type":"alert"}]`, "modals only"},
		{"card", `[{"type":"card"}]`, "unsupported type: card"},
		{"same block_id", `[{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}]`, "already exists"},
		{"same action_id", `[{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"1"}},{"type":"button","action_id":"a","text":{"type":"plain_text","text":"2"}}]}]`, "already exists"},
		{"style", `[{"type":"actions","elements":[{"type":"button","style":"warning","text":{"type":"plain_text","text":"1"}}]}]`, "primary or danger"},
		{"text input in actions", `[{"type":"actions","elements":[{"type":"plain_text_input"}]}]`, "unsupported type: plain_text_input"},
		{"file input in message", `[{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"file_input"}}]`, "unsupported type: file_input"},
		{"no options", `[{"type":"actions","elements":[{"type":"static_select"}]}]`, "either options or option_groups"},
		{"foreign initial", `[{"type":"actions","elements":[{"type":"static_select","options":[{"text":{"type":"plain_text","text":"1"},"value":"1"}],"initial_option":{"text":{"type":"plain_text","text":"2"},"value":"2"}}]}]`, "not among the options"},
		{"total", repeat(5, `{"type":"section","text":`+plain(2700)+`}`), "at most 13200"},
		{"markdown total", repeat(2, fmt.Sprintf(`{"type":"markdown","text":%q}`, long(6001))), "all markdown blocks"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := slacktest.CheckBlocks(slacktest.SurfaceMessage, []byte(tt.blocks))
			if len(got) == 0 || !strings.Contains(fmt.Sprint(got), tt.want) {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}

func TestViewLimits(t *testing.T) {
	t.Parallel()
	build := func(title, submit, cancel, meta, callback, blocks int) []byte {
		raw, _ := json.Marshal(map[string]any{
			"type": "modal", "title": json.RawMessage(plain(title)), "submit": json.RawMessage(plain(submit)), "close": json.RawMessage(plain(cancel)),
			"private_metadata": long(meta), "callback_id": long(callback), "blocks": json.RawMessage(repeat(blocks, `{"type":"divider"}`)),
		})
		return raw
	}
	if got := slacktest.CheckView(build(24, 24, 24, 3000, 255, 100)); len(got) != 0 {
		t.Fatalf("all at their limits: %v", got)
	}
	for name, raw := range map[string][]byte{
		"title": build(25, 1, 1, 0, 0, 1), "submit": build(1, 25, 1, 0, 0, 1), "close": build(1, 1, 25, 0, 0, 1),
		"private_metadata": build(1, 1, 1, 3001, 0, 1), "callback_id": build(1, 1, 1, 0, 256, 1), "blocks": build(1, 1, 1, 0, 0, 101),
		"no title":  []byte(`{"type":"modal","blocks":[]}`),
		"no submit": []byte(`{"type":"modal","title":` + plain(1) + `,"blocks":[{"type":"input","label":` + plain(1) + `,"element":{"type":"plain_text_input"}}]}`),
		"type":      []byte(`{"title":` + plain(1) + `,"blocks":[]}`),
	} {
		if got := slacktest.CheckView(raw); len(got) != 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestInvalidBlocksAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	b.Allow(slacktest.RuleBlocks)
	header := slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", long(151), false, false))
	_, _, err := b.api.PostMessageContext(t.Context(), b.ops, slack.MsgOptionBlocks(header))
	wantCode(t, err, "invalid_blocks")
	b.violated(t, slacktest.RuleBlocks)
	if n := len(b.Messages(b.ops)); n != 0 {
		t.Errorf("%d messages were posted", n)
	}
}
