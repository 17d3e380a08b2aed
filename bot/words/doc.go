// Package words says texts in a language: the whole English sentence that stands in the
// code, or what a language's file has for it, with its gaps filled; and numbers, days and
// times as that language writes them.
//
// It owns how a text is found and filled, and the names of days and months. Each package
// that people read something of has its own texts beside it, in languages/*.yaml. It must
// not know what is said, to whom, or on which platform.
package words
