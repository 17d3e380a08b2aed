package slack

import (
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

func TestNeutral(t *testing.T) {
	t.Parallel()
	known := byLabel(func(id string) string { return map[string]string{"U1": "Anna"}[id] })
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{"a &amp; b &lt;c&gt; &quot;", "a & b <c> &quot;"},
		{"&amp;lt;!channel&amp;gt;", "&lt;!channel&gt;"},
		{"<https://x.example>", "https://x.example"},
		{"<https://x.example/?a=1&amp;b=2|the plan>", "the plan (https://x.example/?a=1&b=2)"},
		{"<http://x.example|x.example>", "http://x.example"},
		{"<mailto:a@b.example|a@b.example>", "a@b.example"},
		{"<mailto:a@b.example|Anna>", "Anna (a@b.example)"},
		{"<tel:+4930123|+4930123>", "+4930123"},
		{"<@U1> and <@U2> and <@U3|carl>", "@Anna and @U2 and @carl"},
		{"<#C1|tasks> <#C2> <#C3|>", "#tasks #C2 #C3"},
		{"<!channel> <!here|@here> <!everyone>", "@channel @here @everyone"},
		{"<!subteam^S1|@ops> <!subteam^S2>", "@ops @S2"},
		{"<!date^1700000000^{date}|14 Nov 2023>", "14 Nov 2023"},
		{"<!unknown^1|shown>", "shown"},
		{"a < b", "a < b"},
		{"<>", ""},
		{"<|x>", "|x"},
		{"*bold* _it_ ~no~ `code`", "*bold* _it_ ~no~ `code`"},
	}
	for _, tt := range tests {
		if got := neutral(tt.in, known); got != tt.want {
			t.Errorf("neutral(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzNeutral(f *testing.F) {
	for _, s := range []string{"<@U1|x>", "<!date^1^{date}|x>", "&lt;!channel&gt;", "<https://a|b", "a<b>c<"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := neutral(s, byLabel(noName))
		if len(got) > 2*len(s)+16 {
			t.Errorf("grew from %d to %d bytes", len(s), len(got))
		}
		// What a person typed comes back as typed: escaping and reading undo each other.
		back := neutral(escape(s), byLabel(noName))
		if strings.ReplaceAll(back, zeroWidth, "") != strings.ReplaceAll(s, zeroWidth, "") {
			t.Errorf("neutral(escape(%q)) = %q", s, back)
		}
		if e := escape(s); strings.ContainsAny(e, "<>") {
			t.Errorf("escape(%q) = %q", s, e)
		}
	})
}

func TestEscapeFormatsNothing(t *testing.T) {
	t.Parallel()
	const z = zeroWidth
	tests := []struct{ in, want string }{
		{"*bold*", "*" + z + "bold*" + z},
		{"_it_ ~no~", "_" + z + "it_" + z + " ~" + z + "no~" + z},
		{"`code`", "`" + z + "code`" + z},
		{"```x", "`" + z + "`" + z + "`" + z + "x"},
		{"error_code 3*4", "error_code 3*4"},
		{"a`b`c", "a`" + z + "b`" + z + "c"},
		{"> quote", z + "&gt; quote"},
		{"2 * 3 <b> &", "2 *" + z + " 3 &lt;b&gt; &amp;"},
	}
	for _, tt := range tests {
		if got := escape(tt.in); got != tt.want {
			t.Errorf("escape(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := oneChunk(chat.Text{}.Code("/task list [new|open] *").Plain(" ").Bold("a_b"), 100); got != "`/task list [new|open] *` *a_b*" {
		t.Errorf("our own formatting reads %q", got)
	}
	if got := oneChunk(chat.Text{}.Bold("a").Italic(" (edited)"), 100); got != "*a* _(edited)_" {
		t.Errorf("spaces of a span: %q", got)
	}
}
