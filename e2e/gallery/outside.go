package main

import (
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// insurer is somebody outside.
const insurer = "Clara Insurer"

// outside is what somebody outside sees, and what the desk's own thread shows of them.
func (s *samples) outside() []specimen {
	card := func(caption string, kind storage.CardKind, j present.Job) specimen {
		return specimen{caption: caption, message: s.p.Card(j, storage.Card{ID: "card3", Kind: kind, Issue: j.ID}, s.now)}
	}
	asked := func(j present.Job) present.Job {
		j.Status, j.LiesWith, j.External = workflow.AllocatedExternal, workflow.WithBoth, []string{"slack:T1/U7"}
		j.Outside = map[string]string{"slack:T1/U7": insurer}
		return j
	}
	open, closed := asked(s.job()), asked(s.job())
	closed.Status = workflow.Closed
	talked := asked(s.talked(s.job()))
	if talked.LastReply != nil {
		talked.LastReply.Author.Name, talked.LastReply.Assignment = insurer, ""
	}
	known := []storage.Outsider{{Name: insurer, Address: "clara"}, {Name: "claims@insurer.example", Address: "claims@insurer.example"}}
	return []specimen{
		card("asked", storage.ExternalCard, open),
		card("the longest", storage.ExternalCard, asked(s.longest(workflow.Declined))),
		card("closed", storage.ExternalCard, closed),
		card("let go", storage.FormerExternalCard, open),
		{caption: "reminded", message: s.p.OutsideReminder()},
		card("the desk's card when they have answered", storage.IssueCard, talked),
		private("who is involved", s.p.Outsiders(open.Issue, known)),
		form("who is to be asked", s.p.AskOutside(s.asked(), s.job().Issue)),
		private("who is to be asked, where the form did not open", s.p.AskOutsideWithout(s.asked(), s.job().Issue)),
		private("nobody is involved", s.p.Outsiders(open.Issue, nil)),
	}
}
