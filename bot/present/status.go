package present

import (
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Status is what a customer sees of a job: which step it has reached, and when it is
// planned for. Nothing else of the job is in it.
func (w Words) Status(j Job) chat.StatusView {
	now, name, icon := workflow.CustomerView(j.Issue.Issue, j.Steps)
	all := workflow.CustomerStatuses()
	reached := slices.Index(all, now)
	var v chat.StatusView
	if reached < 0 {
		return chat.StatusView{Steps: []chat.StatusStep{{Name: w.term(name), Kind: string(now), State: chat.StepNow}}}
	}
	for n, s := range all {
		step := chat.StatusStep{Name: w.term(s.Label()), Kind: string(s), State: chat.StepAhead}
		switch {
		case n < reached:
			step.State = chat.StepDone
		case n == reached:
			step.Name, step.Icon, step.State = w.term(name), workflow.StepIcons()[icon], chat.StepNow
		}
		v.Steps = append(v.Steps, step)
	}
	for _, a := range j.Assignments {
		if workflow.Taken(a.Status) && now == workflow.CustomerPlanned {
			v.From, v.To = a.StepFrom, a.StepTo
			v.CanAnswer = workflow.MayConsent(a, j.Now)
			v.Answer, v.Text = a.Consent.Answer, a.Consent.Text
			v.Visit = visitOf(&a, w.say("Visit for your job"), "")
		}
		if v.Visit == nil && workflow.CalledOff(a) {
			v.Visit = visitOf(&a, w.say("Visit for your job"), "")
		}
	}
	if a, ok := workflow.CustomerRates(j.Issue.Issue); ok {
		v.Stars, v.CanRate = a.Rating.Stars, a.Rating.Stars == 0
	}
	return v
}

// StatusLink gives an operator the link for a customer.
func (w Words) StatusLink(i storage.Issue, url string) chat.Text {
	return w.text("Whoever has this link sees how {{.Task}} stands, its planned time, and nothing else of it: {{.Link}}. When the work is finished they can rate it.",
		with{"Task": Heading(i), "Link": link(url, url)})
}

// StatusLetter brings a customer the link.
func (w Words) StatusLetter(url string) chat.Message {
	return chat.Message{
		Title: w.say("Follow your job"),
		Text:  w.text("Here you see at any time how your job stands:\n{{.Link}}\nWhen the work is finished you can say there how you liked it.", with{"Link": link(url, url)}),
	}
}
