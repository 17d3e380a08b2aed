package workflow

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Pause is a halt of the work. The status stays what it was; what changes is whom
// the job lies with and when they are reminded. The zero value is no pause.
type Pause struct {
	Reason string `json:"reason,omitempty"`
	Text   string `json:"text,omitempty"`
	// Side is whom the job lies with until the work goes on.
	Side Side   `json:"side,omitempty"`
	By   Person `json:"by"`
	// At is when the pause began. Until is when it should be over, zero when nobody
	// knows; it is a date to be reminded at and ends nothing by itself.
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
}

// On tells whether the work is paused.
func (p Pause) On() bool { return !p.At.IsZero() }

// maxPauseText is the longest explanation of a pause, in characters.
const maxPauseText = 500

// maxPause is how far ahead the end of a pause may lie.
const maxPause = 366 * 24 * time.Hour

// PauseReason is one reason to choose from.
type PauseReason struct {
	ID, Label string
	// Side is who has to see to it; empty means whoever pauses.
	Side Side
}

// PauseReasons are the reasons in the order of a menu. The last one needs a text.
func PauseReasons() []PauseReason {
	return []PauseReason{
		{"parts", "Waiting for parts", WithContractor},
		{"desk", "Waiting for the desk", WithOperator},
		{"customer", "Waiting for the customer", WithOperator},
		{"access", "No access to the place", WithOperator},
		{"weather", "Weather", WithContractor},
		{ReasonOther, "Other", ""},
	}
}

// PauseReasonLabel is a reason as people see it.
func PauseReasonLabel(id string) string {
	for _, r := range PauseReasons() {
		if r.ID == id {
			return r.Label
		}
	}
	return id
}

// paused refuses to pause what is paused.
func (c *change) paused() *Refusal {
	if p := c.a.Pause; p.On() {
		return Refuse(Conflict, "%s paused this already: resume it first.", somebody(p.By.Name, "Somebody"))
	}
	return nil
}

func guardPause(c *change) *Refusal {
	if refusal := c.paused(); refusal != nil {
		return refusal
	}
	text := strings.TrimSpace(c.cmd.Text)
	known := false
	for _, r := range PauseReasons() {
		known = known || r.ID == c.cmd.Reason
	}
	switch {
	case !known:
		return RefuseField("reason", "Choose why the work is paused.")
	case c.cmd.Reason == ReasonOther && text == "":
		return RefuseField("text", "Say in a few words why the work is paused.")
	case utf8.RuneCountInString(text) > maxPauseText:
		return RefuseField("text", "Shorten this to %d characters.", maxPauseText)
	case !c.cmd.Till.IsZero() && !c.cmd.Till.After(c.cmd.At):
		return RefuseField("until", "Choose a time in the future, or leave it empty.")
	case c.cmd.Till.After(c.cmd.At.Add(maxPause)):
		return RefuseField("until", "Choose a time within a year.")
	}
	return nil
}

func effectPause(c *change) {
	if c.actor.Role == Contractor && c.a.StartedAt.IsZero() {
		effectStart(c)
		c.note(startedKey, "true")
	}
	side := WithContractor
	if c.actor.Role == Operator {
		side = WithOperator
	}
	for _, r := range PauseReasons() {
		if r.ID == c.cmd.Reason && r.Side != "" {
			side = r.Side
		}
	}
	c.a.Pause = Pause{
		Reason: c.cmd.Reason, Text: strings.TrimSpace(c.cmd.Text), Side: side,
		By: Person{ID: c.actor.ID, Name: c.actor.Name}, At: c.cmd.At, Until: c.cmd.Till,
	}
	c.note("reason", c.a.Pause.Reason)
	c.note("text", c.a.Pause.Text)
	c.note("lies_with", string(side))
	c.noteTime("until", c.a.Pause.Until)
	kind := NoticePaused
	if c.actor.Role == Operator {
		c.notices = append(c.notices, inCharge(Notice{Kind: kind, Assignment: c.a.ID}, c.a))
		return
	}
	c.notices = append(c.notices, Notice{To: ToOperators, Kind: kind, Assignment: c.a.ID})
}

func guardResume(c *change) *Refusal {
	if !c.a.Pause.On() {
		return Refuse(Conflict, "The work is not paused.")
	}
	return nil
}

func effectResume(c *change) {
	c.a.Pause = Pause{}
	if c.actor.Role == Operator {
		c.notices = append(c.notices, inCharge(Notice{Kind: NoticeResumed, Assignment: c.a.ID}, c.a))
		return
	}
	c.notices = append(c.notices, Notice{To: ToOperators, Kind: NoticeResumed, Assignment: c.a.ID})
}

// endPauses takes away what only work under way can have.
func (c *change) endPauses() {
	for i := range c.issue.Assignments {
		if a := &c.issue.Assignments[i]; a.Status != Accepted && a.Status != InProgress {
			a.Pause = Pause{}
		}
	}
}
