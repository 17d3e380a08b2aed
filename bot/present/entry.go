package present

import (
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/workflow"
)

// EnterWeb is the verb of the button that asks for a way into the browser.
const EnterWeb workflow.Verb = "enter_web"

// Entry is a link into the browser, for one person to see. typed tells that the person
// has commands.
func (p *Presenter) Entry(pass chat.Pass, typed bool) chat.Message {
	m := chat.Message{
		Title: p.say("Work in the browser"),
		Text:  chat.Text{}.Link(p.say("Sign in as yourself"), pass.Link),
		Notes: []chat.Text{p.text("This link signs in whoever opens it as you: pass it on to nobody. It works once, within {{.Time}}.", with{"Time": p.Duration(int(pass.Life / time.Minute))})},
	}
	if typed {
		m.Notes = append(m.Notes, p.text("{{.Command}} signs you out in all browsers.", with{"Command": code(p.Command + " web off")}))
	}
	return m
}

// EntryButton asks for a way into the browser: in a channel, given as
// "workspace/channel", for whoever of it presses it, else for the one who asked.
func (p *Presenter) EntryButton(as Asked, channel string) chat.Button {
	t := ticket.Ticket{Desk: p.Desk, Verb: string(EnterWeb), Channel: channel, Expires: as.Now.Add(buttonLife).Unix()}
	if channel == "" {
		t.User = as.User
	}
	return chat.Button{ID: buttonID(string(EnterWeb)), Label: p.say("Open in browser"), Token: p.Sign(t)}
}
