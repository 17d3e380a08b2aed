package present

import (
	"strconv"
	"strings"

	"taskbridge/workflow"
)

// Suits says what speaks for a firm, for the form of an offer.
func (w Words) Suits(f workflow.Fit) string {
	var parts []string
	if f.City != "" {
		parts = append(parts, f.City)
	}
	if f.Topic != "" {
		parts = append(parts, f.Topic)
	}
	if f.Done > 0 {
		parts = append(parts, strconv.Itoa(f.Done)+" done")
	}
	if percent, known := f.Accepts(); known {
		parts = append(parts, "accepts "+strconv.Itoa(percent)+" %")
	}
	return strings.Join(parts, " · ")
}
