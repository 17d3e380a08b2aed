package mattermost

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"taskbridge/bot/chat"
)

var update = flag.Bool("update", false, "write the golden files anew")

func testRenderer() renderer {
	zone := time.FixedZone("CEST", 2*3600)
	return renderer{
		zone: zone, year: 2026, usernames: map[string]string{annID: "ann"}, actionsURL: "https://bridge.example.org" + ActionsPath,
		channelURL: "https://chat.example.org/desk/channels/", maxPost: 16383, overrideName: true, overrideIcon: true,
	}
}

// hostile is text that must come out as nothing but itself.
const hostile = "<!channel> &lt;!channel&gt; @all @here @channel @ann <@U123> <!subteam^S1> [x](javascript:alert(1)) ![i](http://e.example/i.png)\n" +
	"# heading #hashtag ~town-square\n> quote\n- item\n1. one\n| a | b |\n|---|---|\n===\n    code\n`tick` **bold** _it_ ~~s~~ :smile: www.e.example https://e.example"

func corpus() map[string]chat.Message {
	at := time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC)
	spelled := chat.Text{{Kind: chat.Moment, Time: at, Text: "22. Nov., 08:30 MEZ"}}
	return map[string]chat.Message{
		"words":   {Text: chat.T("Ready when you are.")},
		"hostile": {Text: chat.T("Ann wrote:").Quote(hostile).Plain("That was all.")},
		"speaker": {Speaker: chat.Speaker{Name: "Ann *Lee*", Picture: "https://pictures.example/ann.png"}, Text: chat.T("The valve is <b>open</b>.\n- and leaks")},
		"spans": {Text: chat.T("See ").Bold("this *now*").Plain(", ").Italic("softly").Plain(" or ").Code("a`b").Plain(" at ").
			Link("the (deal)", "https://crm.example.org/deal_(7)?q=a b").Plain(", not ").Link("here", "javascript:alert(1)").Plain(", ").
			Mention(annID, "Ann").Plain(" and ").Mention(id("who"), "@who").Plain(" in ").Channel(chanID, "ext-berlin").Plain(" by ").Moment(at).
			Add(chat.Span{Kind: chat.Strike, Text: "gone"})},
		"notice": {Tone: chat.Bad, Text: chat.T("Sent back:").Quote("It *drips*.").Plain("Press ").Bold("Complete").Plain(" again.")},
		"spaces": {Text: chat.Text{}.Moment(at).Plain(" ").Bold("Ravi Shah").Plain(": ").Add(chat.Span{Kind: chat.Strike, Text: "first "}).
			Plain("second").Italic(" (edited)").Plain("\n   \n ").Bold("last").Plain(" ").Moment(at.AddDate(1, 0, 0))},
		"windows": {Text: chat.Text{}.Window(at, at.Add(2*time.Hour)).Plain("; ").Add(chat.Span{Kind: chat.Moment, Time: at, Until: at.Add(time.Hour), Text: "22. Nov., 08:30–09:30 MEZ"}).Plain("; ").
			Add(chat.Span{Kind: chat.Moment, Time: at, Gone: true}).Plain(" → ").Moment(at.AddDate(0, 0, 1))},
		"everyone": {Text: chat.T("").Add(chat.Span{Kind: chat.Everyone}).Plain(" a new job")},
		"card": {
			Title: "#12 Broken boiler @all", Tone: chat.Waiting,
			Text:  chat.T("").Add(chat.Span{Kind: chat.Everyone}).Plain("Offered to you.").Quote("No hot water.\n@channel hurry"),
			Facts: []chat.Fact{{Label: "Place", Value: chat.T("Berlin")}, {Label: "Accept by", Value: chat.Text{}.Moment(at)}, {Label: "Details", Value: chat.T(strings.Repeat("long ", 20))}},
			Notes: []chat.Text{chat.T("Synced up to ").Moment(at), chat.T("More: ").Link("status", "https://bridge.example.org/s/1")},
			Buttons: []chat.Button{
				{ID: "accept", Label: "Accept", Token: "tok-a", Style: chat.Primary},
				{ID: "decline_it", Label: "Decline", Token: "tok-d", Style: chat.Danger},
				{ID: "decline-it", Label: "Later", Token: "tok-l"},
				{ID: "open", Label: "Open", URL: "https://bridge.example.org/i/12"},
			},
			Choice: &chat.Choice{ID: "reason", Placeholder: "Reason", Token: "tok-r", Options: []chat.Option{{Value: "far", Label: "Too far"}, {Value: "full", Label: "Fully booked"}}},
		},
		"closed": {Title: "#12 Broken boiler", Tone: chat.Closed, Text: chat.T("Canceled.")},
		// What says a moment is text like any other: at the start of a line it makes no list.
		"spelled": {
			Title: "#12 Heizung defekt", Text: spelled.Plain(" ist der Termin, spätestens ").Append(spelled),
			Facts: []chat.Fact{{Label: "Fällig", Value: spelled}}, Notes: []chat.Text{spelled},
		},
	}
}

func TestGoldenMessages(t *testing.T) {
	t.Parallel()
	for name, m := range corpus() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := testRenderer()
			out := r.message(m)
			golden(t, name+".json", map[string]any{"message": out.Message, "props": out.props()})
			golden(t, name+".flat.json", r.flat(m))
		})
	}
}

func testForm() chat.Form {
	return chat.Form{
		Title: "Заявка на ремонт котла", Submit: "Submit", Intro: "For #12 @all", Token: "state",
		Fields: []chat.Field{
			{Name: "title", Label: "Наименование", Kind: chat.Line, Value: strings.Repeat("я", 100), Help: strings.Repeat("помощь ", 30)},
			{Name: "text", Label: "A label that is much too long", Kind: chat.Paragraph, Max: 5000, Placeholder: strings.Repeat("p", 200)},
			{Name: "prio", Label: "Priority", Kind: chat.Select, Value: "low", Options: []chat.Option{{Value: "low", Label: "Low"}}},
			{Name: "sure", Label: "Sure", Kind: chat.Tick, Value: "yes", Placeholder: "I am sure"},
		},
	}
}

func TestGoldenForm(t *testing.T) {
	t.Parallel()
	golden(t, "form.json", dialogOf(testForm()))
}

// golden compares v with a file, or writes the file.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	// The zero-width space is what many of these are about: let it be seen.
	got := strings.ReplaceAll(b.String(), zeroWidth, "\\u200b")
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// seen is what a reader sees of escaped text: without backslashes before marks and
// without zero-width spaces.
func seen(s string) string {
	s = strings.ReplaceAll(s, zeroWidth, "")
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\\`*_[]|~#>+-.)=", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func TestE24EscapedTextIsOnlyItself(t *testing.T) {
	t.Parallel()
	got := escape(hostile)
	for _, bad := range []string{"@all", "@here", "@channel", "@ann", "<!", "<@", "&lt;", "\n# ", "#hashtag", "~town", "\n> ", "\n- ", "\n1. ", "\n=", "\n    ", ":smile:", "www.", "https://", "javascript:a", "[x]", "**b", "| a"} {
		if strings.Contains(strings.ReplaceAll(got, `\|`, ""), bad) {
			t.Errorf("%q is still in %q", bad, got)
		}
	}
	if seen(got) != hostile {
		t.Errorf("seen:\n%s\nwant:\n%s", seen(got), hostile)
	}
}

func TestNeighboursMakeNoMention(t *testing.T) {
	t.Parallel()
	r := testRenderer()
	for _, text := range []chat.Text{
		chat.T("@").Plain("all"), chat.T("@").Bold("all"), chat.T("<").Plain("!channel>"), chat.T("https:").Plain("//e.example"), chat.T("#").Italic("tag"),
		chat.Text{}.Mention(annID, "Ann").Plain("-marie"), chat.Text{{Kind: chat.Everyone}}.Plain("x"),
	} {
		got := r.markdown(text, true)
		for _, bad := range []string{"@all", "@**", "<!", "://", "#*", "@ann-", "@channelx"} {
			if strings.Contains(got, bad) {
				t.Errorf("%q has %q", got, bad)
			}
		}
	}
}

// TestNotificationSaysWhatItIsAbout holds that the words of a card that calls
// everyone are in the post itself, once.
func TestNotificationSaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	out := testRenderer().message(corpus()["card"])
	if out.Message != "@channel Offered to you." {
		t.Errorf("the post reads %q", out.Message)
	}
	if len(out.Attachments) != 1 || strings.Contains(out.Attachments[0].Text, "Offered to you") || !strings.Contains(out.Attachments[0].Text, "No hot water") {
		t.Errorf("the card is %+v", out.Attachments)
	}
}

func TestSplitKeepsQuotes(t *testing.T) {
	t.Parallel()
	parts := split("> "+strings.Repeat("word ", 50), 40)
	for _, p := range parts {
		if runes(p) > 40 || !strings.HasPrefix(p, "> ") {
			t.Errorf("part %q", p)
		}
	}
	if got := cut(strings.Repeat("a\n", 100), 20); runes(got) > 20 {
		t.Errorf("cut to %d", runes(got))
	}
}

func FuzzEscape(f *testing.F) {
	f.Add(hostile)
	f.Add("\t# x\r\n@\u2028@all")
	f.Fuzz(func(t *testing.T, s string) {
		got := escape(s)
		for i, r := range got {
			if r == '@' && i+1 < len(got) && !strings.HasPrefix(got[i+1:], zeroWidth) && got[i+1] > ' ' && got[i+1] < 0x80 {
				t.Errorf("a bare @ in %q", got)
			}
		}
		for _, bad := range []string{"://", "<!", "<@"} {
			if strings.Contains(got, bad) {
				t.Errorf("%q in %q", bad, got)
			}
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("> a b c\nlong line here", 5)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = 4 + int(uint(n)%64)
		for _, p := range split(strings.ToValidUTF8(s, ""), n) {
			if runes(p) > n {
				t.Errorf("%q has more than %d", p, n)
			}
		}
	})
}
