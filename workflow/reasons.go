package workflow

import (
	"slices"
	"strings"
)

// The reasons for declining that the rules themselves know.
const (
	// ReasonNoAnswer is the reason of an offer whose time to answer ended. Only
	// the clock gives it.
	ReasonNoAnswer = "no_answer"
	// ReasonOther says nothing by itself, so it needs a text.
	ReasonOther = "other"
)

// DeclineReason is one choice of the list a firm declines from.
type DeclineReason struct{ ID, Label string }

// DeclineReasons is the list a desk starts with. A desk may use its own ids; the
// rules only demand that there is one, and a text with ReasonOther.
func DeclineReasons() []DeclineReason {
	return []DeclineReason{
		{"no_capacity", "No capacity at that time"},
		{"skills", "Not our kind of work"},
		{"location", "Too far away"},
		{"terms", "Terms do not suit us"},
		{"parts", "Parts not available"},
		{"customer_unavailable", "Customer not available"},
		{"duplicate", "Duplicate of another job"},
		{ReasonOther, "Other"},
	}
}

// DeclineReasonLabel is the reason as people see it by default; an id that is not in the
// default list is read as words.
func DeclineReasonLabel(id string) string {
	if id == ReasonNoAnswer {
		return "No answer in time"
	}
	all := DeclineReasons()
	if i := slices.IndexFunc(all, func(r DeclineReason) bool { return r.ID == id }); i >= 0 {
		return all[i].Label
	}
	return upperFirst(strings.ReplaceAll(id, "_", " "))
}
