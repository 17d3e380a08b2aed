package chat

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Text is written by us around parts that others wrote. It is a list of spans and
// not a string with markup in it, so that nothing a person typed can ever become
// a mention, a link or formatting on another platform.
type Text []Span

// Span is a stretch of text of one kind.
type Span struct {
	Kind SpanKind `json:",omitzero"`
	// Text is what is read: literal characters, never markup.
	Text string `json:",omitempty"`
	// Ref is the person's id (Mention), the address (Link) or the channel's id.
	Ref string `json:",omitempty"`
	// Time is the moment (Moment), Until the end of a span of time that begins with it,
	// zero where there is none.
	Time  time.Time `json:",omitzero"`
	Until time.Time `json:",omitzero"`
	// Gone is true of a moment that holds no more; it is shown struck out.
	Gone bool `json:",omitempty"`
}

// OneDay tells whether a span of time ends on the day on which it begins, in the zone in
// which its beginning is given: then the day is said once.
func (s Span) OneDay() bool {
	end := s.Until.In(s.Time.Location())
	return s.Time.YearDay() == end.YearDay() && s.Time.Year() == end.Year()
}

// SpanKind says how a span is shown. Texts are stored with these numbers, so that new
// ones come last.
type SpanKind int

// The kinds of spans.
const (
	Plain SpanKind = iota
	Bold
	Italic
	Strike
	Code
	// Link leads to the address Ref.
	Link
	// Mention notifies the person Ref of the workspace it is posted to.
	Mention
	// Everyone notifies all members of the channel.
	Everyone
	// ChannelLink leads to the channel Ref.
	ChannelLink
	// Moment shows Time in the reader's own zone where the platform can, else Text, which
	// says it as whoever reads it would.
	Moment
	// Quote is somebody else's text, set apart, line breaks kept.
	Quote
	// CodeBlock is code of several lines.
	CodeBlock
)

// T makes a plain text.
func T(s string) Text { return Text{{Text: s}} }

// Add appends spans.
func (t Text) Add(s ...Span) Text { return append(slices.Clip(t), s...) }

// Plain appends literal text.
func (t Text) Plain(s string) Text { return t.Add(Span{Text: s}) }

// Bold appends literal text shown bold.
func (t Text) Bold(s string) Text { return t.Add(Span{Kind: Bold, Text: s}) }

// Italic appends literal text shown in italics.
func (t Text) Italic(s string) Text { return t.Add(Span{Kind: Italic, Text: s}) }

// Code appends literal text shown as code.
func (t Text) Code(s string) Text { return t.Add(Span{Kind: Code, Text: s}) }

// Quote appends somebody's text, set apart.
func (t Text) Quote(s string) Text { return t.Add(Span{Kind: Quote, Text: s}) }

// Link appends a link.
func (t Text) Link(label, url string) Text {
	return t.Add(Span{Kind: Link, Text: label, Ref: url})
}

// Mention appends a mention of a person, shown as name where it cannot be one.
func (t Text) Mention(id, name string) Text {
	return t.Add(Span{Kind: Mention, Text: name, Ref: id})
}

// Channel appends a link to a channel of the same workspace.
func (t Text) Channel(id, name string) Text {
	return t.Add(Span{Kind: ChannelLink, Text: name, Ref: id})
}

// Moment appends a point in time.
func (t Text) Moment(at time.Time) Text { return t.Add(Span{Kind: Moment, Time: at}) }

// Window appends a span of time; without an end it is a moment.
func (t Text) Window(from, until time.Time) Text {
	return t.Add(Span{Kind: Moment, Time: from, Until: until})
}

// Append joins two texts.
func (t Text) Append(o Text) Text { return append(slices.Clip(t), o...) }

// Empty tells whether there is nothing to read.
func (t Text) Empty() bool {
	for _, s := range t {
		if s.Text != "" || s.Kind == Everyone || s.Kind == Moment {
			return false
		}
	}
	return true
}

// String is the text without any formatting, for logs of our own words, fallbacks
// and tests. Moments are in UTC.
func (t Text) String() string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case Moment:
			b.WriteString(s.Time.UTC().Format("2 Jan 2006 15:04 UTC"))
			if !s.Until.IsZero() {
				b.WriteString(" – " + s.Until.UTC().Format("2 Jan 2006 15:04 UTC"))
			}
		case Everyone:
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// Shorten cuts s to at most n runes, ending in an ellipsis where it was cut.
func Shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

// ShortenBytes cuts s to at most n bytes without splitting a character, ending in
// an ellipsis where it was cut.
func ShortenBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	const ellipsis = "…"
	cut := 0
	for i := range s {
		if i > n-len(ellipsis) {
			break
		}
		cut = i
	}
	return strings.TrimRight(s[:cut], " ") + ellipsis
}
