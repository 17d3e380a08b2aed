package slack

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
)

const hostile = "<!channel> <@U123> <https://evil.example|x> &lt;!here&gt; [x](javascript:alert(1)) @all"

func corpus() map[string]chat.Message {
	when := time.Date(2026, 12, 1, 14, 0, 0, 0, time.UTC)
	return map[string]chat.Message{
		"card": {
			Title: "#12 Leak in the cellar", Tone: chat.Waiting,
			Text: chat.T("Please accept by ").Moment(when).Plain(". ").Append(chat.Text{{Kind: chat.Everyone}}),
			Facts: []chat.Fact{
				{Label: "Priority", Value: chat.T("High")},
				{Label: "Place", Value: chat.T("Bonn & Köln")},
				{Label: "In charge", Value: chat.Text{}.Mention("U0ANNA001", "Anna")},
			},
			Notes: []chat.Text{chat.T("Synced up to ").Moment(when), chat.Text{}.Link("Open in the CRM", "https://crm.example/?a=1&b=<2>|3")},
			Buttons: []chat.Button{
				{ID: "accept", Label: "Accept", Token: "tok-a", Style: chat.Primary},
				{ID: "decline", Label: "Decline", Token: "tok-d", Style: chat.Danger},
				{ID: "open", Label: "Open", URL: "https://task.example/i/12"},
				{ID: "evil", Label: "No", URL: "javascript:alert(1)"},
			},
			Choice: &chat.Choice{ID: "step", Placeholder: "Next step", Token: "tok-s", Options: []chat.Option{{Value: "travel", Label: "Travel"}, {Value: "work"}}},
		},
		"spans": {Text: chat.T("plain ").Bold("bold").Plain(" ").Italic("italic").Plain(" ").Code("co`de").Plain(" ").
			Add(chat.Span{Kind: chat.Strike, Text: "struck"}).Plain(" ").Channel("C0TASKS01", "tasks").Plain(" ").
			Mention("8f3kxq", "Bert of the other side").Plain(" ").Link("a|b <c>", "https://x.example/a b").Plain(" ").Link("bad", "file:///etc/passwd").
			Quote("first\nsecond\n\nfourth").Plain("after")},
		"windows": {Text: chat.Text{}.Window(when, when.Add(2*time.Hour)).Plain("; ").Window(when, when.Add(20*time.Hour)).Plain("; ").
			Add(chat.Span{Kind: chat.Moment, Time: when, Gone: true}).Plain(" → ").Moment(when.AddDate(0, 0, 1))},
		"hostile": {
			Title: hostile, Text: chat.T(hostile).Bold(hostile).Code(hostile).Link(hostile, hostile).Mention(hostile, hostile).Quote(hostile + "\n" + hostile),
			Facts:   []chat.Fact{{Label: hostile, Value: chat.T(hostile)}},
			Notes:   []chat.Text{chat.T(hostile)},
			Buttons: []chat.Button{{ID: "x", Label: hostile, Token: "t"}},
		},
		"speaker":     {Speaker: chat.Speaker{Name: "Anna <!here>"}, Text: chat.T("I am *here*.")},
		"facts only":  {Facts: []chat.Fact{{Label: "A", Value: chat.T("1")}}},
		"choice only": {Choice: &chat.Choice{ID: "why", Token: strings.Repeat("k", 300), Options: []chat.Option{{Value: "a", Label: "A"}}}},
		"tone only":   {Tone: chat.Good, Text: chat.T("Saved.")},
		"empty":       {},
	}
}

func TestRenderGolden(t *testing.T) {
	t.Parallel()
	for name, m := range corpus() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := render(m, true)
			if err != nil {
				t.Fatal(err)
			}
			checkLimits(t, got)
			golden(t, filepath.Join("testdata/render", strings.ReplaceAll(name, " ", "_")+".golden.json"),
				map[string]any{"text": got.text, "blocks": got.blocks})
		})
	}
}

// checkLimits has the fake Slack's rules look at what was rendered.
func checkLimits(t interface{ Errorf(string, ...any) }, r rendered) {
	raw, err := json.Marshal(r.blocks)
	if err != nil {
		t.Errorf("marshal: %v", err)
		return
	}
	if len(r.blocks) > 0 {
		for _, p := range slacktest.CheckBlocks(slacktest.SurfaceMessage, raw) {
			t.Errorf("blocks: %v", p)
		}
	}
	if n := utf8.RuneCountInString(r.text); n > maxText || n == 0 {
		t.Errorf("the text has %d characters", n)
	}
}

// controls finds what Slack would act on in mrkdwn.
var controls = regexp.MustCompile(`<[^>]*>?|[>]`)

func TestUntrustedTextFormsNoControlSequence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		piece := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{hostile, "<!channel>", "<@U1>", "&lt;", "&", "a\nb", "|", ">", "*", "`", strings.Repeat("x", 3000)}))
		s := strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(rt, "text"), "")
		m := chat.Message{Title: s, Speaker: chat.Speaker{Name: s, Picture: s}, Text: chat.T(s).Bold(s).Italic(s).Code(s).Mention(s, s).Channel(s, s).Link(s, "javascript:"+s), Facts: []chat.Fact{{Label: s, Value: chat.T(s)}}, Notes: []chat.Text{chat.T(s)}}
		got, err := render(m, true)
		if err != nil {
			rt.Fatal(err)
		}
		checkLimits(rt, got)
		texts := []string{got.text}
		raw, _ := json.Marshal(got.blocks)
		texts = append(texts, mrkdwnTexts(raw)...)
		for _, text := range texts {
			if c := controls.FindString(text); c != "" {
				rt.Fatalf("%q in %q", c, text)
			}
		}
	})
}

// mrkdwnTexts collects every text that Slack parses.
func mrkdwnTexts(raw []byte) []string {
	var v any
	_ = json.Unmarshal(raw, &v)
	var out []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if v["type"] == "mrkdwn" {
				out = append(out, v["text"].(string))
			}
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(v)
	return out
}

func TestLongTexts(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("All 12 radiators leak & hiss. ", 1000))
	fits := string([]rune(long)[:maxMessageRunes-600])
	got, err := render(chat.Message{Text: chat.T(fits)}, true)
	if err != nil {
		t.Fatal(err)
	}
	checkLimits(t, got)
	raw, _ := json.Marshal(got.blocks)
	back := strings.ReplaceAll(strings.Join(mrkdwnTexts(raw), " "), "&amp;", "&")
	if strings.Join(strings.Fields(back), " ") != strings.Join(strings.Fields(fits), " ") {
		t.Error("a text within the limits did not arrive whole")
	}
	got, err = render(chat.Message{Title: "T", Text: chat.Text{}.Quote(strings.Repeat("q\n", 40000)), Facts: []chat.Fact{{Label: "L", Value: chat.T(long)}}}, true)
	if err != nil {
		t.Fatal(err)
	}
	checkLimits(t, got)
	total := 0
	raw, _ = json.Marshal(got.blocks)
	for _, s := range mrkdwnTexts(raw) {
		total += utf8.RuneCountInString(s)
	}
	if total > maxTotal {
		t.Errorf("%d characters in all, more than %d", total, maxTotal)
	}
	if !strings.HasSuffix(got.text, "…") {
		t.Error("the cut text does not say so")
	}
}

func TestTokensAreNeverCut(t *testing.T) {
	t.Parallel()
	for _, m := range []chat.Message{
		{Buttons: []chat.Button{{ID: "a", Label: "A", Token: strings.Repeat("x", maxButtonValue+1)}}},
		{Choice: &chat.Choice{ID: "a", Token: strings.Repeat("x", 600), Options: []chat.Option{{Value: "v"}}}},
	} {
		if _, err := render(m, false); chat.ReasonOf(err) != chat.Invalid {
			t.Errorf("error %v, want invalid", err)
		}
	}
	for _, n := range []int{1, 254, 255, 256, 400} {
		token := strings.Repeat("t", n)
		block, err := choice(chat.Choice{ID: "why", Token: token, Options: []chat.Option{{Value: "v"}}})
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := json.Marshal(block)
		var b struct {
			BlockID  string `json:"block_id"`
			Elements []struct {
				ActionID string `json:"action_id"`
			} `json:"elements"`
		}
		_ = json.Unmarshal(raw, &b)
		if got := choiceToken(b.BlockID, b.Elements[0].ActionID); got != token {
			t.Errorf("a token of %d characters came back with %d", n, len(got))
		}
	}
}

// The edge case E28 as far as it is Slack's: a form with long Cyrillic titles and
// labels is one that Slack opens.
func TestE28FormGolden(t *testing.T) {
	t.Parallel()
	forms := map[string]chat.Form{
		"decline": {
			Title: "Причинаотказа", Submit: "Отправить", Intro: "Why <not>? & when", Token: "tok-f",
			Fields: []chat.Field{
				{Name: "reason", Label: "Причинаотказ", Kind: chat.Select, Value: "time", Options: []chat.Option{{Value: "time", Label: "No time"}, {Value: "far", Label: "Too far"}}},
				{Name: "text", Label: "Подробности", Kind: chat.Paragraph, Max: 500, Placeholder: "…", Help: "For the desk only", Optional: true},
				{Name: "when", Label: "When", Kind: chat.Line, Value: strings.Repeat("ж", 40), Max: 20},
				{Name: "again", Label: "Ask again", Kind: chat.Tick, Value: "true"},
			},
		},
		"bare": {Token: "t", Fields: []chat.Field{{Name: "x", Kind: chat.Select}}},
	}
	for name, f := range forms {
		got, err := renderForm(f, "C0TASKS01")
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range slacktest.CheckView(raw) {
			t.Errorf("%s: %v", name, p)
		}
		golden(t, filepath.Join("testdata/render", "form_"+name+".golden.json"), got)
	}
	if _, err := renderForm(chat.Form{Token: strings.Repeat("x", 3001)}, ""); chat.ReasonOf(err) != chat.Invalid {
		t.Errorf("an overlong token: %v", err)
	}
}

// TestALongTextIsCutBetweenLines wants a text of more than one block to go on with a whole
// line, and one without lines to be cut between words all the same.
func TestALongTextIsCutBetweenLines(t *testing.T) {
	t.Parallel()
	line := strings.TrimSpace(strings.Repeat("word ", 20))
	quoted := chat.Text{}.Quote(strings.TrimSpace(strings.Repeat(line+"\n", 50)))
	for name, text := range map[string]chat.Text{"plain": chat.T(strings.TrimSpace(strings.Repeat(line+"\n", 50))), "quoted": quoted} {
		chunks := layOut(atoms(text), maxSection, 20_000)
		if len(chunks) < 2 {
			t.Fatalf("%s: %d chunks", name, len(chunks))
		}
		lines := 0
		for n, chunk := range chunks {
			if utf8.RuneCountInString(chunk) > maxSection {
				t.Errorf("%s: chunk %d is too long", name, n)
			}
			for l := range strings.SplitSeq(chunk, "\n") {
				lines++
				if strings.TrimPrefix(l, quotePrefix) != line {
					t.Errorf("%s: chunk %d has the line %q", name, n, l)
				}
			}
		}
		if lines != 50 {
			t.Errorf("%s: %d lines", name, lines)
		}
	}
	for _, chunk := range layOut(atoms(chat.T(strings.Repeat("word ", 1500))), maxSection, 20_000) {
		for w := range strings.FieldsSeq(chunk) {
			if w != "word" {
				t.Errorf("a word was cut: %q", w)
			}
		}
	}
}
