package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// channelClosed is the state of a channel whose firm was off-boarded: nothing is sent
// there any more.
const channelClosed = "closed"

// archivePayload is a channel to be closed or opened again.
type archivePayload struct {
	Channel string
	Restore bool
	Asker   asker
}

// enqueueArchive has a firm's channel closed, after the farewell. Where what is said is
// gathered, what was said before is shown first.
func (t *turn) enqueueArchive(ctx context.Context, c storage.Channel, who asker) error {
	who.Ref = ""
	body, err := encode(archivePayload{Channel: c.ID, Asker: who})
	if err != nil {
		return err
	}
	d := storage.Delivery{Lane: channelLane(c.Workspace, c.ID), Kind: deliverArchive, Payload: body, CreatedAt: t.now, Trace: t.trace}
	if p, ok := t.platform(c.Workspace); ok {
		if b, ok := p.(chat.Bundler); ok {
			d.NotBefore = t.now.Add(2 * b.BundleFor())
		}
	}
	if err := t.tx.Enqueue(ctx, d); err != nil {
		return fmt.Errorf("enqueue the end of a channel: %w", err)
	}
	return nil
}

// firmOf is the firm of the channel that a delivery goes to, which may have another id than
// it had when that was decided; the zero value where there is none.
func (e *Engine) firmOf(ctx context.Context, d storage.Delivery) (firm storage.Contractor, err error) {
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) error {
		ch, err := tx.Channel(ctx, d.Lane.Workspace, d.Lane.Name)
		if err == nil {
			firm, err = tx.Contractor(ctx, ch.Contractor)
		}
		return err
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return storage.Contractor{}, fmt.Errorf("look whether a firm has left: %w", err)
	}
	return firm, nil
}

// archiveChannel takes the firm's people out of its channel, as far as the platform
// lets us, and closes it.
func (e *Engine) archiveChannel(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[archivePayload](d)
	if err != nil {
		return err
	}
	firm, err := e.firmOf(ctx, d)
	if err != nil {
		return err
	}
	if firm.State != storage.ContractorOffboarded {
		return e.delivered(ctx, d, nil)
	}
	s, ok := p.(chat.Steward)
	if !ok {
		return &chat.SendError{Reason: chat.Unsupported, Err: errors.New("this platform lets no program archive channels")}
	}
	removed, refused, err := e.emptyChannel(ctx, p, s, d.Lane)
	if err != nil {
		return err
	}
	if err := s.ArchiveChannel(ctx, d.Lane.Name); err != nil {
		return err
	}
	e.sent(ctx, d, "channel archived", "")
	return e.delivered(ctx, d, func(t *turn) error {
		// Held in the order in which off-boarding holds them.
		now, err := t.tx.Contractor(ctx, firm.ID)
		if err != nil {
			return fmt.Errorf("load a contractor: %w", err)
		}
		ch, err := t.tx.Channel(ctx, d.Lane.Workspace, d.Lane.Name)
		if err != nil {
			return fmt.Errorf("load a channel: %w", err)
		}
		ch.State = channelClosed
		if err := t.saveChannel(ctx, ch); err != nil {
			return err
		}
		if now.State != storage.ContractorOffboarded {
			// It was taken back meanwhile, when the channel was open still.
			if err := t.enqueueRestore(ctx, ch, pl.Asker); err != nil {
				return err
			}
		}
		t.committed = append(t.committed, t.places.forget)
		for _, id := range removed {
			if err := t.takenOff(ctx, ch, id); err != nil {
				return err
			}
		}
		err = t.record(ctx, "", workflow.Event{Kind: "channel_archived", Data: map[string]string{"contractor": ch.Contractor, "channel": ch.ID, "removed": strconv.Itoa(len(removed))}})
		if err != nil {
			return err
		}
		return t.report(ctx, d, pl.Asker, t.toAsker(pl.Asker).Archived(ch, len(removed), refused))
	})
}

// emptyChannel takes everybody out who is not of the desk.
func (e *Engine) emptyChannel(ctx context.Context, p chat.Platform, s chat.Steward, lane storage.Lane) (removed, refused []string, err error) {
	members, err := p.Members(ctx, lane.Name)
	if reason := chat.ReasonOf(err); reason == chat.ChannelGone || reason == chat.NotInChannel {
		// Archived by an earlier attempt, or by somebody.
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	operators, err := e.operators(ctx, lane.Workspace, asker{})
	if err != nil {
		return nil, nil, err
	}
	for _, id := range members {
		who := e.roster.person(ctx, lane.Workspace, chat.Person{ID: id})
		if id == p.Self().ID || who.Kind == chat.Bot || slices.Contains(operators, id) {
			continue
		}
		err := s.RemoveMember(ctx, lane.Name, id)
		if se, ok := errors.AsType[*chat.SendError](err); ok && se.Retry {
			return nil, nil, err
		}
		if err != nil {
			refused = append(refused, who.Name)
			continue
		}
		removed = append(removed, id)
	}
	return removed, refused, nil
}

// archiveFailed asks the desk to do by hand what the platform refused.
func (t *turn) archiveFailed(ctx context.Context, d storage.Delivery) error {
	pl, err := payload[archivePayload](d)
	if err != nil {
		// The row is dropped whatever it holds.
		return nil
	}
	id := d.Lane.Name
	if pl.Restore {
		id = pl.Channel
	}
	ch, err := t.tx.Channel(ctx, d.Lane.Workspace, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load a channel: %w", err)
	}
	ch.State = channelClosed
	if pl.Restore {
		ch.State = string(chat.ChannelArchived)
	}
	if err := t.saveChannel(ctx, ch); err != nil {
		return err
	}
	t.committed = append(t.committed, t.places.forget)
	if t.bundles(ch.Workspace) {
		// Nobody has to do anything with an address to which nothing more is sent.
		return nil
	}
	return t.report(ctx, d, pl.Asker, t.toAsker(pl.Asker).ArchiveByHand(ch, t.present.Command, pl.Restore))
}

// enqueueRestore has a firm's channel opened again.
func (t *turn) enqueueRestore(ctx context.Context, c storage.Channel, who asker) error {
	who.Ref = ""
	// Not in the channel's own lane, in which nothing is sent.
	lane := storage.Lane{Workspace: c.Workspace, Name: firmLane + c.Contractor}
	return t.enqueue(ctx, lane, deliverRestore, archivePayload{Channel: c.ID, Restore: true, Asker: who})
}

// restoreChannel opens a firm's channel again.
func (e *Engine) restoreChannel(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[archivePayload](d)
	if err != nil {
		return err
	}
	s, ok := p.(chat.Steward)
	if !ok {
		return &chat.SendError{Reason: chat.Unsupported, Err: errors.New("this platform lets no program bring channels back")}
	}
	if err := s.RestoreChannel(ctx, pl.Channel); err != nil {
		return err
	}
	e.sent(ctx, d, "channel restored", "")
	return e.delivered(ctx, d, func(t *turn) error {
		ch, err := t.tx.Channel(ctx, d.Lane.Workspace, pl.Channel)
		if err != nil {
			return fmt.Errorf("load a channel: %w", err)
		}
		if err := t.mend(ctx, ch); err != nil {
			return err
		}
		if err := t.enqueuePost(ctx, ch.Workspace, ch.ID, postPayload{Message: t.present.WelcomeBack()}); err != nil {
			return err
		}
		if err := t.enqueue(ctx, syncLane(ch), deliverSync, syncPayload{Channel: ch.ID}); err != nil {
			return err
		}
		return t.report(ctx, d, pl.Asker, chat.T(t.toAsker(pl.Asker).Say("%s is in use again.", ch.Name)))
	})
}
