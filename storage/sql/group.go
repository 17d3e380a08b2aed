package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"
)

// Bounds of a group: so many functions, or so much time since it began. A commit
// costs a synchronisation of the disk, from 0.1 to 10 ms, which many can share; a
// caller should not wait much longer than that for the others.
const (
	groupSize = 256
	groupTime = 5 * time.Millisecond
)

// yields is how often other goroutines may run before a group is taken to be complete.
const yields = 3

// anyMore takes who waits in a queue. When nobody does, those who are about to come
// may do so first: a commit costs more than the moment that takes, and nobody sleeps.
func anyMore[T any](queue <-chan T) (next T, ok bool) {
	for range yields {
		select {
		case next = <-queue:
			return next, true
		default:
			runtime.Gosched()
		}
	}
	return next, false
}

// waryRuns is how many functions are run in savepoints after one failed outside of
// one: what a failure undoes of others is then a small part of all work.
const waryRuns = 1000

// grouped runs functions one after another, first come, first served, in a
// transaction that all of a group share. It does not wait for callers: a group ends
// when nobody waits.
//
// A savepoint for each function costs SQLite a copy of every page it writes, and
// functions rarely fail once they have written. So they run without, and when one
// does fail, the group is undone and the others run again, in savepoints.
type grouped struct {
	session *sqliteSession
	dialect dialect
	// writeOut writes what was postponed to the commit.
	writeOut func(context.Context, session) error
	queue    chan *member
	quit     chan struct{}
	ended    chan struct{}
	once     sync.Once
	// wary counts down the functions that run in savepoints.
	wary int
	// checkpoints copies the log, after so many functions; restart is how it asks for
	// a moment of the writer.
	checkpoints *checkpointer
	restart     chan struct{}
	uncopied    int
}

// member is one caller of a group.
type member struct {
	ctx context.Context
	// turn gives the connection to the caller, back tells that it is done with it.
	turn chan struct{}
	back chan outcome
	// result is whether the group was committed, or errAgain.
	result chan error
}

// errAgain asks a member to take another turn, because its group was undone.
var errAgain = errors.New("run again")

// outcome is how a member's turn ended.
type outcome int

const (
	// kept asks for the function's work to be committed.
	kept outcome = iota
	// undone says that nothing of it is left in the transaction.
	undone
	// stuck says that something may be, so that the group must be undone.
	stuck
)

// newGrouped groups functions on a connection, and has the log copied on another.
func newGrouped(s, copies *sqliteSession, d dialect, log *slog.Logger, writeOut func(context.Context, session) error) *grouped {
	g := &grouped{
		session:  s,
		dialect:  d,
		writeOut: writeOut,
		queue:    make(chan *member),
		quit:     make(chan struct{}),
		ended:    make(chan struct{}),
		restart:  make(chan struct{}, 1),
	}
	g.checkpoints = newCheckpointer(copies, log, func() {
		select {
		case g.restart <- struct{}{}:
		default:
		}
	})
	go g.loop()
	return g
}

// close lets the group that runs end; callers that still wait are told.
func (g *grouped) close() error {
	g.once.Do(func() { close(g.quit) })
	<-g.ended
	if err := errors.Join(g.checkpoints.close(), g.session.close(false)); err != nil {
		return fmt.Errorf("close the writer: %w", err)
	}
	return nil
}

func (g *grouped) run(ctx context.Context, _ kind, fn func(session) error) error {
	for {
		if err := g.join(ctx, fn); !errors.Is(err, errAgain) {
			return err
		}
	}
}

// join runs fn in the next group.
func (g *grouped) join(ctx context.Context, fn func(session) error) error {
	m := &member{ctx: ctx, turn: make(chan struct{}), back: make(chan outcome, 1), result: make(chan error, 1)}
	select {
	case g.queue <- m:
	case <-ctx.Done():
		return ctx.Err()
	case <-g.quit:
		return errClosed
	}
	select {
	case <-m.turn:
	case err := <-m.result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := g.takeTurn(m, fn); err != nil {
		return err
	}
	// The work is done and its fate is known within a sync of the disk, so the
	// caller learns it even if it was canceled by now.
	return <-m.result
}

// takeTurn runs fn. Whatever fn does, the connection goes back.
func (g *grouped) takeTurn(m *member, fn func(session) error) error {
	out := stuck
	defer func() { m.back <- out }()
	if g.wary > 0 {
		g.wary--
		return g.inSavepoint(m.ctx, fn, &out)
	}
	g.session.wrote = false
	defer func() {
		if out == stuck && !g.session.wrote {
			out = undone
		}
	}()
	if err := fn(g.session); err != nil {
		return err
	}
	if g.session.ended() {
		return &engineError{g.dialect.name + ": the transaction was rolled back by the database"}
	}
	out = kept
	return nil
}

// inSavepoint runs fn in a savepoint and tells what became of it, also when fn does
// not return.
func (g *grouped) inSavepoint(ctx context.Context, fn func(session) error, out *outcome) (err error) {
	ctx = context.WithoutCancel(ctx)
	if _, err := g.session.exec(ctx, "SAVEPOINT member"); err != nil {
		return fmt.Errorf("begin: %w", g.dialect.mapError(err))
	}
	defer func() {
		if *out == kept {
			return
		}
		g.session.work.take()
		_, undo := g.session.exec(ctx, "ROLLBACK TO member")
		if undo == nil {
			_, undo = g.session.exec(ctx, "RELEASE member")
		}
		if undo == nil {
			*out = undone
		}
	}()
	if err := fn(g.session); err != nil {
		return err
	}
	// Here, so that a later member that has to see it does not write it within its
	// own savepoint.
	if err := g.writeOut(ctx, g.session); err != nil {
		return err
	}
	if _, err := g.session.exec(ctx, "RELEASE member"); err != nil {
		return fmt.Errorf("commit: %w", g.dialect.mapError(err))
	}
	*out = kept
	return nil
}

func (g *grouped) loop() {
	defer close(g.ended)
	for {
		select {
		case <-g.quit:
			return
		case m := <-g.queue:
			g.group(m)
			if g.uncopied >= checkpointAfter {
				g.uncopied = 0
				g.checkpoints.ask()
			}
		case <-g.restart:
			if _, _, err := g.session.checkpoint(context.Background()); err != nil {
				// The next one copies it, or SQLite itself does when the log is too long.
				g.checkpoints.failed(err)
			}
		}
	}
}

// group runs a group that begins with m and commits it.
func (g *grouped) group(m *member) {
	ctx := context.Background()
	if err := g.session.begin(ctx, g.dialect.begin); err != nil {
		m.result <- fmt.Errorf("begin: %w", g.dialect.mapError(err))
		return
	}
	var waiting []*member
	trusted := true
	began := time.Now()
	for taken := 0; m != nil; taken++ {
		switch g.serve(m) {
		case kept:
			waiting = append(waiting, m)
		case stuck:
			trusted = false
		case undone:
		}
		m = nil
		if trusted && taken < groupSize && time.Since(began) < groupTime {
			m, _ = anyMore(g.queue)
		}
	}
	var err error
	if trusted && g.writeOut(ctx, g.session) != nil {
		// Whose work it was that cannot be written shows in savepoints.
		trusted = false
	}
	if trusted {
		if err = g.session.commit(ctx); err != nil {
			err = fmt.Errorf("commit: %w", g.dialect.mapError(err))
		}
	} else {
		err, g.wary = errAgain, waryRuns
	}
	if !g.session.ended() {
		g.session.work.take()
		// A failure shows when the next group begins.
		_ = g.session.rollback(ctx)
	}
	g.uncopied += len(waiting)
	for _, w := range waiting {
		w.result <- err
	}
}

// serve gives the connection to a member and waits until it comes back.
func (g *grouped) serve(m *member) outcome {
	select {
	case m.turn <- struct{}{}:
		return <-m.back
	case <-m.ctx.Done():
		return undone
	}
}
