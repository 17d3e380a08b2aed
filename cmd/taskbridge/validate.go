package main

import (
	"cmp"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"taskbridge/storage/files"
)

// minSecret is the least length of a secret key: 32 characters of hexadecimal are
// 128 bits.
const minSecret = 32

// maxFile is the most that the size of a file can be limited to; no platform takes
// more.
const maxFile = 10 << 30

func (l *loader) faultf(key, format string, args ...any) {
	l.bad.addf("%s "+format, append([]any{cmp.Or(l.origin[key], variable(key))}, args...)...)
}

func (l *loader) text(key string) string {
	switch v := l.koanf.Get(key).(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	case int, bool, float64:
		return strings.TrimSpace(l.koanf.String(key))
	default:
		l.faultf(key, "must be a single value.")
		return ""
	}
}

func (l *loader) secret(key string) secret { return secret(l.text(key)) }

func (l *loader) config() config {
	c := config{
		listen:      l.listen(),
		publicURL:   strings.TrimRight(l.webURL(keyPublicURL), "/"),
		databaseURL: l.databaseURL(),
		redisURL:    l.redisURL(),
		apiToken:    l.secret(keyAPIToken),
		slack:       l.slack(),
		mattermost:  l.mattermost(),
		email:       l.email(),
		log:         l.log(),
	}
	c.web.enabled = l.yes(keyWebEnabled)
	c.webhooks = l.webhooks()
	c.reconcileEvery = l.atLeast(keyReconcileEvery, time.Minute)
	c.secretKey = l.secretKey(c.databaseURL)
	c.files = l.files(c.databaseURL)
	return c
}

// yes reads a setting that is true or false.
func (l *loader) yes(key string) bool {
	v, err := strconv.ParseBool(l.text(key))
	if err != nil {
		l.faultf(key, "must be true or false.")
	}
	return v
}

// atLeast reads a length of time.
func (l *loader) atLeast(key string, least time.Duration) time.Duration {
	d, err := time.ParseDuration(l.text(key))
	if err != nil || d < least {
		l.faultf(key, "must be a length of time of at least %s, such as 90m or 6h.", least)
	}
	return d
}

func (l *loader) listen() string {
	address := l.text(keyListen)
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		l.faultf(keyListen, "must be an address and a port, such as 127.0.0.1:8080 or :8080; it is %q.", address)
	}
	return address
}

// webURL reads an address of the web, empty when it is not set.
func (l *loader) webURL(key string) string {
	raw := l.text(key)
	if raw == "" {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		// What stands there is not repeated: it could hold a password.
		l.faultf(key, "must be an http or https address without a user, a query or a fragment.")
		return ""
	}
	return raw
}

func (l *loader) databaseURL() secret {
	raw := l.text(keyDatabaseURL)
	scheme, rest, _ := strings.Cut(raw, ":")
	switch scheme {
	case "sqlite":
		if path := sqlitePath(raw); path == "" || path == ":memory:" {
			l.faultf(keyDatabaseURL, "must name a file, such as sqlite:taskbridge.db.")
		}
	case "postgres", "postgresql":
		if _, err := url.Parse(raw); err != nil || !strings.HasPrefix(rest, "//") {
			l.faultf(keyDatabaseURL, "is not a valid address of a PostgreSQL database, such as postgres://user:password@host:5432/taskbridge.")
		}
	default:
		l.faultf(keyDatabaseURL, "must begin with sqlite: or postgres://.")
	}
	return secret(raw)
}

// sqlitePath is the file of a SQLite address, empty for any other address.
func sqlitePath(databaseURL string) string {
	path, ok := strings.CutPrefix(databaseURL, "sqlite:")
	if !ok {
		return ""
	}
	path, _, _ = strings.Cut(path, "?")
	return strings.TrimPrefix(path, "//")
}

// files reads where files are kept: unless it is set, in a folder beside the
// database's file, or in the working folder when the database is elsewhere.
func (l *loader) files(databaseURL secret) filesConfig {
	c := filesConfig{url: l.text(keyFilesURL)}
	if c.url == "" {
		c.url = "file:" + filepath.Join(filepath.Dir(sqlitePath(databaseURL.reveal())), "files")
	}
	if err := files.Validate(c.url); err != nil {
		l.faultf(keyFilesURL, "%s.", err)
	}
	size, err := humanize.ParseBytes(l.text(keyFilesMax))
	if err != nil || size == 0 || size > maxFile {
		l.faultf(keyFilesMax, "must be a size of at least one byte and at most 10GiB, such as 100MiB.")
		size = 0
	}
	c.max = int64(size)
	return c
}

func (l *loader) redisURL() secret {
	raw := l.text(keyRedisURL)
	if raw == "" {
		return ""
	}
	if u, err := url.Parse(raw); err != nil || u.Host == "" || (u.Scheme != "redis" && u.Scheme != "rediss") {
		l.faultf(keyRedisURL, "must begin with redis:// or rediss:// and name a host.")
	}
	return secret(raw)
}

func (l *loader) secretKey(databaseURL secret) secret {
	key := l.secret(keySecretKey)
	switch {
	case key == "" && sqlitePath(databaseURL.reveal()) == "" && strings.HasPrefix(databaseURL.reveal(), "postgres"):
		l.faultf(keySecretKey, "must be set when PostgreSQL is used, to the same value on every replica; `openssl rand -hex 32` makes one.")
	case key != "" && len(key) < minSecret:
		l.faultf(keySecretKey, "must have at least %d characters; `openssl rand -hex 32` makes one.", minSecret)
	}
	return key
}

func (l *loader) slack() slackConfig {
	c := slackConfig{
		botToken:          l.secret(keySlackBotToken),
		signingSecret:     l.secret(keySlackSigningSecret),
		appToken:          l.secret(keySlackAppToken),
		apiURL:            l.webURL(keySlackAPIURL),
		operationsChannel: l.text(keySlackOperations),
		managersChannel:   l.text(keySlackManagers),
		distributed:       l.yes(keySlackDistributed),
	}
	others := c.signingSecret != "" || c.appToken != "" || c.operationsChannel != "" || c.managersChannel != ""
	switch {
	case c.botToken == "" && others:
		l.faultf(keySlackBotToken, "must be set when anything else of Slack is; it is the Bot User OAuth Token of the app (xoxb-…).")
	case strings.HasPrefix(c.botToken.reveal(), "xapp-"):
		l.faultf(keySlackBotToken, "holds an app token (xapp-…); it belongs into %s.", variable(keySlackAppToken))
	}
	if c.botToken != "" && c.signingSecret == "" && c.appToken == "" {
		l.faultf(keySlackSigningSecret, "must be set to receive Slack's requests, or %s to connect by Socket Mode.", variable(keySlackAppToken))
	}
	if strings.HasPrefix(c.appToken.reveal(), "xoxb-") {
		l.faultf(keySlackAppToken, "holds a bot token (xoxb-…); it belongs into %s.", variable(keySlackBotToken))
	}
	return c
}

func (l *loader) mattermost() mattermostConfig {
	c := mattermostConfig{
		url:               strings.TrimRight(l.webURL(keyMattermostURL), "/"),
		token:             l.secret(keyMattermostToken),
		team:              l.text(keyMattermostTeam),
		operationsChannel: l.text(keyMattermostOperations),
		managersChannel:   l.text(keyMattermostManagers),
	}
	for token := range strings.SplitSeq(l.text(keyMattermostCommand), ",") {
		if token = strings.TrimSpace(token); token != "" {
			c.commandTokens = append(c.commandTokens, secret(token))
		}
	}
	if l.text(keyMattermostURL) == "" && c.token == "" && c.team == "" && len(c.commandTokens) == 0 && c.operationsChannel == "" && c.managersChannel == "" {
		return c
	}
	for _, need := range []struct{ key, value, what string }{
		{keyMattermostURL, l.text(keyMattermostURL), "the server's address"},
		{keyMattermostToken, string(c.token), "the bot account's token"},
		{keyMattermostTeam, c.team, "the team's name, as in its address"},
	} {
		if need.value == "" {
			l.faultf(need.key, "must be set when anything else of Mattermost is; it is %s.", need.what)
		}
	}
	return c
}

func (l *loader) log() logConfig {
	c := logConfig{format: strings.ToLower(l.text(keyLogFormat))}
	switch level := strings.ToLower(l.text(keyLogLevel)); level {
	case "debug":
		c.level = slog.LevelDebug
	case "info":
		c.level = slog.LevelInfo
	case "warn", "warning":
		c.level = slog.LevelWarn
	case "error":
		c.level = slog.LevelError
	default:
		l.faultf(keyLogLevel, "must be debug, info, warn or error; it is %q.", level)
	}
	switch c.format {
	case "", "text", "json":
	default:
		l.faultf(keyLogFormat, "must be text or json; it is %q.", c.format)
	}
	return c
}
