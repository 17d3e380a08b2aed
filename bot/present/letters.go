package present

import (
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// WelcomeByMail is the first letter to a firm that works by e-mail.
func (p *Presenter) WelcomeByMail(c storage.Contractor) chat.Message {
	return chat.Message{
		Title: "Welcome, " + chat.Shorten(oneLine(c.Company), 100),
		Text: chat.T("Jobs for " + FirmName(c) + ", are offered by e-mail to this address by the desk, the people at your client who hand out its work.\n").
			Plain("Each offer has links to ").Bold("Accept").Plain(" or ").Bold("Decline").Plain(" it, before its answer-by time.\n").
			Plain("The same page lets you write to the desk about the job, and has ").Bold("Complete").Plain(" for when the work is done; the desk approves it or sends it back."),
		Notes: []chat.Text{chat.T("Whoever has the links in these e-mails can act for your company. You need no account and no password.")},
	}
}

// WorksByMail answers the one who gave a firm an address to work by.
func (w Words) WorksByMail(c storage.Contractor, address string) chat.Text {
	return chat.T(FirmName(c) + " works by e-mail at " + address + " now. Offers are mailed there with links to accept or decline; what they answer comes into the job's thread.")
}
