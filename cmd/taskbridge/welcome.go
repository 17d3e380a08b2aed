package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"taskbridge/adapters/web"
)

// status is what a start found out.
type status struct {
	address, publicURL string
	keyMade            bool
}

// item is one line of what a start tells: how a part is set up and what to do next.
type item struct{ part, state, next string }

// welcome says how taskbridge is set up: as a block to read where a person reads,
// else as log lines.
func welcome(ctx context.Context, p *process, logger *slog.Logger, cfg config, s status) {
	items := setUp(cfg, s)
	logger.InfoContext(ctx, "listening", "address", s.address, "public_url", s.publicURL, "version", version())
	if !p.terminal {
		for _, i := range items {
			if i.next != "" {
				logger.InfoContext(ctx, "set-up", "part", i.part, "state", i.state, "next", i.next)
			}
		}
		return
	}
	fmt.Fprintf(p.stderr, "\ntaskbridge %s is running at %s\n\n%s\n", version(), s.publicURL, block(items))
}

// setUp tells about each part.
func setUp(cfg config, s status) []item {
	items := []item{{part: "Database", state: cfg.databaseName()}}
	if file := cfg.keyFile(); file != "" {
		key := item{part: "Secret key", state: "in " + file}
		if s.keyMade {
			key.state = "made now, in " + file
			key.next = "Keep a copy with your backups: buttons and links are signed with it."
		}
		items = append(items, key)
	}
	switch {
	case cfg.redisURL == "":
	case sqlitePath(cfg.databaseURL.reveal()) != "":
		items = append(items, item{"Redis", "not used: SQLite serves one process, which has nothing to share", "Unset " + variable(keyRedisURL) + ", or use PostgreSQL."})
	default:
		items = append(items, item{part: "Redis", state: "configured, shared by all replicas"})
	}
	items = append(items, slackItem(cfg, s), mattermostItem(cfg), webItem(cfg, s), mailItem(cfg))
	api := item{part: "REST API", state: "off", next: "Set " + variable(keyAPIToken) + " to a long random value to switch it on."}
	switch n := len(cfg.apiToken); {
	case n >= minSecret/2:
		api = item{part: "REST API", state: "on, described at " + s.publicURL + "/api/v1/openapi.json"}
	case n > 0:
		api.state, api.next = "on, with a short token", "Make "+variable(keyAPIToken)+" longer: `openssl rand -hex 32` makes one."
	}
	return append(items, api)
}

func slackItem(cfg config, s status) item {
	i := item{part: "Slack", state: "configured, by Socket Mode"}
	switch {
	case !cfg.slack.configured():
		i.state = "not configured"
		i.next = "`taskbridge manifest slack` prints the app to create; then set " + variable(keySlackBotToken) + " and " + variable(keySlackSigningSecret) + " (or " + variable(keySlackAppToken) + " for Socket Mode)."
	case cfg.slack.appToken == "":
		i.state = "configured, called at " + s.publicURL + "/slack/…"
		if onlyHere(s.publicURL) {
			i.next = "Slack cannot reach this address: set " + variable(keyPublicURL) + " to one it can, or " + variable(keySlackAppToken) + " to use Socket Mode."
			return i
		}
		fallthrough
	default:
		if cfg.slack.operationsChannel == "" {
			i.next = "Say `/task here operations` in your operators' channel, unless you have."
		}
	}
	return i
}

func mattermostItem(cfg config) item {
	i := item{part: "Mattermost", state: "configured, " + cfg.mattermost.url}
	switch {
	case !cfg.mattermost.configured():
		i.state = "not configured"
		i.next = "`taskbridge manifest mattermost` prints the steps."
	case len(cfg.mattermost.commandTokens) == 0:
		i.next = "Set " + variable(keyMattermostCommand) + ", or the slash command is refused."
	case cfg.mattermost.operationsChannel == "":
		i.next = "Say `/task here operations` in your operators' channel, unless you have."
	}
	return i
}

func webItem(cfg config, s status) item {
	if !cfg.web.configured() {
		return item{part: "Browser", state: "off", next: "Set " + variable(keyWebEnabled) + "=true for a workspace in the browser; `taskbridge demo` shows it."}
	}
	return item{part: "Browser", state: "on, at " + s.publicURL + web.Prefix + "/", next: "`taskbridge web add NAME EMAIL` adds a person and prints the link to sign in."}
}

func mailItem(cfg config) item {
	switch {
	case !cfg.email.configured():
		return item{part: "E-mail", state: "off", next: "Set " + variable(keySMTPURL) + " and " + variable(keySMTPFrom) + " for firms that work by e-mail."}
	case cfg.email.inbox == nil:
		return item{part: "E-mail", state: "on, as " + cfg.email.from + "; replies are not taken"}
	}
	return item{part: "E-mail", state: "on, as " + cfg.email.from + ", and takes replies"}
}

// block lays items out for reading.
func block(items []item) string {
	var b strings.Builder
	for _, i := range items {
		fmt.Fprintf(&b, "  %-11s %s\n", i.part, i.state)
		if i.next != "" {
			fmt.Fprintf(&b, "  %-11s → %s\n", "", i.next)
		}
	}
	b.WriteString("\n  `taskbridge doctor` checks the set-up. Press Ctrl-C to stop.\n")
	return b.String()
}
