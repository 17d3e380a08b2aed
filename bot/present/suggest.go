package present

import (
	"strings"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// Suits says what speaks for a firm, for the form of an offer.
func (w Words) Suits(f workflow.Fit) string {
	var parts []string
	if f.City != "" {
		// Its name says which one.
		parts = append(parts, w.say("same city"))
	}
	if f.Topic != "" {
		parts = append(parts, f.Topic)
	}
	if f.Done > 0 {
		parts = append(parts, w.say("{{.Count}} done", with{"Count": f.Done}))
	}
	if mean, known := f.Rating(); known {
		parts = append(parts, w.say("{{.Mean}} of 5", with{"Mean": w.tenths(mean)}))
	}
	if percent, known := f.Accepts(); known {
		parts = append(parts, w.say("accepts {{.Percent}}%", with{"Percent": percent}))
	}
	return strings.Join(parts, between)
}

// between stands between two reasons for a firm.
const between = " · "

// reasons are as many of those of Suits as there is room for, in characters.
func reasons(why string, most int) string {
	for utf8.RuneCountInString(why) > most {
		cut := strings.LastIndex(why, between)
		if cut < 0 {
			return chat.Shorten(why, most)
		}
		why = why[:cut]
	}
	return why
}
