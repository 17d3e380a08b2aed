package slack

import (
	"regexp"
	"strings"
	"testing"

	"taskbridge/bot/chat"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRich(t *testing.T) {
	t.Parallel()
	name := func(id, label string) string {
		if label == "" {
			label = map[string]string{"U1": "Bert"}[id]
		}
		return at(label)
	}
	for in, want := range map[string]chat.Text{
		"plain words":                        nil,
		"a &amp; b &lt;!channel&gt;":         nil,
		"<!channel> look":                    nil,
		"<!subteam^S1|@crew> and <#C1|jobs>": nil,
		"<javascript:alert|x>":               nil,
		"ask <@U1>":                          chat.T("ask ").Mention("U1", "@Bert"),
		"*<@U1>*, now":                       chat.Text{}.Mention("U1", "@Bert").Plain(", now"),
		"<@../etc>":                          nil,
		"a *b &amp; c* `x &lt; y`":           chat.T("a ").Bold("b & c").Plain(" ").Code("x < y"),
		"&gt; said\n_so_":                    chat.Text{}.Quote("said").Plain("\n").Italic("so"),
		"<https://a.example/x_y_|plan>":      chat.Text{}.Link("plan", "https://a.example/x_y_"),
		"<https://a.example/?a=1&amp;b=2>":   chat.Text{}.Link("https://a.example/?a=1&b=2", "https://a.example/?a=1&b=2"),
		"<mailto:a@b.example|a@b.example>":   chat.Text{}.Link("a@b.example", "mailto:a@b.example"),
		"```\nx &lt; y\nz\n```":              {{Kind: chat.CodeBlock, Text: "x < y\nz"}},
		"~old~ <broken":                      {{Kind: chat.Strike, Text: "old"}, {Text: " <broken"}},
	} {
		if diff := cmp.Diff(want, rich(in, name)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

func TestCodeBlocks(t *testing.T) {
	t.Parallel()
	block := func(s string) chat.Span { return chat.Span{Kind: chat.CodeBlock, Text: s} }
	for want, in := range map[string]chat.Text{
		"see\n```\na &lt; b\n*c*\n```\nso": chat.T("see").Add(block("a < b\n*c*")).Plain("so"),
		"```\na\n```\nso":                  chat.Text{block("\na\n")}.Plain("\nso"),
	} {
		if got := oneChunk(in, 3000); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	long := ""
	for range 200 {
		long += "a line of a listing with <angle> brackets\n"
	}
	for _, chunk := range layOut(atoms(chat.Text{block(long)}), maxSection, 20_000) {
		if n := countFences(chunk); n%2 != 0 {
			t.Errorf("a block of code is cut: %d fences in %q", n, chunk)
		}
	}
}

func countFences(s string) (n int) {
	for i := 0; i+3 <= len(s); i++ {
		if s[i:i+3] == "```" {
			n++
			i += 2
		}
	}
	return n
}

// hostilePieces are what a text is put together from that tries to call somebody.
func hostilePieces() []string {
	return []string{
		"<!channel>", "&lt;!channel&gt;", "<!here|x>", "@all", "@here", "<@U123>", "<@U123|ann>", "<!subteam^S1>", "<#C1|jobs>", "@", "all", "<", ">", "!",
		"*", "_", "~", "`", "```", "&gt; ", "\n", " ", "a", "|", "&amp;", "[x](javascript:alert(1))", "<javascript:x|y>", "<https://a.example/?q=@all|@all>", "https://a.example",
	}
}

var sequences = regexp.MustCompile(`<[^>]*>`)

// TestRichCallsNobody reads texts that try to (E24) and writes them again, as they would
// be shown by a mirror whose mentions concern nobody: no control sequence is left but
// links that are safe to follow.
func TestRichCallsNobody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(rapid.SampledFrom(hostilePieces()), 0, 20).Draw(t, "pieces"), "")
		text := rich(in, byLabel(func(string) string { return "Ann" }))
		for n, s := range text {
			switch s.Kind {
			case chat.Everyone, chat.ChannelLink, chat.Moment:
				t.Fatalf("%q becomes a span of kind %d", in, s.Kind)
			case chat.Mention:
				if !isUserID(s.Ref) {
					t.Fatalf("%q mentions %q", in, s.Ref)
				}
				text[n] = chat.Span{Text: s.Text}
			}
		}
		out := oneChunk(text, 3000)
		for _, c := range sequences.FindAllString(out, -1) {
			if !strings.HasPrefix(c, "<https://a.example") {
				t.Fatalf("%q is written as %q", in, out)
			}
		}
	})
}
