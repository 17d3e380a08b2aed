package present

import (
	"strconv"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// What can become of the open work of a firm that is off-boarded.
const (
	// KeepWork takes the job back to the desk.
	KeepWork = "keep"
	// OfferWork offers it to another firm.
	OfferWork = "offer"
	// CloseWork closes the job.
	CloseWork = "close"
)

// OffboardMost is how many jobs the form asks about one by one: the rest goes the way
// chosen for all. A form of Slack has room for 100 blocks, one in the browser for 60 fields.
const OffboardMost = 50

// fates are the ways that work can go; others tells whether there is another firm.
func (w Words) fates(others bool) []chat.Option {
	out := []chat.Option{{Value: KeepWork, Label: w.say("Back to the desk")}}
	if others {
		out = append(out, chat.Option{Value: OfferWork, Label: w.say("Offer to another firm")})
	}
	return append(out, chat.Option{Value: CloseWork, Label: w.sense("Close", "a job")})
}

// Offboard says which firm leaves and what that means, and asks what becomes of its open
// work and what the firm is told.
func (p *Presenter) Offboard(as Asked, c storage.Contractor, open []storage.Issue, others []storage.Contractor) *chat.Form {
	ends := p.say("It gets no more offers, its people are taken out of its channels, and the channels are archived.")
	f := &chat.Form{
		Title: p.say("Off-board a firm"), Submit: p.say("Off-board"),
		Intro: p.say("{{.Firm}} has no open jobs.", with{"Firm": FirmName(c)}) + " " + ends,
		Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.PauseContractor), Arg: c.ID}),
	}
	farewell := chat.Field{
		Name: "farewell", Label: p.say("Farewell"), Kind: chat.Paragraph, Optional: true, Max: 1000,
		Help: p.say("What the firm reads before its channel is archived."),
	}
	if len(open) == 0 {
		f.Fields = []chat.Field{farewell}
		return f
	}
	fates := p.fates(len(others) > 0)
	forAll := p.say("What becomes of every job that is not chosen for below.")
	if more := len(open) - OffboardMost; more > 0 {
		forAll = p.count(more, "What becomes of every job that is not chosen for below, and of {{.Count}} more that has no room there.",
			"What becomes of every job that is not chosen for below, and of {{.Count}} more that have no room there.")
	}
	f.Intro = p.count(len(open), "{{.Firm}} has {{.Count}} open job. Unanswered offers are withdrawn, accepted work is taken back.",
		"{{.Firm}} has {{.Count}} open jobs. Unanswered offers are withdrawn, accepted work is taken back.", with{"Firm": FirmName(c)}) + " " + ends
	f.Fields = []chat.Field{
		{Name: "all", Label: p.say("Open jobs"), Kind: chat.Select, Value: KeepWork, Placeholder: p.say("Choose what happens"), Options: fates, Help: forAll},
	}
	if len(others) > 0 {
		other := p.firmField(others, true)
		other.Label, other.Help = p.say("Other firm"), p.say("Who is offered the jobs that go to another firm.")
		f.Fields = append(f.Fields, other)
	}
	for n, i := range open {
		if n == OffboardMost {
			break
		}
		label, whole := shortLabel(Heading(i))
		f.Fields = append(f.Fields, chat.Field{
			Name: "job" + strconv.Itoa(i.Number), Label: label, Help: whole, Kind: chat.Select,
			Optional: true, Placeholder: p.say("As chosen above"), Options: fates,
		})
	}
	f.Fields = append(f.Fields, farewell)
	return f
}

// Farewell is the last message in a firm's channel.
func (w Words) Farewell(text string) chat.Message {
	m := chat.Message{Tone: chat.Closed, Text: w.text("The desk has ended its work with you here. Nothing is left to do; this channel is archived now. Thank you.")}
	if text != "" {
		m.Text = m.Text.Plain("\n").Quote(text)
	}
	return m
}

// WelcomeBack is the first message in a channel that is in use again.
func (w Words) WelcomeBack() chat.Message {
	return chat.Message{Tone: chat.Good, Text: w.text("This channel is in use again. New offers come here as cards.")}
}

// Offboarded tells the one who asked what became of a firm, and how to keep a copy: called
// is the name by which no other firm is found.
func (w Words) Offboarded(c storage.Contractor, called string, jobs int) chat.Text {
	t := w.text("{{.Firm}} is off-boarded.", with{"Firm": FirmName(c)})
	if jobs > 0 {
		t = t.Plain(" " + w.count(jobs, "{{.Count}} open job was dealt with.", "{{.Count}} open jobs were dealt with."))
	}
	return t.Plain(" ").Append(w.text("The history of its jobs is kept; whoever runs taskbridge writes a copy with {{.Command}}.",
		with{"Command": code(`taskbridge export --contractor "` + called + `"`)}))
}

// Archived tells what became of a firm's channel.
func (w Words) Archived(ch storage.Channel, removed int, refused []string) chat.Text {
	t := w.text("{{.Channel}} is archived.", with{"Channel": ch.Name})
	if removed > 0 {
		t = t.Plain(" " + w.count(removed, "{{.Count}} person of the firm was taken out of it.", "{{.Count}} people of the firm were taken out of it."))
	}
	if len(refused) > 0 {
		t = t.Plain(" " + w.say("{{.People}} could not be taken out: the platform lets no app do that here. The archived channel takes no messages.", with{"People": w.names(refused)}))
	}
	return t
}

// ArchiveByHand asks the desk to do what the platform lets no program do.
func (w Words) ArchiveByHand(ch storage.Channel, command string, restore bool) chat.Text {
	if restore {
		return w.text("{{.Channel}} could not be brought back: the platform lets no app do that here. Unarchive it by hand, add me to it, then say {{.Command}} in it.",
			with{"Channel": ch.Name, "Command": code(command + " contractor sync")})
	}
	return w.text("{{.Channel}} could not be archived: the platform lets no app do that here. Archive it by hand; nothing more is posted there.", with{"Channel": ch.Name})
}

// Resumed tells what taking a firm back brings back, and what it does not.
func (w Words) Resumed(c storage.Contractor) chat.Text {
	return w.text("{{.Firm}} gets offers again, and its channels are being brought back. What was closed, taken back or offered elsewhere stays as it is: offer it again where you want. "+
		"Invite the firm's people again: those who were taken out do not come back by themselves.", with{"Firm": FirmName(c)})
}
