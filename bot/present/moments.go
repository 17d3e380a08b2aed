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
	return spelled(m, p.Zone, func(from, until time.Time) string {
		if until.IsZero() {
			return p.in.ShortMoment(from, now)
		}
		return p.in.ShortMomentSpan(from, until, now)
	})
}

// SpelledInFull is Spelled for what is kept and read at any time, as letters are: each
// moment has its day of the week and its year.
func (p *Presenter) SpelledInFull(m chat.Message) chat.Message {
	return spelled(m, p.Zone, func(from, until time.Time) string {
		if until.IsZero() {
			return p.in.Moment(from)
		}
		return p.in.MomentSpan(from, until)
	})
}

// Unspelled is a message whose moments are moments only: two that say the same are the
// same, whoever reads them.
func Unspelled(m chat.Message) chat.Message {
	// What is said of a visit stands in the text.
	m.Visit = nil
	return spelled(m, time.UTC, func(time.Time, time.Time) string { return "" })
}

// WhenDue is a moment as a part of what somebody writes, in the presenter's zone and words.
func (p *Presenter) WhenDue(due, now time.Time) string { return p.in.ShortMoment(due.In(p.Zone), now) }

// spelled says each moment, and each span of time, in a zone. They are given in that zone
// from then on, so that who leaves the words aside can tell on which day they are.
func spelled(m chat.Message, zone *time.Location, say func(from, until time.Time) string) chat.Message {
	m.Text = spelledText(m.Text, zone, say)
	if slices.ContainsFunc(m.Facts, func(f chat.Fact) bool { return hasMoment(f.Value) }) {
		m.Facts = slices.Clone(m.Facts)
		for n := range m.Facts {
			m.Facts[n].Value = spelledText(m.Facts[n].Value, zone, say)
		}
	}
	if slices.ContainsFunc(m.Notes, hasMoment) {
		m.Notes = slices.Clone(m.Notes)
		for n := range m.Notes {
			m.Notes[n] = spelledText(m.Notes[n], zone, say)
		}
	}
	return m
}

func spelledText(t chat.Text, zone *time.Location, say func(from, until time.Time) string) chat.Text {
	if !hasMoment(t) {
		return t
	}
	t = slices.Clone(t)
	for n := range t {
		if t[n].Kind != chat.Moment {
			continue
		}
		t[n].Time = t[n].Time.In(zone)
		if !t[n].Until.IsZero() {
			t[n].Until = t[n].Until.In(zone)
		}
		t[n].Text = say(t[n].Time, t[n].Until)
	}
	return t
}

func hasMoment(t chat.Text) bool {
	return slices.ContainsFunc(t, func(s chat.Span) bool { return s.Kind == chat.Moment })
}
