package slack

import (
	"strings"
)

// neutral turns Slack's mrkdwn into the text a person reads: control sequences
// become what they show, and the three escaped characters are themselves again
// (docs.slack.dev/messaging/formatting-message-text). Each part is unescaped
// exactly once, so a typed "&lt;!channel&gt;" stays the words it was. mention says
// how a person is written, given the id and the label Slack sent, if any.
func neutral(text string, mention func(id, label string) string) string {
	if !strings.ContainsAny(text, "<&") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for {
		start := strings.IndexByte(text, '<')
		if start < 0 {
			break
		}
		length := strings.IndexByte(text[start:], '>')
		if length < 0 {
			break
		}
		b.WriteString(unescape(text[:start]))
		b.WriteString(sequence(text[start+1:start+length], mention))
		text = text[start+length+1:]
	}
	b.WriteString(unescape(text))
	return b.String()
}

// sequence is what a control sequence, without its brackets, shows.
func sequence(s string, mention func(id, label string) string) string {
	target, label, _ := strings.Cut(s, "|")
	label = unescape(label)
	if target == "" {
		return unescape(s)
	}
	switch target[0] {
	case '@':
		return mention(target[1:], label)
	case '#':
		if label != "" {
			return "#" + strings.TrimPrefix(label, "#")
		}
		return "#" + target[1:]
	case '!':
		return special(target[1:], label)
	}
	return link(unescape(target), label)
}

// byLabel writes a person by the label, else by what name knows, else by the id.
func byLabel(name func(id string) string) func(id, label string) string {
	return func(id, label string) string {
		if label == "" {
			label = name(id)
		}
		if label == "" {
			label = id
		}
		return at(label)
	}
}

// byID leaves a mention as it is, so that a command can say whom it means.
func byID(id, _ string) string { return "<@" + id + ">" }

func at(name string) string { return "@" + strings.TrimPrefix(name, "@") }

// special is a broadcast, a group, a date or a command.
func special(target, label string) string {
	kind, rest, _ := strings.Cut(target, "^")
	switch kind {
	case "here", "channel", "everyone":
		return "@" + kind
	case "subteam":
		if label != "" {
			return at(label)
		}
		return at(rest)
	}
	if label != "" {
		return label
	}
	return kind
}

// link shows an address, and its label where that says something else.
func link(address, label string) string {
	bare := address
	for _, scheme := range []string{"mailto:", "tel:"} {
		if s, ok := strings.CutPrefix(address, scheme); ok {
			bare = s
		}
	}
	short := strings.TrimPrefix(strings.TrimPrefix(bare, "https://"), "http://")
	if label == "" || label == bare || label == address || strings.TrimSuffix(label, "/") == strings.TrimSuffix(short, "/") {
		return bare
	}
	return label + " (" + bare + ")"
}

// unescape undoes Slack's escaping of the three characters it escapes.
func unescape(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		switch {
		case strings.HasPrefix(s, "&amp;"):
			b.WriteByte('&')
			s = s[len("&amp;"):]
		case strings.HasPrefix(s, "&lt;"):
			b.WriteByte('<')
			s = s[len("&lt;"):]
		case strings.HasPrefix(s, "&gt;"):
			b.WriteByte('>')
			s = s[len("&gt;"):]
		default:
			b.WriteByte('&')
			s = s[1:]
		}
	}
	b.WriteString(s)
	return b.String()
}

// zeroWidth parts what Slack would otherwise take for formatting. Its mrkdwn has no
// escape for these marks (docs.slack.dev/messaging/formatting-message-text), but a
// mark with a space behind it, be it one without width, neither begins nor ends
// anything.
const zeroWidth = "\u200b"

// escape makes text literal within mrkdwn. Without a bare "<" nothing in it can
// begin a mention, a broadcast or a link, and no mark of formatting stands where it
// would count.
func escape(s string) string {
	if !strings.ContainsAny(s, "&<>*_~`") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	if strings.HasPrefix(s, ">") {
		// At the beginning of a line even the escaped mark makes a quotation.
		b.WriteString(zeroWidth)
	}
	for i := range len(s) {
		b.WriteString(entity(s[i : i+1]))
		if formats(s, i) {
			b.WriteString(zeroWidth)
		}
	}
	return b.String()
}

// formats tells whether the byte at i could be read as a mark of formatting. In the
// middle of a word only a backtick is, so that identifiers can be copied as they
// were written.
func formats(s string, i int) bool {
	switch s[i] {
	case '`':
		return true
	case '*', '_', '~':
		return i == 0 || i+1 == len(s) || !isAlphanumeric(s[i-1]) || !isAlphanumeric(s[i+1])
	}
	return false
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// escapeEntities writes the three characters that Slack reads even within code.
func escapeEntities(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteString(entity(s[i : i+1]))
	}
	return b.String()
}

func entity(char string) string {
	switch char {
	case "&":
		return "&amp;"
	case "<":
		return "&lt;"
	case ">":
		return "&gt;"
	}
	return char
}
