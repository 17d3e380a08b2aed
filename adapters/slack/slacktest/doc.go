// Package slacktest is a stand-in for Slack that enforces Slack's documented
// contract, so that a mistake against the contract fails a test and not a
// customer.
//
// It owns one workspace: people, channels, messages, views, files, Slack
// Connect invitations, the Web API in front of them, the signed deliveries
// (HTTP or Socket Mode) behind them, and the acts of people who sit in front of
// a Slack client. Every breach of the contract by the application is kept as a
// [Violation]; unless the test allows the rule, it fails the test at cleanup.
//
// Two clocks are kept apart on purpose. Signatures and message timestamps
// follow the wall clock, because the application compares them with its own.
// Everything Slack schedules (retries, expiry of triggers, response URLs,
// invitations and rate-limit windows) follows a clock that [Server.Advance]
// moves forward, so that no test waits real minutes. The seconds that an
// acknowledgement may take are real, but those in which the machine does not serve the
// test's own process are not counted.
//
// The package must not know taskbridge: no product package and no Slack client
// library is imported. It runs outside of testing as well, see [Start].
package slacktest
