package slack

import (
	"strings"

	"taskbridge/adapters/markup"
	"taskbridge/bot/chat"
)

// rich reads the formatting, links and mentions of a message; nil where it has none.
func rich(text string, mention func(id, label string) string) chat.Text {
	if !strings.ContainsAny(text, "*_~`<") && !strings.Contains(text, "&gt;") {
		return nil
	}
	return markup.Read(text, markup.Dialect{
		Marks: []markup.Mark{{Delimiter: "*", Kind: chat.Bold}, {Delimiter: "_", Kind: chat.Italic}, {Delimiter: "~", Kind: chat.Strike}},
		Quote: "&gt;",
		Special: func(_ rune, text string) (chat.Text, int) {
			return control(text, mention)
		},
		Literal: unescape,
	})
}

// control reads a control sequence, which no person can type: what they typed is
// escaped (docs.slack.dev/messaging/formatting-message-text).
func control(text string, mention func(id, label string) string) (chat.Text, int) {
	if text[0] != '<' {
		return nil, 0
	}
	length := strings.IndexByte(text, '>')
	if length < 2 {
		return nil, 0
	}
	inner := text[1:length]
	target, label, _ := strings.Cut(inner, "|")
	label = unescape(label)
	took := length + 1
	if target == "" {
		return chat.T(unescape(inner)), took
	}
	switch target[0] {
	case '@':
		words := mention(target[1:], label)
		if !isUserID(target[1:]) {
			return chat.T(words), took
		}
		return chat.Text{}.Mention(target[1:], words), took
	case '#', '!':
		return chat.T(sequence(inner, mention)), took
	}
	address := unescape(target)
	if _, ok := linkTarget(address); !ok {
		return chat.T(sequence(inner, mention)), took
	}
	if label == "" {
		label = strings.TrimPrefix(address, "mailto:")
	}
	return chat.Text{}.Link(label, address), took
}
