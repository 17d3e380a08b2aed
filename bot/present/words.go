package present

import (
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
)

// Words are the language in which something is said to somebody. The zero value is
// English. What say, sense, text, count and countText make are those of package words,
// from the texts of languages/*.yaml.
type Words struct {
	in words.Words
}

// with are what fills the gaps of a text.
type with = words.With

func (w Words) say(english string, gaps ...with) string { return w.in.Say(english, gaps...) }

func (w Words) sense(english, sense string) string { return w.in.Sense(english, sense) }

func (w Words) term(english string) string { return w.in.Term(english) }

func (w Words) within(english string) string { return w.in.Within(english) }

func (w Words) text(english string, gaps ...with) chat.Text { return w.in.Text(english, gaps...) }

func (w Words) count(n int, one, many string, gaps ...with) string {
	return w.in.Count(n, one, many, gaps...)
}

func (w Words) countText(n int, one, many string, gaps ...with) chat.Text {
	return w.in.CountText(n, one, many, gaps...)
}

// Language is the tag of the language, like "de".
func (w Words) Language() string { return w.in.Language() }

// startLabel and completeLabel are buttons that texts speak of.
func (w Words) startLabel() string    { return w.sense("Start", "a button") }
func (w Words) completeLabel() string { return w.sense("Complete", "a button") }

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

// plainly appends literal text to what was literal before.
func plainly(t chat.Text, s string) chat.Text {
	if last := len(t) - 1; last >= 0 && t[last].Kind == chat.Plain {
		t[last].Text += s
		return t
	}
	return t.Plain(s)
}
