package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"taskbridge/manifests"
)

// cli is the command line.
type cli struct {
	globals

	Serve      serveCmd      `cmd:"" help:"Run taskbridge."`
	Demo       demoCmd       `cmd:"" help:"Try taskbridge in the browser, with a desk, firms and jobs of its own; nothing is kept."`
	Migrate    migrateCmd    `cmd:"" help:"Bring the database's schema up to date and exit."`
	Doctor     doctorCmd     `cmd:"" help:"Check the set-up and say what to do about what is wrong."`
	Manifest   manifestCmd   `cmd:"" help:"Print what to set up in Slack or in Mattermost."`
	Events     eventsCmd     `cmd:"" help:"List or replay events that could not be processed."`
	Deliveries deliveriesCmd `cmd:"" help:"List, retry or drop what has not got through to a platform."`
	Figures    figuresCmd    `cmd:"" help:"Count the figures of summaries and score cards anew."`
	Templates  templatesCmd  `cmd:"" help:"Write the desk's templates as YAML, or read them."`
	Export     exportCmd     `cmd:"" help:"Print a job, or all jobs of a firm, with comments and history as JSON."`
	Web        webCmd        `cmd:"" help:"Add or list people of the workspace in the browser, and print links with which they sign in."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// globals are the flags of every command.
type globals struct {
	// station is set inside the running service.
	station *station `kong:"-"`

	Config string `short:"c" placeholder:"FILE" help:"The configuration file; without it taskbridge.yaml is read if it is there. Environment variables TASKBRIDGE_… go before the file."`
}

// load reads the configuration.
func (g *globals) load(p *process) (config, error) { return loadConfig(g.Config, p.environ) }

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(p *process) error {
	_, err := fmt.Fprintf(p.stdout, "taskbridge %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// version is the module's version as the build recorded it, or the revision.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(len(s.Value), 12)]
		}
	}
	return "devel"
}

type manifestCmd struct {
	Slack      manifestSlackCmd      `cmd:"" help:"Print the manifest of the Slack app to create (JSON)."`
	Mattermost manifestMattermostCmd `cmd:"" help:"Print the steps that set Mattermost up."`
}

type manifestSlackCmd struct {
	SocketMode *bool `negatable:"" help:"Connect to Slack instead of being called by it. Without the flag: when an app token is configured."`
}

// Run prints the manifest.
func (c manifestSlackCmd) Run(p *process, g *globals) error {
	cfg, err := g.load(p)
	if err != nil {
		return err
	}
	socketMode := cfg.slack.appToken != ""
	if c.SocketMode != nil {
		socketMode = *c.SocketMode
	}
	text, err := manifests.Slack(cfg.publicAddress(cfg.listen), socketMode)
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(text)
	return err
}

type manifestMattermostCmd struct{}

// Run prints the steps.
func (manifestMattermostCmd) Run(p *process, g *globals) error {
	cfg, err := g.load(p)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(p.stdout, manifests.Mattermost(cfg.publicAddress(cfg.listen)))
	return err
}
