package present

import (
	"strconv"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// AskedOutside is the field of the form that says who outside is asked. It has the name of
// the workflow's own, so that its refusals stand at it.
const AskedOutside = "people"

// askOutsideLabel is the button on the desk's card that asks somebody outside.
func (w Words) askOutsideLabel() string { return w.say("Ask somebody outside") }

// AskOutside asks an operator who outside is to be involved in a job.
func (p *Presenter) AskOutside(as Asked, i storage.Issue) *chat.Form {
	return &chat.Form{
		Title: p.say("Ask about {{.Task}}", with{"Task": Number(i.Number)}), Submit: p.say("Ask"), Intro: Heading(i),
		Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.AllocateExternal), Issue: i.ID}),
		Fields: []chat.Field{{
			Name: AskedOutside, Label: p.say("E-mail address or @name"), Kind: chat.Line, Max: 150, Placeholder: p.say("claims@insurer.example"),
			Help: p.say("They see the title and the place of the job, and can comment and do nothing else."),
		}},
	}
}

// AskOutsideWithout is what an operator sees when that form could not be opened in time.
func (p *Presenter) AskOutsideWithout(as Asked, i storage.Issue) chat.Message {
	m := p.TryAgain(as, workflow.AllocateExternal, i, nil, "")
	m.Text = m.Text.Plain(" ").Append(p.text("Or write {{.Command}}.", with{"Command": code(p.Command + " external " + strconv.Itoa(i.Number) + " EMAIL")}))
	return m
}
