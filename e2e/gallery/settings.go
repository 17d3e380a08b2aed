package main

import (
	"time"

	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// settingsSection are the forms of an administrator and what stands around them.
func (s *samples) settingsSection() section {
	is := settings.Default()
	is.Calendar = settings.Calendar{
		Zone:     "Europe/London",
		Week:     week(workflow.Span{From: 8 * 60, Till: 12 * 60}, workflow.Span{From: 13 * 60, Till: 17 * 60}),
		Holidays: []settings.Holiday{{Date: "2026-12-25", Name: "Christmas"}, {Date: "2026-12-28", Name: "Boxing Day (substitute)"}},
	}
	is.Digest.Daily = true
	is.Limits.Times = []settings.LimitTimes{
		{Priority: "urgent", Accept: 30 * time.Minute, Start: 2 * time.Hour, Complete: 8 * time.Hour},
		{Priority: "high", Accept: 2 * time.Hour, Complete: 24 * time.Hour},
	}
	changed := func(section, field, before, after string, ago time.Duration) storage.Event {
		return storage.Event{
			At: s.now.Add(-ago), Actor: workflow.Person{Name: operator}, Kind: "settings_changed",
			Data: map[string]string{"section": section, "field": field, "before": before, "after": after},
		}
	}
	ofFirm := func(kind, before, after string, ago time.Duration) storage.Event {
		return storage.Event{
			At: s.now.Add(-ago), Actor: workflow.Person{Name: operator}, Kind: kind,
			Data: map[string]string{"contractor": s.acme.ID, "before": before, "after": after},
		}
	}
	all := []specimen{
		private("the settings", s.p.Settings(s.asked(), is)),
		private("changes of the settings", s.p.SettingsHistory([]storage.Event{
			changed("calendar", "holidays", "2026-12-25 Christmas", "2026-12-25 Christmas\n2026-12-28 Boxing Day (substitute)", time.Hour),
			changed("offers", "answer_within", "8h", "24h", 25*time.Hour),
			ofFirm(present.EventFirmHours, "", "Mon–Fri 08:00–16:00\nEurope/London", 26*time.Hour),
			ofFirm(present.EventFirmTopics, "boiler", "boiler, drains", 27*time.Hour),
		}, map[string]storage.Contractor{s.acme.ID: s.acme})),
		private("no changes of the settings", s.p.SettingsHistory(nil, nil)),
	}
	for _, one := range settings.Sections() {
		all = append(all, specimen{caption: "settings, " + one.Name, form: s.p.SettingsForm(s.asked(), one, is)})
	}
	firm := s.acme
	own := settings.Calendar{Zone: "Europe/Dublin", Week: week(workflow.Span{From: 7 * 60, Till: 16 * 60})}
	all = append(all, specimen{caption: "hours of a firm", form: s.p.FirmHours(s.asked(), firm, own, is.Calendar)})
	offered := s.given(workflow.Assigned, func(a *workflow.Assignment) { a.OfferedAt = s.now.Add(-10 * time.Minute) })
	offered.Hours, offered.Now = map[string]workflow.Calendar{s.acme.ID: own.In(time.UTC)}, s.now.Add(2*time.Hour)
	warned := s.firmCard("an offer counted in the firm's hours", offered)
	all = append(all, warned, specimen{
		caption: "a warning counted in the firm's hours",
		message: s.p.Notice(offered, workflow.Notice{To: workflow.ToFirm, Kind: workflow.NoticeExpiresSoon, Assignment: offered.Assignments[0].ID}, ""),
	})
	busy, waiting := s.given(workflow.InProgress), s.given(workflow.Assigned)
	waiting.Number, waiting.Title = 43, "Radiator cold in flat 3"
	nudge := func(j present.Job, to workflow.Audience) present.Nudge {
		return present.Nudge{Job: j, Link: cardLink(j), Notice: workflow.Notice{To: to, Kind: workflow.NoticeReminder, Assignment: j.Assignments[0].ID}}
	}
	firms := []present.Nudge{nudge(busy, workflow.ToInCharge), nudge(waiting, workflow.ToFirm)}
	approve, declined := s.given(workflow.WaitingApproval), s.given(workflow.Declined)
	declined.Number, declined.Title = 41, "Graffiti on the gate"
	desks := []present.Nudge{nudge(approve, workflow.ToOperators), nudge(declined, workflow.ToOperators)}
	all = append(all,
		specimen{caption: "a reminder of one job", message: s.p.Nudges(firms[:1], "slack:T1/C1", s.now)},
		specimen{caption: "a reminder of all that waits for a firm", message: s.p.Nudges(firms, "slack:T1/C1", s.now)},
		specimen{caption: "a reminder of all that waits for the desk", message: s.p.Nudges(desks, "slack:T1/C2", s.now)},
	)
	watched := []present.Watched{
		{Job: busy, Lines: []present.WatchedLine{
			{Event: storage.Event{At: s.now.Add(-time.Hour), Actor: workflow.Person{Name: plumber}, Kind: workflow.EventAccepted, Assignment: busy.Assignments[0].ID}},
			{Event: storage.Event{At: s.now.Add(-40 * time.Minute), Actor: workflow.Person{Name: plumber}, Kind: workflow.EventStarted, Assignment: busy.Assignments[0].ID}},
			{Comment: &storage.Comment{CreatedAt: s.now.Add(-20 * time.Minute), Author: storage.Author{Name: plumber}, Visibility: workflow.Shared, Text: "The pump is <b>gone</b>, a new one comes *tomorrow*."}},
		}},
		{Job: waiting, Lines: []present.WatchedLine{
			{Event: storage.Event{At: s.now.Add(-time.Hour), Actor: workflow.Person{Name: operator}, Kind: workflow.EventOffered, Assignment: waiting.Assignments[0].ID}},
		}},
	}
	all = append(all, specimen{caption: "news of a watched job", private: true, message: s.p.WatchedJobs(watched[:1])}, specimen{caption: "news of watched jobs", private: true, message: s.p.WatchedJobs(watched)})
	ways := map[workflow.PersonalNotice]workflow.Way{workflow.NewsOfWatched: workflow.ByMail, workflow.DeskReminders: workflow.NoWay}
	all = append(all,
		specimen{caption: "how somebody is told", form: s.p.NotifyForm(s.asked(), ways, "ann.lee@desk.example")},
		specimen{caption: "how somebody is told without e-mail", form: s.p.NotifyForm(s.asked(), ways, "")},
		specimen{caption: "a reminder for one person", private: true, message: s.p.Privately(s.p.Nudges(desks[:1], "slack:T1/C2", s.now), desks[:1])},
	)
	return section{id: "settings", title: "Settings", channel: "dispatch", specimens: all}
}

// week is one with the same times from Monday to Friday.
func week(spans ...workflow.Span) (days [7][]workflow.Span) {
	for d := time.Monday; d <= time.Friday; d++ {
		days[d] = spans
	}
	return days
}
