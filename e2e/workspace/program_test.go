package workspace_test

import (
	"bufio"
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
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"taskbridge/storage/storagetest/pgtest"
)

// shared is what all tests use. TestMain alone sets it, before any test runs: a program
// that takes a while to build is not built for each of them.
var shared struct {
	binary   string
	postgres pgtest.Cluster
	faults   faultFlags
}

// faultFlags say how much the tests of troubles do.
type faultFlags struct {
	seed         uint64
	acts, rounds int
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	flag.Uint64Var(&shared.faults.seed, "faults.seed", 0, "what the tests of troubles draw from; 0 for a new one")
	flag.IntVar(&shared.faults.acts, "faults.acts", 40, "how much people do in each test of a trouble")
	flag.IntVar(&shared.faults.rounds, "faults.rounds", 1, "how often the trouble comes")
	flag.Parse()
	dir, err := os.MkdirTemp("", "taskbridge-workspace-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	shared.binary = filepath.Join(dir, "taskbridge")
	// SQLite is C made into Go, in which the race detector sees nothing (ADR 35).
	build := exec.CommandContext(context.Background(), "go", "build", "-race", "-gcflags=modernc.org/sqlite/lib=-race=false -d=checkptr=0", "-o", shared.binary, "taskbridge/cmd/taskbridge")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
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

// patience bounds every wait for a fact; it is long for a machine that has much else to
// do, and for a program that is being started again.
const patience = 45 * time.Second

// eventually waits for a fact by asking again and again.
func eventually(limit time.Duration, fact func() bool) bool {
	end := time.NewTimer(limit)
	defer end.Stop()
	tick := time.NewTicker(30 * time.Millisecond)
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

func until(t testing.TB, what string, fact func() bool) {
	t.Helper()
	if !eventually(patience, fact) {
		t.Fatalf("waited in vain: %s", what)
	}
}

const apiToken = "the-token-of-the-api-of-these-tests"

// program is the running binary, which can be stopped, killed and started again on the
// same address and database.
type program struct {
	t     testing.TB
	env   []string
	dir   string
	url   string
	log   output
	cmd   *exec.Cmd
	ended chan error
}

// output collects what the program writes in all its lives.
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

// newProgram prepares the program; start starts it. The settings are environment
// variables without their prefix.
func newProgram(t testing.TB, settings map[string]string) *program {
	t.Helper()
	// The path of a socket is short, which t.TempDir's is not.
	dir, err := os.MkdirTemp("", "tbw-")
	if err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	free, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	p := &program{t: t, dir: dir, url: "http://" + address}
	p.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "TZ=UTC", "GORACE=halt_on_error=0", "TASKBRIDGE_LISTEN=" + address,
		"TASKBRIDGE_WEB_ENABLED=true", "TASKBRIDGE_API_TOKEN=" + apiToken, "TASKBRIDGE_FILES_MAX=1MiB",
		"TASKBRIDGE_SECRET_KEY=" + strings.Repeat("5e", 32),
	}
	if settings["DATABASE_URL"] == "" {
		p.env = append(p.env, "TASKBRIDGE_DATABASE_URL=sqlite:"+filepath.Join(dir, "t.db"))
	}
	for name, value := range settings {
		if value != "" {
			p.env = append(p.env, "TASKBRIDGE_"+name+"="+value)
		}
	}
	t.Cleanup(p.close)
	return p
}

// start runs the program and waits until it is ready.
func (p *program) start() {
	p.t.Helper()
	p.cmd = exec.CommandContext(context.Background(), shared.binary, "serve")
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = p.env, p.dir, &p.log, &p.log
	p.cmd.SysProcAttr = withParent()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("start the program: %v", err)
	}
	ended := make(chan error, 1)
	p.ended = ended
	go func(c *exec.Cmd) { ended <- c.Wait() }(p.cmd)
	if !eventually(patience, func() bool { return len(ended) > 0 || p.ready() }) || len(ended) > 0 {
		p.t.Fatalf("the program is not ready:\n%s", tail(p.log.String()))
	}
}

func (p *program) ready() bool {
	status, _, err := p.call("/readyz")
	return err == nil && status == http.StatusOK
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

// close ends the program and looks at what it wrote in all its lives.
func (p *program) close() {
	p.stop()
	if log := p.log.String(); strings.Contains(log, "DATA RACE") || strings.Contains(log, "panic:") {
		p.t.Errorf("the program raced or panicked")
	}
	if p.t.Failed() {
		p.t.Logf("the program wrote:\n%s", tail(p.log.String()))
	}
	_ = os.RemoveAll(p.dir)
}

func tail(s string) string { return s[max(0, len(s)-12_000):] }

// run runs a command of the program's beside the service.
func (p *program) run(args ...string) string {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), shared.binary, args...)
	cmd.Env, cmd.Dir = p.env, p.dir
	// The program's log may stand beside the answer.
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("taskbridge %s: %v\n%s", strings.Join(args, " "), err, &log)
	}
	return strings.TrimSpace(string(out))
}

// call makes a request with the API's token.
func (p *program) call(path string) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+apiToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, errors.Join(err, res.Body.Close())
}

// read reads from the API.
func (p *program) read(path string, into any) error {
	status, body, err := p.call("/api/v1" + path)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", status, body)
	}
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return nil
}

func (p *program) get(path string, into any) {
	p.t.Helper()
	if err := p.read(path, into); err != nil {
		p.t.Fatal(err)
	}
}

// waiting are the lines of the program's own metrics that tell of something to send; one
// that says so when it cannot tell.
func (p *program) waiting() []string {
	_, body, err := p.call("/metrics")
	if err != nil || !bytes.Contains(body, []byte("\ntaskbridge_kept_events")) {
		return []string{fmt.Sprintf("no metrics: %v", err)}
	}
	var list []string
	for lines := bufio.NewScanner(bytes.NewReader(body)); lines.Scan(); {
		if _, value, ok := strings.Cut(lines.Text(), "} "); ok && strings.HasPrefix(lines.Text(), "taskbridge_outbox_deliveries{") && value != "0" {
			list = append(list, lines.Text())
		}
	}
	return list
}

// issue is a job as far as these tests look at it.
type issue struct {
	Number int
	Title  string
	Status string

	Assignments []struct{ Status string }
}

// state is the status of a job and those of its assignments.
func (i issue) state() string {
	s := i.Status
	for _, a := range i.Assignments {
		s += "/" + a.Status
	}
	return s
}

// comment is an entry of a job's ledger.
type comment struct {
	ID         string
	Visibility string
	Source     struct{ Platform, Channel, Message string }
	Text       string
	CreatedAt  time.Time  `json:"created_at"`
	DeletedAt  *time.Time `json:"deleted_at"`
	Versions   []struct{ Text string }
	Files      []struct{ Name, Digest, Refused string }
}

// said are all texts of a comment, the oldest first.
func (c comment) said() []string {
	var out []string
	for _, v := range c.Versions {
		out = append(out, v.Text)
	}
	if len(out) == 0 || out[len(out)-1] != c.Text {
		out = append(out, c.Text)
	}
	return out
}

// ledger reads all comments of a job.
func (p *program) ledger(number int) []comment {
	p.t.Helper()
	var all []comment
	for after := ""; ; {
		var page struct {
			Items []comment
			Next  string
		}
		p.get(fmt.Sprintf("/issues/%d/comments?limit=200&after=%s", number, after), &page)
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// happened are the kinds of a job's events, in order.
func (p *program) happened(number int) []string {
	p.t.Helper()
	var list struct{ Items []struct{ Kind string } }
	p.get(fmt.Sprintf("/issues/%d/events?limit=200", number), &list)
	var out []string
	for _, e := range list.Items {
		out = append(out, e.Kind)
	}
	return out
}

// titled finds the jobs with a title.
func (p *program) titled(title string) ([]issue, error) {
	var found []issue
	for after := ""; ; {
		var page struct {
			Items []issue
			Next  string
		}
		if err := p.read("/issues?limit=200&after="+after, &page); err != nil {
			return nil, err
		}
		for _, i := range page.Items {
			if i.Title == title {
				found = append(found, i)
			}
		}
		if after = page.Next; after == "" {
			return found, nil
		}
	}
}
