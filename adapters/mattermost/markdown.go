package mattermost

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"taskbridge/bot/chat"
)

// renderer turns messages into Mattermost's form. It is a pure value: who is
// called what was looked up before.
type renderer struct {
	zone *time.Location
	// year is the current one in zone.
	year int
	// usernames maps ids of people to the names that mention them.
	usernames map[string]string
	// actionsURL is where clicks go.
	actionsURL string
	// channelURL is what a channel's id is put behind to open it.
	channelURL string
	// maxPost is the greatest length of a post's message, in runes.
	maxPost int
	// overrideName and overrideIcon are true where the server shows another author's
	// name and picture on a post.
	overrideName, overrideIcon bool
}

// Mattermost has no form for the reader's own zone, so that a moment is written as its
// text says it. One that has none is written with the service's zone; the year is left
// out while it is the current one.
const (
	momentLayout         = "2 Jan 2006 15:04 MST"
	momentLayoutThisYear = "2 Jan 15:04 MST"
)

func (r renderer) moment(s chat.Span) string {
	if s.Text != "" {
		return s.Text
	}
	at := r.instant(s.Time)
	if s.Until.IsZero() {
		return at
	}
	return at + " – " + r.instant(s.Until)
}

func (r renderer) instant(t time.Time) string {
	at := t.In(r.zone)
	if at.Year() == r.year {
		return at.Format(momentLayoutThisYear)
	}
	return at.Format(momentLayout)
}

// everyone is the word that notifies all members of a channel.
const everyone = "@channel"

// markdown renders text. Everyone is left out unless loud: inside a card it would
// not notify on every client, so that it stands in the message itself.
func (r renderer) markdown(t chat.Text, loud bool) string {
	var w blocks
	spans := joinPlain(t)
	for i, s := range spans {
		switch s.Kind {
		case chat.Bold:
			w.inline(styled("**", s.Text))
		case chat.Italic:
			w.inline(styled("*", s.Text))
		case chat.Strike:
			w.inline(styled("~~", s.Text))
		case chat.Code:
			w.inline(codeSpan(s.Text))
		case chat.Link:
			w.inline(link(s.Text, s.Ref))
		case chat.Mention:
			w.inline(apart(r.mention(s), spans[i+1:]))
		case chat.Everyone:
			if loud {
				w.inline(everyone)
				if i+1 < len(spans) && !strings.HasPrefix(spans[i+1].Text, " ") {
					w.inline(" ")
				}
			}
		case chat.ChannelLink:
			w.inline(r.channelLink(s))
		case chat.Moment:
			if s.Gone {
				w.inline(styled("~~", r.moment(s)))
			} else {
				w.inline(escape(r.moment(s)))
			}
		case chat.Quote:
			w.quote(s.Text)
		case chat.CodeBlock:
			w.code(s.Text)
		default:
			w.inline(escape(s.Text))
		}
	}
	return strings.TrimSpace(w.b.String())
}

// joinPlain joins neighbouring plain spans, so that no word is made of two halves
// that were harmless alone.
func joinPlain(t chat.Text) chat.Text {
	out := make(chat.Text, 0, len(t))
	for _, s := range t {
		last := len(out) - 1
		if s.Kind == chat.Plain && last >= 0 && out[last].Kind == chat.Plain {
			out[last].Text += s.Text
			continue
		}
		out = append(out, s)
	}
	return out
}

// blocks writes inline text and quotes with the blank lines between them that
// Markdown needs.
type blocks struct {
	b       strings.Builder
	inQuote bool
}

func (w *blocks) inline(s string) {
	if s == "" {
		return
	}
	if w.inQuote {
		// Without a blank line what follows would still belong to the quote.
		s = strings.TrimLeft(s, "\n ")
		if s == "" {
			return
		}
		w.b.WriteString("\n\n")
		w.inQuote = false
	}
	if strings.HasSuffix(w.b.String(), "```\n") {
		// The line break after a block of code is there.
		s = strings.TrimPrefix(s, "\n")
	}
	w.b.WriteString(s)
}

func (w *blocks) quote(s string) {
	s = strings.Trim(clean(s), "\n")
	if strings.TrimSpace(s) == "" {
		return
	}
	switch {
	case w.inQuote:
		w.b.WriteString("\n\n")
	case w.b.Len() > 0 && !strings.HasSuffix(w.b.String(), "\n"):
		w.b.WriteString("\n")
	}
	for i, l := range strings.Split(s, "\n") {
		if i > 0 {
			w.b.WriteString("\n")
		}
		w.b.WriteString(strings.TrimRight("> "+escapeLine(l), " "))
	}
	w.inQuote = true
}

// code writes code of several lines, between more backticks than are in it.
func (w *blocks) code(s string) {
	s = strings.Trim(clean(s), "\n")
	if strings.TrimSpace(s) == "" {
		return
	}
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if w.inQuote {
		w.b.WriteString("\n\n")
		w.inQuote = false
	} else if w.b.Len() > 0 && !strings.HasSuffix(w.b.String(), "\n") {
		w.b.WriteString("\n")
	}
	w.b.WriteString(fence + "\n" + s + "\n" + fence + "\n")
}

// styled formats literal text. Spaces at its ends stay outside the marks, which
// Markdown takes for characters beside them.
func styled(mark, s string) string {
	s = clean(s)
	core := strings.TrimSpace(s)
	if core == "" {
		return escape(s)
	}
	before, after, _ := strings.Cut(s, core)
	return escape(before) + wrap(mark, escapeWord(core)) + escape(after)
}

func wrap(mark, s string) string {
	if s == "" {
		return ""
	}
	return mark + s + mark
}

// codeSpan shows literal text as code, between more backticks than are in it.
func codeSpan(s string) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if fence == "`" {
		return fence + s + fence
	}
	return fence + " " + s + " " + fence
}

// link makes a link of an address that a browser may safely follow, and plain
// words of any other.
func link(label, ref string) string {
	u, err := url.Parse(strings.TrimSpace(ref))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto" {
		return escapeWord(label)
	}
	if u.Scheme != "mailto" && u.Host == "" {
		return escapeWord(label)
	}
	if strings.TrimSpace(label) == "" {
		label = u.Redacted()
	}
	address := strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", `\`, "%5C", "`", "%60", " ", "%20", `"`, "%22").
		Replace(u.String())
	return "[" + escapeWord(label) + "](" + address + ")"
}

// apart keeps a mention from growing into another one by the text that follows.
func apart(mention string, rest chat.Text) string {
	if len(rest) == 0 || !strings.HasPrefix(mention, "@") {
		return mention
	}
	next := firstRune(rest[0].Text)
	if unicode.IsLetter(next) || unicode.IsDigit(next) || strings.ContainsRune("._-", next) {
		return mention + zeroWidth
	}
	return mention
}

func (r renderer) mention(s chat.Span) string {
	if name := r.usernames[s.Ref]; name != "" {
		return "@" + name
	}
	return escapeWord(s.Text)
}

func (r renderer) channelLink(s chat.Span) string {
	if r.channelURL == "" || !isID(s.Ref) {
		return escapeWord(s.Text)
	}
	return link(s.Text, r.channelURL+s.Ref)
}

// isID tells whether s has the shape of Mattermost's ids.
func isID(s string) bool {
	if len(s) != 26 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// mentioned lists the people a message mentions.
func mentioned(m chat.Message) []string {
	var ids []string
	collect := func(t chat.Text) {
		for _, s := range t {
			if s.Kind == chat.Mention && isID(s.Ref) {
				ids = append(ids, s.Ref)
			}
		}
	}
	collect(m.Text)
	for _, f := range m.Facts {
		collect(f.Value)
	}
	for _, n := range m.Notes {
		collect(n)
	}
	return ids
}
