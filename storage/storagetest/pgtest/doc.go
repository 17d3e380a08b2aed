// Package pgtest gives tests a PostgreSQL of their own.
//
// It starts one server per test binary in a temporary folder and makes a database for
// each test, empty or a copy of one that was prepared. TASKBRIDGE_TEST_POSTGRES_URL names a server to use
// instead; its user must be allowed to create databases. A machine without
// PostgreSQL fails the tests and does not skip them: a suite that passes by not
// running is worse than one that fails.
package pgtest
