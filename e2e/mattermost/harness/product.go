package harness

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// apiToken opens the product's REST API; secretKey seals and signs.
const (
	apiToken  = "e2e-api-token-0123456789abcdef"
	secretKey = "ZTJlLXNlY3JldC1rZXktb2YtMzItYnl0ZXMtLS0tLS0="
)

// Product is a taskbridge process that can be stopped, killed and started again on
// the same data.
type Product struct {
	// URL is where it listens.
	URL string

	binary, dir string
	env         []string
	proc        *process
	out         *tailBuffer
}

// Open seeds a team and starts the product for it, with its data in engine. What
// the product wrote is shown when the test fails. Settings ("TASKBRIDGE_NAME=value") come
// on top of those that every desk has.
func (e *Env) Open(t testing.TB, engine Engine, settings ...string) *Desk {
	t.Helper()
	binary, err := e.product()
	if err != nil {
		t.Fatalf("build the product: %v", err)
	}
	d := e.NewTeam(t)
	dir := t.TempDir()
	database := "sqlite:" + filepath.Join(dir, "taskbridge.db")
	if engine == Postgres15 {
		if database, err = e.Postgres.Create(t.Context(), "product_"+d.Team.Name); err != nil {
			t.Fatal(err)
		}
	}
	listen, err := ownAddress()
	if err != nil {
		t.Fatal(err)
	}
	d.Gate = NewGate(t, "http://"+listen)
	d.Proxy = NewProxy(t, e.Server.URL)
	var token string
	d.BotID, token = d.NewBot(t, "taskbridge")
	// A private channel's members let the bot in before they make it the desk's.
	e.joinChannel(t, d.Operations.Id, d.BotID)
	command := d.NewSlashCommand(t, "task", d.Gate.URL+"/mattermost/commands")
	d.Product = &Product{
		URL: "http://" + listen, binary: binary, dir: dir, out: &tailBuffer{},
		env: append(append(bareEnvironment(), settings...),
			"TASKBRIDGE_LISTEN="+listen,
			"TASKBRIDGE_PUBLIC_URL="+d.Gate.URL,
			"TASKBRIDGE_DATABASE_URL="+database,
			"TASKBRIDGE_SECRET_KEY="+secretKey,
			"TASKBRIDGE_API_TOKEN="+apiToken,
			"TASKBRIDGE_MATTERMOST_URL="+d.Proxy.URL,
			"TASKBRIDGE_MATTERMOST_TOKEN="+token,
			"TASKBRIDGE_MATTERMOST_TEAM="+d.Team.Name,
			"TASKBRIDGE_MATTERMOST_COMMAND_TOKEN="+command,
			"TASKBRIDGE_LOG_LEVEL=debug",
		),
	}
	d.API = &API{base: d.Product.URL + "/api/v1", token: apiToken}
	t.Cleanup(func() {
		if err := d.Product.proc.stop(syscall.SIGTERM, 20*time.Second); err != nil {
			t.Errorf("end of the scenario: %v", err)
		}
		if t.Failed() {
			t.Logf("taskbridge wrote:\n%s", d.Product.out.tail(24<<10))
		}
		// No secret may ever be in the log, whatever happened.
		for _, secret := range []string{token, command, apiToken, secretKey} {
			if strings.Contains(d.Product.out.tail(keptOutput), secret) {
				t.Error("a secret is in the product's log")
			}
		}
	})
	d.Product.Start(t)
	return d
}

// Start starts the product and waits until it says that it is ready.
func (p *Product) Start(t testing.TB) {
	t.Helper()
	p.Launch(t)
	p.Ready(t)
}

// Launch starts the product without waiting for anything.
func (p *Product) Launch(t testing.TB) {
	t.Helper()
	//nolint:gosec // The binary is the one this program built.
	cmd := exec.Command(p.binary, "serve")
	cmd.Dir, cmd.Env = p.dir, p.env
	proc, err := startProcess("taskbridge", cmd, p.out)
	if err != nil {
		t.Fatal(err)
	}
	p.proc = proc
}

// Ready waits until the product says that its database and Mattermost are there.
func (p *Product) Ready(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*Patience)
	defer cancel()
	if err := p.proc.ready(ctx, func(ctx context.Context) error { return probe(ctx, p.URL+"/readyz") }); err != nil {
		t.Fatal(err)
	}
}

// Settled waits until nothing is on its way to the server any more, so that what
// the test does next stands first in every line.
func (p *Product) Settled(t testing.TB) {
	t.Helper()
	Eventually(t, "everything sent to have got through", func() error {
		metrics, err := fetch(t.Context(), p.URL+"/metrics")
		switch {
		case err != nil:
			return err
		case strings.Contains(metrics, "\ntaskbridge_outbox_deliveries{"):
			return errors.New("deliveries are waiting")
		case !strings.Contains(metrics, "\ntaskbridge_kept_events "):
			return errors.New("the product could not count them")
		}
		return nil
	})
}

// Wrote tells whether the product's log says something, as far back as it is kept.
func (p *Product) Wrote(text string) bool { return strings.Contains(p.out.tail(keptOutput), text) }

// Doctor runs the doctor beside the product and returns what it says, whatever it found.
func (p *Product) Doctor(t testing.TB) string {
	t.Helper()
	//nolint:gosec // The binary is the one this program built.
	cmd := exec.CommandContext(t.Context(), p.binary, "doctor")
	cmd.Dir, cmd.Env = p.dir, p.env
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

// Stop ends the product in an orderly way, which must not take long.
func (p *Product) Stop(t testing.TB) {
	t.Helper()
	if err := p.proc.stop(syscall.SIGTERM, 20*time.Second); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the product as a power cut would.
func (p *Product) Kill() { p.proc.kill() }

// bareEnvironment is what any program needs; no setting of the caller's leaks in.
func bareEnvironment() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "TZ"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
