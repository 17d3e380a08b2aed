package main

import (
	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/workflow"
)

// several are the form that accepts several offers, what stands in for it, and its answer.
func (s *samples) several() []specimen {
	p, as, acme := s.p, s.asked(), s.acme.ID
	second, third := s.given(workflow.Assigned), s.short()
	second.Number, second.Title = 43, "Gutter hangs over the bicycle stand behind the school; please bring the long ladder"
	third.Number = 44
	third.Assignments = []workflow.Assignment{{ID: "a3", Contractor: acme, Status: workflow.Assigned}}
	few := present.Offers([]present.Job{s.given(workflow.Assigned), second, third}, acme)
	var jobs []present.Job
	for n := range present.SeveralMost {
		j := s.longest(workflow.Assigned)
		j.Number = 100_000 + n
		jobs = append(jobs, j)
	}
	most := present.Offers(jobs, jobs[0].Assignments[0].Contractor)
	board := p.Board([]present.Page{s.page("Waiting acceptance", []present.Job{few[0].Job, second, third})})
	board.Buttons = append(board.Buttons, p.SeveralButton(as, "slack:T1/C1"))
	return []specimen{
		public("board with several offers", board),
		form("accept several", p.Several(as, acme, few, 0)),
		form("accept several, the most", p.Several(as, acme, most, 12)),
		private("accept several without a form", p.SeveralWithout(as, acme, few)),
		private("accept several without a form, the most", p.SeveralWithout(as, acme, most)),
		private("several accepted", p.Answered(
			[]chat.Text{chat.T(p.Say("You are in charge of %s now.", present.Heading(few[0].Job.Issue)))},
			[]present.NotAccepted{
				{Heading: present.Heading(second.Issue), Why: p.Say("This was changed since the form was opened. Look at its card, and accept it there.")},
				{Heading: present.Heading(third.Issue), Why: p.Say("Somebody else took this job.")},
			})),
	}
}
