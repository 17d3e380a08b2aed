package workflow

import (
	"strconv"
	"strings"
	"time"
)

// Happened is an event with its time.
type Happened struct {
	Event

	At time.Time
}

// Recount makes the counts of an issue from its present state and its history, in
// order: all that Counts gave for the changes that led here. It is for histories that
// nobody has counted yet, and for showing that counting does not err.
func Recount(is Issue, history []Happened) []Count {
	c := &counter{}
	c.issue("", Issue{}, is, false, is.Status != "")
	past := make(map[string]*replayed, len(is.Assignments))
	for n := range is.Assignments {
		a := &is.Assignments[n]
		if !involved(a.Contractor, is.Assignments[:n]) {
			c.issue(a.Contractor, Issue{}, is, false, true)
		}
		c.moved(a.Contractor, "", a.Status.Figure())
		c.moved("", "", a.Status.Figure())
		past[a.ID] = &replayed{firm: a.Contractor}
	}
	for _, h := range history {
		if p := past[h.Assignment]; p != nil {
			p.replay(c, h)
		}
	}
	return c.all
}

// replayed is what is known of an assignment at some point of its history.
type replayed struct {
	firm     string
	offered  time.Time
	answered time.Time
	started  bool
	asked    time.Time
	rated    time.Time
	stars    int
}

func (p *replayed) replay(c *counter, h Happened) {
	for limit := range strings.FieldsSeq(h.Data[keptKey]) {
		c.both(p.firm, Limit(limit).Figure(true), h.At, 1)
	}
	switch h.Kind {
	case EventLimitBroken:
		// What cannot be read was not written by Decide.
		at, _ := time.Parse(time.RFC3339, h.Data[brokenKey])
		c.both(p.firm, Limit(h.Data[limitKey]).Figure(false), at, 1)
	case EventOffered, EventAmended:
		p.offered = h.At
		c.both(p.firm, FigureOffered, h.At, 1)
	case EventAccepted, EventCounterAccepted:
		p.answered = h.At
		c.span(p.firm, LapseAccept, p.offered, h.At)
	case EventDeclined:
		c.span(p.firm, LapseDecline, p.offered, h.At)
		c.both(p.firm, reasonFigure(h.Data["reason"]), h.At, 1)
	case EventExpired:
		c.both(p.firm, reasonFigure(ReasonNoAnswer), h.At, 1)
	case EventStarted, EventStep, EventHandedOver, EventTookCharge, EventChecked:
		p.start(c, h.At)
	case EventPaused:
		if h.Data[startedKey] != "" {
			p.start(c, h.At)
		}
	case EventSubmitted:
		p.start(c, h.At)
		c.both(p.firm, FigureSubmitted, h.At, 1)
	case EventReopened:
		p.start(c, h.At)
	case EventApprovalAsked:
		p.asked = h.At
		c.both(p.firm, FigureAsked, h.At, 1)
	case EventApprovalGiven:
		c.both(p.firm, FigureGranted, p.asked, 1)
	case EventSentBack:
		c.both(p.firm, FigureSentBack, h.At, 1)
	case EventApproved, EventCompletedEarly, EventCompletedByClose:
		c.span(p.firm, LapseComplete, p.answered, h.At)
		if v := h.Data[onTimeKey]; v != "" {
			c.both(p.firm, punctual(v == strconv.FormatBool(true)), h.At, 1)
		}
	case EventRated:
		if p.stars != 0 {
			c.both(p.firm, ratingFigure(p.stars), p.rated, -1)
		}
		// What cannot be read was not written by Decide.
		p.stars, _ = strconv.Atoi(h.Data["stars"])
		p.rated = h.At
		if p.stars != 0 {
			c.both(p.firm, ratingFigure(p.stars), h.At, 1)
		}
	}
}

// start counts the start of the work, which counts once.
func (p *replayed) start(c *counter, at time.Time) {
	if !p.started {
		p.started = true
		c.span(p.firm, LapseStart, p.answered, at)
	}
}
