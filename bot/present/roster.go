package present

import (
	"slices"
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
func (w Words) names(list []string) string { return w.listed(list, "{{.People}} and {{.Last}}") }

// listed is a list of people, the last one joined as said.
func (w Words) listed(list []string, english string) string {
	list = slices.Clone(list)
	for i := range list {
		list[i] = chat.Shorten(oneLine(list[i]), 60)
	}
	if more := len(list) - namedMost; more > 0 {
		list = append(list[:namedMost], w.say("{{.Count}} more", with{"Count": more}))
	}
	switch len(list) {
	case 0:
		return w.say("nobody")
	case 1:
		return list[0]
	}
	last := len(list) - 1
	return w.say(english, with{"People": strings.Join(list[:last], ", "), "Last": list[last]})
}

// JoinedFirm tells the desk who has come into a firm's channel.
func (w Words) JoinedFirm(c storage.Contractor, ch storage.Channel, who []string) chat.Message {
	return chat.Message{Text: w.countText(len(who), "{{.People}} is in {{.Channel}} now and can act for {{.Firm}}.", "{{.People}} are in {{.Channel}} now and can act for {{.Firm}}.",
		with{"People": w.names(who), "Channel": link(ch.Name, ch.URL), "Firm": FirmName(c)})}
}

// LeftFirm tells the desk who has gone from a firm's channel, and which jobs that
// leaves without the person in charge.
func (w Words) LeftFirm(c storage.Contractor, ch storage.Channel, who string, charge []int) chat.Message {
	m := chat.Message{Text: w.text("{{.Who}} is no longer in {{.Channel}} and cannot act for {{.Firm}} any more.",
		with{"Who": w.names([]string{who}), "Channel": link(ch.Name, ch.URL), "Firm": FirmName(c)})}
	if len(charge) == 0 {
		return m
	}
	var jobs []string
	for _, n := range charge {
		jobs = append(jobs, Number(n))
	}
	m.Tone = chat.Bad
	m.Text = m.Text.Plain(" " + w.say("They were in charge of {{.Tasks}}: ask the firm in the thread who takes over.", with{"Tasks": w.names(jobs)}))
	return m
}

// RemoveByHand asks the desk to do what the platform lets no program do.
func (w Words) RemoveByHand(who string, ch storage.Channel, desk bool) chat.Message {
	gaps := with{"Who": w.names([]string{who}), "Channel": link(ch.Name, ch.URL)}
	text := w.text("{{.Who}} is off the firm's roster but could not be taken out of {{.Channel}}: the platform lets no app do that here. Remove them by hand; until then they act for the firm.", gaps)
	if desk {
		text = w.text("{{.Who}} is no longer an operator but could not be taken out of {{.Channel}}: the platform lets no app do that here. Remove them by hand; until then they act for the firm.", gaps)
	}
	return chat.Message{Tone: chat.Bad, Text: text}
}

// Lapsed offers the desk to invite somebody again. The button is good for whoever may
// invite, in the channel it stands in.
func (p *Presenter) Lapsed(c storage.Contractor, i storage.Invitation, channel string, now time.Time) chat.Message {
	return chat.Message{
		Tone: chat.Waiting,
		Text: p.Invited(i).Plain(" " + p.say("The invitation was to {{.Firm}}.", with{"Firm": FirmName(c)})),
		Buttons: []chat.Button{{
			ID: buttonID(string(InviteAgain)), Label: p.say("Invite again"), Style: chat.Primary,
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
	gaps := with{"Channel": link(l.Channel.Name, l.Channel.URL), "Firm": FirmName(l.Firm), "Done": strings.Join(l.Done, "; "), "See": strings.Join(l.See, "; ")}
	var t chat.Text
	switch {
	case len(l.Done) == 0 && len(l.See) == 0:
		return w.text("{{.Channel}} of {{.Firm}} is as it should be.", gaps)
	case len(l.Done) == 0:
		t = w.text("{{.Channel}} of {{.Firm}}: nothing could be set right.", gaps)
	default:
		t = w.text("{{.Channel}} of {{.Firm}}: {{.Done}}.", gaps)
	}
	if len(l.See) > 0 {
		t = t.Plain(" " + w.say("For you to see to: {{.See}}.", gaps))
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
	// Answerers are those who answer its offers, none where everybody does.
	Answerers []string
	// Certificates are what the firm has, Day is the desk's.
	Certificates []storage.Certificate
	Day          workflow.Date
	// Open is how many of its jobs are not over.
	Open int
}

// Firm shows one contractor: its state and channels, who is and who should be there,
// then how its invitations stand.
func (w Words) Firm(v FirmView) chat.Message {
	m := chat.Message{Title: FirmName(v.Contractor)}
	m.Text = chat.Text{}.Bold(w.say("State:")).Plain(" " + upperFirst(w.stateLabel(v.State)))
	if v.Open > 0 {
		m.Text = m.Text.Plain(", " + w.count(v.Open, "{{.Count}} open job", "{{.Count}} open jobs"))
	}
	if own, err := settings.DecodeCalendar(v.Calendar); err == nil && own.Set() {
		m.Text = m.Text.Plain("\n").Bold(w.say("Works:")).Plain(" " + w.Calendar(own))
	}
	if len(v.Topics) > 0 {
		m.Text = m.Text.Plain("\n").Bold(w.say("Does:")).Plain(" " + strings.Join(v.Topics, ", "))
	}
	if len(v.Answerers) > 0 {
		m.Text = m.Text.Plain("\n").Bold(w.say("Answer offers") + ":").Plain(" " + w.names(v.Answerers))
	}
	if len(v.Certificates) > 0 {
		m.Text = m.Text.Plain("\n").Bold(w.say("Certificates:")).Plain(" " + w.certificateList(v.Certificates, v.Day))
	}
	for _, ch := range v.Channels {
		m.Text = m.Text.Plain("\n").Bold(w.say("Channel:")).Plain(" ").Link(ch.Name, ch.URL).Plain(w.channelNote(ch.State))
	}
	m.Text = w.people(m.Text, w.say("Their people"), v.People, func(p storage.FirmPerson) bool {
		return p.Standing != storage.Placed && p.Standing != storage.Struck
	})
	m.Text = w.people(m.Text, w.say("Taken off"), v.People, func(p storage.FirmPerson) bool {
		return p.Standing == storage.Struck
	})
	m.Text = w.people(m.Text, w.say("Desk"), v.People, func(p storage.FirmPerson) bool {
		return p.Standing == storage.Placed
	})
	for _, i := range v.Invitations {
		m.Text = m.Text.Plain("\n").Append(w.Invited(i))
	}
	if len(v.Invitations) == 0 {
		m.Notes = append(m.Notes, w.text("Nobody has been invited yet."))
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
		t = w.text("{{.Files}} and {{.More}} more", with{"Files": t, "More": n - most})
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
		notes = append(notes, w.say("still in the channel"))
	case p.Standing == storage.Noticed && p.Present:
		notes = append(notes, w.say("brought in by the firm"))
	case !p.Present && p.Standing != storage.Struck:
		notes = append(notes, w.say("not in the channel"))
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}
