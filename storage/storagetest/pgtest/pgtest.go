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
	once   sync.Once
	server *server
	err    error
}

// Database makes an empty database, removes it at the end of the test, and returns
// its URL.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	c.once.Do(func() { c.server, c.err = find(context.Background()) })
	if c.err != nil {
		t.Fatalf("postgres: %v", c.err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	u, err := c.server.create(t.Context(), name)
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
