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
	m := chat.Message{Title: p.say("Rights at the desk")}
	m.Text = p.text("Operators view, hand out jobs and manage firms; managers view and approve above the limit; administrators of the workspace administer.")
	if ceiling == "" {
		m.Text = plainly(m.Text, " "+p.say("There is no limit."))
	} else {
		m.Text = plainly(m.Text, " ").Append(p.text("The limit is {{.Limit}}.", with{"Limit": bold(p.money(ceiling))}))
	}
	for n, h := range people {
		if n == most {
			m.Notes = append(m.Notes, p.countText(len(people)-most, "{{.Count}} more person is not shown.", "{{.Count}} more people are not shown."))
			break
		}
		m.Text = m.Text.Plain("\n").Bold(chat.Shorten(oneLine(h.Name), 60)).Plain(": " + p.rightNames(h.Rights))
		if gained := h.Rights &^ h.Usual; gained != 0 {
			m.Text = m.Text.Plain(" · ").Italic(p.say("given: {{.Rights}}", with{"Rights": p.rightNames(gained)}))
		}
		if gone := h.Usual &^ h.Rights; gone != 0 {
			m.Text = m.Text.Plain(" · ").Italic(p.say("taken: {{.Rights}}", with{"Rights": p.rightNames(gone)}))
		}
	}
	m.Notes = append(m.Notes, p.text("Administrators give a right with {{.Grant}} and take it with {{.Revoke}}. Rights are view, hand out, firms, money (above the limit) and admin. {{.Limit}} changes the limit.", with{
		"Grant": code(p.Command + " rights grant PERSON money"), "Revoke": code(p.Command + " rights revoke PERSON money"), "Limit": code(p.Command + " settings money"),
	}))
	return m
}

func (w Words) rightNames(s workflow.Rights) string {
	var out []string
	for _, r := range s.List() {
		out = append(out, w.within(r.Label()))
	}
	if len(out) == 0 {
		return w.say("nothing")
	}
	return strings.Join(out, ", ")
}

// RightsHistory lists changes of rights, the newest first.
func (w Words) RightsHistory(list []storage.Event) chat.Message {
	m := chat.Message{Title: w.say("Changes of rights")}
	if len(list) == 0 {
		m.Text = w.text("Nobody's rights have been changed yet.")
	}
	for n, e := range list {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		gaps := with{"When": at(e.At), "Who": bold(oneLine(e.Actor.Name)), "Right": w.term(workflow.Right(e.Data["right"]).Label()), "Name": oneLine(e.Data["name"])}
		if e.Data["change"] == "revoked" {
			m.Text = m.Text.Append(w.text("{{.When}} {{.Who}} took \"{{.Right}}\" from {{.Name}}", gaps))
		} else {
			m.Text = m.Text.Append(w.text("{{.When}} {{.Who}} gave \"{{.Right}}\" to {{.Name}}", gaps))
		}
	}
	return m
}

// RightSet answers the one who changed somebody's rights.
func (w Words) RightSet(name string, r workflow.Right, granted bool) chat.Text {
	if granted {
		return w.text("{{.Who}} has the right \"{{.Right}}\" from now on.", with{"Who": oneLine(name), "Right": w.term(r.Label())})
	}
	return w.text("{{.Who}} does not have the right \"{{.Right}}\" any more.", with{"Who": oneLine(name), "Right": w.term(r.Label())})
}

// RightAlready says that there is nothing to change.
func (w Words) RightAlready(name string, r workflow.Right, granted bool) string {
	if granted {
		return w.say("{{.Who}} has the right \"{{.Right}}\" already.", with{"Who": oneLine(name), "Right": w.term(r.Label())})
	}
	return w.say("{{.Who}} does not have the right \"{{.Right}}\".", with{"Who": oneLine(name), "Right": w.term(r.Label())})
}

// WhoMay says who can do what somebody was refused for want of the right to money.
// managers tells whether there is a channel of people who have it, known or not.
func (w Words) WhoMay(list []string, managers bool, command string) string {
	switch {
	case len(list) == 0 && managers:
		return w.say("Ask somebody in the managers' channel.")
	case len(list) == 0:
		return w.say("Nobody has that right yet: an administrator gives it with {{.Command}}.", with{"Command": command + " rights grant PERSON money"})
	}
	return w.say("Ask {{.People}}.", with{"People": w.listed(list, "{{.People}} or {{.Last}}")})
}
