// Package web drives the workspace in the browser as people do: the real program, and
// Chromium in front of it.
//
// It is a module of its own so that the product does not depend on what drives the
// browser.
package web
