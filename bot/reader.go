package bot

import (
	"context"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/storage"
)

// Moments travel as moments, so that a client can show them in its reader's own zone.
// For platforms whose clients cannot, they are written out where it is known who reads
// them: an answer for who asked, what is sent when it is sent.

// zoneOf is the time zone of a firm, of the desk where it says none or there is no firm.
func (e *Engine) zoneOf(s *settings.Settings, firm storage.Contractor) *time.Location {
	zone := e.zone
	if s != nil {
		zone = e.zoneNamed(s.Calendar.Zone, zone)
	}
	return e.zoneNamed(settings.FirmZone(firm.Calendar), zone)
}

// spelled is an answer as who asked reads it.
func (t *turn) spelled(a chat.Answer) chat.Answer {
	a.Message = t.present.Spelled(a.Message, t.now)
	a.Fallback = t.present.Spelled(a.Fallback, t.now)
	a.Form = t.present.Worded(a.Form)
	return a
}

// spell writes out the moments of a message as the readers of a channel read them.
func (e *Engine) spell(ctx context.Context, workspace, channel string, m chat.Message) chat.Message {
	p := e.readIn(ctx, workspace, channel)
	if e.bundles(workspace) {
		return p.SpelledInFull(m)
	}
	return p.Spelled(m, e.now())
}

// spellFor writes out the moments of a message as one person reads them, who may not be
// known: then as all in the channel do.
func (e *Engine) spellFor(ctx context.Context, workspace, channel, person string, m chat.Message) chat.Message {
	if e.bundles(workspace) {
		// One who reads letters is a channel of his own.
		return e.spell(ctx, workspace, channel, m)
	}
	who := e.readerOf(ctx, workspace, person)
	p := e.inLocale(e.readIn(ctx, workspace, channel), who.Locale)
	return inZone(p, e.zoneNamed(who.Zone, p.Zone)).Spelled(m, e.now())
}

// readIn is the presenter for who reads a channel: with the zone and the words of the
// firm whose channel it is, else of the desk.
func (e *Engine) readIn(ctx context.Context, workspace, channel string) *present.Presenter {
	var firm storage.Contractor
	place, err := e.places.find(ctx, workspace, channel)
	if err != nil || place == nil || place.Contractor == "" {
		// A message matters more than its zone.
		return e.speaking(firm)
	}
	firm, known := e.firms.Peek(place.Contractor)
	if !known {
		err = e.store.View(ctx, e.desk, func(tx storage.Tx) (err error) {
			firm, err = e.firm(ctx, tx, place.Contractor)
			return err
		})
		if err != nil {
			firm = storage.Contractor{}
		}
	}
	return e.speaking(firm)
}

// readerOf is a person as last seen, the zero one when never.
func (e *Engine) readerOf(ctx context.Context, workspace, person string) chat.Person {
	if who, known := e.roster.people.Peek(personKey{workspace, person}); known {
		return who.Person
	}
	var rec storage.Person
	err := e.store.View(ctx, e.desk, func(tx storage.Tx) (err error) {
		rec, err = tx.Person(ctx, workspace, person)
		return err
	})
	if err != nil {
		return chat.Person{}
	}
	return chat.Person{Zone: rec.Zone, Locale: rec.Locale}
}
