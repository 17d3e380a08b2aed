package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// A board is a pinned message in a firm's channel that lists the firm's open jobs. It is
// a card of its own kind, recorded beside the others, and a projection as they are. It
// has a lane of its own: a burst of changes becomes one update two seconds later, and
// no card waits for it. It is posted by the lane of its channel, as all is that is posted
// there: platforms count what comes into a channel, and replicas that have no Redis
// count each for itself. What people say changes no board.

const (
	// boardRest is how long a burst of changes may go on before a board follows.
	boardRest = 2 * time.Second
	// boardWaits is the most between two looks whether the channel is free for a board.
	boardWaits = 30 * time.Second
	// boardMost is how many jobs a board lists; the rest is counted.
	boardMost = 15
	boardLane = "board/"
	// postedBoard tells a board's post from its updates: one card waits in one lane only.
	postedBoard = "board-post/"
)

// boardChanges marks the board of a channel.
func (t *turn) boardChanges(ctx context.Context, workspace, channel string) error {
	err := t.tx.Enqueue(ctx, storage.Delivery{
		Lane: storage.Lane{Workspace: workspace, Name: boardLane + channel}, Kind: deliverBoard,
		Card: boardLane + workspace + "/" + channel, NotBefore: t.now.Add(boardRest), CreatedAt: t.now, Trace: t.trace,
	})
	if err != nil {
		return fmt.Errorf("enqueue a board: %w", err)
	}
	return nil
}

// boardsChange marks the boards that list an assignment, unless they go on saying the
// same of it.
func (t *turn) boardsChange(ctx context.Context, was, is storage.Issue) error {
	same := was.Overdue == is.Overdue && was.Title == is.Title
	for _, a := range is.Assignments {
		old, existed := workflow.Find(was.Issue, a.ID)
		if a.Status == workflow.Unsent || same && existed && old.Status == a.Status && old.InCharge == a.InCharge && old.Terms.AcceptBy.Equal(a.Terms.AcceptBy) {
			continue
		}
		cards, err := t.cardsOf(ctx, is.ID)
		if err != nil {
			return err
		}
		for _, c := range cards {
			if c.Kind != storage.AssignmentCard || c.Assignment != a.ID || t.bundles(c.Workspace) {
				// A mailbox has nothing that could be pinned.
				continue
			}
			if err := t.boardChanges(ctx, c.Workspace, c.Channel); err != nil {
				return err
			}
		}
	}
	return nil
}

// boardID names the board of a channel. It outlives a channel that gets another id.
func boardID(c storage.Channel) string {
	return fmt.Sprintf("%s%s/%s/%d", boardLane, c.Workspace, c.Contractor, c.CreatedAt.UnixMicro())
}

// sendBoard shows a channel's board as its jobs are now. What is meant for the channel
// itself goes first, however long that has to wait: a board that is late is no harm.
func (e *Engine) sendBoard(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	ch, err := e.boardChannel(ctx, d)
	if err != nil {
		return err
	}
	if ch == nil {
		return e.pointless(ctx, d)
	}
	inTurn := d.Lane == channelLane(ch.Workspace, ch.ID)
	if !inTurn {
		if err := e.yield(ctx, d, *ch); err != nil {
			return err
		}
	}
	card, m, err := e.drawBoard(ctx, d, *ch)
	if err != nil {
		return err
	}
	if m.Empty() {
		return e.pointless(ctx, d)
	}
	if card.Message != "" {
		err := p.Update(ctx, card.Channel, card.Message, e.spell(ctx, p.Workspace(), card.Channel, m))
		if err == nil {
			e.sent(ctx, d, "board updated", card.Message)
			return e.delivered(ctx, d, nil)
		}
		if chat.ReasonOf(err) != chat.NotFound {
			return err
		}
	}
	if !inTurn {
		return e.delivered(ctx, d, func(t *turn) error { return t.boardToPost(ctx, card) })
	}
	if card.Message, err = e.post(ctx, p, d, chat.Post{Channel: card.Channel, Message: m}); err != nil {
		return err
	}
	e.pin(ctx, p, card)
	return e.delivered(ctx, d, func(t *turn) error { return t.boardPosted(ctx, *ch, card) })
}

// boardToPost has a board posted that is not there, or not any more, when its channel's
// turn comes.
func (t *turn) boardToPost(ctx context.Context, card storage.Card) error {
	err := t.tx.Enqueue(ctx, storage.Delivery{
		Lane: channelLane(card.Workspace, card.Channel), Kind: deliverBoard,
		Card: postedBoard + card.Workspace + "/" + card.Channel, NotBefore: t.now, CreatedAt: t.now, Trace: t.trace,
	})
	if err != nil {
		return fmt.Errorf("enqueue a board: %w", err)
	}
	return nil
}

// boardPosted records where a board is. Where the channel ceased to be the firm's during
// the post, nobody knew of a board to remove: it goes now.
func (t *turn) boardPosted(ctx context.Context, ch storage.Channel, card storage.Card) error {
	// Held in the order in which off-boarding holds them.
	firm, err := t.tx.Contractor(ctx, ch.Contractor)
	if err != nil {
		return fmt.Errorf("load a contractor: %w", err)
	}
	now, err := t.tx.Channel(ctx, ch.Workspace, ch.ID)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("read a board's channel: %w", err)
	}
	if firm.State == storage.ContractorOffboarded || now.Kind != storage.ContractorChannel || now.Contractor != ch.Contractor || now.State != "" {
		return t.enqueue(ctx, channelLane(ch.Workspace, ch.ID), deliverUnboard, unboardPayload{card.Message})
	}
	if err := t.tx.PutCard(ctx, card); err != nil {
		return fmt.Errorf("put a board: %w", err)
	}
	return nil
}

// boardChannel is the channel of a board, nil where there is to be none. The store is
// asked: a board that is not sent for what was remembered of its channel would not come
// back by itself.
func (e *Engine) boardChannel(ctx context.Context, d storage.Delivery) (*storage.Channel, error) {
	var ch storage.Channel
	var firm storage.Contractor
	err := e.store.View(ctx, d.Desk, func(tx storage.Tx) (err error) {
		ch, err = tx.Channel(ctx, d.Lane.Workspace, laneChannel(d.Lane))
		if err != nil || ch.Kind != storage.ContractorChannel {
			return err
		}
		firm, err = tx.Contractor(ctx, ch.Contractor)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load a board's channel: %w", err)
	}
	if ch.Kind != storage.ContractorChannel || ch.State != "" || firm.State == storage.ContractorOffboarded {
		return nil, nil
	}
	return &ch, nil
}

// yield sends a board back while something waits to be sent to its channel. The lane of
// the channel knows when the platform wants to hear of it again. Waiting is no failure:
// a board that often gave way is not late for that.
func (e *Engine) yield(ctx context.Context, d storage.Delivery, ch storage.Channel) error {
	first, err := e.store.ListDeliveries(ctx, storage.ListDeliveriesParams{Lane: channelLane(ch.Workspace, ch.ID), Limit: 1})
	if err != nil || len(first) == 0 {
		return err
	}
	return &chat.SendError{
		Reason: chat.Unavailable, Retry: true, RetryAfter: max(first[0].NotBefore.Sub(e.now()), min(backOff(d.Attempts), boardWaits)),
		Err: errors.New("what is meant for the channel goes first"),
	}
}

// pin pins a board. It says what it says in any case.
func (e *Engine) pin(ctx context.Context, p chat.Platform, card storage.Card) {
	pinner, ok := p.(chat.Pinner)
	if !ok {
		return
	}
	if err := pinner.Pin(ctx, card.Channel, card.Message); err != nil {
		e.log.WarnContext(ctx, "dispatcher: a board is not pinned", "workspace", card.Workspace, "channel", card.Channel, "reason", chat.ReasonOf(err), "err", err)
	}
}

// boardUnpinned has a board pinned again that somebody unpinned.
func (t *turn) boardUnpinned(ctx context.Context, b chat.Unpinned) error {
	card, err := t.tx.CardByMessage(ctx, t.in.Workspace, t.in.Channel, b.Message)
	if errors.Is(err, storage.ErrNotFound) || err == nil && card.Kind != storage.BoardCard {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a board: %w", err)
	}
	err = t.tx.Enqueue(ctx, storage.Delivery{
		Lane: storage.Lane{Workspace: card.Workspace, Name: boardLane + card.Channel}, Kind: deliverPin,
		Card: card.ID, NotBefore: t.now.Add(boardRest), CreatedAt: t.now, Trace: t.trace,
	})
	if err != nil {
		return fmt.Errorf("enqueue a pin: %w", err)
	}
	return nil
}

// pinBoard pins a board that was unpinned, where it still is the channel's.
func (e *Engine) pinBoard(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	ch, err := e.boardChannel(ctx, d)
	if err != nil {
		return err
	}
	if ch == nil {
		return e.pointless(ctx, d)
	}
	if err := e.yield(ctx, d, *ch); err != nil {
		return err
	}
	var card storage.Card
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) (err error) {
		card, err = tx.Card(ctx, d.Card)
		return err
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("load a board: %w", err)
	}
	if card.Message != "" {
		e.pin(ctx, p, card)
	}
	return e.delivered(ctx, d, nil)
}

// unboardPayload is a message that is to go: a board, or what was said under a card that
// went.
type unboardPayload struct{ Message string }

// boardEnds takes the board out of a channel that is the firm's no longer. It is
// forgotten first, so that nobody takes its removal for an accident.
func (t *turn) boardEnds(ctx context.Context, ch storage.Channel) error {
	// A board that is being posted is recorded before this is decided, or after it.
	if _, err := t.tx.Channel(ctx, ch.Workspace, ch.ID); err != nil {
		return fmt.Errorf("read a board's channel: %w", err)
	}
	card, err := t.tx.Card(ctx, boardID(ch))
	if errors.Is(err, storage.ErrNotFound) || err == nil && card.Message == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a board: %w", err)
	}
	gone := unboardPayload{card.Message}
	key := messageKey{card.Workspace, card.Channel, card.Message}
	card.Message = ""
	if err := t.tx.PutCard(ctx, card); err != nil {
		return fmt.Errorf("put a board: %w", err)
	}
	t.committed = append(t.committed, func() { t.threads.Remove(key) })
	return t.enqueue(ctx, channelLane(ch.Workspace, ch.ID), deliverUnboard, gone)
}

// removeBoard deletes a message of ours.
func (e *Engine) removeBoard(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[unboardPayload](d)
	if err != nil {
		return err
	}
	if err := p.Delete(ctx, d.Lane.Name, pl.Message); err != nil && chat.ReasonOf(err) != chat.NotFound {
		return err
	}
	e.sent(ctx, d, "removed", pl.Message)
	return e.delivered(ctx, d, nil)
}

// drawBoard reads what a board shows. It is empty where there never was any job.
func (e *Engine) drawBoard(ctx context.Context, d storage.Delivery, ch storage.Channel) (card storage.Card, m chat.Message, err error) {
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) error {
		t := e.turnOf(ctx, tx, chat.Inbound{Workspace: ch.Workspace, Channel: ch.ID})
		t.actor = workflow.Actor{Role: workflow.Contractor, Contractor: ch.Contractor}
		t.present = t.toParty(ctx, party{contractor: ch.Contractor})
		var err error
		card, err = tx.Card(ctx, boardID(ch))
		fresh := errors.Is(err, storage.ErrNotFound)
		if fresh {
			card, err = storage.Card{ID: boardID(ch), Kind: storage.BoardCard, Workspace: ch.Workspace, Channel: ch.ID}, nil
		}
		if err != nil {
			return err
		}
		groups, err := t.boardGroups(ctx)
		if err != nil {
			return err
		}
		m = t.present.Board(groups)
		m.Buttons = append(t.severalButton(ch.Workspace, ch.ID, groups...), t.entryButton(ch.Workspace, ch.ID)...)
		if fresh && len(groups) == 0 {
			m = chat.Message{}
		}
		return nil
	})
	if err != nil {
		return card, m, fmt.Errorf("draw a board: %w", err)
	}
	return card, m, nil
}

// boardGroups are the actor's firm's open jobs by state.
func (t *turn) boardGroups(ctx context.Context) ([]present.Page, error) {
	var out []present.Page
	left := boardMost
	for _, name := range []string{"overdue", "offered", "progress", "approval"} {
		l, _ := listNamed(name)
		pg, err := t.page(ctx, wish{list: l}, 0, 0, max(left, 1))
		if err != nil {
			return nil, err
		}
		if len(pg.Jobs) == 0 {
			continue
		}
		pg.Jobs = pg.Jobs[:min(len(pg.Jobs), left)]
		left -= len(pg.Jobs)
		out = append(out, pg)
	}
	return out, nil
}

// boardGone shows a board anew that somebody deleted.
func (t *turn) boardGone(ctx context.Context, card storage.Card) error {
	key := messageKey{card.Workspace, card.Channel, card.Message}
	card.Message = ""
	if err := t.tx.PutCard(ctx, card); err != nil {
		return fmt.Errorf("put a board: %w", err)
	}
	t.committed = append(t.committed, func() { t.threads.Remove(key) })
	return t.boardChanges(ctx, card.Workspace, card.Channel)
}
