package main

import (
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

func private(caption string, m chat.Message) specimen {
	return specimen{caption: caption, message: m, private: true}
}

// public is what stands in a channel.
func public(caption string, m chat.Message) specimen { return specimen{caption: caption, message: m} }

func text(caption string, t chat.Text) specimen { return private(caption, chat.Message{Text: t}) }

func (s *samples) answers() []specimen {
	offered, busy := s.given(workflow.Assigned), s.given(workflow.InProgress)
	offered.Number, offered.Title = 43, "Radiator cold in flat 3"
	channel := storage.Channel{ID: "C1", Contractor: s.acme.ID, Name: "ext-leeds-acme-heating", URL: "https://example.slack.com/archives/C1"}
	severed := storage.Channel{ID: "C2", Contractor: s.bolt.ID, Name: "ext-leeds-bolt-sons", URL: "https://example.slack.com/archives/C2", State: string(chat.ChannelSevered)}
	paused := s.bolt
	paused.State = storage.ContractorPaused
	invitations := []storage.Invitation{
		{Address: "ravi@acme.example", State: string(chat.InviteJoined)},
		{Address: "tom@acme.example", State: string(chat.InviteAwaitingApproval)},
		{Address: "office@acme.example", State: string(chat.InviteExpired)},
	}
	sunday := s.inHours(s.given(workflow.Accepted, func(a *workflow.Assignment) { a.Terms.Due = time.Date(2026, 11, 29, 14, 0, 0, 0, time.UTC) }))
	holiday := s.inHours(s.given(workflow.Accepted, func(a *workflow.Assignment) {
		a.Terms.Due = time.Date(2026, 11, 30, 14, 0, 0, 0, time.UTC)
		a.StepFrom, a.StepTo = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC), time.Date(2026, 11, 26, 11, 0, 0, 0, time.UTC)
	}))
	return []specimen{
		text("made", s.p.Created(s.job().Issue)),
		private("a list", s.p.List(s.asked(), workflow.Operator, s.page("Open jobs · boiler", s.listed()))),
		private("an empty list", s.p.List(s.asked(), workflow.Operator, present.Page{Heading: "Open jobs"})),
		private("a list for a firm", s.p.List(s.asked(), workflow.Contractor, s.page("Open jobs", []present.Job{busy, offered}))),
		private("one task, shown to an operator", s.p.Show(s.asked(), busy, workflow.Operator)),
		private("one task, shown to a firm", s.p.Show(s.asked(), offered, workflow.Contractor)),
		private("a history", s.p.History(s.asked(), present.Chronicle{Job: busy, Comments: s.comments(), Events: s.events(), Earlier: "7.K1"})),
		private("a summary", s.summary("the last 7 days", "in the last 7 days", "")),
		private("a score", s.p.Score(present.ScoreCard{Firm: s.acme, Days: 90, Summary: s.counted()})),
		private("a firm's own score", s.p.Score(present.ScoreCard{Firm: s.acme, Own: true, Days: 90, Summary: s.counted()})),
		private("all firms", s.p.Firms(s.asked(), present.FirmPage{
			Firms: []storage.Contractor{s.acme, paused}, Channels: []storage.Channel{channel, severed}, Count: 61, Older: true,
		})),
		private("a firm", s.p.Firm(present.FirmView{Contractor: s.acme, Channels: []storage.Channel{channel}, Invitations: invitations, People: s.roster(), Open: 3})),
		text("a firm is set up", s.p.FirmMade(s.acme, channel, s.p.Command)),
		private("which firm", s.p.WhichFirm(s.asked(), s.job().Issue, []storage.Contractor{s.acme, s.bolt}, "accept_by=2026-11-24T11%3A10%3A00Z")),
		private("a draft, before it is sent", s.p.Draft(s.asked(), s.given(workflow.Unsent), s.given(workflow.Unsent).Assignments[0])),
		text("offered to several", s.p.Offered(s.job().Issue, []storage.Contractor{s.acme, s.bolt}, s.now.Add(2*time.Hour), false, nil)),
		text("offered in turn", s.p.Offered(s.job().Issue, []storage.Contractor{s.acme, s.bolt}, s.now.Add(2*time.Hour), true, []string{"Acme Heating, Leeds said no to this job a short time ago."})),
		private("suggesting a date without a form", s.p.CounterWithout(s.asked(), offered, offered.Assignments[0])),
		text("accepted outside of working hours", s.p.OffHours(s.offHours(sunday))),
		text("accepted on a holiday, with a planned window", s.p.OffHours(s.offHours(holiday))),
		private("the desk hears of working hours", s.p.Notice(sunday, workflow.Notice{To: workflow.ToOperators, Kind: workflow.NoticeAccepted, Assignment: sunday.Assignments[0].ID}, plumber)),
		private("the desk hears of a holiday", s.p.Notice(holiday, workflow.Notice{To: workflow.ToOperators, Kind: workflow.NoticeAccepted, Assignment: holiday.Assignments[0].ID}, plumber)),
		private("declining without a form", s.p.DeclineWithout(s.asked(), offered, offered.Assignments[0])),
		private("completing without a form", s.p.CompleteWithout(s.asked(), busy, busy.Assignments[0])),
		private("handing over without a form", s.p.HandOverWithout(s.asked(), busy, busy.Assignments[0], s.people())),
		private("a form that did not open", s.p.TryAgain(s.asked(), workflow.Submit, busy.Issue, &busy.Assignments[0], "")),
	}
}

// inHours is a job at a firm that works on weekdays, except for one holiday.
func (s *samples) inHours(j present.Job) present.Job {
	works := workflow.Calendar{Zone: time.UTC, Holidays: map[workflow.Date]bool{{Year: 2026, Month: time.November, Day: 26}: true}}
	for day := time.Monday; day <= time.Friday; day++ {
		works.Week[day] = []workflow.Span{{From: 8 * 60, Till: 17 * 60}}
	}
	j.Now, j.Hours = s.now, map[string]workflow.Calendar{s.acme.ID: works}
	return j
}

func (s *samples) offHours(j present.Job) (workflow.OffHours, workflow.Calendar) {
	hours := j.Hours[s.acme.ID]
	return hours.Outside(j.Issue.Issue, j.Assignments[0], j.Now), hours
}

func (s *samples) listed() []present.Job {
	late := s.given(workflow.InProgress)
	late.Number, late.Title, late.Overdue = 39, "Gutter hangs over the bicycle stand behind the school; please bring the long ladder", true
	waiting := s.given(workflow.WaitingApproval)
	waiting.Number, waiting.Title = 40, "Lift stops between floors"
	declined := s.given(workflow.Declined)
	declined.Number, declined.Title = 41, "Graffiti on the gate"
	return []present.Job{s.given(workflow.Assigned), declined, waiting, late, s.short()}
}

// offered are jobs that firms have not answered yet.
func (s *samples) offered() []present.Job {
	second := s.given(workflow.Assigned)
	second.Number, second.Title = 41, "Graffiti on the gate"
	return []present.Job{s.given(workflow.Assigned), second}
}

func (s *samples) counted() storage.Summary {
	return storage.Summary{
		Issues:      map[workflow.IssueStatus]int{workflow.Reported: 3, workflow.Allocated: 8, workflow.Resolved: 2, workflow.Closed: 31},
		Assignments: map[workflow.Status]int{workflow.Assigned: 2, workflow.Accepted: 1, workflow.InProgress: 4, workflow.WaitingApproval: 1},
		LiesWith:    map[workflow.Side]int{workflow.WithOperator: 6, workflow.WithContractor: 7},
		Overdue:     1, Oldest: 17,
		Flows: storage.Flows{
			Created: 12, Closed: 9, Offered: 14, Submitted: 9, SentBack: 2, OnTime: 6, Late: 1, Asked: 3, Granted: 2,
			Reasons: map[string]int{"no_capacity": 2, "location": 1, workflow.ReasonNoAnswer: 1},
			Ratings: map[int]int{5: 3, 4: 2, 2: 1},
			Times: map[workflow.Lapse]storage.Times{
				workflow.LapseAccept: times(5, 12, 22, 30, 45, 60, 95, 180, 400, 1500), workflow.LapseDecline: times(15, 120, 600),
				workflow.LapseStart: times(30, 60, 90, 2000), workflow.LapseComplete: times(600, 1500, 3000, 4500, 9000),
			},
		},
		Before: storage.Flows{
			Created: 10, Closed: 11, Offered: 10, Submitted: 7, SentBack: 1, OnTime: 5, Late: 2, Ratings: map[int]int{4: 2},
			Reasons: map[string]int{"location": 1, workflow.ReasonNoAnswer: 1},
			Times: map[workflow.Lapse]storage.Times{
				workflow.LapseAccept: times(30, 45, 60, 90, 90, 120, 180, 240), workflow.LapseDecline: times(60),
				workflow.LapseComplete: times(900, 1200, 2000, 2400, 3000, 4000),
			},
		},
	}
}

// rated is a job with a rating of its work.
func (s *samples) rated(shared bool) present.Job {
	return s.given(workflow.Complete, func(a *workflow.Assignment) {
		a.Rating = workflow.Rating{Stars: 4, Text: "Quick and tidy; <!channel> two radiators are left.", Shared: shared, By: workflow.Person{Name: operator}}
	})
}

// times are measured times of so many minutes.
func times(minutes ...int) storage.Times {
	t := storage.Times{}
	for _, m := range minutes {
		t[workflow.Bucket(time.Duration(m)*time.Minute)]++
	}
	return t
}

// summary is the desk in figures, or a firm.
func (s *samples) summary(title, period, firm string) chat.Message {
	oldest := s.job().Issue
	oldest.Number, oldest.CreatedAt = 17, s.now.AddDate(0, 0, -12)
	m := s.p.Summary(present.Report{Title: title, Period: period, Firm: firm, Summary: s.counted(), Longest: &oldest})
	m.Buttons = []chat.Button{s.p.PostSummaryButton(s.asked(), "week")}
	return m
}

func (s *samples) people() []workflow.Person {
	return []workflow.Person{{ID: "U2", Name: plumber}, {ID: "U3", Name: mate}}
}

func (s *samples) comments() []storage.Comment {
	at := func(minutes int) time.Time { return s.now.Add(time.Duration(minutes-60) * time.Minute) }
	return []storage.Comment{
		{Visibility: workflow.Shared, Author: storage.Author{Name: plumber}, Text: "We can be there at 11.", CreatedAt: at(12), EditedAt: at(13), Versions: []storage.Version{{Text: "We can be there at 10.", At: at(12)}}},
		{Visibility: workflow.Internal, Author: storage.Author{Name: operator}, Text: "Mrs Patel rang again.", CreatedAt: at(15)},
		{Visibility: workflow.Shared, Author: storage.Author{Name: plumber}, Text: "The old electrode, for your records.", CreatedAt: at(40), Files: []storage.File{{Name: "electrode.jpg", Type: "image/jpeg", Size: 184_320, Digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}}},
		{Visibility: workflow.Shared, Author: storage.Author{Name: mate}, Text: "Wrong job, sorry.", CreatedAt: at(44), DeletedAt: at(45)},
	}
}

func (s *samples) events() []storage.Event {
	assignment := s.given(workflow.InProgress).Assignments[0].ID
	event := func(minutes int, kind, name string, data map[string]string) storage.Event {
		return storage.Event{At: s.now.Add(time.Duration(minutes-60) * time.Minute), Kind: kind, Actor: workflow.Person{Name: name}, Assignment: assignment, Data: data}
	}
	return []storage.Event{
		event(0, workflow.EventCreated, operator, nil),
		event(2, workflow.EventOffered, operator, map[string]string{"accept_by": s.now.Add(2 * time.Hour).Format(time.RFC3339)}),
		event(10, workflow.EventAccepted, plumber, nil),
		event(30, workflow.EventStarted, plumber, nil),
	}
}

func form(caption string, f *chat.Form) specimen { return specimen{caption: caption, form: f} }

func (s *samples) operatorForms() []specimen {
	firms := []storage.Contractor{s.acme, s.bolt, s.long}
	waiting, busyJob := s.given(workflow.WaitingApproval), s.given(workflow.InProgress)
	return []specimen{
		form("a new task", s.p.NewIssue(s.asked(), "Boiler down at 4 Elm St", firms)),
		form("edit details", s.p.EditDetails(s.asked(), s.longest(workflow.Assigned).Issue)),
		form("offer", s.p.Offer(s.asked(), s.job().Issue, firms, map[string]string{s.acme.ID: s.p.Suits(workflow.Fit{City: "Leeds", Topic: "boiler", Done: 12, Taken: 18, Declined: 2})})),
		form("amend the terms", s.p.Amend(s.asked(), busyJob, busyJob.Assignments[0])),
		form("next firms", s.p.Chain(s.asked(), s.chained())),
		form("send back", s.p.SendBack(s.asked(), waiting, waiting.Assignments[0])),
		form("refuse a task", s.p.RefuseRequest(s.asked(), s.held(), workflow.Assignment{})),
		form("refuse a request", s.p.RefuseRequest(s.asked(), s.asks(""), s.asks("").Assignments[0])),
		form("rate work", s.p.RateForm(s.asked(), s.rated(true), s.rated(true).Assignments[0])),
		form("reply to the firm", s.p.ReplyForm(s.asked(), waiting, "")),
		form("a new contractor", s.p.AddFirm(s.asked(), []string{"mattermost", "slack"})),
	}
}

func (s *samples) firmForms() []specimen {
	offered, busy := s.given(workflow.Assigned), s.given(workflow.InProgress)
	return []specimen{
		form("decline", s.p.Decline(s.asked(), offered, offered.Assignments[0])),
		form("suggest other terms", s.p.Counter(s.asked(), offered, offered.Assignments[0])),
		form("ask for an approval", s.p.AskApproval(s.asked(), busy, busy.Assignments[0])),
		private("ask for an approval without a form", s.p.AskApprovalWithout(s.asked(), busy, busy.Assignments[0])),
		form("complete", s.p.Complete(s.asked(), busy, busy.Assignments[0])),
		form("hand over", s.p.HandOver(s.asked(), busy, busy.Assignments[0], s.people())),
	}
}
