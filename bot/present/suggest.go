package present

import (
	"strings"

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
	if percent, known := f.Accepts(); known {
		parts = append(parts, w.say("accepts {{.Percent}}%", with{"Percent": percent}))
	}
	return strings.Join(parts, " · ")
}
