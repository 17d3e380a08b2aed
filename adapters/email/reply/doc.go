// Package reply reads letters that people wrote as an answer: who from, what they said
// above what they quote and sign with, and what they attached.
//
// It owns what mail programs do to a letter: parts and their alternatives, character
// sets, quotes, signatures, automatic answers. It must not know who may write, how a
// letter came, or what becomes of it; it does no I/O. What it reads is hostile: every
// loop has a bound, and whatever the bytes are, it returns.
package reply
