package present

import (
	"math"
	"strconv"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// FirmHours asks when a firm works. desk is the desk's own calendar.
func (p *Presenter) FirmHours(as Asked, firm storage.Contractor, own, desk settings.Calendar) *chat.Form {
	fields := p.calendarFields("Empty: the desk's.", "Empty: the desk's hours.")
	for n, v := range []string{own.Zone, settings.HoursText(own.Week), settings.HolidaysText(own.Holidays)} {
		fields[n].Value = v
	}
	return &chat.Form{
		Title: "Working hours", Submit: "Save",
		Intro:  FirmName(firm) + ". Times to answer are counted in these hours. The desk works " + settings.CalendarText(desk) + ".",
		Token:  p.formToken(as, ticket.Ticket{Verb: string(workflow.FirmHours), Arg: firm.ID}),
		Fields: fields,
	}
}

// answerBy is until when a firm may answer, with how much of its working time that gives
// it. Both stay true however long the card stands there.
func (w Words) answerBy(j Job, a *workflow.Assignment) chat.Text {
	t := moment(a.Terms.AcceptBy)
	if hours, ok := j.Hours[a.Contractor]; ok && !t.Empty() && !a.OfferedAt.IsZero() {
		t = t.Plain(" (" + w.WorkingTime(hours.Between(a.OfferedAt, a.Terms.AcceptBy)) + " from the offer)")
	}
	return t
}

// WorkingTime says an amount of working time.
func (w Words) WorkingTime(d time.Duration) string {
	if d = max(d.Round(time.Minute), time.Minute); d < time.Hour {
		return w.count(int(d.Minutes()), "{{.Count}} working minute", "{{.Count}} working minutes")
	}
	h := math.Round(d.Hours()*2) / 2
	if h == 1 {
		return "1 working hour"
	}
	return strconv.FormatFloat(h, 'f', -1, 64) + " working hours"
}

// timeLeft says how much of the firm's working time is left to answer, empty where
// nothing is known of it.
func (w Words) timeLeft(j Job, a *workflow.Assignment) string {
	hours, ok := j.Hours[a.Contractor]
	if !ok || a.Terms.AcceptBy.IsZero() || j.Now.IsZero() {
		return ""
	}
	left := hours.Between(j.Now, a.Terms.AcceptBy)
	if left <= 0 {
		return ""
	}
	return " (" + w.WorkingTime(left) + " left)"
}
