package manifests

import (
	_ "embed"
	"net/url"
	"strings"
)

//go:embed mattermost_setup.txt
var mattermostSetup string

// Mattermost gives the steps that set a Mattermost server up for an installation
// that it reaches at publicURL.
func Mattermost(publicURL string) string {
	host := publicURL
	if u, err := url.Parse(publicURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return strings.NewReplacer(
		"{{URL}}", strings.TrimRight(publicURL, "/"),
		"{{HOST}}", host,
	).Replace(mattermostSetup)
}
