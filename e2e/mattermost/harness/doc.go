// Package harness runs the real Mattermost server on a PostgreSQL of its own, the
// real taskbridge binary beside it, and people with sessions who type, press
// buttons and fill in forms through the server's public API.
//
// It owns processes, seeding and waiting. It must not know the product's code, its
// rules or its texts: what a scenario expects is written in the scenario. The
// product is reached only as a process, over HTTP and through Mattermost.
package harness
