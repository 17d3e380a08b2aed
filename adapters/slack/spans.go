package slack

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"taskbridge/bot/chat"
)

const (
	quotePrefix = "> "
	// maxAtom is the longest piece that is never cut: beyond it formatting is
	// dropped rather than the text.
	maxAtom = 1000
	// wordLength is where an unbroken run of characters is cut.
	wordLength = 200
)

// atom is a piece of mrkdwn that must not be cut: a word, an escaped character,
// a control sequence, a line break.
type atom struct {
	text  string
	runes int
	quote bool
}

// atoms turns a text into pieces. Only the cases below write markup; everything a
// person typed goes through escape.
func atoms(t chat.Text) []atom {
	var out []atom
	afterCode := false
	for _, s := range t {
		if afterCode {
			// The line break after a block of code is there.
			s.Text = strings.TrimPrefix(s.Text, "\n")
		}
		afterCode = s.Kind == chat.CodeBlock
		switch s.Kind {
		case chat.Bold:
			out = styled(out, s.Text, "*")
		case chat.Italic:
			out = styled(out, s.Text, "_")
		case chat.Strike:
			out = styled(out, s.Text, "~")
		case chat.Code:
			out = styled(out, s.Text, "`")
		case chat.Link:
			out = linked(out, s.Text, s.Ref)
		case chat.Mention:
			if isUserID(s.Ref) {
				out = whole(out, "<@"+s.Ref+">")
			} else {
				out = words(out, s.Text, false)
			}
		case chat.ChannelLink:
			if isChannelID(s.Ref) {
				out = whole(out, "<#"+s.Ref+">")
			} else {
				out = words(out, s.Text, false)
			}
		case chat.Everyone:
			out = whole(out, "<!channel> ")
		case chat.Moment:
			out = moment(out, s)
		case chat.Quote:
			out = words(out, s.Text, true)
		case chat.CodeBlock:
			out = codeBlock(out, s.Text)
		default:
			out = words(out, s.Text, false)
		}
	}
	return out
}

// length is what a text takes of a message, in characters.
func length(list []atom) int {
	n := 0
	for _, a := range list {
		n += a.runes
	}
	return n
}

func whole(out []atom, text string) []atom {
	return append(out, atom{text: text, runes: utf8.RuneCountInString(text)})
}

// styled wraps a text in a delimiter where the result is what is meant: on one
// line, without the delimiter inside, and not so long that it had to be cut. Spaces
// at its ends stay outside, for Slack takes a delimiter beside one for a character.
func styled(out []atom, text, delimiter string) []atom {
	core := strings.Trim(text, " ")
	if core == "" || strings.Contains(core, delimiter) || strings.ContainsAny(core, "\r\n") ||
		core != strings.TrimSpace(core) || len(core) > maxAtom {
		return words(out, text, false)
	}
	before, after, _ := strings.Cut(text, core)
	out = words(out, before, false)
	literal := escape
	if delimiter == "`" {
		// Nothing formats within code, where what was parted would be copied so.
		literal = escapeEntities
	}
	out = whole(out, delimiter+literal(core)+delimiter)
	return words(out, after, false)
}

// codeBlock writes code of several lines, on lines of its own, in blocks that are short
// enough never to be cut.
func codeBlock(out []atom, text string) []atom {
	text = strings.ToValidUTF8(strings.Trim(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\uFFFD")
	if strings.TrimSpace(text) == "" || strings.Contains(text, "```") {
		return words(out, text, false)
	}
	lineBreak := func() {
		if len(out) > 0 && out[len(out)-1].text != "\n" {
			out = words(out, "\n", false)
		}
	}
	lineBreak()
	for text != "" {
		n := codeEnd(text)
		out = whole(out, "```\n"+escapeEntities(text[:n])+"\n```")
		out = words(out, "\n", false)
		text = strings.TrimPrefix(text[n:], "\n")
	}
	return out
}

// codeEnd is where a block of code that is too long is cut: at the end of a line, if
// there is one.
func codeEnd(text string) int {
	if len(text) <= maxAtom {
		return len(text)
	}
	if n := strings.LastIndexByte(text[:maxAtom], '\n'); n > 0 {
		return n
	}
	n := maxAtom
	for !utf8.RuneStart(text[n]) {
		n--
	}
	return n
}

// linked writes a link where the address is one that can be followed safely.
func linked(out []atom, label, address string) []atom {
	target, ok := linkTarget(address)
	if !ok || len(label) > maxAtom {
		return words(out, label, false)
	}
	label = strings.Join(strings.FieldsFunc(label, unicode.IsSpace), " ")
	if label == "" {
		return whole(out, "<"+target+">")
	}
	// A bar would end the label.
	return whole(out, "<"+target+"|"+strings.ReplaceAll(escape(label), "|", "¦")+">")
}

// linkTarget encodes an address so that nothing in it can end the link.
func linkTarget(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || len(address) > 2000 {
		return "", false
	}
	switch u.Scheme {
	case "https", "http":
		if u.Host == "" || u.User != nil {
			return "", false
		}
	case "mailto":
	default:
		return "", false
	}
	encoded := strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E", " ", "%20").Replace(u.String())
	return strings.ReplaceAll(encoded, "&", "&amp;"), true
}

func moment(out []atom, s chat.Span) []atom {
	if s.Time.IsZero() {
		return out
	}
	const dayAndTime = "{date_short_pretty}, {time}"
	text := date(s.Time, dayAndTime, "2 Jan 2006 15:04 UTC")
	switch {
	case s.Until.IsZero():
	case s.OneDay():
		text += "–" + date(s.Until, "{time}", "15:04 UTC")
	default:
		text += " – " + date(s.Until, dayAndTime, "2 Jan 2006 15:04 UTC")
	}
	if s.Gone {
		text = "~" + text + "~"
	}
	return whole(out, text)
}

// date is a moment that each client writes in its reader's zone, with what is read where
// that is not done.
func date(t time.Time, format, fallback string) string {
	return fmt.Sprintf("<!date^%d^%s|%s>", t.Unix(), format, t.UTC().Format(fallback))
}

// words cuts literal text at spaces and line breaks.
func words(out []atom, text string, quote bool) []atom {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\uFFFD")
	for text != "" {
		n := wordEnd(text)
		word := text[:n]
		text = text[n:]
		if word == "\r" {
			word = "\n"
		}
		escaped := escape(word)
		out = append(out, atom{text: escaped, runes: utf8.RuneCountInString(escaped), quote: quote})
	}
	return out
}

// wordEnd finds the end of a word with the space that follows it. A line break is
// a word of its own.
func wordEnd(s string) int {
	if s[0] == '\n' || s[0] == '\r' {
		return 1
	}
	for i, r := range s {
		switch {
		case r == '\n' || r == '\r':
			return i
		case r == ' ':
			return i + 1
		case i >= wordLength:
			return i
		}
	}
	return len(s)
}

// flow fills chunks of limited length with atoms.
type flow struct {
	limit  int // runes in one chunk
	budget int // runes in all
	chunks []string

	cur       strings.Builder
	runes     int
	lineStart bool
	// line is where the last line of the chunk begins, in bytes and in runes.
	line, lineRunes int
	quoting         bool
	cut             bool
}

// layOut packs atoms into chunks of at most limit runes and budget runes in all.
// What does not fit is replaced by an ellipsis.
func layOut(list []atom, limit, budget int) []string {
	f := &flow{limit: limit, budget: budget, lineStart: true}
	for _, a := range list {
		if !f.add(a) {
			break
		}
	}
	f.flush()
	return f.chunks
}

func (f *flow) add(a atom) bool {
	if a.text == "" {
		return true
	}
	// A quotation stands on lines of its own.
	if a.quote != f.quoting && !f.lineStart && a.text != "\n" {
		if !f.put("\n", 1) {
			return false
		}
	}
	f.quoting = a.quote
	if a.quote && f.lineStart && a.text != "\n" {
		return f.put(quotePrefix+a.text, a.runes+len(quotePrefix))
	}
	if a.quote && f.lineStart {
		return f.put(strings.TrimSpace(quotePrefix)+"\n", 2)
	}
	return f.put(a.text, a.runes)
}

// put appends one piece, beginning a new chunk where the old one is full.
func (f *flow) put(text string, runes int) bool {
	if f.cut {
		return false
	}
	// One rune is kept back for the ellipsis.
	if f.budget-runes < 1 {
		f.cur.WriteString("…")
		f.runes++
		f.cut = true
		return false
	}
	if f.runes+runes >= f.limit && f.runes > 0 {
		begun := ""
		if text != "\n" {
			begun = f.takeLine(runes)
		}
		f.flush()
		switch {
		case text == "\n":
			return true
		case begun != "":
			f.cur.WriteString(begun)
			f.runes = utf8.RuneCountInString(begun)
		case f.quoting && !strings.HasPrefix(text, quotePrefix):
			text, runes = quotePrefix+text, runes+len(quotePrefix)
		}
	}
	f.cur.WriteString(text)
	f.runes += runes
	f.budget -= runes
	if f.lineStart = strings.HasSuffix(text, "\n"); f.lineStart {
		f.line, f.lineRunes = f.cur.Len(), f.runes
	}
	return true
}

// takeLine takes back the line that a full chunk has only begun, so that it goes on in the
// next one as a whole. It is empty where that would leave much of the chunk unused.
func (f *flow) takeLine(next int) string {
	begun := f.runes - f.lineRunes
	if f.lineRunes < f.limit/2 || begun+next >= f.limit {
		return ""
	}
	all := f.cur.String()
	f.cur.Reset()
	f.cur.WriteString(all[:f.line])
	f.runes = f.lineRunes
	return all[f.line:]
}

func (f *flow) flush() {
	if s := strings.TrimRight(f.cur.String(), " \n"); strings.TrimSpace(s) != "" {
		f.chunks = append(f.chunks, s)
	}
	f.cur.Reset()
	f.runes, f.line, f.lineRunes, f.lineStart = 0, 0, 0, true
}

// oneChunk renders a text as a single piece of at most limit runes.
func oneChunk(t chat.Text, limit int) string {
	chunks := layOut(atoms(t), limit+1, limit)
	if len(chunks) == 0 {
		return ""
	}
	return strings.Join(chunks, "\n")
}
