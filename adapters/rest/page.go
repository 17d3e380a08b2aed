package rest

import "slices"

// Page is what every list takes.
type Page struct {
	After string `query:"after" maxLength:"100" doc:"The next of the page before; empty for the first page."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"The most items to return."`
}

// List is one page of a list.
type List[T any] struct {
	Items []T `json:"items" doc:"The items, never null."`
	// Next is what to pass as after, empty at the end.
	Next string `json:"next" doc:"Pass it as after for the page that follows; empty at the end."`
}

// listed is the answer that carries a list.
type listed[T any] struct{ Body List[T] }

// cut makes a page of up to limit items out of one item more, which tells whether
// there is a page that follows.
func cut[T any](items []T, limit int, cursor func(T) string) *listed[T] {
	out := &listed[T]{Body: List[T]{Items: items}}
	if len(items) > limit {
		out.Body.Items = items[:limit]
		out.Body.Next = cursor(items[limit-1])
	}
	if out.Body.Items == nil {
		out.Body.Items = []T{}
	}
	return out
}

// from drops the items up to and with the one that the cursor names; all of them
// when it names none, as when that item is gone meanwhile.
func from[T any](items []T, after string, cursor func(T) string) []T {
	if after == "" {
		return items
	}
	i := slices.IndexFunc(items, func(item T) bool { return cursor(item) == after })
	if i < 0 {
		return nil
	}
	return items[i+1:]
}
