// Package storage says what is durable: the records and the Store that keeps
// them. Every record belongs to a desk, and everything that can be read or written
// through a Tx is that desk's alone: a caller cannot name another.
//
// It owns the contract and no engine; the engines live in storage/sql and both
// pass storagetest. It must not know any chat platform, what a message looks like,
// or why a transition happens: it keeps workflow's values as they are.
package storage
