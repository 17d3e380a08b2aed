package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
)

// Where a platform shows what is said in a thread together, posts into a thread go into
// the store first, with the id by which their mirrors know them. The outbox then says
// that a thread has something to show, and whatever waits when it is sent is shown at
// once.

// bundlePayload names a thread that has something to show.
type bundlePayload struct{ Channel, Thread string }

// threadLane is the queue of one thread: what is gathered for it holds up no other
// thread, nor what is not gathered.
func threadLane(workspace, channel, thread string) storage.Lane {
	return storage.Lane{Workspace: workspace, Name: threadPrefix + thread + "/" + channel}
}

// bundles tells whether a workspace's platform shows what is said in a thread together.
func (e *Engine) bundles(workspace string) bool {
	p, ok := e.platform(workspace)
	if ok {
		_, ok = p.(chat.Bundler)
	}
	return ok
}

// gathering is the platform of a delivery, as one that gathers where it bundles.
func (e *Engine) gathering(p chat.Platform, d storage.Delivery) chat.Platform {
	if b, ok := p.(chat.Bundler); ok {
		return &gatherer{Platform: p, bundler: b, e: e, d: d}
	}
	return p
}

// gatherer is a platform that can change and remove what it has not shown yet.
type gatherer struct {
	chat.Platform
	bundler chat.Bundler
	e       *Engine
	d       storage.Delivery
}

// Post shows a message that starts a thread, and gathers one that replies.
func (g *gatherer) Post(ctx context.Context, p chat.Post) (string, error) {
	if p.Thread != "" {
		id := p.Thread + "." + short64(p.DeliveryID)
		return id, g.put(ctx, p.Channel, id, chat.Part{Message: p.Message, Files: p.Files})
	}
	id, err := g.Platform.Post(ctx, p)
	if err != nil || g.d.Kind == deliverPost {
		return id, err
	}
	shown, err := cardDigest(p.Message)
	if err == nil {
		err = g.update(ctx, func(t *turn) error { return t.tx.SetShownCard(ctx, g.Workspace(), p.Channel, id, shown) })
	}
	if err != nil {
		// It is shown once more with the next change, and nothing worse.
		g.e.log.WarnContext(ctx, "dispatcher: what was shown of a card is not written down", "err", err)
	}
	return id, nil
}

// Update replaces what waits. What was shown is said anew with its change; a card is,
// when it says something else.
func (g *gatherer) Update(ctx context.Context, channel, id string, m chat.Message) error {
	thread, reply := threadOf(id)
	if !reply {
		return g.update(ctx, func(t *turn) error { return t.bundleSoon(ctx, channel, thread) })
	}
	part := chat.Part{Message: m, Changed: true}
	err := g.e.store.View(ctx, g.d.Desk, func(tx storage.Tx) error {
		waits, err := tx.GatheredMessage(ctx, g.Workspace(), channel, id)
		if err != nil {
			return err
		}
		var old chat.Part
		if err := json.Unmarshal(waits.Body, &old); err != nil {
			return fmt.Errorf("read what waits: %w", err)
		}
		part.Files, part.Changed = old.Files, old.Changed
		return nil
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	return g.put(ctx, channel, id, part)
}

// Delete takes back what waits. What was shown stays with whoever has it.
func (g *gatherer) Delete(ctx context.Context, channel, id string) error {
	return g.update(ctx, func(t *turn) error { return t.tx.RemoveGathered(ctx, g.Workspace(), channel, id) })
}

// Find looks for what started a thread. A reply that is gathered twice is there once.
func (g *gatherer) Find(ctx context.Context, p chat.Post) (string, error) {
	if p.Thread != "" {
		return "", nil
	}
	return g.Platform.Find(ctx, p)
}

// put gathers a message, or changes one that waits.
func (g *gatherer) put(ctx context.Context, channel, id string, part chat.Part) error {
	body, err := json.Marshal(part)
	if err != nil {
		return fmt.Errorf("encode what waits: %w", err)
	}
	thread, _ := threadOf(id)
	return g.update(ctx, func(t *turn) error {
		err := t.tx.PutGathered(ctx, storage.Gathered{Workspace: g.Workspace(), Channel: channel, Thread: thread, Message: id, Body: body})
		if err != nil {
			return err
		}
		return t.bundleSoon(ctx, channel, thread)
	})
}

func (g *gatherer) update(ctx context.Context, fn func(t *turn) error) error {
	return g.e.changeFor(ctx, g.d, fn)
}

// threadOf is the thread of a gathered message, or the message itself, which then
// starts one.
func threadOf(id string) (thread string, reply bool) {
	thread, _, reply = strings.Cut(id, ".")
	return thread, reply
}

// bundleSoon has a thread shown when what there is to say has been gathered.
func (t *turn) bundleSoon(ctx context.Context, channel, thread string) error {
	p, ok := t.platform(t.in.Workspace)
	if !ok {
		return fmt.Errorf("the workspace %s is not connected", t.in.Workspace)
	}
	b, ok := p.(chat.Bundler)
	if !ok {
		return fmt.Errorf("%s bundles nothing", t.in.Workspace)
	}
	body, err := encode(bundlePayload{Channel: channel, Thread: thread})
	if err != nil {
		return err
	}
	err = t.tx.Enqueue(ctx, storage.Delivery{
		Lane: threadLane(t.in.Workspace, channel, thread), Kind: deliverBundle, Card: "bundle of " + thread + "@" + channel,
		Payload: body, NotBefore: t.now.Add(b.BundleFor()), CreatedAt: t.now, Trace: t.trace,
	})
	if err != nil {
		return fmt.Errorf("enqueue a bundle: %w", err)
	}
	return nil
}

// sendBundle shows what was gathered for a thread, and its card when that changed.
func (e *Engine) sendBundle(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[bundlePayload](d)
	if err != nil {
		return err
	}
	bundler, ok := p.(chat.Bundler)
	if !ok {
		return &chat.SendError{Reason: chat.Unsupported, Err: fmt.Errorf("%s bundles nothing", p.Workspace())}
	}
	var waits []storage.Gathered
	var card storage.Card
	var shown string
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) (err error) {
		if waits, err = tx.Gathered(ctx, p.Workspace(), pl.Channel, pl.Thread); err != nil {
			return err
		}
		if card, err = tx.CardByMessage(ctx, p.Workspace(), pl.Channel, pl.Thread); err != nil {
			return err
		}
		shown, err = tx.ShownCard(ctx, p.Workspace(), pl.Channel, pl.Thread)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) || err == nil && card.Former() {
		// The job is not shown there any more.
		return e.delivered(ctx, d, func(t *turn) error { return t.discardGathered(ctx, pl, waits) })
	}
	if err != nil {
		return fmt.Errorf("load what was gathered: %w", err)
	}
	b := chat.Bundle{Channel: pl.Channel, Thread: pl.Thread, WithoutFiles: d.LastError == string(chat.TooLarge)}
	if card, b.Card, err = e.draw(ctx, d.Desk, card.ID); err != nil {
		return err
	}
	now, err := cardDigest(b.Card)
	if err != nil {
		return err
	}
	b.Changed, b.Card = now != shown, e.spell(ctx, p.Workspace(), pl.Channel, b.Card)
	ids := []string{d.Desk, pl.Channel, pl.Thread, now}
	for _, g := range waits {
		var part chat.Part
		if err := json.Unmarshal(g.Body, &part); err != nil {
			return &chat.SendError{Reason: chat.Invalid, Err: fmt.Errorf("read what was gathered: %w", err)}
		}
		part.Message = e.spell(ctx, p.Workspace(), pl.Channel, part.Message)
		b.Parts = append(b.Parts, part)
		ids = append(ids, g.Message, string(g.Body))
	}
	if len(b.Parts) == 0 && !b.Changed {
		return e.delivered(ctx, d, nil)
	}
	// The same content has the same id, and any other has another: whoever gets a
	// repeat loses nothing by taking it for the same.
	b.DeliveryID = "bundle-" + short64(strings.Join(ids, "\x00"))
	if err := bundler.Bundle(ctx, b); err != nil {
		return err
	}
	e.sent(ctx, d, "shown together", b.DeliveryID)
	return e.delivered(ctx, d, func(t *turn) error {
		if err := t.discardGathered(ctx, pl, waits); err != nil {
			return err
		}
		if err := t.tellOfFilesLeftOut(ctx, card, b); err != nil {
			return err
		}
		return t.tx.SetShownCard(ctx, p.Workspace(), pl.Channel, pl.Thread, now)
	})
}

// tellOfFilesLeftOut tells the desk, in its own thread, of files that nobody got.
func (t *turn) tellOfFilesLeftOut(ctx context.Context, card storage.Card, b chat.Bundle) error {
	if !b.WithoutFiles || !slices.ContainsFunc(b.Parts, func(p chat.Part) bool { return len(p.Files) > 0 }) {
		return nil
	}
	cards, err := t.cardsOf(ctx, card.Issue)
	if err != nil {
		return err
	}
	m := chat.Message{Tone: chat.Bad, Text: chat.T(t.toDesk().Say("The files for %s were too large for its mail server, or for the line to it. The words got through without them: send the files another way.", b.Channel))}
	return t.reply(ctx, cards, func(c storage.Card) bool { return c.Kind == storage.IssueCard }, m)
}

// discardGathered takes away what was shown. What was changed meanwhile waits for its
// own delivery.
func (t *turn) discardGathered(ctx context.Context, pl bundlePayload, shown []storage.Gathered) error {
	waits, err := t.tx.Gathered(ctx, t.in.Workspace, pl.Channel, pl.Thread)
	if err != nil {
		return fmt.Errorf("list what was gathered: %w", err)
	}
	var ids []string
	for _, g := range waits {
		if slices.ContainsFunc(shown, func(s storage.Gathered) bool {
			return s.Message == g.Message && string(s.Body) == string(g.Body)
		}) {
			ids = append(ids, g.Message)
		}
	}
	return t.tx.RemoveGathered(ctx, t.in.Workspace, pl.Channel, ids...)
}

// cardDigest is what a card says. What can be done with it follows from that, and the
// tickets behind it are new each time.
func cardDigest(m chat.Message) (string, error) {
	m.Buttons, m.Choice = nil, nil
	return digest(present.Unspelled(m))
}

// short64 makes an id of 64 bits and more out of a long one.
func short64(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:10])
}

// CardAt implements chat.CardReader.
func (e *Engine) CardAt(ctx context.Context, workspace, channel, message string) (chat.Message, error) {
	var card storage.Card
	err := e.view(ctx, func(tx storage.Tx) (err error) {
		card, err = tx.CardByMessage(ctx, workspace, channel, message)
		return err
	})
	var m chat.Message
	if err == nil {
		_, m, err = e.draw(ctx, e.desk, card.ID)
		m = e.spell(ctx, workspace, channel, m)
	}
	if errors.Is(err, storage.ErrNotFound) {
		return chat.Message{}, chat.ErrNoSuch
	}
	return m, err
}
