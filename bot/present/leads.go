package present

import (
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// lead is the first line of the desk's card: how the job stands, and what the desk
// is asked to do about it, if anything.
func (w Words) lead(j Job, a *workflow.Assignment) (state, ask chat.Text) {
	if j.Status == workflow.Closed {
		return w.text("Closed. There is nothing left to do."), nil
	}
	words := w.say("Nobody has this job yet.")
	switch {
	case j.held():
		words = w.say("This needs an approval before it is offered ({{.Why}}).", with{"Why": chat.Shorten(oneLine(j.Request.What), 300)})
	case j.Status == workflow.AllocatedExternal:
		words = w.say("People from outside are looking into this.")
	case j.Status == workflow.Reported && j.Line.After.Waiting():
		words = w.waitingLead(j, a)
	case a != nil:
		words = w.standing(j, a)
	}
	if j.waitsForDesk(a) && !(j.Status == workflow.Reported && j.Line.After.State == workflow.Waits) {
		ask = w.nextMove(j)
	}
	if j.late() {
		state = state.Bold(w.say("Overdue.")).Plain(" ")
	}
	return state.Plain(words), ask
}

// waitsForDesk tells whether it is the desk that has something to do.
func (j Job) waitsForDesk(a *workflow.Assignment) bool {
	return a == nil || j.held() || !workflow.Out(a.Status) || a.Status == workflow.WaitingApproval || a.Counter.Open() || asking(a) ||
		a.Pause.On() && a.Pause.Side == workflow.WithOperator
}

// late tells whether the job is overdue and that still matters.
func (j Job) late() bool {
	return j.Overdue && j.Status != workflow.Closed && j.Status != workflow.Resolved
}

// standing says how an assignment stands, as a sentence.
func (w Words) standing(j Job, a *workflow.Assignment) string {
	who := with{"Firm": upperFirst(w.FirmOf(j, a.Contractor)), "firm": w.FirmOf(j, a.Contractor)}
	if asking(a) {
		return w.say("Waiting for the desk: {{.firm}} asks for an approval.", who)
	}
	if a.Pause.On() {
		return w.say("{{.Firm}} has paused the work.", who)
	}
	switch a.Status {
	case workflow.Unsent:
		return w.say("An offer to {{.firm}} is prepared but not sent.", who)
	case workflow.Assigned:
		if a.Counter.Open() {
			return w.say("{{.Firm}} suggests other terms.", who)
		}
		if n := j.offers(); n > 1 {
			return w.count(n, "{{.Count}} firm has this offer; the first to accept gets the job.", "{{.Count}} firms have this offer; the first to accept gets the job.")
		}
		return w.say("{{.Firm}} has this offer and has not answered yet.", who)
	case workflow.Accepted:
		return w.say("{{.Firm}} accepted and has not started yet.", who)
	case workflow.InProgress:
		if a.SendBackReason != "" {
			return w.say("{{.Firm}} is at work again; the work was sent back.", who)
		}
		return w.say("{{.Firm}} is at work.", who)
	case workflow.WaitingApproval:
		return w.say("{{.Firm}} handed the work in.", who)
	case workflow.Complete:
		if a.LastVerb == workflow.Approve {
			return w.say("The work of {{.firm}} is approved.", who)
		}
		return w.say("The work of {{.firm}} is complete.", who)
	case workflow.Declined:
		if a.DeclinedReason == workflow.ReasonNoAnswer {
			return w.say("{{.Firm}} did not answer in time.", who)
		}
		return w.say("{{.Firm}} declined.", who)
	case workflow.Canceled:
		return w.say("The offer to {{.firm}} was withdrawn.", who)
	}
	return ""
}

// offers counts the offers that nobody has answered yet.
func (j Job) offers() int {
	n := 0
	for _, a := range j.Assignments {
		if a.Status == workflow.Assigned {
			n++
		}
	}
	return n
}

// firmsLead is the first line of the firm's card: what it is asked to do.
func (w Words) firmsLead(a *workflow.Assignment) chat.Text {
	if asking(a) {
		return w.text("Waiting for the desk: you asked for an approval. You may go on with what is agreed; {{.Complete}} has to wait.", with{"Complete": bold(w.completeLabel())})
	}
	if underWay(a.Status) && a.Consent.Answer == workflow.ConsentAnother {
		return w.text("The customer would like another time. Plan the visit anew under {{.Menu}}.", with{"Menu": bold(w.workLabel())})
	}
	switch a.Status {
	case workflow.Assigned:
		switch {
		case a.Counter.Open():
			return w.text("You suggested other terms; the desk is looking at them. You can still accept or decline the offer as it is.")
		case amended(a):
			return w.text("{{.Everyone}}The desk changed the terms. Please accept or decline again.", with{"Everyone": everyone()})
		}
		return w.text("{{.Everyone}}A new job for you. Please accept or decline.", with{"Everyone": everyone()})
	case workflow.Canceled:
		switch a.LastVerb {
		case workflow.Accept, workflow.AcceptCounter, workflow.Reopen:
			return w.text("This job is taken. Thank you all the same; there is nothing left to do.")
		}
		return w.text("This offer was withdrawn. There is nothing left to do.")
	case workflow.Accepted:
		return w.text("Accepted. Press {{.Start}} when the work begins and {{.Complete}} when it is done.", with{"Start": bold(w.startLabel()), "Complete": bold(w.completeLabel())})
	case workflow.InProgress:
		if a.SendBackReason != "" {
			return w.text("The desk asks for more work. Press {{.Complete}} again when it is done.", with{"Complete": bold(w.completeLabel())})
		}
		return w.text("In progress. Press {{.Complete}} when the work is done.", with{"Complete": bold(w.completeLabel())})
	case workflow.WaitingApproval:
		return w.text("Handed in. The desk is checking the work; you will hear in this thread.")
	case workflow.Complete:
		if a.LastVerb == workflow.Approve {
			return w.text("Done and approved. Thank you!")
		}
		return w.text("The desk marked this as complete. Thank you!")
	case workflow.Declined:
		if a.DeclinedReason == workflow.ReasonNoAnswer {
			return w.text("The time to answer is over, so this offer was withdrawn. There is nothing left to do.")
		}
		return w.text("Declined. There is nothing left to do.")
	}
	return nil
}

// nextMove says what an operator can do about a job that waits for the desk.
func (w Words) nextMove(j Job) chat.Text {
	a := j.live()
	switch {
	case j.Status == workflow.Resolved:
		return w.text("Close it or reopen it.")
	case a != nil && a.Status == workflow.WaitingApproval:
		return w.text("Approve it or send it back.")
	case asking(a), j.held():
		return w.text("Approve it or refuse it.")
	case a != nil && a.Pause.On():
		return w.text("Deal with what it waits for, then resume it.")
	case a != nil && a.Counter.Open():
		return w.text("Agree to them or refuse them.")
	case a != nil && a.Status == workflow.Unsent && j.Status != workflow.AllocatedExternal:
		return w.text("Send it or discard it.")
	case j.Status == workflow.AllocatedExternal:
		return w.text("Write to the people outside, or close it.")
	case a != nil && workflow.Out(a.Status):
		return w.text("Write to the firm with the card's {{.Reply}}.", with{"Reply": bold(w.replyLabel())})
	case a != nil && a.Status != workflow.Unsent:
		return w.text("Offer it elsewhere, or close it.")
	default:
		return w.text("Offer it to a firm, or close it.")
	}
}

// firmsMove says what a firm can do about a job that waits for it.
func (w Words) firmsMove(s workflow.Status) chat.Text {
	if s == workflow.Assigned {
		return w.text("Please accept or decline with the card's buttons.")
	}
	return w.text("Reply in this thread, or press {{.Complete}} when the work is done.", with{"Complete": bold(w.completeLabel())})
}

// firmsMoveThere is the same where other jobs are spoken of, too.
func (w Words) firmsMoveThere(s workflow.Status) chat.Text {
	if s == workflow.Assigned {
		return w.firmsMove(s)
	}
	return w.text("Reply in its thread, or press {{.Complete}} on its card when the work is done.", with{"Complete": bold(w.completeLabel())})
}

// nextSide names who has the next move.
func (w Words) nextSide(j Job) string {
	if j.Status == workflow.Reported && j.Line.After.State == workflow.Waits {
		return ""
	}
	switch j.LiesWith {
	case workflow.WithOperator:
		return w.say("The desk")
	case workflow.WithContractor:
		return w.say("The firm")
	case workflow.WithBoth:
		return w.say("Both sides")
	default:
		return ""
	}
}

// involved names the people from outside. The ids of a platform mean nothing to
// people on another, so that those who have no more than that are only counted.
func (w Words) involved(people []string) string {
	named := slices.DeleteFunc(slices.Clone(people), func(id string) bool { return strings.Contains(id, "/") })
	if more := len(people) - len(named); more > 0 && len(named) > 0 {
		named = append(named, w.count(more, "{{.Count}} other", "{{.Count}} others"))
	} else if more > 0 {
		named = append(named, w.count(more, "{{.Count}} person", "{{.Count}} people"))
	}
	return strings.Join(named, ", ")
}
