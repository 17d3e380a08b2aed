package present

import (
	"slices"
	"time"

	"taskbridge/bot/chat"
)

// Spelled is a message with its moments written out in the presenter's zone and words,
// for platforms that cannot let each reader's client do it. The year is left out while
// it is the current one. What is handed over is not changed.
func (p *Presenter) Spelled(m chat.Message, now time.Time) chat.Message {
	return spelled(m, func(at time.Time) string { return p.in.ShortMoment(at.In(p.Zone), now) })
}

// SpelledInFull is Spelled for what is kept and read at any time, as letters are: each
// moment has its day of the week and its year.
func (p *Presenter) SpelledInFull(m chat.Message) chat.Message {
	return spelled(m, func(at time.Time) string { return p.in.Moment(at.In(p.Zone)) })
}

// Unspelled is a message whose moments are moments only: two that say the same are the
// same, whoever reads them.
func Unspelled(m chat.Message) chat.Message {
	// What is said of a visit stands in the text.
	m.Visit = nil
	return spelled(m, func(time.Time) string { return "" })
}

// WhenDue is a moment as a part of what somebody writes, in the presenter's zone and words.
func (p *Presenter) WhenDue(due, now time.Time) string { return p.in.ShortMoment(due.In(p.Zone), now) }

func spelled(m chat.Message, say func(time.Time) string) chat.Message {
	m.Text = spelledText(m.Text, say)
	if slices.ContainsFunc(m.Facts, func(f chat.Fact) bool { return hasMoment(f.Value) }) {
		m.Facts = slices.Clone(m.Facts)
		for n := range m.Facts {
			m.Facts[n].Value = spelledText(m.Facts[n].Value, say)
		}
	}
	if slices.ContainsFunc(m.Notes, hasMoment) {
		m.Notes = slices.Clone(m.Notes)
		for n := range m.Notes {
			m.Notes[n] = spelledText(m.Notes[n], say)
		}
	}
	return m
}

func spelledText(t chat.Text, say func(time.Time) string) chat.Text {
	if !hasMoment(t) {
		return t
	}
	t = slices.Clone(t)
	for n := range t {
		if t[n].Kind == chat.Moment {
			t[n].Text = say(t[n].Time)
		}
	}
	return t
}

func hasMoment(t chat.Text) bool {
	return slices.ContainsFunc(t, func(s chat.Span) bool { return s.Kind == chat.Moment })
}
