package slack_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/e2e/process"
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
	flag.IntVar(&shared.faults.replies, "faults.replies", 120, "how much happens in each test of a trouble")
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
		return to, process.Build(to, "-tags", "shiftedclock")
	})
	if err := process.Build(shared.binary); err != nil {
		fmt.Fprintln(os.Stderr, err)
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
// do, and only a test that fails waits for its end.
const patience = time.Minute

// until waits for a fact by asking again and again.
func until(t testing.TB, what string, fact func() bool) {
	t.Helper()
	if !process.Eventually(patience, fact) {
		t.Fatalf("waited in vain: %s", what)
	}
}

// newProgram prepares the program. The settings are environment variables without their
// prefix.
func newProgram(t testing.TB, settings map[string]string) *process.Process {
	t.Helper()
	return process.New(t, shared.binary, patience, settings)
}

// queue is what a program has to send, as its operator can list it. With SQLite the
// program has to end first.
func queue(p *process.Process) string {
	if !strings.HasPrefix(p.Setting("DATABASE_URL"), "postgres") {
		p.Stop()
	}
	list, err := p.Run("deliveries", "list")
	if err != nil {
		return err.Error()
	}
	return list
}
