package words

import (
	"strconv"
	"strings"

	"taskbridge/bot/chat"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Words are the language in which something is said to somebody. The zero value is
// English.
//
// Every text that people read is made by Say, Sense, Text, Count or CountText from a
// whole English sentence, under which the other languages have theirs
// (languages/*.yaml of the package that says it). Where it says something that is only
// known when it is said, it has a gap like {{.Who}}: what fills it keeps its own
// formatting, and other languages put it where they need it.
type Words struct {
	// other is nil for English.
	other *tongue
}

// With are what fills the gaps of a text, by name: a string, a number, a span or a
// chat.Text.
type With = map[string]any

// Language is the tag of the language, like "de".
func (w Words) Language() string {
	if w.other == nil {
		return language.English.String()
	}
	return w.other.tag
}

// Say is a text that can have no formatting, like a label.
func (w Words) Say(english string, gaps ...With) string {
	return said(w.Term(english), gaps)
}

// Sense is Say for an English word that other languages have several words for: sense
// tells which is meant.
func (w Words) Sense(english, sense string) string {
	if there, ok := w.other.message(english + " [" + sense + "]"); ok {
		return there
	}
	return english
}

// Term is a word that others have for their own things, like the name of a status, or
// that a desk has chosen: what no language has another for stays as it is.
func (w Words) Term(english string) string {
	if there, ok := w.other.message(english); ok {
		return there
	}
	return english
}

// Within is a word that begins with a capital on its own, as it stands in a sentence.
func (w Words) Within(english string) string {
	there, ok := w.other.message(english)
	if ok {
		return there
	}
	return strings.ToLower(english)
}

// Text is a text with formatting.
func (w Words) Text(english string, gaps ...With) chat.Text {
	return formatted(w.Term(english), gaps)
}

// Count is a text about a number of things, with {{.Count}} for the number: one is what
// is said of a single one. Other languages have the forms that they need under many.
func (w Words) Count(n int, one, many string, gaps ...With) string {
	return said(w.Form(n, one, many), append(gaps, With{"Count": n}))
}

// CountText is Count for a text with formatting.
func (w Words) CountText(n int, one, many string, gaps ...With) chat.Text {
	return formatted(w.Form(n, one, many), append(gaps, With{"Count": n}))
}

// Form is the text for a number of things, with its gaps.
func (w Words) Form(n int, one, many string) string {
	if there, ok := w.other.number(many, n); ok {
		return there
	}
	if plural.Cardinal.MatchPlural(language.English, n, 0, 0, 0, 0) == plural.One {
		return one
	}
	return many
}

func said(message string, gaps []With) string {
	var b strings.Builder
	fill(message, gaps, func(s string) { b.WriteString(s) }, func(v any) {
		for _, s := range spans(v) {
			b.WriteString(s.Text)
		}
	})
	return b.String()
}

func formatted(message string, gaps []With) chat.Text {
	var t chat.Text
	fill(message, gaps, func(s string) { t = plainly(t, s) }, func(v any) {
		for _, s := range spans(v) {
			if s.Kind == chat.Plain {
				t = plainly(t, s.Text)
			} else {
				t = append(t, s)
			}
		}
	})
	return t
}

// fill goes through a message and hands out what stands between its gaps and what
// fills them. A gap that nothing fills stays as it is, so that it is seen.
func fill(message string, gaps []With, literal func(string), value func(any)) {
	for {
		before, rest, found := strings.Cut(message, "{{.")
		name, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			break
		}
		if before != "" {
			literal(before)
		}
		if v, ok := gap(gaps, name); ok {
			value(v)
		} else {
			literal("{{." + name + "}}")
		}
		message = after
	}
	if message != "" {
		literal(message)
	}
}

func gap(gaps []With, name string) (any, bool) {
	for _, g := range gaps {
		if v, ok := g[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// spans are what fills a gap, as a text.
func spans(v any) chat.Text {
	switch v := v.(type) {
	case chat.Text:
		return v
	case chat.Span:
		return chat.Text{v}
	case string:
		return chat.T(v)
	case int:
		return chat.T(strconv.Itoa(v))
	}
	return nil
}

// plainly appends literal text to what was literal before.
func plainly(t chat.Text, s string) chat.Text {
	if last := len(t) - 1; last >= 0 && t[last].Kind == chat.Plain {
		t[last].Text += s
		return t
	}
	return t.Plain(s)
}
