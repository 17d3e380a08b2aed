package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"taskbridge/adapters/email"
	"taskbridge/adapters/web"
)

// secret is a value that must not be shown. Every way of printing it hides it;
// only reveal gives it away.
type secret string

const hidden = "(hidden)"

func (s secret) reveal() string { return string(s) }

// String implements fmt.Stringer.
func (s secret) String() string { return hidden }

// GoString implements fmt.GoStringer.
func (s secret) GoString() string { return hidden }

// Format implements fmt.Formatter, for every verb.
func (s secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue implements slog.LogValuer.
func (s secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText implements encoding.TextMarshaler.
func (s secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// config is the configuration after it was checked.
type config struct {
	// file is the path it was read from, empty for none.
	file string

	listen      string
	publicURL   string // Empty means the address listened at.
	databaseURL secret
	redisURL    secret
	secretKey   secret
	apiToken    secret
	// reconcileEvery is how often threads are compared with what the platforms keep
	// though nothing seems to be missing.
	reconcileEvery time.Duration
	files          filesConfig
	slack          slackConfig
	mattermost     mattermostConfig
	email          emailConfig
	web            webConfig
	webhooks       []webhookConfig
	// volatile is true for a set-up that is thrown away when it ends.
	volatile bool
	log      logConfig
}

// filesConfig says where files are kept, and how large one may be in bytes.
type filesConfig struct {
	url string
	max int64
}

type slackConfig struct {
	botToken, signingSecret, appToken  secret
	apiURL                             string
	operationsChannel, managersChannel string
	distributed                        bool
}

func (c slackConfig) configured() bool { return c.botToken != "" }

type mattermostConfig struct {
	url, team                          string
	token                              secret
	commandTokens                      []secret
	operationsChannel, managersChannel string
}

func (c mattermostConfig) configured() bool { return c.token != "" }

type emailConfig struct {
	smtpURL secret
	from    string
	// bundle is how long what is said about a job is gathered into one letter.
	bundle time.Duration
	// inbox is how replies come in, nil where they do not.
	inbox *email.InboxConfig
}

func (c emailConfig) configured() bool { return c.smtpURL != "" }

// webConfig is the workspace in the browser. Only the demonstration sets personas, and
// a clock other than the store's.
type webConfig struct {
	enabled  bool
	personas []web.Persona
	now      func() time.Time
}

func (c webConfig) configured() bool { return c.enabled }

type logConfig struct {
	level  slog.Level
	format string // text, json, or empty for what fits the output.
}

// The names of the settings. The name in the file is also the name of the
// environment variable: slack.bot_token is TASKBRIDGE_SLACK_BOT_TOKEN.
//
//nolint:gosec // Names of settings, and no values.
const (
	keyListen               = "listen"
	keyPublicURL            = "public_url"
	keyDatabaseURL          = "database_url"
	keyRedisURL             = "redis_url"
	keySecretKey            = "secret_key"
	keyAPIToken             = "api_token"
	keyFilesURL             = "files.url"
	keyFilesMax             = "files.max"
	keyReconcileEvery       = "reconcile_every"
	keySlackBotToken        = "slack.bot_token"
	keySlackSigningSecret   = "slack.signing_secret"
	keySlackAppToken        = "slack.app_token"
	keySlackAPIURL          = "slack.api_url"
	keySlackOperations      = "slack.operations_channel"
	keySlackManagers        = "slack.managers_channel"
	keySlackDistributed     = "slack.distributed"
	keyMattermostURL        = "mattermost.url"
	keyMattermostToken      = "mattermost.token"
	keyMattermostTeam       = "mattermost.team"
	keyMattermostCommand    = "mattermost.command_token"
	keyMattermostOperations = "mattermost.operations_channel"
	keyMattermostManagers   = "mattermost.managers_channel"
	keySMTPURL              = "smtp.url"
	keySMTPFrom             = "smtp.from"
	keySMTPBundle           = "smtp.bundle"
	keySMTPListen           = "smtp.listen"
	keySMTPReplyDomain      = "smtp.reply_domain"
	keySMTPMaxLetter        = "smtp.max_letter"
	keySMTPAllow            = "smtp.allow"
	keySMTPProof            = "smtp.proof"
	keySMTPTLSCertificate   = "smtp.tls_certificate"
	keySMTPTLSKey           = "smtp.tls_key"
	keyWebEnabled           = "web.enabled"
	keyLogLevel             = "log.level"
	keyLogFormat            = "log.format"
)

// knownKeys lists all settings.
func knownKeys() []string {
	return []string{
		keyListen, keyPublicURL, keyDatabaseURL, keyRedisURL, keySecretKey, keyAPIToken, keyFilesURL, keyFilesMax, keyReconcileEvery,
		keySlackBotToken, keySlackSigningSecret, keySlackAppToken, keySlackAPIURL, keySlackOperations, keySlackManagers, keySlackDistributed,
		keyMattermostURL, keyMattermostToken, keyMattermostTeam, keyMattermostCommand, keyMattermostOperations, keyMattermostManagers,
		keySMTPURL, keySMTPFrom, keySMTPBundle,
		keySMTPListen, keySMTPReplyDomain, keySMTPMaxLetter, keySMTPAllow, keySMTPProof, keySMTPTLSCertificate, keySMTPTLSKey,
		keyWebEnabled, keyLogLevel, keyLogFormat,
	}
}

// defaults are the values of the settings that have one.
func defaults() map[string]any {
	return map[string]any{
		keyListen:      "127.0.0.1:8080",
		keyDatabaseURL: "sqlite:taskbridge.db",
		keyFilesMax:    "100MiB",
		keySlackAPIURL: "https://slack.com/api/",
		keyLogLevel:    "info",

		keyReconcileEvery: "1h", keySlackDistributed: "false", keySMTPBundle: "1m", keySMTPMaxLetter: "25MiB", keySMTPProof: "policy", keyWebEnabled: "false",
	}
}

const envPrefix = "TASKBRIDGE_"

// variable names the environment variable of a setting.
func variable(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}
