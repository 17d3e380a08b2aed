package present

import (
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// writeOutsideLabel is the button on the desk's card that writes to people outside.
func (w Words) writeOutsideLabel() string { return w.say("Write to them") }

// forOutside is the job as somebody outside may see it, who only comments.
func (j Job) forOutside() Job {
	j.Issue = withoutHidden(j.Issue, workflow.External)
	j.Issue.External = nil
	return j
}

// externalCard is what somebody outside sees. It has no buttons: they comment and
// nothing else.
func (w Words) externalCard(j Job) chat.Message {
	j = j.forOutside()
	m := chat.Message{Title: Heading(j.Issue), Tone: chat.Active, Replies: j.Status != workflow.Closed}
	m.Text = w.text("The desk would like your comments on this job.")
	if j.Status == workflow.Closed {
		m.Tone, m.Text = chat.Closed, w.text("The desk has closed this job. Thank you for your help.")
	}
	m.Facts = fact(m.Facts, w.say("Place"), line(j.Place, 200))
	switch {
	case j.Status == workflow.Closed:
	case j.ByMail:
		m.Notes = append(m.Notes, w.text("What you write is read by the desk and by nobody else outside."))
	default:
		m.Notes = append(m.Notes, w.text("Reply in this thread. What you write is read by the desk and by nobody else outside."))
	}
	return m
}

// replied says how many comments were shared, and by whom the last of them.
func (w Words) replied(j Job) chat.Text {
	gaps := with{"Who": oneLine(j.LastReply.Author.Name), "When": at(j.LastReply.CreatedAt)}
	if j.LastReply.Assignment == "" && len(j.External) > 0 {
		return w.countText(j.Replies, "{{.Count}} reply to or from people outside, last by {{.Who}}, {{.When}}", "{{.Count}} replies to and from people outside, last by {{.Who}}, {{.When}}", gaps)
	}
	return w.countText(j.Replies, "{{.Count}} reply in the firm's thread, last by {{.Who}}, {{.When}}", "{{.Count}} replies in the firm's thread, last by {{.Who}}, {{.When}}", gaps)
}

// readsReply says who reads what is written in the form of a reply.
func (w Words) readsReply(j Job, assignment string) string {
	if assignment == "" && j.Status == workflow.AllocatedExternal {
		return w.say("The people outside who are involved read this.")
	}
	return w.say("The firm reads this in its thread.")
}

// formerExternalCard is what is left of the card of somebody who was let go.
func (w Words) formerExternalCard(j Job) chat.Message {
	return chat.Message{
		Title: Number(j.Number), Tone: chat.Closed,
		Text: w.text("You are no longer involved in this job. Nobody reads replies here."),
	}
}

// ShowOutside shows a job to somebody outside who asks for it.
func (w Words) ShowOutside(j Job) chat.Message {
	m := w.externalCard(j)
	m.Notes = nil
	return m
}

// ConversationWith names the conversation with somebody outside, for the desk.
func (w Words) ConversationWith(name string) string {
	return w.say("the conversation with {{.Name}}", with{"Name": chat.Shorten(oneLine(name), 60)})
}

// Involved answers the one who brought somebody outside into a job. By is the platform
// of their conversation, empty for letters.
func (w Words) Involved(i storage.Issue, name, address, by string) string {
	gaps := with{"Name": chat.Shorten(oneLine(name), 60), "Job": Heading(i), "Address": chat.Shorten(oneLine(address), 100), "Platform": by}
	if by == "" {
		return w.say("A letter about {{.Job}} is on its way to {{.Address}}. Whoever reads it can comment and do nothing else.", gaps)
	}
	return w.say("{{.Name}} is asked on {{.Platform}} about {{.Job}}, and can comment and do nothing else.", gaps)
}

// LetGo answers the one who let somebody outside go.
func (w Words) LetGo(i storage.Issue, name string) string {
	return w.say("{{.Name}} is no longer involved in {{.Job}}. What they said stays in its history.", with{"Name": chat.Shorten(oneLine(name), 60), "Job": Heading(i)})
}

// SentOutside answers the one who wrote about a job as a whole: one of the desk, or
// somebody outside.
func (w Words) SentOutside(i storage.Issue, fromOutside bool) string {
	if fromOutside {
		return w.say("The desk reads what you wrote about {{.Job}}.", with{"Job": Heading(i)})
	}
	return w.say("Sent to the people outside who are involved in {{.Job}}.", with{"Job": Heading(i)})
}

// Outsiders lists who outside is involved in a job.
func (p *Presenter) Outsiders(i storage.Issue, people []storage.Outsider) chat.Message {
	m := chat.Message{Title: Heading(i)}
	if len(people) == 0 {
		m.Text = p.text("Nobody outside is involved.")
	}
	for n, o := range people {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(chat.Shorten(oneLine(o.Name), 60))
		if !strings.EqualFold(o.Address, o.Name) {
			m.Text = m.Text.Plain(" · " + chat.Shorten(oneLine(o.Address), 100))
		}
	}
	m.Notes = []chat.Text{p.text("People outside can comment and do nothing else. {{.Add}} involves somebody, {{.Remove}} lets them go.", with{
		"Add": code(p.Command + " external " + strconv.Itoa(i.Number) + " EMAIL"), "Remove": code(p.Command + " external " + strconv.Itoa(i.Number) + " remove EMAIL"),
	})}
	return m
}

// OutsideReminder reminds somebody outside.
func (w Words) OutsideReminder() chat.Message {
	return chat.Message{Tone: chat.Waiting, Text: w.text("The desk would still like to hear from you about this job.")}
}

// FromOutside is the name of somebody outside, for the desk's own thread.
func (w Words) FromOutside(name string) string {
	return w.say("{{.Name}} (outside)", with{"Name": chat.Shorten(oneLine(name), 60)})
}

// ToOutside is the name of one of the desk who spoke to people outside, for the desk's
// own thread, all else in which stays inside.
func (w Words) ToOutside(name string) string {
	return w.say("{{.Name}} (to outside)", with{"Name": chat.Shorten(oneLine(name), 60)})
}

// involvedNames names the people from outside.
func (w Words) involvedNames(j Job) string {
	names := make([]string, 0, len(j.External))
	for _, id := range j.External {
		if name := j.Outside[id]; name != "" {
			names = append(names, chat.Shorten(oneLine(name), 60))
		} else {
			names = append(names, id)
		}
	}
	return w.involved(names)
}
