package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// console starts a console on a set-up of its own and gives its path.
func console(t *testing.T) (path string, a *app) {
	t.Helper()
	// The path of a socket holds about a hundred characters, and a test's own
	// folder may be deeper.
	folder, err := os.MkdirTemp("", "tb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	cfg, err := loadConfig("", []string{"TASKBRIDGE_DATABASE_URL=sqlite:" + filepath.Join(folder, "t.db")})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := cfg.signingKey(true); err != nil {
		t.Fatal(err)
	}
	s, err := openStation(t.Context(), cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	s.serving = true
	a = newApp(quiet())
	a.onStop("database", func(context.Context) error { return s.store.Close() })
	a.serveConsole(t.Context(), cfg.socket(), s)
	return cfg.socket(), a
}

// command sends a command line to a console.
func command(t *testing.T, path string, args ...string) (out, errs string, asked bool, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	asked, err = askConsole(t.Context(), &process{stdout: &stdout, stderr: &stderr, args: args}, path)
	return stdout.String(), stderr.String(), asked, err
}

func TestTheConsoleRunsOnlyWhatItIsFor(t *testing.T) {
	t.Parallel()
	path, a := console(t)
	defer func() {
		if err := a.stop(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	out, _, asked, err := command(t, path, "events", "list")
	if !asked || err != nil || out != "There are no kept events.\n" {
		t.Errorf("events list: %q, asked %v: %v", out, asked, err)
	}
	for _, args := range [][]string{{"serve"}, {"migrate"}, {"version"}, {"manifest", "slack"}, {"--help"}, {}, {"deliveries"}, {"rm", "-rf"}} {
		out, errs, asked, err := command(t, path, args...)
		if !asked || err == nil || strings.Contains(out, "The schema is") {
			t.Errorf("%v ran: %q %q, asked %v", args, out, errs, asked)
		}
	}
	if out, _, _, err := command(t, path, "deliveries", "list"); err != nil || out != "Nothing waits.\n" {
		t.Errorf("after all that: %q: %v", out, err)
	}
}

func TestTheConsoleIsClosedToOthers(t *testing.T) {
	t.Parallel()
	path, a := console(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket {
		t.Errorf("%v: %v", info, err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".s*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left over: %v", left, err)
	}
	if err := a.stop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket outlives the service: %v", err)
	}
}

func TestASocketThatAKilledProcessLeft(t *testing.T) {
	t.Parallel()
	path, a := console(t)
	if err := a.stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	_ = dead.Close()
	if _, _, asked, err := command(t, path, "events", "list"); asked || err != nil {
		t.Errorf("a dead socket was asked: %v", err)
	}
	l, err := listenConsole(path)
	if err != nil {
		t.Fatalf("a dead socket is in the way: %v", err)
	}
	_ = l.Close()
}
