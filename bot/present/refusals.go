package present

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// Refusal says why something was refused.
func (w Words) Refusal(r *workflow.Refusal) string {
	if w == (Words{}) || r.Said.English == "" {
		return r.Message
	}
	return upperFirst(w.Phrase(r.Said))
}

// Say says a text of the engine, a format of fmt.
func (w Words) Say(english string, args ...any) string {
	return w.Phrase(workflow.Phrase{English: english, Args: args})
}

// With are what fills the gaps of a text of the engine.
type With = with

// Text says a text of the engine that has formatting, with gaps as all texts here.
func (w Words) Text(english string, gaps With) chat.Text { return w.text(english, gaps) }

// Later marks an English text that is kept as it is and said by Term to each reader.
func Later(english string) string { return english }

// Term says a word that is found by its English: the name of a list, a platform's
// kind of channel.
func (w Words) Term(english string) string { return w.term(english) }

// typed is a text that somebody typed, which a format with %q has between the quotation
// marks of the language.
func (w Words) typed(text string) any {
	begin, end := w.sense("\"", "begins a quotation"), w.sense("\"", "ends a quotation")
	if begin == end {
		return text
	}
	return quotation{text, begin, end}
}

// quotation is a text with what it stands between when it is quoted.
type quotation struct{ text, begin, end string }

// Format implements fmt.Formatter.
func (q quotation) Format(f fmt.State, verb rune) {
	if verb != 'q' {
		_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), q.text)
		return
	}
	// What cannot be seen is written as it is in other quotations.
	inner := strconv.Quote(q.text)
	inner = strings.ReplaceAll(inner[1:len(inner)-1], `\"`, `"`)
	_, _ = fmt.Fprint(f, q.begin, inner, q.end)
}

// Phrase says a phrase.
func (w Words) Phrase(p workflow.Phrase) string {
	format := w.term(p.English)
	if p.One != "" {
		format = w.in.Form(p.Count, p.One, p.English)
	}
	if len(p.Args) == 0 {
		return format
	}
	args := make([]any, len(p.Args))
	for n, arg := range p.Args {
		switch is := arg.(type) {
		case workflow.Phrase:
			args[n] = w.Phrase(is)
		case workflow.Date:
			args[n] = w.in.Date(time.Date(is.Year, is.Month, is.Day, 0, 0, 0, 0, time.UTC))
		case workflow.Money:
			args[n] = w.money(string(is))
		case string:
			args[n] = w.typed(is)
		default:
			args[n] = arg
		}
	}
	return fmt.Sprintf(format, args...)
}
