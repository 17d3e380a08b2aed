package present

import (
	"strconv"

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

// TurnFirms is the verb of the buttons that lead to another page of the firms.
const TurnFirms workflow.Verb = "turn_firms"

// FirmPage is a page of the firms, with their channels.
type FirmPage struct {
	Firms    []storage.Contractor
	Channels []storage.Channel
	// Count is how many there are in all, and Query what they are narrowed down by.
	Count int
	Query string
	// Older and Newer tell whether there is more beyond either end, as for lists of jobs.
	Older, Newer bool
}

// Firms lists the contractors with their channels, a line for each.
func (p *Presenter) Firms(as Asked, pg FirmPage) chat.Message {
	m := chat.Message{Title: p.say("Contractors")}
	if pg.Query != "" {
		m.Title += " · " + chat.Shorten(oneLine(pg.Query), 100)
	}
	paged := pg.Older || pg.Newer
	if paged || pg.Query != "" {
		m.Title += " (" + strconv.Itoa(pg.Count) + ")"
	}
	for n, c := range pg.Firms {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(FirmName(c))
		if c.State != storage.ContractorActive {
			m.Text = m.Text.Plain(" · " + p.stateLabel(c.State))
		}
		for _, ch := range pg.Channels {
			if ch.Contractor != c.ID {
				continue
			}
			m.Text = m.Text.Plain(" · ").Link(ch.Name, ch.URL)
			m.Text = m.Text.Plain(p.channelNote(ch.State))
		}
	}
	turn := func(id, label, from string) {
		m.Buttons = append(m.Buttons, chat.Button{
			ID: id, Label: label,
			Token: p.formToken(as, ticket.Ticket{Verb: string(TurnFirms), Arg: from + " " + pg.Query}),
		})
	}
	if pg.Newer {
		turn("previous", p.say("Previous"), "a"+pg.Firms[0].ID)
	}
	if pg.Older {
		turn("next", p.sense("Next", "a page"), "b"+pg.Firms[len(pg.Firms)-1].ID)
	}
	if paged {
		m.Notes = append(m.Notes, p.text("Narrow it down: {{.Command}}.", with{"Command": code(p.Command + " contractor list leeds")}))
	}
	return m
}

func (w Words) stateLabel(s storage.ContractorState) string {
	switch s {
	case storage.ContractorActive:
		return w.say("active")
	case storage.ContractorPaused:
		return w.say("paused")
	case storage.ContractorOpening:
		return w.say("being set up")
	case storage.ContractorOffboarded:
		return w.say("off-boarded")
	case storage.ContractorLeaving:
		return w.say("being off-boarded")
	default:
		return string(s)
	}
}

// channelNote says what is wrong with a channel, if anything is.
func (w Words) channelNote(state string) string {
	if state == "" {
		return ""
	}
	return " (" + w.ChannelState(state) + ")"
}

// ChannelState says what is wrong with a channel.
func (w Words) ChannelState(state string) string {
	switch chat.ChannelChange(state) {
	case chat.ChannelSevered:
		return w.say("no longer shared")
	case chat.ChannelBotRemoved:
		return w.say("without the bot")
	case chat.ChannelArchived:
		return w.say("archived")
	case chat.ChannelDeleted:
		return w.say("deleted")
	case "closed":
		// As those of firms that were off-boarded are.
		return w.say("closed")
	default:
		return state
	}
}
