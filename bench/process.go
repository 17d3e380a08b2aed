package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// stopGrace is how long a server may take to stop before it is killed.
const stopGrace = 10 * time.Second

// command describes a server to start.
type command struct {
	name       string
	path       string
	args       []string
	env        []string // the whole environment
	dir        string
	logFile    string
	credential *syscall.Credential // nil: as this program
	stopSignal syscall.Signal
	slow       *slowDisk // nil: the disk as it is
}

// slowDisk makes each sync of a server take longer by delay. self is this program,
// where whoever the server runs as may run it.
type slowDisk struct {
	self  string
	delay time.Duration
}

// newSlowDisk puts a copy of this program into a folder that everybody may enter:
// PostgreSQL does not run as root.
func newSlowDisk(work string, delay time.Duration) (*slowDisk, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	in, err := os.Open(self)
	if err != nil {
		return nil, fmt.Errorf("copy this program: %w", err)
	}
	defer in.Close()
	d := &slowDisk{self: filepath.Join(work, "slowed"), delay: delay}
	out, err := os.OpenFile(d.self, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return nil, fmt.Errorf("copy this program: %w", err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return nil, fmt.Errorf("copy this program: %w", err)
	}
	return d, nil
}

// process is a started server.
type process struct {
	name       string
	logFile    string
	stopSignal syscall.Signal
	cmd        *exec.Cmd
	started    time.Time
	exited     chan struct{}
}

// start must be called from the main goroutine, which is locked to the main
// thread: the kernel ties a child's parent-death signal to the thread that
// started it.
func start(c command) (*process, error) {
	out, err := os.Create(c.logFile)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.name, err)
	}
	defer out.Close()
	cmd := exec.Command(c.path, c.args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = c.env, c.dir, out, out
	cmd.SysProcAttr = childAttributes(c.credential)
	supervise := func() error { return nil }
	if c.slow != nil {
		if supervise, err = slowed(cmd, c.slow.self, c.slow.delay); err != nil {
			return nil, fmt.Errorf("start %s: %w", c.name, err)
		}
	}
	p := &process{name: c.name, logFile: c.logFile, stopSignal: c.stopSignal, cmd: cmd, exited: make(chan struct{})}
	p.started = time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.name, err)
	}
	go func() {
		// The exit state shows in the log; what matters here is that it ended.
		_ = cmd.Wait()
		close(p.exited)
	}()
	if err := supervise(); err != nil {
		err = p.failure(err)
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop ends the server and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(p.stopSignal)
	select {
	case <-p.exited:
	case <-time.After(stopGrace):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

// failure adds the end of the server's log to an error.
func (p *process) failure(err error) error {
	tail, _ := os.ReadFile(p.logFile)
	tail = bytes.TrimSpace(tail)
	if len(tail) > 2000 {
		tail = tail[len(tail)-2000:]
	}
	return fmt.Errorf("%s: %w\n%s", p.name, err, tail)
}

// freeAddr finds a loopback address that nobody listens on. Another program may
// take it before its server does; then the server fails to start and says so.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	addr := l.Addr().String()
	return addr, l.Close()
}

var errExited = errors.New("ended before it was ready")
