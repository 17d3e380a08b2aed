package process

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
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"taskbridge/storage/storagetest/loopback"
)

// prefix is that of all the program's settings.
const prefix = "TASKBRIDGE_"

// uninstrumented leaves SQLite, which is C made into Go, without the race detector and
// the checks of pointers: its memory is none of Go's, so that they see nothing in it,
// and they take most of its time (ADR 35).
const uninstrumented = "-gcflags=modernc.org/sqlite/lib=-race=false -d=checkptr=0"

// Build builds the program with the race detector.
func Build(to string, flags ...string) error {
	args := append([]string{"build", "-race", uninstrumented, "-o", to}, flags...)
	cmd := exec.CommandContext(context.Background(), "go", append(args, "taskbridge/cmd/taskbridge")...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build the program: %w", err)
	}
	return nil
}

// Eventually asks for a fact again and again, and tells whether it came within a limit.
func Eventually(limit time.Duration, fact func() bool) bool {
	end := time.NewTimer(limit)
	defer end.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if fact() {
			return true
		}
		select {
		case <-end.C:
			return fact()
		case <-tick.C:
		}
	}
}

// FreeAddress finds an address that nobody listens at.
func FreeAddress(t testing.TB) string {
	t.Helper()
	address, err := loopback.Address()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// Process is the running program, which can be stopped, killed and started again on the
// same address and database.
type Process struct {
	// URL is where it listens.
	URL string
	// Dir is a folder of its own, in which it runs.
	Dir string
	// Binary is what is run, with the environment Env. A change counts from the next start.
	Binary string
	Env    []string

	t        testing.TB
	patience time.Duration
	log      output
	cmd      *exec.Cmd
	ended    chan error
}

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

// New prepares the program; Start starts it, and at the end of the test it is stopped. Its
// settings are given without their prefix; empty ones are left out. patience bounds each
// start, stop and call.
func New(t testing.TB, binary string, patience time.Duration, settings map[string]string) *Process {
	t.Helper()
	// The path of a socket is short, which t.TempDir's is not.
	dir, err := os.MkdirTemp("", "taskbridge-")
	if err != nil {
		t.Fatal(err)
	}
	address := FreeAddress(t)
	p := &Process{t: t, URL: "http://" + address, Dir: dir, Binary: binary, patience: patience}
	// With the race detector a program would sleep a second before it ends.
	p.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TZ=UTC", "GORACE=halt_on_error=0 atexit_sleep_ms=10", prefix + "LISTEN=" + address}
	for name, value := range settings {
		if value != "" {
			p.Env = append(p.Env, prefix+name+"="+value)
		}
	}
	t.Cleanup(p.close)
	return p
}

// Setting is what the program was given by the environment.
func (p *Process) Setting(name string) string {
	for _, e := range p.Env {
		if value, ok := strings.CutPrefix(e, prefix+name+"="); ok {
			return value
		}
	}
	return ""
}

// Start runs the program and waits until it is ready.
func (p *Process) Start() {
	p.t.Helper()
	p.cmd = exec.CommandContext(context.Background(), p.Binary, "serve")
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = p.Env, p.Dir, &p.log, &p.log
	p.cmd.SysProcAttr = withParent()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("start the program: %v", err)
	}
	ended := make(chan error, 1)
	p.ended = ended
	go func(c *exec.Cmd) { ended <- c.Wait() }(p.cmd)
	ready := Eventually(p.patience, func() bool {
		if len(ended) > 0 {
			return true
		}
		res, err := p.Call(http.MethodGet, "/readyz", nil)
		return err == nil && res.Status == http.StatusOK
	})
	if !ready || len(ended) > 0 {
		p.t.Fatalf("the program is not ready:\n%s", tail(p.Log()))
	}
}

// Stop ends the program as an operator of a server does, which must be clean.
func (p *Process) Stop() {
	p.t.Helper()
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	end := time.NewTimer(p.patience)
	defer end.Stop()
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("the program did not stop cleanly: %v", err)
		}
	case <-end.C:
		p.t.Errorf("the program did not stop within %v", p.patience)
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	p.cmd = nil
}

// Kill ends the program without a warning.
func (p *Process) Kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	<-p.ended
	p.cmd = nil
}

// Signal sends the program a signal.
func (p *Process) Signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("signal the program: %v", err)
	}
}

// Log is what the program wrote in all its lives.
func (p *Process) Log() string { return p.log.String() }

// close ends the program and looks at what it wrote in all its lives.
func (p *Process) close() {
	p.Stop()
	log := p.Log()
	if strings.Contains(log, "DATA RACE") || strings.Contains(log, "panic:") {
		p.t.Errorf("the program raced or panicked")
	}
	for _, e := range p.Env {
		name, value, _ := strings.Cut(e, "=")
		secret := strings.HasSuffix(name, "TOKEN") || strings.HasSuffix(name, "SECRET") || strings.HasSuffix(name, "KEY")
		if secret && strings.Contains(log, value) {
			p.t.Errorf("a secret stands in the log")
		}
	}
	if p.t.Failed() {
		p.t.Logf("the program wrote:\n%s", tail(log))
	}
	_ = os.RemoveAll(p.Dir)
}

func tail(s string) string { return s[max(0, len(s)-12_000):] }

// Run runs a command of the program's beside the service and gives what it says.
func (p *Process) Run(args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), p.Binary, args...)
	// The program's log may stand beside the answer.
	var log bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stderr = p.Env, p.Dir, &log
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("taskbridge %s: %w\n%s", strings.Join(args, " "), err, &log)
	}
	return strings.TrimSpace(string(out)), nil
}

// Response is the answer to a request.
type Response struct {
	Status int
	Body   []byte
}

// Call makes a request with the API's token, and with headers given as names and values.
func (p *Process) Call(method, path string, body any, header ...string) (Response, error) {
	return p.CallWithin(p.patience, method, path, body, header...)
}

// CallWithin is Call with a limit of its own.
func (p *Process) CallWithin(limit time.Duration, method, path string, body any, header ...string) (Response, error) {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return Response{}, err
		}
		payload = bytes.NewReader(raw)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.URL+path, payload)
	if err != nil {
		return Response{}, err
	}
	req.Header.Set("Authorization", "Bearer "+p.Setting("API_TOKEN"))
	for pair := range slices.Chunk(header, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return Response{}, err
	}
	text, err := io.ReadAll(res.Body)
	return Response{res.StatusCode, text}, errors.Join(err, res.Body.Close())
}

// Waiting are the lines of the program's own metrics that tell of something to send; one
// that says so when it cannot tell.
func (p *Process) Waiting() []string {
	res, err := p.Call(http.MethodGet, "/metrics", nil)
	if err != nil || !bytes.Contains(res.Body, []byte("\ntaskbridge_kept_events")) {
		return []string{fmt.Sprintf("no metrics: %v", err)}
	}
	var list []string
	for lines := bufio.NewScanner(bytes.NewReader(res.Body)); lines.Scan(); {
		if _, value, ok := strings.Cut(lines.Text(), "} "); ok && strings.HasPrefix(lines.Text(), "taskbridge_outbox_deliveries{") && value != "0" {
			list = append(list, lines.Text())
		}
	}
	return list
}
