package workspace_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taskbridge/e2e/process"
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
	if err := process.Build(shared.binary); err != nil {
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
const patience = time.Minute

// until waits for a fact by asking again and again.
func until(t testing.TB, what string, fact func() bool) {
	t.Helper()
	if !process.Eventually(patience, fact) {
		t.Fatalf("waited in vain: %s", what)
	}
}

const apiToken = "the-token-of-the-api-of-these-tests"

// program is the running binary with what its API tells.
type program struct {
	*process.Process

	t testing.TB
}

// newProgram prepares the program. The settings are environment variables without their
// prefix.
func newProgram(t testing.TB, settings map[string]string) *program {
	t.Helper()
	all := map[string]string{
		"WEB_ENABLED": "true", "API_TOKEN": apiToken, "FILES_MAX": "1MiB", "SECRET_KEY": strings.Repeat("5e", 32),
	}
	maps.Copy(all, settings)
	p := &program{Process: process.New(t, shared.binary, patience, all), t: t}
	p.Env = append(p.Env, "TMPDIR="+p.Dir)
	if all["DATABASE_URL"] == "" {
		p.Env = append(p.Env, "TASKBRIDGE_DATABASE_URL=sqlite:"+filepath.Join(p.Dir, "t.db"))
	}
	return p
}

// run runs a command of the program's beside the service.
func (p *program) run(args ...string) string {
	p.t.Helper()
	said, err := p.Run(args...)
	if err != nil {
		p.t.Fatal(err)
	}
	return said
}

// read reads from the API.
func (p *program) read(path string, into any) error {
	res, err := p.Call(http.MethodGet, "/api/v1"+path, nil)
	if err == nil && res.Status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.Status, res.Body)
	}
	if err == nil {
		err = json.Unmarshal(res.Body, into)
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
