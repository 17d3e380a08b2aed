// Package settings holds how a desk works: its hours and holidays, the lists its people
// choose from, and its time limits. It reads and writes each section as the text that
// an administrator edits.
//
// It owns the values, their defaults and what is legal. It must not know how they are
// kept, shown or used.
package settings
