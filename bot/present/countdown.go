package present

import (
	"time"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// countDown says how little time is left to answer an offer, empty while that is more
// than a day. It is said in steps, each of which stays true until the next: a card is
// drawn anew at each of them, and not every minute. Letters cannot be drawn anew.
func (w Words) countDown(j Job, a *workflow.Assignment) chat.Text {
	if j.Now.IsZero() || a.Terms.AcceptBy.IsZero() || j.ByMail {
		return nil
	}
	hours, known := j.Hours[a.Contractor]
	step := workflow.CountedDown(hours.Between(j.Now, a.Terms.AcceptBy))
	switch {
	case step == 0:
		return nil
	case known:
		return w.text(" · less than {{.Time}} left", with{"Time": bold(w.WorkingTime(step))})
	case step < time.Hour:
		return w.text(" · less than {{.Time}} left", with{"Time": bold(w.count(int(step.Minutes()), "{{.Count}} minute", "{{.Count}} minutes"))})
	}
	return w.text(" · less than {{.Time}} left", with{"Time": bold(w.count(int(step.Hours()), "{{.Count}} hour", "{{.Count}} hours"))})
}
