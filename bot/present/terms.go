package present

import (
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Verbs of buttons and forms about offers.
const (
	// ChainForm asks which firms are asked next.
	ChainForm workflow.Verb = "chain_form"
	// SaveDraft is the tick in the offer's form.
	SaveDraft = "draft"
	// InTurn is the choice of asking several firms one after another, AtOnce the other.
	InTurn = "turn"
	AtOnce = "once"
)

// maxTermsLine is how much of a text of terms a card shows.
const maxTermsLine = 500

// amended tells whether the firm is asked anew because the terms changed.
func amended(a *workflow.Assignment) bool {
	return a.Status == workflow.Assigned && (a.LastVerb == workflow.Amend || a.Was != workflow.Terms{})
}

// termsFacts are what is agreed, with what was agreed before where that changed.
// money is false for a reader who may not know of prices; most is how much of a text of
// terms is shown.
func (w Words) termsFacts(facts []chat.Fact, a *workflow.Assignment, money bool, most int) []chat.Fact {
	was := a.Terms
	if amended(a) {
		was = a.Was
	}
	if money {
		facts = w.changed(facts, w.say("Price"), w.money(string(was.Price)), w.money(string(a.Terms.Price)), 60)
		facts = w.changed(facts, w.say("Spending limit"), w.money(string(was.Limit)), w.money(string(a.Terms.Limit)), 60)
	}
	return w.changed(facts, w.say("Terms"), was.Note, a.Terms.Note, most)
}

// changed is a fact with its former value struck out.
func (w Words) changed(facts []chat.Fact, label, was, is string, n int) []chat.Fact {
	if oneLine(was) == oneLine(is) {
		return fact(facts, label, line(is, n))
	}
	var value chat.Text
	if was != "" {
		value = value.Add(chat.Span{Kind: chat.Strike, Text: chat.Shorten(oneLine(was), n/2)}).Plain(" → ")
	}
	if is == "" {
		is = w.say("none")
	}
	return fact(facts, label, value.Bold(chat.Shorten(oneLine(is), n)))
}

// dueFact is when the work has to be done, as the offer says or else as the job does.
func (w Words) dueFact(facts []chat.Fact, j Job, a *workflow.Assignment) []chat.Fact {
	if a == nil || a.Terms.Due.IsZero() && a.Was.Due.IsZero() {
		return fact(facts, w.say("Due"), moment(j.DueAt))
	}
	is, was := dueOf(j, a.Terms), dueOf(j, a.Was)
	if !amended(a) || was.Equal(is) {
		return fact(facts, w.say("Due"), moment(is))
	}
	return fact(facts, w.say("Due"), w.changedMoment(was, is))
}

// changedMoment is a moment with the one that it was before struck out.
func (w Words) changedMoment(was, is time.Time) chat.Text {
	if was.IsZero() {
		return moment(is)
	}
	t := chat.Text{}.Add(chat.Span{Kind: chat.Moment, Time: was, Gone: true}).Plain(" → ")
	if is.IsZero() {
		return t.Bold(w.say("none"))
	}
	return t.Moment(is)
}

func dueOf(j Job, t workflow.Terms) time.Time {
	if t.Due.IsZero() {
		return j.DueAt
	}
	return t.Due
}

// counterText says what a firm suggests, in a line.
func (w Words) counterText(c workflow.Counter) chat.Text {
	var t chat.Text
	add := func() {
		if len(t) > 0 {
			t = t.Plain(" · ")
		}
	}
	if !c.Due.IsZero() {
		t = t.Append(w.text("due {{.When}}", with{"When": at(c.Due)}))
	}
	if c.Price != "" {
		add()
		t = t.Plain(w.money(string(c.Price)))
	}
	if note := oneLine(c.Note); note != "" {
		add()
		t = t.Plain(chat.Shorten(note, 300))
	}
	return t
}

// counterFact shows what was suggested and is not answered yet.
func (w Words) counterFact(facts []chat.Fact, label string, a *workflow.Assignment) []chat.Fact {
	if !a.Counter.Open() {
		return facts
	}
	text := w.counterText(a.Counter)
	if a.Counter.By.Name != "" {
		text = text.Plain(" (" + chat.Shorten(oneLine(a.Counter.By.Name), 80) + ")")
	}
	return fact(facts, label, text)
}

// turns names the firms that are asked next.
func (w Words) turns(j Job) string {
	names := make([]string, 0, len(j.Chain.Firms))
	for _, id := range j.Chain.Firms {
		names = append(names, w.FirmOf(j, id))
	}
	return strings.Join(names, "; ")
}

// elsewhere says what becomes of a job that a firm did not take.
func (w Words) elsewhere(j Job) string {
	for i := len(j.Assignments) - 1; i >= 0; i-- {
		if a := &j.Assignments[i]; a.Status == workflow.Assigned {
			return w.say("{{.Firm}} has the offer now.", with{"Firm": upperFirst(w.FirmOf(j, a.Contractor))})
		}
	}
	return w.say("Offer it elsewhere with the card's button.")
}

func (w Words) orSomebody(name string) string {
	if name = oneLine(name); name == "" {
		return w.say("somebody")
	}
	return chat.Shorten(name, 80)
}

// Amend asks an operator for new terms. It shows those that hold.
func (p *Presenter) Amend(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: p.say("Amend {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Send new terms"),
		Intro:  p.say("{{.Task}}. {{.Firm}} has to accept again.", with{"Task": Heading(j.Issue), "Firm": upperFirst(p.FirmOf(j, a.Contractor))}),
		Token:  p.formToken(as, subject(workflow.Amend, j, a)),
		Fields: p.termsFields(a.Terms),
	}
}

// termsFields ask for the terms, with those there are.
func (p *Presenter) termsFields(t workflow.Terms) []chat.Field {
	due := ""
	if !t.Due.IsZero() {
		due = t.Due.In(p.Zone).Format("2006-01-02 15:04")
	}
	return []chat.Field{
		{Name: "accept_by", Label: p.say("Answer by"), Kind: chat.Line, Optional: true, Max: 60, Help: p.answerByHelp(p.Zone)},
		{Name: "due", Label: p.say("Due"), Kind: chat.Line, Optional: true, Max: 60, Value: due, Help: p.say("When this firm has to be done. Empty: the job's own date.") + " " + p.whenHelp(p.Zone)},
		{Name: "price", Label: p.say("Price"), Kind: chat.Line, Optional: true, Max: 40, Value: p.money(string(t.Price)), Placeholder: "250 EUR", Help: p.say("What the firm gets, with its currency.")},
		{Name: "limit", Label: p.say("Spending limit"), Kind: chat.Line, Optional: true, Max: 40, Value: p.money(string(t.Limit)), Placeholder: "150 EUR", Help: p.say("The most it may spend without asking.")},
		{Name: "terms", Label: p.say("Terms"), Kind: chat.Paragraph, Optional: true, Max: 1000, Value: t.Note, Help: p.say("Scope and anything else that is agreed. The firm reads this.")},
	}
}

// Counter asks a firm which other terms it would accept.
func (p *Presenter) Counter(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: p.say("Terms of {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Suggest"),
		Intro: p.say("{{.Task}}. If the desk agrees, you have accepted.", with{"Task": Heading(j.Issue)}),
		Token: p.formToken(as, subject(workflow.CounterOffer, j, a)),
		Fields: []chat.Field{
			{Name: "due", Label: p.say("Other date"), Kind: chat.Line, Optional: true, Max: 60, Help: p.say("When you could be done. Empty: as offered.") + " " + p.whenHelp(p.Zone)},
			{Name: "price", Label: p.say("Other price"), Kind: chat.Line, Optional: true, Max: 40, Placeholder: "300 EUR", Help: p.say("With its currency. Empty: as offered.")},
			{Name: "text", Label: p.say("Why"), Kind: chat.Paragraph, Optional: true, Max: 1000, Help: p.say("The desk reads this.")},
		},
	}
}

// Delays are the later dates that a firm can choose where no form can be opened, by
// the number of days.
func (w Words) Delays() []chat.Option {
	return []chat.Option{{Value: "1", Label: w.say("One day later")}, {Value: "2", Label: w.say("Two days later")}, {Value: "3", Label: w.say("Three days later")}, {Value: "7", Label: w.say("One week later")}, {Value: "14", Label: w.say("Two weeks later")}}
}

// CounterWithout asks for another date where no form can be opened.
func (p *Presenter) CounterWithout(as Asked, j Job, a workflow.Assignment) chat.Message {
	return chat.Message{
		Text: p.text("When could you do {{.Task}}? Choose a later date; if the desk agrees, you have accepted. You can suggest other terms in the thread.", with{"Task": Heading(j.Issue)}),
		Choice: &chat.Choice{
			ID: "later", Placeholder: p.say("Choose a date"), Options: p.Delays(),
			Token: p.formToken(as, subject(workflow.CounterOffer, j, a)),
		},
	}
}

// Chain asks which firms are asked next, and shows those that are.
func (p *Presenter) Chain(as Asked, j Job) *chat.Form {
	return &chat.Form{
		Title: p.say("Next firms for {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Save"), Intro: Heading(j.Issue),
		Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.SetChain), Issue: j.ID}),
		Fields: []chat.Field{{
			Name: "firms", Label: p.say("Firms in turn"), Kind: chat.Paragraph, Optional: true, Max: 3000, Value: strings.ReplaceAll(p.turns(j), "; ", "\n"),
			Help: p.say("One a line, the next first. Each gets the same terms when the one before says no or nothing. Empty: nobody else is asked."),
		}},
	}
}

// Draft shows an operator what a firm will see, before it is sent.
func (p *Presenter) Draft(as Asked, j Job, a workflow.Assignment) chat.Message {
	seen := a
	seen.Status, seen.LastVerb = workflow.Assigned, workflow.Offer
	if seen.Terms.AcceptBy.IsZero() && seen.Terms.Within > 0 {
		seen.Terms.AcceptBy = j.Hours[a.Contractor].Add(as.Now, seen.Terms.Within)
	}
	if seen.Terms.Due.IsZero() && seen.Terms.DueIn > 0 {
		seen.Terms.Due = as.Now.Add(seen.Terms.DueIn)
	}
	on := bearer{user: as.User, now: as.Now}
	m := p.assignmentCard(j, &seen, firmDescription, on)
	m.Text = toNobody(m.Text)
	m.Notes = []chat.Text{p.text("Only you see this. {{.Firm}} gets it like this once you send it; its time to answer begins then.", with{"Firm": upperFirst(p.FirmOf(j, a.Contractor))})}
	m.Buttons = []chat.Button{
		p.button(p.sendLabel(), workflow.Offer, chat.Primary, j, on, &a),
		p.button(p.say("Discard draft"), workflow.Discard, chat.Danger, j, on, &a),
	}
	return m
}

// Offered answers the one who made offers: to whom, on what terms, and what to mind.
func (w Words) Offered(i storage.Issue, firms []storage.Contractor, by time.Time, inTurn bool, hints []string) chat.Text {
	gaps := with{"Task": Heading(i), "Firm": FirmName(firms[0]), "Others": firmNames(firms[1:]), "When": at(by)}
	var t chat.Text
	switch {
	case len(firms) == 1:
		t = w.text("{{.Task}} is offered to {{.Firm}}. It may answer until {{.When}}.", gaps)
	case inTurn:
		t = w.text("{{.Task}} is offered to {{.Firm}}. It may answer until {{.When}}; then the others in turn: {{.Others}}.", gaps)
	default:
		t = w.text("{{.Task}} is offered to {{.Firm}}; {{.Others}}. The first to accept gets it. They may answer until {{.When}}.", gaps)
	}
	for _, h := range hints {
		t = t.Plain(" " + h)
	}
	return t
}

func firmNames(firms []storage.Contractor) string {
	names := make([]string, 0, len(firms))
	for _, c := range firms {
		names = append(names, FirmName(c))
	}
	return strings.Join(names, "; ")
}
