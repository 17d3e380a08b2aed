package bridge

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"taskbridge/e2e/process"
)

// shared is what the tests use together. TestMain alone sets it, before any test runs:
// a server that takes many seconds to start is not started for each of them.
var shared struct {
	program    string
	mattermost struct{ URL, Token string }
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "taskbridge-bridge-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	shared.program = filepath.Join(dir, "taskbridge")
	server := filepath.Join(dir, "mmenv")
	for _, b := range []struct{ binary, module, pkg string }{
		{shared.program, "../..", "./cmd/taskbridge"},
		{server, "../mattermost", "./cmd/mmenv"},
	} {
		cmd := exec.CommandContext(context.Background(), "go", "build", "-o", b.binary, b.pkg)
		cmd.Dir, cmd.Stderr = b.module, os.Stderr
		if err := cmd.Run(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n", b.pkg, err)
			return 1
		}
	}
	stop, err := startMattermost(server)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// startMattermost runs the server until stop is called.
func startMattermost(binary string) (stop func() error, err error) {
	cmd := exec.CommandContext(context.Background(), binary)
	cmd.Dir, cmd.Stderr = "../mattermost", os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() error { return errors.Join(in.Close(), cmd.Wait()) }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &shared.mattermost)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the Mattermost server: %w", err), stop())
	}
	return stop, nil
}

// patience bounds every wait for a fact; only a test that fails waits for its end.
const patience = time.Minute

// until waits for a fact by asking again and again.
func until(t testing.TB, what string, fact func() error) {
	t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := fact()
		if err == nil {
			return
		}
		select {
		case <-end.C:
			t.Fatalf("waited in vain for %s: %v", what, err)
		case <-tick.C:
		}
	}
}

const apiToken = "an-api-token-for-tests-of-some-length"

// newProgram prepares the program. The settings are environment variables without their
// prefix.
func newProgram(t testing.TB, settings map[string]string) *process.Process {
	t.Helper()
	all := map[string]string{
		"API_TOKEN": apiToken, "SECRET_KEY": "a-secret-key-for-tests-of-forty-characters", "LOG_LEVEL": "debug", "LOG_FORMAT": "text",
	}
	maps.Copy(all, settings)
	p := process.New(t, shared.program, patience, all)
	p.Env = append(p.Env, "TASKBRIDGE_PUBLIC_URL="+p.URL, "TASKBRIDGE_DATABASE_URL=sqlite:"+filepath.Join(p.Dir, "desk.db"))
	return p
}

// read reads from the program's API.
func read(p *process.Process, path string, into any) error {
	res, err := p.Call(http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if res.Status != http.StatusOK {
		return fmt.Errorf("%s: %d %s", path, res.Status, res.Body)
	}
	return json.Unmarshal(res.Body, into)
}
