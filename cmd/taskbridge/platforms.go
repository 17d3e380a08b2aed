package main

import (
	"context"
	"log/slog"
	"time"

	"taskbridge/adapters/mattermost"
	"taskbridge/adapters/slack"
	"taskbridge/bot"
	"taskbridge/bot/chat"
)

// newLinks makes an adapter for each platform that is configured. It calls nobody.
// meter may be nil.
func newLinks(cfg config, publicURL string, engine *bot.Engine, meter chat.Meter, logger *slog.Logger) ([]*link, error) {
	var links []*link
	if cfg.slack.configured() {
		l, err := slackLink(cfg.slack, engine, meter, logger)
		if err != nil {
			return nil, err
		}
		links = append(links, l)
	}
	if cfg.mattermost.configured() {
		l, err := mattermostLink(cfg.mattermost, publicURL, engine, meter, logger)
		if err != nil {
			return nil, err
		}
		links = append(links, l)
	}
	return links, nil
}

func slackLink(c slackConfig, engine *bot.Engine, meter chat.Meter, logger *slog.Logger) (*link, error) {
	a, err := slack.New(slack.Config{
		BotToken: c.botToken.reveal(), SigningSecret: c.signingSecret.reveal(), AppToken: c.appToken.reveal(),
		APIURL: c.apiURL, Logger: logger, Meter: meter, Now: time.Now,
	}, engine)
	if err != nil {
		return nil, err
	}
	l := newLink("slack", a, engine, logger)
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

func mattermostLink(c mattermostConfig, publicURL string, engine *bot.Engine, meter chat.Meter, logger *slog.Logger) (*link, error) {
	settings := mattermost.Config{
		URL: c.url, Token: c.token.reveal(), Team: c.team, PublicURL: publicURL,
		Logger: logger, Meter: meter, Now: time.Now,
	}
	for _, token := range c.commandTokens {
		settings.CommandTokens = append(settings.CommandTokens, token.reveal())
	}
	a, err := mattermost.New(settings, engine, engine)
	if err != nil {
		return nil, err
	}
	l := newLink("mattermost", a, engine, logger)
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
