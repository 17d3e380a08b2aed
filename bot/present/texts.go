package present

import (
	"slices"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

func (w Words) plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// Notice says what happened to the people it concerns, as a reply under the card.
// The zero message means that the card itself says it.
func (p *Presenter) Notice(j Job, n workflow.Notice, by string) chat.Message {
	a := j.assignment(n.Assignment)
	if a == nil {
		a = &workflow.Assignment{}
	}
	firm := p.FirmOf(j, a.Contractor)
	var t chat.Text
	var tone chat.Tone
	switch n.Kind {
	case workflow.NoticeAccepted:
		t, tone = chat.T(by+" ("+firm+") accepted."), chat.Good
	case workflow.NoticeDeclined:
		t, tone = chat.T(by+" ("+firm+") declined: "+sentence(chat.Shorten(oneLine(p.declineText(j, a)), 500))+p.elsewhere(j)), chat.Bad
	case workflow.NoticeExpired:
		if n.To != workflow.ToOperators {
			t, tone = chat.T("The time to answer is over, so this offer was withdrawn. There is nothing left to do."), chat.Closed
		} else {
			t, tone = chat.T(firm+" did not answer in time."+p.elsewhere(j)), chat.Bad
		}
	case workflow.NoticeExpiresSoon:
		t, tone = chat.Text{{Kind: chat.Everyone}}.Plain("Please answer this offer by ").Moment(a.Terms.AcceptBy).Plain(p.timeLeft(j, a)+"; after that it is withdrawn."), chat.Waiting
	case workflow.NoticeWithdrawn:
		t, tone = chat.T("The desk withdrew this offer. There is nothing left to do."), chat.Closed
	case workflow.NoticeTakenBack:
		t, tone = chat.T("The desk took this job back. There is nothing left to do."), chat.Closed
	case workflow.NoticeTaken:
		t, tone = chat.T("This job is taken. Thank you all the same; there is nothing left to do."), chat.Closed
	case workflow.NoticeAmended:
		t, tone = chat.Text{{Kind: chat.Everyone}}.Plain("The desk changed the terms. Please accept or decline again with the card's buttons."), chat.Waiting
	case workflow.NoticeCounter:
		t, tone = chat.T(by+" ("+firm+") suggests other terms: ").Append(p.counterText(a.Counter)).Plain(". Agree to them or refuse them with the card's buttons."), chat.Waiting
	case workflow.NoticeCounterAccepted:
		t, tone = chat.T("The desk agreed to your terms. The job is yours, and "+p.orSomebody(a.InCharge.Name)+" is in charge."), chat.Good
	case workflow.NoticeCounterRefused:
		t, tone = chat.Text{{Kind: chat.Everyone}}.Plain("The desk stays with the terms as offered. Please accept or decline with the card's buttons"), chat.Waiting
		if !a.Terms.AcceptBy.IsZero() {
			t = t.Plain(" by ").Moment(a.Terms.AcceptBy)
		}
		t = t.Plain(".")
	case workflow.NoticeHandedOver:
		t = chat.T(by + " handed this job over to " + a.InCharge.Name + ".")
	case workflow.NoticeTookCharge:
		t = chat.T(by + " took charge of this job.")
	case workflow.NoticePaused:
		t, tone = chat.T(by+" paused the work: "+sentence(chat.Shorten(oneLine(workflow.PauseText(a.Pause)), 500))), chat.Waiting
		if !a.Pause.Until.IsZero() {
			t = t.Plain(" It should go on ").Moment(a.Pause.Until).Plain(".")
		}
		if a.Pause.Side == workflow.WithOperator && n.To == workflow.ToOperators {
			t = t.Plain(" The desk has to see to it.")
		}
	case workflow.NoticeResumed:
		t, tone = chat.T(by+" resumed the work."), chat.Active
	case workflow.NoticePlanned:
		t, tone = chat.T(by+" ("+firm+") planned the work for ").Append(window(a.StepFrom, a.StepTo)).Plain("."), chat.Active
	case workflow.NoticeDemanded:
		t, tone = chat.T("The desk changed what the work has to bring. Please look at the card."), chat.Waiting
	case workflow.NoticeSubmitted:
		t, tone = chat.T(by+" ("+firm+") handed the work in. Approve it or send it back with the card's buttons."), chat.Waiting
		if a.Completion.Note != "" {
			t = t.Plain("\n").Quote(chat.Shorten(a.Completion.Note, 1500))
		}
	case workflow.NoticeApproved:
		t, tone = chat.T(by+" approved the work. Thank you!"), chat.Good
	case workflow.NoticeSentBack:
		t, tone = chat.T(by+" sent the work back:").Plain("\n").Quote(chat.Shorten(a.SendBackReason, 1500)).Plain("\nPress Complete again when it is mended."), chat.Bad
	case workflow.NoticeCompleted:
		t, tone = chat.T(by+" marked this job as complete. There is nothing left to do."), chat.Good
	case workflow.NoticeClosed:
		t, tone = chat.T("The desk closed this job. There is nothing left to do."), chat.Closed
	case workflow.NoticeReopened:
		t, tone = chat.T(by+" reopened this job. Please go on with the work."), chat.Active
	case workflow.NoticeReminder:
		if n.To == workflow.ToOperators {
			t, tone = chat.T("Reminder: "+Heading(j.Issue)+" waits for the desk. "+p.nextMove(j)), chat.Waiting
		} else {
			t, tone = chat.T("Reminder: the desk waits for you here. "+p.firmsMove(a.Status)), chat.Waiting
		}
	case workflow.NoticeOverdue:
		if n.To == workflow.ToOperators {
			t, tone = chat.T("Overdue: "+Heading(j.Issue)+" was due ").Moment(j.DueAt).Plain("."), chat.Bad
		} else {
			t, tone = chat.T("Overdue: this job was due ").Moment(j.DueAt).Plain(". Please tell the desk in this thread when it will be done."), chat.Bad
		}
	case workflow.NoticeNoFirmLeft:
		t, tone = chat.T("No firm is left in turn for this job. Offer it elsewhere with the card's button."), chat.Bad
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
		Title: "Welcome, " + chat.Shorten(oneLine(c.Company), 100),
		Text: chat.T("Jobs for " + FirmName(c) + ", are offered here by the desk, the people at your client who hand out its work. Each comes as a card.\n").
			Bold("Accept").Plain(" or ").Bold("Decline").Plain(" an offer with the buttons on its card, before its answer-by time. ").
			Plain("Whoever accepts is in charge.\n").
			Plain("Talk to the desk by replying in the thread under the card; the thread is the job's record.\n").
			Plain("Press ").Bold("Complete").Plain(" when the work is done; the desk approves it or sends it back."),
		Notes: []chat.Text{chat.T("Only your people and the desk are in this channel. You need no commands here.")},
	}
}

// FirmMade answers the one who added a firm, once its channel is there.
func (w Words) FirmMade(c storage.Contractor, ch storage.Channel, command string) chat.Text {
	return w.text("{{.Firm}} is set up. Its channel is {{.Channel}}. Ask its people in with {{.Command}}.", with{
		"Firm": FirmName(c), "Channel": link(ch.Name, ch.URL), "Command": code(command + " contractor invite someone@example.com"),
	})
}

// Invited says what became of an invitation.
func (w Words) Invited(i storage.Invitation) chat.Text {
	var word string
	switch chat.InviteState(i.State) {
	case chat.InviteJoined:
		word = "is in the channel"
	case chat.InviteSent:
		word = "was sent an invitation"
	case chat.InviteAccepted:
		word = "accepted the invitation"
	case chat.InviteAwaitingApproval:
		word = "accepted; now an administrator must approve it"
	case chat.InviteApproved:
		word = "was approved and can join"
	case chat.InviteDeclined:
		word = "declined the invitation"
	case chat.InviteExpired:
		word = "did not answer the invitation in time; invite them again"
	case chat.InviteFailed:
		word = "could not be invited"
	default:
		word = "is being invited"
	}
	t := chat.T(i.Address + " " + word + ".")
	if i.Note != "" {
		t = t.Plain(" " + i.Note)
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
