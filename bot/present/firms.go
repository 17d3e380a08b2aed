package present

import (
	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// FormButton opens a form about an issue from a private message.
func (p *Presenter) FormButton(as Asked, label string, verb workflow.Verb, i storage.Issue) chat.Button {
	as.Nonce = ""
	return chat.Button{ID: buttonID(string(verb)), Label: label, Token: p.formToken(as, ticket.Ticket{Verb: string(verb), Issue: i.ID})}
}

// Firms lists the contractors with their channels.
func Firms(all []storage.Contractor, chans []storage.Channel) chat.Message {
	m := chat.Message{Title: "Contractors"}
	for n, c := range all {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(FirmName(c))
		if c.State != storage.ContractorActive {
			m.Text = m.Text.Plain(" · " + string(c.State))
		}
		for _, ch := range chans {
			if ch.Contractor != c.ID {
				continue
			}
			m.Text = m.Text.Plain(" · ").Link(ch.Name, ch.URL)
			if ch.State != "" {
				m.Text = m.Text.Plain(" (" + ch.State + ")")
			}
		}
	}
	return m
}

// Firm shows one contractor: its channels and how its invitations stand.
func Firm(c storage.Contractor, chans []storage.Channel, invs []storage.Invitation) chat.Message {
	m := chat.Message{Title: FirmName(c)}
	m.Facts = fact(m.Facts, "State", chat.T(string(c.State)))
	for _, ch := range chans {
		t := chat.Text{}.Link(ch.Name, ch.URL)
		if ch.State != "" {
			t = t.Plain(" (" + ch.State + ")")
		}
		m.Facts = fact(m.Facts, "Channel", t)
	}
	for n, i := range invs {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Append(Invited(i))
	}
	if len(invs) == 0 {
		m.Notes = append(m.Notes, chat.T("Nobody was invited yet."))
	}
	return m
}
