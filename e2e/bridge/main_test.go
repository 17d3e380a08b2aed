package bridge

import (
	"bufio"
	"bytes"
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
	"sync"
	"syscall"
	"testing"
	"time"

	"taskbridge/storage/storagetest/loopback"
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

// program is the running taskbridge.
type program struct {
	t     testing.TB
	url   string
	env   []string
	log   output
	cmd   *exec.Cmd
	ended chan error
}

const apiToken = "an-api-token-for-tests-of-some-length"

// output collects what the program writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// newProgram prepares the program; start starts it.
func newProgram(t testing.TB, settings map[string]string) *program {
	t.Helper()
	address, err := loopback.Address()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, url: "http://" + address}
	p.env = append(p.env, "PATH="+os.Getenv("PATH"), "HOME="+t.TempDir(), "TZ=UTC",
		"TASKBRIDGE_LISTEN="+address, "TASKBRIDGE_PUBLIC_URL="+p.url, "TASKBRIDGE_API_TOKEN="+apiToken,
		"TASKBRIDGE_SECRET_KEY=a-secret-key-for-tests-of-forty-characters", "TASKBRIDGE_LOG_LEVEL=debug", "TASKBRIDGE_LOG_FORMAT=text",
		"TASKBRIDGE_DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "desk.db"))
	for name, value := range settings {
		p.env = append(p.env, "TASKBRIDGE_"+name+"="+value)
	}
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			log := p.log.String()
			t.Logf("the program wrote:\n%s", log[max(0, len(log)-16_000):])
		}
	})
	return p
}

// start runs the program and waits until it is ready.
func (p *program) start() {
	p.t.Helper()
	p.cmd = exec.CommandContext(context.Background(), shared.program, "serve")
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan error, 1)
	p.ended = ended
	go func(c *exec.Cmd) { ended <- c.Wait() }(p.cmd)
	until(p.t, "the program to be ready", func() error {
		if len(ended) > 0 {
			p.t.Fatal("the program ended")
		}
		return p.get("/readyz", nil)
	})
}

func (p *program) stop() {
	p.t.Helper()
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("the program did not stop cleanly: %v", err)
		}
	case <-time.After(patience):
		p.t.Errorf("the program did not stop")
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	p.cmd = nil
}

// get reads from the program's API.
func (p *program) get(path string, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+apiToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %s", path, res.Status, strings.TrimSpace(string(body)))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}
