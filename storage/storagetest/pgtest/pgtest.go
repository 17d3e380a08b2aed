package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// variable names a server to use instead of one of our own.
const variable = "TASKBRIDGE_TEST_POSTGRES_URL"

// Cluster is the server that a test binary's tests share. Make one in TestMain and
// stop it there; it starts when the first test asks for a database.
type Cluster struct {
	// Prepare fills the database that those of the tests are copies of, once and
	// before the first of them. Without it they are empty.
	Prepare func(ctx context.Context, url string) error

	once   sync.Once
	server *server
	err    error
	// template is the database that Prepare filled, empty without one.
	template string
}

// Database makes a database as Prepare left it, removes it at the end of the test,
// and returns its URL.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	c.find(t)
	return c.make(t, c.template)
}

// Empty makes a database with nothing in it, removes it at the end of the test, and
// returns its URL.
func (c *Cluster) Empty(t testing.TB) string {
	t.Helper()
	c.find(t)
	return c.make(t, "")
}

func (c *Cluster) find(t testing.TB) {
	t.Helper()
	c.once.Do(func() {
		ctx := context.Background()
		if c.server, c.err = find(ctx); c.err == nil && c.Prepare != nil {
			c.template, c.err = c.server.prepare(ctx, newName(), c.Prepare)
		}
	})
	if c.err != nil {
		t.Fatalf("postgres: %v", c.err)
	}
}

func newName() string { return "test_" + strings.ToLower(rand.Text()) }

func (c *Cluster) make(t testing.TB, template string) string {
	t.Helper()
	name := newName()
	u, err := c.server.create(t.Context(), name, template)
	if err != nil {
		t.Fatalf("postgres: %v", err)
	}
	t.Cleanup(func() {
		if err := c.server.drop(context.Background(), name); err != nil {
			t.Errorf("postgres: %v", err)
		}
	})
	return u
}

// Stop ends the server if there is one.
func (c *Cluster) Stop() error {
	if c.server == nil {
		return nil
	}
	if c.template != "" && c.server.quit == nil {
		// Somebody else's server stays, without anything of ours.
		if err := c.server.drop(context.Background(), c.template); err != nil {
			return err
		}
	}
	if err := c.server.stop(); err != nil {
		return fmt.Errorf("stop postgres: %w", err)
	}
	return nil
}

// errForeign is returned by Crash and Restart for a server that is not ours.
var errForeign = errors.New("postgres: the server of " + variable + " is not ours to restart")

// Crash ends the server at once, whatever it is doing. What was committed is kept.
func (c *Cluster) Crash() error {
	if c.server == nil || c.server.quit == nil {
		return errForeign
	}
	if err := c.server.quit(); err != nil {
		return fmt.Errorf("crash postgres: %w", err)
	}
	return nil
}

// Restart starts the server after a Crash, at the same address.
func (c *Cluster) Restart(ctx context.Context) error {
	if c.server == nil || c.server.boot == nil {
		return errForeign
	}
	if err := c.server.boot(ctx); err != nil {
		return fmt.Errorf("restart postgres: %w", err)
	}
	return nil
}

func find(ctx context.Context) (*server, error) {
	given := os.Getenv(variable)
	if given == "" {
		return start(ctx)
	}
	u, err := url.Parse(given)
	if err != nil || u.Scheme == "" {
		return nil, fmt.Errorf("%s cannot be read: write it as postgres://user:password@host:port/database", variable)
	}
	return &server{url: u}, nil
}
