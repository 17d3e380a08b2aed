// Package files keeps the contents of files by their SHA-256 digest, in a folder or
// in a bucket of a service that speaks S3.
//
// Content is read once, counted against its limit while it is digested, and becomes
// visible under its digest whole or not at all. Nothing is ever looked into: no
// archive is opened, no picture decoded, no type guessed.
//
// It must not know what a file is for, who may read it, or where it came from.
package files
