package workflow

import (
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Count is a change of one figure: of the desk as a whole, or of one firm.
type Count struct {
	// Contractor is the firm's id, empty for the desk, or one of the shares.
	Contractor string
	Name       Figure
	// At is when it happened. It is zero for a figure that says how things stand, which
	// has no date.
	At time.Time
	N  int
}

// Figure names something that is counted. Those that stand and those of a time have
// different names.
type Figure string

// The figures of a time. Each firm counts the issues and assignments of its own.
const (
	FigureCreated   Figure = "created"
	FigureClosed    Figure = "closed"
	FigureOffered   Figure = "offered"
	FigureSubmitted Figure = "submitted"
	FigureSentBack  Figure = "sent_back"
	// FigureAsked are approvals that firms at work asked for, and FigureGranted those of
	// them that were given, both on the day on which they were asked for.
	FigureAsked   Figure = "approval_asked"
	FigureGranted Figure = "approval_given"
	// FigureOnTime and FigureLate are completions of issues that had a due date.
	FigureOnTime Figure = "on_time"
	FigureLate   Figure = "late"
)

// FigureOverdue counts open issues that were said to be overdue. It stands.
const FigureOverdue Figure = "overdue"

// Lapse is a kind of time that is measured. What is counted is in which of the
// intervals of Bucket each measured time lies.
type Lapse string

// The lapses.
const (
	// LapseAccept and LapseDecline are from an offer to the firm's answer.
	LapseAccept  Lapse = "accept"
	LapseDecline Lapse = "decline"
	// LapseStart is from acceptance to the start of the work.
	LapseStart Lapse = "start"
	// LapseComplete is from acceptance to completion.
	LapseComplete Lapse = "complete"
)

// Lapses returns every kind of time that is measured.
func Lapses() []Lapse { return []Lapse{LapseAccept, LapseDecline, LapseStart, LapseComplete} }

const (
	// bucketsPerDoubling is how fine times are told apart: a time and the middle of its
	// interval differ by a factor of 2^(1/8) at most, which is nine per cent.
	bucketsPerDoubling = 4
	// lastBucket takes everything from about ten years on.
	lastBucket = 114
	// maxFigure bounds a figure's name, a part of which people may choose.
	maxFigure = 64
)

// Bucket is the number of the interval that a measured time lies in. The first is
// everything below a second, and each further one is a quarter of a doubling.
func Bucket(d time.Duration) int {
	if d < time.Second {
		return 0
	}
	return min(1+int(math.Floor(bucketsPerDoubling*math.Log2(d.Seconds()))), lastBucket)
}

// BucketMiddle is the time that stands for all of an interval.
func BucketMiddle(bucket int) time.Duration {
	if bucket <= 0 {
		return 0
	}
	seconds := math.Exp2((float64(bucket) - 0.5) / bucketsPerDoubling)
	return time.Duration(seconds * float64(time.Second))
}

// between is a time that passed, as it is after a store has kept both moments.
func between(from, to time.Time) time.Duration {
	return time.Duration(to.UnixMicro()-from.UnixMicro()) * time.Microsecond
}

// Figure names the count of a status among issues as they stand.
func (s IssueStatus) Figure() Figure { return Figure("issue/" + string(s)) }

// Figure names the count of a status among assignments as they stand.
func (s Status) Figure() Figure { return Figure("assignment/" + string(s)) }

// Figure names the count of open issues that lie with a side.
func (s Side) Figure() Figure { return Figure("lies/" + string(s)) }

// Figure names the count of an interval of a measured time.
func (s Lapse) Figure(bucket int) Figure {
	return Figure(string(s) + "/" + strconv.Itoa(bucket))
}

// Figure names the count of hand-offs that kept a limit, or broke it.
func (l Limit) Figure(kept bool) Figure {
	if kept {
		return Figure("kept/" + string(l))
	}
	return Figure("broken/" + string(l))
}

// reasonFigure names the count of a reason for declining.
func reasonFigure(reason string) Figure {
	name := "reason/" + reason
	for len(name) > maxFigure {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return Figure(name)
}

// ratingFigure names the count of ratings with so many stars.
func ratingFigure(stars int) Figure { return Figure("rating/" + strconv.Itoa(stars)) }

// Counts says how figures change when an issue changes from one state to another; was
// is the zero Issue when it is new. Whoever stores the change stores its counts with
// it, and so never has to count again.
func Counts(was, is Issue) []Count {
	c := counter{make([]Count, 0, usualCounts)}
	c.issue("", was, is, was.Status != "", is.Status != "")
	for n := range is.Assignments {
		firm := is.Assignments[n].Contractor
		if !involved(firm, is.Assignments[:n]) {
			c.issue(firm, was, is, involved(firm, was.Assignments), true)
		}
	}
	for n := range is.Assignments {
		a := &is.Assignments[n]
		old, _ := Find(was, a.ID)
		c.assignment(old, a, is)
	}
	return c.all
}

// involved tells whether a firm has one of the assignments.
func involved(firm string, all []Assignment) bool {
	for n := range all {
		if all[n].Contractor == firm {
			return true
		}
	}
	return false
}

// counter collects counts.
type counter struct{ all []Count }

// usualCounts is how many a change mostly makes at most.
const usualCounts = 16

func (c *counter) add(firm string, name Figure, at time.Time, n int) {
	c.all = append(c.all, Count{Contractor: firm, Name: name, At: at, N: n})
}

// both counts something that happened at a time, for a firm and for the desk.
func (c *counter) both(firm string, name Figure, at time.Time, n int) {
	if at.IsZero() {
		return
	}
	c.add(firm, name, at, n)
	c.add("", name, at, n)
}

// moved counts something that stands and has become something else; either is empty
// for nothing.
func (c *counter) moved(firm string, from, to Figure) {
	if from == to {
		return
	}
	if from != "" {
		c.add(firm, from, time.Time{}, -1)
	}
	if to != "" {
		c.add(firm, to, time.Time{}, 1)
	}
}

// dated counts something that happened at a time and may have been taken back.
func (c *counter) dated(firm string, name Figure, from, to time.Time) {
	if from.Equal(to) {
		return
	}
	if !from.IsZero() {
		c.add(firm, name, from, -1)
	}
	if !to.IsZero() {
		c.add(firm, name, to, 1)
	}
}

// issue counts an issue among those of a firm, or of the desk.
func (c *counter) issue(firm string, was, is Issue, wasIn, isIn bool) {
	var from, to struct {
		status, lies, overdue Figure
		created, closed       time.Time
	}
	if wasIn {
		from.status, from.lies, from.created, from.closed = was.Status.Figure(), was.LiesWith.Figure(), was.CreatedAt, was.ClosedAt
		if late(was) {
			from.overdue = FigureOverdue
		}
	}
	if isIn {
		to.status, to.lies, to.created, to.closed = is.Status.Figure(), is.LiesWith.Figure(), is.CreatedAt, is.ClosedAt
		if late(is) {
			to.overdue = FigureOverdue
		}
	}
	c.moved(firm, from.status, to.status)
	c.moved(firm, from.lies, to.lies)
	c.moved(firm, from.overdue, to.overdue)
	c.dated(firm, FigureCreated, from.created, to.created)
	c.dated(firm, FigureClosed, from.closed, to.closed)
}

func late(i Issue) bool { return i.Overdue && workIsOpen(i.Status) }

// assignment counts what befell one hand-off.
func (c *counter) assignment(old Assignment, a *Assignment, is Issue) {
	firm := a.Contractor
	if old.Status != a.Status {
		from := Figure("")
		if old.Status != none {
			from = old.Status.Figure()
		}
		c.moved(firm, from, a.Status.Figure())
		c.moved("", from, a.Status.Figure())
	}
	if !a.OfferedAt.IsZero() && !a.OfferedAt.Equal(old.OfferedAt) {
		c.both(firm, FigureOffered, a.OfferedAt, 1)
	}
	answered := !a.AnsweredAt.IsZero() && !a.AnsweredAt.Equal(old.AnsweredAt)
	switch {
	case answered && a.Status != Declined:
		c.span(firm, LapseAccept, a.OfferedAt, a.AnsweredAt)
	case answered:
		c.span(firm, LapseDecline, a.OfferedAt, a.AnsweredAt)
		c.both(firm, reasonFigure(a.DeclinedReason), a.AnsweredAt, 1)
	case a.Status == Declined && old.Status != Declined:
		c.both(firm, reasonFigure(a.DeclinedReason), a.EndedAt, 1)
	}
	if !a.StartedAt.IsZero() && old.StartedAt.IsZero() {
		c.span(firm, LapseStart, a.AnsweredAt, a.StartedAt)
	}
	c.clocks(firm, old, a)
	if !a.SubmittedAt.IsZero() && !a.SubmittedAt.Equal(old.SubmittedAt) {
		c.both(firm, FigureSubmitted, a.SubmittedAt, 1)
	}
	if n := a.SendBacks - old.SendBacks; n != 0 {
		c.both(firm, FigureSentBack, a.SentBackAt, n)
	}
	if asked := a.Request.At; !asked.Equal(old.Request.At) {
		c.both(firm, FigureAsked, asked, 1)
	}
	if a.Request.Answer == RequestApproved && old.Request.Answer != RequestApproved {
		c.both(firm, FigureGranted, a.Request.At, 1)
	}
	if a.Status == Complete && old.Status != Complete {
		c.span(firm, LapseComplete, a.AnsweredAt, a.EndedAt)
		if onTime, known := inTime(old.Status, *a, is.DueAt); known {
			c.both(firm, punctual(onTime), a.EndedAt, 1)
		}
	}
	if old.Rating.Stars != a.Rating.Stars || !old.Rating.At.Equal(a.Rating.At) {
		if old.Rating.Stars != 0 {
			c.both(firm, ratingFigure(old.Rating.Stars), old.Rating.At, -1)
		}
		if a.Rating.Stars != 0 {
			c.both(firm, ratingFigure(a.Rating.Stars), a.Rating.At, 1)
		}
	}
}

// clocks counts the time limits that were kept or broken since.
func (c *counter) clocks(firm string, old Assignment, a *Assignment) {
	for _, k := range a.Clocks {
		if slices.ContainsFunc(old.Clocks, k.sameEnd) {
			continue
		}
		c.both(firm, k.Limit.Figure(true), k.KeptAt, 1)
		c.both(firm, k.Limit.Figure(false), k.BrokenAt, 1)
	}
}

func (c *counter) span(firm string, s Lapse, from, to time.Time) {
	c.both(firm, s.Figure(Bucket(between(from, to))), to, 1)
}

func punctual(onTime bool) Figure {
	if onTime {
		return FigureOnTime
	}
	return FigureLate
}

// inTime tells whether work that has just been completed was done by its due date;
// known is false when it had none. Work that was handed in counts from then: how long
// the desk takes to approve it is not the firm's doing.
func inTime(was Status, a Assignment, due time.Time) (onTime, known bool) {
	done := a.EndedAt
	if was == WaitingApproval {
		done = a.SubmittedAt
	}
	return !done.After(due), !due.IsZero()
}
