package present

import (
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Holder is one of the desk's people with the rights that follow from their channels,
// and those they have.
type Holder struct {
	ID, Name      string
	Usual, Rights workflow.Rights
}

// Rights shows who may do what at the desk, and which of it is an exception.
func (p *Presenter) Rights(people []Holder, ceiling string) chat.Message {
	const most = 40
	m := chat.Message{Title: "Rights at the desk"}
	m.Text = chat.T("Operators view, hand out jobs and manage firms; managers view and approve above the limit; administrators of the workspace administer. ")
	if ceiling == "" {
		m.Text = m.Text.Plain("There is no limit.")
	} else {
		m.Text = m.Text.Plain("The limit is ").Bold(ceiling).Plain(".")
	}
	for n, h := range people {
		if n == most {
			m.Notes = append(m.Notes, chat.T(p.plural(len(people)-most, "more person is", "more people are")+" not shown."))
			break
		}
		m.Text = m.Text.Plain("\n").Bold(chat.Shorten(oneLine(h.Name), 60)).Plain(": " + p.rightNames(h.Rights))
		if gained := h.Rights &^ h.Usual; gained != 0 {
			m.Text = m.Text.Plain(" · ").Italic("given: " + p.rightNames(gained))
		}
		if gone := h.Usual &^ h.Rights; gone != 0 {
			m.Text = m.Text.Plain(" · ").Italic("taken: " + p.rightNames(gone))
		}
	}
	m.Notes = append(m.Notes, chat.T("Administrators change this with ").Code(p.Command+" rights grant|revoke PERSON view|hand out|firms|money|admin").
		Plain(", and the limit with ").Code(p.Command+" settings money").Plain("."))
	return m
}

func (w Words) rightNames(s workflow.Rights) string {
	var out []string
	for _, r := range s.List() {
		out = append(out, strings.ToLower(r.Label()))
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// RightsHistory lists changes of rights, the newest first.
func (w Words) RightsHistory(list []storage.Event) chat.Message {
	m := chat.Message{Title: "Changes of rights"}
	if len(list) == 0 {
		m.Text = chat.T("Nobody's rights were changed yet.")
	}
	for n, e := range list {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		did, to := " gave ", " to "
		if e.Data["change"] == "revoked" {
			did, to = " took ", " from "
		}
		m.Text = m.Text.Moment(e.At).Plain(" ").Bold(oneLine(e.Actor.Name)).
			Plain(did + "\"" + workflow.Right(e.Data["right"]).Label() + "\"" + to + oneLine(e.Data["name"]))
	}
	return m
}

// RightSet answers the one who changed somebody's rights.
func (w Words) RightSet(name string, r workflow.Right, granted bool) chat.Text {
	if granted {
		return chat.T(oneLine(name) + " has the right \"" + r.Label() + "\" from now on.")
	}
	return chat.T(oneLine(name) + " does not have the right \"" + r.Label() + "\" any more.")
}

// RightAlready says that there is nothing to change.
func (w Words) RightAlready(name string, r workflow.Right, granted bool) string {
	if granted {
		return oneLine(name) + " has the right \"" + r.Label() + "\" already."
	}
	return oneLine(name) + " does not have the right \"" + r.Label() + "\"."
}

// WhoMay says who can do what somebody was refused for want of the right to money.
// managers tells whether there is a channel of people who have it, known or not.
func (w Words) WhoMay(list []string, managers bool, command string) string {
	switch {
	case len(list) == 0 && managers:
		return "Ask somebody in the managers' channel."
	case len(list) == 0:
		return "Nobody has that right yet: an administrator gives it with " + command + " rights grant PERSON money."
	}
	return "Ask " + strings.Replace(w.names(list), " and ", " or ", 1) + "."
}
