// Package sqlstore implements storage.Store on SQLite and on PostgreSQL with one
// schema and one set of statements. What the engines say differently is in
// dialect.go; how a connection of each is used is in sqlite.go and postgres.go.
//
// It owns the tables, their migrations, how transactions are run, and the
// translation of driver errors into the errors of package storage. It must not
// know any chat platform, what a payload means, or what a transition may do.
//
// Concurrent Updates are grouped: they share a transaction, and one synchronisation
// of the disk serves them all. On SQLite, where one connection writes, they run one
// after another. On PostgreSQL they run side by side, and the statements at which
// they wait travel together; a desk has one such transaction at a time, and what is
// read in order to be written is locked within it. When one fails after it has
// written, the group is undone and the others run again. Every write of an issue is
// guarded by its version besides.
//
// What is appended to the history and to the outbox is written before the commit,
// for the whole group in few statements. Statements whose result nobody looks at
// travel together with the next one.
package sqlstore
