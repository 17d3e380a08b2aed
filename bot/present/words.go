package present

import (
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Words are the language in which something is said to somebody. The zero value is
// English.
//
// Every text that people read is made by say, sense, text, count or countText from a
// whole English sentence, under which the other languages have theirs
// (languages/*.yaml). Where it says something that is only known when it is said, it
// has a gap like {{.Who}}: what fills it keeps its own formatting, and other languages
// put it where they need it.
type Words struct {
	// other is nil for English.
	other *tongue
}

// with are what fills the gaps of a text, by name: a string, a number, a span or a
// chat.Text.
type with map[string]any

// say is a text that can have no formatting, like a label.
func (w Words) say(english string, gaps ...with) string {
	return said(w.message(english), gaps)
}

// sense is say for an English word that other languages have several words for: sense
// tells which is meant.
func (w Words) sense(english, sense string) string {
	if there, ok := w.other.message(english + " [" + sense + "]"); ok {
		return there
	}
	return english
}

// term is a word that other packages have for their own things, like the name of a
// status, or that a desk has chosen: what no language has another for stays as it is.
func (w Words) term(english string) string { return w.message(english) }

// within is a word that begins with a capital on its own, as it stands in a sentence.
func (w Words) within(english string) string {
	there, ok := w.other.message(english)
	if ok {
		return there
	}
	return strings.ToLower(english)
}

// startLabel and completeLabel are buttons that texts speak of.
func (w Words) startLabel() string    { return w.sense("Start", "a button") }
func (w Words) completeLabel() string { return w.sense("Complete", "a button") }

// text is a text with formatting.
func (w Words) text(english string, gaps ...with) chat.Text {
	return formatted(w.message(english), gaps)
}

// count is a text about a number of things, with {{.Count}} for the number: one is what
// is said of a single one. Other languages have the forms that they need under many.
func (w Words) count(n int, one, many string, gaps ...with) string {
	return said(w.number(n, one, many), append(gaps, with{"Count": n}))
}

// countText is count for a text with formatting.
func (w Words) countText(n int, one, many string, gaps ...with) chat.Text {
	return formatted(w.number(n, one, many), append(gaps, with{"Count": n}))
}

// message is the text of the language that an English one stands for.
func (w Words) message(english string) string {
	if there, ok := w.other.message(english); ok {
		return there
	}
	return english
}

// number is the form for a number of things.
func (w Words) number(n int, one, many string) string {
	if there, ok := w.other.number(many, n); ok {
		return there
	}
	if plural.Cardinal.MatchPlural(language.English, n, 0, 0, 0, 0) == plural.One {
		return one
	}
	return many
}

func said(message string, gaps []with) string {
	var b strings.Builder
	fill(message, gaps, func(s string) { b.WriteString(s) }, func(v any) {
		for _, s := range spans(v) {
			b.WriteString(s.Text)
		}
	})
	return b.String()
}

func formatted(message string, gaps []with) chat.Text {
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

// at is a moment as a part of a text.
func at(t time.Time) chat.Span { return chat.Span{Kind: chat.Moment, Time: t} }

// quote is somebody else's text as a part of a text.
func quote(s string) chat.Span { return chat.Span{Kind: chat.Quote, Text: s} }

// struck is a part of a text that holds no more.
func struck(s string) chat.Span { return chat.Span{Kind: chat.Strike, Text: s} }

// everyone calls all who are in a channel.
func everyone() chat.Span { return chat.Span{Kind: chat.Everyone} }

// bold is a part of a text shown bold.
func bold(s string) chat.Span { return chat.Span{Kind: chat.Bold, Text: s} }

// code is a part of a text shown as code.
func code(s string) chat.Span { return chat.Span{Kind: chat.Code, Text: s} }

// link is a part of a text that leads to an address.
func link(label, url string) chat.Span {
	return chat.Span{Kind: chat.Link, Text: label, Ref: url}
}

// fill goes through a message and hands out what stands between its gaps and what
// fills them. A gap that nothing fills stays as it is, so that it is seen.
func fill(message string, gaps []with, literal func(string), value func(any)) {
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

func gap(gaps []with, name string) (any, bool) {
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
