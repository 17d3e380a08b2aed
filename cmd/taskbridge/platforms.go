package main

import (
	"context"
	"log/slog"
	"time"

	"taskbridge/adapters/email"
	"taskbridge/adapters/mattermost"
	"taskbridge/adapters/slack"
	"taskbridge/adapters/web"
	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// surroundings are what adapters live in. What is an interface may be nil.
type surroundings struct {
	publicURL string
	engine    *bot.Engine
	meter     chat.Meter
	limiter   chat.Limiter
	leases    chat.Leases
	talk      storage.Talk
	now       func() time.Time
	// postman mails sign-in links, nil where there is no mail.
	postman web.Postman
	logger  *slog.Logger
}

// newLinks makes an adapter for each platform that is configured. It calls nobody.
func newLinks(cfg config, around surroundings) ([]*link, error) {
	var links []*link
	if cfg.slack.configured() {
		l, err := slackLink(cfg.slack, around)
		if err != nil {
			return nil, err
		}
		links = append(links, l)
	}
	if cfg.mattermost.configured() {
		l, err := mattermostLink(cfg, around)
		if err != nil {
			return nil, err
		}
		links = append(links, l)
	}
	if cfg.email.configured() {
		l, err := emailLink(cfg, around)
		if err != nil {
			return nil, err
		}
		if a, ok := l.adapter.(*email.Adapter); ok {
			around.postman = a.SignIn
		}
		links = append(links, l)
	}
	// Doctor looks at the platforms also when there is no database to be had.
	if cfg.web.configured() && around.talk != nil && around.engine != nil {
		l, err := webLink(cfg, around)
		if err != nil {
			return nil, err
		}
		links = append(links, l)
	}
	return links, nil
}

func slackLink(c slackConfig, around surroundings) (*link, error) {
	a, err := slack.New(slack.Config{
		BotToken: c.botToken.reveal(), SigningSecret: c.signingSecret.reveal(), AppToken: c.appToken.reveal(),
		APIURL: c.apiURL, Distributed: c.distributed, Logger: around.logger, Meter: around.meter, Now: around.now,
		Limiter: around.limiter, Leases: around.leases,
	}, around.engine)
	if err != nil {
		return nil, err
	}
	l := newLink("slack", a, around.engine, around.logger)
	l.early = a.Challenge
	l.operations, l.managers = c.operationsChannel, c.managersChannel
	l.findings = func(ctx context.Context) []finding {
		var out []finding
		for _, f := range a.Check(ctx) {
			level := good
			if f.Problem != "" {
				level = broken
			}
			out = append(out, finding{level, f.Subject, f.Problem, f.Advice})
		}
		return out
	}
	return l, nil
}

func mattermostLink(cfg config, around surroundings) (*link, error) {
	c := cfg.mattermost
	settings := mattermost.Config{
		URL: c.url, Token: c.token.reveal(), Team: c.team, PublicURL: around.publicURL,
		Logger: around.logger, Meter: around.meter, Now: around.now,
		Limiter: around.limiter, Leases: around.leases, CompareEvery: cfg.reconcileEvery,
	}
	for _, token := range c.commandTokens {
		settings.CommandTokens = append(settings.CommandTokens, token.reveal())
	}
	a, err := mattermost.New(settings, around.engine, around.engine)
	if err != nil {
		return nil, err
	}
	l := newLink("mattermost", a, around.engine, around.logger)
	l.operations, l.managers = c.operationsChannel, c.managersChannel
	l.findings = func(ctx context.Context) []finding {
		levels := map[mattermost.Level]level{mattermost.OK: good, mattermost.Warn: mind, mattermost.Fail: broken}
		var out []finding
		for _, f := range a.Check(ctx) {
			out = append(out, finding{levels[f.Level], f.Subject, f.Detail, f.Advice})
		}
		return out
	}
	return l, nil
}
