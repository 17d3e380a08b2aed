package sqlstore

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// measureEvery is how often the database is asked for the time.
	measureEvery = 10 * time.Second
	// measureFor bounds one question; a slow answer says little.
	measureFor = 2 * time.Second
	// worthSaying is how far this machine's clock may be off before it is told.
	worthSaying = 2 * time.Second
)

// clock tells the database's time, which is the same for all replicas. Between two
// measures it runs by the machine's count of elapsed time, so that setting the
// machine's own clock moves nothing.
type clock struct {
	log  *slog.Logger
	ask  func(ctx context.Context) (time.Time, error)
	last atomic.Pointer[measure]
	// told is true while this machine's clock is known to be off.
	told bool
	stop context.CancelFunc
	end  sync.WaitGroup
}

// measure is what the database said, and when by the machine's count.
type measure struct{ database, machine time.Time }

// startClock measures once and then again and again until close.
func startClock(ctx context.Context, log *slog.Logger, ask func(context.Context) (time.Time, error)) (*clock, error) {
	c := &clock{log: log, ask: ask}
	if err := c.measure(ctx); err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	c.end.Go(func() { c.run(running) })
	return c, nil
}

func (c *clock) close() error {
	c.stop()
	c.end.Wait()
	return nil
}

func (c *clock) now() time.Time {
	m := c.last.Load()
	return m.database.Add(time.Since(m.machine))
}

func (c *clock) run(ctx context.Context) {
	tick := time.NewTicker(measureEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			// A database that is away is noticed elsewhere; the clock goes on.
			_ = c.measure(ctx)
		}
	}
}

func (c *clock) measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, measureFor)
	defer cancel()
	before := time.Now()
	database, err := c.ask(ctx)
	if err != nil {
		return err
	}
	took := time.Since(before)
	// The answer was true half-way between question and answer, as far as we know.
	m := &measure{database: database, machine: before.Add(took / 2)}
	c.last.Store(m)
	off := m.machine.Round(0).Sub(database).Abs() > worthSaying
	if off && !c.told {
		c.log.WarnContext(ctx, "this machine's clock differs from the database's, whose time is used",
			"ahead", m.machine.Round(0).Sub(database).Round(time.Millisecond))
	}
	c.told = off
	return nil
}
