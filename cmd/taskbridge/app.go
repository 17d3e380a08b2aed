package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// app is what runs: parts that are stopped in the reverse order of their start.
type app struct {
	logger *slog.Logger
	// failed takes the first error of a part that ended by itself.
	failed chan error

	mu       sync.Mutex
	cleanups []cleanup
}

type cleanup struct {
	name string
	stop func(context.Context) error
}

func newApp(logger *slog.Logger) *app {
	return &app{logger: logger, failed: make(chan error, 1)}
}

// onStop registers how a part is stopped. It is called on the line after the part
// was made, so that a start that fails half-way is undone.
func (a *app) onStop(name string, stop func(context.Context) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cleanups = append(a.cleanups, cleanup{name, stop})
}

// background runs a part until the app stops. A part that ends before then, with
// an error or without, ends the whole app: half of it would be worse than none.
func (a *app) background(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := run(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("ended by itself")
		}
		select {
		case a.failed <- fmt.Errorf("%s: %w", name, err):
		default:
		}
	}()
	a.onStop(name, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("did not end in time: %w", context.Cause(ctx))
		}
	})
}

// stop stops all parts, the last first. Each gets what is left of ctx, and one
// that fails does not keep the others from being stopped.
func (a *app) stop(ctx context.Context) error {
	a.mu.Lock()
	cleanups := a.cleanups
	a.cleanups = nil
	a.mu.Unlock()
	var errs []error
	for _, c := range slices.Backward(cleanups) {
		began := time.Now()
		err := c.stop(ctx)
		if err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", c.name, err))
		}
		a.logger.DebugContext(ctx, "stopped", "part", c.name, "took", time.Since(began), "err", err)
	}
	return errors.Join(errs...)
}
