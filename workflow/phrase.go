package workflow

import (
	"fmt"
	"strings"
)

// Phrase is a sentence, or a part of one, that is not said yet: whoever knows the
// reader's language says it. The rules know no language; what they have is found by its
// English.
type Phrase struct {
	// English is a format of fmt, with One in its place for a count of one where it is
	// about a number of things.
	English, One string
	Count        int
	// Args fill it: texts that stay as they are, numbers, and phrases.
	Args []any
}

// phrase makes a phrase.
func phrase(english string, args ...any) Phrase { return Phrase{English: english, Args: args} }

// counted makes a phrase about a number of things, which is the first thing in it.
func counted(n int, one, many string) Phrase {
	return Phrase{English: many, One: one, Count: n, Args: []any{n}}
}

// String is the phrase in English.
func (p Phrase) String() string {
	format := p.English
	if p.One != "" && p.Count == 1 {
		format = p.One
	}
	if len(p.Args) == 0 {
		return format
	}
	return fmt.Sprintf(format, p.Args...)
}

// refuse makes a refusal of a field, empty for none.
func (p Phrase) refuse(code Code, field string) *Refusal {
	return &Refusal{Code: code, Message: upperFirst(p.String()), Said: p, Field: field}
}

// somebody is a name, or other words where there is none.
func somebody(name, other string) any {
	if name == "" {
		return phrase(other)
	}
	return name
}

// gapsOf puts what fills a refusing row into the order of its arguments.
func gapsOf(row string) string {
	return strings.NewReplacer("{happened}", "%[1]s", "{by}", "%[2]s", "{charge}", "%[3]s", "{ended}", "%[4]s").Replace(row)
}
