package workflow

import (
	"slices"
	"strings"
	"time"
)

// Limit is a part of a hand-off's way whose time is limited.
type Limit string

// The limits.
const (
	// LimitAccept is from an offer to its acceptance, in the firm's working time.
	LimitAccept Limit = "accept"
	// LimitStart is from acceptance to the start of the work, and LimitComplete from
	// acceptance to its completion; both in the desk's working time.
	LimitStart    Limit = "start"
	LimitComplete Limit = "complete"
)

// Limits returns every limit, in the order in which a hand-off comes to them.
func Limits() []Limit { return []Limit{LimitAccept, LimitStart, LimitComplete} }

// LimitRules are what a desk allows for an issue, and how it is told of what takes too
// long: facts that Decide needs to start clocks and to let them go on.
type LimitRules struct {
	// Allowed is the working time of each limit; none is no limit.
	Allowed map[Limit]time.Duration
	// Warn is the share of that time, in per cent, after which people are warned; zero
	// for no warning.
	Warn int
	// Hours is when the desk works.
	Hours Calendar
	// Escalate is how much of the desk's working time after work became overdue its
	// managers are told of it; zero for never.
	Escalate time.Duration
}

// Clock is the time of one limit as it runs for a hand-off. It runs while BreachAt is
// set and stands still while Held is; otherwise it has come to its end, by being kept or
// broken.
type Clock struct {
	Limit Limit `json:"limit"`
	// Within is the working time that was allowed when the clock began to run.
	Within time.Duration `json:"within"`
	// WarnAt is when people are warned, zero once they were. BreachAt is when the limit
	// is broken.
	WarnAt   time.Time `json:"warn_at,omitzero"`
	BreachAt time.Time `json:"breach_at,omitzero"`
	// Held is true while the clock stands still: then Left and WarnLeft are how much
	// working time there is until those moments.
	Held     bool          `json:"held,omitempty"`
	Left     time.Duration `json:"left,omitempty"`
	WarnLeft time.Duration `json:"warn_left,omitempty"`
	// KeptAt is when what the limit is about was done in time, BrokenAt when its time
	// was over. At most one of them is set.
	KeptAt   time.Time `json:"kept_at,omitzero"`
	BrokenAt time.Time `json:"broken_at,omitzero"`
	// Former is true for a clock of terms that have changed since.
	Former bool `json:"former,omitempty"`
}

// minResumed is the least time that a clock has left when it goes on.
const minResumed = time.Minute

// keptKey names the value of an event that lists the limits kept by it; limitKey names
// the limit of an event about one, brokenKey the moment at which it was broken.
const (
	keptKey   = "kept"
	limitKey  = "limit"
	brokenKey = "broken_at"
)

// exact is a moment as an event's value can say it, so that a history tells the same as
// the state.
func exact(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// runClocks starts, halts and ends the clocks of all hand-offs that a change touched.
// was is the issue before it.
func (c *change) runClocks(was Issue) {
	for i := range c.issue.Assignments {
		a := &c.issue.Assignments[i]
		old, _ := Find(was, a.ID)
		if a == c.a || old.Status != a.Status {
			c.breakClocks(a)
			c.endClocks(a)
			c.startClocks(old, a)
			c.holdClocks(a)
		}
		c.countDown(old, a)
	}
}

// breakClocks notes which limits are broken by now. Whoever comes by first notes it, be
// it the clock or somebody who acts later than the limit allowed: it is noted once.
func (c *change) breakClocks(a *Assignment) {
	for n := range a.Clocks {
		k := &a.Clocks[n]
		if k.BreachAt.IsZero() || c.cmd.At.Before(k.BreachAt) {
			continue
		}
		k.BrokenAt, k.BreachAt, k.WarnAt = k.BreachAt, time.Time{}, time.Time{}
		data := map[string]string{limitKey: string(k.Limit), brokenKey: k.BrokenAt.Format(time.RFC3339)}
		if c.cmd.Verb == BreachLimit && c.data[limitKey] == "" {
			// It is what the command is about.
			for key, value := range data {
				c.note(key, value)
			}
			continue
		}
		c.events = append(c.events, Event{Kind: EventLimitBroken, Assignment: a.ID, Data: data, Unnamed: true})
	}
}

// endClocks ends the clocks of what was done, in time where it is not known to be late,
// and drops those of what never will be.
func (c *change) endClocks(a *Assignment) {
	if a.Status == Declined || a.Status == Canceled || a.Status == Unsent {
		c.dropClocks(a)
		return
	}
	var kept []string
	for n := range a.Clocks {
		k := &a.Clocks[n]
		if k.ended() || !reached(k.Limit, a.Status) {
			continue
		}
		*k = Clock{Limit: k.Limit, Within: k.Within, KeptAt: c.cmd.At}
		kept = append(kept, string(k.Limit))
	}
	if len(kept) == 0 {
		return
	}
	if data := c.dataOf(a); data != nil {
		data[keptKey] = strings.Join(kept, " ")
	}
}

// sameEnd tells whether another clock came to the same end.
func (k Clock) sameEnd(o Clock) bool {
	return k.Limit == o.Limit && k.KeptAt.Equal(o.KeptAt) && k.BrokenAt.Equal(o.BrokenAt)
}

func (k Clock) ended() bool { return !k.KeptAt.IsZero() || !k.BrokenAt.IsZero() }

// reached tells whether what a limit is about has been done.
func reached(l Limit, s Status) bool {
	switch l {
	case LimitAccept:
		return Taken(s) || s == Complete
	case LimitStart:
		return s == InProgress || s == WaitingApproval || s == Complete
	}
	return s == Complete
}

// dropClocks leaves of the clocks what is history.
func (c *change) dropClocks(a *Assignment) {
	a.Clocks = slices.DeleteFunc(a.Clocks, func(k Clock) bool { return !k.ended() })
	if len(a.Clocks) == 0 {
		a.Clocks = nil
	}
}

// dataOf are the values of the event by which a hand-off came to its new state.
func (c *change) dataOf(a *Assignment) map[string]string {
	if a == c.a {
		return c.data
	}
	for _, e := range slices.Backward(c.events) {
		if e.Assignment == a.ID && e.Kind != EventLimitBroken {
			return e.Data
		}
	}
	return nil
}

// startClocks begins anew with each offer, and goes on with the work when the firm has
// accepted.
func (c *change) startClocks(old Assignment, a *Assignment) {
	switch {
	case a.Status == Assigned && !a.OfferedAt.Equal(old.OfferedAt):
		// What became of an earlier offer's limits counts no more, and stays on record.
		c.dropClocks(a)
		for n := range a.Clocks {
			a.Clocks[n].Former = true
		}
		c.startClock(a, LimitAccept, c.hoursOf(a))
	case Taken(a.Status) && !a.AnsweredAt.Equal(old.AnsweredAt) && c.cmd.Limits != nil:
		c.startClock(a, LimitStart, c.cmd.Limits.Hours)
		c.startClock(a, LimitComplete, c.cmd.Limits.Hours)
	}
}

func (c *change) startClock(a *Assignment, l Limit, hours Calendar) {
	if c.cmd.Limits == nil || c.cmd.Limits.Allowed[l] <= 0 {
		return
	}
	k := Clock{Limit: l, Within: c.cmd.Limits.Allowed[l]}
	k.BreachAt = exact(hours.Add(c.cmd.At, k.Within))
	if share := c.cmd.Limits.Warn; share > 0 && share < 100 {
		k.WarnAt = exact(hours.Add(c.cmd.At, k.Within*time.Duration(share)/100))
	}
	a.Clocks = append(a.Clocks, k)
}

// holdClocks halts the clocks while the firm cannot be expected to act, and lets them go
// on with the time that was left.
func (c *change) holdClocks(a *Assignment) {
	for n := range a.Clocks {
		k := &a.Clocks[n]
		if k.ended() {
			continue
		}
		hours := c.limitHours(k.Limit, a)
		switch hold := standsStill(k.Limit, a); {
		case hold && !k.Held:
			k.Held, k.Left = true, max(hours.Between(c.cmd.At, k.BreachAt), minResumed)
			if !k.WarnAt.IsZero() {
				k.WarnLeft = max(hours.Between(c.cmd.At, k.WarnAt), 0)
			}
			k.WarnAt, k.BreachAt = time.Time{}, time.Time{}
		case !hold && k.Held:
			k.BreachAt = exact(hours.Add(c.cmd.At, k.Left))
			if k.WarnLeft > 0 {
				k.WarnAt = exact(hours.Add(c.cmd.At, k.WarnLeft))
			}
			k.Held, k.Left, k.WarnLeft = false, 0, 0
		}
	}
}

// standsStill tells whether a clock does: while the desk thinks about other terms or about
// what a firm at work asks for, while the work is paused, whoever paused it, and while the
// desk looks at what was handed in.
func standsStill(l Limit, a *Assignment) bool {
	if l == LimitAccept {
		return a.Counter.Open()
	}
	return a.Pause.On() || a.Request.Open() || a.Status == WaitingApproval
}

// limitHours is the calendar that a limit is counted in.
func (c *change) limitHours(l Limit, a *Assignment) Calendar {
	switch {
	case l == LimitAccept:
		return c.hoursOf(a)
	case c.cmd.Limits == nil:
		return Calendar{}
	}
	return c.cmd.Limits.Hours
}

// hoursOf is when the firm of a hand-off works, as far as the command says it.
func (c *change) hoursOf(a *Assignment) Calendar {
	if hours, known := c.cmd.HoursOf[a.Contractor]; known {
		return hours
	}
	if a == c.a {
		return hoursOr(c.cmd.Hours)
	}
	return Calendar{}
}

// LimitsAt are the next moments at which people have to be warned of a limit of the
// hand-off, and at which one is broken; zero for none.
func LimitsAt(a Assignment) (warn, breach time.Time) {
	for _, k := range a.Clocks {
		warn, breach = sooner(warn, k.WarnAt), sooner(breach, k.BreachAt)
	}
	return warn, breach
}

// sooner is the earlier of two moments of which either may be none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// limitDeadlines are what the clock has to do about time limits.
func limitDeadlines(assignments []Assignment) (all []Deadline) {
	for _, a := range assignments {
		warn, breach := LimitsAt(a)
		if !warn.IsZero() {
			all = append(all, Deadline{Kind: WarnLimit, Subject: a.ID, At: warn, Revision: a.Revision})
		}
		if !breach.IsZero() {
			all = append(all, Deadline{Kind: BreachLimit, Subject: a.ID, At: breach, Revision: a.Revision})
		}
	}
	return all
}

// Broken lists the limits of a hand-off that were broken under its present terms.
func Broken(a Assignment) (all []Clock) {
	for _, k := range a.Clocks {
		if !k.BrokenAt.IsZero() && !k.Former {
			all = append(all, k)
		}
	}
	return all
}

// Late reports whether the firm has the job now and has broken a limit of it.
func Late(a Assignment) bool { return Out(a.Status) && len(Broken(a)) > 0 }

// Breached reports whether a firm that has the job now has broken a limit of it.
func Breached(issue Issue) bool { return slices.ContainsFunc(issue.Assignments, Late) }

// dueWarnings are the clocks of a hand-off of which people have to be warned by now.
func dueWarnings(a Assignment, at time.Time) (all []Clock) {
	for _, k := range a.Clocks {
		if !k.WarnAt.IsZero() && !at.Before(k.WarnAt) {
			all = append(all, k)
		}
	}
	return all
}

func guardWarnLimit(c *change) *Refusal {
	if len(dueWarnings(*c.a, c.cmd.At)) == 0 {
		return Refuse(Conflict, "No time limit is near its end.")
	}
	return nil
}

// effectWarnLimit tells those who can still keep the limit, and the desk. Of a limit
// that is over by now the breach tells.
func effectWarnLimit(c *change) {
	c.moved = ""
	var near []string
	for n := range c.a.Clocks {
		k := &c.a.Clocks[n]
		if k.WarnAt.IsZero() || c.cmd.At.Before(k.WarnAt) {
			continue
		}
		k.WarnAt = time.Time{}
		if c.cmd.At.Before(k.BreachAt) {
			near = append(near, string(k.Limit))
		}
	}
	c.note(limitKey, strings.Join(near, " "))
	if len(near) > 0 {
		c.tellOfLimit(NoticeLimitNear)
	}
}

func guardBreachLimit(c *change) *Refusal {
	if _, at := LimitsAt(*c.a); at.IsZero() || c.cmd.At.Before(at) {
		return Refuse(Conflict, "No time limit has ended.")
	}
	return nil
}

func effectBreachLimit(c *change) {
	c.moved = ""
	c.breakClocks(c.a)
	c.tellOfLimit(NoticeLimitBroken)
}

// tellOfLimit tells the desk, and the firm that the job lies with.
func (c *change) tellOfLimit(kind NoticeKind) {
	c.notices = append(c.notices,
		Notice{To: ToOperators, Kind: kind, Assignment: c.a.ID},
		inCharge(Notice{Kind: kind, Assignment: c.a.ID}, c.a))
}
