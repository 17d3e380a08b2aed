// Command timing measures what people at two windows wait for: from a press of a button,
// or a reply, in one person's window until the other person's shows it. Chromium draws
// both, on the program's demonstration. The same is measured of a page that does nothing
// else, served by a server that does nothing else, in the same browser: what is left is
// what taskbridge takes.
//
// It is part of "go run ./bench demo", which builds the program and starts this.
package main
