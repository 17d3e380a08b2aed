package main

import (
	"fmt"
	"slices"
	"time"

	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// limitsSection is what people see of time limits, of what is overdue and of how little
// time is left.
func (s *samples) limitsSection() section {
	return section{
		id: "limits", title: "Time limits", channel: "dispatch",
		specimens: append(s.limitCards(), s.limitMessages()...),
	}
}

// limited is a job whose hand-off has clocks.
func (s *samples) limited(status workflow.Status, clocks ...workflow.Clock) present.Job {
	return s.given(status, func(a *workflow.Assignment) { a.Clocks = clocks })
}

func (s *samples) limitCards() []specimen {
	counted := s.given(workflow.Assigned)
	counted.Now = s.now
	hours := s.given(workflow.Assigned)
	hours.Now, hours.Hours = s.now, map[string]workflow.Calendar{s.acme.ID: {}}
	running := s.limited(workflow.Accepted,
		workflow.Clock{Limit: workflow.LimitAccept, KeptAt: s.now},
		workflow.Clock{Limit: workflow.LimitStart, BreachAt: s.now.Add(2 * time.Hour)},
		workflow.Clock{Limit: workflow.LimitComplete, BreachAt: s.now.Add(8 * time.Hour)})
	broken := s.limited(workflow.InProgress,
		workflow.Clock{Limit: workflow.LimitStart, BrokenAt: s.now.Add(-2 * time.Hour)},
		workflow.Clock{Limit: workflow.LimitComplete, BreachAt: s.now.Add(8 * time.Hour)})
	still := s.limited(workflow.WaitingApproval, workflow.Clock{Limit: workflow.LimitComplete, Held: true, Left: 150 * time.Minute})
	seen := s.overdue()
	seen.SeenBy = workflow.Person{ID: "slack:T1/U1", Name: operator}
	return []specimen{
		s.firmCard("little time is left to answer", counted),
		s.deskCard("little working time is left to answer", hours),
		s.firmCard("accepted, limits run", running),
		s.firmCard("a limit is broken", broken),
		s.deskCard("a limit is broken, the desk", broken),
		s.deskCard("the clock stands still", still),
		s.deskCard("overdue, and somebody took note", seen),
	}
}

func (s *samples) overdue() present.Job {
	j := s.given(workflow.InProgress)
	j.Overdue, j.DueAt, j.EscalateAt = true, s.now.Add(-26*time.Hour), s.now.Add(8*time.Hour)
	return j
}

// cardLink is where the card of a job is opened.
func cardLink(j present.Job) string {
	return fmt.Sprintf("https://desk.slack.com/archives/C0DISPATCH/p17000000%d", j.Number)
}

func (s *samples) limitMessages() []specimen {
	near, over := s.limited(workflow.Assigned, workflow.Clock{Limit: workflow.LimitAccept, BreachAt: s.now.Add(30 * time.Minute)}),
		s.limited(workflow.Accepted, workflow.Clock{Limit: workflow.LimitStart, BrokenAt: s.now})
	done := s.limited(workflow.InProgress, workflow.Clock{Limit: workflow.LimitComplete, BrokenAt: s.now})
	late := s.overdue()
	other := func(j present.Job, number int, title string) present.Job {
		j.Number, j.Title = number, title
		return j
	}
	told := func(caption string, kind workflow.NoticeKind, to workflow.Audience, jobs ...present.Job) specimen {
		var all []present.Nudge
		for _, j := range jobs {
			n := workflow.Notice{To: to, Kind: kind, Assignment: j.Assignments[0].ID}
			all = append(all, present.Nudge{Job: j, Notice: n, Link: cardLink(j)})
		}
		return specimen{caption: caption, message: s.p.Told(all, "slack:T1/C1", s.now)}
	}
	fault := other(s.longest(workflow.InProgress), 123456, fill("*bold* <!channel> Wassereinbruch ", 150))
	fault.Assignments[0].Clocks = done.Assignments[0].Clocks
	most := other(late, 123456, fault.Title)
	return []specimen{
		told("a limit is near, to the desk", workflow.NoticeLimitNear, workflow.ToOperators, near),
		told("a limit is near, to the firm", workflow.NoticeLimitNear, workflow.ToFirm, near),
		told("limits are near, to the desk", workflow.NoticeLimitNear, workflow.ToOperators, near, other(near, 43, "Radiator cold in flat 3")),
		told("a limit is broken, to the desk", workflow.NoticeLimitBroken, workflow.ToOperators, over),
		told("a limit is broken, to the firm", workflow.NoticeLimitBroken, workflow.ToFirm, over),
		told("limits are broken, to the firm", workflow.NoticeLimitBroken, workflow.ToFirm, over, other(done, 43, "Radiator cold in flat 3"), fault),
		told("overdue, with managers who will be told", workflow.NoticeOverdue, workflow.ToOperators, late),
		told("several are overdue", workflow.NoticeOverdue, workflow.ToOperators, late, other(late, 39, "Gutter hangs over the bicycle stand")),
		told("more are overdue than one message names", workflow.NoticeOverdue, workflow.ToOperators, slices.Repeat([]present.Job{most}, 30)...),
		told("the managers are told", workflow.NoticeEscalated, workflow.ToManagers, late),
		told("the managers are told of several", workflow.NoticeEscalated, workflow.ToManagers, late, other(late, 39, "Gutter hangs over the bicycle stand")),
		text("took note", s.p.Seen(1, storage.Issue{Issue: workflow.Issue{Number: 42}, Title: "Boiler down at 4 Elm St"})),
		text("took note of several", s.p.Seen(3, storage.Issue{})),
	}
}
