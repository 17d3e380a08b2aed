// Package migrated gives tests databases in which the tables are already there.
//
// The schema is built once per test binary, by the migrations themselves, and each
// test gets a copy. To run all migrations for each of hundreds of tests took a third
// of their time and showed nothing that the first run had not shown. Tests of the
// migrations open an empty database.
package migrated
