package slack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"taskbridge/storage/storagetest/pgtest"
)

// shared is what all tests use. TestMain alone sets it, before any test runs: a
// program that takes a while to build is not built for each of them.
var shared struct {
	binary string
	// shifted builds a program whose clock can be moved, when a test first needs it.
	shifted  func() (string, error)
	postgres pgtest.Cluster
	faults   faultFlags
}

// faultFlags say how much the tests of troubles do.
type faultFlags struct {
	seed            uint64
	replies, rounds int
	outage          time.Duration
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	flag.Uint64Var(&shared.faults.seed, "faults.seed", 0, "what the tests of troubles draw from; 0 for a new one")
	flag.IntVar(&shared.faults.replies, "faults.replies", 180, "how much happens in each test of a trouble")
	flag.DurationVar(&shared.faults.outage, "faults.outage", 0, "how long the trouble lasts at least")
	flag.IntVar(&shared.faults.rounds, "faults.rounds", 2, "how often the trouble comes")
	flag.Parse()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "test.parallel" })
	if !set {
		// The tests wait for Slack's pace of a message a second and hardly use the
		// processor, so more of them than processors run at once.
		_ = flag.Set("test.parallel", "10")
	}
	dir, err := os.MkdirTemp("", "taskbridge-slack-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	shared.binary = filepath.Join(dir, "taskbridge")
	shared.shifted = sync.OnceValues(func() (string, error) {
		to := filepath.Join(dir, "taskbridge-shifted")
		return to, build(to, "-tags", "shiftedclock")
	})
	if err := build(shared.binary); err != nil {
		fmt.Fprintln(os.Stderr, "build the program:", err)
		return 1
	}
	defer func() {
		if err := shared.postgres.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	return m.Run()
}

// uninstrumented leaves SQLite, which is C made into Go, without the race detector and
// the checks of pointers: its memory is none of Go's, so that they see nothing in it,
// and they take most of its time (ADR 35).
const uninstrumented = "-gcflags=modernc.org/sqlite/lib=-race=false -d=checkptr=0"

// build builds the program with the race detector.
func build(to string, flags ...string) error {
	args := append([]string{"build", "-race", uninstrumented, "-o", to}, flags...)
	cmd := exec.CommandContext(context.Background(), "go", append(args, "taskbridge/cmd/taskbridge")...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// patience bounds every wait for a fact that should come soon.
const patience = 20 * time.Second

// until waits for a fact by asking again and again.
func until(t testing.TB, what string, fact func() bool) {
	t.Helper()
	if !eventually(patience, fact) {
		t.Fatalf("waited in vain: %s", what)
	}
}

func eventually(limit time.Duration, fact func() bool) bool {
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

// program is the running binary, which can be stopped, killed and started again on
// the same address and database.
type program struct {
	t       testing.TB
	binary  string
	env     []string
	url     string
	token   string
	secrets []string
	log     output
	cmd     *exec.Cmd
	ended   chan error
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

// freeAddress finds an address that nobody listens at now.
func freeAddress(t testing.TB) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// newProgram prepares the program; start starts it. The settings are environment
// variables without their prefix.
func newProgram(t testing.TB, settings map[string]string) *program {
	t.Helper()
	address := freeAddress(t)
	p := &program{t: t, binary: shared.binary, url: "http://" + address, token: settings["API_TOKEN"]}
	p.env = append(p.env, "PATH="+os.Getenv("PATH"), "HOME="+t.TempDir(), "TZ=UTC", "TASKBRIDGE_LISTEN="+address, "GORACE=halt_on_error=0")
	for name, value := range settings {
		if value == "" {
			continue
		}
		p.env = append(p.env, "TASKBRIDGE_"+name+"="+value)
		if strings.HasSuffix(name, "TOKEN") || strings.HasSuffix(name, "SECRET") || strings.HasSuffix(name, "KEY") {
			p.secrets = append(p.secrets, value)
		}
	}
	t.Cleanup(p.close)
	return p
}

// start runs the program and waits until it is ready.
func (p *program) start() {
	p.t.Helper()
	p.cmd = exec.CommandContext(context.Background(), p.binary, "serve")
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, &p.log, &p.log
	p.cmd.SysProcAttr = withParent()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("start the program: %v", err)
	}
	ended := make(chan error, 1)
	p.ended = ended
	go func(c *exec.Cmd) { ended <- c.Wait() }(p.cmd)
	ready := eventually(patience, func() bool {
		if len(ended) > 0 {
			return true
		}
		res, err := p.call(http.MethodGet, "/readyz", nil)
		return err == nil && res.status == http.StatusOK
	})
	if !ready || len(ended) > 0 {
		p.t.Fatalf("the program is not ready:\n%s", p.log.String())
	}
}

// stop ends the program as an operator of a server does, which must be clean.
func (p *program) stop() {
	p.t.Helper()
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	end := time.NewTimer(patience)
	defer end.Stop()
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("the program did not stop cleanly: %v", err)
		}
	case <-end.C:
		p.t.Errorf("the program did not stop within %v", patience)
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	p.cmd = nil
}

// kill ends the program without a warning.
func (p *program) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	<-p.ended
	p.cmd = nil
}

// signal sends the program a signal.
func (p *program) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("signal the program: %v", err)
	}
}

// queue is what the program has to send, as its operator can list it. With SQLite the
// program has to end first.
func (p *program) queue() string {
	if !strings.HasPrefix(p.setting("DATABASE_URL"), "postgres") {
		p.stop()
	}
	cmd := exec.CommandContext(context.Background(), p.binary, "deliveries", "list")
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s%v", out, err)
	}
	return string(out)
}

// close ends the program and looks at what it wrote in all its lives.
func (p *program) close() {
	p.stop()
	log := p.log.String()
	if strings.Contains(log, "DATA RACE") || strings.Contains(log, "panic:") {
		p.t.Errorf("the program raced or panicked")
	}
	for _, s := range p.secrets {
		if strings.Contains(log, s) {
			p.t.Errorf("a secret stands in the log")
		}
	}
	if p.t.Failed() {
		p.t.Logf("the program wrote:\n%s", tail(log, 12_000))
	}
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

type response struct {
	status int
	body   []byte
}

// call makes a request with the API's token, and with headers given as names and
// values.
func (p *program) call(method, path string, body any, header ...string) (response, error) {
	return p.callWithin(patience, method, path, body, header...)
}

func (p *program) callWithin(limit time.Duration, method, path string, body any, header ...string) (response, error) {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return response{}, err
		}
		payload = bytes.NewReader(raw)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, payload)
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	for pair := range slices.Chunk(header, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return response{}, err
	}
	text, err := io.ReadAll(res.Body)
	return response{res.StatusCode, text}, errors.Join(err, res.Body.Close())
}
