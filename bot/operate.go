package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// operatorName is who acts at the command line, in the history.
	operatorName = "command line"
	// probeEvery is how often parked lanes are tried. It is one call for each.
	probeEvery = 10 * time.Minute
	// usualWait is how long a message may wait before anybody needs to know: the
	// platforms' limits alone make a busy channel's messages wait.
	usualWait = 5 * time.Minute
)

// Queued is a delivery that has not got through, with its destination's name.
type Queued struct {
	storage.Waiting
	// Destination is the channel's name, its id where it has none.
	Destination string
}

// Queue lists what has not got through, the oldest first.
func (e *Engine) Queue(ctx context.Context, p storage.ListDeliveriesParams) ([]Queued, error) {
	list, err := e.store.ListDeliveries(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	var out []Queued
	for _, w := range list {
		if w.Desk == e.desk {
			out = append(out, Queued{Waiting: w, Destination: e.destinationName(ctx, w.Lane)})
		}
	}
	return out, nil
}

// destinationName names a lane for people.
func (e *Engine) destinationName(ctx context.Context, l storage.Lane) string {
	if l.Workspace == webhookWorkspace {
		return "webhook " + l.Name
	}
	c, err := e.places.find(ctx, l.Workspace, laneChannel(l))
	if err != nil || c == nil || c.Name == "" {
		return l.Name
	}
	return c.Name
}

// Lanes finds the lanes that something waits in: those of a destination, by its
// name or id, or all when it is empty. ErrNoSuch when nothing waits there.
func (e *Engine) Lanes(ctx context.Context, destination string) ([]storage.Lane, error) {
	var lanes []storage.Lane
	take := func(desk string, l storage.Lane) {
		if desk != e.desk || slices.Contains(lanes, l) {
			return
		}
		if destination == "" || destination == l.Name || destination == l.Workspace+"/"+l.Name || destination == e.destinationName(ctx, l) {
			lanes = append(lanes, l)
		}
	}
	parked, err := e.store.ParkedLanes(ctx)
	if err != nil {
		return nil, fmt.Errorf("list parked lanes: %w", err)
	}
	for _, l := range parked {
		take(l.Desk, l.Lane)
	}
	for after := int64(0); ; {
		page, err := e.store.ListDeliveries(ctx, storage.ListDeliveriesParams{After: after, Limit: 500})
		if err != nil {
			return nil, fmt.Errorf("list deliveries: %w", err)
		}
		for _, w := range page {
			take(w.Desk, w.Lane)
			after = w.ID
		}
		if len(page) < 500 {
			break
		}
	}
	if len(lanes) == 0 {
		return nil, chat.ErrNoSuch
	}
	return lanes, nil
}

// Retry lets a lane go on at once, whether it is parked or waits for a time.
func (e *Engine) Retry(ctx context.Context, l storage.Lane) error {
	err := e.store.Update(ctx, e.desk, func(tx storage.Tx) error { return tx.Resume(ctx, l) })
	if err != nil {
		return fmt.Errorf("resume a lane: %w", err)
	}
	e.log.InfoContext(ctx, "operations: lane resumed", "workspace", l.Workspace, "channel", l.Name)
	e.wakes.nudge(l.Workspace)
	return nil
}

// Drop gives a delivery up for a reason, which becomes part of the history. A card
// is drawn anew with the next change of its job. ErrNoSuch when it is not there,
// storage.ErrConflict while an attempt is being made.
func (e *Engine) Drop(ctx context.Context, id int64, reason string) (storage.Delivery, error) {
	var d storage.Delivery
	err := e.change(ctx, e.desk, chat.Inbound{}, func(t *turn) (err error) {
		if d, err = t.tx.Discard(ctx, id); err != nil {
			return err
		}
		t.in.Workspace, t.trace = platformWorkspace(d.Lane), d.Trace
		t.actor = workflow.Actor{Name: operatorName, Role: workflow.System}
		return t.dropped(ctx, d, &chat.SendError{Reason: chat.Unsupported}, reason)
	})
	if errors.Is(err, storage.ErrNotFound) {
		return d, chat.ErrNoSuch
	}
	if err != nil {
		return d, fmt.Errorf("drop a delivery: %w", err)
	}
	e.log.InfoContext(chat.WithTrace(ctx, d.Trace), "operations: delivery dropped",
		"workspace", d.Lane.Workspace, "channel", d.Lane.Name, "delivery", d.ID, "kind", d.Kind)
	e.wakes.nudge(d.Lane.Workspace)
	return d, nil
}

// issueOf finds the issue that a delivery is about, empty where it is about none.
func (t *turn) issueOf(ctx context.Context, d storage.Delivery) (string, error) {
	card := d.Card
	if _, thread, ok := strings.Cut(card, "@"); ok {
		// A mirror names what it shows and where.
		card = thread
	}
	if d.Kind == deliverPost {
		// A payload that cannot be read names no thread.
		pl, _ := payload[postPayload](d)
		card = pl.Thread
	}
	if d.Kind == deliverWebhook {
		pl, _ := payload[webhookPayload](d)
		return pl.Issue, nil
	}
	if card == "" {
		return "", nil
	}
	c, err := t.tx.Card(ctx, card)
	if errors.Is(err, storage.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("load a card: %w", err)
	}
	return c.Issue, nil
}

// health is how delivery stands, for the summary.
func (e *Engine) health(ctx context.Context) (present.Health, error) {
	var h present.Health
	parked, err := e.store.ParkedLanes(ctx)
	if err != nil {
		return h, fmt.Errorf("list parked lanes: %w", err)
	}
	for _, l := range parked {
		if l.Desk == e.desk {
			h.Parked = append(h.Parked, present.Parked{
				Workspace: l.Lane.Workspace, Channel: e.destinationName(ctx, l.Lane), Reason: parkedWhy(chat.Reason(l.Reason)),
				Waiting: l.Waiting, Since: l.ParkedAt,
			})
		}
	}
	backlog, err := e.store.Backlog(ctx)
	if err != nil {
		return h, fmt.Errorf("count what waits: %w", err)
	}
	for _, b := range backlog {
		if !e.serves(b.Workspace) {
			continue
		}
		h.Waiting += b.Waiting
		if h.Oldest.IsZero() || b.Oldest.Before(h.Oldest) {
			h.Oldest = b.Oldest
		}
	}
	h.Late = !h.Oldest.IsZero() && e.now().Sub(h.Oldest) > usualWait
	err = e.store.View(ctx, e.desk, func(tx storage.Tx) error {
		list, err := tx.ListInvitations(ctx, "")
		if err != nil {
			return err
		}
		h.Invitations = broken(list)
		return nil
	})
	if err != nil {
		return h, fmt.Errorf("list invitations: %w", err)
	}
	return h, nil
}

// broken chooses the invitations by which nobody comes in, unless the same address
// was invited to the same firm again later.
func broken(all []storage.Invitation) []storage.Invitation {
	type who struct{ contractor, address string }
	last := map[who]storage.Invitation{}
	for _, i := range all {
		last[who{i.Contractor, i.Address}] = i
	}
	var out []storage.Invitation
	for _, i := range all {
		switch chat.InviteState(i.State) {
		case chat.InviteFailed, chat.InviteDeclined, chat.InviteExpired:
			if last[who{i.Contractor, i.Address}].ID == i.ID {
				out = append(out, i)
			}
		}
	}
	return out
}

// probe tries parked lanes again: not everything that mends a channel or a token
// tells us of it.
func (e *Engine) probe(ctx context.Context) error {
	parked, err := e.store.ParkedLanes(ctx)
	if err != nil {
		return fmt.Errorf("list parked lanes: %w", err)
	}
	for _, l := range parked {
		if l.Desk != e.desk || l.Waiting == 0 || !e.serves(l.Lane.Workspace) || l.Reason == string(chat.EndpointGone) {
			continue
		}
		err := e.store.Update(ctx, e.desk, func(tx storage.Tx) error { return tx.Resume(ctx, l.Lane) })
		if err != nil {
			return fmt.Errorf("resume a lane: %w", err)
		}
	}
	e.wakes.nudge()
	return nil
}
