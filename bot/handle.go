package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// turn is the handling of one inbound inside one transaction. A new one is made
// each time the transaction is run.
type turn struct {
	*Engine
	tx    storage.Tx
	in    chat.Inbound
	actor workflow.Actor
	// place is the desk's channel it happened in, nil for any other.
	place *storage.Channel
	// settings are how the desk works, zone is the time zone of who asks, else of their
	// firm, else the desk's.
	settings *settings.Settings
	zone     *time.Location
	// ready is what the platform was asked before the transaction.
	ready ready
	now   time.Time
	// trace is the id of the way from this inbound to what is sent because of it.
	trace string
	// await, when set, names an outcome of the dispatcher that completes the
	// answer.
	await *awaited
	// typed is how the command is written that was typed.
	typed string
	// entry, when set, completes the answer with a way into the browser.
	entry *entry
	// cards are those of the issues looked at so far; see cardsOf. pressed is the issue of
	// a button, as it was before anything was done; see bearer.
	cards   map[string][]storage.Card
	pressed *storage.Issue
	// present is the engine's, with the turn's zone and the words for who asks.
	present *present.Presenter
	// quiet, when set, takes the notices that would be sent.
	quiet *[]workflow.Notice
	// audits are written down even when the turn is undone.
	audits []workflow.Event
	// committed are run after the commit.
	committed []func()
}

// Handle implements chat.Handler.
func (e *Engine) Handle(ctx context.Context, in chat.Inbound) (chat.Answer, error) {
	began := time.Now()
	if chat.TraceOf(ctx) == "" {
		ctx = chat.WithTrace(ctx, chat.NewTrace(in.Workspace, in.Key))
	}
	kind := bodyKind(in.Body)
	answer, outcome, err := e.handle(ctx, in)
	if err != nil {
		outcome = "failed"
		about := []any{"workspace", in.Workspace, "channel", in.Channel, "kind", kind, "key", in.Key, "err", err}
		if errors.Is(err, context.Canceled) && errors.Is(ctx.Err(), context.Canceled) {
			// What is due stays due, and what a platform tells comes again.
			e.log.InfoContext(ctx, "intake: cut off by a stop, or by whoever sent it", about...)
		} else {
			e.log.ErrorContext(ctx, "intake: not handled", about...)
		}
		if in.Final && in.Raw != nil {
			// It does not come again: it is kept to be replayed, and that is as good
			// as handled for the platform.
			if kept := e.keep(ctx, in, kind, err.Error()); kept == nil {
				outcome, err = "kept", nil
			}
		}
	}
	h := Handled{Workspace: in.Workspace, Kind: kind, Outcome: outcome, Began: began, Took: time.Since(began)}
	if outcome == "refused" {
		h.Refusal = answer.Refused
	}
	e.observe.Handled(ctx, h)
	e.logHandled(ctx, in, h)
	return answer, err
}

// logHandled says what became of an inbound. What changed nothing is said in
// detail only: a busy workspace has much of it.
func (e *Engine) logHandled(ctx context.Context, in chat.Inbound, h Handled) {
	level := slog.LevelInfo
	if h.Outcome == "ignored" || h.Outcome == "repeat" || h.Outcome == "failed" {
		level = slog.LevelDebug
	}
	if !e.log.Enabled(ctx, level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, 6),
		slog.String("workspace", in.Workspace), slog.String("channel", in.Channel),
		slog.String("kind", h.Kind), slog.String("outcome", h.Outcome), slog.Duration("took", h.Took))
	if h.Refusal != "" {
		attrs = append(attrs, slog.String("refusal", h.Refusal))
	}
	e.log.LogAttrs(ctx, level, "intake: handled", attrs...)
}

// accessTries bounds how often an inbound is looked at anew because who may do
// what has changed meanwhile.
const accessTries = 5

// accessWait is what the waits between those tries are made of: none at first, then
// once, four and nine times as long, as a commit takes a few milliseconds.
const accessWait = 2 * time.Millisecond

func (e *Engine) handle(ctx context.Context, in chat.Inbound) (answer chat.Answer, outcome string, err error) {
	wait := time.NewTimer(0)
	defer wait.Stop()
	for try := range accessTries {
		answer, outcome, err = e.once(ctx, in)
		if !errors.Is(err, storage.ErrStale) {
			break
		}
		// What has changed may be on its way to the disk by another connection.
		wait.Reset(time.Duration(try*try) * accessWait)
		select {
		case <-wait.C:
		case <-ctx.Done():
		}
		if err := e.roster.catchUp(ctx); err != nil {
			return chat.Answer{}, "", err
		}
	}
	return answer, outcome, err
}

// once handles an inbound by what this process knows of who may do what, or fails
// with storage.ErrStale when that is no longer so.
func (e *Engine) once(ctx context.Context, in chat.Inbound) (chat.Answer, string, error) {
	if !e.known(in.Workspace) {
		return chat.Answer{}, "ignored", nil
	}
	access, err := e.roster.version(ctx)
	if err != nil {
		return chat.Answer{}, "", err
	}
	place, err := e.places.find(ctx, in.Workspace, in.Channel)
	if err != nil {
		return chat.Answer{}, "", err
	}
	if place == nil && !concernsUs(in) || ownEcho(in.Body) {
		return chat.Answer{}, "ignored", nil
	}
	if u, ok := in.Body.(chat.Unknown); ok {
		if place == nil && in.Channel != "" {
			// Of a channel that is not ours, and so none of our business.
			return chat.Answer{}, "ignored", nil
		}
		err := e.keep(ctx, in, u.Type, "of a type that is not understood")
		return chat.Answer{}, "kept", err
	}
	tk, unopened := e.ticketOf(in)
	if errors.Is(unopened, ticket.ErrForged) {
		return e.refuseForged(ctx, in), "refused", nil
	}
	prepared := e.prepare(ctx, in, tk)
	prepared.ticket, prepared.ticketErr = tk, unopened
	rules, err := e.rules.current(ctx)
	if err != nil {
		return chat.Answer{}, "", err
	}
	actor, err := e.roster.actor(ctx, in, place)
	if err != nil {
		return chat.Answer{}, "", err
	}
	return e.commit(ctx, access, turn{
		Engine: e, in: in, actor: withRights(actor, rules), place: place,
		settings: rules, ready: prepared, trace: chat.TraceOf(ctx),
	})
}

// errRefused undoes what a turn wrote that was refused.
var errRefused = errors.New("refused")

// commit decides an inbound in one transaction, and then does what waits for that. A turn
// is made of draft each time a transaction is run.
func (e *Engine) commit(ctx context.Context, access int64, draft turn) (answer chat.Answer, outcome string, err error) {
	var done *turn
	update := func(decide func(t *turn) error) error {
		return e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
			done.undone()
			t := draft
			t.tx, t.now = tx, e.now()
			t.by(t.settings)
			done = &t
			return decide(&t)
		})
	}
	err = update(func(t *turn) (err error) {
		answer, outcome, err = t.decideOnce(ctx, access)
		return err
	})
	if errors.Is(err, errRefused) {
		// What is kept of a refusal is that it was one.
		refusal, audits := answer, done.audits
		err = update(func(t *turn) (err error) {
			answer, outcome, err = t.refuseOnce(ctx, access, refusal, audits)
			return err
		})
	}
	switch {
	case err == nil:
		done.afterCommit()
	case errors.Is(err, errFormUsed):
		done.undone()
		twice := workflow.Refuse(workflow.Conflict, "This form was sent already. Close it; nothing was done twice.")
		return refused(draft.in, twice, done.present.Refusal(twice)), "refused", nil
	default:
		done.undone()
		return chat.Answer{}, "", err
	}
	if outcome == "ok" && done.await != nil {
		answer = done.spelled(e.complete(ctx, done.await, answer))
	}
	if done.entry != nil {
		if answer = done.settleEntry(ctx, answer); answer.Refused != "" {
			outcome = "refused"
		}
	}
	return answer, outcome, nil
}

// decideOnce decides an inbound unless that was done before, and remembers its answer. With
// a refusal it fails, so that nothing stays of what was written before it: errRefused.
func (t *turn) decideOnce(ctx context.Context, access int64) (answer chat.Answer, outcome string, err error) {
	fresh, prior, err := t.remember(ctx, access)
	if err != nil {
		return answer, "", err
	}
	if !fresh {
		answer, t.entry = recall(t.in, prior)
		return answer, "repeat", nil
	}
	answer, err = t.decide(ctx)
	if refusal, ok := errors.AsType[*workflow.Refusal](err); ok {
		return t.spelled(refused(t.in, refusal, t.whoMay(ctx, refusal))), "refused", errRefused
	}
	if err != nil {
		return answer, "", err
	}
	answer = t.spelled(answer)
	return answer, "ok", t.rememberAnswer(ctx, answer)
}

// refuseOnce remembers that an inbound was refused, unless somebody was quicker.
func (t *turn) refuseOnce(ctx context.Context, access int64, refusal chat.Answer, audits []workflow.Event) (answer chat.Answer, outcome string, err error) {
	fresh, prior, err := t.remember(ctx, access)
	if err != nil {
		return answer, "", err
	}
	if !fresh {
		answer, t.entry = recall(t.in, prior)
		return answer, "repeat", nil
	}
	if err := t.record(ctx, "", audits...); err != nil {
		return answer, "", err
	}
	return refusal, "refused", t.rememberAnswer(ctx, refusal)
}

// remember notes that an inbound is dealt with. Of one that was before, it gives the answer.
func (t *turn) remember(ctx context.Context, access int64) (fresh bool, prior []byte, err error) {
	fresh, prior, err = t.tx.Remember(ctx, storage.Memory{Workspace: t.in.Workspace, Key: t.in.Key, At: t.now, Access: access, Answered: answered(t.in.Body)})
	if err != nil {
		return false, nil, fmt.Errorf("remember the inbound: %w", err)
	}
	return fresh, prior, nil
}

// undone forgets that somebody waits for what comes of a turn that was not committed.
func (t *turn) undone() {
	if t != nil && t.await != nil {
		t.outcomes.forget(t.await.ref)
	}
}

// answered tells whether who caused an inbound mostly gets an answer to it.
func answered(b chat.Body) bool {
	switch b.(type) {
	case chat.Command, chat.Click, chat.Submitted, chat.Picked, chat.Request:
		return true
	default:
		return false
	}
}

// decide finds the part of the bot that an inbound is for.
func (t *turn) decide(ctx context.Context) (chat.Answer, error) {
	switch b := t.in.Body.(type) {
	case chat.Said:
		return chat.Answer{}, t.said(ctx, b)
	case chat.Edited:
		return chat.Answer{}, t.edited(ctx, b)
	case chat.Deleted:
		return chat.Answer{}, t.deleted(ctx, b)
	case chat.Unpinned:
		return chat.Answer{}, t.boardUnpinned(ctx, b)
	case chat.Click:
		return t.click(ctx, b)
	case chat.Submitted:
		return t.submitted(ctx, b)
	case chat.Command:
		return t.command(ctx, b)
	case chat.HomeOpened:
		return chat.Answer{}, t.homeOpened(ctx)
	case chat.Picked:
		return t.picked(ctx, b)
	case chat.Request:
		return t.request(ctx, b)
	case chat.Deadline:
		return chat.Answer{}, t.deadline(ctx, b)
	case chat.Joined:
		return chat.Answer{}, t.joined(ctx)
	case chat.Left:
		return chat.Answer{}, t.left(ctx)
	case chat.ChannelChanged:
		return chat.Answer{}, t.channelChanged(ctx, b)
	case chat.InviteChanged:
		return chat.Answer{}, t.inviteChanged(ctx, b)
	case chat.Missed:
		return chat.Answer{}, t.missed(ctx, t.in.Channel)
	default:
		return chat.Answer{}, fmt.Errorf("no way to handle %T", b)
	}
}

// concernsUs tells whether an inbound matters although it did not happen in one
// of the desk's channels.
func concernsUs(in chat.Inbound) bool {
	switch in.Body.(type) {
	case chat.Said, chat.Edited, chat.Deleted, chat.Unpinned, chat.Joined, chat.Left, chat.ChannelChanged, chat.InviteChanged:
		return false
	case chat.Missed:
		return in.Channel == ""
	default:
		return true
	}
}

// ownEcho tells whether an inbound is what we just posted or changed ourselves.
func ownEcho(b chat.Body) bool {
	switch b := b.(type) {
	case chat.Said:
		return b.Own
	case chat.Edited:
		return b.Own
	default:
		return false
	}
}

func (e *Engine) known(workspace string) bool {
	if workspace == APIWorkspace || workspace == systemWorkspace {
		return true
	}
	_, ok := e.platform(workspace)
	return ok
}

// refused turns a refusal into the answer that its asker understands.
func refused(in chat.Inbound, r *workflow.Refusal, said string) chat.Answer {
	a := chat.Private(chat.T(said))
	a.Refused = string(r.Code)
	if _, ok := in.Body.(chat.Submitted); ok {
		// A form stays open with what was typed; the sentence stands at the field.
		a.FieldErrors = map[string]string{r.Field: said}
		a.Message = chat.Message{}
	}
	return a
}

// keep stores an inbound that cannot be processed, so that it can be replayed.
func (e *Engine) keep(ctx context.Context, in chat.Inbound, kind, fault string) error {
	// Its own time may be used up: that may be why it could not be processed.
	ctx, cancel := recording(ctx)
	defer cancel()
	err := e.store.Keep(ctx, storage.Kept{
		Desk: e.desk, Workspace: in.Workspace, Key: in.Key,
		Type: kind, Fault: fault, Raw: in.Raw, At: e.now(),
	})
	if err != nil {
		return fmt.Errorf("keep an event: %w", err)
	}
	return nil
}

func bodyKind(b chat.Body) string {
	switch b := b.(type) {
	case chat.Said:
		return "message"
	case chat.Edited:
		return "edit"
	case chat.Deleted:
		return "delete"
	case chat.Unpinned:
		return "unpin"
	case chat.Click:
		return "click"
	case chat.HomeOpened:
		return "home"
	case chat.Picked:
		return "shortcut"
	case chat.Submitted:
		return "form"
	case chat.Command:
		return "command"
	case chat.Request:
		return "request"
	case chat.Deadline:
		return "deadline"
	case chat.Joined, chat.Left:
		return "membership"
	case chat.ChannelChanged:
		return "channel"
	case chat.InviteChanged:
		return "invitation"
	case chat.Missed:
		return "gap"
	case chat.Unknown:
		return b.Type
	default:
		return "other"
	}
}
