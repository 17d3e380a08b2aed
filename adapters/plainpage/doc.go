// Package plainpage sends the small pages that work without a script and are reached by
// a secret link: what the browser may do with them, who may learn of the link, and in
// which language they are.
//
// It owns the headers and the choice of the language. It must not know what a page shows,
// nor any platform.
package plainpage
