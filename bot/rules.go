package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/settings"
	"taskbridge/storage"
)

const (
	// settingsName is under which the desk's settings are kept.
	settingsName = "desk"
	// settingsLife is how long settings are shown by when nothing tells of a change.
	// What is decided is decided by the newest: a change makes a new version of access.
	settingsLife = 30 * time.Second
)

// rules knows the desk's settings.
type rules struct {
	e  *Engine
	mu sync.RWMutex
	at time.Time
	is *settings.Settings
	// last are those that were read last, also when they may have changed since.
	last *settings.Settings
	// changes counts forget, so that settings read before a change are not kept after
	// it.
	changes int
}

func newRules(e *Engine) *rules {
	usual := settings.Default()
	return &rules{e: e, last: &usual}
}

// current gives the settings, which nobody changes. They are read again when they are
// older than settingsLife. Inside of a transaction it is within that is called.
func (r *rules) current(ctx context.Context) (*settings.Settings, error) {
	is, changes := r.fresh()
	if is != nil {
		return is, nil
	}
	now := r.e.now()
	var found *settings.Settings
	err := r.e.store.View(ctx, r.e.desk, func(tx storage.Tx) (err error) {
		found, err = r.read(ctx, tx)
		return err
	})
	if err != nil {
		if is = r.stale(); is != nil {
			return is, nil
		}
		return nil, err
	}
	r.mu.Lock()
	if r.changes == changes {
		r.is, r.last, r.at = found, found, now
	}
	r.mu.Unlock()
	return found, nil
}

// within gives the settings to whoever is in a transaction. A second one beside it
// would wait for a connection that others, who wait in the same way, hold. What is
// read is not kept, for the transaction may have written it and may be undone.
func (r *rules) within(ctx context.Context, tx storage.Tx) (*settings.Settings, error) {
	if is, _ := r.fresh(); is != nil {
		return is, nil
	}
	return r.read(ctx, tx)
}

func (r *rules) read(ctx context.Context, tx storage.Tx) (*settings.Settings, error) {
	text, err := tx.Setting(ctx, settingsName)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	is, err := settings.Decode(text)
	if err != nil {
		// A desk with the usual settings is better than none.
		r.e.log.ErrorContext(ctx, "settings: cannot be read, so the defaults are used", "err", err)
	}
	return &is, nil
}

// fresh gives the settings that were read lately, nil when there are none, and how
// often they were forgotten.
func (r *rules) fresh() (*settings.Settings, int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	now := r.e.now()
	if r.is == nil || now.Sub(r.at) >= settingsLife || now.Before(r.at) {
		return nil, r.changes
	}
	return r.is, r.changes
}

// stale gives the settings of whatever age, nil after they were changed.
func (r *rules) stale() *settings.Settings {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.is
}

// forget makes the next look read the settings again.
func (r *rules) forget() {
	r.mu.Lock()
	r.is = nil
	r.changes++
	r.mu.Unlock()
}

// known gives the settings that were read last, without looking.
func (r *rules) known() *settings.Settings {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.last
}

// turnOf is a turn that no person caused.
func (e *Engine) turnOf(ctx context.Context, tx storage.Tx, in chat.Inbound) *turn {
	t := &turn{Engine: e, tx: tx, in: in, now: e.now(), trace: chat.TraceOf(ctx)}
	t.by(e.rules.known())
	return t
}

// change runs fn as a turn that no person caused, and what waits for its commit.
func (e *Engine) change(ctx context.Context, desk string, in chat.Inbound, fn func(t *turn) error) error {
	var done *turn
	err := e.store.Update(ctx, desk, func(tx storage.Tx) error {
		done = e.turnOf(ctx, tx, in)
		return fn(done)
	})
	if err == nil {
		done.afterCommit()
	}
	return err
}

// changeFor is change for what follows from a delivery.
func (e *Engine) changeFor(ctx context.Context, d storage.Delivery, fn func(t *turn) error) error {
	return e.change(ctx, d.Desk, chat.Inbound{Workspace: platformWorkspace(d.Lane)}, fn)
}

// afterCommit runs what waits for the commit.
func (t *turn) afterCommit() {
	for _, f := range t.committed {
		f()
	}
}

// by takes the settings to go by.
func (t *turn) by(s *settings.Settings) {
	t.settings = s
	who := t.asking(t.in)
	// Who asks is answered in the language and the zone that they have the platform in;
	// where there are no texts in it, or it says no zone, people of a firm in the firm's.
	// A firm that was not seen for long is answered in the desk's.
	var firm storage.Contractor
	if t.actor.Contractor != "" {
		firm, _ = t.firms.Peek(t.actor.Contractor)
	}
	reads := t.toFirm(firm)
	t.zone = t.zoneNamed(who.Zone, reads.Zone)
	t.present = inZone(t.inLocale(reads, who.Locale), t.zone)
}

// deskZone is the time zone of the desk itself.
func (t *turn) deskZone() *time.Location { return t.zoneNamed(t.settings.Calendar.Zone, t.Engine.zone) }

// asking is who asks for something and alone sees the answer, as last seen: dates are
// read and shown in their time zone, and they are answered in their language. It is
// nobody where what they do is for others to read.
func (e *Engine) asking(in chat.Inbound) chat.Person {
	switch in.Body.(type) {
	case chat.Command, chat.Click, chat.Picked, chat.Submitted, chat.HomeOpened:
		who, _ := e.roster.people.Peek(personKey{in.Workspace, in.From.ID})
		if in.From.Locale != "" {
			// A browser says with each request what is read in it.
			who.Person.Locale = in.From.Locale
		}
		return who.Person
	case chat.Request:
		return chat.Person{Locale: in.From.Locale}
	}
	return chat.Person{}
}

// zonesMost is how many time zones are kept: there are fewer than 600.
const zonesMost = 600

// zoneNamed finds a time zone, the other one where there is none of that name. They are
// kept, because loading one reads a file.
func (e *Engine) zoneNamed(name string, other *time.Location) *time.Location {
	if name == "" {
		return other
	}
	if zone, known := e.zones.Get(name); known {
		return zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return other
	}
	e.zones.Add(name, zone)
	return zone
}
