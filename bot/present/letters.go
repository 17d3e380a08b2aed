package present

import (
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// WelcomeByMail is the first letter to a firm that works by e-mail.
func (p *Presenter) WelcomeByMail(c storage.Contractor) chat.Message {
	return chat.Message{
		Title: p.say("Welcome, {{.Company}}", with{"Company": chat.Shorten(oneLine(c.Company), 100)}),
		Text: p.text("Jobs for {{.Firm}}, are offered by e-mail to this address by the desk, the people at your client who hand out its work.\n"+
			"Each offer has links to {{.Accept}} or {{.Decline}} it, before its answer-by time.\n"+
			"The same page lets you write to the desk about the job, and has {{.Complete}} for when the work is done; the desk approves it or sends it back.",
			with{"Firm": FirmName(c), "Accept": bold(p.say("Accept")), "Decline": bold(p.say("Decline")), "Complete": bold(p.completeLabel())}),
		Notes: []chat.Text{p.text("Whoever has the links in these e-mails can act for your company. You need no account and no password.")},
	}
}

// WorksByMail answers the one who gave a firm an address to work by.
func (w Words) WorksByMail(c storage.Contractor, address string) chat.Text {
	return w.text("{{.Firm}} works by e-mail at {{.Address}} now. Offers are mailed there with links to accept or decline; what they answer comes into the job's thread.",
		with{"Firm": FirmName(c), "Address": address})
}

// ByMail is the name of somebody whose words stand in letters, in the desk's own thread.
func (w Words) ByMail(name string) string {
	return w.say("{{.Who}}, by e-mail", with{"Who": name})
}
