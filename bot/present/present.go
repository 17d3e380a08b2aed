package present

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// buttonLife is how long a button works. Cards are drawn anew with every change,
// so only a card that nobody touched for this long loses its buttons.
const buttonLife = 180 * 24 * time.Hour

// formLife is how long a form may stay open on somebody's screen.
const formLife = 24 * time.Hour

// Presenter turns what is true into what is seen. Its fields are set once.
type Presenter struct {
	// Words are the language of whoever reads it.
	Words
	// Desk is written into every ticket.
	Desk string
	// Command is the slash command's name with its slash.
	Command string
	// Sign signs a ticket.
	Sign func(ticket.Ticket) string
	// Zone is the time zone of whoever reads it, for the dates that are spelled out.
	Zone *time.Location
}

// Job is an issue with what surrounds it on a card.
type Job struct {
	storage.Issue
	// Firms are the contractors of its assignments, by id.
	Firms map[string]storage.Contractor
	// Hours are the working times of those firms, as far as something is said of them;
	// Now is when the job is looked at.
	Hours map[string]workflow.Calendar
	Now   time.Time
	// Outside are the names of the people outside whom the issue involves, by their ids.
	Outside map[string]string
	// Replies counts the shared comments; LastReply is the newest.
	Replies   int
	LastReply *storage.Comment
	// Steps are those of the desk, Evidence are the files that the firm of an
	// assignment has posted, by the assignment's id.
	Steps    []workflow.WorkStep
	Evidence map[string][]storage.File
	// Reasons are what a firm may decline with, those that every desk starts with when
	// there are none.
	Reasons []workflow.DeclineReason
	// Texts are what the desk keeps ready; its own forms offer them, and nobody else's.
	Texts []workflow.KeptText
	// Approval is what the desk wants around finished work.
	Approval settings.Approval
	// Linked is true where the channel it is shown in has others beside it that show
	// the same threads.
	Linked bool
	// Page is the address of the job's own page, empty where there is none.
	Page string
	// ByMail is true where it is shown in letters, and on the page that they lead to.
	ByMail bool
	// Synced is up to when its threads are the same as on each platform.
	Synced []Synced
}

// Synced is how far threads were compared with what a platform keeps.
type Synced struct {
	Platform string
	UpTo     time.Time
	// FoundAt is when something was found that no event had told, zero for never.
	FoundAt time.Time
	// Behind is true while more may be missing.
	Behind bool
}

// syncedNotes say how far the replies are complete.
func (w Words) syncedNotes(j Job) (notes []chat.Text) {
	for _, s := range j.Synced {
		note := w.text("Synced with {{.Platform}} up to {{.When}}.", with{"Platform": s.Platform, "When": at(s.UpTo)})
		if s.Behind {
			note = w.text("Synced with {{.Platform}} up to {{.When}}; what came after that is being looked for.", with{"Platform": s.Platform, "When": at(s.UpTo)})
		}
		notes = append(notes, note)
	}
	return notes
}

// recovered tells whether the newest that is known was found in a platform's history.
func (j Job) recovered() bool {
	return slices.ContainsFunc(j.Synced, func(s Synced) bool {
		return !s.FoundAt.IsZero() && (j.LastReply == nil || !j.LastReply.CreatedAt.After(s.FoundAt))
	})
}

// FirmOf names a contractor of a job.
func (w Words) FirmOf(j Job, id string) string {
	if c, ok := j.Firms[id]; ok && c.Company != "" {
		return FirmName(c)
	}
	return w.say("a firm")
}

// FirmName is how a contractor is called: the company and its city.
func FirmName(c storage.Contractor) string {
	if c.City == "" {
		return c.Company
	}
	return c.Company + ", " + c.City
}

// live is the assignment that matters most to the desk, nil when there is none:
// one at work before an open offer, before whatever was last. Once the job is done
// it is the one that was completed.
func (j Job) live() *workflow.Assignment {
	done := j.Status == workflow.Resolved || j.Status == workflow.Closed
	rank := func(s workflow.Status, countered bool) int {
		switch {
		case workflow.Taken(s):
			return 5
		case countered:
			return 4
		case workflow.Out(s):
			return 3
		case s == workflow.Complete && done:
			return 2
		case workflow.Live(s):
			return 1
		default:
			return 0
		}
	}
	var best *workflow.Assignment
	for i := range j.Assignments {
		a := &j.Assignments[i]
		if a.Status == workflow.Canceled && a.LastVerb == workflow.Discard {
			// What was never sent never was.
			continue
		}
		if best == nil || rank(a.Status, a.Counter.Open()) >= rank(best.Status, best.Counter.Open()) {
			best = a
		}
	}
	return best
}

func (j Job) assignment(id string) *workflow.Assignment {
	for i := range j.Assignments {
		if j.Assignments[i].ID == id {
			return &j.Assignments[i]
		}
	}
	return nil
}

// bearer is what a button stands on: a card, or a message to one person.
type bearer struct {
	card, user string
	now        time.Time
}

// button makes a signed button of a job.
func (p *Presenter) button(label string, verb workflow.Verb, style chat.Style, j Job, on bearer, a *workflow.Assignment) chat.Button {
	t := ticket.Ticket{
		Desk: p.Desk, Verb: string(verb), Issue: j.ID, Card: on.card, User: on.user,
		Expires: on.now.Add(buttonLife).Unix(),
	}
	if a != nil {
		t.Assignment, t.Revision = a.ID, a.Revision
	}
	return chat.Button{ID: buttonID(string(verb)), Label: label, Style: style, Token: p.Sign(t)}
}

// buttonID keeps letters and digits: Mattermost routes clicks by the id and
// silently drops those with other characters (mattermost/mattermost#25747).
func buttonID(verb string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, verb)
}

// Number is how an issue is referred to.
func Number(n int) string { return "#" + strconv.Itoa(n) }

// Heading is an issue's number and title.
func Heading(i storage.Issue) string { return Number(i.Number) + " " + title(i) }

// title is an issue's title where it stands among other words.
func title(i storage.Issue) string { return chat.Shorten(oneLine(i.Title), 120) }

// oneLine makes a text fit where a line break would break the layout.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// fact adds a named value unless it is empty.
func fact(facts []chat.Fact, label string, value chat.Text) []chat.Fact {
	if value.Empty() {
		return facts
	}
	return append(facts, chat.Fact{Label: label, Value: value})
}

func moment(t time.Time) chat.Text {
	if t.IsZero() {
		return nil
	}
	return chat.Text{}.Moment(t)
}

func line(s string, n int) chat.Text {
	if s == "" {
		return nil
	}
	return chat.T(chat.Shorten(oneLine(s), n))
}

// Priorities are the legal priorities with their labels, in rising order.
func (w Words) Priorities() []chat.Option {
	return []chat.Option{{Value: "low", Label: w.say("Low")}, {Value: "normal", Label: w.say("Normal")}, {Value: "high", Label: w.say("High")}, {Value: "urgent", Label: w.say("Urgent")}}
}

func (w Words) priorityLabel(v string) string {
	for _, o := range w.Priorities() {
		if o.Value == v {
			return o.Label
		}
	}
	return v
}

// Duration says a number of minutes as people do: "1 h 30 min".
func (w Words) Duration(minutes int) string {
	h, m := minutes/60, minutes%60
	switch {
	case h == 0:
		return strconv.Itoa(m) + " min"
	case m == 0:
		return strconv.Itoa(h) + " h"
	default:
		return strconv.Itoa(h) + " h " + strconv.Itoa(m) + " min"
	}
}
