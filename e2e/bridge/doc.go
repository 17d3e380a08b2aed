// Package bridge drives one running program between two platforms: the stand-in for
// Slack and a real Mattermost server. It is a module of its own because the server is
// built from one (e2e/mattermost), which takes a minute the first time.
package bridge
