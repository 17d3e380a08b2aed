package main

import (
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// section is a group of specimens that is looked at together.
type section struct {
	id, title, channel string
	specimens          []specimen
	// side is what stands in the thread beside a channel, for whole scenes.
	side []specimen
}

// specimen is one thing that people see.
type specimen struct {
	caption string
	// private is true for what is answered to one person.
	private bool
	message chat.Message
	form    *chat.Form
	// person and words are what somebody said themselves, in scenes. Nothing of
	// it goes through an adapter.
	person, words string
	replies       int
}

func (s *samples) sections() []section {
	return s.spelled(
		s.offerScene(), s.approvalScene(),
		section{id: "firm", title: "Cards in a firm's channel", channel: "ext-leeds-acme-heating", specimens: s.firmCards()},
		section{id: "desk", title: "Cards of the operators", channel: "dispatch", specimens: s.deskCards()},
		section{id: "outside", title: "People outside", channel: "a direct conversation", specimens: s.outside()},
		section{id: "long", title: "The longest that is legal", channel: "dispatch", specimens: s.longCards()},
		section{id: "notices", title: "Replies under the cards", channel: "dispatch", specimens: s.notices()},
		section{id: "private", title: "Answers to one person", channel: "dispatch", specimens: s.answers()},
		section{id: "rosters", title: "Who is in a firm's channel", channel: "dispatch", specimens: s.rosters()},
		section{id: "homes", title: "Homes", channel: "dispatch", specimens: s.homes()},
		section{id: "browser", title: "Into the browser", channel: "dispatch", specimens: s.browser()},
		section{id: "offboarding", title: "Off-boarding a firm", channel: "dispatch", specimens: s.offboarding()},
		section{id: "farewell", title: "The end in a firm's channel", channel: "ext-leeds-acme-heating", specimens: s.farewells()},
		section{id: "rights", title: "Rights at the desk", channel: "dispatch", specimens: s.rights()},
		section{id: "forms", title: "Forms of operators", channel: "dispatch", specimens: s.operatorForms()},
		section{id: "firmforms", title: "Forms of firms", channel: "ext-leeds-acme-heating", specimens: s.firmForms()},
		section{id: "several", title: "Several offers at once", channel: "ext-leeds-acme-heating", specimens: s.several()},
		section{id: "follow", title: "Jobs that follow one another", channel: "dispatch", specimens: s.follow()},
		section{id: "work", title: "Work under way", channel: "dispatch", specimens: s.workCards()},
		section{id: "worknotices", title: "Words about work", channel: "dispatch", specimens: s.workNotices()},
		section{id: "workforms", title: "Forms about work", channel: "dispatch", specimens: s.workForms()},
		section{id: "templates", title: "Templates and kept texts", channel: "dispatch", specimens: s.templates()},
		s.limitsSection(),
		s.settingsSection(),
		section{id: "certificates", title: "Certificates of a firm", channel: "dispatch", specimens: s.certificates()},
		s.webhookSection(),
	)
}

// spelled writes out the moments of sections and words their forms, as the engine does
// before it sends.
func (s *samples) spelled(all ...section) []section {
	for _, one := range all {
		for _, list := range [][]specimen{one.specimens, one.side} {
			for n := range list {
				list[n].message = s.p.Spelled(list[n].message, s.now)
				list[n].form = s.p.Worded(list[n].form)
			}
		}
	}
	return all
}

func (s *samples) firmCard(caption string, j present.Job) specimen {
	card := storage.Card{ID: "card1", Kind: storage.AssignmentCard, Issue: j.ID}
	if len(j.Assignments) > 0 {
		card.Assignment = j.Assignments[0].ID
	}
	return specimen{caption: caption, message: s.p.Card(j, card, s.now)}
}

func (s *samples) deskCard(caption string, j present.Job) specimen {
	return specimen{caption: caption, message: s.p.Card(j, storage.Card{ID: "card2", Kind: storage.IssueCard, Issue: j.ID}, s.now)}
}

// offerScene is an offer in a firm's channel with its thread.
func (s *samples) offerScene() section {
	offer := s.firmCard("", s.given(workflow.Assigned))
	offer.replies = 3
	return section{
		id: "scene-offer", channel: "ext-leeds-acme-heating",
		specimens: []specimen{offer},
		side: []specimen{
			{person: plumber, words: "We could be there at 11. Is there a key with the caretaker?"},
			{message: spoken(operator, "Yes, flat 1, Mr Novak. I have told him that you are coming.")},
			{person: plumber, words: "Perfect, accepting."},
		},
	}
}

// approvalScene is a card that waits for an operator.
func (s *samples) approvalScene() section {
	return section{
		id: "scene-desk", channel: "dispatch",
		specimens: []specimen{s.deskCard("", s.talked(s.given(workflow.WaitingApproval)))},
	}
}

func (s *samples) firmCards() []specimen {
	plain := func(j present.Job) present.Job {
		short := s.short()
		short.Assignments, short.Status = j.Assignments, j.Status
		short.Assignments[0].Terms.Note = ""
		return short
	}
	return []specimen{
		{caption: "welcome to a new channel", message: s.p.Welcome(s.acme)},
		s.firmCard("offered", s.given(workflow.Assigned)),
		s.firmCard("offered, the least there can be", plain(s.given(workflow.Assigned))),
		s.firmCard("accepted", s.given(workflow.Accepted)),
		s.firmCard("in progress, with a step", s.given(workflow.InProgress, func(a *workflow.Assignment) { a.Step = "Waiting for parts" })),
		s.firmCard("sent back", s.given(workflow.InProgress, func(a *workflow.Assignment) { a.SendBackReason = "The valve in the cellar still drips." })),
		s.firmCard("handed in", s.given(workflow.WaitingApproval)),
		s.firmCard("complete", s.given(workflow.Complete)),
		s.firmCard("rated", s.rated(true)),
		s.firmCard("rated, not shared", s.rated(false)),
		s.firmCard("declined", s.given(workflow.Declined)),
		s.firmCard("withdrawn", s.given(workflow.Canceled)),
		s.firmCard("the terms changed", s.amended()),
		s.firmCard("other terms suggested", s.countered()),
		s.firmCard("asking for an approval", s.asks("")),
		s.firmCard("an approval refused", s.asks(workflow.RequestRefused)),
		s.firmCard("more than a card has room for", s.wordy()),
		{caption: "all of it", private: true, message: s.p.All(s.wordy(), s.wordy().Assignments[0])},
		s.firmCard("taken by another firm", s.given(workflow.Canceled, func(a *workflow.Assignment) { a.LastVerb = workflow.Accept })),
	}
}

func (s *samples) deskCards() []specimen {
	external := s.job()
	external.Status, external.LiesWith, external.External = workflow.AllocatedExternal, workflow.WithBoth, []string{"slack:T1/U7"}
	external.Outside = map[string]string{"slack:T1/U7": insurer}
	two := s.given(workflow.Assigned)
	two.Assignments = append(two.Assignments, workflow.Assignment{ID: "a2", Contractor: s.bolt.ID, Status: workflow.Assigned, Revision: 1, Terms: two.Assignments[0].Terms})
	late := s.given(workflow.InProgress, func(a *workflow.Assignment) { a.Step = "Waiting for parts" })
	late.Overdue, late.DueAt = true, s.now.Add(-26*time.Hour)
	closed := s.talked(s.given(workflow.Complete))
	closed.Status, closed.LiesWith = workflow.Closed, workflow.WithNobody
	return []specimen{
		s.deskCard("reported", s.job()),
		s.deskCard("the least there can be", s.short()),
		s.deskCard("offered", s.given(workflow.Assigned)),
		s.deskCard("offered to two firms", two),
		s.deskCard("accepted", s.talked(s.given(workflow.Accepted))),
		s.deskCard("in progress and overdue", s.talked(late)),
		s.deskCard("waiting for approval", s.talked(s.given(workflow.WaitingApproval))),
		s.deskCard("resolved", s.talked(s.given(workflow.Complete))),
		s.deskCard("rated by the desk", s.rated(false)),
		s.deskCard("declined", s.given(workflow.Declined)),
		s.deskCard("withdrawn", s.given(workflow.Canceled)),
		s.deskCard("with people from outside", external),
		s.deskCard("closed", closed),
		s.deskCard("the terms changed", s.amended()),
		s.deskCard("the firm suggests other terms", s.countered()),
		s.deskCard("needs an approval before it is offered", s.held()),
		s.deskCard("the firm asks for an approval", s.asks("")),
		s.deskCard("an approval given", s.asks(workflow.RequestApproved)),
		s.deskCard("others wait for their turn", s.chained()),
		s.deskCard("a draft", s.given(workflow.Unsent)),
	}
}

func (s *samples) longCards() []specimen {
	return []specimen{
		s.firmCard("offered", s.longest(workflow.Assigned)),
		s.firmCard("sent back", s.longest(workflow.InProgress)),
		s.deskCard("waiting for approval", s.longest(workflow.WaitingApproval)),
		s.deskCard("declined", s.longest(workflow.Declined)),
		{caption: "a reply of an operator", message: spoken(operator, s.longest(workflow.Assigned).Description)},
	}
}

// notices are those that somebody may get, with the state they come in.
func (s *samples) notices() []specimen {
	late := s.given(workflow.InProgress)
	late.DueAt = s.now.Add(-26 * time.Hour)
	sentBack := func(a *workflow.Assignment) { a.SendBackReason = "The valve in the cellar still drips." }
	list := []struct {
		kind workflow.NoticeKind
		to   workflow.Audience
		by   string
		job  present.Job
	}{
		{workflow.NoticeAccepted, workflow.ToOperators, plumber, s.given(workflow.Accepted)},
		{workflow.NoticeDeclined, workflow.ToOperators, plumber, s.given(workflow.Declined)},
		{workflow.NoticeExpiresSoon, workflow.ToFirm, "", s.given(workflow.Assigned)},
		{workflow.NoticeExpired, workflow.ToFirm, "", s.given(workflow.Canceled)},
		{workflow.NoticeExpired, workflow.ToOperators, "", s.given(workflow.Canceled)},
		{workflow.NoticeWithdrawn, workflow.ToFirm, operator, s.given(workflow.Canceled)},
		{workflow.NoticeTaken, workflow.ToFirm, "", s.given(workflow.Canceled)},
		{workflow.NoticeAmended, workflow.ToFirm, operator, s.given(workflow.Assigned)},
		{workflow.NoticeCounter, workflow.ToOperators, plumber, s.countered()},
		{workflow.NoticeCounterAccepted, workflow.ToInCharge, operator, s.given(workflow.Accepted)},
		{workflow.NoticeCounterRefused, workflow.ToFirm, operator, s.given(workflow.Assigned)},
		{workflow.NoticeCounterWithdrawn, workflow.ToOperators, plumber, s.given(workflow.Assigned)},
		{workflow.NoticeApprovalAsked, workflow.ToOperators, plumber, s.asks("")},
		{workflow.NoticeApprovalGiven, workflow.ToInCharge, operator, s.asks(workflow.RequestApproved)},
		{workflow.NoticeApprovalRefused, workflow.ToInCharge, operator, s.asks(workflow.RequestRefused)},
		{workflow.NoticeApprovalWithdrawn, workflow.ToOperators, plumber, s.given(workflow.InProgress)},
		{workflow.NoticeHandedOver, workflow.ToOperators, mate, s.given(workflow.InProgress)},
		{workflow.NoticeSubmitted, workflow.ToOperators, plumber, s.given(workflow.WaitingApproval)},
		{workflow.NoticeApproved, workflow.ToFirm, operator, s.given(workflow.Complete)},
		{workflow.NoticeSentBack, workflow.ToFirm, operator, s.given(workflow.InProgress, sentBack)},
		{workflow.NoticeCompleted, workflow.ToFirm, operator, s.given(workflow.Complete)},
		{workflow.NoticeClosed, workflow.ToFirm, operator, s.given(workflow.Complete)},
		{workflow.NoticeReopened, workflow.ToFirm, operator, s.given(workflow.InProgress)},
		{workflow.NoticeReminder, workflow.ToOperators, "", s.given(workflow.WaitingApproval)},
		{workflow.NoticeReminder, workflow.ToFirm, "", s.given(workflow.Assigned)},
		{workflow.NoticeReminder, workflow.ToFirm, "", s.given(workflow.InProgress)},
		{workflow.NoticeOverdue, workflow.ToOperators, "", late},
		{workflow.NoticeOverdue, workflow.ToFirm, "", late},
		{workflow.NoticeNoFirmLeft, workflow.ToOperators, "", s.given(workflow.Declined)},
	}
	var out []specimen
	for _, n := range list {
		m := s.p.Notice(n.job, workflow.Notice{To: n.to, Kind: n.kind, Assignment: n.job.Assignments[0].ID}, n.by)
		if m.Empty() {
			continue
		}
		caption := string(n.kind) + " to " + string(n.to)
		if n.kind == workflow.NoticeReminder {
			caption += ", " + string(n.job.Assignments[0].Status)
		}
		out = append(out, specimen{caption: caption, message: m})
	}
	turnedDown := s.held()
	turnedDown.Request.Answer, turnedDown.Request.Reason = workflow.RequestRefused, "The house gets a new boiler in May."
	mended := s.given(workflow.InProgress).Issue
	mended.Title, mended.Priority, mended.Place = "Boiler and heating down", "urgent", ""
	mended.Description += " The neighbour at number 6 has a key."
	out = append(out,
		specimen{caption: "details changed", message: s.p.DetailsChanged(workflow.FirmsDetails(present.ChangedDetails(s.given(workflow.InProgress).Issue, mended), workflow.Assignment{}))},
		specimen{caption: "a task needs an approval, to managers", message: s.p.Notice(s.held(), workflow.Notice{To: workflow.ToManagers, Kind: workflow.NoticeApprovalNeeded}, operator)},
		specimen{caption: "a task is approved", message: s.p.Notice(s.held(), workflow.Notice{To: workflow.ToOperators, Kind: workflow.NoticeJobApproved}, "Mona Lind")},
		specimen{caption: "a task is not approved", message: s.p.JobRefused(turnedDown, operatorID, "Mona Lind")})
	done := s.given(workflow.Complete)
	done.CreatedBy = workflow.Person{ID: "slack:T1/" + operatorID, Name: operator}
	out = append(out,
		specimen{caption: "a rating is asked for", message: s.p.AskRating(done, done.Assignments[0], operatorID, s.asked())},
		specimen{caption: "a rating is asked for of all", message: s.p.AskRating(done, done.Assignments[0], "", s.asked())},
		specimen{caption: "a chart under a summary", message: s.p.ChartOf([]storage.Day{{Date: s.now, Created: 3, Closed: 1}, {Date: s.now.AddDate(0, 0, 1), Created: 4, Closed: 5}})})
	return append(out, specimen{caption: "mirrored from the other platform", message: mirrored()}, specimen{caption: "relayed from the desk", message: spoken(operator, "The tenant is back at 3 pm.")})
}

// spoken is what somebody said elsewhere, as it is shown in a firm's thread.
func spoken(who, words string) chat.Message {
	return present.Words{}.Mirror(chat.Speaker{Name: who}, chat.T(words), 0, 1)
}

// mirrored is a formatted reply of a firm's, as it is shown in the linked channel.
func mirrored() chat.Message {
	text := chat.T("On my way, ").Bold("20 minutes").Plain(". See ").Link("the plan", "https://plans.example/elm-st?floor=1").
		Plain(" and tell @Max <!channel>.\n").Quote("Mind the dog\nand the step").Plain("\nValve ").Code("DN 15_b").Plain(" needs\n").
		Add(chat.Span{Kind: chat.CodeBlock, Text: "2 x seal 15\n1 x nut M8 <steel>"}).Plain("\nbefore noon.")
	who := chat.Speaker{Name: present.Words{}.OfFirm(plumber, storage.Contractor{Company: "Acme Heating"}), Picture: "https://pictures.example/cora.png"}
	return present.Words{}.Mirror(who, text, 1, 3)
}
