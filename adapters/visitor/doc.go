// Package visitor tells where a request comes from that nobody has signed in for, and keeps
// what one such place does from keeping others out.
//
// It must not know what is asked for, nor any platform.
package visitor
