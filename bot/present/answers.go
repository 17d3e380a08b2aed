package present

import (
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// EventFirmAnswers is the event of a change of who answers a firm's offers.
const EventFirmAnswers = "contractor_answers"

// NobodyAnswers tells the desk that none of those is left who were named to answer a
// firm's offers.
func (w Words) NobodyAnswers(firm storage.Contractor, named []string, command string) chat.Message {
	return chat.Message{
		Tone: chat.Waiting,
		Text: w.text("Offers to {{.Firm}} were answered by {{.People}}, and none of them is in its channel any more: everybody there may answer now.", with{"Firm": FirmName(firm), "People": w.names(named)}),
		Notes: []chat.Text{
			w.text("Name others with {{.Command}}.", with{"Command": code(command)}),
		},
	}
}
