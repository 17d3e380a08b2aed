// Package redistest gives tests a Redis of their own, which they can end and start
// again.
//
// A machine without redis-server fails the tests and does not skip them: a suite that
// passes by not running is worse than one that fails.
package redistest
