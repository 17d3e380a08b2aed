// Package plainpage sends the small pages that work without a script and are reached by
// a secret link: what the browser may do with them, and who may learn of the link.
//
// It owns the headers. It must not know what a page shows, nor any platform.
package plainpage
