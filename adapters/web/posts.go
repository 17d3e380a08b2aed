package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// gate keeps calls back after the store has asked to be left alone.
type gate struct {
	mu    sync.Mutex
	until time.Time
}

// wait is how long nobody may call.
func (g *gate) wait(now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.until.Sub(now))
}

func (g *gate) shut(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until = until
}

// failed says what became of a call that failed, in the words of package chat. A
// store that is itself remote may have said it already.
func (a *Adapter) failed(err error, missing chat.Reason) error {
	if err == nil {
		return nil
	}
	if se, ok := errors.AsType[*chat.SendError](err); ok {
		if se.Reason == chat.RateLimited {
			a.gate.shut(a.now().Add(se.RetryAfter))
		}
		return se
	}
	switch {
	case errors.Is(err, storage.ErrClosed):
		return &chat.SendError{Reason: chat.ChannelGone, Err: err}
	case errors.Is(err, storage.ErrNotFound):
		return &chat.SendError{Reason: missing, Err: err}
	case errors.Is(err, storage.ErrExists):
		return &chat.SendError{Reason: chat.NameTaken, Err: err}
	case errors.Is(err, storage.ErrStale):
		return &chat.SendError{Reason: chat.FileGone, Err: err}
	}
	return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true, Err: err}
}

// Post shows a message. The delivery is its identity: posted again it is the same
// message, so that nothing is ever shown twice.
func (a *Adapter) Post(ctx context.Context, p chat.Post) (string, error) {
	if wait := a.gate.wait(a.now()); wait > 0 {
		return "", &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: wait}
	}
	m := storage.TalkMessage{
		ID: newID(), Room: p.Channel, Thread: p.Thread, Author: selfID, Files: p.Files,
		Delivery: p.DeliveryID, CreatedAt: a.now(),
	}
	if m.Delivery != "" {
		m.Delivery = "bot " + m.Delivery
	}
	if err := fill(&m, p.Message); err != nil {
		return "", err
	}
	said, _, err := a.cfg.Talk.Say(ctx, a.cfg.Desk, m, nil)
	if err != nil {
		return "", a.failed(err, chat.NotFound)
	}
	a.hub.nudge()
	a.echo(ctx, p.Channel, said.CreatedAt, "said "+said.ID, chat.Said{Message: said.ID, Thread: said.Thread, Text: p.Message.Text.String(), Own: true})
	return said.ID, nil
}

// fill puts what the bot shows into a message.
func fill(m *storage.TalkMessage, shown chat.Message) error {
	body, err := json.Marshal(shown)
	if err != nil {
		return &chat.SendError{Reason: chat.Invalid, Err: fmt.Errorf("encode a message: %w", err)}
	}
	m.Body, m.Calls = string(body), callsOf(shown)
	return nil
}

// callsOf lists whom a message calls.
func callsOf(m chat.Message) []string {
	var out []string
	texts := append([]chat.Text{m.Text}, m.Notes...)
	for _, f := range m.Facts {
		texts = append(texts, f.Value)
	}
	for _, t := range texts {
		for _, s := range t {
			switch {
			case s.Kind == chat.Everyone:
				out = append(out, "*")
			case s.Kind == chat.Mention && isID(s.Ref):
				out = append(out, s.Ref)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// echo tells the bot of what it did itself, as every platform does. It asks for
// nothing and loses nothing when it fails.
func (a *Adapter) echo(ctx context.Context, channel string, at time.Time, key string, body chat.Body) {
	_, err := a.cfg.Handler.Handle(ctx, chat.Inbound{
		Key: key, Workspace: a.Workspace(), At: at, From: a.Self(), Channel: channel, Body: body,
	})
	if err != nil {
		a.log.DebugContext(ctx, "web: an echo was not taken", "err", err)
	}
}

// Update replaces a message we posted.
func (a *Adapter) Update(ctx context.Context, channel, messageID string, m chat.Message) error {
	was, err := a.own(ctx, channel, messageID)
	if err != nil {
		return err
	}
	a.late.remember(was)
	if err := fill(&was, m); err != nil {
		return err
	}
	// What we say has no time of its own for being changed.
	is, err := a.cfg.Talk.Reword(ctx, a.cfg.Desk, was, time.Time{}, storage.Tale{})
	if err != nil {
		return a.failed(err, chat.NotFound)
	}
	a.hub.nudge()
	now := a.now()
	a.echo(ctx, channel, now, fmt.Sprintf("edited %s %d", messageID, is.Change), chat.Edited{Message: messageID, Thread: is.Thread, Text: m.Text.String(), Version: now, Own: true})
	return nil
}

// own finds a message of ours that is not gone.
func (a *Adapter) own(ctx context.Context, channel, id string) (storage.TalkMessage, error) {
	m, err := a.cfg.Talk.TalkMessage(ctx, a.cfg.Desk, id)
	if err == nil && (m.Author != selfID || !m.DeletedAt.IsZero() || m.Room != channel && m.To == "") {
		err = storage.ErrNotFound
	}
	if err != nil {
		return m, a.failed(err, chat.NotFound)
	}
	return m, nil
}

// Delete removes a message we posted.
func (a *Adapter) Delete(ctx context.Context, channel, messageID string) error {
	m, err := a.own(ctx, channel, messageID)
	if err == nil {
		_, err = a.cfg.Talk.Retract(ctx, a.cfg.Desk, messageID, a.now(), storage.Tale{})
		err = a.failed(err, chat.NotFound)
	}
	if chat.ReasonOf(err) == chat.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	a.hub.nudge()
	a.echo(ctx, channel, a.now(), "deleted "+messageID, chat.Deleted{Message: messageID, Thread: m.Thread, Own: true})
	return nil
}

// Find looks for the message of a delivery.
func (a *Adapter) Find(ctx context.Context, p chat.Post) (string, error) {
	m, err := a.cfg.Talk.TalkDelivered(ctx, a.cfg.Desk, p.Channel, "bot "+p.DeliveryID)
	if errors.Is(err, storage.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", a.failed(err, chat.NotFound)
	}
	return m.ID, nil
}

// Whisper shows a message to one person only: in the channel, or among what is for
// that person when they are not in it.
func (a *Adapter) Whisper(ctx context.Context, channel, personID string, m chat.Message) error {
	if _, err := a.Person(ctx, personID); err != nil {
		return err
	}
	in, err := a.cfg.Talk.Seated(ctx, a.cfg.Desk, channel)
	if err != nil {
		return a.failed(err, chat.NotFound)
	}
	if !slices.Contains(in, personID) {
		channel = ""
	}
	said := storage.TalkMessage{ID: newID(), Room: channel, Author: selfID, To: personID, CreatedAt: a.now()}
	if err := fill(&said, m); err != nil {
		return err
	}
	if err := a.sayAlone(ctx, said); err != nil {
		return a.failed(err, chat.NotFound)
	}
	a.hub.nudge()
	return nil
}
