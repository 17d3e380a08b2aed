package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// lease is how long one attempt may take before another worker may try. After
	// a crash a lane rests that long, and it has to be shorter than the 30 seconds
	// for which Mattermost recognises a repeated post (pending_post_id).
	lease = 20 * time.Second
	// attemptFor bounds one attempt; it must be well within the lease.
	attemptFor = 15 * time.Second
	// inFlight is how many lanes of a workspace are served at once.
	inFlight = 32
	// transfers and transferFor are the same for files. Their lease is no longer, but
	// renewed every renewEvery while they are on their way: whoever crashes, or never
	// hears of a claim, keeps nobody else from them for minutes.
	transfers   = 4
	transferFor = 170 * time.Second
	renewEvery  = 5 * time.Second
	// letterLease and letterFor are for what is sent as letters.
	letterLease = 3 * time.Minute
	letterFor   = letterLease - 10*time.Second
	// claimEvery is the least time between two looks into the outbox, where looking is
	// slow. A burst of commits wakes the dispatcher once for all of them.
	claimEvery = 5 * time.Millisecond
	// claimShare is how many times as long as a look took it is until the next, where
	// looking is quick: it takes half of the time at most.
	claimShare = 2
	// look is how long the dispatcher sleeps at most.
	look = 5 * time.Second
	// firstBackOff and maxBackOff bound the waits between attempts.
	firstBackOff = time.Second
	maxBackOff   = 5 * time.Minute
)

// Run sends and schedules until ctx is done, and returns when what was begun has
// ended.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.renewButtons(ctx); err != nil && ctx.Err() == nil {
		e.log.WarnContext(ctx, "buttons are not renewed", "err", err)
	}
	var loops sync.WaitGroup
	loops.Go(func() { e.schedule(ctx) })
	loops.Go(func() { e.dispatch(ctx) })
	loops.Go(func() { e.reconcile(ctx, loops.Go) })
	loops.Wait()
	return nil
}

// dispatch gives each workspace that is attached a loop of its own until ctx is
// done: a workspace whose calls hang, or that has a great deal to say, takes nothing
// from another.
func (e *Engine) dispatch(ctx context.Context) {
	var loops sync.WaitGroup
	defer loops.Wait()
	served := map[string]bool{}
	if len(e.webhooks) > 0 {
		loops.Go(func() { e.serve(ctx, webhookWorkspace, webhookPool()) })
	}
	for {
		for _, w := range e.workspaces() {
			if !served[w] {
				served[w] = true
				for _, p := range e.pools(w) {
					loops.Go(func() { e.serve(ctx, p.lanes(w), p) })
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-e.attached:
		}
	}
}

func (e *Engine) workspaces() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Collect(maps.Keys(e.platforms))
}

// pool is a number of workers with lanes of their own.
type pool struct {
	workers int
	// lease and attempt are how long the two may take. A lease that is shorter is renewed
	// during the attempt.
	lease, attempt time.Duration
	// lanes gives the workspace of the pool's lanes for a platform's.
	lanes func(workspace string) string
	// abandons is true where an attempt has no effect that anybody sees: it is cut off
	// when the program stops. Any other is brought to an end, because cut off it would
	// be one whose effect nobody knows.
	abandons bool
}

// pools are what serves a workspace: messages, and the contents of files, which take
// long and must not hold up messages. What is said together takes its files along, and is
// taken by servers that have a long look at it.
func (e *Engine) pools(workspace string) []pool {
	messages := pool{workers: inFlight, lease: lease, attempt: attemptFor, lanes: func(workspace string) string { return workspace }}
	if e.bundles(workspace) {
		messages.lease, messages.attempt = letterLease, letterFor
	}
	return []pool{
		messages,
		{workers: transfers, lease: lease, attempt: transferFor, lanes: transferWorkspace, abandons: true},
	}
}

// serve claims and sends what waits for one workspace until ctx is done.
func (e *Engine) serve(ctx context.Context, workspace string, p pool) {
	var workers sync.WaitGroup
	defer workers.Wait()
	slots := make(chan struct{}, p.workers)
	wake := e.wakes.of(workspace)
	timer := time.NewTimer(0)
	defer timer.Stop()
	failures := 0
	for {
		claimed, looked, least := 0, time.Now(), claimEvery
		if free := p.workers - len(slots); free > 0 && ctx.Err() == nil {
			list, err := e.claim(ctx, workspace, free, p.lease)
			failures++
			if err == nil {
				failures, least = 0, min(claimEvery, claimShare*time.Since(looked))
			} else if ctx.Err() == nil {
				least = min(look, backOff(failures))
				e.log.WarnContext(ctx, "dispatcher: nothing claimed", "retry_in", least, "err", err)
			}
			claimed = len(list)
			for _, d := range list {
				slots <- struct{}{}
				workers.Go(func() {
					defer func() { <-slots; e.wakes.nudge(workspace) }()
					working := ctx
					if !p.abandons {
						working = context.WithoutCancel(ctx)
					}
					e.work(working, d, p, looked)
				})
			}
		}
		if claimed > 0 && len(slots) < p.workers {
			continue
		}
		if ctx.Err() != nil {
			return
		}
		if failures == 0 {
			timer.Reset(e.sleep(ctx, workspace))
			select {
			case <-ctx.Done():
				return
			case <-wake:
			case <-timer.C:
				continue
			}
		}
		timer.Reset(least - time.Since(looked))
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
	}
}

func (e *Engine) claim(ctx context.Context, workspace string, limit int, lease time.Duration) ([]storage.Delivery, error) {
	now := e.now()
	return e.store.Claim(ctx, storage.ClaimParams{Now: now, Until: now.Add(lease), Workspace: workspace, Limit: limit})
}

// sleep is how long until something waits no longer.
func (e *Engine) sleep(ctx context.Context, workspace string) time.Duration {
	next, err := e.store.NextDelivery(ctx, workspace)
	if err != nil || next.IsZero() {
		return look
	}
	return min(look, max(next.Sub(e.now()), time.Millisecond))
}

// work makes one attempt at what was claimed at a moment. A lane whose earlier attempt
// is still under way here has seen its lease run out by a clock that was set: two
// attempts at once would be two messages, so that the later one goes back until the
// earlier has ended.
func (e *Engine) work(ctx context.Context, d storage.Delivery, p pool, claimed time.Time) {
	end, earlier := e.busy.enter(d.Lane)
	defer end()
	if earlier != nil {
		<-earlier
		e.giveBack(ctx, d)
		return
	}
	attempt, cancel := context.WithTimeout(ctx, p.attempt)
	if p.lease < p.attempt {
		var renewing sync.WaitGroup
		defer renewing.Wait()
		renewing.Go(func() { e.renew(attempt, cancel, d, p.lease, claimed) })
	}
	defer cancel()
	e.deliver(attempt, d)
}

// renew keeps the lease of an attempt until ctx is done. One whose lease is somebody
// else's, or could not be renewed in time, is cut off: it would be one of two at once.
func (e *Engine) renew(ctx context.Context, cutOff func(), d storage.Delivery, lease time.Duration, renewed time.Time) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		at := time.Now()
		err := e.renewOnce(ctx, d, lease, min(recordFor, attemptFor-at.Sub(renewed)))
		switch {
		case err == nil:
			renewed = at
		case ctx.Err() != nil:
			return
		case errors.Is(err, storage.ErrConflict), time.Since(renewed) >= attemptFor:
			e.log.WarnContext(ctx, "dispatcher: lease lost", "workspace", d.Lane.Workspace, "channel", d.Lane.Name, "delivery", d.ID, "kind", d.Kind, "err", err)
			cutOff()
			return
		}
	}
}

// renewOnce is not broken off in the middle when the attempt ends, which would cost a
// connection to the database.
func (e *Engine) renewOnce(ctx context.Context, d storage.Delivery, lease, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	return e.store.Renew(ctx, d, e.now().Add(lease))
}

// giveBack lets a delivery be claimed anew, to be looked for before it is repeated.
func (e *Engine) giveBack(ctx context.Context, d storage.Delivery) {
	ctx, cancel := recording(ctx)
	defer cancel()
	err := e.store.Update(ctx, d.Desk, func(tx storage.Tx) error {
		return tx.Postpone(ctx, storage.PostponeParams{ID: d.ID, Token: d.Token, Ambiguous: true, LastError: "lease ran out"})
	})
	if err != nil && !errors.Is(err, storage.ErrConflict) {
		e.log.WarnContext(ctx, "dispatcher: not given back", "delivery", d.ID, "err", err)
	}
}

// deliver makes one attempt and records how it ended.
func (e *Engine) deliver(ctx context.Context, d storage.Delivery) {
	ctx = chat.WithTrace(ctx, d.Trace)
	began := time.Now()
	told := Delivered{
		Workspace: platformWorkspace(d.Lane), Kind: d.Kind, Outcome: "ok", Attempt: d.Attempts,
		Waited: e.now().Sub(d.CreatedAt), Began: began,
	}
	err := e.attempt(ctx, d)
	told.Took = time.Since(began)
	if err != nil {
		told.Reason = chat.OutcomeOf(err)
		told.Outcome, err = e.settle(ctx, d, err)
	}
	e.observe.Delivered(ctx, told)
	if err != nil && !errors.Is(err, storage.ErrConflict) {
		e.log.WarnContext(ctx, "dispatcher: outcome not recorded", "workspace", d.Lane.Workspace, "channel", d.Lane.Name, "delivery", d.ID, "kind", d.Kind, "err", err)
	}
}

// askAgainAfter is when a channel that seems to be gone is tried once more.
const askAgainAfter = 2 * time.Second

// settle decides how a failed delivery goes on: later, never, or when somebody has
// mended what is broken.
func (e *Engine) settle(ctx context.Context, d storage.Delivery, cause error) (string, error) {
	ctx, cancel := recording(ctx)
	defer cancel()
	var se *chat.SendError
	switch outstanding := e.now().Sub(d.FirstTriedAt); {
	case !errors.As(cause, &se):
		// Our own store failed, or a bug: nobody outside is to blame. What was to be
		// recorded may have been sent.
		e.log.WarnContext(ctx, "dispatcher: attempt failed on our side", "workspace", d.Lane.Workspace, "channel", d.Lane.Name, "delivery", d.ID, "kind", d.Kind, "err", cause)
		se = &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true, Err: cause}
	case se.Retry && se.Reason != chat.TooLarge && outstanding > letterPatience && waitsForMending(d.Kind) && e.bundles(d.Lane.Workspace):
		se = &chat.SendError{Reason: notTaken, Ambiguous: se.Ambiguous, Err: se}
	case se.Retry && se.Reason == chat.Withheld && outstanding > withheldPatience && waitsForMending(d.Kind):
		// It is tried on as all that is parked is, and the operators know.
		se = &chat.SendError{Reason: chat.Withheld, Ambiguous: se.Ambiguous, Err: se}
	}
	log := e.log.With("workspace", d.Lane.Workspace, "channel", d.Lane.Name, "delivery", d.ID, "kind", d.Kind, "reason", se.Reason, "attempt", d.Attempts)
	if goneOrOut(se.Reason) && waitsForMending(d.Kind) && d.Attempts == 1 {
		// Asked once more before the lane stops: whoever mended the channel just while
		// this attempt was under way has been heard already, and another replica may have
		// closed it a moment ago.
		e.places.forget()
		se = &chat.SendError{Reason: se.Reason, Retry: true, RetryAfter: askAgainAfter, Err: se}
	}
	if se.Retry {
		wait := backOff(d.Attempts)
		if se.RetryAfter > 0 {
			wait = se.RetryAfter
		}
		log.InfoContext(ctx, "dispatcher: postponed", "retry_in", wait)
		return "postponed", e.store.Update(ctx, d.Desk, func(tx storage.Tx) error {
			return tx.Postpone(ctx, storage.PostponeParams{
				ID: d.ID, Token: d.Token, NotBefore: e.now().Add(wait),
				Ambiguous: se.Ambiguous || d.Ambiguous, Uncounted: se.Reason == chat.RateLimited,
				LastError: string(se.Reason),
			})
		})
	}
	if stopsLane(se.Reason) && waitsForMending(d.Kind) {
		log.WarnContext(ctx, "dispatcher: lane parked", "err", cause)
		return "parked", e.park(ctx, d, se)
	}
	log.WarnContext(ctx, "dispatcher: dropped", "err", cause)
	return "dropped", e.drop(ctx, d, se)
}

// waitsForMending tells whether a delivery is of use whenever it gets through.
// What a person waits for is not: that person is told that it failed.
func waitsForMending(kind string) bool {
	switch kind {
	case deliverWhisper, deliverDirect, deliverInvite, deliverChannel, deliverRemove, deliverSync, deliverTakeBack, deliverFarewell, deliverArchive, deliverRestore:
		return false
	}
	return true
}

// goneOrOut tells whether a reason is one that people in the channel mend, by adding the
// bot or bringing the channel back.
func goneOrOut(r chat.Reason) bool { return r == chat.ChannelGone || r == chat.NotInChannel }

// stopsLane tells whether a reason concerns the whole destination and not the one
// message.
func stopsLane(r chat.Reason) bool {
	switch r {
	case chat.Unauthorised, chat.MissingScope, chat.ChannelGone, chat.NotInChannel, chat.PostingClosed, chat.RepliesClosed, chat.RootsClosed, chat.Withheld, chat.NoMailbox, chat.Refused, chat.EndpointGone, chat.EndpointSilent, channelShared, notTaken:
		return true
	default:
		return false
	}
}

const (
	// notTaken is why nothing more is sent to an address for a while, letterPatience how
	// long a letter is tried before the desk hears of it: as long as other mail programs
	// wait with that, too.
	notTaken       chat.Reason = "not_taken"
	letterPatience             = 4 * time.Hour
	// withheldPatience is how long a workspace may be kept from us before the desk hears of
	// it: one that joins an organisation is back sooner.
	withheldPatience = 15 * time.Minute
	// silencesTold is how many addresses are named whose letters are not taken. When there
	// are more, it is the server, and the summary has the others.
	silencesTold = 3
)

// toldOfSilence tells whether the desk knows that letters are not taken: of this address,
// from another thread with it, or of several; or that a workspace is kept from us.
func (t *turn) toldOfSilence(ctx context.Context, d storage.Delivery, reason chat.Reason) (bool, error) {
	if reason != notTaken && reason != chat.Withheld {
		return false, nil
	}
	parked, err := t.tx.Parked(ctx, d.Lane.Workspace, string(reason))
	if err != nil {
		return false, err
	}
	silent := map[string]bool{}
	for _, l := range parked {
		silent[laneChannel(l)] = true
	}
	if reason == chat.Withheld {
		return len(silent) > 0, nil
	}
	return silent[destination(d).channel] || len(silent) >= silencesTold, nil
}

// park stops a lane and tells the operators once, unless they have been told.
func (e *Engine) park(ctx context.Context, d storage.Delivery, se *chat.SendError) error {
	return e.changeFor(ctx, d, func(t *turn) error {
		told, err := t.toldOfSilence(ctx, d, se.Reason)
		if err != nil {
			return err
		}
		if err := t.tx.Postpone(ctx, storage.PostponeParams{ID: d.ID, Token: d.Token, Ambiguous: d.Ambiguous || se.Ambiguous, LastError: string(se.Reason)}); err != nil {
			return err
		}
		first, err := t.tx.Park(ctx, d.Lane, string(se.Reason), e.now())
		if err != nil || !first || told {
			return err
		}
		if d.Kind == deliverWebhook {
			return t.tell(ctx, storage.OperationsChannel, t.toDesk().WebhookStopped(d.Lane.Name, se.Reason))
		}
		ch, err := t.tx.Channel(ctx, d.Lane.Workspace, destination(d).channel)
		if err != nil || ch.Kind == storage.OperationsChannel {
			// The operators' own channel is what is broken: doctor and the log tell.
			return nil
		}
		return t.tell(ctx, storage.OperationsChannel, chat.Message{
			Tone: chat.Bad,
			Text: chat.T(t.present.Say("I cannot post to %s (%s). What is meant for it waits there and goes out when this is mended.", ch.Name, t.present.Term(parkedWhy(se.Reason)))),
		})
	})
}

func parkedWhy(r chat.Reason) string {
	switch r {
	case chat.ChannelGone:
		return present.Later("the channel is archived or gone")
	case channelShared:
		return present.Later("the channel is shared with another company")
	case chat.NotInChannel:
		return present.Later("I am not in the channel; add me again")
	case chat.PostingClosed:
		return present.Later("its settings let me write nothing there; allow it")
	case chat.RepliesClosed:
		return present.Later("its settings allow no replies in threads; allow them")
	case chat.RootsClosed:
		return present.Later("its settings let me only reply in threads there; allow me to post")
	case chat.Withheld:
		return present.Later("its organisation asks for a sign-in or withholds the keys; ask who runs it")
	case chat.MissingScope:
		return present.Later("the app lacks a permission; install it again")
	case chat.NoMailbox:
		return present.Later("the mail server says that nobody has this address")
	case chat.Refused:
		return present.Later("the mail server of this address refuses our messages")
	case notTaken:
		return present.Later("the mail server has taken no letter to it for four hours")
	case chat.EndpointGone:
		return present.Later("it answers that it is gone (410)")
	case chat.EndpointSilent:
		return present.Later("it has taken nothing for three days")
	default:
		return present.Later("the app's token is no longer good; install it again")
	}
}

// eventDropped is the event of a delivery that was given up.
const eventDropped = "delivery_dropped"

// drop gives a delivery up that can never succeed.
func (e *Engine) drop(ctx context.Context, d storage.Delivery, se *chat.SendError) error {
	end := func(t *turn) error { return t.tx.Delivered(ctx, d.ID, d.Token) }
	if stopsLane(se.Reason) {
		// The lane may be parked, and stays so.
		end = func(t *turn) error { return t.tx.GiveUp(ctx, d.ID, d.Token) }
	}
	return e.ended(ctx, d, end, func(t *turn) error {
		return t.dropped(ctx, d, se, string(se.Reason))
	})
}

// dropped tells whoever waits for a delivery that it was given up, and writes down why.
func (t *turn) dropped(ctx context.Context, d storage.Delivery, se *chat.SendError, why string) (err error) {
	switch d.Kind {
	case deliverInvite:
		err = t.inviteFailed(ctx, d, se)
	case deliverChannel:
		err = t.openingFailed(ctx, d, se)
	case deliverRemove:
		err = t.removalFailed(ctx, d)
	case deliverArchive, deliverRestore:
		err = t.archiveFailed(ctx, d)
	case deliverSync:
		err = t.lookFailed(ctx, d)
	}
	if err != nil {
		return err
	}
	issue, err := t.issueOf(ctx, d)
	if err != nil {
		return err
	}
	return t.record(ctx, issue, workflow.Event{
		Kind: eventDropped,
		Data: map[string]string{"kind": d.Kind, "reason": why, "channel": d.Lane.Name},
	})
}

// backOff grows with the attempts and is spread, so that many lanes that failed
// together do not come back together.
func backOff(attempts int) time.Duration {
	wait := firstBackOff << min(max(attempts-1, 0), 10)
	wait = min(wait, maxBackOff)
	return wait/2 + rand.N(wait/2+1)
}

func (e *Engine) platformFor(d storage.Delivery) (chat.Platform, error) {
	p, ok := e.platform(platformWorkspace(d.Lane))
	if !ok {
		return nil, fmt.Errorf("the workspace %s is not connected", d.Lane.Workspace)
	}
	return p, nil
}
