package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// serverModule is the module whose main package the tests run.
const serverModule = "github.com/mattermost/mattermost/server/v8"

// Server is a running Mattermost server that can be stopped and started again with
// the same data and address.
type Server struct {
	// URL is its base address, without a slash at the end.
	URL string

	binary, dir, config string
	proc                *process
	out                 *tailBuffer
}

// NewServer prepares a server with its folder inside dir and its data in database.
// It is not started yet.
func NewServer(ctx context.Context, binary, dir, database string) (*Server, error) {
	work := filepath.Join(dir, "mattermost")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, fmt.Errorf("make the server's folder: %w", err)
	}
	module, err := moduleDir(ctx, serverModule)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"i18n", "fonts", "templates"} {
		if err := os.Symlink(filepath.Join(module, name), filepath.Join(work, name)); err != nil {
			return nil, fmt.Errorf("lay out the server's folder: %w", err)
		}
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL:    fmt.Sprintf("http://127.0.0.1:%d", port),
		binary: binary, dir: work,
		config: filepath.Join(work, "config.json"),
		out:    &tailBuffer{},
	}
	raw, err := json.MarshalIndent(serverConfig(s.URL, port, work, database), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the server's configuration: %w", err)
	}
	if err := os.WriteFile(s.config, raw, 0o600); err != nil {
		return nil, fmt.Errorf("write the server's configuration: %w", err)
	}
	return s, nil
}

// serverConfig holds only what differs from the server's defaults.
func serverConfig(url string, port int, work, database string) map[string]any {
	type section = map[string]any
	return map[string]any{
		"ServiceSettings": section{
			"SiteURL":       url,
			"ListenAddress": fmt.Sprintf("127.0.0.1:%d", port),
			// Buttons, forms and slash commands are delivered to loopback addresses.
			"AllowedUntrustedInternalConnections": "127.0.0.0/8 localhost",
			"EnableBotAccountCreation":            true,
			"EnableCommands":                      true,
			"EnableUserAccessTokens":              true,
			"EnablePostUsernameOverride":          true,
			"EnablePostIconOverride":              true,
			// The rest keeps the server from calling outside or asking questions.
			"EnableSecurityFixAlert":  false,
			"EnableLinkPreviews":      false,
			"EnablePermalinkPreviews": false,
			"EnableOnboardingFlow":    false,
			"EnableTutorial":          false,
			"EnableGifPicker":         false,
		},
		"TeamSettings": section{
			"MaxUsersPerTeam":             1000,
			"MaxChannelsPerTeam":          10000,
			"EnableOpenServer":            true,
			"ExperimentalDefaultChannels": []string{},
		},
		"SqlSettings":             section{"DriverName": "postgres", "DataSource": database, "MaxOpenConns": 50},
		"FileSettings":            section{"DriverName": "local", "Directory": filepath.Join(work, "data")},
		"RateLimitSettings":       section{"Enable": false},
		"EmailSettings":           section{"SendEmailNotifications": false, "SendPushNotifications": false, "RequireEmailVerification": false, "EnablePreviewModeBanner": false},
		"PluginSettings":          section{"Enable": false, "EnableUploads": false, "EnableMarketplace": false, "EnableRemoteMarketplace": false, "AutomaticPrepackagedPlugins": false},
		"AnnouncementSettings":    section{"AdminNoticesEnabled": false, "UserNoticesEnabled": false},
		"LogSettings":             section{"EnableConsole": true, "ConsoleLevel": "ERROR", "ConsoleJson": false, "EnableFile": false, "EnableDiagnostics": false, "EnableSentry": false},
		"NotificationLogSettings": section{"EnableConsole": false, "EnableFile": false},
		"CloudSettings":           section{"Disable": true},
		"ExperimentalSettings":    section{"DisableAppBar": true},
	}
}

// Start starts the server and waits until it answers.
func (s *Server) Start(ctx context.Context) error {
	//nolint:gosec // The binary is the one this program built.
	cmd := exec.Command(s.binary, "server", "--config", s.config)
	cmd.Dir = s.dir
	cmd.Env = withoutServerSettings(os.Environ())
	proc, err := startProcess("mattermost", cmd, s.out)
	if err != nil {
		return err
	}
	s.proc = proc
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	if err := proc.ready(ctx, func(ctx context.Context) error { return probe(ctx, s.URL+"/api/v4/system/ping") }); err != nil {
		return errors.Join(err, s.Stop())
	}
	return nil
}

// Stop ends the server in an orderly way. Its data stays.
func (s *Server) Stop() error { return s.proc.stop(syscall.SIGTERM, 40*time.Second) }

// Restart stops the server and starts it again with the same data.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.Stop(); err != nil {
		return err
	}
	return s.Start(ctx)
}

// Log is the end of what the server wrote.
func (s *Server) Log() string { return s.out.tail(16 << 10) }

// withoutServerSettings drops what would override the configuration file.
func withoutServerSettings(env []string) []string {
	kept := make([]string, 0, len(env))
	for _, kv := range env {
		if !strings.HasPrefix(kv, "MM_") {
			kept = append(kept, kv)
		}
	}
	return kept
}

// probe asks url once and wants a 200.
func probe(ctx context.Context, url string) error {
	_, err := fetch(ctx, url)
	return err
}

// fetch is the page at url, of at most a megabyte.
func fetch(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("fetch: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("fetch: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", url, err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("fetch %s: %s: %.2000s", url, resp.Status, body)
	}
	return string(body), nil
}
