package redistest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"taskbridge/storage/storagetest/loopback"
)

// bootTime is how long a server may take to come up on a busy machine.
const bootTime = time.Minute

// Server is a Redis of a test's own. It keeps nothing on disk, so that one that is
// started again has forgotten everything.
type Server struct {
	t       testing.TB
	dir     string
	address string
	cmd     *exec.Cmd
	ended   chan struct{}
}

// Start starts a server on a free port and ends it with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	address, err := loopback.Address()
	if err != nil {
		t.Fatalf("redis: %v", err)
	}
	s := &Server{t: t, dir: t.TempDir(), address: address}
	t.Cleanup(s.Kill)
	s.Restart()
	return s
}

// URL is the server's address; it stays the same over restarts.
func (s *Server) URL() string { return "redis://" + s.address + "/0" }

// Kill ends the server without a warning. One that is ended already stays so.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	// What ended by itself cannot be killed, and has ended all the same.
	_ = s.cmd.Process.Kill()
	<-s.ended
	s.cmd = nil
}

// Restart starts the server, after ending it if it runs, and waits until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		s.t.Fatalf("redis: %v: install Debian's redis-server or its like", err)
	}
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		s.t.Fatalf("redis: %v", err)
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatalf("redis: make a log: %v", err)
	}
	// The server has its own copy.
	defer func() { _ = log.Close() }()
	cmd := exec.Command(binary, "--port", port, "--bind", host, "--dir", s.dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning")
	cmd.Stdout, cmd.Stderr = log, log
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("redis: start: %v", err)
	}
	s.cmd, s.ended = cmd, make(chan struct{})
	go func(ended chan struct{}) {
		// A server that was killed always ends with an error.
		_ = cmd.Wait()
		close(ended)
	}(s.ended)
	if err := s.wait(); err != nil {
		text, _ := os.ReadFile(log.Name())
		s.t.Fatalf("redis: %v\n%s", err, text)
	}
}

// wait waits until the server answers.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), bootTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if ping(ctx, s.address) == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.ended:
			return fmt.Errorf("the server ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w", ctx.Err())
		}
	}
}

// ping asks for a sign of life in Redis's inline form, which needs no client.
func ping(ctx context.Context, address string) (err error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return fmt.Errorf("set a deadline: %w", err)
	}
	if _, err := io.WriteString(c, "PING\r\n"); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	answer := make([]byte, len("+PONG\r\n"))
	if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "+PONG\r\n" {
		return fmt.Errorf("answered %q: %w", answer, err)
	}
	return nil
}
