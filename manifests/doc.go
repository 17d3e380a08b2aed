// Package manifests describes taskbridge to the outside: the Slack app to create
// and the steps that set Mattermost up, filled in for one installation.
//
// It owns the texts and how they are filled in. It must not know the
// configuration's names beyond those it tells people to set, and it calls nobody.
package manifests
