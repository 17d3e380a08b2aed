package markup_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/adapters/markup"
	"taskbridge/bot/chat"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func dialect() markup.Dialect {
	return markup.Dialect{
		Marks: []markup.Mark{{"**", chat.Bold}, {"*", chat.Italic}, {"_", chat.Italic}, {"~~", chat.Strike}},
		Quote: ">",
	}
}

// written shows spans as kind and text.
func written(t chat.Text) string {
	names := map[chat.SpanKind]string{chat.Bold: "b", chat.Italic: "i", chat.Strike: "s", chat.Code: "c", chat.CodeBlock: "pre", chat.Quote: "q"}
	var b strings.Builder
	for _, s := range t {
		if s.Kind == chat.Plain {
			b.WriteString(s.Text)
			continue
		}
		fmt.Fprintf(&b, "<%s>%s</%s>", names[s.Kind], s.Text, names[s.Kind])
	}
	return b.String()
}

func TestRead(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"just words":                        "",
		"":                                  "",
		"a **b** c":                         "a <b>b</b> c",
		"**two words** and *one*":           "<b>two words</b> and <i>one</i>",
		"snake_case_name":                   "",
		"2 * 3 * 4":                         "",
		"**not closed":                      "",
		"**over\na line**":                  "",
		"_a_, *b*.":                         "<i>a</i>, <i>b</i>.",
		"**a *b* c**":                       "<b>a </b><i>b</i><b> c</b>",
		"**_x_**":                           "<i>x</i>",
		"run `rm -rf *` now":                "run <c>rm -rf *</c> now",
		"a `b":                              "",
		"``":                                "",
		"> quoted\n> more\nnot":             "<q>quoted\nmore</q>\nnot",
		"a\n> *b* c":                        "a\n<q>b c</q>",
		">":                                 "",
		"a > b":                             "",
		"```\nx := 1\n```":                  "<pre>x := 1</pre>",
		"```go\nx := 1\ny\n```\nafter":      "<pre>x := 1\ny</pre>\nafter",
		"see ```a *b*``` ok":                "see <pre>a *b*</pre> ok",
		"``` never closed *a*":              "``` never closed <i>a</i>",
		"~~gone~~ and ~stays~":              "<s>gone</s> and ~stays~",
		"****":                              "",
		"*a* *b* *c":                        "<i>a</i> <i>b</i> *c",
		"**ä** **漢字** **👍**":                "<b>ä</b> <b>漢字</b> <b>👍</b>",
		"*" + strings.Repeat("a*", 3) + "x": "",
	} {
		if got := written(markup.Read(in, dialect())); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// TestNothingIsLost reads anything: what is left out is marks alone, and what is read
// twice is the same.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	letters := []rune("ab *_~`>\n@<&x漢1")
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringOfN(rapid.SampledFrom(letters), 0, 60, -1).Draw(t, "text")
		out := markup.Read(in, dialect())
		if diff := cmp.Diff(out, markup.Read(in, dialect())); diff != "" {
			t.Fatalf("read again: %s", diff)
		}
		if out == nil {
			return
		}
		marks := strings.NewReplacer("*", "", "_", "", "~", "", "`", "", ">", "", "\n", "", " ", "")
		if got, want := marks.Replace(out.String()), marks.Replace(in); got != want {
			t.Fatalf("%q reads %q", in, out.String())
		}
	})
}

// TestHostileLength reads texts that are made to take long.
func TestHostileLength(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"*a ", "**a ", "_*", "`", "```", "> ", "*a_", "~~*_`", "*a*b"} {
		text := strings.Repeat(piece, 60_000/len(piece))
		if n := len(markup.Read(text, dialect())); n > len(text) {
			t.Errorf("%q makes %d spans", piece, n)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"a **b** `c`", "> q\n```\nx\n```", "\xff*\xff*", "*_~~`"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, span := range markup.Read(s, dialect()) {
			if span.Kind == chat.Everyone || span.Kind == chat.Mention {
				t.Errorf("%q becomes a %v", s, span.Kind)
			}
		}
	})
}
