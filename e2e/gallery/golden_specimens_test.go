package main

import (
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// goldenSections are the gallery's own sections but for the scenes, which repeat
// what others show, and after them what is too much for pictures: every card and
// form at its longest, and the kinds of answers that look like others.
func (s *samples) goldenSections() []section {
	var out []section
	for _, one := range s.sections() {
		if one.id != "long" && len(one.side) == 0 && !strings.HasPrefix(one.id, "scene-") {
			out = append(out, one)
		}
	}
	return append(out, s.spelled(
		section{id: "long", specimens: s.fullCards()},
		section{id: "longforms", specimens: s.fullForms()},
		section{id: "more", specimens: s.more()},
	)...)
}

// statuses are those of a job with one assignment that are a card's of their own.
func statuses() []workflow.Status {
	return []workflow.Status{
		workflow.Assigned, workflow.Accepted, workflow.InProgress, workflow.WaitingApproval,
		workflow.Complete, workflow.Declined, workflow.Canceled,
	}
}

// fullest is the longest job, filled up to what the API takes.
func (s *samples) fullest(status workflow.Status) present.Job {
	j := s.longest(status)
	j.Description = fill(j.Description, 10_000)
	j.Customer = fill(j.Customer+" ", 200)
	j.ExternalRef = fill(j.ExternalRef, 100)
	j.URL = fill("https://crm.example.com/deals/1077?view=all&tags=<a|b>&name=", 2000)
	return j
}

func (s *samples) fullCards() []specimen {
	var out []specimen
	for _, status := range statuses() {
		out = append(out,
			s.firmCard("firm "+string(status), s.fullest(status)),
			s.deskCard("desk "+string(status), s.fullest(status)))
	}
	reported, external, closed := s.fullest(workflow.Assigned), s.fullest(workflow.Assigned), s.fullest(workflow.Complete)
	reported.Assignments, reported.Status = nil, workflow.Reported
	external.Assignments, external.Status = nil, workflow.AllocatedExternal
	external.External = []string{fill("slack:T1/U7", 80), fill("mattermost:desk/u8", 80), "x", "y"}
	closed.Status, closed.LiesWith = workflow.Closed, workflow.WithNobody
	relayed := storage.Comment{Author: storage.Author{Name: fill(operator+" <!channel> *of* @all ", 200)}, Text: fill(reported.Description, 20_000)}
	return append(out,
		s.deskCard("desk reported", reported),
		s.deskCard("desk external", external),
		s.deskCard("desk closed", closed),
		specimen{caption: "welcome", message: s.p.Welcome(s.long)},
		specimen{caption: "relayed from the desk", message: spoken(relayed.Author.Name, relayed.Text)},
	)
}

func (s *samples) fullForms() []specimen {
	var firms []storage.Contractor
	var people []workflow.Person
	for n := range 3 {
		c := s.long
		c.ID += strings.Repeat("0", 33+n)
		firms = append(firms, c)
		people = append(people, workflow.Person{ID: "slack:T0123456789/U012345678" + string(rune('0'+n)), Name: fill("Maximiliane Alexandra Freifrau von und zu ", 80)})
	}
	many := make([]storage.Contractor, 101)
	offered, busy, waiting := s.fullest(workflow.Assigned), s.fullest(workflow.InProgress), s.fullest(workflow.WaitingApproval)
	// What a form can just hold, in letters of more than a byte.
	foreign := s.longest(workflow.Assigned)
	foreign.Title = fill("Ремонт котла ", 150)
	foreign.Description = fill("Нет отопления и горячей воды с воскресенья. ", 3000)
	foreign.Topic, foreign.Place = fill("Отопление ", 60), fill("Ленинский проспект, дом 4, подъезд 2, ", 150)
	a := busy.Assignments[0]
	return []specimen{
		form("a new task", s.p.NewIssue(s.asked(), busy.Title, firms)),
		form("a new task, too many firms to choose from", s.p.NewIssue(s.asked(), busy.Title, many)),
		form("edit details", s.p.EditDetails(s.asked(), busy.Issue)),
		form("edit details, wide letters", s.p.EditDetails(s.asked(), foreign.Issue)),
		form("offer", s.p.Offer(s.asked(), busy.Issue, firms, map[string]string{s.long.ID: s.p.Suits(workflow.Fit{City: "Leeds", Topic: "boiler", Done: 12, Taken: 18, Declined: 2, Rated: 5, Stars: 23})})),
		form("amend", s.p.Amend(s.asked(), busy, a)),
		form("suggest other terms", s.p.Counter(s.asked(), offered, offered.Assignments[0])),
		form("next firms", s.p.Chain(s.asked(), s.chained())),
		form("send back", s.p.SendBack(s.asked(), waiting, waiting.Assignments[0])),
		form("ask somebody outside", s.p.AskOutside(s.asked(), busy.Issue)),
		form("reply to the firm", s.p.ReplyForm(s.asked(), busy, a.ID)),
		form("decline", s.p.Decline(s.asked(), offered, offered.Assignments[0])),
		form("ask for an approval", s.p.AskApproval(s.asked(), busy, a)),
		private("ask for an approval without a form", s.p.AskApprovalWithout(s.asked(), busy, a)),
		form("refuse a request", s.p.RefuseRequest(s.asked(), busy, a)),
		form("complete", s.p.Complete(s.asked(), busy, a)),
		form("hand over", s.p.HandOver(s.asked(), busy, a, people)),
		private("hand over without a form", s.p.HandOverWithout(s.asked(), busy, a, people)),
		private("which firm", s.p.WhichFirm(s.asked(), busy.Issue, firms, "accept_by=2026-11-24T11%3A10%3A00Z")),
		private("one task, shown to an operator", s.p.Show(s.asked(), busy, workflow.Operator)),
		private("one task, shown to a firm", s.p.Show(s.asked(), busy, workflow.Contractor)),
		private("a list", s.p.List(s.asked(), workflow.Operator, s.page("Open jobs", []present.Job{offered, busy, waiting}))),
		private("a home", s.p.HomeAnswer(s.asked(), present.Home{Role: workflow.Operator, Sections: []present.Page{
			s.page("Open jobs", []present.Job{offered, busy, waiting}), s.page("Overdue jobs", []present.Job{waiting, offered, busy}),
			s.page("New jobs", []present.Job{offered, busy, waiting}), s.page("My jobs", []present.Job{waiting, offered, busy}),
			s.page("Declined jobs", []present.Job{busy, busy, busy}),
		}})),
	}
}

func (s *samples) more() []specimen {
	unsent := s.given(workflow.Unsent)
	usage := []present.Usage{{Usage: "new TITLE", Does: "makes a task"}, {Usage: "assign N CONTRACTOR [by TIME]", Does: "offers a task to a firm"}}
	out := []specimen{
		s.deskCard("an offer on its way", unsent),
		private("one task, shown to a manager", s.p.Show(s.asked(), s.given(workflow.WaitingApproval), workflow.Manager)),
		private("help for an operator", s.p.Help(workflow.Operator, usage)),
		private("help for a firm", s.p.Help(workflow.Contractor, nil)),
		private("help for a stranger", s.p.Help(workflow.Stranger, usage[:1])),
		private("a summary of one firm", s.p.Summary(present.Report{Title: "today", Period: "today", Firm: "Acme Heating, Leeds"})),
		private("a summary while something is stopped", s.p.Summary(present.Report{Title: "today", Period: "today", Health: present.Health{
			Parked:  []present.Parked{{Channel: "ext-leeds-acme-heating", Reason: "I am not in the channel; add me again", Waiting: 4, Since: s.now.Add(-time.Hour)}},
			Waiting: 4, Oldest: s.now.Add(-time.Hour), Late: true,
			Invitations: []storage.Invitation{{Address: "office@acme.example", State: string(chat.InviteExpired)}},
		}})),
	}
	for _, state := range []chat.InviteState{
		chat.InviteJoined, chat.InviteSent, chat.InviteAccepted, chat.InviteAwaitingApproval,
		chat.InviteApproved, chat.InviteDeclined, chat.InviteExpired, chat.InviteFailed,
	} {
		out = append(out, text("invitation "+string(state), s.p.Invited(storage.Invitation{Address: "ravi@acme.example", State: string(state)})))
	}
	for _, status := range []workflow.Status{workflow.Accepted, workflow.InProgress} {
		j := s.given(status)
		n := workflow.Notice{To: workflow.ToInCharge, Kind: workflow.NoticeReminder, Assignment: j.Assignments[0].ID}
		out = append(out, private("reminder to the one in charge, "+string(status), s.p.Notice(j, n, "")))
	}
	return out
}
