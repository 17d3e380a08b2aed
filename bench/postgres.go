package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postgres is a PostgreSQL server of the benchmark's own, in a temporary folder,
// on loopback, with everything that matters for durability at its default.
type postgres struct {
	*process
	bin      string
	url      *url.URL // with the password
	password string
}

// dsn is the URL that programs connect with.
func (p *postgres) dsn() string { return p.url.String() }

// postgresBin finds the folder of PostgreSQL's programs. Distributions often
// keep it off the PATH.
func postgresBin(given string) (string, error) {
	dirs := []string{given}
	if given == "" {
		dirs = dirs[:0]
		if p, err := exec.LookPath("initdb"); err == nil {
			if real, err := filepath.EvalSymlinks(p); err == nil {
				dirs = append(dirs, filepath.Dir(real))
			}
		}
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
		dirs = append(dirs, found...)
	}
	for _, d := range dirs {
		if executable(d, "initdb") && executable(d, "postgres") && executable(d, "pg_isready") {
			return d, nil
		}
	}
	return "", fmt.Errorf("no PostgreSQL found (looked in %q); name its folder with -pgbin", dirs)
}

func executable(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.Mode()&0o111 != 0
}

// unprivileged is whom PostgreSQL runs as when this program runs as root, which
// PostgreSQL refuses; nil otherwise.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("root may not run PostgreSQL, and there is no user postgres or nobody")
}

func startPostgres(ctx context.Context, bin, work, name string, slow *slowDisk) (*postgres, error) {
	cred, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(work, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	password := rand.Text()
	pwfile := filepath.Join(dir, "password")
	if err := os.WriteFile(pwfile, []byte(password), 0o600); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	if cred != nil {
		for _, p := range []string{dir, pwfile} {
			if err := os.Chown(p, int(cred.Uid), int(cred.Gid)); err != nil {
				return nil, fmt.Errorf("start PostgreSQL: %w", err)
			}
		}
	}
	data := filepath.Join(dir, "data")
	env := []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"),
		"--pgdata="+data, "--username=bench", "--auth=scram-sha-256", "--pwfile="+pwfile, "--encoding=UTF8", "--no-locale", "--no-instructions")
	initdb.Env, initdb.Dir = env, dir
	initdb.SysProcAttr = childAttributes(cred)
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	p, err := start(command{
		name: name, path: filepath.Join(bin, "postgres"), env: env, dir: dir, credential: cred, slow: slow,
		args: []string{
			"-D", data, "-h", host, "-p", port, "-k", "",
			"-c", "shared_buffers=256MB", "-c", "max_connections=100",
			"-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on",
		},
		logFile: filepath.Join(work, name+".log"),
		// SIGINT is PostgreSQL's fast shutdown.
		stopSignal: syscall.SIGINT,
	})
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword("bench", password), Host: addr, Path: "/postgres", RawQuery: "sslmode=disable"}
	err = await(ctx, 30*time.Second, p.exited, func() bool {
		cmd := exec.CommandContext(ctx, filepath.Join(bin, "pg_isready"), "-q", "-h", host, "-p", port)
		cmd.Env = env
		return cmd.Run() == nil
	})
	if err != nil {
		err = p.failure(err)
		p.stop()
		return nil, err
	}
	return &postgres{process: p, bin: bin, url: &u, password: password}, nil
}

// count runs a query that returns one number, with the server's own client.
func (p *postgres) count(ctx context.Context, query string) (int, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, "psql"), "-X", "-A", "-t", "-c", query)
	// In the environment and not in the arguments, which every user can read.
	cmd.Env = append(os.Environ(), "PGHOST="+p.url.Hostname(), "PGPORT="+p.url.Port(), "PGUSER="+p.url.User.Username(), "PGDATABASE=postgres", "PGPASSWORD="+p.password)
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("psql: %w", err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		return 0, fmt.Errorf("psql: %w", err)
	}
	return n, nil
}

// await polls until ok, the process's end, the limit or the context's.
func await(ctx context.Context, limit time.Duration, exited <-chan struct{}, ok func() bool) error {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for !ok() {
		select {
		case <-poll.C:
		case <-exited:
			return errExited
		case <-deadline.C:
			return fmt.Errorf("not ready after %v", limit)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// run has the server's own client run statements.
func (p *postgres) run(ctx context.Context, statements string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statements)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "PGHOST=" + p.url.Hostname(), "PGPORT=" + p.url.Port(),
		"PGUSER=bench", "PGPASSWORD=" + p.password, "PGDATABASE=postgres",
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w: %.300s", err, out)
	}
	return nil
}
