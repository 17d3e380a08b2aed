// Package manifests describes taskbridge to the outside: the Slack app to create
// and the steps that set Mattermost up, filled in for one installation.
//
// Beside that are the files by which it is run: for Compose, Kubernetes and systemd, for
// Prometheus and for Grafana.
//
// It owns the texts and how they are filled in. It must not know the
// configuration's names beyond those it tells people to set, and it calls nobody.
package manifests
