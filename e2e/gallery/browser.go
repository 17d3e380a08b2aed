package main

import (
	"time"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// browser is the way into the browser: where it is asked for, and what is answered.
func (s *samples) browser() []specimen {
	pass := chat.Pass{Link: "https://desk.example.com/web/sign-in/" + fill("EXAMPLE", 52), Life: 15 * time.Minute}
	toJob := pass
	toJob.Link += "?job=42"
	of := func(role workflow.Role) chat.Message {
		h := s.home(role)
		h.Buttons = []chat.Button{s.p.EntryButton(s.asked(), "")}
		return s.p.HomeAnswer(s.asked(), h)
	}
	page := s.home(workflow.Operator)
	page.Buttons = []chat.Button{s.p.EntryButton(s.asked(), "")}
	chosen := s.page("Waiting acceptance", s.listed()[:1])
	chosenHome := page
	chosenHome.Chosen = &chosen
	board, idle := s.p.Board(s.boardGroups()), s.p.Board(nil)
	for _, m := range []*chat.Message{&board, &idle} {
		m.Buttons = []chat.Button{s.p.EntryButton(s.asked(), "slack:T1/C1")}
	}
	return []specimen{
		{caption: "the board with its button, for a firm", message: board},
		{caption: "the board with nothing to do, for a firm", message: idle},
		private("the link, for a firm", s.p.Entry(pass, false)),
		private("the link, for whoever has commands", s.p.Entry(pass, true)),
		private("the link to a task", s.p.Entry(toJob, true)),
		text("signed out", chat.T(s.p.Say("You are signed out in all browsers."))),
		private("home in a conversation with its button, operator", of(workflow.Operator)),
		private("home in a conversation with its button, for a firm", of(workflow.Contractor)),
		private("the head of a home with its button", s.p.HomePage(s.asked(), page)[0]),
		private("the head of a home with a list and its button", s.p.HomePage(s.asked(), chosenHome)[0]),
	}
}
