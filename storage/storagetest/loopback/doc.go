// Package loopback finds addresses on this machine for servers that tests start, end and
// start again.
//
// It must not know what listens there.
package loopback
