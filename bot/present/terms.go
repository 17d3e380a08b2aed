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
// money is false for a reader who may not know of prices.
func (w Words) termsFacts(facts []chat.Fact, a *workflow.Assignment, money bool) []chat.Fact {
	was := a.Terms
	if amended(a) {
		was = a.Was
	}
	if money {
		facts = w.changed(facts, "Price", string(was.Price), string(a.Terms.Price), 60)
		facts = w.changed(facts, "Spending limit", string(was.Limit), string(a.Terms.Limit), 60)
	}
	return w.changed(facts, "Terms", was.Note, a.Terms.Note, maxTermsLine)
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
		is = "none"
	}
	return fact(facts, label, value.Bold(chat.Shorten(oneLine(is), n)))
}

// dueFact is when the work has to be done, as the offer says or else as the job does.
func (w Words) dueFact(facts []chat.Fact, j Job, a *workflow.Assignment) []chat.Fact {
	if a == nil || a.Terms.Due.IsZero() && a.Was.Due.IsZero() {
		return fact(facts, "Due", moment(j.DueAt))
	}
	is, was := dueOf(j, a.Terms), dueOf(j, a.Was)
	if !amended(a) || was.Equal(is) {
		return fact(facts, "Due", moment(is))
	}
	var value chat.Text
	if !was.IsZero() {
		value = value.Moment(was).Plain(" → ")
	}
	if is.IsZero() {
		return fact(facts, "Due", value.Bold("none"))
	}
	return fact(facts, "Due", value.Moment(is))
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
		t = t.Plain("due ").Moment(c.Due)
	}
	if c.Price != "" {
		add()
		t = t.Plain(string(c.Price))
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
			return " " + upperFirst(w.FirmOf(j, a.Contractor)) + " has the offer now."
		}
	}
	return " Offer it elsewhere with the card's button."
}

func (w Words) orSomebody(name string) string {
	if name = oneLine(name); name == "" {
		return "somebody"
	}
	return chat.Shorten(name, 80)
}

// Amend asks an operator for new terms. It shows those that hold.
func (p *Presenter) Amend(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: "Amend " + Number(j.Number), Submit: "Send new terms",
		Intro:  Heading(j.Issue) + ". " + upperFirst(p.FirmOf(j, a.Contractor)) + " has to accept again.",
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
		{Name: "accept_by", Label: "Answer by", Kind: chat.Line, Optional: true, Max: 60, Help: answerByHelp},
		{Name: "due", Label: "Due", Kind: chat.Line, Optional: true, Max: 60, Value: due, Help: "When this firm has to be done. Empty: the task's own date. " + whenHelp},
		{Name: "price", Label: "Price", Kind: chat.Line, Optional: true, Max: 40, Value: string(t.Price), Placeholder: "250 EUR", Help: "What the firm gets, with its currency."},
		{Name: "limit", Label: "Spending limit", Kind: chat.Line, Optional: true, Max: 40, Value: string(t.Limit), Placeholder: "150 EUR", Help: "The most it may spend without asking."},
		{Name: "terms", Label: "Terms", Kind: chat.Paragraph, Optional: true, Max: 1000, Value: t.Note, Help: "Scope and anything else that is agreed. The firm reads this."},
	}
}

// Counter asks a firm which other terms it would accept.
func (p *Presenter) Counter(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: "Terms of " + Number(j.Number), Submit: "Suggest", Intro: Heading(j.Issue) + ". If the desk agrees, you have accepted.",
		Token: p.formToken(as, subject(workflow.CounterOffer, j, a)),
		Fields: []chat.Field{
			{Name: "due", Label: "Other date", Kind: chat.Line, Optional: true, Max: 60, Help: "When you could be done. Empty: as offered. " + whenHelp},
			{Name: "price", Label: "Other price", Kind: chat.Line, Optional: true, Max: 40, Placeholder: "300 EUR", Help: "With its currency. Empty: as offered."},
			{Name: "text", Label: "Why", Kind: chat.Paragraph, Optional: true, Max: 1000, Help: "The desk reads this."},
		},
	}
}

// Delays are the later dates that a firm can choose where no form can be opened, by
// the number of days.
func (w Words) Delays() []chat.Option {
	return []chat.Option{{Value: "1", Label: "One day later"}, {Value: "2", Label: "Two days later"}, {Value: "3", Label: "Three days later"}, {Value: "7", Label: "One week later"}, {Value: "14", Label: "Two weeks later"}}
}

// CounterWithout asks for another date where no form can be opened.
func (p *Presenter) CounterWithout(as Asked, j Job, a workflow.Assignment) chat.Message {
	return chat.Message{
		Text: chat.T("When could you do " + Heading(j.Issue) + "? Choose a later date; if the desk agrees, you have accepted. Other terms you can suggest in the thread."),
		Choice: &chat.Choice{
			ID: "later", Placeholder: "Choose a date", Options: p.Delays(),
			Token: p.formToken(as, subject(workflow.CounterOffer, j, a)),
		},
	}
}

// Chain asks which firms are asked next, and shows those that are.
func (p *Presenter) Chain(as Asked, j Job) *chat.Form {
	return &chat.Form{
		Title: "Next firms for " + Number(j.Number), Submit: "Save", Intro: Heading(j.Issue),
		Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.SetChain), Issue: j.ID}),
		Fields: []chat.Field{{
			Name: "firms", Label: "Firms in turn", Kind: chat.Paragraph, Optional: true, Max: 3000, Value: strings.ReplaceAll(p.turns(j), "; ", "\n"),
			Help: "One a line, the next first. Each gets the same terms when the one before says no or nothing. Empty: nobody else is asked.",
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
	on := bearer{user: as.User, now: as.Now}
	m := p.assignmentCard(j, &seen, firmDescription, on)
	m.Text = toNobody(m.Text)
	m.Notes = []chat.Text{chat.T("Only you see this. " + upperFirst(p.FirmOf(j, a.Contractor)) + " gets it like this once you send it; its time to answer begins then.")}
	m.Buttons = []chat.Button{
		p.button("Send offer", workflow.Offer, chat.Primary, j, on, &a),
		p.button("Discard draft", workflow.Discard, chat.Danger, j, on, &a),
	}
	return m
}

// Offered answers the one who made offers: to whom, on what terms, and what to mind.
func (w Words) Offered(i storage.Issue, firms []storage.Contractor, by time.Time, inTurn bool, hints []string) chat.Text {
	t := chat.T(Heading(i) + " is offered to " + FirmName(firms[0]))
	switch {
	case len(firms) == 1:
		t = t.Plain(". It may answer until ").Moment(by).Plain(".")
	case inTurn:
		t = t.Plain(". It may answer until ").Moment(by).Plain("; then the others in turn: " + firmNames(firms[1:]) + ".")
	default:
		t = t.Plain("; " + firmNames(firms[1:]) + ". The first to accept gets it. They may answer until ").Moment(by).Plain(".")
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
