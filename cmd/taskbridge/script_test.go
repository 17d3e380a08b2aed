package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the real program under its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"taskbridge": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":     startCmd,
			"terminate": terminateCmd,
			"get":       getCmd,
			"post":      postCmd,
			"mode":      modeCmd,
		},
		Setup: func(env *testscript.Env) error {
			env.Values[running{}] = map[string]*served{}
			// A program with the race detector sleeps a second before it ends.
			env.Setenv("GORACE", "atexit_sleep_ms=10")
			return nil
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// patience bounds every wait of a script.
const patience = time.Minute

// served is a taskbridge that a script started.
type served struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// running keys what a script has running, by the names the script gave.
type running struct{}

// startCmd starts `taskbridge serve` and waits until it listens: start NAME. Its
// log is in the file NAME.log, its address in the variable NAME.
func startCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: start NAME")
	}
	name := args[0]
	path, err := exec.LookPath("taskbridge")
	ts.Check(err)
	s := &served{cmd: exec.Command(path, "serve"), done: make(chan struct{})}
	s.cmd.Dir = ts.Getenv("WORK")
	for _, v := range []string{"PATH", "HOME", "GORACE", "TASKBRIDGE_API_TOKEN", "TASKBRIDGE_DATABASE_URL", "TASKBRIDGE_PUBLIC_URL", "TASKBRIDGE_SLACK_BOT_TOKEN", "TASKBRIDGE_SLACK_SIGNING_SECRET", "TASKBRIDGE_SLACK_API_URL"} {
		s.cmd.Env = append(s.cmd.Env, v+"="+ts.Getenv(v))
	}
	s.cmd.Env = append(s.cmd.Env, "TASKBRIDGE_LISTEN=127.0.0.1:0", "TASKBRIDGE_LOG_FORMAT=json")
	log, err := os.Create(ts.MkAbs(name + ".log"))
	ts.Check(err)
	found := make(chan string, 1)
	out := &watched{to: log, pattern: regexp.MustCompile(`"msg":"listening","address":"([^"]+)"`), found: found}
	s.cmd.Stderr = out
	ts.Check(s.cmd.Start())
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	ts.Value(running{}).(map[string]*served)[name] = s
	ts.Defer(func() {
		// It has ended already when the script stopped it.
		_ = s.cmd.Process.Kill()
		<-s.done
		_ = log.Close()
	})
	select {
	case address := <-found:
		ts.Setenv(name, address)
	case <-s.done:
		text, _ := os.ReadFile(ts.MkAbs(name + ".log"))
		ts.Fatalf("taskbridge ended instead of listening: %v\n%s", s.err, text)
	case <-time.After(patience):
		ts.Fatalf("taskbridge does not listen")
	}
}

// terminateCmd sends SIGTERM and checks that the program ends cleanly within a bound:
// terminate NAME SECONDS.
func terminateCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: terminate NAME SECONDS")
	}
	s := ts.Value(running{}).(map[string]*served)[args[0]]
	if s == nil {
		ts.Fatalf("%s was not started", args[0])
	}
	seconds, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(s.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-s.done:
		if s.err != nil {
			ts.Fatalf("taskbridge ended with %v\n%s", s.err, ts.ReadFile(args[0]+".log"))
		}
	case <-time.After(time.Duration(seconds) * time.Second):
		ts.Fatalf("taskbridge did not end within %d seconds", seconds)
	}
}

// getCmd asks for an address and writes status and body to stdout: get URL
// [TOKEN]. It waits for a status when the script names one: get -until STATUS URL.
func getCmd(ts *testscript.TestScript, neg bool, args []string) {
	until := ""
	if len(args) > 2 && args[0] == "-until" {
		until, args = args[1], args[2:]
	}
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: get [-until STATUS] URL [TOKEN]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		token := ""
		if len(args) == 2 {
			token = args[1]
		}
		status, body, err := fetch(ctx, http.MethodGet, args[0], token, nil)
		ts.Check(err)
		if until == "" || strconv.Itoa(status) == until {
			_, err := ts.Stdout().Write([]byte(strconv.Itoa(status) + "\n" + body))
			ts.Check(err)
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("%s answers %d, not %s: %s", args[0], status, until, body)
		}
	}
}

// postCmd sends a file and writes status and body to stdout: post URL TOKEN [FILE].
func postCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: post URL TOKEN [FILE]")
	}
	var content io.Reader
	if len(args) == 3 {
		content = bytes.NewReader([]byte(ts.ReadFile(args[2])))
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	status, body, err := fetch(ctx, http.MethodPost, args[0], args[1], content)
	ts.Check(err)
	_, err = ts.Stdout().Write([]byte(strconv.Itoa(status) + "\n" + body))
	ts.Check(err)
}

func fetch(ctx context.Context, method, url, token string, content io.Reader) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if content != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), errors.Join(err, answer.Body.Close())
}

// modeCmd checks a file's permissions: mode 600 FILE.
func modeCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(filepath.Join(ts.MkAbs("."), args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has mode %s, not %s", args[1], got, args[0])
	}
}

// watched passes a log on and reports the first match of a pattern.
type watched struct {
	to      io.Writer
	pattern *regexp.Regexp
	found   chan string
	seen    bytes.Buffer
}

// Write implements io.Writer. Only the goroutine that copies the log calls it.
func (w *watched) Write(p []byte) (int, error) {
	if w.found != nil {
		w.seen.Write(p)
		if m := w.pattern.FindSubmatch(w.seen.Bytes()); m != nil {
			w.found <- string(m[1])
			w.found = nil
		}
	}
	return w.to.Write(p)
}
