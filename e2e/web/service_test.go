package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const apiToken = "the-token-of-the-api-of-these-tests"

// service is the program as it is run in earnest, with the workspace in the browser.
type service struct {
	t       *testing.T
	address string
	env     []string
	cmd     *exec.Cmd
	log     *written
}

// written is what a program writes.
type written struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// serve starts the program.
func serve(t *testing.T, more ...string) *service {
	t.Helper()
	// The path of a socket is short, which t.TempDir's is not.
	folder, err := os.MkdirTemp("", "tbw-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	// Linux has many hosts of its own. On one that nobody else uses, the port stays free
	// while the program is away.
	free, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:0", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254)))
	if err != nil {
		free, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	s := &service{t: t, address: "http://" + at, log: &written{}}
	s.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + folder, "TASKBRIDGE_LISTEN=" + at, "TASKBRIDGE_WEB_ENABLED=true",
		"TASKBRIDGE_DATABASE_URL=sqlite:" + filepath.Join(folder, "t.db"), "TASKBRIDGE_API_TOKEN=" + apiToken, "TASKBRIDGE_FILES_MAX=1MiB",
	}, more...)
	s.start()
	t.Cleanup(func() {
		if s.cmd == nil {
			return
		}
		_ = s.cmd.Process.Signal(os.Interrupt)
		if err := s.cmd.Wait(); err != nil {
			t.Errorf("the program: %v\n%s", err, s.log)
		}
	})
	return s
}

// start starts it, again after a kill, and waits until it is ready.
func (s *service) start() {
	s.t.Helper()
	s.cmd = exec.Command(program, "serve")
	s.cmd.Env, s.cmd.Stderr, s.cmd.Dir = s.env, s.log, strings.TrimPrefix(s.env[1], "HOME=")
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.until("the program is ready", func() bool {
		res, err := http.Get(s.address + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// kill ends it without a warning.
func (s *service) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait()
	s.cmd = nil
}

// until waits for a fact.
func (s *service) until(what string, fact func() bool) {
	s.t.Helper()
	late, tick := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for !fact() {
		select {
		case <-tick.C:
		case <-late:
			s.t.Fatalf("never came to be: %s\n%s", what, s.log)
		}
	}
}

// run runs a command of the program's beside the service.
func (s *service) run(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Dir = s.env, s.cmd.Dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("taskbridge %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// get asks the API.
func (s *service) get(path string, into any) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.address+"/api/v1"+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+apiToken)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s", path, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		s.t.Fatal(err)
	}
}

// comment is an entry of a job's history as the API tells it.
type comment struct {
	ID         string
	Text       string
	Visibility string
	Author     struct{ Name string }
	DeletedAt  *time.Time `json:"deleted_at"`
}

// comments are all of a job's, in order.
func (s *service) comments(number int) []comment {
	s.t.Helper()
	var all []comment
	for after := ""; ; {
		var page struct {
			Items []comment
			Next  string
		}
		s.get(fmt.Sprintf("/issues/%d/comments?limit=200&after=%s", number, after), &page)
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all
		}
	}
}
