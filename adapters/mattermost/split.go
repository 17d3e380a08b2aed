package mattermost

import (
	"strings"
	"unicode/utf8"

	"taskbridge/bot/chat"
)

// cut shortens rendered Markdown to at most n runes.
func cut(s string, n int) string {
	if n <= 0 || utf8.RuneCountInString(s) <= n {
		return s
	}
	head := split(s, n-2)[0]
	return head + "\n…"
}

// split parts rendered Markdown into pieces of at most n runes, at line ends where
// there are any, else between words, never inside a character or after a
// backslash. No markup of ours spans lines, so that whole lines stay whole.
func split(s string, n int) []string {
	var out []string
	for utf8.RuneCountInString(s) > n {
		end := byteAt(s, n)
		head := s[:end]
		at := strings.LastIndexByte(head, '\n')
		if at < len(head)/2 {
			at = max(at, strings.LastIndexByte(head, ' '))
		}
		if at <= 0 {
			at = len(strings.TrimRight(head, `\`))
			if at == 0 {
				at = len(head)
			}
		}
		// A quote that is parted inside a line must go on as a quote.
		rest := strings.TrimLeft(s[at:], "\n ")
		line := s[strings.LastIndexByte(s[:at], '\n')+1 : at]
		if s[at] != '\n' && strings.HasPrefix(line, "> ") {
			rest = "> " + rest
		}
		if len(rest) >= len(s) {
			// Nothing was gained; a bound of a few runes is not worth a quote.
			rest = s[at:]
		}
		out = append(out, strings.TrimRight(s[:at], "\n "))
		s = rest
	}
	return append(out, s)
}

// byteAt is the index of the n-th rune.
func byteAt(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// shortenBytes cuts to n bytes between characters, for the limits that Mattermost
// counts in bytes (developers.mattermost.com/integrate/plugins/interactive-dialogs).
func shortenBytes(s string, n int) string {
	return chat.ShortenBytes(strings.Join(strings.Fields(clean(s)), " "), n)
}
