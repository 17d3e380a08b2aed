package web

import (
	"maps"
	"net/url"

	"taskbridge/bot/words"
)

// filter is a way to narrow a page down: what it is called, and the values of the page's
// address that it is made of.
type filter struct {
	label string
	names []string
}

// chip is a filter that is on, with the address of the page without it.
type chip struct{ Label, Value, Link string }

// chips are the filters of an address that are on, so that each can be taken off by itself.
func chips(path string, values url.Values, filters []filter) (out []chip) {
	for _, f := range filters {
		rest, value := maps.Clone(values), ""
		for _, name := range f.names {
			if of := values.Get(name); value != "" && of != "" {
				value += " – " + of
			} else {
				value += of
			}
			rest.Del(name)
		}
		if value != "" {
			link := url.URL{Path: path, RawQuery: rest.Encode()}
			out = append(out, chip{Label: f.label, Value: value, Link: link.String()})
		}
	}
	return out
}

// boardFilters are the ways to narrow a board down.
func boardFilters(in words.Words) []filter {
	return []filter{
		{in.Say("Days"), []string{"since", "until"}}, {in.Say("Firm"), []string{"firm"}}, {in.Say("City"), []string{"city"}},
	}
}

// listFilters are the ways to narrow a list of jobs down.
func listFilters(in words.Words) []filter {
	return []filter{
		{in.Say("Firm"), []string{"firm"}},
		{in.Say("City"), []string{"city"}},
		{in.Say("Topic"), []string{"topic"}},
		{in.Say("Person"), []string{"person"}},
	}
}
