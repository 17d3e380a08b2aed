// Package process runs the real program for tests: builds it with the race detector,
// starts, stops and kills it on one address, calls it, and looks at what it wrote in all
// its lives. It also lets many act on it at once.
//
// It must not know what the program does for anybody.
package process
