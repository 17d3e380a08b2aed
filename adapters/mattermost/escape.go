package mattermost

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// zeroWidth is put where a backslash would show: it parts what would otherwise be
// read as a mention, a link, a hashtag or an emoji, and is not seen.
const zeroWidth = "\u200b"

var (
	// escapable are the characters that Mattermost's Markdown takes back from a
	// backslash and that format in the middle of a line.
	escapable = "\\`*_[]|~"
	entity    = regexp.MustCompile(`^&#?[A-Za-z0-9]+;`)
	emoji     = regexp.MustCompile(`^:[A-Za-z0-9_+\-]+:`)
	listMark  = regexp.MustCompile(`^[0-9]+[.)]`)
	// A heading needs a space after its marks, so that "#12" may stay as it is.
	heading = regexp.MustCompile(`^#{1,6}(\s|$)`)
)

// escape turns literal text into Markdown that shows it and does nothing else:
// no mention, link, image, heading, list, table, hashtag, emoji or HTML entity.
// Line breaks are kept.
func escape(s string) string {
	lines := strings.Split(clean(s), "\n")
	for i, l := range lines {
		lines[i] = escapeLine(l)
		// The first and the last line go on in what stands beside this text, so
		// that a space alone may part two words. Inside, it is nothing.
		if lines[i] == "" && l != "" && (i == 0 || i == len(lines)-1) {
			lines[i] = " "
		}
	}
	return strings.Join(lines, "\n")
}

// escapeWord is escape for text that must stay on one line.
func escapeWord(s string) string {
	return escapeLine(strings.Join(strings.Fields(clean(s)), " "))
}

// clean drops what cannot be shown: control characters and broken UTF-8.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\u2028', r == '\u2029':
			return '\n'
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

// entered is what somebody typed or pasted into a command or a form. What was copied from
// our posts has what parts a link or an address there, and would be neither any more. What
// stands between two letters is not ours: some scripts part their words so.
func entered(s string) string {
	parted := strings.Split(clean(s), zeroWidth)
	out := parted[0]
	for _, next := range parted[1:] {
		before, _ := utf8.DecodeLastRuneInString(out)
		if inWord(before) && inWord(firstRune(next)) {
			out += zeroWidth
		}
		out += next
	}
	return out
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

// escapeLine escapes a line, the marks that only count at its start included.
func escapeLine(l string) string {
	body := strings.TrimLeft(l, " \t")
	indent := l[:len(l)-len(body)]
	// Four spaces or a tab would make code of the line.
	if len(indent) > 3 || strings.Contains(indent, "\t") {
		indent = zeroWidth + indent
	}
	switch {
	case body == "":
		return ""
	case strings.ContainsRune(">+-", rune(body[0])), heading.MatchString(body):
		return indent + `\` + escapeInline(body)
	case body[0] == '=':
		// A row of these makes a heading of the line above, and no backslash
		// helps.
		return indent + zeroWidth + escapeInline(body)
	}
	if m := listMark.FindString(body); m != "" {
		return indent + m[:len(m)-1] + `\` + m[len(m)-1:] + escapeInline(body[len(m):])
	}
	return indent + escapeInline(body)
}

func escapeInline(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	for i, r := range s {
		rest := s[i+len(string(r)):]
		next := firstRune(rest)
		if strings.ContainsRune(escapable, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		if parts(s[:i], r, next, s[i:]) {
			b.WriteString(zeroWidth)
		}
	}
	return b.String()
}

// parts tells whether r and what follows must be kept apart. Before is what stands
// left of r, from is r and all that follows.
func parts(before string, r, next rune, from string) bool {
	switch r {
	case '@', '<':
		// At the end of a span something else may follow.
		return !unicode.IsSpace(next)
	case '#', '~':
		// No backslash helps against a hashtag: the server strips it first.
		return unicode.IsLetter(next) || unicode.IsDigit(next) && r == '~' || next == 0
	case '&':
		return entity.MatchString(from)
	case ':':
		if next == 0 || unicode.IsSpace(next) {
			return false
		}
		return !unicode.IsDigit(next) || emoji.MatchString(from) || hasSuffixFold(before, "tel")
	case ';':
		return next == ')' || next == '-'
	case 'w', 'W':
		return next == '.' && hasSuffixFold(before, "ww")
	}
	return false
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// plain makes literal text safe for places that show it without Markdown, such as
// a footer: only what the server itself looks for is parted.
func plain(s string) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	return strings.NewReplacer("@", "@"+zeroWidth, "<", "<"+zeroWidth).Replace(s)
}
