package present

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Verbs that only the presenter's buttons know: they open a form for an operator.
const (
	// OfferElsewhere asks which firm gets the job.
	OfferElsewhere workflow.Verb = "offer_form"
	// Reply asks for a text that the firm shall read.
	Reply workflow.Verb = "reply_form"
	// Details asks for everything about an issue.
	Details workflow.Verb = "details_form"
)

// Card draws a card as its job is now.
func (p *Presenter) Card(j Job, card storage.Card, now time.Time) chat.Message {
	on := bearer{card: card.ID, now: now}
	switch card.Kind {
	case storage.ExternalCard:
		return p.externalCard(j)
	case storage.FormerExternalCard:
		return p.formerExternalCard(j)
	}
	if card.Former() {
		if a := j.assignment(card.Assignment); a != nil {
			j = j.forFirm(a)
		}
		return p.closedCard(j)
	}
	if card.Kind == storage.AssignmentCard {
		return p.assignmentCard(j, j.assignment(card.Assignment), firmDescription, on)
	}
	return p.issueCard(j, on)
}

const (
	// cardDescription is how much of a description the desk's card shows: the desk
	// has a command for the rest. A firm needs none: it sees firmDescription, and has a
	// button where there is more.
	cardDescription = 500
	firmDescription = 1500
	// mostButtons is how many buttons a card has at most.
	mostButtons = 5
	// fullDescription is what shows where the whole was asked for.
	fullDescription = 10_000
)

// issueCard is what operators see.
func (p *Presenter) issueCard(j Job, on bearer) chat.Message {
	m := p.deskView(j, cardDescription, workflow.Operator)
	if j.LastReply != nil {
		m.Notes = append(m.Notes, p.replied(j))
	}
	if j.recovered() {
		m.Notes = append(m.Notes, p.syncedNotes(j)...)
	}
	a := j.live()
	switch {
	case j.Status == workflow.Closed:
	case a != nil && a.Status == workflow.WaitingApproval && j.Approval.Hold:
		m.Notes = append(m.Notes, p.desksHeldNote(), p.text("Replies in this thread stay internal."))
	case a != nil && workflow.Out(a.Status):
		m.Notes = append(m.Notes, p.text("Replies in this thread stay internal; use {{.Reply}} to write to them.", with{"Reply": bold(p.replyLabel())}))
	case j.Status == workflow.AllocatedExternal:
		m.Notes = append(m.Notes, p.text("Replies in this thread stay internal; use {{.Button}} to write to the people outside.", with{"Button": bold(p.writeOutsideLabel())}))
	default:
		m.Notes = append(m.Notes, p.text("Replies in this thread stay internal."))
	}
	m.Buttons = p.issueButtons(j, a, on)
	if a != nil && a.Status != workflow.Declined {
		more := p.readAll(j, a, on, fullDescription, maxTermsLine)
		switch {
		case len(m.Buttons)+len(more) <= mostButtons:
			m.Buttons = append(m.Buttons, more...)
		case utf8.RuneCountInString(j.Description) <= cardDescription:
			m.Notes = append(m.Notes, p.shows(j))
		}
	}
	m.Buttons = append(m.Buttons, p.toPage(j)...)
	return m
}

// deskView is what the desk knows about a job, without what can be done with it.
// Who cannot act is told how it stands and not what to do.
func (p *Presenter) deskView(j Job, description int, side workflow.Role) chat.Message {
	m := chat.Message{Title: Heading(j.Issue), Tone: issueTone(j)}
	a := j.live()
	state, ask := p.lead(j, a)
	if side == workflow.Operator && len(ask) > 0 {
		state = state.Plain(" ").Append(ask)
	}
	m.Text = state
	if a != nil && handedIn(a.Status) {
		// What has to be judged stands before what was ordered.
		m.Text = p.completionLines(m.Text, a.Completion)
	}
	if j.Description != "" {
		m.Text = m.Text.Plain("\n").Quote(chat.Shorten(j.Description, description))
		if utf8.RuneCountInString(j.Description) > description {
			m.Text = m.Text.Plain("\n").Append(p.shows(j))
		}
	}
	terms := maxTermsLine
	if description >= fullDescription {
		terms = fullDescription
	}
	m.Facts = p.deskFacts(j, a, side, terms)
	return m
}

// shows names the command that the desk has for what a card has no room for.
func (p *Presenter) shows(j Job) chat.Text {
	return p.text("{{.Command}} has all of it.", with{"Command": code(p.Command + " show " + strconv.Itoa(j.Number))})
}

func (p *Presenter) deskFacts(j Job, a *workflow.Assignment, side workflow.Role, terms int) []chat.Fact {
	status := chat.Text{}.Bold(p.term(j.Status.Label()))
	if j.late() {
		status = status.Plain(" · " + p.say("overdue"))
		if by := j.SeenBy.Name; by != "" {
			status = status.Append(p.text(", noted by {{.Who}}", with{"Who": chat.Shorten(oneLine(by), 80)}))
		}
	}
	facts := fact(nil, p.say("Status"), status)
	facts = fact(facts, p.say("Next move"), chat.T(p.nextSide(j)))
	var until chat.Text
	if a != nil {
		facts = fact(facts, p.say("Contractor"), chat.T(p.FirmOf(j, a.Contractor)).Plain(" · ").Bold(p.term(a.Status.Label())))
		facts = fact(facts, p.say("Also offered to"), line(p.otherOffers(j, a), 300))
		facts = fact(facts, p.say("In charge"), line(a.InCharge.Name, 80))
		facts = fact(facts, p.say("Rating"), p.ratingText(a.Rating))
		switch a.Status {
		case workflow.Declined:
			facts = fact(facts, p.say("Reason"), line(p.declineText(j, a), 300))
		case workflow.Assigned:
			until = p.answerBy(j, a)
			if workflow.CanReadField(side, workflow.FieldMoney) {
				facts = p.counterFact(facts, p.say("The firm suggests"), a)
			}
		}
		facts = fact(facts, p.say("Next in turn"), line(p.turns(j), 300))
	}
	if a != nil {
		facts = p.requestFacts(facts, a, workflow.CanReadField(side, workflow.FieldMoney))
	}
	facts = p.lineFacts(facts, j.Line)
	facts = p.limitFacts(facts, a)
	facts = p.deskWorkFacts(facts, j, a)
	facts = fact(facts, p.say("Involved"), line(p.involvedNames(j), 200))
	facts = p.jobFacts(facts, j, a, until)
	if a != nil && a.Status != workflow.Canceled && a.Status != workflow.Declined {
		facts = p.termsFacts(facts, a, workflow.CanReadField(side, workflow.FieldMoney), terms)
	}
	facts = fact(facts, p.say("Customer"), line(j.Customer, 120))
	facts = fact(facts, p.say("Reference"), p.reference(j.Issue))
	if j.SourceURL != "" {
		facts = fact(facts, p.say("Source"), chat.Text{}.Link(p.say("the message"), j.SourceURL))
	}
	return facts
}

func handedIn(s workflow.Status) bool {
	return s == workflow.WaitingApproval || s == workflow.Complete
}

// completionLines appends what a firm says it did, a line for each part.
func (w Words) completionLines(t chat.Text, c workflow.Completion) chat.Text {
	return factLines(t, w.completionFacts(nil, c))
}

func (w Words) completionFacts(facts []chat.Fact, c workflow.Completion) []chat.Fact {
	facts = fact(facts, w.sense("Done", "what was done"), line(c.Note, 300))
	if c.Effort > 0 {
		facts = fact(facts, w.say("Effort"), chat.T(w.Duration(c.Effort)))
	}
	facts = fact(facts, w.say("Costs"), line(w.money(c.Costs), 80))
	facts = fact(facts, w.say("Materials"), line(strings.ReplaceAll(c.Materials, "\n", "; "), 300))
	return fact(facts, w.say("Kind of work"), line(c.Activity, 80))
}

// replyLabel is the button that the notes speak of.
func (w Words) replyLabel() string { return w.say("Reply to firm") }

func (w Words) sendLabel() string { return w.say("Send offer") }

func (p *Presenter) issueButtons(j Job, a *workflow.Assignment, on bearer) []chat.Button {
	if j.Status == workflow.Closed {
		return nil
	}
	var out []chat.Button
	add := func(label string, v workflow.Verb, style chat.Style, at *workflow.Assignment) {
		out = append(out, p.button(label, v, style, j, on, at))
	}
	if j.held() {
		add(p.sense("Approve", "a request"), workflow.GrantRequest, chat.Primary, nil)
		add(p.sense("Refuse", "a request"), workflow.RefuseRequest, chat.Danger, nil)
		add(p.say("Edit details"), Details, chat.Default, nil)
		add(p.sense("Close", "a job"), workflow.Close, chat.Default, nil)
		return out
	}
	if a == nil || !workflow.Out(a.Status) {
		switch {
		case j.Status == workflow.Resolved:
			add(p.sense("Close", "a job"), workflow.Close, chat.Primary, nil)
			add(p.say("Reopen"), workflow.Reopen, chat.Default, a)
			if a != nil && a.Status == workflow.Complete {
				add(p.say("Rate"), workflow.Rate, chat.Default, a)
			}
		default:
			label, style := p.say("Offer to a firm"), chat.Primary
			switch {
			case a != nil && a.Status == workflow.Unsent:
				add(p.sendLabel(), workflow.Offer, chat.Primary, a)
				add(p.say("Discard draft"), workflow.Discard, chat.Default, a)
				style = chat.Default
			case j.Status == workflow.AllocatedExternal:
				add(p.writeOutsideLabel(), Reply, chat.Primary, nil)
				style = chat.Default
			case a != nil:
				label = p.say("Offer elsewhere")
			}
			add(label, OfferElsewhere, style, nil)
			add(p.say("Edit details"), Details, chat.Default, nil)
			add(p.sense("Close", "a job"), workflow.Close, chat.Default, nil)
			// With a draft there is no room for it: the command asks all the same.
			draft := a != nil && a.Status == workflow.Unsent
			if !draft && slices.Contains(workflow.IssueButtons(j.Issue.Issue, workflow.Operator), workflow.AllocateExternal) {
				add(p.askOutsideLabel(), workflow.AllocateExternal, chat.Default, nil)
			}
		}
		return out
	}
	verbs := workflow.Buttons(*a, j.Issue.Issue, workflow.Operator)
	has := func(v workflow.Verb) bool { return slices.Contains(verbs, v) }
	if has(workflow.Approve) {
		add(p.say("Approve"), workflow.Approve, chat.Primary, a)
	}
	if has(workflow.SendBack) {
		add(p.say("Send back"), workflow.SendBack, chat.Danger, a)
	}
	if has(workflow.AcceptCounter) {
		add(p.say("Agree to terms"), workflow.AcceptCounter, chat.Primary, a)
		add(p.say("Refuse terms"), workflow.RefuseCounter, chat.Danger, a)
	}
	if has(workflow.GrantRequest) {
		add(p.sense("Approve", "a request"), workflow.GrantRequest, chat.Primary, a)
		add(p.sense("Refuse", "a request"), workflow.RefuseRequest, chat.Danger, a)
	}
	resume := has(workflow.ResumeWork)
	if resume && a.Pause.Side == workflow.WithOperator && !asking(a) {
		resume = false
		add(p.say("Resume work"), workflow.ResumeWork, chat.Primary, a)
	}
	add(p.replyLabel(), Reply, chat.Default, a)
	add(p.say("Edit details"), Details, chat.Default, nil)
	// What is rare and cannot be taken back stands last.
	if has(workflow.Cancel) {
		if j.Chain.Running && !a.Counter.Open() {
			add(p.say("Firms in turn"), ChainForm, chat.Default, nil)
		}
		add(p.say("Withdraw offer"), workflow.Cancel, chat.Default, a)
	}
	if resume {
		add(p.say("Resume work"), workflow.ResumeWork, chat.Default, a)
	}
	if asking(a) {
		// Before anything else can be done about the work, the firm gets its answer.
		return out
	}
	if has(workflow.Amend) {
		add(p.say("Amend terms"), workflow.Amend, chat.Default, a)
	}
	if has(workflow.CompleteEarly) {
		add(p.say("Complete early"), workflow.CompleteEarly, chat.Default, a)
	}
	if has(workflow.TakeBack) && len(out) < mostButtons {
		// Without room for it the command does the same.
		add(p.say("Take back"), workflow.TakeBack, chat.Default, a)
	}
	return out
}

// assignmentCard is what the firm sees. It shows only what a firm may know.
func (p *Presenter) assignmentCard(j Job, a *workflow.Assignment, description int, on bearer) chat.Message {
	if a == nil {
		return chat.Message{Title: Heading(j.Issue)}
	}
	// Whatever is added to this card shows nothing that is kept from firms.
	j = j.forFirm(a)
	m := chat.Message{Title: Heading(j.Issue)}
	if m.Tone = assignmentTone(a.Status); asking(a) {
		m.Tone = chat.Waiting
	}
	m.Text = p.firmsLead(a)
	if a.Pause.On() {
		m.Text = p.firmsPaused(a.Pause)
	}
	room, terms := j.firmRoom(description)
	if j.Description != "" {
		if len(m.Text) > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Quote(chat.Shorten(j.Description, room))
	}
	if workflow.Out(a.Status) {
		m.Text = p.checklistLines(m.Text, j.Demands, a)
	}
	var until chat.Text
	if a.Status == workflow.Assigned {
		// The line above says what the status is.
		until = p.answerBy(j, a)
	} else {
		m.Facts = fact(m.Facts, p.say("Status"), chat.Text{}.Bold(p.term(a.Status.Label())))
	}
	m.Facts = fact(m.Facts, p.say("In charge"), line(a.InCharge.Name, 80))
	switch a.Status {
	case workflow.InProgress:
		m.Facts = fact(m.Facts, p.say("Sent back"), line(a.SendBackReason, 300))
	case workflow.Declined:
		m.Facts = fact(m.Facts, p.say("Reason"), line(p.declineText(j, a), 300))
	case workflow.WaitingApproval, workflow.Complete:
		m.Facts = p.completionFacts(m.Facts, workflow.FirmsCompletion(j.Demands, a.Completion))
		if a.Rating.Shared {
			m.Facts = fact(m.Facts, p.say("Rating"), p.ratingText(a.Rating))
		}
	}
	m.Facts = p.requestFacts(m.Facts, a, workflow.CanReadField(workflow.Contractor, workflow.FieldMoney))
	m.Facts = p.limitFacts(m.Facts, a)
	m.Facts = p.firmsWorkFacts(m.Facts, j, a)
	m.Facts = p.jobFacts(m.Facts, j, a, until)
	if a.Status != workflow.Canceled {
		m.Facts = p.termsFacts(m.Facts, a, workflow.CanReadField(workflow.Contractor, workflow.FieldMoney), terms)
		m.Facts = p.counterFact(m.Facts, p.say("You suggested"), a)
	}
	switch {
	case j.Linked && a.Status == workflow.WaitingApproval && j.Approval.Hold:
		m.Notes = append(m.Notes, p.text("While the desk checks the work, replies stay in this channel. The linked ones show them when the work is sent back."))
	case a.Status == workflow.WaitingApproval && j.Approval.Hold:
		m.Notes = append(m.Notes, p.firmsHeldNote())
	case j.ByMail:
	case workflow.Live(a.Status):
		m.Notes = append(m.Notes, p.text("Reply in this thread to talk to the desk."))
	}
	m.Buttons = append(p.firmButtons(j, a, on), p.readAll(j, a, on, room, terms)...)
	if a.Status == workflow.Complete && on.card != "" {
		m.Buttons = append(m.Buttons, p.ScoreButton(on.card, a.Contractor, on.now))
	}
	m.Buttons = append(m.Buttons, p.toPage(j)...)
	m.Choice = p.workChoice(j, a, on)
	m.Visit = visitOf(a, Heading(j.Issue), j.Place)
	return m
}

func (p *Presenter) firmButtons(j Job, a *workflow.Assignment, on bearer) []chat.Button {
	var out []chat.Button
	for _, v := range workflow.Buttons(*a, j.Issue.Issue, workflow.Contractor) {
		var label string
		style := chat.Default
		switch v {
		case workflow.Accept:
			label, style = p.say("Accept"), chat.Primary
		case workflow.Decline:
			label, style = p.say("Decline"), chat.Danger
		case workflow.CounterOffer:
			label = p.say("Suggest other terms")
		case workflow.WithdrawCounter:
			label = p.say("Withdraw suggestion")
		case workflow.Start:
			if a.Pause.On() {
				continue
			}
			label, style = p.startLabel(), chat.Primary
		case workflow.Check:
			label = p.say("Checklist {{.Done}}/{{.All}}", with{"Done": workflow.Done(j.Demands, *a), "All": len(j.Demands.Checklist)})
		case workflow.ResumeWork:
			label, style = p.say("Resume"), chat.Primary
		case workflow.HandOver:
			label = p.say("Hand over")
		case workflow.Submit:
			label = p.completeLabel()
			if a.Status == workflow.InProgress && !a.Pause.On() {
				style = chat.Primary
			}
		default:
			continue
		}
		out = append(out, p.button(label, v, style, j, on, a))
	}
	return out
}

// jobFacts are the facts both sides may know, the ones that decide first.
func (w Words) jobFacts(facts []chat.Fact, j Job, a *workflow.Assignment, until chat.Text) []chat.Fact {
	facts = fact(facts, w.say("Place"), line(j.Place, 200))
	facts = w.dueFact(facts, j, a)
	if j.Priority != "" && j.Priority != "normal" {
		facts = fact(facts, w.say("Priority"), chat.T(w.priorityLabel(j.Priority)))
	}
	facts = fact(facts, w.say("Answer by"), until)
	return fact(facts, w.say("Topic"), line(j.Topic, 80))
}

func (w Words) otherOffers(j Job, shown *workflow.Assignment) string {
	out := ""
	for i := range j.Assignments {
		a := &j.Assignments[i]
		if shown != nil && a.ID == shown.ID || !workflow.Out(a.Status) {
			continue
		}
		if out != "" {
			out += "; "
		}
		out += w.FirmOf(j, a.Contractor)
	}
	return out
}

func (w Words) reference(i storage.Issue) chat.Text {
	switch {
	case i.URL != "" && i.ExternalRef != "":
		return chat.Text{}.Link(chat.Shorten(oneLine(i.ExternalRef), 80), i.URL)
	case i.URL != "":
		return chat.Text{}.Link(w.sense("Open", "a link"), i.URL)
	default:
		return line(i.ExternalRef, 80)
	}
}

// reasonLabel is a reason for declining in the desk's own words.
func (w Words) reasonLabel(desk []workflow.DeclineReason, id string) string {
	label := workflow.DeclineReasonLabel(id)
	for _, r := range desk {
		if r.ID == id {
			label = r.Label
		}
	}
	return w.term(label)
}

// reasonText is a reason for declining with what was added to it. The label of the
// reason that says nothing by itself gives way to the text.
func (w Words) reasonText(j Job, reason, text string) string {
	label := w.reasonLabel(j.Reasons, reason)
	switch {
	case text == "":
		return label
	case reason == workflow.ReasonOther:
		return text
	default:
		return label + ": " + text
	}
}

func (w Words) declineText(j Job, a *workflow.Assignment) string {
	return w.reasonText(j, a.DeclinedReason, a.DeclinedText)
}

func issueTone(j Job) chat.Tone {
	switch j.Status {
	case workflow.Closed:
		return chat.Closed
	case workflow.Resolved:
		return chat.Good
	}
	if j.late() {
		return chat.Bad
	}
	if j.held() {
		return chat.Waiting
	}
	// An offer that was withdrawn leaves the job open to all.
	a := j.live()
	if asking(a) || a != nil && a.Pause.On() && a.Pause.Side == workflow.WithOperator {
		return chat.Waiting
	}
	if a != nil && a.Status != workflow.Canceled {
		return assignmentTone(a.Status)
	}
	return chat.Neutral
}

func assignmentTone(s workflow.Status) chat.Tone {
	switch s {
	case workflow.Assigned, workflow.WaitingApproval:
		return chat.Waiting
	case workflow.Accepted, workflow.InProgress:
		return chat.Active
	case workflow.Complete:
		return chat.Good
	case workflow.Declined:
		return chat.Bad
	case workflow.Canceled:
		return chat.Closed
	default:
		return chat.Neutral
	}
}
