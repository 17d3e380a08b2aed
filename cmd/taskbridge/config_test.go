package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEverySettingIsDescribed: docs/configuration.md has a row for each setting, with its
// default, and none for what is no setting.
func TestEverySettingIsDescribed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, meaning, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` | "); ok && strings.HasPrefix(name, envPrefix) {
			rows[name] = meaning
		}
	}
	for _, key := range knownKeys() {
		row, ok := rows[variable(key)]
		if !ok {
			t.Errorf("%s is missing", variable(key))
		}
		if value, ok := defaults()[key]; ok && !strings.Contains(row, fmt.Sprintf("(`%v`)", value)) {
			t.Errorf("%s does not say its default %v: %s", variable(key), value, row)
		}
		delete(rows, variable(key))
	}
	for name := range rows {
		t.Errorf("%s is not a setting", name)
	}
}

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "taskbridge.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultsAreEnough(t *testing.T) {
	t.Parallel()
	cfg, err := loadConfig(writeConfig(t, ""), []string{"HOME=/root", "TASKBRIDGE_API_TOKEN="})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.listen != "127.0.0.1:8080" || cfg.databaseURL.reveal() != "sqlite:taskbridge.db" || cfg.apiToken != "" ||
		cfg.slack.configured() || cfg.mattermost.configured() || cfg.log.level != slog.LevelInfo {
		t.Errorf("config %+v", cfg)
	}
	if got := cfg.publicAddress(cfg.listen); got != "http://127.0.0.1:8080" {
		t.Errorf("public address %q", got)
	}
}

func TestFilesAreKeptBesideTheDatabase(t *testing.T) {
	t.Parallel()
	key := "TASKBRIDGE_SECRET_KEY=" + strings.Repeat("k", minSecret)
	for environ, want := range map[string]filesConfig{
		"":                                 {"file:files", 100 << 20},
		"DATABASE_URL=sqlite:/srv/tb/x.db": {"file:/srv/tb/files", 100 << 20},
		"DATABASE_URL=postgres://db/x":     {"file:files", 100 << 20},
		"FILES_URL=s3://bucket":            {"s3://bucket", 100 << 20},
		"FILES_MAX=2 MB":                   {"file:files", 2_000_000},
		"FILES_MAX=4096":                   {"file:files", 4096},
	} {
		vars := []string{key}
		if environ != "" {
			vars = append(vars, envPrefix+environ)
		}
		cfg, err := loadConfig(writeConfig(t, ""), vars)
		if err != nil || cfg.files != want {
			t.Errorf("%s: %+v, %v; want %+v", environ, cfg.files, err, want)
		}
	}
}

func TestTheEnvironmentGoesBeforeTheFile(t *testing.T) {
	t.Parallel()
	file := writeConfig(t, "listen: 127.0.0.1:1\npublic_url: https://file.example/\nslack:\n  bot_token: xoxb-file\n  signing_secret: s\n")
	cfg, err := loadConfig(file, []string{"TASKBRIDGE_LISTEN=127.0.0.1:2", "TASKBRIDGE_SLACK_BOT_TOKEN=xoxb-env"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.listen != "127.0.0.1:2" || cfg.publicURL != "https://file.example" || cfg.slack.botToken.reveal() != "xoxb-env" {
		t.Errorf("config %+v with the token %s", cfg, cfg.slack.botToken.reveal())
	}
}

func TestMattermostTakesSeveralCommandTokens(t *testing.T) {
	t.Parallel()
	cfg, err := loadConfig(writeConfig(t, ""), []string{
		"TASKBRIDGE_MATTERMOST_URL=https://chat.example/", "TASKBRIDGE_MATTERMOST_TOKEN=t",
		"TASKBRIDGE_MATTERMOST_TEAM=desk", "TASKBRIDGE_MATTERMOST_COMMAND_TOKEN=a, b,",
	})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.mattermost.url != "https://chat.example" {
		t.Errorf("url %q", cfg.mattermost.url)
	}
	if diff := cmp.Diff([]secret{"a", "b"}, cfg.mattermost.commandTokens, cmp.Comparer(func(a, b secret) bool { return string(a) == string(b) })); diff != "" {
		t.Error(diff)
	}
}

// TestFaults has one line for each rule. All faults of a configuration are told
// at once, which the scripts under testdata show.
func TestFaults(t *testing.T) {
	t.Parallel()
	const mm, slackOK = "TASKBRIDGE_MATTERMOST_", "TASKBRIDGE_SLACK_SIGNING_SECRET=x"
	for name, tc := range map[string]struct {
		file    string
		environ []string
		want    string
	}{
		"unknown variable":      {"", []string{"TASKBRIDGE_LISTN=x"}, "TASKBRIDGE_LISTN is not a setting; did you mean TASKBRIDGE_LISTEN?"},
		"far-off variable":      {"", []string{"TASKBRIDGE_COFFEE_MACHINE=x"}, "TASKBRIDGE_COFFEE_MACHINE is not a setting."},
		"unknown key":           {"slack:\n  bot_tokn: x", nil, "did you mean slack.bot_token?"},
		"key of the old style":  {"SLACK_BOT_TOKEN: x", nil, "SLACK_BOT_TOKEN in "},
		"broken file":           {"listen: [", nil, "is not valid YAML"},
		"list for a value":      {"listen: [a, b]", nil, "must be a single value"},
		"listen":                {"", []string{"TASKBRIDGE_LISTEN=8080"}, `it is "8080"`},
		"listen port":           {"", []string{"TASKBRIDGE_LISTEN=:80800"}, "an address and a port"},
		"public url":            {"", []string{"TASKBRIDGE_PUBLIC_URL=desk.example"}, "TASKBRIDGE_PUBLIC_URL must be an http or https address"},
		"public url with user":  {"", []string{"TASKBRIDGE_PUBLIC_URL=https://a:b@desk.example"}, "without a user"},
		"database":              {"", []string{"TASKBRIDGE_DATABASE_URL=mysql://x"}, "must begin with sqlite: or postgres://"},
		"database in memory":    {"", []string{"TASKBRIDGE_DATABASE_URL=sqlite::memory:"}, "must name a file"},
		"postgres without key":  {"", []string{"TASKBRIDGE_DATABASE_URL=postgres://db/x"}, "TASKBRIDGE_SECRET_KEY must be set when PostgreSQL is used"},
		"short key":             {"", []string{"TASKBRIDGE_SECRET_KEY=short"}, "at least 32 characters"},
		"redis":                 {"", []string{"TASKBRIDGE_REDIS_URL=http://x"}, "redis://"},
		"slack without bot":     {"", []string{slackOK}, "TASKBRIDGE_SLACK_BOT_TOKEN must be set"},
		"slack without intake":  {"", []string{"TASKBRIDGE_SLACK_BOT_TOKEN=xoxb-1"}, "TASKBRIDGE_SLACK_SIGNING_SECRET must be set"},
		"slack tokens swapped":  {"", []string{"TASKBRIDGE_SLACK_BOT_TOKEN=xapp-1", "TASKBRIDGE_SLACK_APP_TOKEN=xoxb-1"}, "belongs into TASKBRIDGE_SLACK_BOT_TOKEN"},
		"slack api url":         {"", []string{"TASKBRIDGE_SLACK_API_URL=slack.com"}, "TASKBRIDGE_SLACK_API_URL must be an http"},
		"mattermost incomplete": {"", []string{mm + "TEAM=desk"}, mm + "TOKEN must be set"},
		"files":                 {"", []string{"TASKBRIDGE_FILES_URL=/srv/files"}, "TASKBRIDGE_FILES_URL must begin with file:"},
		"files with password":   {"", []string{"TASKBRIDGE_FILES_URL=s3://key:secret@bucket"}, "must not hold credentials"},
		"size of files":         {"", []string{"TASKBRIDGE_FILES_MAX=big"}, `such as 100MiB`},
		"size of files, none":   {"files:\n  max: 0", nil, "at least one byte"},
		"reconcile":             {"", []string{"TASKBRIDGE_RECONCILE_EVERY=often"}, "TASKBRIDGE_RECONCILE_EVERY must be a length of time"},
		"reconcile too often":   {"", []string{"TASKBRIDGE_RECONCILE_EVERY=1s"}, "at least 1m0s"},
		"distributed":           {"slack:\n  distributed: perhaps", nil, "must be true or false"},
		"log level":             {"", []string{"TASKBRIDGE_LOG_LEVEL=loud"}, "debug, info, warn or error"},
		"log format":            {"log:\n  format: xml", nil, "log.format in "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadConfig(writeConfig(t, tc.file), tc.environ)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v\n  want %q in it", err, tc.want)
			}
		})
	}
}

func TestAMissingFileIsAFaultOnlyWhenItIsNamed(t *testing.T) {
	t.Parallel()
	_, err := loadConfig(filepath.Join(t.TempDir(), "none.yaml"), nil)
	if err == nil || !strings.Contains(err.Error(), "none.yaml cannot be read") {
		t.Errorf("error %v", err)
	}
}

func TestNoFaultShowsASecret(t *testing.T) {
	t.Parallel()
	const value = "hunter2"
	var environ []string
	for _, key := range knownKeys() {
		if key != keyListen && key != keyLogLevel && key != keyLogFormat {
			environ = append(environ, variable(key)+"="+value)
		}
	}
	_, err := loadConfig(writeConfig(t, "slack:\n  bot_token: [hunter2\n"), environ)
	if err == nil || strings.Contains(err.Error(), value) {
		t.Errorf("error %v", err)
	}
}

func TestASecretIsHiddenHoweverItIsPrinted(t *testing.T) {
	t.Parallel()
	s := secret("hunter2")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "config", config{secretKey: s})
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %s %q %x %#v %d", s, s, s, s, s, s), fmt.Sprintf("%+v", struct{ S secret }{s}), log.String()} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74") {
			t.Errorf("%q shows the secret", text)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"listen", "listn", 1}, {"kitten", "sitting", 3}, {"abc", "abc", 0}} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestPublicAddress(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		":8080": "http://localhost:8080", "0.0.0.0:80": "http://localhost:80", "[::]:80": "http://localhost:80",
		"[::1]:80": "http://[::1]:80", "desk.lan:80": "http://desk.lan:80",
	} {
		if got := (config{}).publicAddress(listen); got != want {
			t.Errorf("listening at %s: %s, want %s", listen, got, want)
		}
	}
}

func TestOnlyHere(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://localhost": true, "http://10.1.2.3": true, "http://[::1]": true,
		"https://desk.example.org": false, "https://8.8.8.8": false,
	} {
		if onlyHere(address) != want {
			t.Errorf("onlyHere(%s) is not %v", address, want)
		}
	}
}
