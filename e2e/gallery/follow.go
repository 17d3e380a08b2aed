package main

import (
	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/workflow"
)

// follow are jobs that follow one another, as the desk sees them.
func (s *samples) follow() []specimen {
	p := s.p
	after := func(j present.Job, state workflow.Wait) present.Job {
		j.Line.After = workflow.Predecessor{Issue: "i41", Number: 41, State: state}
		return j
	}
	bare := s.job()
	draft := s.given(workflow.Unsent)
	draft.Status, draft.LiesWith = workflow.Reported, workflow.WithOperator
	ahead := s.given(workflow.InProgress)
	ahead.Line.Next = []workflow.Follower{{Issue: "i43", Number: 43}, {Issue: "i44", Number: 44}}
	went := after(s.given(workflow.Assigned), workflow.WentOn)
	notice := func(caption string, j present.Job, kind workflow.NoticeKind) specimen {
		return specimen{caption: caption, message: p.Notice(j, workflow.Notice{To: workflow.ToOperators, Kind: kind}, operator)}
	}
	return []specimen{
		s.deskCard("waits for another job", after(bare, workflow.Waits)),
		s.deskCard("waits with an offer prepared", after(draft, workflow.Waits)),
		s.deskCard("the one before was closed", after(bare, workflow.Asked)),
		s.deskCard("others wait for it", s.talked(ahead)),
		s.deskCard("went on", s.talked(went)),
		notice("done, and offered", went, workflow.NoticeWentOn),
		notice("done, nobody chosen", after(bare, workflow.WentOn), workflow.NoticeWentOn),
		notice("done, the offer is kept", after(draft, workflow.WentOn), workflow.NoticeWentOn),
		{caption: "closed without being done", message: p.AskToGoOn(after(bare, workflow.Asked), ticket.Ticket{Desk: p.Desk, Verb: string(workflow.GoOn), Issue: bare.ID, Channel: "slack:T1/C1"}, s.now)},
		notice("reopened after it went on", went, workflow.NoticeAheadReopened),
		notice("reopened, it waits again", after(bare, workflow.Waits), workflow.NoticeAheadReopened),
		private("follow, with a firm", chat.Message{Text: p.Follows(after(draft, workflow.Waits).Issue, []string{present.FirmName(s.acme)})}),
		private("follow, nobody chosen", chat.Message{Text: p.Follows(after(bare, workflow.Waits).Issue, nil)}),
	}
}
