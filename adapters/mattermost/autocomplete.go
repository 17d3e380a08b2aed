package mattermost

import (
	"context"
	"net/http"

	"taskbridge/bot/chat"
)

// What Mattermost suggests while somebody types the command. Suggestions for what comes
// after it, word by word, are for plugins alone: a custom command has a field for them
// that the server does not keep (server/public/model/command.go, AutocompleteData).
const (
	CommandHint        = "new | home | list | show 12 | assign 12 FIRM | from LINK | web | help"
	CommandDescription = "Create jobs, hand them to contractors and follow them"
	commandTrigger     = "task"
)

// checkAutocomplete looks whether the command is suggested to people, and with what. The
// list is what any member of the team is suggested; to change a command takes a right
// that a bot account does not have.
func (a *Adapter) checkAutocomplete(ctx context.Context, s *server, out *findings) {
	var list []struct {
		Trigger string `json:"trigger"`
		Hint    string `json:"auto_complete_hint"`
	}
	err := a.api.do(ctx, call{op: "list suggested commands", method: http.MethodGet, path: "/teams/" + s.team.ID + "/commands/autocomplete", out: &list})
	if err != nil {
		if chat.ReasonOf(err) != chat.NotFound {
			out.add(Warn, "autocomplete", "it could not be looked at: "+err.Error(), "Run doctor again later.")
		}
		return
	}
	for _, c := range list {
		if c.Trigger != commandTrigger {
			continue
		}
		if c.Hint == CommandHint {
			out.add(OK, "autocomplete", "/"+commandTrigger+" is suggested with its words", "")
			return
		}
		out.add(Warn, "autocomplete", "/"+commandTrigger+" is suggested with another hint than this version's", "In the slash command's settings set the autocomplete hint to: "+CommandHint)
		return
	}
	out.add(Warn, "autocomplete", "/"+commandTrigger+" is not suggested while people type", "In the slash command's settings switch autocomplete on, with the hint: "+CommandHint)
}
