package sqlstore

import (
	"context"
	"fmt"
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

// grouped runs functions one after another, first come, first served, each in a
// savepoint of a transaction that all of a group share. It does not linger: a
// group ends as soon as nobody waits.
type grouped struct {
	session *session
	dialect dialect
	queue   chan *member
	quit    chan struct{}
	ended   chan struct{}
	once    sync.Once
}

// member is one caller of a group.
type member struct {
	ctx context.Context
	// turn gives the connection to the caller, back tells that it is done with it.
	turn chan struct{}
	back chan outcome
	// result is whether the group was committed.
	result chan error
}

// outcome is how a member's turn ended.
type outcome int

const (
	// kept asks for the savepoint's work to be committed.
	kept outcome = iota
	// undone says that the savepoint was rolled back.
	undone
	// stuck says that it could not be, so that the group cannot be trusted.
	stuck
)

func newGrouped(s *session, d dialect) *grouped {
	g := &grouped{
		session: s,
		dialect: d,
		queue:   make(chan *member),
		quit:    make(chan struct{}),
		ended:   make(chan struct{}),
	}
	go g.loop()
	return g
}

// close lets the group that runs end; callers that still wait are told.
func (g *grouped) close() error {
	g.once.Do(func() { close(g.quit) })
	<-g.ended
	if err := g.session.close(); err != nil {
		return fmt.Errorf("close the writer: %w", err)
	}
	return nil
}

func (g *grouped) run(ctx context.Context, _ kind, fn func(*session) error) error {
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

// takeTurn runs fn in a savepoint. Whatever fn does, the connection goes back.
func (g *grouped) takeTurn(m *member, fn func(*session) error) (err error) {
	ctx := context.WithoutCancel(m.ctx)
	out := stuck
	defer func() { m.back <- out }()
	if _, err := g.session.exec(ctx, "SAVEPOINT member"); err != nil {
		return fmt.Errorf("begin: %w", g.dialect.mapError(err))
	}
	finished := false
	defer func() {
		if finished && err == nil {
			return
		}
		_, undo := g.session.exec(ctx, "ROLLBACK TO member")
		if undo == nil {
			_, undo = g.session.exec(ctx, "RELEASE member")
		}
		if undo == nil {
			out = undone
		}
	}()
	if err := fn(g.session); err != nil {
		return err
	}
	if _, err := g.session.exec(ctx, "RELEASE member"); err != nil {
		return fmt.Errorf("commit: %w", g.dialect.mapError(err))
	}
	finished, out = true, kept
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
		}
	}
}

// group runs a group that begins with m and commits it.
func (g *grouped) group(m *member) {
	ctx := context.Background()
	if _, err := g.session.exec(ctx, g.dialect.begin); err != nil {
		m.result <- fmt.Errorf("begin: %w", g.dialect.mapError(err))
		return
	}
	var waiting []*member
	end := "COMMIT"
	began := time.Now()
	for taken := 0; m != nil; taken++ {
		switch g.serve(m) {
		case kept:
			waiting = append(waiting, m)
		case stuck:
			end = "ROLLBACK"
		case undone:
		}
		m = nil
		if end == "COMMIT" && taken < groupSize && time.Since(began) < groupTime {
			select {
			case m = <-g.queue:
			default:
			}
		}
	}
	_, err := g.session.exec(ctx, end)
	if err != nil {
		err = fmt.Errorf("commit: %w", g.dialect.mapError(err))
		// A commit that failed may leave the transaction open; one that is not open
		// cannot be rolled back, and that error says nothing new.
		_, _ = g.session.exec(ctx, "ROLLBACK")
	} else if end != "COMMIT" {
		err = &engineError{g.dialect.name + ": another transaction of the same group could not be undone"}
	}
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
