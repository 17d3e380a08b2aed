package present

import (
	"time"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// shownConsent is how much of a customer's words a card and a history show.
const shownConsent = 200

// consentText is what the customer says to the planned time, empty for nothing.
func (w Words) consentText(c workflow.Consent) chat.Text {
	switch c.Answer {
	case workflow.ConsentAgreed:
		return w.text("agrees to the time")
	case workflow.ConsentAnother:
		return w.text("asks for another time: {{.Text}}", with{"Text": chat.Shorten(oneLine(c.Text), shownConsent)})
	}
	return nil
}

// consentNotice tells both sides what the customer says to the planned time.
func (w Words) consentNotice(a *workflow.Assignment, to workflow.Audience) (chat.Text, chat.Tone) {
	when := with{"Window": window(a.StepFrom, a.StepTo)}
	if a.Consent.Answer == workflow.ConsentAgreed {
		return w.text("The customer agrees to {{.Window}}.", when), chat.Good
	}
	t := w.text("The customer asks for another time than {{.Window}}:\n{{.Text}}", when, with{"Text": quote(chat.Shorten(a.Consent.Text, workflow.MaxConsentText))})
	if to != workflow.ToOperators {
		t = t.Plain("\n").Append(w.text("Please plan the visit anew under {{.Menu}} on the card.", with{"Menu": bold(w.workLabel())}))
	}
	return t, chat.Waiting
}

// visitAnswered is the same in a history.
func (t told) visitAnswered() chat.Text {
	from, err := time.Parse(time.RFC3339, t.Data["from"])
	if err != nil {
		from = t.At
	}
	till, _ := time.Parse(time.RFC3339, t.Data["till"])
	when := with{"Window": window(from, till)}
	if t.Data["answer"] == workflow.ConsentAgreed {
		return t.text("The customer agreed to {{.Window}}", when)
	}
	return t.text("The customer asked for another time than {{.Window}}: {{.Text}}", when, with{"Text": chat.Shorten(oneLine(t.Data["text"]), shownConsent)})
}

// visitOf is the planned visit of an assignment for a calendar, nil for none. What it says
// besides is for whoever reads it.
func visitOf(a *workflow.Assignment, title, place string) *chat.Visit {
	off := workflow.CalledOff(*a)
	if !off && !workflow.VisitAhead(*a) {
		return nil
	}
	return &chat.Visit{ID: a.ID, Sequence: a.Revision, From: a.StepFrom, To: a.StepTo, Off: off, Title: title, Place: place}
}

// OffLetter tells a customer that nobody comes.
func (w Words) OffLetter(a workflow.Assignment, url string) chat.Message {
	return chat.Message{
		Title: w.say("A visit is called off"),
		Text: w.text("Nobody will come for your job at the time that was planned: {{.Window}}.\nHow your job stands:\n{{.Link}}",
			with{"Window": window(a.StepFrom, a.StepTo), "Link": link(url, url)}),
		Visit: visitOf(&a, w.say("Visit for your job"), ""),
	}
}

// VisitLetter tells a customer when somebody comes. Nothing else of the job is in it.
func (w Words) VisitLetter(a workflow.Assignment, url string) chat.Message {
	return chat.Message{
		Title: w.say("A visit is planned"),
		Text: w.text("Somebody will come for your job: {{.Window}}.\nSay here whether that time suits you, or ask for another one:\n{{.Link}}",
			with{"Window": window(a.StepFrom, a.StepTo), "Link": link(url, url)}),
		Visit: visitOf(&a, w.say("Visit for your job"), ""),
	}
}
