package main

import (
	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
)

// offboarding is what the end of the work with a firm looks like.
func (s *samples) offboarding() []specimen {
	open := s.openJobs(7)
	text := func(caption string, t chat.Text) specimen {
		return specimen{caption: caption, private: true, message: chat.Message{Text: t}}
	}
	ch := s.channel()
	return []specimen{
		{caption: "what becomes of the open jobs", form: s.p.Offboard(s.asked(), s.acme, open, []storage.Contractor{s.bolt, s.long})},
		{caption: "nobody else to offer them to", form: s.p.Offboard(s.asked(), s.long, open[:1], nil)},
		{caption: "no open jobs", form: s.p.Offboard(s.asked(), s.acme, nil, []storage.Contractor{s.bolt})},
		text("it is done", s.p.Offboarded(s.acme, present.FirmName(s.acme), 7)),
		text("the channel is archived", s.p.Archived(ch, 2, []string{plumber})),
		text("the channel cannot be archived", s.p.ArchiveByHand(ch, s.p.Command, false)),
		text("taken back", s.p.Resumed(s.acme)),
		text("the channel cannot be brought back", s.p.ArchiveByHand(ch, s.p.Command, true)),
	}
}

// openJobs are some jobs that a firm has.
func (s *samples) openJobs(count int) []storage.Issue {
	titles := []string{
		"Boiler down at 4 Elm St", "Radiator cold in flat 3", "Yearly boiler service, 9 Oak Rd", "No hot water, 12 Mill Ln",
		"Gas smell in the cellar", "Valve drips", "Thermostat of flat 1",
	}
	var open []storage.Issue
	for n := range count {
		i := s.job().Issue
		i.Number += n
		i.Title = titles[n%len(titles)]
		open = append(open, i)
	}
	return open
}

// farewells are what the firm reads of it.
func (s *samples) farewells() []specimen {
	return []specimen{
		{caption: "the farewell", message: s.p.Farewell("Thank you for five good winters.")},
		{caption: "the channel is in use again", message: s.p.WelcomeBack()},
	}
}
