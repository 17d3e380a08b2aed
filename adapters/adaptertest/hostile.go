package adaptertest

import (
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// hostile is text that somebody typed in order to be heard by everybody.
func hostile(known Known) []string {
	return []string{
		"@all", "@here", "@channel", "@everyone", "<!channel>", "<!here|here>", "<!everyone>", "<!subteam^S123>",
		"<@" + known.Person + ">", "<@" + known.Person + "|you>", "@ann", "@" + known.Person, "&lt;!channel&gt;", "&#60;!here&#62;",
		"\\@all", "\\<!channel>", "`@all`", "```\n@all\n```", "*@channel*", "_@channel_", "~@channel~", "[@all](@all)",
		"> @all\n@here", "(@all)", ":@all:", "@\u200ball @all", "\u202e@all", "<!chan\x00nel>", "<<!channel>>", "<", "@", "<!", "channel>",
		"[x](javascript:alert(1))", "<https://evil.example|@all>", "https://evil.example/@all", "| a | b |\n|---|---|\n| @all | <!here> |",
	}
}

// testHostile: nothing that somebody typed notifies anybody, wherever it stands,
// and what we mean to notify does.
func testHostile(t *testing.T, open Open) {
	b := newBench(t, open)
	ctx, p, known := t.Context(), b.Platform(), b.Known()
	check := func(what string, got []Shown) {
		t.Helper()
		if len(got) == 0 {
			t.Errorf("%s: nothing is shown", what)
		}
		for _, s := range got {
			if len(s.Notifies) > 0 {
				t.Errorf("%s notifies %q: %q", what, s.Notifies, s.Text)
			}
		}
	}
	id := ""
	// A few at a time, so that nothing is cut off.
	for batch := range slices.Chunk(hostile(known), 3) {
		m := everywhere(strings.Join(batch, "\n"))
		if id == "" {
			id = b.post(chat.Post{Message: m, DeliveryID: "d-1"})
		} else if err := b.note(p.Update(ctx, b.Channel(), id, m)); err != nil {
			t.Fatal(err)
		}
		check(strings.Join(batch, " and "), b.Messages(b.Channel()))
	}
	m := everywhere("@all <!channel> <@" + known.Person + "> @ann")
	if err := b.note(p.Whisper(ctx, b.Channel(), known.Colleague, m)); err != nil {
		t.Fatal(err)
	}
	check("a whisper", b.Whispers(known.Colleague))
	b.desk.answers(func(chat.Inbound) chat.Answer { return chat.Answer{Message: m} })
	b.Command("list")
	eventually(t, "the answer is shown", func() bool { return len(b.Whispers(known.Person)) > 0 })
	check("an answer", b.Whispers(known.Person))

	// Without this the search above might simply see nothing.
	id = b.post(chat.Post{DeliveryID: "d-2", Message: chat.Message{Text: chat.T("For ").Mention(known.Person, "you").Plain(" and ").Append(chat.Text{{Kind: chat.Everyone}})}})
	if got, _ := b.shown(id); len(got.Notifies) != 2 || !slices.Contains(got.Notifies, known.Person) {
		t.Errorf("what we mean notifies %q", got.Notifies)
	}
}

// everywhere puts a text into every place of a message, and in pieces beside each
// other.
func everywhere(s string) chat.Message {
	return chat.Message{
		Title: s, Speaker: chat.Speaker{Name: s, Picture: s},
		Text: chat.T(s).Bold(s).Italic(s).Code(s).Add(chat.Span{Kind: chat.Strike, Text: s}).Link(s, "https://task.example/").Link(s, s).
			Mention(s, s).Channel(s, s).Quote(s).Add(chat.Span{Kind: chat.CodeBlock, Text: s}).Plain("@").Plain(s).Plain("<").Plain(s).Bold("@").Bold("all").Plain("<!").Plain("channel>"),
		Facts:   []chat.Fact{{Label: s, Value: chat.T(s)}, {Label: "@", Value: chat.T("all").Plain(s)}},
		Notes:   []chat.Text{chat.T(s), chat.T("@").Plain("here")},
		Buttons: []chat.Button{{ID: "x", Label: s, Token: "t"}},
		Choice:  &chat.Choice{ID: "y", Placeholder: s, Token: "t", Options: []chat.Option{{Value: "v", Label: s}}},
	}
}
