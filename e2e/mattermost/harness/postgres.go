package harness

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/lib/pq"
)

// Postgres is a database server of the tests' own, in a folder of its own.
type Postgres struct {
	port int
	proc *process
	db   *sql.DB
}

// StartPostgres makes a new cluster in dir and starts it on a free port. It trades
// durability for speed: the machine is not going to lose its power in a test.
func StartPostgres(ctx context.Context, dir string) (*Postgres, error) {
	data := filepath.Join(dir, "pg")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("make the cluster's folder: %w", err)
	}
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	if as != nil {
		if err := os.Chown(data, int(as.Uid), int(as.Gid)); err != nil {
			return nil, fmt.Errorf("give the cluster's folder away: %w", err)
		}
	}
	initdb, err := postgresTool("initdb")
	if err != nil {
		return nil, err
	}
	run := exec.CommandContext(ctx, initdb, "-D", data, "-U", "e2e", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	run.Dir = data
	if as != nil {
		run.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	}
	if out, err := run.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	server, err := postgresTool("postgres")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	//nolint:gosec // The path comes from the machine's own installation.
	cmd := exec.Command(server, "-D", data, "-h", "127.0.0.1", "-p", strconv.Itoa(port),
		"-c", "unix_socket_directories=", "-c", "max_connections=300",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	cmd.Dir = data
	if as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	}
	proc, err := startProcess("postgres", cmd, &tailBuffer{})
	if err != nil {
		return nil, err
	}
	p := &Postgres{port: port, proc: proc}
	if p.db, err = sql.Open("postgres", p.URL("postgres")); err != nil {
		return nil, errors.Join(fmt.Errorf("open the cluster: %w", err), p.Stop())
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := proc.ready(ctx, p.db.PingContext); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

// URL is the address of one database, for any driver.
func (p *Postgres) URL(database string) string {
	return fmt.Sprintf("postgres://e2e@127.0.0.1:%d/%s?sslmode=disable&connect_timeout=10", p.port, database)
}

// Create makes an empty database and returns its address.
func (p *Postgres) Create(ctx context.Context, database string) (string, error) {
	if _, err := p.db.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(database)); err != nil {
		return "", fmt.Errorf("create database %s: %w", database, err)
	}
	return p.URL(database), nil
}

// Stop ends the server. SIGINT is PostgreSQL's fast shutdown.
func (p *Postgres) Stop() error {
	if p.db != nil {
		// Nothing of value is lost with these connections.
		_ = p.db.Close()
	}
	return p.proc.stop(syscall.SIGINT, 20*time.Second)
}

// unprivileged finds the account to run PostgreSQL under when we are root, which
// it refuses to run as. It is nil when we are not.
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
			return nil, fmt.Errorf("read the uid of %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read the gid of %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("run postgres: this is root, and there is neither a postgres nor a nobody account to run it as")
}

// postgresTool finds one of PostgreSQL's programs: in $PG_BIN, on the path, or
// where Debian and Homebrew put them.
func postgresTool(name string) (string, error) {
	if dir := os.Getenv("PG_BIN"); dir != "" {
		return filepath.Join(dir, name), nil
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/", "/opt/homebrew/opt/postgresql@*/bin/", "/usr/local/opt/postgresql@*/bin/"} {
		found, err := filepath.Glob(pattern + name)
		if err == nil && len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", fmt.Errorf("find %s: install PostgreSQL's server programs or set PG_BIN to their folder", name)
}
