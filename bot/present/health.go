package present

import (
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
		m.Notes = append(m.Notes, w.text("Delivery: all is well."))
		return m
	}
	if len(h.Parked) > 0 || h.Late {
		m.Tone = chat.Bad
	}
	for i, l := range h.Parked {
		if i == healthLines {
			m.Text = m.Text.Plain("\n" + w.count(len(h.Parked)-i, "{{.Count}} more channel is stopped; taskbridge doctor lists all.", "{{.Count}} more channels are stopped; taskbridge doctor lists all."))
			break
		}
		m.Text = m.Text.Plain("\n").Append(w.countText(l.Waiting, "{{.Cannot}} since {{.When}}: {{.Reason}}. {{.Count}} message waits for it.", "{{.Cannot}} since {{.When}}: {{.Reason}}. {{.Count}} messages wait for it.", with{
			"Cannot": bold(w.say("I cannot post to {{.Channel}}", with{"Channel": l.Channel})), "When": at(l.Since), "Reason": w.term(l.Reason),
		}))
	}
	if h.Late && len(h.Parked) == 0 {
		m.Text = m.Text.Plain("\n").Append(w.countText(h.Waiting, "{{.Count}} message waits to be sent, the oldest since {{.When}}.", "{{.Count}} messages wait to be sent, the oldest since {{.When}}.", with{"When": at(h.Oldest)}))
	}
	if n := len(h.Invitations); n > 0 {
		var who []string
		for i, inv := range h.Invitations {
			if i == healthLines {
				who = append(who, w.count(n-i, "and {{.Count}} more", "and {{.Count}} more"))
				break
			}
			who = append(who, chat.Shorten(oneLine(inv.Address), 60)+" ("+w.invitedState(inv.State)+")")
		}
		m.Text = m.Text.Plain("\n" + w.count(n, "{{.Count}} invitation brought nobody in: {{.People}}.", "{{.Count}} invitations brought nobody in: {{.People}}.", with{"People": strings.Join(who, ", ")}))
	}
	return m
}

// invitedState is in a word why an invitation brought nobody in.
func (w Words) invitedState(state string) string {
	switch chat.InviteState(state) {
	case chat.InviteDeclined:
		return w.say("declined")
	case chat.InviteExpired:
		return w.say("expired")
	case chat.InviteFailed:
		return w.say("failed")
	default:
		return state
	}
}
