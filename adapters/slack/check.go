package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
)

// Finding is one thing that was checked. Problem is empty when all is well.
type Finding struct {
	Subject string
	// Problem says what is wrong, Advice what to do about it.
	Problem, Advice string
}

// RequiredScopes are the bot scopes without which something does not work.
func RequiredScopes() []string {
	return []string{
		"channels:history", "channels:read", "chat:write", "commands",
		"conversations.connect:read", "conversations.connect:write",
		"files:read", "files:write", "groups:history", "groups:read", "groups:write",
		"im:history", "im:write", "users:read", "users:read.email",
	}
}

// rotating begins the tokens of an app whose tokens are replaced while it runs, which we
// have no part in (docs.slack.dev/authentication/using-token-rotation).
const rotating = "xoxe."

// Check asks Slack whether the installation is fit for use. It needs no Start.
func (a *Adapter) Check(ctx context.Context) []Finding {
	token := Finding{Subject: "Slack bot token"}
	res, err := a.api.AuthTestContext(ctx)
	if err != nil {
		err = callError("auth.test", err)
		token.Problem = err.Error()
		token.Advice = "Check the network and the API address."
		if chat.ReasonOf(err) == chat.Unauthorised {
			token.Advice = "Install the app again and set TASKBRIDGE_SLACK_BOT_TOKEN to its new token."
		}
		return []Finding{token}
	}
	token.Subject = fmt.Sprintf("Slack bot token (workspace %s, bot %s)", oneLine(res.Team), oneLine(res.User))
	if strings.HasPrefix(a.cfg.BotToken, rotating) {
		token.Problem = "it is replaced by another every twelve hours"
		token.Advice = "Make the app anew from the manifest: token rotation cannot be turned off once it was on."
	}
	if a.orgWide(ctx) {
		token.Problem = "the app is installed for a whole organisation (Enterprise Grid), and taskbridge serves one workspace"
		token.Advice = "Install the app in one workspace and set TASKBRIDGE_SLACK_BOT_TOKEN to the token from there."
	}
	return []Finding{token, a.checkScopes(), a.checkIntake(ctx)}
}

// orgWide tells whether the token is that of an installation for all workspaces of an
// organisation (docs.slack.dev/reference/methods/auth.test). The answer has been read
// before; one that does not come says nothing.
func (a *Adapter) orgWide(ctx context.Context) bool {
	var out struct {
		OrgWide bool `json:"is_enterprise_install"`
	}
	return a.web.call(ctx, "auth.test", nil, &out) == nil && out.OrgWide
}

func (a *Adapter) checkScopes() Finding {
	f := Finding{Subject: "Slack scopes"}
	granted := a.web.scopes.Load()
	if granted == nil {
		f.Problem, f.Advice = "Slack did not say which scopes the token has.", "Compare the app's scopes with its manifest."
		return f
	}
	var missing []string
	for _, scope := range RequiredScopes() {
		if !slices.Contains(*granted, scope) {
			missing = append(missing, scope)
		}
	}
	if len(missing) > 0 {
		f.Problem = "missing: " + strings.Join(missing, ", ")
		f.Advice = "Add them under OAuth & Permissions and install the app again."
	}
	return f
}

// checkIntake looks at how events reach us.
func (a *Adapter) checkIntake(ctx context.Context) Finding {
	if a.cfg.AppToken == "" {
		f := Finding{Subject: "Slack signing secret"}
		if a.cfg.SigningSecret == "" {
			f.Problem, f.Advice = "not set", "Set TASKBRIDGE_SLACK_SIGNING_SECRET from the app's Basic Information."
		}
		return f
	}
	f := Finding{Subject: "Slack app token (Socket Mode)"}
	if _, _, err := a.api.StartSocketModeContext(ctx); err != nil {
		f.Problem = callError("apps.connections.open", err).Error()
		f.Advice = "Make an app-level token with connections:write and turn Socket Mode on."
	}
	return f
}
