package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"taskbridge/storage/storagetest/loopback"
)

// bootTime is how long a server may take to come up on a busy machine.
const bootTime = time.Minute

// server is a PostgreSQL that runs, ours or somebody else's.
type server struct {
	url *url.URL
	// dir, boot and quit are those of a server of ours: where it lives, how it is
	// started and how it is ended at once.
	dir  string
	boot func(ctx context.Context) error
	quit func() error
}

// stop ends a server of ours and removes it.
func (s *server) stop() error {
	if s.quit == nil {
		return nil
	}
	return errors.Join(s.quit(), os.RemoveAll(s.dir))
}

// start starts a server in a new folder. Durability is off: nothing that these
// tests ask for outlives them.
func start(ctx context.Context) (*server, error) {
	as, err := account()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	s, err := startIn(ctx, dir, as)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

func startIn(ctx context.Context, dir string, as *syscall.Credential) (*server, error) {
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			return nil, fmt.Errorf("give the folder away: %w", err)
		}
	}
	data := filepath.Join(dir, "data")
	initdb, err := program("initdb")
	if err != nil {
		return nil, err
	}
	cmd := command(as, dir, initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	binary, err := program("postgres")
	if err != nil {
		return nil, err
	}
	address, err := loopback.Address()
	if err != nil {
		return nil, err //nolint:wrapcheck // It says what it was doing.
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("read an address: %w", err)
	}
	s := &server{dir: dir, url: &url.URL{
		Scheme: "postgres", User: url.User("postgres"), Host: address,
		Path: "/postgres", RawQuery: "sslmode=disable",
	}}
	s.boot = func(ctx context.Context) error {
		// What was committed outlives a crash of the server, not one of the machine.
		return s.run(ctx, command(as, dir, binary, "-D", data, "-h", host, "-p", port,
			"-c", "unix_socket_directories=", "-c", "max_connections=400", "-c", "shared_buffers=64MB", "-c", "deadlock_timeout=100ms",
			"-c", "fsync="+durable(), "-c", "synchronous_commit=on", "-c", "full_page_writes="+durable()))
	}
	return s, s.boot(ctx)
}

// run starts the server's process and waits until it answers.
func (s *server) run(ctx context.Context, cmd *exec.Cmd) error {
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return fmt.Errorf("make a log: %w", err)
	}
	// The server has its own copy.
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	s.quit = func() error {
		// SIGQUIT is the immediate shutdown: there is nothing to save.
		err := cmd.Process.Signal(syscall.SIGQUIT)
		<-ended //nolint:errcheck // an immediate shutdown always ends with an error.
		return err
	}
	if err := s.wait(ctx, ended); err != nil {
		text, _ := os.ReadFile(log.Name())
		return errors.Join(fmt.Errorf("%w\n%s", err, text), cmd.Process.Kill())
	}
	return nil
}

// durable is "on" when a benchmark asks for what a user would have.
func durable() string {
	if os.Getenv("TASKBRIDGE_TEST_POSTGRES_DURABLE") != "" {
		return "on"
	}
	return "off"
}

// wait waits until the server answers.
func (s *server) wait(ctx context.Context, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, bootTime)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := pgx.Connect(ctx, s.url.String())
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-tick.C:
		case exit := <-ended:
			return fmt.Errorf("postgres ended before it was ready: %w", exit)
		case <-ctx.Done():
			return fmt.Errorf("postgres is not ready: %w", err)
		}
	}
}

// prepare makes a database and has it filled, to make others from. Its name is
// returned.
func (s *server) prepare(ctx context.Context, name string, fill func(ctx context.Context, url string) error) (string, error) {
	u, err := s.create(ctx, name, "")
	if err != nil {
		return "", err
	}
	if err := fill(ctx, u); err != nil {
		return "", fmt.Errorf("fill %s: %w", name, err)
	}
	// A database is copied while nobody is connected to it, and a connection that was
	// closed is there for a moment yet. This waits for its end.
	wait := fmt.Sprintf("SELECT pg_terminate_backend(pid, %d) FROM pg_stat_activity WHERE datname = '%s'", bootTime.Milliseconds(), name)
	if err := s.exec(ctx, wait); err != nil {
		return "", fmt.Errorf("wait until nobody uses %s: %w", name, err)
	}
	return name, nil
}

// create makes a database that is a copy of a template, empty without one, and
// returns its URL.
func (s *server) create(ctx context.Context, database, template string) (string, error) {
	query := "CREATE DATABASE " + database
	if template != "" {
		query += " TEMPLATE " + template
	}
	if err := s.exec(ctx, query); err != nil {
		return "", fmt.Errorf("create database %s: %w", database, err)
	}
	u := *s.url
	u.Path = "/" + database
	return u.String(), nil
}

// drop removes a database, whoever is still connected to it.
func (s *server) drop(ctx context.Context, database string) error {
	if err := s.exec(ctx, "DROP DATABASE IF EXISTS "+database+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop database %s: %w", database, err)
	}
	return nil
}

func (s *server) exec(ctx context.Context, query string) error {
	c, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, query)
	return errors.Join(err, c.Close(ctx))
}

// account is who runs the server: PostgreSQL refuses to run as root. It is nil
// when we are not root.
func account() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read the user id of %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read the group id of %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no account postgres or nobody to run it as")
}

// command makes a command that runs in dir under an account, without our
// environment's PostgreSQL settings.
func command(as *syscall.Credential, dir, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	return cmd
}

// program finds one of PostgreSQL's programs on the path or where Debian puts
// them, the newest first.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", fmt.Errorf("find %s: install PostgreSQL, or set %s to a server's URL", name, variable)
	}
	return slices.Max(found), nil
}
