// Command bench measures how fast taskbridge takes in what a chat platform
// sends, against two small Slack apps on Bolt that answer the same bytes in the
// same run: one that only verifies and acknowledges, and one that also stores an
// id in PostgreSQL first.
//
// It owns the servers' start and stop, a stand-in for Slack's Web API, the load
// generator (the same program in a process of its own) and the report. It knows
// taskbridge only from the outside: its environment variables, its HTTP
// endpoints and what it sends to Slack.
//
// Its command "delivery" measures the other direction, how messages leave. That part
// alone imports the module: it fills outboxes through the store, counts what reaches
// the stand-in of the Slack adapter's own tests, and takes times inside the engine.
//
// Its command "figures" asks the store for summaries of desks of rising size.
// Its command "demo" measures how soon the demonstration is there, and what people at two
// windows wait for.
// Its command "lists" measures pages of lists in the store alone, as a desk grows to a
// million assignments.
//
// README.md says how the figures are taken and which ratios are aimed at.
package main
