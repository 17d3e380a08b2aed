// Package slack drives the real program the way people on Slack do.
//
// Its tests build the taskbridge binary once, start it against the stand-in for
// Slack of adapters/slack/slacktest and tell the product's main job as a story,
// over HTTP and Socket Mode, on SQLite and PostgreSQL. Beside the story stand the
// faults that only a whole program shows: restarts, kills, lost answers, rate
// limits, archived channels and events in every order. TestTroubles has a crowd work
// while one thing goes wrong again and again, and compares at the end what people see
// in Slack with what the program tells. Tests of the clock run the same program, built
// with the tag shiftedclock, by a clock that they set while it works.
//
// The package must not know how the program works inside: it sees what people see
// in Slack, what the REST API tells, and the process.
package slack
