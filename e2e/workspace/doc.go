// Package workspace lets a crowd work in the workspace of the browser while everything
// goes wrong: the real program, and people whose browsers are played over HTTP, with the
// cookie, the marks, the forms and the live line that the page's script has.
//
// What a browser draws is the concern of e2e/web, which is a module of its own.
package workspace
