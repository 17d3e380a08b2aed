package pgtest

import (
	"context"
	"crypto/rand"
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
	if c.server == nil || c.server.stop == nil {
		return nil
	}
	if err := c.server.stop(); err != nil {
		return fmt.Errorf("stop postgres: %w", err)
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
