// Command taskbridge hands a desk's jobs to contractors through Slack and
// Mattermost. This package reads flags and configuration, puts the parts together,
// and starts and stops them: it is the only place that names concrete types of
// several packages together.
//
// It owns no rules: what it does beyond wiring is to tell people, in words, what
// is wrong with a set-up and what to do about it.
package main
