package present

import (
	"slices"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// lead is the first line of the desk's card: how the job stands, and what the desk
// is asked to do about it, if anything.
func (w Words) lead(j Job, a *workflow.Assignment) (state chat.Text, ask string) {
	if j.Status == workflow.Closed {
		return chat.T("Closed. There is nothing left to do."), ""
	}
	words := "Nobody has this job yet."
	switch {
	case j.Status == workflow.AllocatedExternal:
		words = "People from outside are looking into this."
	case a != nil:
		words = w.standing(j, a)
	}
	if j.waitsForDesk(a) {
		ask = w.nextMove(j)
	}
	if j.late() {
		state = state.Bold("Overdue.").Plain(" ")
	}
	return state.Plain(words), ask
}

// waitsForDesk tells whether it is the desk that has something to do.
func (j Job) waitsForDesk(a *workflow.Assignment) bool {
	return a == nil || !workflow.Out(a.Status) || a.Status == workflow.WaitingApproval || a.Counter.Open() ||
		a.Pause.On() && a.Pause.Side == workflow.WithOperator
}

// late tells whether the job is overdue and that still matters.
func (j Job) late() bool {
	return j.Overdue && j.Status != workflow.Closed && j.Status != workflow.Resolved
}

// standing says how an assignment stands, as a sentence.
func (w Words) standing(j Job, a *workflow.Assignment) string {
	firm := upperFirst(w.FirmOf(j, a.Contractor))
	if a.Pause.On() {
		return firm + " has paused the work."
	}
	switch a.Status {
	case workflow.Unsent:
		return "An offer to " + w.FirmOf(j, a.Contractor) + " is prepared but not sent."
	case workflow.Assigned:
		if a.Counter.Open() {
			return firm + " suggests other terms."
		}
		if n := j.offers(); n > 1 {
			return strconv.Itoa(n) + " firms have this offer; the first to accept gets the job."
		}
		return firm + " has this offer and has not answered yet."
	case workflow.Accepted:
		return firm + " accepted and has not started yet."
	case workflow.InProgress:
		if a.SendBackReason != "" {
			return firm + " is at work again; the work was sent back."
		}
		return firm + " is at work."
	case workflow.WaitingApproval:
		return firm + " handed the work in."
	case workflow.Complete:
		if a.LastVerb == workflow.Approve {
			return "The work of " + w.FirmOf(j, a.Contractor) + " is approved."
		}
		return "The work of " + w.FirmOf(j, a.Contractor) + " is complete."
	case workflow.Declined:
		if a.DeclinedReason == workflow.ReasonNoAnswer {
			return firm + " did not answer in time."
		}
		return firm + " declined."
	case workflow.Canceled:
		return "The offer to " + w.FirmOf(j, a.Contractor) + " was withdrawn."
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
	switch a.Status {
	case workflow.Assigned:
		switch {
		case a.Counter.Open():
			return chat.T("You suggested other terms; the desk is looking at them. You can still accept or decline it as offered.")
		case amended(a):
			return chat.Text{{Kind: chat.Everyone}}.Plain("The desk changed the terms. Please accept or decline again.")
		}
		return chat.Text{{Kind: chat.Everyone}}.Plain("A new job for you. Please accept or decline.")
	case workflow.Canceled:
		switch a.LastVerb {
		case workflow.Accept, workflow.AcceptCounter, workflow.Reopen:
			return chat.T("This job is taken. Thank you all the same; there is nothing left to do.")
		}
		return chat.T("This offer was withdrawn. There is nothing left to do.")
	case workflow.Accepted:
		return w.text("Accepted. Press {{.Start}} when the work begins and {{.Complete}} when it is done.", with{"Start": bold("Start"), "Complete": bold("Complete")})
	case workflow.InProgress:
		if a.SendBackReason != "" {
			return chat.T("The desk asks for more work. Press ").Bold("Complete").Plain(" again when it is done.")
		}
		return chat.T("In progress. Press ").Bold("Complete").Plain(" when the work is done.")
	case workflow.WaitingApproval:
		return chat.T("Handed in. The desk is checking the work; you will hear in this thread.")
	case workflow.Complete:
		if a.LastVerb == workflow.Approve {
			return chat.T("Done and approved. Thank you!")
		}
		return chat.T("The desk marked this as complete. Thank you!")
	case workflow.Declined:
		if a.DeclinedReason == workflow.ReasonNoAnswer {
			return chat.T("The time to answer is over, so this offer was withdrawn. There is nothing left to do.")
		}
		return chat.T("Declined. There is nothing left to do.")
	}
	return nil
}

// nextMove says what an operator can do about a job that waits for the desk.
func (w Words) nextMove(j Job) string {
	a := j.live()
	switch {
	case j.Status == workflow.Resolved:
		return "Close it or reopen it."
	case a != nil && a.Status == workflow.WaitingApproval:
		return "Approve it or send it back."
	case a != nil && a.Pause.On():
		return "See to what it waits for, then resume it."
	case a != nil && a.Counter.Open():
		return "Agree to them or refuse them."
	case a != nil && a.Status == workflow.Unsent && j.Status != workflow.AllocatedExternal:
		return "Send it or discard it."
	case j.Status == workflow.AllocatedExternal:
		return "Answer in the thread, or close it."
	case a != nil && workflow.Out(a.Status):
		return "Write to the firm with the card's " + replyLabel + "."
	case a != nil && a.Status != workflow.Unsent:
		return "Offer it elsewhere, or close it."
	default:
		return "Offer it to a firm, or close it."
	}
}

// firmsMove says what a firm can do about a job that waits for it.
func (w Words) firmsMove(s workflow.Status) string {
	if s == workflow.Assigned {
		return "Please accept or decline with the card's buttons."
	}
	return "Reply in this thread, or press Complete when the work is done."
}

// nextSide names who has the next move.
func (w Words) nextSide(j Job) string {
	switch j.LiesWith {
	case workflow.WithOperator:
		return "The desk"
	case workflow.WithContractor:
		return "The firm"
	case workflow.WithBoth:
		return "Both sides"
	default:
		return ""
	}
}

// involved names the people from outside. The ids of a platform mean nothing to
// people on another, so that those who have no more than that are only counted.
func (w Words) involved(people []string) string {
	named := slices.DeleteFunc(slices.Clone(people), func(id string) bool { return strings.Contains(id, "/") })
	if more := len(people) - len(named); more > 0 && len(named) > 0 {
		named = append(named, w.plural(more, "other", "others"))
	} else if more > 0 {
		named = append(named, w.plural(more, "person", "people"))
	}
	return strings.Join(named, ", ")
}
