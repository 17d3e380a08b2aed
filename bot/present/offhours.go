package present

import (
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// OffHours warns whoever has accepted a job of what lies outside of the firm's working
// time.
func (w Words) OffHours(o workflow.OffHours, hours workflow.Calendar) chat.Text {
	if !o.Due.IsZero() {
		return w.text("Due {{.When}} is outside your working hours ({{.Hours}}). Tell the desk in the thread if that cannot be met.", with{"When": at(o.Due), "Hours": w.closed(o, hours)})
	}
	return w.text("The planned window {{.Window}} is outside your working hours ({{.Hours}}). Tell the desk in the thread if that cannot be met.", with{"Window": window(o.From, o.Till), "Hours": w.closed(o, hours)})
}

// firmOffHours tells the desk the same, as a line below that the firm has accepted.
func (w Words) firmOffHours(t chat.Text, j Job, a *workflow.Assignment) chat.Text {
	hours, said := j.Hours[a.Contractor]
	if !said {
		return t
	}
	o := hours.Outside(j.Issue.Issue, *a, j.Now)
	switch {
	case !o.Due.IsZero():
		t = t.Plain("\n").Append(w.text("Due {{.When}} is outside the firm's working hours ({{.Hours}}).", with{"When": at(o.Due), "Hours": w.closed(o, hours)}))
	case o.Some():
		t = t.Plain("\n").Append(w.text("The planned window {{.Window}} is outside the firm's working hours ({{.Hours}}).", with{"Window": window(o.From, o.Till), "Hours": w.closed(o, hours)}))
	}
	return t
}

// closed are working hours as the reason why a moment is outside of them.
func (w Words) closed(o workflow.OffHours, hours workflow.Calendar) string {
	text := strings.ReplaceAll(w.hours(hours.Week), "\n", "; ")
	if text == "" {
		text = w.say("round the clock")
	}
	text = chat.Shorten(text, 200)
	if hours.Zone != nil && hours.Zone != time.Local {
		text += ", " + hours.Zone.String()
	}
	if o.Holiday {
		text += "; " + w.say("that day is a holiday")
	}
	return text
}
