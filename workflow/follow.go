package workflow

import (
	"slices"
	"strconv"
)

// The bounds of jobs that follow one another.
const (
	// MaxFollowers is the most jobs that wait for one.
	MaxFollowers = 5
	// MaxLine is the most jobs that follow one another, one after the other.
	MaxLine = 10
)

// Line is where a job stands among those that follow one another. The zero value is a
// job on its own. It is the desk's: no firm learns of another one's job.
type Line struct {
	// After is the job that has to be done first.
	After Predecessor `json:"after,omitzero"`
	// Next are the jobs that wait for this one, or have waited for it.
	Next []Follower `json:"next,omitempty"`
}

// Predecessor is the job that another one waits for. The zero value is none.
type Predecessor struct {
	// Issue is its id, Number its number.
	Issue  string `json:"issue"`
	Number int    `json:"number"`
	State  Wait   `json:"state"`
}

// Wait is how far a job has come with its waiting.
type Wait string

// The states of a job that follows another one.
const (
	// Waits is until the one before is done.
	Waits Wait = "waits"
	// Asked goes on waiting although the one before was closed without being done; the
	// desk was asked.
	Asked Wait = "asked"
	// WentOn waits no more.
	WentOn Wait = "went_on"
)

// Waiting tells whether the job is held back.
func (p Predecessor) Waiting() bool { return p.State == Waits || p.State == Asked }

// heldBack tells whether nothing is to be done about a job before another one is done.
func (i Issue) heldBack() bool { return i.Status == Reported && i.Line.After.State == Waits }

// Follower is a job that waits for another one.
type Follower struct {
	Issue  string `json:"issue"`
	Number int    `json:"number"`
}

// Ahead is what is known, for Follow, of the job that has to be done first.
type Ahead struct {
	Issue  string
	Number int
	// Finished and Abandoned tell that it was completed, or closed without that.
	Finished, Abandoned bool
	// Line are the ids of the jobs that it waits for itself, the nearest first.
	Line []string
	// Followers is how many jobs wait for it, or have.
	Followers int
}

// Finished reports whether the work of a job was completed.
func Finished(issue Issue) bool {
	return issue.Status == Resolved || issue.Status == Closed && hasStatus(issue.Assignments, func(s Status) bool { return s == Complete })
}

// Abandoned reports whether a job was closed without its work being completed.
func Abandoned(issue Issue) bool { return issue.Status == Closed && !Finished(issue) }

// ForFollowers is what the change of a job means to those that follow it, empty for
// nothing. What was completed before a job was reopened does not make its next end one of
// work that was done.
func ForFollowers(was, is Issue) Verb {
	over := func(i Issue) bool { return i.Status == Resolved || i.Status == Closed }
	completed := func(a Assignment) bool {
		old, known := Find(was, a.ID)
		return a.Status == Complete && !(known && old.Status == Complete)
	}
	switch {
	case over(was) == over(is):
		return ""
	case over(was):
		return AheadReopened
	case is.Status == Resolved || slices.ContainsFunc(is.Assignments, completed):
		return GoOn
	}
	return AheadClosed
}

func guardFollow(c *change) *Refusal {
	ahead, after := c.cmd.Ahead, c.issue.Line.After
	switch {
	case ahead.Issue == "":
		return RefuseField("after", "Say which job has to be done first.")
	case ahead.Issue == c.issue.ID:
		return RefuseField("after", "A job cannot wait for itself.")
	case slices.Contains(ahead.Line, c.issue.ID):
		return RefuseField("after", "#%d waits for this job itself.", ahead.Number)
	case after.Waiting() && after.Issue == ahead.Issue:
		return phrase("This job waits for #%d already.", ahead.Number).refuse(Conflict, "after")
	case ahead.Finished:
		return phrase("#%d is done, so this job can be handed out now.", ahead.Number).refuse(Conflict, "after")
	case ahead.Abandoned:
		return phrase("#%d is closed, so this job can be handed out now.", ahead.Number).refuse(Conflict, "after")
	case ahead.Followers >= MaxFollowers:
		return phrase("At most %d jobs can wait for one: let this one wait for one of those.", MaxFollowers).refuse(Conflict, "after")
	case len(ahead.Line)+1 >= MaxLine:
		return phrase("At most %d jobs can follow one another.", MaxLine).refuse(Conflict, "after")
	}
	return nil
}

func effectFollow(c *change) {
	c.issue.Line.After = Predecessor{Issue: c.cmd.Ahead.Issue, Number: c.cmd.Ahead.Number, State: Waits}
	// It is said again when it may begin.
	c.issue.Overdue, c.issue.SeenBy = false, Person{}
	c.noteAhead()
}

// noteAhead writes down which job is meant.
func (c *change) noteAhead() { c.note("after", strconv.Itoa(c.issue.Line.After.Number)) }

func waitsForNone() *Refusal { return Refuse(Conflict, "This job waits for no other.") }

func guardWaiting(c *change) *Refusal {
	if !c.issue.Line.After.Waiting() {
		return waitsForNone()
	}
	return nil
}

func effectStopFollowing(c *change) {
	c.noteAhead()
	c.issue.Line.After = Predecessor{}
}

// effectGoOn lets a job go on; what was prepared for it is sent by the commands that come
// with this one.
func effectGoOn(c *change) {
	c.noteAhead()
	c.issue.Line.After.State = WentOn
	if c.actor.Role == System {
		c.moved = ""
		c.notices = append(c.notices, Notice{To: ToOperators, Kind: NoticeWentOn})
	}
}

func guardAheadClosed(c *change) *Refusal {
	if c.issue.Line.After.State != Waits {
		return waitsForNone()
	}
	return nil
}

func effectAheadClosed(c *change) {
	c.noteAhead()
	c.moved = ""
	c.issue.Line.After.State = Asked
}

func guardAheadReopened(c *change) *Refusal {
	if s := c.issue.Line.After.State; s != Asked && s != WentOn {
		return waitsForNone()
	}
	return nil
}

// effectAheadReopened takes nothing back: a job that still was held back waits again.
func effectAheadReopened(c *change) {
	c.noteAhead()
	c.moved = ""
	if c.issue.Line.After.State == Asked {
		c.issue.Line.After.State = Waits
	}
}

// endWaiting lets a job wait no more that was handed out or closed by somebody.
func (c *change) endWaiting() {
	after := c.issue.Line.After
	if !after.Waiting() || c.issue.Status == Reported {
		return
	}
	c.events = append(c.events, Event{Kind: EventStoppedFollowing, Data: map[string]string{
		"by": string(c.cmd.Verb), "after": strconv.Itoa(after.Number),
	}})
	c.issue.Line.After = Predecessor{}
}
