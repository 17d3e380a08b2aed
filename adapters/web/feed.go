package web

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// event is what a person did, as it is kept until the bot has taken it.
type event struct {
	Kind            string
	Person, Channel string
	Message, Thread string
	Text            string      `json:",omitempty"`
	Files           []chat.File `json:",omitempty"`
	At              time.Time
}

// key is the same for every delivery of one event.
func (e event) key() string {
	switch e.Kind {
	case "edited", "joined", "left":
		return fmt.Sprintf("%s %s %s %s %d", e.Kind, e.Channel, e.Person, e.Message, e.At.UnixMicro())
	}
	return e.Kind + " " + e.Message
}

// tale is what is kept of an event.
func (a *Adapter) tale(e event) storage.Tale {
	// A struct of strings and times always marshals.
	body, _ := json.Marshal(e)
	return storage.Tale{Key: e.key(), Payload: body, At: a.now()}
}

// inbound is what the bot is handed.
func (a *Adapter) inbound(ctx context.Context, e event) (chat.Inbound, error) {
	from, err := a.Person(ctx, e.Person)
	if err != nil {
		return chat.Inbound{}, err
	}
	in := chat.Inbound{Key: e.key(), Workspace: a.Workspace(), At: e.At, From: from, Channel: e.Channel}
	switch e.Kind {
	case "said":
		in.Body = chat.Said{Message: e.Message, Thread: e.Thread, Text: e.Text, Files: e.Files}
	case "edited":
		in.Body = chat.Edited{Message: e.Message, Thread: e.Thread, Text: e.Text, Files: e.Files, Version: e.At}
	case "deleted":
		in.Body = chat.Deleted{Message: e.Message, Thread: e.Thread}
	case "joined":
		in.Body = chat.Joined{}
	case "left":
		in.Body = chat.Left{}
	default:
		in.Body = chat.Unknown{Type: e.Kind}
	}
	return in, nil
}

// tellBot hands an event to the bot and takes it off the feed. When that fails the
// event stays, and is handed over again. It goes on when who did it has gone: what
// was done is done.
func (a *Adapter) tellBot(ctx context.Context, e event) {
	ctx = context.WithoutCancel(ctx)
	in, err := a.inbound(ctx, e)
	if err == nil {
		_, err = a.cfg.Handler.Handle(ctx, in)
	}
	if err == nil {
		err = a.cfg.Talk.Told(ctx, a.cfg.Desk, in.Key)
	}
	if err != nil {
		a.log.WarnContext(ctx, "web: not taken yet, and handed over again", "kind", e.Kind, "channel", e.Channel, "err", err)
	}
}

// feedBatch is how many events are read at once.
const feedBatch = 100

// handOverBefore hands over what the bot has not taken and that happened before a
// moment.
func (a *Adapter) handOverBefore(ctx context.Context, before time.Time) {
	list, err := a.cfg.Talk.Untold(ctx, a.cfg.Desk, before, feedBatch)
	if err != nil {
		a.log.WarnContext(ctx, "web: the feed was not read", "err", err)
		return
	}
	for _, t := range list {
		var e event
		if err := json.Unmarshal(t.Payload, &e); err != nil {
			a.log.ErrorContext(ctx, "web: an event cannot be read", "key", t.Key, "err", err)
			continue
		}
		a.tellBot(ctx, e)
	}
}

// sweep hands over what was left behind by a crash or a failure, until ctx ends.
// What is younger than a round is being handed over by whoever took it.
func (a *Adapter) sweep(ctx context.Context) {
	tick := time.NewTicker(a.cfg.SweepEvery)
	defer tick.Stop()
	var tidied time.Time
	for {
		if now := a.now(); now.Sub(tidied) >= tidyEvery {
			a.tidy(ctx, now)
			tidied = now
		}
		a.handOverBefore(ctx, a.now().Add(-a.cfg.SweepEvery))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Replay hands over an event that could not be processed once more.
func (a *Adapter) Replay(ctx context.Context, raw []byte) error {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return fmt.Errorf("web: read a kept event: %w", err)
	}
	in, err := a.inbound(ctx, e)
	if err == nil {
		_, err = a.cfg.Handler.Handle(ctx, in)
	}
	return err
}
