package present

import (
	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// Board is the pinned message of a firm's channel: its open jobs by state. It shows
// only what the firm may know.
func (p *Presenter) Board(groups []Page) chat.Message {
	m := chat.Message{Title: p.say("Open jobs"), Pinned: true}
	if len(groups) == 0 {
		m.Text, m.Tone = p.text("There is nothing to do at the moment."), chat.Good
		return m
	}
	for n, g := range groups {
		if n > 0 {
			m.Text = m.Text.Plain("\n\n")
		}
		m.Text = m.Text.Bold(p.Counted(p.boardHeading(g.Heading), g.Count))
		for _, j := range g.Jobs {
			m.Text = m.Text.Plain("\n").Append(p.jobLine(workflow.Contractor, j, g.Links[j.ID]))
		}
		if g.Count > len(g.Jobs) {
			m.Text = m.Text.Plain("\n").Append(p.moreThan(len(g.Jobs), g.Count))
		}
	}
	m.Notes = []chat.Text{p.text("This list is kept current. Press a number to go to the job's card.")}
	return m
}

// moreThan says how many there are beyond those that are shown.
func (w Words) moreThan(shown, count int) chat.Text {
	if count >= CountMost {
		return w.text("and more")
	}
	return w.countText(count-shown, "and {{.Count}} more", "and {{.Count}} more")
}

// boardHeading says in a firm's words what a list is, which is named in its language.
func (w Words) boardHeading(list string) string {
	switch list {
	case w.term("Waiting acceptance"):
		return w.say("To accept or decline")
	case w.term("Waiting approval"):
		return w.say("Handed in, the desk checks")
	case w.term("Overdue jobs"):
		return w.say("Overdue")
	default:
		return list
	}
}
