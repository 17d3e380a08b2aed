package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
)

// adapter is a chat adapter as the process runs it.
type adapter interface {
	chat.Platform
	// Start learns who we are on the platform; Run keeps what has to be kept open
	// until its context ends.
	Start(ctx context.Context) error
	Run(ctx context.Context) error
	// Routes serves the addresses beneath the platform's name, such as /slack/….
	Routes() http.Handler
	// Healthy tells why the platform cannot be served now, nil when it can.
	Healthy() error
	// Replay takes a kept request once more.
	Replay(ctx context.Context, raw []byte) error
}

// attacher is the engine as far as platforms are made known to it.
type attacher interface {
	Attach(ctx context.Context, p chat.Platform, operations, managers string) error
}

// link keeps one platform connected: a platform that cannot be reached is tried
// again until it can, while the rest of the service goes on.
type link struct {
	name                 string
	adapter              adapter
	engine               attacher
	operations, managers string
	logger               *slog.Logger
	// findings examine the platform for doctor.
	findings func(ctx context.Context) []finding
	// early answers what a platform asks before it is attached and hands the rest
	// on; nil where there is nothing of the kind.
	early func(otherwise http.Handler) http.Handler

	mu    sync.Mutex
	state error // Why it is not attached, nil when it is.
	// tried is closed when the first try has ended, however it ended.
	tried     chan struct{}
	firstTime sync.Once
}

var errConnecting = errors.New("not connected yet")

func newLink(name string, a adapter, engine attacher, logger *slog.Logger) *link {
	return &link{name: name, adapter: a, engine: engine, logger: logger.With("platform", name), state: errConnecting, tried: make(chan struct{})}
}

// connect starts the adapter and makes it known to the engine.
func (l *link) connect(ctx context.Context) error {
	if err := l.adapter.Start(ctx); err != nil {
		return fmt.Errorf("connect to %s: %w", l.name, err)
	}
	if err := l.engine.Attach(ctx, l.adapter, l.operations, l.managers); err != nil {
		return fmt.Errorf("attach %s: %w", l.name, err)
	}
	return nil
}

// run connects and stays connected until ctx ends.
func (l *link) run(ctx context.Context) error {
	l.persist(ctx, func() error {
		err := l.connect(ctx)
		l.set(err)
		return err
	})
	l.persist(ctx, func() error {
		if err := l.adapter.Run(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		return errors.New("the connection ended")
	})
	return nil
}

// persist calls do until it returns nil or ctx ends, waiting longer each time, a
// minute at most.
func (l *link) persist(ctx context.Context, do func() error) {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval = time.Second
	pause.MaxInterval = time.Minute
	for ctx.Err() == nil {
		err := do()
		if err == nil || ctx.Err() != nil {
			return
		}
		wait := pause.NextBackOff()
		l.logger.WarnContext(ctx, "platform: cannot be reached", "err", err, "retry_in", wait.Round(time.Millisecond))
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (l *link) set(state error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = state
	l.firstTime.Do(func() { close(l.tried) })
}

// healthy tells why the platform cannot be served now, nil when it can.
func (l *link) healthy() error {
	l.mu.Lock()
	state := l.state
	l.mu.Unlock()
	if state != nil {
		return state
	}
	return l.adapter.Healthy()
}

// mount adds the adapter's addresses behind a gate: the engine passes over what
// comes from a platform that it does not know yet, so that a request must be
// refused until then for the platform to send it again.
func (l *link) mount(r *mux.Router) {
	routes := l.adapter.Routes()
	var closed http.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "taskbridge is not connected to "+l.name+" yet", http.StatusServiceUnavailable)
	})
	if l.early != nil {
		closed = l.early(closed)
	}
	r.PathPrefix("/" + l.name + "/").HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		attached := l.state == nil
		l.mu.Unlock()
		if !attached {
			closed.ServeHTTP(w, r)
			return
		}
		routes.ServeHTTP(w, r)
	})
}
