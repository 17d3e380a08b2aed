package chat

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Split parts a text into pieces that fit, in order: at line ends where there are
// any, else between words, and inside a word only where nothing else helps.
// Nothing is lost but the spaces and line breaks at the cuts. Fits must hold for
// any beginning of a text for which it holds.
func Split(t Text, fits func(Text) bool) []Text {
	var out []Text
	for !fits(t) {
		total := t.length()
		// The longest beginning that fits, of one character at least.
		n := max(1, sort.Search(total, func(n int) bool {
			head, _ := t.cut(n + 1)
			return !fits(head)
		}))
		if n >= total {
			break
		}
		head, tail := t.cut(t.boundary(n))
		tail = tail.trimLeft()
		if len(tail) == 0 {
			break
		}
		out = append(out, head.trimRight())
		t = tail
	}
	return append(out, t)
}

// length counts the characters of a text.
func (t Text) length() int {
	n := 0
	for _, s := range t {
		n += s.length()
	}
	return n
}

// length counts a span's characters; one without any, such as a moment, is one.
func (s Span) length() int { return max(1, utf8.RuneCountInString(s.Text)) }

// whole tells whether a span loses its meaning when it is cut.
func (s Span) whole() bool {
	switch s.Kind {
	case Link, Mention, Everyone, ChannelLink, Moment:
		return true
	default:
		return false
	}
}

// cut parts a text after n characters. A span that must stay whole goes to the
// right, unless it stands first: then it becomes words.
func (t Text) cut(n int) (head, tail Text) {
	for i, s := range t {
		length := s.length()
		if length <= n {
			n -= length
			continue
		}
		head = append(head, t[:i]...)
		if n == 0 || s.whole() && len(head) > 0 {
			return head, append(tail, t[i:]...)
		}
		if s.whole() {
			s = Span{Text: s.Text}
		}
		at := byteAt(s.Text, n)
		left, right := s, s
		left.Text, right.Text = s.Text[:at], s.Text[at:]
		return append(head, left), append(append(tail, right), t[i+1:]...)
	}
	return append(head, t...), nil
}

// boundary is the best place to cut at or before n characters.
func (t Text) boundary(n int) int {
	head, _ := t.cut(n)
	var b strings.Builder
	for _, s := range head {
		if s.Text == "" {
			b.WriteByte('-')
		}
		b.WriteString(s.Text)
	}
	text := b.String()
	if i := strings.LastIndexByte(text, '\n'); i > len(text)/2 {
		return utf8.RuneCountInString(text[:i])
	}
	if i := strings.LastIndexAny(text, " \n"); i > 0 {
		return utf8.RuneCountInString(text[:i])
	}
	return utf8.RuneCountInString(text)
}

func (t Text) trimRight() Text {
	for len(t) > 0 {
		last := t[len(t)-1]
		if last.whole() {
			return t
		}
		if last.Text = strings.TrimRight(last.Text, " \n"); last.Text != "" {
			return append(t[:len(t)-1:len(t)-1], last)
		}
		t = t[:len(t)-1]
	}
	return t
}

func (t Text) trimLeft() Text {
	for len(t) > 0 {
		first := t[0]
		if first.whole() {
			return t
		}
		if first.Text = strings.TrimLeft(first.Text, " \n"); first.Text != "" {
			return append(Text{first}, t[1:]...)
		}
		t = t[1:]
	}
	return t
}

// byteAt is the index of the n-th character of s.
func byteAt(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}
