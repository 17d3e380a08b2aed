package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"taskbridge/storage"
)

const (
	signalChannel = prefix + "signals"
	// quietFor is how long nothing may be heard before Redis is asked for a sign of
	// life; without one, as long again, the connection is given up.
	quietFor = 5 * time.Second
	// retryEvery is the pause between attempts to connect.
	retryEvery = 500 * time.Millisecond
)

// signal is a signal on the wire.
type signal struct {
	From string             `json:"from"`
	Kind storage.SignalKind `json:"kind"`
	Name string             `json:"name"`
}

// Send implements storage.Signals.
func (c *Coordinator) Send(ctx context.Context, s storage.Signal) error {
	text, err := json.Marshal(signal{c.self, s.Kind, s.Name})
	if err != nil {
		return fmt.Errorf("encode a signal: %w", err)
	}
	if err := c.client.Publish(ctx, signalChannel, text).Err(); err != nil {
		return fmt.Errorf("send a signal through Redis: %w", err)
	}
	return nil
}

// Receive implements storage.Signals.
func (c *Coordinator) Receive(ctx context.Context, heard func(storage.Signal), missed func()) {
	for ctx.Err() == nil {
		err := c.listen(ctx, heard, missed)
		if ctx.Err() != nil {
			return
		}
		c.log.DebugContext(ctx, "redis: not listening", "err", err)
		timer := time.NewTimer(retryEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// listen hears one connection until it ends.
func (c *Coordinator) listen(ctx context.Context, heard func(storage.Signal), missed func()) error {
	line := c.client.Subscribe(ctx, signalChannel)
	// A close after a failure says nothing new.
	defer func() { _ = line.Close() }()
	// Reading cannot be cancelled but by closing.
	stop := context.AfterFunc(ctx, func() { _ = line.Close() })
	defer stop()
	asked := false
	for {
		got, err := line.ReceiveTimeout(ctx, quietFor)
		var timeout net.Error
		switch {
		case err == nil:
			asked = false
		case errors.As(err, &timeout) && timeout.Timeout() && !asked:
			asked = true
			if err := line.Ping(ctx); err != nil {
				return fmt.Errorf("ask for a sign of life: %w", err)
			}
			continue
		default:
			return fmt.Errorf("listen: %w", err)
		}
		switch m := got.(type) {
		case *redis.Subscription:
			missed()
		case *redis.Message:
			var s signal
			if json.Unmarshal([]byte(m.Payload), &s) == nil && s.From != c.self {
				heard(storage.Signal{Kind: s.Kind, Name: s.Name})
			}
		}
	}
}
