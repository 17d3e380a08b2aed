// Package when reads times and amounts of time as people write them, in English and in
// German whatever language the writer reads.
//
// It owns the words. It must not know what a time is for, and has no clock of its own:
// now and the time zone are given.
package when
