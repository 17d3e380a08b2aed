package mattermost

import (
	"strings"
	"unicode"

	"taskbridge/adapters/markup"
	"taskbridge/bot/chat"
)

// rich reads the formatting, links and mentions of a post; nil where it has none.
func rich(text string) chat.Text {
	if !strings.ContainsAny(text, "*_~`>@[\\") && !strings.Contains(text, "://") {
		return nil
	}
	return markup.Read(text, markup.Dialect{
		Marks: []markup.Mark{
			{Delimiter: "**", Kind: chat.Bold},
			{Delimiter: "__", Kind: chat.Bold},
			{Delimiter: "*", Kind: chat.Italic},
			{Delimiter: "_", Kind: chat.Italic},
			{Delimiter: "~~", Kind: chat.Strike},
		},
		Quote:   ">",
		Special: special,
	})
}

// special reads what Markdown knows besides pairs of marks.
func special(before rune, text string) (chat.Text, int) {
	switch text[0] {
	case '\\':
		if len(text) > 1 && strings.IndexByte("\\`*_{}[]()#+-.!~>|@", text[1]) >= 0 {
			return chat.T(text[1:2]), 2
		}
	case '@':
		return mentionIn(before, text)
	case '[':
		return linkIn(text)
	case '!':
		if strings.HasPrefix(text, "![") {
			if t, took := linkIn(text[1:]); took > 0 {
				return t, took + 1
			}
		}
	case '<':
		if end := strings.IndexByte(text, '>'); end > 0 && isWebURL(text[1:end]) && !strings.ContainsAny(text[1:end], " \n<") {
			return chat.Text{}.Link(text[1:end], text[1:end]), end + 1
		}
	case 'h':
		return bareLink(before, text)
	}
	return nil, 0
}

// mentionIn reads "@name". Who that is, if anybody, is looked up by whoever needs it;
// the words that call everybody are words.
func mentionIn(before rune, text string) (chat.Text, int) {
	if unicode.IsLetter(before) || unicode.IsDigit(before) {
		return nil, 0
	}
	end := 1
	for end < len(text) && isNameByte(text[end]) {
		end++
	}
	name := strings.TrimRight(text[1:end], ".-_")
	switch strings.ToLower(name) {
	case "", "all", "channel", "here":
		return nil, 0
	}
	if len(name) > maxUsername {
		return nil, 0
	}
	return chat.Text{}.Mention("@"+strings.ToLower(name), "@"+name), 1 + len(name)
}

// maxUsername is the longest name of an account (model.UserNameMaxLength).
const maxUsername = 64

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_'
}

// linkIn reads "[label](address)" on one line, where the address can be followed.
func linkIn(text string) (chat.Text, int) {
	line, _, _ := strings.Cut(text, "\n")
	label, rest, ok := strings.Cut(line[1:], "](")
	if !ok || label == "" || strings.ContainsAny(label, "[]") {
		return nil, 0
	}
	address, _, ok := strings.Cut(rest, ")")
	if !ok {
		return nil, 0
	}
	took := 1 + len(label) + 2 + len(address) + 1
	// A title may follow the address.
	target, _, _ := strings.Cut(strings.TrimSpace(address), " ")
	if !isWebURL(target) && !strings.HasPrefix(target, "mailto:") {
		return nil, 0
	}
	return chat.Text{}.Link(label, target), took
}

// bareLink reads an address that stands for itself.
func bareLink(before rune, text string) (chat.Text, int) {
	if unicode.IsLetter(before) || unicode.IsDigit(before) || !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
		return nil, 0
	}
	end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>\"`", r) })
	if end < 0 {
		end = len(text)
	}
	address := strings.TrimRight(text[:end], ".,;:!?)'")
	if !isWebURL(address) {
		return nil, 0
	}
	return chat.Text{}.Link(address, address), len(address)
}
