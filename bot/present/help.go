package present

import (
	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// Usage is one line of the help: how a command is written after the slash command's
// own name, and what it does.
type Usage struct{ Usage, Does string }

// Help lists the commands that a reader has, with what else the reader should know.
func (p *Presenter) Help(side workflow.Role, all []Usage) chat.Message {
	m := chat.Message{Title: p.say("What you can do here")}
	for n, u := range all {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Code(p.Command + " " + u.Usage).Plain(" – " + p.term(u.Does))
	}
	switch side {
	case workflow.Contractor:
		m.Notes = append(m.Notes, p.text("You need no command: use the buttons on a job's card and reply in its thread."))
	case workflow.Stranger:
		m.Notes = append(m.Notes, p.text("You are not in a channel of the desk. Ask an operator to add you."))
	default:
		m.Notes = append(m.Notes, p.text("TIME and WHEN are like 90m, 2h, tomorrow 9am or 2026-12-01 14:00."))
	}
	return m
}
