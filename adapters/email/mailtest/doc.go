// Package mailtest is a mail server for tests. It speaks SMTP over TCP, with or without
// TLS and passwords, keeps what it is given, and refuses what a test wants refused.
//
// It knows nothing of this program: what it reads it reads as any mail program does.
package mailtest
