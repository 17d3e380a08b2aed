package present

import (
	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/workflow"
)

const (
	// ShowList is the verb of the select that opens a list.
	ShowList workflow.Verb = "show_list"
	// FilterList is the verb of the form that narrows a list down.
	FilterList workflow.Verb = "filter_list"
)

// NamedList is a list that a person can open, with how much is on it.
type NamedList struct {
	Name, Heading string
	Count         int
}

// Home is what lies with one person.
type Home struct {
	Role workflow.Role
	// Name is how the person is called.
	Name string
	// Lists are those the person can open, in order.
	Lists []NamedList
	// Sections are the heads of the lists that matter to the person, those with
	// nothing on them included.
	Sections []Page
	// Chosen is the list the person looks at, nil for the sections.
	Chosen *Page
	// Buttons are what else a person can do there.
	Buttons []chat.Button
	// Contacts are the people a stranger can ask.
	Contacts []string
}

// homeJobs is how many jobs of a section an answer in a conversation shows; a page of
// its own has room for all that were read.
const homeJobs = 3

// HomePage is a person's home as messages, one under the other.
func (p *Presenter) HomePage(as Asked, h Home) []chat.Message {
	if h.Role == workflow.Stranger {
		return []chat.Message{p.strangersHome(h)}
	}
	out := []chat.Message{p.homeHead(as, h, true)}
	if h.Chosen != nil {
		return append(out, p.homeList(as, h.Role, *h.Chosen)...)
	}
	for _, s := range h.Sections {
		out = append(out, chat.Message{Title: p.Counted(p.homeHeading(h.Role, s.Heading), s.Count)})
		if len(s.Jobs) == 0 {
			out = append(out, chat.Message{Text: chat.Text{}.Italic(p.say("Nothing."))})
		}
		for _, j := range s.Jobs {
			out = append(out, p.homeJob(as, h.Role, j, s.Links[j.ID]))
		}
	}
	return out
}

// homeHeading says what a list is in the words of whoever reads it.
func (w Words) homeHeading(role workflow.Role, list string) string {
	if role == workflow.Contractor {
		return w.boardHeading(list)
	}
	return list
}

// homeList is one list in full.
func (p *Presenter) homeList(as Asked, side workflow.Role, pg Page) []chat.Message {
	out := []chat.Message{{Title: p.Counted(chat.Shorten(p.homeHeading(side, pg.Heading), 130), pg.Count)}}
	if len(pg.Jobs) == 0 {
		return append(out, chat.Message{Text: p.text("There is nothing on this list.")})
	}
	for _, j := range pg.Jobs {
		out = append(out, p.homeJob(as, side, j, pg.Links[j.ID]))
	}
	if turning := p.List(as, side, pg).Buttons; len(turning) > 0 {
		out = append(out, chat.Message{Text: chat.Text{}.Italic(p.say("There is more.")), Buttons: turning})
	}
	return out
}

// homeJob is a job in one line, with what the person can do about it.
func (p *Presenter) homeJob(as Asked, side workflow.Role, j Job, link string) chat.Message {
	m := chat.Message{Text: p.jobLine(side, j, "")}
	on := bearer{user: as.User, now: as.Now}
	const most = 3
	switch side {
	case workflow.Operator:
		m.Buttons = p.issueButtons(j, j.live(), on)
	case workflow.Contractor:
		if a := j.live(); a != nil {
			m.Buttons = p.firmButtons(j, a, on)
		}
	}
	m.Buttons = m.Buttons[:min(len(m.Buttons), most)]
	if link != "" {
		m.Buttons = append(m.Buttons, chat.Button{ID: "open", Label: p.say("Open card"), URL: link})
	}
	return m
}

// homeHead greets and offers the lists.
func (p *Presenter) homeHead(as Asked, h Home, page bool) chat.Message {
	m := chat.Message{Title: p.say("Waiting for you")}
	if page {
		m.Text = p.text("Jobs that wait for you come first. Choose a list to see all of it.")
	}
	var options []chat.Option
	for _, l := range h.Lists {
		options = append(options, chat.Option{Value: l.Name, Label: chat.Shorten(p.Counted(p.homeHeading(h.Role, l.Heading), l.Count), 70)})
	}
	if len(options) > 0 {
		m.Choice = &chat.Choice{
			ID: "list", Placeholder: p.say("Show a list"), Options: options,
			Token: p.formToken(as, ticket.Ticket{Verb: string(ShowList)}),
		}
	}
	m.Buttons = append(m.Buttons, chat.Button{ID: "filter", Label: p.say("Filter"), Token: p.formToken(as, ticket.Ticket{Verb: string(FilterList)})})
	m.Buttons = append(m.Buttons, h.Buttons...)
	if h.Chosen != nil {
		m.Buttons = append(m.Buttons, chat.Button{ID: "back", Label: p.say("Back"), Token: p.formToken(as, ticket.Ticket{Verb: string(ShowList)})})
	}
	return m
}

// HomeAnswer is a person's home as one private message.
func (p *Presenter) HomeAnswer(as Asked, h Home) chat.Message {
	if h.Role == workflow.Stranger {
		return p.strangersHome(h)
	}
	m := p.homeHead(as, h, false)
	cut := false
	for n, s := range h.Sections {
		if n > 0 {
			m.Text = m.Text.Plain("\n\n")
		}
		m.Text = m.Text.Bold(p.Counted(p.homeHeading(h.Role, s.Heading), s.Count))
		if len(s.Jobs) == 0 {
			m.Text = m.Text.Plain("\n" + p.say("Nothing."))
		}
		shown := s.Jobs[:min(len(s.Jobs), homeJobs)]
		for _, j := range shown {
			m.Text = m.Text.Plain("\n").Append(p.jobLine(h.Role, j, s.Links[j.ID]))
		}
		if s.Count > len(shown) {
			m.Text = m.Text.Plain("\n").Append(p.moreThan(len(shown), s.Count))
			cut = true
		}
	}
	if cut {
		// Whoever reads this may have no command.
		m.Notes = append(m.Notes, p.text("Choose a list to see all of it."))
	}
	return m
}

// strangersHome says what this is and whom to ask.
func (p *Presenter) strangersHome(h Home) chat.Message {
	m := chat.Message{
		Title: "taskbridge",
		Text:  p.text("taskbridge hands jobs to outside firms and follows them until they are done. You are in none of the desk's channels and in no firm's, so there is nothing here for you yet."),
	}
	if len(h.Contacts) > 0 {
		m.Notes = append(m.Notes, p.text("To work with it, ask {{.People}} to add you.", with{"People": p.listed(h.Contacts, "{{.People}} or {{.Last}}")}))
	} else {
		m.Notes = append(m.Notes, p.text("To work with it, ask the people you get jobs from, or hand jobs to, to add you."))
	}
	return m
}

// Filter asks what a list shall be narrowed down by.
func (p *Presenter) Filter(as Asked, role workflow.Role, names []NamedList, onHome bool) *chat.Form {
	f := &chat.Form{Title: p.say("Filter"), Submit: p.say("Show")}
	t := ticket.Ticket{Verb: string(FilterList)}
	if onHome {
		t.Arg = "home"
	}
	f.Token = p.formToken(as, t)
	var options []chat.Option
	for _, l := range names {
		options = append(options, chat.Option{Value: l.Name, Label: chat.Shorten(p.homeHeading(role, l.Heading), 70)})
	}
	line := func(name, label, help string) chat.Field {
		return chat.Field{Name: name, Label: label, Kind: chat.Line, Optional: true, Max: 60, Help: help}
	}
	f.Fields = []chat.Field{{Name: "list", Label: p.say("List"), Kind: chat.Select, Placeholder: p.say("Choose a list"), Options: options, Value: "open"}}
	if role != workflow.Contractor {
		f.Fields = append(f.Fields, line("firm", p.say("Firm"), p.say("The beginning of its name is enough.")), line("city", p.say("City"), p.say("The firm's city.")))
	}
	f.Fields = append(f.Fields, line("topic", p.say("Topic"), p.say("As it stands on the card.")), line("person", p.say("Person"), p.say("Who is in charge or made the job: a word of the name, or me.")))
	return f
}
