package workflow

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A guard refuses for what the command says or for what is true beside the
// statuses; the statuses themselves are the table's.

func guardDraft(c *change) *Refusal {
	if c.a == nil {
		if refusal := guardNew(c); refusal != nil {
			return refusal
		}
	}
	return guardTerms(c.cmd.Terms, c.cmd.At)
}

func guardOffer(c *change) *Refusal {
	if refusal := c.held(); refusal != nil {
		return refusal
	}
	if c.a == nil {
		if refusal := guardNew(c); refusal != nil {
			return refusal
		}
	}
	if refusal := guardNotTaken(c); refusal != nil {
		return refusal
	}
	if refusal := guardPapers(c); refusal != nil {
		return refusal
	}
	return guardTerms(c.offered(), c.cmd.At)
}

// guardNew checks what makes a new assignment.
func guardNew(c *change) *Refusal {
	switch {
	case c.cmd.Contractor == "":
		return RefuseField("contractor", "Say which firm this is for.")
	case c.cmd.NewID == "":
		return Refuse(Invalid, "A new hand-off needs an id of its own.")
	}
	if _, ok := Find(c.issue, c.cmd.NewID); ok {
		return Refuse(Conflict, "This was offered already.")
	}
	if hasLive(c.issue, c.cmd.Contractor) {
		return phrase("That firm has this job already: cancel or complete that first, or choose another firm.").refuse(Conflict, "contractor")
	}
	return nil
}

// guardNotTaken keeps an issue from having two firms at work.
func guardNotTaken(c *change) *Refusal {
	for i := range c.issue.Assignments {
		a := &c.issue.Assignments[i]
		if a != c.a && Taken(a.Status) {
			return Refuse(Conflict, "%s accepted this job already: complete that first.", somebody(a.InCharge.Name, "Another firm"))
		}
	}
	return nil
}

// guardReopen also keeps a firm from having one job twice.
func guardReopen(c *change) *Refusal {
	for i := range c.issue.Assignments {
		a := &c.issue.Assignments[i]
		if a != c.a && a.Contractor == c.a.Contractor && Live(a.Status) {
			return Refuse(Conflict, "That firm has a newer hand-off of this job: go on with that one.")
		}
	}
	return guardNotTaken(c)
}

func guardAccept(c *change) *Refusal {
	if c.answeredTooLate() {
		return timeIsOver()
	}
	if slices.ContainsFunc(c.issue.Assignments, func(a Assignment) bool { return Taken(a.Status) }) {
		return Refuse(TooLate, "Somebody else took this job.")
	}
	return nil
}

func guardDecline(c *change) *Refusal {
	reason := strings.TrimSpace(c.cmd.Reason)
	switch {
	case reason == "" || reason == ReasonNoAnswer:
		return RefuseField("reason", "Choose a reason, so that the desk knows why.")
	case reason == ReasonOther && strings.TrimSpace(c.cmd.Text) == "":
		return RefuseField("text", "Say in a few words why, so that the desk knows.")
	}
	return guardNext(c)
}

func guardExpire(c *change) *Refusal {
	if by := c.a.Terms.AcceptBy; by.IsZero() || c.cmd.At.Before(by) {
		return Refuse(Conflict, "The time to answer has not ended yet.")
	}
	return guardNext(c)
}

func guardWarn(c *change) *Refusal {
	if c.a.WarnAt.IsZero() || c.cmd.At.Before(c.a.WarnAt) {
		return Refuse(Conflict, "No warning is due.")
	}
	if c.answeredTooLate() {
		// After an outage the warning and the end are due at once.
		return timeIsOver()
	}
	return nil
}

func guardHandOver(c *change) *Refusal {
	switch c.cmd.To.ID {
	case "":
		return RefuseField("to", "Say which colleague takes over.")
	case c.a.InCharge.ID:
		return phrase("%s is in charge already.", somebody(c.a.InCharge.Name, "That colleague")).refuse(Conflict, "to")
	}
	return nil
}

func guardTakeCharge(c *change) *Refusal {
	if c.a.InCharge.ID == c.actor.ID {
		return Refuse(Conflict, "You are in charge already.")
	}
	return nil
}

func guardSendBack(c *change) *Refusal {
	if sendBackReason(c.cmd) == "" {
		return RefuseField("reason", "Say what is missing, so that the firm can mend it.")
	}
	return nil
}

func guardTakeBack(c *change) *Refusal {
	if strings.TrimSpace(c.cmd.Reason) == "" {
		return RefuseField("reason", "Say why you take it back; the firm reads it.")
	}
	return nil
}

// sendBackReason takes the text where a command has no separate reason.
func sendBackReason(cmd Command) string {
	return cmp.Or(strings.TrimSpace(cmd.Reason), strings.TrimSpace(cmd.Text))
}

// MaxRatingText is the longest text of a rating, in characters.
const MaxRatingText = 1000

// ratingWindow is how long after the end of a job its rating may be changed.
const ratingWindow = 14 * 24 * time.Hour

func guardRate(c *change) *Refusal {
	switch {
	case c.cmd.Stars < 1 || c.cmd.Stars > 5:
		return RefuseField("stars", "Choose from 1, the worst, to 5, the best.")
	case utf8.RuneCountInString(c.cmd.Text) > MaxRatingText:
		return RefuseField("text", "Shorten this to %d characters.", MaxRatingText)
	case !c.issue.ClosedAt.IsZero() && c.cmd.At.After(c.issue.ClosedAt.Add(ratingWindow)):
		return Refuse(TooLate, "This job was closed more than two weeks ago, so its rating stays as it is.")
	}
	return nil
}

func guardExternal(c *change) *Refusal {
	if len(newPeople(c)) > 0 {
		return nil
	}
	for n, id := range c.cmd.People {
		if slices.Contains(c.issue.External, id) {
			return Refuse(Conflict, "%s is involved already.", nameAt(c.cmd, n))
		}
	}
	return RefuseField("people", "Say who outside is to be involved.")
}

func guardRemoveExternal(c *change) *Refusal {
	if len(c.cmd.People) == 0 {
		return RefuseField("people", "Say who is to be let go.")
	}
	for n, id := range c.cmd.People {
		if !slices.Contains(c.issue.External, id) {
			return Refuse(NotFound, "%s is not involved in this job.", nameAt(c.cmd, n))
		}
	}
	return nil
}

// nameAt is what somebody of a command's people is called.
func nameAt(cmd Command, n int) string {
	if n < len(cmd.Names) && cmd.Names[n] != "" {
		return cmd.Names[n]
	}
	return cmd.People[n]
}

// guardComment lets nobody speak to people outside where there are none.
func guardComment(c *change) *Refusal {
	if c.cmd.Outside && len(c.issue.External) == 0 {
		return Refuse(Conflict, "Nobody outside is involved in this job: add somebody first.")
	}
	return nil
}

func guardDelete(c *change) *Refusal {
	if c.issue.WasAccepted {
		return Refuse(Conflict, "A firm has accepted this job, so it stays on record: close it instead.")
	}
	return nil
}

func guardRemind(c *change) *Refusal {
	if !c.cmd.When.After(c.cmd.At) {
		return RefuseField("when", "Choose a time in the future.")
	}
	return nil
}

// guardRemindDue lets a reminder that nobody chose come early, together with others.
func guardRemindDue(c *change) *Refusal {
	due := c.issue.RemindAt
	if !due.IsZero() && !c.issue.RemindSet {
		due = due.Add(-RemindAhead)
	}
	if due.IsZero() || c.cmd.At.Before(due) {
		return Refuse(Conflict, "No reminder is due.")
	}
	return nil
}

func guardSnooze(c *change) *Refusal {
	if c.cmd.When.After(c.cmd.At.Add(MaxSnooze)) {
		return RefuseField("when", "Put it off for two weeks at most.")
	}
	if lies := LiesWith(c.issue); c.actor.Role == Contractor && lies != WithContractor && lies != WithBoth {
		return Refuse(Conflict, "This job waits for the desk and not for you.")
	}
	return guardRemind(c)
}

// guardWorkDue lets nothing be late that may not begin: what waits for another job becomes
// overdue when it waits no more.
func guardWorkDue(c *change) *Refusal {
	if StageOf(c.issue) == StageLater || c.issue.Overdue || c.issue.DueAt.IsZero() || c.cmd.At.Before(c.issue.DueAt) {
		return Refuse(Conflict, "The work is not due.")
	}
	return nil
}

// guardSetDue lets a zero time through: it takes the date away.
func guardSetDue(c *change) *Refusal {
	if c.cmd.When.IsZero() {
		return nil
	}
	return guardRemind(c)
}
