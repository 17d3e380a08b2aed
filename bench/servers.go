package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// The servers, by the names of -servers and of the report.
const (
	boltVerify         = "bolt-verify"
	boltPG             = "bolt-pg"
	floorSQLite        = "floor-sqlite"
	floorPostgres      = "floor-postgres"
	taskbridgeSQLite   = "taskbridge-sqlite"
	taskbridgePostgres = "taskbridge-postgres"
	// The same with the binary of -before, to compare a change with what it changes.
	beforeSQLite   = "before-sqlite"
	beforePostgres = "before-postgres"
)

const (
	botToken      = "xoxb-bench"
	signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"
)

// server is one contestant under load.
type server struct {
	*process
	addr     string
	db       *postgres  // nil when it has none
	slack    *slackStub // nil for Bolt, which calls nobody
	apiToken string     // of taskbridge's REST API
	launch   func() (*process, error)
	threads  []target // where replies go
	buttons  []target // what clicks press
	used     int      // how many of buttons have been pressed
}

// paths of the two kinds of requests.
func pathOf(k kind) string {
	if k == clicks {
		return "/slack/interactions"
	}
	return "/slack/events"
}

// installBolt fetches the Bolt apps' packages once, as their lock file says.
func installBolt(ctx context.Context, root string) error {
	dir := filepath.Join(root, "bench", "bolt")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "@slack", "bolt", "package.json")); err == nil {
		return nil
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return nil
}

// newBolt prepares a Bolt app; db may be nil for the one that stores nothing.
func newBolt(root, work, name string, db *postgres) (*server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	mode, dsn := "verify", ""
	if db != nil {
		mode, dsn = "pg", db.dsn()
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("find node: %w", err)
	}
	_, port, _ := splitAddr(addr)
	s := &server{addr: addr, db: db}
	s.launch = func() (*process, error) {
		return start(command{
			name: name, path: node, args: []string{"app.js", mode}, dir: filepath.Join(root, "bench", "bolt"),
			env: []string{
				"PATH=" + os.Getenv("PATH"), "HOME=" + work, "NODE_ENV=production",
				"PORT=" + port, "SLACK_SIGNING_SECRET=" + signingSecret, "DATABASE_URL=" + dsn,
			},
			logFile: filepath.Join(work, name+".log"), stopSignal: syscall.SIGTERM,
		})
	}
	return s, nil
}

// buildTaskbridge compiles the product as a release would be.
func buildTaskbridge(ctx context.Context, root, work string) (string, error) {
	bin := filepath.Join(work, "taskbridge")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", bin, "./cmd/taskbridge")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build taskbridge: %w\n%s", err, out)
	}
	return bin, nil
}

// newTaskbridge prepares the product with a stand-in for Slack of its own; with
// db nil it stores in SQLite.
func newTaskbridge(bin, work, name string, db *postgres, slow *slowDisk) (*server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(work, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("prepare %s: %w", name, err)
	}
	stub, err := startSlackStub()
	if err != nil {
		return nil, err
	}
	dsn := "sqlite:" + filepath.Join(dir, "taskbridge.db")
	if db != nil {
		dsn = db.dsn()
	}
	s := &server{addr: addr, db: db, slack: stub, apiToken: rand.Text()}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir,
		"TASKBRIDGE_LISTEN=" + addr,
		"TASKBRIDGE_DATABASE_URL=" + dsn,
		"TASKBRIDGE_SECRET_KEY=" + secretKey,
		"TASKBRIDGE_API_TOKEN=" + s.apiToken,
		"TASKBRIDGE_SLACK_BOT_TOKEN=" + botToken,
		"TASKBRIDGE_SLACK_SIGNING_SECRET=" + signingSecret,
		"TASKBRIDGE_SLACK_API_URL=" + stub.apiURL(),
		"TASKBRIDGE_LOG_LEVEL=warn",
		"TASKBRIDGE_LOG_FORMAT=json",
	}
	s.launch = func() (*process, error) {
		return start(command{
			name: name, path: bin, args: []string{"serve"}, dir: dir, env: env, slow: slow,
			logFile: filepath.Join(work, name+".log"), stopSignal: syscall.SIGTERM,
		})
	}
	return s, nil
}

// secretKey is fixed so that a restart on the same data can open what it sealed.
const secretKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// boot launches the server and waits until it answers a signed event.
func (s *server) boot(ctx context.Context) error {
	p, err := s.launch()
	if err != nil {
		return err
	}
	s.process = p
	if err := s.awaitReady(ctx, 20*time.Millisecond); err != nil {
		err = p.failure(err)
		p.stop()
		s.process = nil
		return err
	}
	return nil
}

// awaitReady polls with a signed reply until one is answered with 2xx: the same
// test for every server.
func (s *server) awaitReady(ctx context.Context, every time.Duration) error {
	c := newCaller(s.addr)
	defer c.close()
	deadline := time.Now().Add(30 * time.Second)
	poll := time.NewTicker(every)
	defer poll.Stop()
	last := "no answer"
	for {
		status, err := c.probe(ctx)
		switch {
		case err == nil && status >= 200 && status < 300:
			return nil
		case err == nil:
			last = fmt.Sprintf("status %d", status)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not ready: %s", last)
		}
		select {
		case <-poll.C:
		case <-s.exited:
			return errExited
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// transitions asks taskbridge's API about a sample of issues and returns how
// many it looked at and in how many the click has changed the assignment.
func (s *server) transitions(ctx context.Context, issues []int) (seen, moved int, err error) {
	for _, n := range issues {
		var issue struct {
			Assignments []struct {
				Status string `json:"status"`
			} `json:"assignments"`
		}
		if err := s.api(ctx, fmt.Sprintf("/api/v1/issues/%d", n), &issue); err != nil {
			return seen, moved, err
		}
		seen++
		if len(issue.Assignments) > 0 && issue.Assignments[0].Status != "assigned" {
			moved++
		}
	}
	return seen, moved, nil
}

func (s *server) api(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addr+path, nil)
	if err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	req.Header.Set("Authorization", "Bearer "+s.apiToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s: %.200s", path, resp.Status, raw)
	}
	return decode(raw, into)
}
