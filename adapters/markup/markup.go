package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"taskbridge/bot/chat"
)

// Dialect is how one platform writes formatting.
type Dialect struct {
	// Marks are tried in order, so that a longer one stands before its beginning.
	Marks []Mark
	// Quote begins a quoted line.
	Quote string
	// Special reads what begins at text: a link, a mention, an escaped character. It
	// returns how many bytes it took, zero for none. Before is the character that
	// stands before it, zero at the beginning.
	Special func(before rune, text string) (spans chat.Text, took int)
	// Literal is how a stretch of other text reads; nil for as it is.
	Literal func(string) string
}

// Mark is what is put before and behind a text to format it.
type Mark struct {
	Delimiter string
	Kind      chat.SpanKind
}

// maxNested bounds how deep formatting within formatting is read.
const maxNested = 4

const fence = "```"

// Read reads a message. It returns nil when there is no formatting in it.
func Read(text string, d Dialect) chat.Text {
	r := reader{d: d}
	r.blocks(text)
	for _, s := range r.out {
		if s.Kind != chat.Plain {
			return r.out
		}
	}
	return nil
}

type reader struct {
	d   Dialect
	out chat.Text
}

// plain adds literal text to the last span where that is plain, too.
func (r *reader) plain(s string) {
	if s == "" {
		return
	}
	if last := len(r.out) - 1; last >= 0 && r.out[last].Kind == chat.Plain {
		r.out[last].Text += s
		return
	}
	r.out = append(r.out, chat.Span{Text: s})
}

func (r *reader) literal(s string) string {
	if r.d.Literal == nil {
		return s
	}
	return r.d.Literal(s)
}

// blocks parts code and quotations from the lines around them.
func (r *reader) blocks(text string) {
	for text != "" {
		before, code, after, found := cutFence(text)
		r.lines(before)
		if !found {
			return
		}
		r.out = append(r.out, chat.Span{Kind: chat.CodeBlock, Text: r.literal(code)})
		text = after
	}
}

// cutFence finds a block of code: what stands between two fences. A fence within a line
// counts as well.
func cutFence(text string) (before, code, after string, found bool) {
	before, rest, opened := strings.Cut(text, fence)
	code, after, closed := strings.Cut(rest, fence)
	if !opened || !closed || strings.TrimSpace(code) == "" {
		return text, "", "", false
	}
	if info, body, ok := strings.Cut(code, "\n"); ok && !strings.ContainsAny(strings.TrimSpace(info), " `") && strings.TrimSpace(body) != "" {
		// The first line names the language, where it is one word or none.
		if strings.TrimSpace(info) == "" || before == "" || strings.HasSuffix(before, "\n") {
			code = body
		}
	}
	return before, strings.Trim(code, "\n"), after, true
}

// lines reads lines without code blocks in them.
func (r *reader) lines(text string) {
	if r.d.Quote == "" || !strings.Contains(text, r.d.Quote) {
		r.inline(text, chat.Plain, 0)
		return
	}
	for text != "" {
		quoted := strings.HasPrefix(text, r.d.Quote)
		end, lines := 0, []string{}
		for end < len(text) && strings.HasPrefix(text[end:], r.d.Quote) == quoted {
			n := strings.IndexByte(text[end:], '\n') + 1
			if n == 0 {
				n = len(text) - end
			}
			lines = append(lines, text[end:end+n])
			end += n
		}
		if quoted {
			r.quote(lines)
		} else {
			r.inline(text[:end], chat.Plain, 0)
		}
		text = text[end:]
	}
}

// quote reads quoted lines. A quotation is words alone.
func (r *reader) quote(lines []string) {
	within := reader{d: r.d}
	for _, l := range lines {
		within.inline(strings.TrimPrefix(strings.TrimPrefix(l, r.d.Quote), " "), chat.Plain, 0)
	}
	text := within.out.String()
	body := strings.TrimRight(text, "\n")
	if strings.TrimSpace(body) == "" {
		r.plain(r.literal(strings.Join(lines, "")))
		return
	}
	r.out = append(r.out, chat.Span{Kind: chat.Quote, Text: body})
	r.plain(text[len(body):])
}

// inline reads formatting within lines. Kind is that of the text around it.
func (r *reader) inline(text string, kind chat.SpanKind, depth int) {
	var before rune
	// open tells up to where a mark is known to have no end.
	open := map[string]int{}
	start, i := 0, 0
	flush := func(to int) {
		if s := r.literal(text[start:to]); s != "" {
			r.styled(s, kind)
		}
	}
	for i < len(text) {
		if spans, took := r.special(before, text[i:]); took > 0 {
			flush(i)
			for _, s := range spans {
				if s.Kind == chat.Plain {
					r.styled(s.Text, kind)
				} else {
					r.out = append(r.out, s)
				}
			}
			before, _ = utf8.DecodeLastRuneInString(text[:i+took])
			i += took
			start = i
			continue
		}
		if code, took := codeSpan(text[i:]); took > 0 {
			flush(i)
			r.out = append(r.out, chat.Span{Kind: chat.Code, Text: r.literal(code)})
			before = '`'
			i += took
			start = i
			continue
		}
		if m, length := r.marked(before, text, i, open); length > 0 && depth < maxNested {
			flush(i)
			n := len(m.Delimiter)
			r.inline(text[i+n:i+n+length], m.Kind, depth+1)
			before, _ = utf8.DecodeLastRuneInString(m.Delimiter)
			i += 2*n + length
			start = i
			continue
		}
		char, size := utf8.DecodeRuneInString(text[i:])
		before = char
		i += size
	}
	flush(len(text))
}

// styled adds text of a kind; formatted text does not go over the end of a line.
func (r *reader) styled(s string, kind chat.SpanKind) {
	if kind == chat.Plain {
		r.plain(s)
		return
	}
	r.out = append(r.out, chat.Span{Kind: kind, Text: s})
}

func (r *reader) special(before rune, text string) (chat.Text, int) {
	if r.d.Special == nil {
		return nil, 0
	}
	return r.d.Special(before, text)
}

// codeSpan reads code within a line.
func codeSpan(text string) (code string, took int) {
	n := len(text) - len(strings.TrimLeft(text, "`"))
	if n == 0 || n > 2 {
		return "", 0
	}
	line, _, _ := strings.Cut(text[n:], "\n")
	end := strings.Index(line, text[:n])
	if end <= 0 || strings.TrimSpace(line[:end]) == "" {
		return "", 0
	}
	return line[:end], end + 2*n
}

// marked finds the mark that begins at a place and the length of what it formats.
func (r *reader) marked(before rune, text string, at int, open map[string]int) (Mark, int) {
	if isWord(before) {
		return Mark{}, 0
	}
	for _, m := range r.d.Marks {
		if !strings.HasPrefix(text[at:], m.Delimiter) {
			continue
		}
		if open[m.Delimiter] > at {
			continue
		}
		rest := text[at+len(m.Delimiter):]
		length, line := closing(rest, m.Delimiter)
		if length > 0 {
			return m, length
		}
		if length < 0 {
			// Those that begin later on the line have no end either.
			open[m.Delimiter] = at + len(m.Delimiter) + line
		}
	}
	return Mark{}, 0
}

// closing finds the end of what a mark formats: zero when the mark begins nothing here,
// minus one when there is no end on the line, whose length is returned as well.
func closing(rest, delimiter string) (length, line int) {
	first, _ := utf8.DecodeRuneInString(rest)
	if rest == "" || unicode.IsSpace(first) || strings.HasPrefix(rest, delimiter[:1]) {
		return 0, 0
	}
	line = strings.IndexByte(rest, '\n')
	if line < 0 {
		line = len(rest)
	}
	for from := 0; ; {
		n := strings.Index(rest[from:line], delimiter)
		if n < 0 {
			return -1, line
		}
		at := from + n
		last, _ := utf8.DecodeLastRuneInString(rest[:at])
		next, _ := utf8.DecodeRuneInString(rest[at+len(delimiter):])
		if at > 0 && !unicode.IsSpace(last) && !isWord(next) && !strings.HasPrefix(rest[at+len(delimiter):], delimiter[:1]) {
			return at, line
		}
		from = at + len(delimiter)
	}
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
