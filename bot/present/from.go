package present

import (
	"strings"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// FromMessage is the verb of a button that opens the form of a task made from a message.
const FromMessage workflow.Verb = "from_message"

// What a form of a new task holds.
const (
	titleMost       = 150
	descriptionMost = 3000
)

// NewIssueFrom asks for a job that a message is about. Its first line is the title; what
// does not fit into that is the description. The link is kept with the job.
func (p *Presenter) NewIssueFrom(as Asked, text, link string, firms []storage.Contractor) *chat.Form {
	f := p.NewIssue(as, "", firms)
	f.Token = p.formToken(as, ticket.Ticket{Verb: string(workflow.Create), Arg: link})
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	first, _, _ := strings.Cut(text, "\n")
	title := chat.Shorten(oneLine(first), titleMost)
	description := ""
	if oneLine(text) != title {
		description = chat.Shorten(text, descriptionMost)
	}
	for n := range f.Fields {
		switch f.Fields[n].Name {
		case "title":
			f.Fields[n].Value = title
		case "description":
			f.Fields[n].Value = description
		}
	}
	if utf8.RuneCountInString(text) > descriptionMost {
		f.Intro = p.say("The message is longer than a form holds; its link is kept with the job.")
	}
	return f
}
