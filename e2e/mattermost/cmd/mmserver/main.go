// Command mmserver is the Mattermost server itself, started by its own command
// line, so that the tests talk to the real thing. It looks for its i18n, fonts and
// templates folders in the working folder.
package main

import (
	"os"

	"github.com/mattermost/mattermost/server/v8/cmd/mattermost/commands"

	// The server learns its built-in slash commands and its sign-in provider from
	// these packages' registrations, as its own main does.
	_ "github.com/mattermost/mattermost/server/v8/channels/app/oauthproviders/gitlab"
	_ "github.com/mattermost/mattermost/server/v8/channels/app/slashcommands"
)

func main() {
	if err := commands.Run(os.Args[1:]); err != nil {
		os.Exit(1)
	}
}
