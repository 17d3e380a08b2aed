package bot

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"taskbridge/workflow"
)

// maxTerms is the longest text of an offer's terms.
const maxTerms = 1000

// termsUsage is how terms are written after a command.
const termsUsage = "[by TIME] [due TIME] [price AMOUNT] [limit AMOUNT] [terms TEXT]"

// termWord begins a part of the terms in a command.
var termWord = regexp.MustCompile(`(?i)(?:^|\s)(by|due|price|limit|terms)\s`)

// terms reads what an offer says from the values of a form or a command.
func (t *turn) terms(v map[string]string) (workflow.Terms, error) {
	terms, err := t.answerIn(v["accept_by"])
	if err != nil {
		return workflow.Terms{}, inField("accept_by", err)
	}
	terms.Note = strings.TrimSpace(v["terms"])
	if utf8.RuneCountInString(terms.Note) > maxTerms {
		return terms, workflow.RefuseField("terms", "Shorten this to %d characters.", maxTerms)
	}
	if terms.Due, err = t.dueBy(v["due"]); err != nil {
		return terms, err
	}
	terms.DueIn = t.dueAfter(v["due"], terms.Due)
	for field, to := range map[string]*workflow.Money{"price": &terms.Price, "limit": &terms.Limit} {
		if *to, err = workflow.ReadPrice(v[field]); err != nil {
			return terms, inField(field, err)
		}
	}
	return terms, nil
}

// dueBy reads when the work has to be done; an empty text is no such date.
func (t *turn) dueBy(text string) (time.Time, error) {
	if strings.TrimSpace(text) == "" {
		return time.Time{}, nil
	}
	at, err := parseWhen(text, t.now, t.zone)
	if err == nil && !at.After(t.now) {
		err = workflow.Refuse(workflow.Invalid, "That time has passed. Give a later one, or leave it out.")
	}
	if err != nil {
		return time.Time{}, inField("due", err)
	}
	return at, nil
}

// cutTerms splits "acme by 2h price 250 EUR" into whom it is for and the values of
// the terms. A firm may have one of the words in its own name, so that the longest
// beginning that known takes for names wins.
func cutTerms(s string, known func(names string) bool) (names string, v map[string]string) {
	found := termWord.FindAllStringSubmatchIndex(s, -1)
	// What follows the word terms is free text, whatever is in it.
	if n := slices.IndexFunc(found, func(m []int) bool { return strings.EqualFold(s[m[2]:m[3]], "terms") }); n >= 0 {
		found = found[:n+1]
	}
	if len(found) == 0 || known(s) {
		return strings.TrimSpace(s), map[string]string{}
	}
	first := 0
	for n := range slices.Backward(found) {
		if known(s[:found[n][0]]) {
			first = n
			break
		}
	}
	v = map[string]string{}
	for n := first; n < len(found); n++ {
		end := len(s)
		if n+1 < len(found) {
			end = found[n+1][0]
		}
		v[termField(s[found[n][2]:found[n][3]])] = strings.TrimSpace(s[found[n][3]:end])
	}
	return strings.TrimSpace(s[:found[first][0]]), v
}

// termField is the form's field for a word of a command.
func termField(word string) string {
	if word = strings.ToLower(word); word != "by" {
		return word
	}
	return "accept_by"
}
