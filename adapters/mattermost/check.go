package mattermost

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"

	"taskbridge/bot/chat"
)

// Level is how much a finding matters.
type Level string

// The levels.
const (
	// OK is as it should be.
	OK Level = "ok"
	// Warn costs some comfort.
	Warn Level = "warning"
	// Fail keeps taskbridge from working.
	Fail Level = "failure"
)

// Finding is one thing that Check looked at.
type Finding struct {
	Level Level
	// Subject is what was looked at, Detail what was seen, Advice what to do.
	Subject, Detail, Advice string
}

// findings collects what Check saw.
type findings []Finding

func (f *findings) add(level Level, subject, detail, advice string) {
	*f = append(*f, Finding{Level: level, Subject: subject, Detail: detail, Advice: advice})
}

// Check looks at everything the adapter depends on and says what to mend. It
// changes nothing on the server.
func (a *Adapter) Check(ctx context.Context) []Finding {
	var out findings
	if err := a.Start(ctx); err != nil {
		advice := "Check the address of the server, that it is up, and the team's name."
		switch chat.ReasonOf(err) {
		case chat.Unauthorised:
			advice = "Create a new access token for the bot account: System Console > Integrations > Bot Accounts."
		case chat.NotFound, chat.MissingScope, chat.NotInChannel:
			advice = "Check the team's name (as in its address), and add the bot to the team."
		}
		out.add(Fail, "connection", err.Error(), advice)
		return out
	}
	s := a.server.Load()
	out.add(OK, "token", fmt.Sprintf("the token belongs to @%s", s.username), "")
	if s.self.Kind != chat.Bot {
		out.add(Warn, "account", "the token belongs to a person's account", "Use a bot account: its token does not expire and it takes no seat.")
	}
	a.checkTeam(ctx, s, &out)
	a.checkSettings(s, &out)
	a.checkPublicURL(&out)
	a.checkAutocomplete(ctx, s, &out)
	if len(a.cfg.CommandTokens) == 0 {
		out.add(Fail, "slash command", "no command token is set, so every slash command is refused", "Create the slash command in the team's integrations with the address "+a.cfg.PublicURL+CommandsPath+" and set its token.")
	}
	return out
}

func (a *Adapter) checkTeam(ctx context.Context, s *server, out *findings) {
	member, err := a.inTeam(ctx, s, s.self.ID)
	switch {
	case err != nil:
		out.add(Fail, "team", err.Error(), "Add the bot to the team "+s.team.Name+".")
		return
	case !member:
		out.add(Fail, "team", "the bot is not in the team "+s.team.Name, "Add the bot to the team: without that it can neither read nor make channels.")
		return
	}
	out.add(OK, "team", "the bot is in the team "+s.team.Name, "")
}

func (a *Adapter) checkSettings(s *server, out *findings) {
	set := func(name string) bool { return s.config[name] == "true" }
	if set("EnableCommands") {
		out.add(OK, "EnableCommands", "slash commands are on", "")
	} else {
		out.add(Fail, "EnableCommands", "slash commands are off", "Set ServiceSettings.EnableCommands to true.")
	}
	if isWebURL(s.config["SiteURL"]) {
		out.add(OK, "SiteURL", s.config["SiteURL"], "")
	} else {
		out.add(Fail, "SiteURL", "the server does not know its own address", "Set ServiceSettings.SiteURL: answers and links are built from it.")
	}
	if !set("EnablePostUsernameOverride") {
		out.add(Warn, "EnablePostUsernameOverride", "mirrored comments show the author in the text only", "Set ServiceSettings.EnablePostUsernameOverride to true to show the author's name on them.")
	}
	if limit, err := strconv.Atoi(s.config["PostEditTimeLimit"]); err == nil && limit >= 0 {
		out.add(Fail, "PostEditTimeLimit", fmt.Sprintf("posts can be edited for %d seconds only", limit), "Set ServiceSettings.PostEditTimeLimit to -1, or comments that are edited stay as they were where they were carried to.")
	}
	if v, ok := s.config["EnableFileAttachments"]; ok && v != "true" {
		out.add(Warn, "EnableFileAttachments", "files are off", "Set FileSettings.EnableFileAttachments to true to carry files over.")
	}
	if !set("EnableGuestAccounts") {
		out.add(Warn, "guests", "guests are off or need a licence that this server has not", "Contractors then need accounts of the team: invite them to it, then to their channel.")
	}
	if s.maxPost < defaultMaxPost {
		out.add(Warn, "MaxPostSize", fmt.Sprintf("messages hold %d characters only", s.maxPost), "Long comments will be parted; an upgrade of the database schema allows 16383.")
	}
}

// checkPublicURL looks for addresses that Mattermost refuses to call. Whether it
// reaches us at all only a click can tell.
func (a *Adapter) checkPublicURL(out *findings) {
	u, err := url.Parse(a.cfg.PublicURL)
	if a.cfg.PublicURL == "" || err != nil {
		out.add(Fail, "public URL", "it is not set", "Set the address at which the Mattermost server reaches taskbridge.")
		return
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	private := host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
	if private {
		out.add(Warn, "public URL", "the server calls no private or loopback addresses unless it is allowed to (\"address forbidden\")", "Add "+host+" to ServiceSettings.AllowedUntrustedInternalConnections, or use a public address.")
		return
	}
	out.add(OK, "public URL", a.cfg.PublicURL, "")
	if u.Scheme == "http" {
		out.add(Warn, "public URL", "callbacks are not encrypted", "Put taskbridge behind TLS: the callbacks carry the tokens of buttons.")
	}
}
