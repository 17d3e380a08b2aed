// Package sqlstore implements storage.Store on SQLite and on PostgreSQL with one
// schema and one set of statements, through database/sql. What the engines truly
// do differently is in dialect.go and nowhere else.
//
// It owns the tables, their migrations, how transactions are run, and the
// translation of driver errors into the errors of package storage. It must not
// know any chat platform, what a payload means, or what a transition may do.
//
// On SQLite one connection writes. Concurrent Updates are grouped: each runs in a
// savepoint of a shared transaction, and one synchronisation of the disk serves
// them all. On PostgreSQL every Update is a transaction of its own at READ
// COMMITTED; rows that are read in order to be written are locked when read, and
// every write of an issue is guarded by its version besides.
package sqlstore
