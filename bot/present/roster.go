package present

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// InviteAgain is the verb of the button under an invitation that came to nothing.
const InviteAgain workflow.Verb = "invite_again"

// namedMost is how many people one sentence names.
const namedMost = 8

// names puts people into a sentence.
func (w Words) names(list []string) string {
	list = slices.Clone(list)
	for i := range list {
		list[i] = chat.Shorten(oneLine(list[i]), 60)
	}
	if more := len(list) - namedMost; more > 0 {
		list = append(list[:namedMost], strconv.Itoa(more)+" more")
	}
	switch len(list) {
	case 0:
		return "nobody"
	case 1:
		return list[0]
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// JoinedFirm tells the desk who has come into a firm's channel.
func (w Words) JoinedFirm(c storage.Contractor, ch storage.Channel, who []string) chat.Message {
	verb := " is in "
	if len(who) > 1 {
		verb = " are in "
	}
	return chat.Message{Text: chat.T(w.names(who)+verb).Link(ch.Name, ch.URL).Plain(" now and can act for " + FirmName(c) + ".")}
}

// LeftFirm tells the desk who has gone from a firm's channel, and which jobs that
// leaves without the person in charge.
func (w Words) LeftFirm(c storage.Contractor, ch storage.Channel, who string, charge []int) chat.Message {
	m := chat.Message{Text: chat.T(w.names([]string{who})+" is no longer in ").Link(ch.Name, ch.URL).Plain(" and cannot act for " + FirmName(c) + " any more.")}
	if len(charge) == 0 {
		return m
	}
	var jobs []string
	for _, n := range charge {
		jobs = append(jobs, Number(n))
	}
	m.Tone = chat.Bad
	m.Text = m.Text.Plain(" In charge of " + w.names(jobs) + ": ask the firm in the thread who takes over.")
	return m
}

// RemoveByHand asks the desk to do what the platform lets no program do.
func (w Words) RemoveByHand(who string, ch storage.Channel, desk bool) chat.Message {
	why := " is off the firm's roster"
	if desk {
		why = " is no operator any more"
	}
	return chat.Message{Tone: chat.Bad, Text: chat.T(w.names([]string{who})+why+" but could not be taken out of ").Link(ch.Name, ch.URL).Plain(": the platform lets no app do that here. Remove them by hand; until then they act for the firm.")}
}

// Lapsed offers the desk to invite somebody again. The button is good for whoever may
// invite, in the channel it stands in.
func (p *Presenter) Lapsed(c storage.Contractor, i storage.Invitation, channel string, now time.Time) chat.Message {
	return chat.Message{
		Tone: chat.Waiting,
		Text: p.Invited(i).Plain(" The invitation was to " + FirmName(c) + "."),
		Buttons: []chat.Button{{
			ID: buttonID(string(InviteAgain)), Label: "Invite again", Style: chat.Primary,
			Token: p.Sign(ticket.Ticket{Desk: p.Desk, Verb: string(InviteAgain), Channel: channel, Arg: i.ID, Expires: now.Add(buttonLife).Unix()}),
		}},
	}
}

// Look is what became of looking at one channel of a firm.
type Look struct {
	Firm    storage.Contractor
	Channel storage.Channel
	// Done is what was set right, See what a person has to see to; clauses, both.
	Done, See []string
}

// Looked says what a look at a firm's channel did.
func (w Words) Looked(l Look) chat.Text {
	t := chat.Text{}.Link(l.Channel.Name, l.Channel.URL)
	switch {
	case len(l.Done) == 0 && len(l.See) == 0:
		return t.Plain(" of " + FirmName(l.Firm) + " is as it should be.")
	case len(l.Done) == 0:
		t = t.Plain(" of " + FirmName(l.Firm) + ": nothing could be set right.")
	default:
		t = t.Plain(" of " + FirmName(l.Firm) + ": " + strings.Join(l.Done, "; ") + ".")
	}
	if len(l.See) > 0 {
		t = t.Plain(" For you to see to: " + strings.Join(l.See, "; ") + ".")
	}
	return t
}

// Names puts people into words for a clause.
func (w Words) Names(list []string) string { return w.names(list) }

// FirmView is everything the desk knows about a contractor.
type FirmView struct {
	storage.Contractor
	Channels    []storage.Channel
	Invitations []storage.Invitation
	People      []storage.FirmPerson
	// Open is how many of its jobs are not over.
	Open int
}

// Firm shows one contractor: its state and channels, who is and who should be there,
// then how its invitations stand.
func (w Words) Firm(v FirmView) chat.Message {
	m := chat.Message{Title: FirmName(v.Contractor)}
	m.Text = chat.Text{}.Bold("State:").Plain(" " + upperFirst(w.stateLabel(v.State)))
	if v.Open > 0 {
		m.Text = m.Text.Plain(", " + w.plural(v.Open, "open job", "open jobs"))
	}
	if own, err := settings.DecodeCalendar(v.Calendar); err == nil && own.Set() {
		m.Text = m.Text.Plain("\n").Bold("Works:").Plain(" " + settings.CalendarText(own))
	}
	if len(v.Topics) > 0 {
		m.Text = m.Text.Plain("\n").Bold("Does:").Plain(" " + strings.Join(v.Topics, ", "))
	}
	for _, ch := range v.Channels {
		m.Text = m.Text.Plain("\n").Bold("Channel:").Plain(" ").Link(ch.Name, ch.URL).Plain(w.channelNote(ch.State))
	}
	m.Text = w.people(m.Text, "Their people", v.People, func(p storage.FirmPerson) bool {
		return p.Standing != storage.Placed && p.Standing != storage.Struck
	})
	m.Text = w.people(m.Text, "Taken off", v.People, func(p storage.FirmPerson) bool {
		return p.Standing == storage.Struck
	})
	m.Text = w.people(m.Text, "Desk", v.People, func(p storage.FirmPerson) bool {
		return p.Standing == storage.Placed
	})
	for _, i := range v.Invitations {
		m.Text = m.Text.Plain("\n").Append(w.Invited(i))
	}
	if len(v.Invitations) == 0 {
		m.Notes = append(m.Notes, chat.T("Nobody was invited yet."))
	}
	return m
}

// people adds a line of those on a roster that belong there.
func (w Words) people(t chat.Text, label string, all []storage.FirmPerson, belongs func(storage.FirmPerson) bool) chat.Text {
	const most = 20
	n := 0
	for _, p := range all {
		if !belongs(p) {
			continue
		}
		switch n++; {
		case n == 1:
			t = t.Plain("\n").Bold(label + ":").Plain(" ")
		case n > most:
			continue
		default:
			t = t.Plain(", ")
		}
		t = t.Plain(chat.Shorten(oneLine(p.Name), 60) + w.personNote(p))
	}
	if n > most {
		t = t.Plain(" and " + strconv.Itoa(n-most) + " more")
	}
	return t
}

// personNote says what is worth knowing about somebody beside the name.
func (w Words) personNote(p storage.FirmPerson) string {
	var notes []string
	if p.Role != "" {
		notes = append(notes, chat.Shorten(oneLine(p.Role), 40))
	}
	switch {
	case p.Standing == storage.Placed:
	case p.Standing == storage.Struck && p.Present:
		notes = append(notes, "still in the channel")
	case p.Standing == storage.Noticed && p.Present:
		notes = append(notes, "brought in by the firm")
	case !p.Present && p.Standing != storage.Struck:
		notes = append(notes, "not in the channel")
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}
