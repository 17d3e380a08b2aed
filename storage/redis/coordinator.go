package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"taskbridge/storage"
)

const (
	// dialTimeout and callTimeout are short: whoever asks has another way.
	dialTimeout = time.Second
	callTimeout = 500 * time.Millisecond
)

// Coordinator is a connection to Redis. It is safe for concurrent use.
type Coordinator struct {
	client *redis.Client
	log    *slog.Logger
	// self tells our own signals from those of others.
	self                            string
	reserve, block, blocked, forget *redis.Script
}

var _ storage.Coordinator = (*Coordinator)(nil)

// Open prepares a connection to the Redis that the URL names, "redis://" or
// "rediss://" with TLS. It calls nobody: Redis may be away and come later. Nothing of
// the URL is in an error.
func Open(url string, log *slog.Logger) (*Coordinator, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("the Redis URL cannot be read: write it as redis://user:password@host:port/number")
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = dialTimeout, callTimeout, callTimeout
	options.ContextTimeoutEnabled = true
	// Connections that died with a restart fail once; the other attempt is on a new one.
	options.MaxRetries = 1
	options.DialerRetries = 1
	options.ClientName = "taskbridge"
	redis.SetLogger(silence{})
	return &Coordinator{
		client: redis.NewClient(options), log: log, self: rand.Text(),
		reserve: redis.NewScript(reserveText), block: redis.NewScript(blockText), blocked: redis.NewScript(blockedText), forget: redis.NewScript(forgetText),
	}, nil
}

// silence keeps the library from writing to standard error: what fails is returned.
type silence struct{}

// Printf implements the library's logger.
func (silence) Printf(context.Context, string, ...any) {}

// Ping implements storage.Coordinator.
func (c *Coordinator) Ping(ctx context.Context) error {
	if err := c.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("reach Redis: %w", err)
	}
	return nil
}

// Close implements storage.Coordinator.
func (c *Coordinator) Close() error {
	if err := c.client.Close(); err != nil {
		return fmt.Errorf("close Redis: %w", err)
	}
	return nil
}
