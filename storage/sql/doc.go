// Package sqlstore implements storage.Store on SQLite and on PostgreSQL with one
// schema and one set of statements. What the engines say differently is in
// dialect.go; how a connection of each is used is in sqlite.go and postgres.go.
//
// It owns the tables, their migrations, how transactions are run, and the
// translation of driver errors into the errors of package storage. It must not
// know any chat platform, what a payload means, or what a transition may do.
//
// On SQLite one connection writes. Concurrent Updates are grouped: they run one
// after another in a shared transaction, and one synchronisation of the disk serves
// them all. On PostgreSQL every Update is a transaction of its own at READ
// COMMITTED; rows that are read in order to be written are locked when read, and
// every write of an issue is guarded by its version besides. Statements whose
// result nobody looks at travel together with the next one.
package sqlstore
