package sqlstore

import (
	"context"
	"log/slog"
	"sync"
)

// Bounds of SQLite's write-ahead log. Copying it into the database takes tens of
// milliseconds for some thousand pages, for which nobody should wait, so it is done
// beside the writer, on a connection of its own, after so many commits' worth of
// transactions. The log begins anew only when all of it is copied, and a busy writer
// is always some pages ahead: when the log has grown long, the writer itself copies
// the few that are left.
const (
	// checkpointAfter is how many transactions are made between two copies.
	checkpointAfter = 500
	// restartPages is the length from which the log should begin anew, 32 MB.
	restartPages = 8000
	// fewPages is what the writer may copy while others wait.
	fewPages = 200
	// checkpointRounds bounds the attempts to get to so few.
	checkpointRounds = 5
	// lastResort is the length at which the writer copies whatever is left.
	lastResort = "wal_autocheckpoint(20000)"
)

// checkpointer copies the log of a SQLite database beside its writer.
type checkpointer struct {
	session *sqliteSession
	log     *slog.Logger
	// restart asks the writer to copy what is left between two groups.
	restart func()
	due     chan struct{}
	quit    chan struct{}
	once    sync.Once
	ended   chan struct{}
}

func newCheckpointer(s *sqliteSession, log *slog.Logger, restart func()) *checkpointer {
	c := &checkpointer{
		session: s, log: log, restart: restart,
		due: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{}),
	}
	go c.loop()
	return c
}

// ask has the log copied soon.
func (c *checkpointer) ask() {
	select {
	case c.due <- struct{}{}:
	default:
	}
}

func (c *checkpointer) close() error {
	c.once.Do(func() { close(c.quit) })
	<-c.ended
	return c.session.close(false)
}

func (c *checkpointer) loop() {
	defer close(c.ended)
	for {
		select {
		case <-c.quit:
			return
		case <-c.due:
			c.copy()
		}
	}
}

// copy copies what is there, and again what came meanwhile when the log is long.
func (c *checkpointer) copy() {
	for range checkpointRounds {
		pages, copied, err := c.session.checkpoint(context.Background())
		if err != nil {
			c.failed(err)
			return
		}
		if pages < restartPages {
			return
		}
		if pages-copied <= fewPages {
			break
		}
	}
	c.restart()
}

func (c *checkpointer) failed(err error) {
	c.log.Warn("sqlite: the write-ahead log was not copied", "err", err)
}

// checkpoint copies as much of the log as can be copied without waiting. It returns
// how many pages the log has and how many of them are in the database.
func (s *sqliteSession) checkpoint(ctx context.Context) (pages, copied int, err error) {
	var busy int
	err = readRow(ctx, s, "PRAGMA wal_checkpoint(PASSIVE)", []any{&busy, &pages, &copied})
	return pages, copied, err
}
