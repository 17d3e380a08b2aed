package present

import (
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// ReadAll is the verb of the button on a card that shows what the card has no room for: a
// firm may have no command for it.
const ReadAll workflow.Verb = "read_all"

// firmRoom is how much of what the desk wrote a firm's card shows: of the description,
// and of the terms. Letters, and what is shown to one person, have room for all of it.
func (j Job) firmRoom(description int) (room, terms int) {
	switch {
	case description >= fullDescription || j.ByMail:
		return fullDescription, fullDescription
	case len(j.Demands.Checklist) > 0:
		return min(description, checklistDescription), maxTermsLine
	}
	return description, maxTermsLine
}

// readAll is the button on a card that shows so much, none where it shows everything or
// leads to the job's own page.
func (p *Presenter) readAll(j Job, a *workflow.Assignment, on bearer, room, terms int) []chat.Button {
	if j.Page != "" || on.card == "" || workflow.Lost(a.Status) {
		return nil
	}
	if utf8.RuneCountInString(j.Description) <= room && utf8.RuneCountInString(oneLine(a.Terms.Note)) <= terms {
		return nil
	}
	return []chat.Button{p.button(p.say("Read all of it"), ReadAll, chat.Default, j, on, a)}
}

// All is what the desk wrote to the firm of a hand-off, without anything cut off.
func (p *Presenter) All(j Job, a workflow.Assignment) chat.Message {
	j = j.forFirm(&a)
	m := chat.Message{Title: Heading(j.Issue)}
	if j.Description != "" {
		m.Text = m.Text.Quote(chat.Shorten(j.Description, fullDescription))
	}
	if a.Terms.Note != "" {
		if len(m.Text) > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(p.say("Terms")).Plain("\n").Quote(chat.Shorten(a.Terms.Note, fullDescription))
	}
	return m
}
