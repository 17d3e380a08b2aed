package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

const (
	// reconcileEvery is how often threads are looked over though nothing seems to be
	// missing.
	reconcileEvery = time.Hour
	// readAgainAfter is how old a comparison may get before the slow round reads the
	// thread again, and readsPerRound how many threads it so reads at most.
	readAgainAfter = 24 * time.Hour
	readsPerRound  = 60
	// closedFor is how long after an issue was closed its threads are compared.
	closedFor = 48 * time.Hour
	// settling is how old a message must be to be missed: one that was just written
	// may not be in every answer yet.
	settling = 10 * time.Second
	// historyTries is how often a call that failed in passing is made in a round.
	historyTries = 4
	// replayLease is how long one replica has a workspace to itself; it is prolonged
	// while it reads.
	replayLease = 5 * time.Minute
	// maxThreadPages bounds the reading of one thread.
	maxThreadPages = 2000
)

// reconciler compares the threads of one workspace's open work with what its
// platform keeps, so that what events did not tell is found.
//
// Whoever suspects that events were lost raises the number of gaps of the channels
// concerned. A thread is compared when its mark covers fewer gaps than there are,
// when its platform counts other replies than at the last comparison, and otherwise
// now and then. Marks move when everything found is committed.
type reconciler struct {
	*Engine
	workspace string
	// id tells this one from those of other replicas.
	id   string
	wake chan struct{}
}

// reconcilerOf gives a workspace's reconciler, nil where there is none.
func (e *Engine) reconcilerOf(workspace string) *reconciler {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.reconcilers[workspace]
}

// beginReconciling makes the reconciler of an attached platform that has a history.
func (e *Engine) beginReconciling(p chat.Platform) {
	if _, ok := p.(chat.Historian); !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	id := p.Workspace()
	if e.reconcilers[id] == nil {
		r := &reconciler{Engine: e, workspace: id, id: newID(), wake: make(chan struct{}, 1)}
		e.reconcilers[id] = r
		e.newReconcilers <- r
	}
}

// reconcile runs the reconcilers until ctx is done.
func (e *Engine) reconcile(ctx context.Context, run func(func())) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-e.newReconcilers:
			run(func() { r.run(ctx) })
		}
	}
}

func (r *reconciler) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run makes rounds until ctx is done: when something may be missing, and slowly
// besides.
func (r *reconciler) run(ctx context.Context) {
	next, failures, suspicious := r.reconcileEvery, 0, false
	for {
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-r.wake:
			timer.Stop()
			suspicious = true
		case <-timer.C:
		}
		err := r.round(ctx, suspicious)
		switch {
		case err == nil:
			next, failures, suspicious = r.reconcileEvery, 0, false
		case errors.Is(err, errUnsettled):
			next, failures = min(r.reconcileEvery, settling), 0
		case errors.Is(err, errReplaying):
			// The other may have begun before there was what we know of.
			next = min(r.reconcileEvery, replayLease/5)
		case ctx.Err() == nil:
			failures++
			next = min(r.reconcileEvery, backOff(failures+4))
			r.log.WarnContext(ctx, "replay: round not finished", "workspace", r.workspace, "retry_in", next, "err", err)
		}
	}
}

// errUnsettled is what a round comes to that has to be repeated shortly.
var errUnsettled = errors.New("something was too young to be missed")

// errReplaying is what a round comes to while another replica makes one.
var errReplaying = errors.New("another replica compares the threads of this workspace")

// round compares what has to be compared. Suspicious tells that events may have
// been lost, also those that tell what befell a channel.
func (r *reconciler) round(ctx context.Context, suspicious bool) error {
	p, ok := r.platform(r.workspace)
	if !ok {
		return nil
	}
	h, ok := p.(chat.Historian)
	if !ok {
		return nil
	}
	c := pass{reconciler: r, history: h, platform: p, began: r.now(), failed: map[string]bool{}}
	if err := c.hold(ctx); err != nil {
		return err
	}
	defer c.release(ctx)
	if suspicious {
		if err := c.findChannels(ctx); err != nil {
			return err
		}
	}
	return c.overAll(ctx)
}

// pass is one round.
type pass struct {
	*reconciler
	history  chat.Historian
	platform chat.Platform
	began    time.Time
	// failed are channels that could not be read.
	failed map[string]bool
	// held is when the lease was last prolonged.
	held time.Time
	// unsettled tells that something was too young to be missed.
	unsettled bool
	// again counts the threads that are read merely because it is long ago.
	again int
}

// urgency orders what is read: first where something is known to be missing.
type urgency int

const (
	changed urgency = iota
	suspected
	old
)

// reading is a thread to be read.
type reading struct {
	storage.Thread
	urgency urgency
	// root is what is known of it, nil for nothing yet.
	root *chat.Root
	// order is the age of the work.
	order int
}

func (p *pass) overAll(ctx context.Context) error {
	threads, err := p.live(ctx)
	if err != nil {
		return err
	}
	byChannel := map[string][]reading{}
	var channels []string
	for n, t := range threads {
		if t.Card.Former() && t.Complete() {
			continue
		}
		id := t.Card.Channel
		if byChannel[id] == nil {
			channels = append(channels, id)
		}
		byChannel[id] = append(byChannel[id], reading{Thread: t, order: n})
	}
	var errs []error
	var todo []reading
	for _, id := range channels {
		list, err := p.choose(ctx, id, byChannel[id])
		if err = p.trouble(ctx, id, byChannel[id], err); err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil || hopeless(err) {
			return errors.Join(append(errs, ctx.Err())...)
		}
		todo = append(todo, list...)
	}
	slices.SortStableFunc(todo, func(a, b reading) int {
		if a.urgency != b.urgency {
			return int(a.urgency - b.urgency)
		}
		return a.order - b.order
	})
	for _, t := range todo {
		if p.failed[t.Card.Channel] {
			continue
		}
		err := p.read(ctx, t)
		if err = p.trouble(ctx, t.Card.Channel, byChannel[t.Card.Channel], err); err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil || hopeless(err) {
			return errors.Join(append(errs, ctx.Err())...)
		}
	}
	errs = append(errs, p.caughtUp(ctx))
	if err := errors.Join(errs...); err != nil || !p.unsettled {
		return err
	}
	return errUnsettled
}

func (p *pass) live(ctx context.Context) (out []storage.Thread, err error) {
	err = p.store.View(ctx, p.desk, func(tx storage.Tx) (err error) {
		out, err = tx.LiveThreads(ctx, p.workspace, p.began.Add(-closedFor))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the live threads: %w", err)
	}
	return out, nil
}

// quiet tells whether a thread would not have to be read if its root told that
// nothing changed.
func (p *pass) quiet(t reading) bool {
	if t.Complete() {
		return !p.longAgo(t)
	}
	// An edit does not show at the root: where people said something, it is read.
	return t.Known == 0
}

func (p *pass) longAgo(t reading) bool { return p.began.Sub(t.Mark.ReadAt) >= readAgainAfter }

// choose finds out which threads of a channel have to be read. The roots are looked
// over, many with one call, as long as that saves more calls than it makes.
func (p *pass) choose(ctx context.Context, channel string, list []reading) ([]reading, error) {
	rest := map[string]*reading{}
	quiet := 0
	for i := range list {
		rest[list[i].Card.Message] = &list[i]
		if p.quiet(list[i]) {
			quiet++
		}
	}
	const many = 10 // A look over so many costs little beside reading them.
	worth := quiet >= 2 || len(list) >= many
	for worth && len(rest) > 0 {
		ids := make([]string, 0, len(rest))
		for id := range rest {
			ids = append(ids, id)
		}
		var told []chat.Root
		err := p.ask(ctx, func() (err error) {
			told, err = p.history.Roots(ctx, channel, ids)
			return err
		})
		if err != nil {
			return nil, err
		}
		saved, covered := 0, 0
		for _, root := range told {
			t := rest[root.Message]
			if t == nil {
				continue
			}
			covered++
			if p.quiet(*t) {
				saved++
			}
			t.root = &root
			delete(rest, root.Message)
		}
		worth = covered > 0 && (saved >= 2 || covered >= many)
	}
	var out []reading
	var done []storage.Mark
	for _, t := range list {
		switch {
		case t.root != nil && t.untouched():
			if !t.Complete() || t.Mark.ReadAt.IsZero() {
				done = append(done, p.mark(t, *t.root, p.began, 0))
			}
			continue
		case t.root != nil && t.differs():
			t.urgency = changed
		case !t.Complete():
			t.urgency = suspected
		case p.longAgo(t) && p.again < readsPerRound:
			p.again++
			t.urgency = old
		default:
			continue
		}
		out = append(out, t)
	}
	return out, p.keep(ctx, done)
}

// untouched tells that there is nothing to read: nobody has said anything, or nothing
// that was to be kept when it was read last.
func (t reading) untouched() bool {
	switch {
	case t.root.State == chat.RootUnknown:
		return true
	case t.Known > 0 || t.root.State != chat.RootThere && !t.Card.Former():
		return false
	}
	return t.root.Replies == 0 || !t.Mark.ReadAt.IsZero() && !t.differs()
}

// differs tells whether the root shows that something happened since the last
// comparison.
func (t reading) differs() bool {
	gone := t.root.State != chat.RootThere && !t.Card.Former()
	return gone || t.root.Replies != t.Mark.Replies || t.root.Latest != t.Mark.Latest
}

// read compares one thread with the platform and merges what is missing.
func (p *pass) read(ctx context.Context, t reading) error {
	began := p.now()
	// What the ledger holds is listed before the platform is asked: what is in the
	// list and not in the answer has gone, whatever arrives meanwhile.
	known, err := p.known(ctx, t.Card)
	if err != nil {
		return err
	}
	root, present, found, err := p.pages(ctx, t, known)
	if err != nil {
		return err
	}
	if root.State == chat.RootUnknown {
		return p.keep(ctx, []storage.Mark{p.mark(t, root, began, 0)})
	}
	for _, c := range known {
		if present[c.Source.Message] || !c.DeletedAt.IsZero() || c.Orphan {
			continue
		}
		if began.Sub(c.CreatedAt) < settling {
			// The thread stays suspected and is read again when it has settled.
			p.unsettled, t.Gap = true, t.Mark.Gap
			continue
		}
		err := p.merge(ctx, FoundDeletion, chat.Inbound{
			Key: historyKey(c.Source.Channel, c.Source.Message, "gone"), Workspace: p.workspace, At: began,
			Channel: c.Source.Channel, Body: chat.Deleted{Message: c.Source.Message, Thread: c.Source.Thread},
		})
		if err != nil {
			return err
		}
		found++
	}
	if root.State != chat.RootThere && !t.Card.Former() {
		err := p.merge(ctx, FoundNoCard, chat.Inbound{
			Key: historyKey(t.Card.Channel, t.Card.Message, "gone"), Workspace: p.workspace, At: began,
			Channel: t.Card.Channel, Body: chat.Deleted{Message: t.Card.Message, Own: true},
		})
		if err != nil {
			return err
		}
	}
	m := p.mark(t, root, began, found)
	if found > 0 {
		return p.keepFound(ctx, t.Card.Issue, m)
	}
	return p.keep(ctx, []storage.Mark{m})
}

// pages reads a thread from end to end and merges what is new in it. It gives the
// ids of everything that stands there.
func (p *pass) pages(ctx context.Context, t reading, known map[string]storage.Comment) (root chat.Root, present map[string]bool, found int, err error) {
	present = map[string]bool{}
	if t.root != nil && t.root.State == chat.RootGone {
		return *t.root, present, 0, nil
	}
	cursor := ""
	for n := range maxThreadPages {
		var page chat.Replies
		err := p.ask(ctx, func() (err error) {
			page, err = p.history.Replies(ctx, t.Card.Channel, t.Card.Message, cursor)
			return err
		})
		if n == 0 && chat.ReasonOf(err) == chat.NotFound {
			root, err := p.witness(ctx, t.Card)
			return root, present, 0, err
		}
		if err != nil {
			return root, nil, 0, err
		}
		if n == 0 {
			root = page.Root
		}
		for _, id := range page.Others {
			present[id] = true
		}
		for _, in := range page.Said {
			b, ok := in.Body.(chat.Said)
			if !ok {
				continue
			}
			present[b.Message] = true
			what := news(known, b)
			if what == "" {
				continue
			}
			if err := p.merge(ctx, what, in); err != nil {
				return root, nil, 0, err
			}
			found++
		}
		if page.Next == "" {
			return root, present, found, nil
		}
		cursor = page.Next
	}
	return root, nil, 0, errors.New("the thread has no end")
}

// witness finds out whether a thread that the platform does not have was deleted.
func (p *pass) witness(ctx context.Context, card storage.Card) (chat.Root, error) {
	unknown := chat.Root{Message: card.Message, State: chat.RootUnknown}
	var told []chat.Root
	err := p.ask(ctx, func() (err error) {
		told, err = p.history.Roots(ctx, card.Channel, []string{card.Message})
		return err
	})
	if err != nil || len(told) != 1 || told[0].State != chat.RootGone {
		return unknown, err
	}
	return told[0], nil
}

// news tells what a message is to the ledger, empty when it holds it already.
func news(known map[string]storage.Comment, b chat.Said) Finding {
	c, ok := known[b.Message]
	switch {
	case !ok || c.Orphan:
		return FoundMessage
	case b.EditedAt.After(c.EditedAt):
		return FoundEdit
	}
	return ""
}

func (p *pass) known(ctx context.Context, card storage.Card) (map[string]storage.Comment, error) {
	out := map[string]storage.Comment{}
	err := p.store.View(ctx, p.desk, func(tx storage.Tx) error {
		list, err := tx.Replies(ctx, card.Workspace, card.Channel, card.Message)
		for _, c := range list {
			out[c.Source.Message] = c
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the replies of a thread: %w", err)
	}
	return out, nil
}

// merge takes the way that events take.
func (p *pass) merge(ctx context.Context, what Finding, in chat.Inbound) error {
	in.FromHistory = true
	if _, err := p.Handle(ctx, in); err != nil {
		return fmt.Errorf("merge a %s that was missed: %w", what, err)
	}
	return nil
}

// historyKey identifies what history told about a message.
func historyKey(channel, message, what string) string {
	return "history:" + channel + ":" + message + ":" + what
}
