package present

import (
	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/workflow"
)

// NotifyForm asks somebody of the desk how they want to be told of what concerns them
// alone. mail is their address, empty where they cannot be written to.
func (p *Presenter) NotifyForm(as Asked, ways map[workflow.PersonalNotice]workflow.Way, mail string) *chat.Form {
	options := func(none string) []chat.Option {
		out := []chat.Option{{Value: string(workflow.ByChat), Label: p.say("Privately in chat")}}
		if mail != "" {
			out = append(out, chat.Option{Value: string(workflow.ByMail), Label: chat.Shorten(p.say("By e-mail to {{.Address}}", with{"Address": mail}), 75)})
		}
		return append(out, chat.Option{Value: string(workflow.NoWay), Label: none})
	}
	field := func(kind workflow.PersonalNotice, label, help, none string) chat.Field {
		f := chat.Field{Name: string(kind), Label: label, Kind: chat.Select, Value: string(ways[kind]), Placeholder: p.say("Choose how"), Help: help, Options: options(none)}
		if mail == "" && ways[kind] == workflow.ByMail {
			f.Value = string(workflow.ByChat)
		}
		return f
	}
	return &chat.Form{
		Title: p.say("How you are told"), Submit: p.say("Save"), Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.Notify)}),
		Fields: []chat.Field{
			field(workflow.NewsOfWatched, p.say("Watched jobs"), p.say("What others do with the jobs you watch."), p.say("Not at all")),
			field(workflow.DeskReminders, p.say("Reminders"), p.say("Of what waits for the desk or is late. The desk's channel has them anyway."), p.say("In the channel only")),
		},
	}
}

// NoticeTitle is what a letter with a personal notice is about.
func (w Words) NoticeTitle(kind workflow.PersonalNotice) string {
	if kind == workflow.NewsOfWatched {
		return w.say("Watched jobs")
	}
	return w.say("Reminders")
}

// Privately is a reminder for one of the desk who reads it outside of the channel that its
// buttons, and what is said of them, are for, and outside of the job's thread: a job that is
// told of alone is led to.
func (p *Presenter) Privately(m chat.Message, all []Nudge) chat.Message {
	m.Buttons, m.Notes = nil, nil
	if all[0].Notice.To == workflow.ToManagers {
		return m // What the managers are told leads to its job anyway.
	}
	return p.leadTo(m, all)
}

// leadTo leads to the one job that a message tells of outside of the job's thread; where
// it tells of several, the number of each does.
func (w Words) leadTo(m chat.Message, all []Nudge) chat.Message {
	if len(all) == 1 && all[0].Link != "" {
		m.Text = m.Text.Plain("\n").Link(w.say("Open card"), all[0].Link)
	}
	return m
}
