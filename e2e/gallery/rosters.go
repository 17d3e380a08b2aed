package main

import (
	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

func (s *samples) channel() storage.Channel {
	return storage.Channel{Contractor: s.acme.ID, Name: "ext-leeds-acme-heating", URL: "https://desk.slack.com/archives/C1"}
}

// roster is a firm's as the desk keeps it.
func (s *samples) roster() []storage.FirmPerson {
	return []storage.FirmPerson{
		{Name: plumber, Role: "dispatcher", Standing: storage.Wanted, Present: true},
		{Name: mate, Standing: storage.Noticed, Present: true},
		{Name: "office@acme.example", Standing: storage.Wanted},
		{Name: "Kim Gone", Standing: storage.Struck, Present: true},
		{Name: operator, Standing: storage.Placed, Present: true},
	}
}

// rosters are what the desk is told of who comes and goes.
func (s *samples) rosters() []specimen {
	ch := s.channel()
	lapsed := storage.Invitation{ID: "i1", Address: "office@acme.example", State: string(chat.InviteExpired)}
	look := present.Look{
		Firm: s.acme, Channel: ch,
		Done: []string{"adding " + operator, "took note that " + mate + " has left"},
		See:  []string{"office@acme.example is not in it"},
	}
	return []specimen{
		{caption: "somebody came", message: s.p.JoinedFirm(s.acme, ch, []string{plumber, mate})},
		{caption: "somebody went who is in charge", message: s.p.LeftFirm(s.acme, ch, mate, []int{12, 31})},
		{caption: "an invitation that lapsed", message: s.p.Lapsed(s.acme, lapsed, "slack:T1/C1", s.now)},
		{caption: "an operator of before cannot be taken out", message: s.p.RemoveByHand(operator, ch, true)},
		{caption: "a channel was set right", private: true, message: chat.Message{Text: s.p.Looked(look)}},
		{caption: "nobody is left who answers offers", message: s.p.NobodyAnswers(s.acme, []string{plumber, mate}, "/task contractor answers Acme Heating")},
		{caption: "a channel is as it should be", private: true, message: chat.Message{Text: s.p.Looked(present.Look{Firm: s.acme, Channel: ch})}},
	}
}

// rights are who may do what at the desk.
func (s *samples) rights() []specimen {
	usual := workflow.Usual(workflow.Operator, false)
	people := []present.Holder{
		{Name: operator, Usual: usual, Rights: usual | workflow.RightsOf(workflow.RightMoney)},
		{Name: "Ben Ray", Usual: usual, Rights: workflow.RightsOf(workflow.RightView)},
		{Name: "Mia Cole", Usual: workflow.Usual(workflow.Manager, true), Rights: workflow.Usual(workflow.Manager, true)},
	}
	changes := []storage.Event{
		{At: s.now, Actor: workflow.Person{Name: "Mia Cole"}, Data: map[string]string{"name": operator, "right": "money", "change": "granted"}},
		{At: s.now, Actor: workflow.Person{Name: "Mia Cole"}, Data: map[string]string{"name": "Ben Ray", "right": "hand_out", "change": "revoked"}},
	}
	return []specimen{
		{caption: "rights", private: true, message: s.p.Rights(people, "500 EUR")},
		{caption: "rights without a limit", private: true, message: s.p.Rights(people[:1], "")},
		{caption: "changes of rights", private: true, message: s.p.RightsHistory(changes)},
	}
}
