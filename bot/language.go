package bot

import (
	"context"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/storage"
)

// speaking is the presenter with the words of a firm's language and with its zone where
// it has its own, else with the desk's. The zero firm is the desk.
func (e *Engine) speaking(firm storage.Contractor) *present.Presenter {
	return e.speak(e.rules.known(), firm)
}

func (e *Engine) speak(s *settings.Settings, firm storage.Contractor) *present.Presenter {
	language := settings.FirmLanguage(firm.Calendar)
	if language == "" && s != nil {
		language = s.Language
	}
	words, _ := e.languages.Find(language)
	zone := e.zoneOf(s, firm)
	if words == e.present.Words && zone == e.present.Zone {
		return e.present
	}
	p := *e.present
	p.Words, p.Zone = words, zone
	return &p
}

// toFirm is the presenter for what a firm reads in its channels.
func (t *turn) toFirm(firm storage.Contractor) *present.Presenter {
	return t.speak(t.settings, firm)
}

// toDesk is the presenter for what the desk's channels read, whoever caused it.
func (t *turn) toDesk() *present.Presenter { return t.toFirm(storage.Contractor{}) }

// inZone is a presenter with a time zone.
func inZone(p *present.Presenter, zone *time.Location) *present.Presenter {
	if zone == p.Zone {
		return p
	}
	zoned := *p
	zoned.Zone = zone
	return &zoned
}

// localesMost is how many locales are kept: platforms have fewer than a hundred.
const localesMost = 200

// inLocale is a presenter with the words nearest to a locale, its own where there are
// none. What was found is kept, because finding it compares languages.
func (e *Engine) inLocale(p *present.Presenter, locale string) *present.Presenter {
	if locale == "" {
		return p
	}
	words, known := e.tongues.Get(locale)
	if !known {
		if found, ok := e.languages.Find(locale); ok {
			words = &found
		}
		e.tongues.Add(locale, words)
	}
	if words == nil || *words == p.Words {
		return p
	}
	own := *p
	own.Words = *words
	return &own
}

// toAsker is the presenter for what somebody who asked is told later.
func (t *turn) toAsker(who asker) *present.Presenter {
	person, _ := t.roster.people.Peek(personKey{who.Workspace, who.Person})
	return t.inLocale(t.present, person.Locale)
}

// toParty is the presenter for what one side is reminded of.
func (t *turn) toParty(ctx context.Context, to party) *present.Presenter {
	if to.contractor == "" {
		return t.toDesk()
	}
	if firm, known := t.firms.Peek(to.contractor); known {
		return t.toFirm(firm)
	}
	firm, err := t.firmByID(ctx, to.contractor)
	if err != nil {
		// The words are the desk's then: a reminder matters more than its language.
		return t.toDesk()
	}
	return t.toFirm(firm)
}

// LanguageAt implements chat.Linguist.
func (e *Engine) LanguageAt(ctx context.Context, workspace, channel string) string {
	// A page may be the first to ask how the desk works; without an answer it is as last known.
	_, _ = e.rules.current(ctx)
	return e.readIn(ctx, workspace, channel).Language()
}

// LanguageOf implements chat.Linguist.
func (e *Engine) LanguageOf(ctx context.Context, v chat.Viewer) string {
	language := ""
	err := e.viewAs(ctx, v, func(t *turn) error {
		language = t.present.Language()
		return nil
	})
	if err != nil {
		return e.speaking(storage.Contractor{}).Language()
	}
	return language
}
