package present

import (
	"math"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// FirmHours asks when a firm works. desk is the desk's own calendar.
func (p *Presenter) FirmHours(as Asked, firm storage.Contractor, own, desk settings.Calendar) *chat.Form {
	fields := p.calendarFields(p.say("Empty: the desk's."), p.say("Empty: the desk's hours."))
	for n, v := range []string{own.Zone, p.hours(own.Week), settings.HolidaysText(own.Holidays)} {
		fields[n].Value = v
	}
	fields = append(fields, chat.Field{
		Name: "language", Label: p.say("Language"), Kind: chat.Select, Optional: true, Value: own.Language, Placeholder: p.say("Choose a language"),
		Options: languageOptions(), Help: p.say("In which the firm is written to. Empty: the desk's."),
	})
	return &chat.Form{
		Title: p.say("Working hours"), Submit: p.say("Save"),
		Intro:  p.say("{{.Firm}}. Times to answer are counted in these hours. The desk works {{.Hours}}.", with{"Firm": FirmName(firm), "Hours": p.Calendar(desk)}),
		Token:  p.formToken(as, ticket.Ticket{Verb: string(workflow.FirmHours), Arg: firm.ID}),
		Fields: fields,
	}
}

// answerBy is until when a firm may answer, with how much of its working time that gives
// it. Both stay true however long the card stands there, and so does what is said of the
// time that is left: the card is drawn anew when it is less.
func (w Words) answerBy(j Job, a *workflow.Assignment) chat.Text {
	t := moment(a.Terms.AcceptBy)
	if left := w.countDown(j, a); !left.Empty() {
		return t.Append(left)
	}
	if hours, ok := j.Hours[a.Contractor]; ok && !t.Empty() && !a.OfferedAt.IsZero() {
		return w.text("{{.When}} ({{.Time}} from the offer)", with{"When": t, "Time": w.WorkingTime(hours.Between(a.OfferedAt, a.Terms.AcceptBy))})
	}
	return t
}

// WorkingTime says an amount of working time.
func (w Words) WorkingTime(d time.Duration) string {
	if d = max(d.Round(time.Minute), time.Minute); d < time.Hour {
		return w.count(int(d.Minutes()), "{{.Count}} working minute", "{{.Count}} working minutes")
	}
	h := math.Round(d.Hours()*2) / 2
	if whole := math.Trunc(h); whole == h {
		return w.count(int(whole), "{{.Count}} working hour", "{{.Count}} working hours")
	}
	return w.say("{{.Hours}} working hours", with{"Hours": w.decimal(h)})
}

// timeLeft is how much of the firm's working time is left to answer, empty where
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
	return w.WorkingTime(left)
}
