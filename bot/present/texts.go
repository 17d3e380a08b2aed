package present

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

func plural(n int, one, many string) string {
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
	firm := j.Firm(a.Contractor)
	var t chat.Text
	var tone chat.Tone
	switch n.Kind {
	case workflow.NoticeAccepted:
		t, tone = chat.T(by+" ("+firm+") accepted."), chat.Good
	case workflow.NoticeDeclined:
		t, tone = chat.T(by+" ("+firm+") declined: "+declineText(a)+". Offer it elsewhere with the card's button."), chat.Bad
	case workflow.NoticeExpired:
		if n.To == workflow.ToFirm {
			t, tone = chat.T("The time to answer is over; the offer is withdrawn."), chat.Closed
		} else {
			t, tone = chat.T(firm+" did not answer in time. Offer it elsewhere with the card's button."), chat.Bad
		}
	case workflow.NoticeExpiresSoon:
		t, tone = chat.Text{{Kind: chat.Everyone}}.Plain("Please answer this offer by ").Moment(a.Terms.AcceptBy).Plain("; after that it is withdrawn."), chat.Waiting
	case workflow.NoticeWithdrawn:
		t, tone = chat.T("The desk withdrew this offer."), chat.Closed
	case workflow.NoticeTaken:
		t, tone = chat.T("Another firm took this job. Thank you all the same."), chat.Closed
	case workflow.NoticeAmended:
		t, tone = chat.Text{{Kind: chat.Everyone}}.Plain("The desk changed the terms. Please accept or decline anew."), chat.Waiting
	case workflow.NoticeHandedOver:
		t = chat.T(by + " handed the job over to " + a.InCharge.Name + ".")
	case workflow.NoticeSubmitted:
		t, tone = chat.T(by+" ("+firm+") handed the work in. Approve it or send it back with the card's buttons."), chat.Waiting
		if a.Completion.Note != "" {
			t = t.Plain("\n").Quote(chat.Shorten(a.Completion.Note, 1500))
		}
	case workflow.NoticeApproved:
		t, tone = chat.T(by+" approved the work. Thank you!"), chat.Good
	case workflow.NoticeSentBack:
		t, tone = chat.T(by+" sent the work back:").Plain("\n").Quote(a.SendBackReason), chat.Bad
	case workflow.NoticeCompleted:
		t, tone = chat.T(by+" marked the job as complete."), chat.Good
	case workflow.NoticeClosed:
		t, tone = chat.T("The desk closed this job."), chat.Closed
	case workflow.NoticeReopened:
		t, tone = chat.T(by+" reopened the job."), chat.Active
	case workflow.NoticeReminder:
		t, tone = chat.T("Reminder: "+Heading(j.Issue)+" lies with "+strings.ToLower(liesWith(j))+"."), chat.Waiting
	case workflow.NoticeOverdue:
		t, tone = chat.T("Overdue: the due date of "+Heading(j.Issue)+" has passed."), chat.Bad
	case workflow.NoticeNoFirmLeft:
		t, tone = chat.T("No firm is left that has this offer. Offer it elsewhere with the card's button."), chat.Bad
	default:
		return chat.Message{}
	}
	return chat.Message{Text: t, Tone: tone}
}

// Relay carries what an operator said to a firm's thread.
func (p *Presenter) Relay(c storage.Comment) chat.Message {
	return chat.Message{Speaker: c.Author.Name, Text: chat.T(c.Text)}
}

// Welcome opens a firm's channel.
func (p *Presenter) Welcome(c storage.Contractor) chat.Message {
	return chat.Message{
		Title: "Welcome, " + chat.Shorten(oneLine(c.Company), 100),
		Text: chat.T("Jobs for " + FirmName(c) + " are offered here, each as a card.\n").
			Bold("Accept").Plain(" or ").Bold("Decline").Plain(" an offer with the buttons on its card, before its answer-by time. ").
			Plain("Whoever accepts is in charge.\n").
			Plain("Talk to the desk by replying in the thread under the card; the thread is the job's record.\n").
			Plain("Press ").Bold("Complete").Plain(" when the work is done; the desk approves it or sends it back."),
		Notes: []chat.Text{chat.T("Only your people and the desk are in this channel. You need no commands here.")},
	}
}

// FirmMade answers the one who added a firm, once its channel is there.
func FirmMade(c storage.Contractor, ch storage.Channel, command string) chat.Text {
	return chat.T(FirmName(c)+" is set up. Its channel is ").Link(ch.Name, ch.URL).Plain(". Ask its people in with ").
		Code(command + " contractor invite someone@example.com").Plain(".")
}

// Invited says what became of an invitation.
func Invited(i storage.Invitation) chat.Text {
	var word string
	switch chat.InviteState(i.State) {
	case chat.InviteJoined:
		word = "is in the channel"
	case chat.InviteSent:
		word = "was sent an invitation"
	case chat.InviteAccepted:
		word = "accepted the invitation"
	case chat.InviteAwaitingApproval:
		word = "accepted; an administrator has to approve"
	case chat.InviteApproved:
		word = "was approved"
	case chat.InviteDeclined:
		word = "declined the invitation"
	case chat.InviteExpired:
		word = "did not answer in time; invite again"
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
func Created(i storage.Issue) chat.Text {
	return chat.T("Created " + Heading(i) + ".")
}

// List shows issues, a line each, as the asker may see them.
func (p *Presenter) List(heading string, jobs []Job, more bool) chat.Message {
	m := chat.Message{Title: heading}
	if len(jobs) == 0 {
		m.Text = chat.T("Nothing here.")
		return m
	}
	for n, j := range jobs {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(Number(j.Number)).Plain(" " + chat.Shorten(oneLine(j.Title), 80) + " · ")
		if a := j.live(); a != nil {
			m.Text = m.Text.Plain(a.Status.Label() + " · " + j.Firm(a.Contractor))
			if a.Status == workflow.Assigned && !a.Terms.AcceptBy.IsZero() {
				m.Text = m.Text.Plain(" · answer by ").Moment(a.Terms.AcceptBy)
			}
		} else {
			m.Text = m.Text.Plain(j.Status.Label())
		}
		if j.Overdue {
			m.Text = m.Text.Plain(" · overdue")
		}
	}
	if more {
		m.Notes = append(m.Notes, chat.T("There are more; narrow the list by kind or firm."))
	}
	return m
}

// Show is an issue in full for one reader, with the buttons the reader has.
func (p *Presenter) Show(as Asked, j Job, side workflow.Role) chat.Message {
	on := bearer{user: as.User, now: as.Now}
	if side == workflow.Operator {
		m := p.issueCard(j, on)
		m.Notes = nil
		return m
	}
	var m chat.Message
	if side == workflow.Contractor {
		m = p.assignmentCard(j, j.live(), on)
	} else {
		m = p.issueCard(j, on)
		m.Buttons = nil
	}
	m.Notes = nil
	// What is shown to one person must not call everybody.
	m.Text = slices.DeleteFunc(slices.Clone(m.Text), func(s chat.Span) bool { return s.Kind == chat.Everyone })
	return m
}

// History shows an issue's comments and events in order.
func (p *Presenter) History(j Job, comments []storage.Comment, events []storage.Event) chat.Message {
	type entry struct {
		at   int64
		text chat.Text
	}
	var all []entry
	for _, e := range events {
		text := EventText(e)
		if text == "" {
			continue
		}
		all = append(all, entry{e.At.UnixMicro(), chat.Text{}.Moment(e.At).Plain(" " + text)})
	}
	for _, c := range comments {
		if c.Orphan {
			continue
		}
		t := chat.Text{}.Moment(c.CreatedAt).Plain(" ").Bold(c.Author.Name)
		if c.Visibility == workflow.Internal {
			t = t.Plain(" (internal)")
		}
		t = t.Plain(": ")
		for _, v := range c.Versions {
			t = t.Add(chat.Span{Kind: chat.Strike, Text: chat.Shorten(oneLine(v.Text), 200)}).Plain(" → ")
		}
		switch {
		case !c.DeletedAt.IsZero():
			t = t.Add(chat.Span{Kind: chat.Strike, Text: chat.Shorten(oneLine(c.Text), 300)}).Italic(" deleted")
		default:
			t = t.Plain(chat.Shorten(oneLine(c.Text), 300))
			if !c.EditedAt.IsZero() {
				t = t.Italic(" (edited)")
			}
		}
		for _, f := range c.Files {
			t = t.Plain(" [" + f.Name + "]")
		}
		all = append(all, entry{c.CreatedAt.UnixMicro(), t})
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].at < all[b].at })
	const most = 40
	m := chat.Message{Title: "History of " + Heading(j.Issue)}
	if len(all) > most {
		m.Notes = append(m.Notes, chat.T(fmt.Sprintf("The last %d of %d entries.", most, len(all))))
		all = all[len(all)-most:]
	}
	for n, e := range all {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Append(e.text)
	}
	return m
}

// EventText says an event in words; comments are told by themselves, so "".
func EventText(e storage.Event) string {
	if strings.HasPrefix(e.Kind, "comment") {
		return ""
	}
	text := strings.ReplaceAll(e.Kind, "_", " ")
	if e.Actor.Name != "" {
		text = e.Actor.Name + ": " + text
	}
	keys := make([]string, 0, len(e.Data))
	for k := range e.Data {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		if v := e.Data[k]; v != "" && k != "contractor" {
			text += " · " + strings.ReplaceAll(k, "_", " ") + " " + chat.Shorten(oneLine(v), 120)
		}
	}
	return text
}

// Summary is the desk in figures.
func (p *Presenter) Summary(period, firm string, s storage.Summary) chat.Message {
	m := chat.Message{Title: "Summary, " + period}
	if firm != "" {
		m.Title += " · " + firm
	}
	m.Text = chat.T(fmt.Sprintf("%s created, %d closed %s.", plural(s.Created, "task", "tasks"), s.Closed, period))
	for _, st := range []workflow.IssueStatus{workflow.Reported, workflow.Allocated, workflow.AllocatedExternal, workflow.Resolved, workflow.Closed} {
		if n := s.Issues[st]; n > 0 {
			m.Facts = append(m.Facts, chat.Fact{Label: st.Label(), Value: chat.T(strconv.Itoa(n))})
		}
	}
	var live []string
	for _, st := range []workflow.Status{workflow.Assigned, workflow.Accepted, workflow.InProgress, workflow.WaitingApproval} {
		live = append(live, strconv.Itoa(s.Assignments[st])+" "+strings.ToLower(st.Label()))
	}
	m.Text = m.Text.Plain("\nWith firms: " + strings.Join(live, ", ") + ".")
	m.Text = m.Text.Plain(fmt.Sprintf("\nLies with the desk %d, with firms %d, with both %d.",
		s.LiesWith[workflow.WithOperator], s.LiesWith[workflow.WithContractor], s.LiesWith[workflow.WithBoth]))
	if s.Overdue > 0 {
		m.Tone = chat.Bad
		m.Text = m.Text.Plain("\n").Bold(plural(s.Overdue, "task is", "tasks are") + " overdue.")
	}
	if s.Oldest > 0 {
		m.Notes = append(m.Notes, chat.T("The oldest open task is "+Number(s.Oldest)+"."))
	}
	return m
}
