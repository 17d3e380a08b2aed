package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// attempt makes the outgoing call of one delivery and, when it worked, records
// that in one transaction with what follows from it.
func (e *Engine) attempt(ctx context.Context, d storage.Delivery) error {
	if d.Kind == deliverWebhook {
		return e.sendWebhook(ctx, d)
	}
	p, err := e.platformFor(d)
	if err != nil {
		return err
	}
	if err := e.keepsInside(ctx, d); err != nil {
		return err
	}
	switch nothing, err := e.cameToNothing(ctx, d); {
	case err != nil:
		return err
	case nothing && d.Kind == deliverInvite:
		return &chat.SendError{Reason: chat.ChannelGone, Err: errors.New("the channel is not the firm's any more")}
	case nothing:
		return e.pointless(ctx, d)
	}
	if d.Kind == deliverBundle {
		return e.sendBundle(ctx, p, d)
	}
	p = e.gathering(p, d)
	switch d.Kind {
	case deliverCard:
		return e.sendCard(ctx, p, d)
	case deliverPost:
		return e.sendPost(ctx, p, d)
	case deliverMirror:
		return e.sendMirror(ctx, p, d)
	case deliverFill:
		return e.lookAgain(ctx, d)
	case deliverWhisper:
		return e.sendWhisper(ctx, p, d)
	case deliverDirect:
		return e.sendDirect(ctx, p, d)
	case deliverChannel:
		return e.openChannel(ctx, p, d)
	case deliverMembers:
		return e.addMembers(ctx, p, d)
	case deliverRemove:
		return e.removeMember(ctx, p, d)
	case deliverSync:
		return e.syncChannel(ctx, p, d)
	case deliverTakeBack:
		return e.takeBack(ctx, d)
	case deliverFarewell:
		return e.sayFarewell(ctx, d)
	case deliverArchive:
		return e.archiveChannel(ctx, p, d)
	case deliverRestore:
		return e.restoreChannel(ctx, p, d)
	case deliverInvite:
		return e.sendInvite(ctx, p, d)
	case deliverBoard:
		return e.sendBoard(ctx, p, d)
	case deliverPin:
		return e.pinBoard(ctx, p, d)
	case deliverUnboard:
		return e.removeBoard(ctx, p, d)
	case deliverHome:
		return e.sendHome(ctx, p, d)
	case deliverHomes:
		return e.lookAtHomes(ctx, d)
	case deliverFetch:
		return e.fetchFiles(ctx, p, d)
	case deliverUpload:
		return e.uploadFiles(ctx, p, d)
	case deliverFiles:
		return e.showFiles(ctx, p, d)
	case deliverDigest:
		return e.sendDigest(ctx, p, d)
	case deliverChart:
		return e.sendChart(ctx, p, d)
	default:
		return &chat.SendError{Reason: chat.Invalid, Err: fmt.Errorf("no way to deliver a %q", d.Kind)}
	}
}

// payload reads a delivery's payload; what cannot be read can never be sent.
func payload[T any](d storage.Delivery) (v T, err error) {
	if err := json.Unmarshal(d.Payload, &v); err != nil {
		return v, &chat.SendError{Reason: chat.Invalid, Err: fmt.Errorf("read a %s: %w", d.Kind, err)}
	}
	return v, nil
}

// deliveryID marks a message so that a repeat can be recognised.
func deliveryID(d storage.Delivery) string { return fmt.Sprintf("%s-%d", d.Desk, d.ID) }

// recordFor bounds the recording of an outcome.
const recordFor = 4 * time.Second

// recording gives an outcome time of its own to be recorded: a platform that hangs
// uses up the attempt's.
func recording(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), recordFor)
}

// sent writes into the log that something got through, with the platform's id of
// the message where it has one.
func (e *Engine) sent(ctx context.Context, d storage.Delivery, how, message string) {
	if !e.log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	e.log.LogAttrs(ctx, slog.LevelInfo, "dispatcher: "+how,
		slog.String("workspace", d.Lane.Workspace), slog.String("channel", d.Lane.Name), slog.String("kind", d.Kind),
		slog.Int64("delivery", d.ID), slog.Int("attempt", d.Attempts), slog.String("message", message))
}

// delivered records the end of a delivery with whatever follows from it.
func (e *Engine) delivered(ctx context.Context, d storage.Delivery, then func(t *turn) error) error {
	return e.ended(ctx, d, func(t *turn) error { return t.tx.Delivered(ctx, d.ID, d.Token) }, then)
}

// pointless records that a delivery was of no use any more. It tells nothing of whether
// anything gets through: a lane that was parked stays so for what waits behind it.
func (e *Engine) pointless(ctx context.Context, d storage.Delivery) error {
	return e.ended(ctx, d, func(t *turn) error { return t.tx.GiveUp(ctx, d.ID, d.Token) }, nil)
}

// ended records the end of a delivery, whatever it was.
func (e *Engine) ended(ctx context.Context, d storage.Delivery, end, then func(t *turn) error) error {
	ctx, cancel := recording(ctx)
	defer cancel()
	err := e.changeFor(ctx, d, func(t *turn) error {
		if then != nil {
			if err := then(t); err != nil {
				return err
			}
		}
		return end(t)
	})
	if err != nil {
		return fmt.Errorf("record a %s: %w", d.Kind, err)
	}
	return nil
}

// sendCard shows a card as its job is now.
func (e *Engine) sendCard(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	card, m, err := e.draw(ctx, d.Desk, d.Card)
	if errors.Is(err, storage.ErrNotFound) {
		// The job was deleted: there is nothing left to show.
		return e.pointless(ctx, d)
	}
	if err != nil {
		return err
	}
	if card.Message == "" {
		if card.Former() {
			return e.pointless(ctx, d)
		}
		card.Message, err = e.post(ctx, p, d, chat.Post{Channel: card.Channel, Message: m})
		if err != nil {
			return err
		}
		if d.Ambiguous {
			// What an earlier attempt showed was true then, and may not be now.
			if err := p.Update(ctx, card.Channel, card.Message, e.spell(ctx, card.Workspace, card.Channel, m)); err != nil {
				return err
			}
		}
		return e.delivered(ctx, d, func(t *turn) error {
			_, err := t.posted(ctx, card)
			return err
		})
	}
	err = p.Update(ctx, card.Channel, card.Message, e.spell(ctx, card.Workspace, card.Channel, m))
	if chat.ReasonOf(err) == chat.NotFound && card.Former() {
		return e.delivered(ctx, d, nil)
	}
	if chat.ReasonOf(err) == chat.NotFound {
		// Somebody deleted the card: it is posted anew, by a delivery of its own.
		return e.delivered(ctx, d, func(t *turn) error { return t.retire(ctx, card) })
	}
	if err != nil {
		return err
	}
	e.sent(ctx, d, "updated", card.Message)
	return e.delivered(ctx, d, nil)
}

// draw reads a card and renders what is true now.
func (e *Engine) draw(ctx context.Context, desk, id string) (card storage.Card, m chat.Message, err error) {
	// Read here once for all cards that follow.
	if _, err := e.rules.current(ctx); err != nil {
		return card, m, err
	}
	var job present.Job
	err = e.store.View(ctx, desk, func(tx storage.Tx) (err error) {
		if card, err = tx.Card(ctx, id); err != nil {
			return err
		}
		i, err := tx.Issue(ctx, card.Issue)
		if err != nil {
			return err
		}
		job, err = e.jobWithReplies(ctx, tx, i)
		return err
	})
	if err != nil {
		return card, m, fmt.Errorf("load a card: %w", err)
	}
	platform, _ := e.platform(card.Workspace)
	if pages, ok := platform.(chat.JobLinker); ok {
		job.Page = pages.JobLink(job.Number)
	}
	job.Linked = card.Kind == storage.AssignmentCard && e.places.linked(ctx, card.Workspace, card.Channel)
	job.ByMail = e.bundles(card.Workspace)
	return card, e.speaking(firmOf(job, card)).Card(job, card, e.now()), nil
}

// firmOf is the firm that reads a card, the zero one for a card of the desk.
func firmOf(job present.Job, card storage.Card) storage.Contractor {
	if a, ok := workflow.Find(job.Issue.Issue, card.Assignment); ok && card.Kind == storage.AssignmentCard {
		return job.Firms[a.Contractor]
	}
	return storage.Contractor{}
}

// posted records where a card is and takes in what was said under it meanwhile. A card
// that was closed during the post stays closed, and its message is told to say so.
func (t *turn) posted(ctx context.Context, card storage.Card) (storage.Card, error) {
	if err := t.tx.LockThread(ctx, card.Workspace, card.Channel, card.Message); err != nil {
		return card, fmt.Errorf("put a card: %w", err)
	}
	message := card.Message
	card, err := t.cardToWrite(ctx, card)
	if err != nil {
		return card, err
	}
	card.Message = message
	if err := t.tx.PutCard(ctx, card); err != nil {
		return card, fmt.Errorf("put a card: %w", err)
	}
	if card.Former() {
		if err := t.enqueueCard(ctx, card); err != nil {
			return card, err
		}
	}
	return card, t.adopt(ctx, card)
}

// cardToWrite reads a card as it is now. Who closes it holds its issue or its channel:
// with both of them held, nobody does so before it is written.
func (t *turn) cardToWrite(ctx context.Context, card storage.Card) (storage.Card, error) {
	_, err := t.tx.Issue(ctx, card.Issue)
	if err == nil {
		_, err = t.tx.Channel(ctx, card.Workspace, card.Channel)
	}
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return card, fmt.Errorf("hold a card: %w", err)
	}
	now, err := t.tx.Card(ctx, card.ID)
	if err != nil {
		return card, fmt.Errorf("read a card again: %w", err)
	}
	return now, nil
}

// adopt takes in replies that arrived before their thread's card was recorded.
func (t *turn) adopt(ctx context.Context, card storage.Card) error {
	early, err := t.tx.Replies(ctx, card.Workspace, card.Channel, card.Message)
	if err != nil {
		return fmt.Errorf("look for early replies: %w", err)
	}
	for _, c := range early {
		if c.Issue != "" {
			continue
		}
		if err := t.attach(ctx, &c, card); err != nil {
			return err
		}
		if err := t.tx.SaveComment(ctx, c); err != nil {
			return fmt.Errorf("adopt a reply: %w", err)
		}
		if c.Orphan {
			continue
		}
		if err := t.commented(ctx, c, eventCommentAdded); err != nil {
			return err
		}
	}
	return nil
}

// post shows a message once: where an earlier attempt may have worked, it is
// looked for first.
func (e *Engine) post(ctx context.Context, p chat.Poster, d storage.Delivery, post chat.Post) (string, error) {
	post.Message = e.spell(ctx, platformWorkspace(d.Lane), post.Channel, post.Message)
	return e.postAs(ctx, p, d, post)
}

// postAs is post for a message whose moments are written out for who reads it.
func (e *Engine) postAs(ctx context.Context, p chat.Poster, d storage.Delivery, post chat.Post) (string, error) {
	if post.DeliveryID == "" {
		post.DeliveryID = deliveryID(d)
	}
	if d.Ambiguous {
		post.Repeat, post.Since = true, d.FirstTriedAt
		id, err := p.Find(ctx, post)
		if err != nil {
			return "", err
		}
		if id != "" {
			e.sent(ctx, d, "found what an earlier attempt posted", id)
			return id, nil
		}
	}
	id, err := p.Post(ctx, post)
	if err != nil {
		return "", err
	}
	e.sent(ctx, d, "posted", id)
	return id, nil
}

func (e *Engine) sendPost(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[postPayload](d)
	if err != nil {
		return err
	}
	post := chat.Post{Channel: d.Lane.Name, Message: pl.Message}
	if pl.Thread != "" {
		var card storage.Card
		err := e.store.View(ctx, d.Desk, func(tx storage.Tx) (err error) {
			card, err = tx.Card(ctx, pl.Thread)
			return err
		})
		if err == nil {
			card, err = e.rooted(ctx, p, d, card)
		}
		if errors.Is(err, storage.ErrNotFound) {
			return e.pointless(ctx, d)
		}
		if err != nil {
			return err
		}
		post.Channel, post.Thread = card.Channel, card.Message
	}
	if _, err := e.post(ctx, p, d, post); err != nil {
		return err
	}
	return e.delivered(ctx, d, nil)
}

// rooted makes sure that a card has a message that can be replied to. One that was
// deleted is on its way behind us in this lane: it goes first, or the thread would
// have no root. Under a card that is closed nothing is said any more, whatever waited for
// its channel: that is storage.ErrNotFound.
func (e *Engine) rooted(ctx context.Context, p chat.Platform, d storage.Delivery, card storage.Card) (storage.Card, error) {
	if card.Former() {
		return card, storage.ErrNotFound
	}
	if card.Message != "" {
		return card, nil
	}
	card, m, err := e.draw(ctx, d.Desk, card.ID)
	if err != nil {
		return card, err
	}
	if card.Former() {
		return card, storage.ErrNotFound
	}
	card.Message, err = e.post(ctx, p, d, chat.Post{Channel: card.Channel, Message: m, DeliveryID: deliveryID(d) + "-card"})
	if err != nil {
		return card, err
	}
	var now storage.Card
	err = e.changeFor(ctx, d, func(t *turn) (err error) {
		now, err = t.posted(ctx, card)
		return err
	})
	if err != nil {
		return card, fmt.Errorf("record a card: %w", err)
	}
	if now.Former() {
		return now, storage.ErrNotFound
	}
	return now, nil
}

func (e *Engine) sendWhisper(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[whisperPayload](d)
	if err != nil {
		return err
	}
	channel := pl.Channel
	if channel == "" {
		channel = d.Lane.Name
	}
	m := e.spellFor(ctx, p.Workspace(), channel, pl.Person, pl.Message)
	if err := p.Whisper(ctx, channel, pl.Person, m); err != nil {
		return err
	}
	e.sent(ctx, d, "told one person", "")
	return e.delivered(ctx, d, nil)
}

func (e *Engine) addMembers(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[membersPayload](d)
	if err != nil {
		return err
	}
	if err := p.AddMembers(ctx, d.Lane.Name, pl.People); err != nil {
		return err
	}
	e.sent(ctx, d, "members added", "")
	return e.delivered(ctx, d, func(t *turn) error {
		if ch, err := t.tx.Channel(ctx, d.Lane.Workspace, d.Lane.Name); err == nil && ch.Contractor != "" {
			if err := t.placed(ctx, ch, pl.People); err != nil {
				return err
			}
		}
		for _, who := range pl.People {
			if err := t.tx.AddMember(ctx, d.Lane.Workspace, d.Lane.Name, who); err != nil {
				return err
			}
		}
		t.committed = append(t.committed, t.roster.changed(ctx))
		return nil
	})
}
