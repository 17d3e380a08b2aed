package present

import (
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Follows says what a job waits for, and who gets it then: those of firms that an offer is
// prepared for.
func (p *Presenter) Follows(i storage.Issue, firms []string) chat.Text {
	gaps := with{"Task": Heading(i), "Ahead": Number(i.Line.After.Number), "Firms": strings.Join(firms, "; ")}
	if len(firms) == 0 {
		return p.text("{{.Task}} waits for {{.Ahead}}. When that is done, you are told in its thread that it can be handed out.", gaps)
	}
	return p.text("{{.Task}} waits for {{.Ahead}}. When that is done, it is offered to {{.Firms}} as prepared.", gaps)
}

// GoesOn says that a job waits no more.
func (p *Presenter) GoesOn(i storage.Issue, firms []string) chat.Text {
	gaps := with{"Task": Heading(i), "Firms": strings.Join(firms, "; ")}
	if i.Status != workflow.Allocated {
		return p.text("{{.Task}} waits no more and can be handed out.", gaps)
	}
	return p.text("{{.Task}} is offered to {{.Firms}}.", gaps)
}

// waitingLead says what a job waits for, and what comes then.
func (w Words) waitingLead(j Job, a *workflow.Assignment) string {
	gaps := with{"Ahead": Number(j.Line.After.Number)}
	switch {
	case j.Line.After.State == workflow.Asked:
		return w.say("This job waits for {{.Ahead}}, which was closed without being done.", gaps)
	case a != nil && a.Status == workflow.Unsent:
		gaps["Firm"] = w.FirmOf(j, a.Contractor)
		return w.say("Waits for {{.Ahead}}; then it is offered to {{.Firm}}.", gaps)
	}
	return w.say("Waits for {{.Ahead}}; then it can be handed out.", gaps)
}

// lineFacts name the jobs before and after one.
func (w Words) lineFacts(facts []chat.Fact, l workflow.Line) []chat.Fact {
	if l.After.Number > 0 {
		facts = fact(facts, w.sense("After", "a job"), chat.T(Number(l.After.Number)))
	}
	var next []string
	for _, f := range l.Next {
		next = append(next, Number(f.Number))
	}
	return fact(facts, w.sense("Then", "the jobs after"), chat.T(strings.Join(next, ", ")))
}

// lineNotice tells the desk what became of the job that one follows.
func (p *Presenter) lineNotice(j Job, kind workflow.NoticeKind) (chat.Text, chat.Tone) {
	after := j.Line.After
	gaps := with{"Ahead": Number(after.Number)}
	a := j.live()
	switch {
	case kind == workflow.NoticeAheadReopened && after.State == workflow.Waits:
		return p.text("{{.Ahead}} was reopened: this job waits for it again.", gaps), chat.Waiting
	case kind == workflow.NoticeAheadReopened:
		return p.text("{{.Ahead}} was reopened. This job no longer waits for it and stays as it is.", gaps), chat.Waiting
	case a != nil && a.Status == workflow.Assigned:
		gaps["Firm"] = p.FirmOf(j, a.Contractor)
		if others := p.otherOffers(j, a); others != "" {
			gaps["Firm"] = p.FirmOf(j, a.Contractor) + "; " + others
		}
		return p.text("{{.Ahead}} is done: this job is offered to {{.Firm}} now.", gaps), chat.Good
	case a != nil && a.Status == workflow.Unsent:
		return p.text("{{.Ahead}} is done. The prepared offer could not be sent automatically: look at it, then press {{.Send}} on the card.", gaps, with{"Send": bold(p.sendLabel())}), chat.Bad
	}
	return p.text("{{.Ahead}} is done: this job can be handed out now.", gaps), chat.Good
}

// AskToGoOn asks whether a job goes on although the one before was closed.
func (p *Presenter) AskToGoOn(j Job, t ticket.Ticket, now time.Time) chat.Message {
	t.Expires = now.Add(buttonLife).Unix()
	return chat.Message{
		Tone:    chat.Waiting,
		Text:    p.text("{{.Ahead}} was closed without being done, so this job still waits for it. Shall it go on anyway?", with{"Ahead": Number(j.Line.After.Number)}),
		Buttons: []chat.Button{{ID: buttonID(string(workflow.GoOn)), Label: p.say("Go on anyway"), Style: chat.Primary, Token: p.Sign(t)}},
	}
}
