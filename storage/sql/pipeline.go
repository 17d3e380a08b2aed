package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pipelined runs functions on PostgreSQL. Those of a desk that come together share
// a transaction and run side by side: whenever all of them wait for a statement,
// the statements travel in one message, and the commit is one for all. So a round
// trip, a message and a synchronisation of the disk serve many.
//
// A desk has one such transaction at a time, also across replicas, which is what
// keeps its history in order and its transactions from blocking each other for
// ever. Within it, functions that read the same in order to write it wait for each
// other; see session.lock. When one fails after it has written, all is undone and
// each runs again in a transaction of its own.
type pipelined struct {
	single *single

	mu     sync.Mutex
	desks  map[string]chan *rider
	quit   chan struct{}
	once   sync.Once
	groups sync.WaitGroup
}

// rider is one caller of a group.
type rider struct {
	ctx context.Context
	// alone asks for a group of its own.
	alone bool
	// turn gives the caller a session; result is whether the group was committed, or
	// errAgain.
	turn   chan *riderSession
	result chan error
}

func newPipelined(s *single) *pipelined {
	return &pipelined{single: s, desks: make(map[string]chan *rider), quit: make(chan struct{})}
}

// close lets the groups that run end; callers that still wait are told.
func (p *pipelined) close() error {
	p.once.Do(func() { close(p.quit) })
	p.groups.Wait()
	return nil
}

func (p *pipelined) run(ctx context.Context, k kind, fn func(session) error) error {
	if k.desk == "" {
		return p.single.run(ctx, fn)
	}
	alone := k.alone
	for {
		if err := p.join(ctx, k.desk, alone, fn); !errors.Is(err, errAgain) {
			return err
		}
		alone = true
	}
}

// join runs fn in the desk's next group.
func (p *pipelined) join(ctx context.Context, desk string, alone bool, fn func(session) error) error {
	r := &rider{ctx: ctx, alone: alone, turn: make(chan *riderSession, 1), result: make(chan error, 1)}
	select {
	case p.queue(desk) <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-p.quit:
		return errClosed
	}
	// From here on the group counts on us, also if we are canceled.
	select {
	case s := <-r.turn:
		if err := s.take(fn); err != nil {
			return err
		}
		return <-r.result
	case err := <-r.result:
		return err
	}
}

// queue is where a desk's callers wait. A desk has its own, which lives as long as
// the store.
func (p *pipelined) queue(desk string) chan *rider {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, ok := p.desks[desk]
	if !ok {
		q = make(chan *rider)
		p.desks[desk] = q
		p.groups.Go(func() { p.loop(desk, q) })
	}
	return q
}

func (p *pipelined) loop(desk string, queue chan *rider) {
	var next *rider
	for {
		if next == nil {
			select {
			case <-p.quit:
				return
			case next = <-queue:
			}
		}
		next = p.group(desk, next, queue)
	}
}

// group runs a group that begins with first and commits it. It returns a caller who
// wants the next group alone.
func (p *pipelined) group(desk string, first *rider, queue chan *rider) (next *rider) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// Somebody who has given up must not wait for a connection.
	opening, stop := context.WithCancel(first.ctx)
	defer stop()
	taken, err := p.single.pool.get(opening)
	if err != nil {
		first.result <- p.single.dialect.mapError(err)
		return nil
	}
	conn, ok := taken.(*postgresSession)
	if !ok {
		p.single.pool.put(taken, true)
		first.result <- fmt.Errorf("begin: unexpected %T", taken)
		return nil
	}
	g := &convoy{session: conn, dialect: p.single.dialect, cancel: cancel, events: make(chan event, groupSize), locks: map[string]*groupLock{}}
	broken := true
	defer func() { p.single.pool.put(conn, broken) }()

	if err := conn.begin(ctx, g.dialect.begin); err != nil {
		first.result <- err
		return nil
	}
	conn.pending.Queue("SELECT pg_advisory_xact_lock($1)", lockNumber("desk", desk))
	g.admit(first)
	began := time.Now()
	for {
		for next == nil && !first.alone && len(g.riders) < groupSize && time.Since(began) < groupTime {
			r, ok := anyMore(queue)
			if !ok {
				break
			}
			if r.alone {
				next = r
				break
			}
			g.admit(r)
		}
		if !g.round(ctx) {
			break
		}
	}
	err = g.finish(ctx, p.single.writeOut)
	broken = g.broken
	for _, r := range g.riders {
		r.rider.result <- err
	}
	return next
}

// convoy is a group of PostgreSQL under way.
type convoy struct {
	session *postgresSession
	dialect dialect
	cancel  context.CancelFunc
	events  chan event
	riders  []*riderSession
	// running is how many functions are at work and wait for nothing, waiting how many
	// wait for another's lock, asking the statements that others wait for.
	running, waiting int
	asking           []*riderSession
	// failed is true when the transaction cannot be committed, broken when the state
	// of the connection is not known.
	failed, broken bool
	// kept is how many functions want their work committed.
	kept int

	mu    sync.Mutex
	locks map[string]*groupLock
	// active and gone are how many callers there are, and how many of them have been
	// canceled: what serves nobody any more is given up.
	active, gone int
}

// event is what a function tells its group.
type event struct {
	from *riderSession
	what eventKind
}

type eventKind int

const (
	asks eventKind = iota
	waits
	ended
)

// admit lets a caller begin.
func (g *convoy) admit(r *rider) {
	s := &riderSession{group: g, rider: r, reply: make(chan error, 1)}
	g.riders = append(g.riders, s)
	g.running++
	g.mu.Lock()
	g.active++
	g.mu.Unlock()
	s.stop = context.AfterFunc(r.ctx, func() { g.count(0, 1) })
	r.turn <- s
}

// count notes callers that came, went or were canceled.
func (g *convoy) count(active, gone int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.active += active
	g.gone += gone
	if g.active > 0 && g.gone == g.active {
		g.cancel()
	}
}

// round waits until no function can go on and runs the statements they ask for. It
// returns false when all have ended.
func (g *convoy) round(ctx context.Context) bool {
	for g.running > 0 {
		e := <-g.events
		g.running--
		switch e.what {
		case asks:
			g.asking = append(g.asking, e.from)
		case waits:
			g.waiting++
		case ended:
			g.end(e.from)
		}
	}
	switch {
	case len(g.asking) > 0:
		g.send(ctx)
	case g.waiting > 0:
		// They wait for each other.
		g.failed = true
		g.unlockAll()
	default:
		return false
	}
	return true
}

// finish commits, or undoes all.
func (g *convoy) finish(ctx context.Context, writeOut func(context.Context, session) error) error {
	err := errAgain
	if !g.failed && g.kept > 0 {
		err = writeOut(ctx, g.session)
		if err == nil {
			err = g.session.commit(ctx)
		}
		if err == nil {
			return nil
		}
		// Where the server says that it did not commit, it shows whose fault that is
		// when each runs alone. Where it says nothing, nobody knows what it did.
		if refused := new(pgconn.PgError); len(g.riders) > 1 && errors.As(err, &refused) {
			err = errAgain
		} else {
			err = fmt.Errorf("commit: %w", g.dialect.mapError(err))
		}
	}
	g.session.work.take()
	g.broken = g.session.rollback(ctx) != nil
	return err
}

// end takes in what an ended function leaves behind and lets go of its locks.
func (g *convoy) end(s *riderSession) {
	if s.stop() {
		g.count(-1, 0)
	} else {
		g.count(-1, -1)
	}
	switch s.out {
	case kept:
		g.kept++
		for _, st := range s.pending {
			g.session.pending.Queue(st.query, st.args...)
		}
	case stuck:
		g.failed = true
	case undone:
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, name := range s.held {
		for _, next := range g.locks[name].leave(s) {
			g.resume(next, nil)
		}
	}
}

// unlockAll sends away those who wait for a lock.
func (g *convoy) unlockAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range g.locks {
		for _, w := range l.waiting {
			g.resume(w.session, errAgain)
		}
		l.waiting = nil
	}
}

// resume ends a function's wait for a lock.
func (g *convoy) resume(s *riderSession, err error) {
	g.waiting--
	g.running++
	s.reply <- err
}

// send runs the statements that are asked for, in one message.
func (g *convoy) send(ctx context.Context) {
	asking := g.asking
	g.asking = nil
	g.running += len(asking)
	if g.failed {
		for _, s := range asking {
			s.reply <- errAgain
		}
		return
	}
	batch := g.session.pending
	g.session.pending = &pgx.Batch{}
	left := batch.Len()
	for _, s := range asking {
		for _, st := range s.pending {
			batch.Queue(st.query, st.args...)
		}
	}
	results := g.session.conn.SendBatch(ctx, batch)
	var failure error
	for ; left > 0 && failure == nil; left-- {
		_, failure = results.Exec()
	}
	answers := make([]error, len(asking))
	for n, s := range asking {
		if failure != nil {
			answers[n] = errAgain
			continue
		}
		for _, st := range s.pending {
			if s.changed, failure = st.read(results); failure != nil {
				break
			}
		}
		answers[n] = failure
	}
	if end := results.Close(); failure == nil && end != nil {
		failure = end
	}
	if failure != nil {
		g.failed = true
		for n := range answers {
			// A failure may be another's doing, unless there is nobody else.
			answers[n] = errAgain
			if len(g.riders) == 1 {
				answers[n] = failure
			}
		}
	}
	for n, s := range asking {
		s.pending = s.pending[:0]
		s.reply <- answers[n]
	}
}

// riderSession is a group's connection as one of its functions sees it.
type riderSession struct {
	group *convoy
	rider *rider
	// stop ends the watch for the caller's cancellation.
	stop    func() bool
	pending []statement
	reply   chan error
	changed int64
	wrote   bool
	out     outcome
	held    []string
}

// take runs fn. Whatever fn does, the group goes on.
func (s *riderSession) take(fn func(session) error) error {
	s.out = stuck
	defer func() { s.group.events <- event{s, ended} }()
	if err := fn(s); err != nil {
		if !s.wrote {
			s.out = undone
		}
		return err
	}
	s.out = kept
	return nil
}

// ask waits until the group has run what is pending.
func (s *riderSession) ask(ctx context.Context, st statement) (int64, error) {
	if err := errors.Join(ctx.Err(), plainAll(st.args)); err != nil {
		return 0, err
	}
	s.pending = append(s.pending, st)
	s.group.events <- event{s, asks}
	err := <-s.reply
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return s.changed, err
}

// begin, commit, rollback and close are the group's.
func (s *riderSession) begin(context.Context, string) error { return errNotYours }
func (s *riderSession) commit(context.Context) error        { return errNotYours }
func (s *riderSession) rollback(context.Context) error      { return errNotYours }
func (s *riderSession) close(bool) error                    { return errNotYours }

func (s *riderSession) exec(ctx context.Context, query string, args ...any) (int64, error) {
	n, err := s.ask(ctx, statement{query: query, args: args})
	s.wrote = s.wrote || n > 0 || err != nil
	return n, err
}

func (s *riderSession) each(ctx context.Context, query string, row func(func(...any) error) error, args ...any) error {
	n, err := s.ask(ctx, statement{query: query, args: args, row: row})
	s.wrote = s.wrote || n > 0 && !reads(query)
	return err
}

func (s *riderSession) later(_ context.Context, query string, args ...any) error {
	if err := plainAll(args); err != nil {
		return err
	}
	s.wrote = true
	s.pending = append(s.pending, statement{query: query, args: args})
	return nil
}

func (s *riderSession) lock(_ context.Context, m lockMode, name string) error {
	g := s.group
	g.mu.Lock()
	l, ok := g.locks[name]
	if !ok {
		l = &groupLock{}
		g.locks[name] = l
	}
	got := l.join(s, m)
	g.mu.Unlock()
	s.held = append(s.held, name)
	if got {
		return nil
	}
	g.events <- event{s, waits}
	return <-s.reply
}

func (s *riderSession) postponed() *postponed { return &s.group.session.work }

var errNotYours = errors.New("the transaction is shared")
