package present

import (
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Notice says what happened to the people it concerns, as a reply under the card.
// The zero message means that the card itself says it.
func (p *Presenter) Notice(j Job, n workflow.Notice, by string) chat.Message {
	a := j.assignment(n.Assignment)
	if a == nil {
		a = &workflow.Assignment{}
	}
	who := with{
		"Who": by, "Firm": p.FirmOf(j, a.Contractor), "Everyone": everyone(), "Task": Heading(j.Issue),
		"Complete": p.completeLabel(),
	}
	var t chat.Text
	var tone chat.Tone
	switch n.Kind {
	case workflow.NoticeAccepted:
		t, tone = p.firmOffHours(p.text("{{.Who}} ({{.Firm}}) accepted.", who), j, a), chat.Good
	case workflow.NoticeDeclined:
		t, tone = p.text("{{.Who}} ({{.Firm}}) declined: {{.Reason}} {{.Elsewhere}}", who,
			with{"Reason": sentence(chat.Shorten(oneLine(p.declineText(j, a)), 500)), "Elsewhere": p.elsewhere(j)}), chat.Bad
	case workflow.NoticeExpired:
		if n.To != workflow.ToOperators {
			t, tone = p.text("The time to answer is over, so this offer was withdrawn. There is nothing left to do."), chat.Closed
		} else {
			t, tone = p.text("{{.Firm}} did not answer in time. {{.Elsewhere}}", who, with{"Elsewhere": p.elsewhere(j)}), chat.Bad
		}
	case workflow.NoticeExpiresSoon:
		tone = chat.Waiting
		if left := p.timeLeft(j, a); left != "" {
			t = p.text("{{.Everyone}}Please answer this offer by {{.When}} ({{.Left}} left); after that it is withdrawn.", who, with{"When": at(a.Terms.AcceptBy), "Left": left})
		} else {
			t = p.text("{{.Everyone}}Please answer this offer by {{.When}}; after that it is withdrawn.", who, with{"When": at(a.Terms.AcceptBy)})
		}
	case workflow.NoticeWentOn, workflow.NoticeAheadReopened:
		t, tone = p.lineNotice(j, n.Kind)
	case workflow.NoticeWithdrawn:
		t, tone = p.text("The desk withdrew this offer. There is nothing left to do."), chat.Closed
	case workflow.NoticeTakenBack:
		t, tone = p.text("The desk took this job back. There is nothing left to do."), chat.Closed
		if n.Reason != "" {
			t = p.text("The desk took this job back:\n{{.Reason}}\nThere is nothing left to do.", with{"Reason": quote(chat.Shorten(n.Reason, 1500))})
		}
	case workflow.NoticeTaken:
		t, tone = p.text("This job is taken. Thank you all the same; there is nothing left to do."), chat.Closed
	case workflow.NoticeAmended:
		t, tone = p.text("{{.Everyone}}The desk changed the terms. Please accept or decline again with the card's buttons.", who), chat.Waiting
	case workflow.NoticeCounter:
		t, tone = p.text("{{.Who}} ({{.Firm}}) suggests other terms: {{.Terms}}\nAgree to them or refuse them with the card's buttons.", who, with{"Terms": p.counterText(a.Counter)}), chat.Waiting
	case workflow.NoticeCounterAccepted:
		t, tone = p.text("The desk agreed to your terms. The job is yours, and {{.Charge}} is in charge.", with{"Charge": p.orSomebody(a.InCharge.Name)}), chat.Good
	case workflow.NoticeCounterRefused:
		tone = chat.Waiting
		if a.Terms.AcceptBy.IsZero() {
			t = p.text("{{.Everyone}}The desk stays with the terms as offered. Please accept or decline with the card's buttons.", who)
		} else {
			t = p.text("{{.Everyone}}The desk stays with the terms as offered. Please accept or decline with the card's buttons by {{.When}}.", who, with{"When": at(a.Terms.AcceptBy)})
		}
	case workflow.NoticeCounterWithdrawn:
		t, tone = p.text("{{.Who}} ({{.Firm}}) withdrew the suggestion of other terms. The offer stands as it was.", who), chat.Waiting
	case workflow.NoticeApprovalAsked, workflow.NoticeApprovalGiven, workflow.NoticeApprovalRefused, workflow.NoticeApprovalWithdrawn:
		t, tone = p.requestNotice(n, a, who)
	case workflow.NoticeApprovalNeeded, workflow.NoticeJobApproved:
		t, tone = p.heldNotice(j, n.Kind, who)
	case workflow.NoticeHandedOver:
		t = p.text("{{.Who}} handed this job over to {{.To}}.", who, with{"To": a.InCharge.Name})
	case workflow.NoticeTookCharge:
		t = p.text("{{.Who}} took charge of this job.", who)
	case workflow.NoticePaused:
		t, tone = p.text("{{.Who}} paused the work: {{.Reason}}", who, with{"Reason": sentence(chat.Shorten(oneLine(p.pauseReason(a.Pause)), 500))}), chat.Waiting
		if !a.Pause.Until.IsZero() {
			t = t.Plain(" ").Append(p.text("It should resume {{.When}}.", with{"When": at(a.Pause.Until)}))
		}
		if a.Pause.Side == workflow.WithOperator && n.To == workflow.ToOperators {
			t = t.Plain(" " + p.say("The desk has to see to it."))
		}
	case workflow.NoticeResumed:
		t, tone = p.text("{{.Who}} resumed the work.", who), chat.Active
	case workflow.NoticePlanned:
		t, tone = p.text("{{.Who}} ({{.Firm}}) planned the work for {{.Window}}.", who, with{"Window": window(a.StepFrom, a.StepTo)}), chat.Active
	case workflow.NoticeConsent:
		t, tone = p.consentNotice(a, n.To)
	case workflow.NoticeDemanded:
		t, tone = p.text("The desk changed the requirements of this job. Please look at the card."), chat.Waiting
		if n.Was != nil {
			t = factLines(t, p.changedDemands(workflow.FirmsChangedDemands(*n.Was, j.Demands)))
		}
	case workflow.NoticeSubmitted:
		t, tone = p.text("{{.Who}} ({{.Firm}}) handed the work in. Approve it or send it back with the card's buttons.", who), chat.Waiting
		if a.Completion.Note != "" {
			t = t.Plain("\n").Quote(chat.Shorten(a.Completion.Note, 1500))
		}
	case workflow.NoticeApproved:
		t, tone = p.text("{{.Who}} approved the work. Thank you!", who), chat.Good
	case workflow.NoticeSentBack:
		t, tone = p.text("{{.Who}} sent the work back:\n{{.Reason}}\nPress {{.Complete}} again when it is mended.", who, with{"Complete": bold(p.completeLabel()), "Reason": quote(chat.Shorten(a.SendBackReason, 1500))}), chat.Bad
	case workflow.NoticeCompleted:
		t, tone = p.text("{{.Who}} marked this job as complete. There is nothing left to do.", who), chat.Good
	case workflow.NoticeClosed:
		t, tone = p.text("The desk closed this job. There is nothing left to do."), chat.Closed
	case workflow.NoticeReopened:
		t, tone = p.text("{{.Who}} reopened this job. Please go on with the work.", who), chat.Active
	case workflow.NoticeReminder:
		if n.To == workflow.ToOperators {
			t, tone = p.text("Reminder: {{.Task}} waits for the desk. {{.Move}}", who, with{"Move": p.nextMove(j)}), chat.Waiting
		} else {
			t, tone = p.text("Reminder: the desk waits for you here. {{.Move}}", with{"Move": p.firmsMove(a.Status)}), chat.Waiting
		}
	case workflow.NoticeOverdue:
		if n.To == workflow.ToOperators {
			t, tone = p.text("Overdue: {{.Task}} was due {{.When}}. {{.Next}}", who, with{"When": at(j.DueAt), "Next": p.nextMove(j)}), chat.Bad
		} else {
			t, tone = p.text("Overdue: this job was due {{.When}}. Please tell the desk in this thread when it will be done.", with{"When": at(j.DueAt)}), chat.Bad
		}
	case workflow.NoticeLimitNear, workflow.NoticeLimitBroken:
		t, tone = p.limitNotice(j, n, a)
	case workflow.NoticeEscalated:
		job := chat.Text{}.Bold(Heading(j.Issue))
		if firm := p.firmOut(j); firm != "" {
			// The managers see no card that names it.
			job = job.Plain(" (" + firm + ")")
		}
		t, tone = p.text("Overdue: {{.Job}} was due {{.When}}, and nobody at the desk took note of it. {{.Next}}", with{"Job": job, "When": moment(j.DueAt), "Next": p.nextMove(j)}), chat.Bad
	case workflow.NoticeNoFirmLeft:
		t, tone = p.text("No firm is left in turn for this job. Offer it elsewhere with the card's button."), chat.Bad
	default:
		return chat.Message{}
	}
	return chat.Message{Text: t, Tone: tone}
}

// sentence ends a text of unknown end with a full stop.
func sentence(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// Welcome opens a firm's channel.
func (p *Presenter) Welcome(c storage.Contractor) chat.Message {
	return chat.Message{
		Title: p.say("Welcome, {{.Company}}", with{"Company": chat.Shorten(oneLine(c.Company), 100)}),
		Text: p.text("Jobs for {{.Firm}}, are offered here by the desk, the people at your client who hand out its work. Each comes as a card.\n"+
			"{{.Accept}} or {{.Decline}} an offer with the buttons on its card, before its answer-by time. Whoever accepts is in charge.\n"+
			"Talk to the desk by replying in the thread under the card; the thread is the job's record.\n"+
			"Press {{.Complete}} when the work is done; the desk approves it or sends it back.",
			with{"Firm": FirmName(c), "Accept": bold(p.say("Accept")), "Decline": bold(p.say("Decline")), "Complete": bold(p.completeLabel())}),
		Notes: []chat.Text{p.text("Only your people and the desk are in this channel. You need no commands here.")},
	}
}

// FirmMade answers the one who added a firm, once its channel is there.
func (w Words) FirmMade(c storage.Contractor, ch storage.Channel, command string) chat.Text {
	return w.text("{{.Firm}} is set up. Its channel is {{.Channel}}. Invite its people with {{.Command}}.", with{
		"Firm": FirmName(c), "Channel": link(ch.Name, ch.URL), "Command": code(command + " contractor invite " + FirmName(c) + " someone@example.com"),
	})
}

// Invited says what became of an invitation.
func (w Words) Invited(i storage.Invitation) chat.Text {
	who := with{"Who": i.Address}
	var t chat.Text
	switch chat.InviteState(i.State) {
	case chat.InviteJoined:
		t = w.text("{{.Who}} is in the channel.", who)
	case chat.InviteSent:
		t = w.text("{{.Who}} was sent an invitation.", who)
	case chat.InviteAccepted:
		t = w.text("{{.Who}} accepted the invitation.", who)
	case chat.InviteAwaitingApproval:
		t = w.text("{{.Who}} accepted; now an administrator must approve it.", who)
	case chat.InviteApproved:
		t = w.text("{{.Who}} was approved and can join.", who)
	case chat.InviteDeclined:
		t = w.text("{{.Who}} declined the invitation.", who)
	case chat.InviteExpired:
		t = w.text("{{.Who}} did not answer the invitation in time; invite them again.", who)
	case chat.InviteFailed:
		t = w.text("{{.Who}} could not be invited.", who)
	default:
		t = w.text("{{.Who}} is being invited.", who)
	}

	if i.Note != "" {
		t = t.Plain(" " + w.term(i.Note))
	}
	return t
}

// Created answers the one who made an issue.
func (w Words) Created(i storage.Issue) chat.Text {
	return w.text("Created {{.Task}}.", with{"Task": Heading(i)})
}

// Show is an issue in full for one reader, with the buttons the reader has.
func (p *Presenter) Show(as Asked, j Job, side workflow.Role) chat.Message {
	on := bearer{user: as.User, now: as.Now}
	var m chat.Message
	switch side {
	case workflow.Operator:
		m = p.deskView(j, fullDescription, workflow.Operator)
		m.Buttons = p.issueButtons(j, j.live(), on)
	case workflow.Contractor:
		m = p.assignmentCard(j, j.live(), fullDescription, on)
		m.Notes = nil
	case workflow.External:
		m = p.ShowOutside(j)
	default:
		m = p.deskView(j, fullDescription, side)
	}
	// What is shown to one person must not call everybody.
	m.Text = toNobody(m.Text)
	return m
}

// toNobody takes calls out of a text.
func toNobody(t chat.Text) chat.Text {
	return slices.DeleteFunc(slices.Clone(t), func(s chat.Span) bool { return s.Kind == chat.Everyone })
}
