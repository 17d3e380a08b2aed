// Package wordstest holds, for a package that shows something to people, that all of it
// has every language.
//
// It owns how texts are found in Go, in templates and in scripts. It must not know what
// any of them says.
package wordstest
