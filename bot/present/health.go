package present

import (
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// Health is how delivery stands.
type Health struct {
	// Parked are the destinations that a permanent failure stopped.
	Parked []Parked
	// Waiting is how many messages have not got through, Oldest when the oldest of
	// them was to be sent. Late is true when that is longer ago than usual.
	Waiting int
	Oldest  time.Time
	Late    bool
	// Invitations are those by which nobody came in.
	Invitations []storage.Invitation
}

// Parked is a destination that a permanent failure stopped.
type Parked struct {
	Workspace, Channel string
	// Reason says in words what is broken.
	Reason  string
	Waiting int
	Since   time.Time
}

// healthLines bounds what is told of each kind.
const healthLines = 5

// withHealth adds how delivery stands to a message.
func (w Words) withHealth(m chat.Message, h Health) chat.Message {
	if len(h.Parked) == 0 && len(h.Invitations) == 0 && !h.Late {
		m.Notes = append(m.Notes, chat.T("Delivery: all is well."))
		return m
	}
	if len(h.Parked) > 0 || h.Late {
		m.Tone = chat.Bad
	}
	for i, l := range h.Parked {
		if i == healthLines {
			m.Text = m.Text.Plain("\n" + w.plural(len(h.Parked)-i, "more channel is", "more channels are") + " stopped; taskbridge doctor lists all.")
			break
		}
		m.Text = m.Text.Plain("\n").Bold("I cannot post to " + l.Channel).
			Plain(" since ").Moment(l.Since).
			Plain(": " + l.Reason + ". " + upperFirst(w.plural(l.Waiting, "message waits", "messages wait")) + " for it.")
	}
	if h.Late && len(h.Parked) == 0 {
		m.Text = m.Text.Plain("\n" + upperFirst(w.plural(h.Waiting, "message waits", "messages wait")) + " to be sent, the oldest since ").Moment(h.Oldest).Plain(".")
	}
	if n := len(h.Invitations); n > 0 {
		var who []string
		for i, inv := range h.Invitations {
			if i == healthLines {
				who = append(who, "and "+strconv.Itoa(n-i)+" more")
				break
			}
			who = append(who, chat.Shorten(oneLine(inv.Address), 60)+" ("+inv.State+")")
		}
		m.Text = m.Text.Plain("\n" + w.plural(n, "invitation", "invitations") + " brought nobody in: " + strings.Join(who, ", ") + ".")
	}
	return m
}
