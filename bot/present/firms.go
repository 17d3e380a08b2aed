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
func (w Words) Firms(all []storage.Contractor, chans []storage.Channel) chat.Message {
	m := chat.Message{Title: w.say("Contractors")}
	for n, c := range all {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(FirmName(c))
		if c.State != storage.ContractorActive {
			m.Text = m.Text.Plain(" · " + w.stateLabel(c.State))
		}
		for _, ch := range chans {
			if ch.Contractor != c.ID {
				continue
			}
			m.Text = m.Text.Plain(" · ").Link(ch.Name, ch.URL)
			m.Text = m.Text.Plain(w.channelNote(ch.State))
		}
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
	default:
		return state
	}
}
