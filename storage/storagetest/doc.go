// Package storagetest says in tests what package storage says in words. Every
// engine passes the whole of it; there is nothing to opt out of.
//
// It knows the contract and no engine. What only one engine can show, such as
// what survives when its process is killed, is tested beside that engine.
package storagetest
