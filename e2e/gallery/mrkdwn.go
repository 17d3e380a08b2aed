package main

import (
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// reading is how a reader of the gallery reads: when, and in which zone.
type reading struct {
	now  time.Time
	zone *time.Location
}

func theReader() reading {
	return reading{now: time.Date(2026, 11, 24, 9, 10, 0, 0, time.UTC), zone: time.FixedZone("GMT", 0)}
}

// codeFence begins and ends a block of code, on a line of its own.
const codeFence = "```"

// mrkdwn draws Slack's markup (docs.slack.dev/messaging/formatting-message-text).
func (r reading) mrkdwn(s string) template.HTML {
	var b strings.Builder
	quoting, coding, afterCode := false, false, false
	for n, line := range strings.Split(s, "\n") {
		if line == codeFence || coding {
			switch {
			case line != codeFence:
				b.WriteString(htmlOfSlack(line) + "\n")
			case coding:
				b.WriteString("</pre>")
			default:
				b.WriteString("<pre>")
			}
			if line == codeFence {
				coding = !coding
			}
			afterCode = !coding
			continue
		}
		quoted, isQuote := cutQuote(line)
		switch {
		case afterCode:
		case isQuote && !quoting:
			b.WriteString("<blockquote>")
		case !isQuote && quoting:
			b.WriteString("</blockquote>")
		case n > 0:
			b.WriteString("<br>")
		}
		quoting, afterCode = isQuote, false
		b.WriteString(r.mrkdwnLine(quoted))
	}
	if quoting {
		b.WriteString("</blockquote>")
	}
	return template.HTML(b.String()) //nolint:gosec // every part was escaped.
}

// cutQuote takes the mark of a quotation off a line. Slack takes an escaped mark
// at the beginning of a line for one, too.
func cutQuote(line string) (string, bool) {
	for _, mark := range []string{"> ", "&gt; ", ">", "&gt;"} {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			return rest, true
		}
	}
	return line, false
}

// mrkdwnLine draws one line. What is no markup is escaped already: Slack's three
// entities are HTML's.
func (r reading) mrkdwnLine(s string) string {
	var b strings.Builder
	before := ' '
	for s != "" {
		c, size := utf8.DecodeRuneInString(s)
		switch {
		case c == '<':
			if end := strings.IndexByte(s, '>'); end > 0 {
				b.WriteString(r.sequence(s[1:end]))
				s, before = s[end+1:], '>'
				continue
			}
		case strings.ContainsRune("*_~`", c) && !isWord(before):
			if end := closing(s, byte(c)); end > 0 {
				b.WriteString(r.styled(byte(c), s[1:end]))
				s, before = s[end+1:], c
				continue
			}
		}
		b.WriteString(htmlOfSlack(s[:size]))
		s, before = s[size:], c
	}
	return b.String()
}

// htmlOfSlack escapes a text that is free of markup. Slack's entities stay what
// they are.
func htmlOfSlack(s string) string {
	return strings.NewReplacer("<", "&lt;", ">", "&gt;", `"`, "&#34;").Replace(s)
}

// closing finds the mark that ends a style, zero when the style does not end.
func closing(s string, mark byte) int {
	// A space without width is one, too: adapters part literal marks with it.
	if len(s) < 3 || s[1] == ' ' || s[1] == mark || strings.HasPrefix(s[1:], "\u200b") {
		return 0
	}
	for i := 2; i < len(s); i++ {
		if s[i] != mark || s[i-1] == ' ' {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(s[i+1:]); i+1 == len(s) || !isWord(next) {
			return i
		}
	}
	return 0
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func (r reading) styled(mark byte, s string) string {
	tag := map[byte]string{'*': "b", '_': "i", '~': "s", '`': "code"}[mark]
	if tag == "code" {
		s = htmlOfSlack(s)
	} else {
		s = r.mrkdwnLine(s)
	}
	return "<" + tag + ">" + s + "</" + tag + ">"
}

// sequence draws what stands in angle brackets.
func (r reading) sequence(s string) string {
	target, label, labelled := strings.Cut(s, "|")
	switch {
	case target == "!channel" || target == "!here" || target == "!everyone":
		return `<span class="mention all">@` + target[1:] + "</span>"
	case strings.HasPrefix(target, "!date^"):
		return r.date(target)
	case strings.HasPrefix(target, "@"):
		who := target[1:]
		if who == operatorID {
			who = operator
		}
		return `<span class="mention">@` + htmlOfSlack(who) + "</span>"
	case strings.HasPrefix(target, "#"):
		return `<span class="mention">#` + htmlOfSlack(target[1:]) + "</span>"
	}
	if !labelled {
		label = target
	}
	return "<a>" + htmlOfSlack(label) + "</a>"
}

// date draws {date_short_pretty} and {time}, the two forms in use.
func (r reading) date(token string) string {
	parts := strings.SplitN(token, "^", 4)
	seconds, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || len(parts) < 3 {
		return "(a broken date)"
	}
	at := time.Unix(seconds, 0).In(r.zone)
	day := at.Format("Jan 2, 2006")
	today := r.now.In(r.zone)
	for word, days := range map[string]int{"Yesterday": -1, "Today": 0, "Tomorrow": 1} {
		if today.AddDate(0, 0, days).Format(time.DateOnly) == at.Format(time.DateOnly) {
			day = word
		}
	}
	return `<span class="date">` + strings.NewReplacer("{date_short_pretty}", day, "{time}", at.Format("3:04 PM")).Replace(parts[2]) + "</span>"
}
