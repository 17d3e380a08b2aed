package present

import (
	"time"

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
	if card.Kind == storage.AssignmentCard {
		return p.assignmentCard(j, j.assignment(card.Assignment), on)
	}
	return p.issueCard(j, on)
}

// issueCard is what operators see.
func (p *Presenter) issueCard(j Job, on bearer) chat.Message {
	m := chat.Message{Title: Heading(j.Issue), Tone: issueTone(j)}
	if j.Description != "" {
		m.Text = chat.Text{}.Quote(chat.Shorten(j.Description, 1500))
	}
	a := j.live()
	status := chat.Text{}.Bold(j.Status.Label())
	if j.Overdue && j.Status != workflow.Closed && j.Status != workflow.Resolved {
		status = status.Plain(" · overdue")
	}
	m.Facts = fact(m.Facts, "Status", status)
	if a != nil {
		m.Facts = fact(m.Facts, "Contractor", chat.T(j.Firm(a.Contractor)).Plain(" · ").Bold(a.Status.Label()))
		m.Facts = fact(m.Facts, "In charge", line(a.InCharge.Name, 80))
		if a.Status == workflow.Assigned {
			m.Facts = fact(m.Facts, "Answer by", moment(a.Terms.AcceptBy))
		}
		if a.Status == workflow.Declined {
			m.Facts = fact(m.Facts, "Declined", line(declineText(a), 300))
		}
		if a.Status == workflow.WaitingApproval || a.Status == workflow.Complete {
			m.Facts = fact(m.Facts, "Done", line(a.Completion.Note, 300))
			if a.Completion.Effort > 0 {
				m.Facts = fact(m.Facts, "Effort", chat.T(Duration(a.Completion.Effort)))
			}
			m.Facts = fact(m.Facts, "Costs", line(a.Completion.Costs, 80))
		}
	}
	m.Facts = p.jobFacts(m.Facts, j)
	m.Facts = fact(m.Facts, "Customer", line(j.Customer, 120))
	m.Facts = fact(m.Facts, "Reference", reference(j.Issue))
	m.Facts = fact(m.Facts, "Lies with", chat.T(liesWith(j)))
	if others := j.otherOffers(a); others != "" {
		m.Facts = fact(m.Facts, "Also offered to", chat.T(others))
	}
	if j.LastReply != nil {
		m.Notes = append(m.Notes, chat.T(plural(j.Replies, "reply", "replies")+", last by "+j.LastReply.Author.Name+" ").Moment(j.LastReply.CreatedAt))
	}
	if j.Status != workflow.Closed {
		m.Notes = append(m.Notes, chat.T("Replies in this thread stay internal."))
	}
	m.Buttons = p.issueButtons(j, a, on)
	return m
}

func (p *Presenter) issueButtons(j Job, a *workflow.Assignment, on bearer) []chat.Button {
	if j.Status == workflow.Closed {
		return nil
	}
	var out []chat.Button
	add := func(label string, v workflow.Verb, style chat.Style, at *workflow.Assignment) {
		out = append(out, p.button(label, v, style, j, on, at))
	}
	if a == nil || !workflow.Out(a.Status) {
		switch {
		case j.Status == workflow.Resolved:
			add("Close", workflow.Close, chat.Primary, nil)
			add("Reopen", workflow.Reopen, chat.Default, a)
		default:
			label := "Offer to a firm"
			if a != nil && a.Status != workflow.Unsent {
				label = "Offer elsewhere"
			}
			add(label, OfferElsewhere, chat.Primary, nil)
			add("Edit details", Details, chat.Default, nil)
			add("Close", workflow.Close, chat.Default, nil)
		}
		return out
	}
	for _, v := range workflow.Buttons(*a, j.Issue.Issue, workflow.Operator) {
		switch v {
		case workflow.Approve:
			add("Approve", v, chat.Primary, a)
		case workflow.SendBack:
			add("Send back", v, chat.Danger, a)
		case workflow.Cancel:
			add("Cancel offer", v, chat.Default, a)
		case workflow.CompleteEarly:
			add("Complete early", v, chat.Default, a)
		}
	}
	add("Reply to firm", Reply, chat.Default, a)
	if len(out) < 4 {
		add("Edit details", Details, chat.Default, nil)
	}
	return out
}

// assignmentCard is what the firm sees. It shows only what a firm may know.
func (p *Presenter) assignmentCard(j Job, a *workflow.Assignment, on bearer) chat.Message {
	m := chat.Message{Title: Heading(j.Issue)}
	if a == nil {
		return m
	}
	m.Tone = assignmentTone(a.Status)
	switch a.Status {
	case workflow.Assigned:
		m.Text = chat.Text{{Kind: chat.Everyone}}.Plain("A new job for you. Please accept or decline.")
	case workflow.Canceled:
		m.Text = chat.T("This offer was withdrawn. There is nothing left to do.")
	case workflow.Accepted:
		m.Text = chat.T("Accepted. Press ").Bold("Start").Plain(" when the work begins and ").Bold("Complete").Plain(" when it is done.")
	case workflow.InProgress:
		m.Text = chat.T("In progress. Press ").Bold("Complete").Plain(" when the work is done.")
		if a.SendBackReason != "" {
			m.Text = chat.T("The desk asks for more work. Press ").Bold("Complete").Plain(" again when it is done.")
		}
	case workflow.WaitingApproval:
		m.Text = chat.T("Handed in. The desk is checking the work; you will hear in this thread.")
	case workflow.Complete:
		m.Text = chat.T("The desk marked this as complete. Thank you!")
		if a.LastVerb == workflow.Approve {
			m.Text = chat.T("Done and approved. Thank you!")
		}
	case workflow.Declined:
		m.Text = chat.T("Declined. There is nothing left to do.")
		if a.DeclinedReason == workflow.ReasonNoAnswer {
			m.Text = chat.T("The time to answer is over, so this offer was withdrawn. There is nothing left to do.")
		}
	}
	if j.Description != "" && a.Status != workflow.Canceled {
		if len(m.Text) > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Quote(chat.Shorten(j.Description, 1500))
	}
	m.Facts = fact(m.Facts, "Status", chat.Text{}.Bold(a.Status.Label()))
	m.Facts = fact(m.Facts, "In charge", line(a.InCharge.Name, 80))
	if a.Status == workflow.Assigned {
		m.Facts = fact(m.Facts, "Answer by", moment(a.Terms.AcceptBy))
	}
	m.Facts = fact(m.Facts, "Terms", line(a.Terms.Note, 500))
	if a.Step != "" && a.Status == workflow.InProgress {
		m.Facts = fact(m.Facts, "Step", line(a.Step, 80))
	}
	if a.Status == workflow.InProgress {
		m.Facts = fact(m.Facts, "Sent back", line(a.SendBackReason, 300))
	}
	if a.Status == workflow.Declined {
		m.Facts = fact(m.Facts, "Reason", line(declineText(a), 300))
	}
	if a.Status == workflow.WaitingApproval || a.Status == workflow.Complete {
		m.Facts = fact(m.Facts, "Done", line(a.Completion.Note, 300))
		if a.Completion.Effort > 0 {
			m.Facts = fact(m.Facts, "Effort", chat.T(Duration(a.Completion.Effort)))
		}
		m.Facts = fact(m.Facts, "Costs", line(a.Completion.Costs, 80))
	}
	m.Facts = p.jobFacts(m.Facts, j)
	if workflow.Live(a.Status) {
		m.Notes = append(m.Notes, chat.T("Reply in this thread to talk to the desk."))
	}
	for _, v := range workflow.Buttons(*a, j.Issue.Issue, workflow.Contractor) {
		label, style := "", chat.Default
		switch v {
		case workflow.Accept:
			label, style = "Accept", chat.Primary
		case workflow.Decline:
			label, style = "Decline", chat.Danger
		case workflow.Start:
			label, style = "Start", chat.Primary
		case workflow.HandOver:
			label = "Hand over"
		case workflow.Submit:
			label = "Complete"
			if a.Status == workflow.InProgress {
				style = chat.Primary
			}
		default:
			continue
		}
		m.Buttons = append(m.Buttons, p.button(label, v, style, j, on, a))
	}
	return m
}

// jobFacts are the facts both sides may know.
func (p *Presenter) jobFacts(facts []chat.Fact, j Job) []chat.Fact {
	facts = fact(facts, "Place", line(j.Place, 200))
	facts = fact(facts, "Topic", line(j.Topic, 80))
	if j.Priority != "" && j.Priority != "normal" {
		facts = fact(facts, "Priority", chat.T(priorityLabel(j.Priority)))
	}
	return fact(facts, "Due", moment(j.DueAt))
}

func (j Job) otherOffers(shown *workflow.Assignment) string {
	out := ""
	for i := range j.Assignments {
		a := &j.Assignments[i]
		if shown != nil && a.ID == shown.ID || !workflow.Out(a.Status) {
			continue
		}
		if out != "" {
			out += "; "
		}
		out += j.Firm(a.Contractor)
	}
	return out
}

func reference(i storage.Issue) chat.Text {
	switch {
	case i.URL != "" && i.ExternalRef != "":
		return chat.Text{}.Link(chat.Shorten(oneLine(i.ExternalRef), 80), i.URL)
	case i.URL != "":
		return chat.Text{}.Link("Open", i.URL)
	default:
		return line(i.ExternalRef, 80)
	}
}

// reasonText is a reason for declining with what was added to it. The label of the
// reason that says nothing by itself gives way to the text.
func reasonText(reason, text string) string {
	label := workflow.DeclineReasonLabel(reason)
	switch {
	case text == "":
		return label
	case reason == workflow.ReasonOther:
		return text
	default:
		return label + ": " + text
	}
}

func declineText(a *workflow.Assignment) string {
	return reasonText(a.DeclinedReason, a.DeclinedText)
}

func liesWith(j Job) string {
	switch j.LiesWith {
	case workflow.WithOperator:
		return "The desk"
	case workflow.WithContractor:
		return "The firm"
	case workflow.WithBoth:
		return "Both sides"
	default:
		return ""
	}
}

func issueTone(j Job) chat.Tone {
	switch j.Status {
	case workflow.Closed:
		return chat.Closed
	case workflow.Resolved:
		return chat.Good
	}
	if a := j.live(); a != nil {
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
