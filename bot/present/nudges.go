package present

import (
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// nudgesMost is how many jobs one message reminds of by name.
const nudgesMost = 20

// Nudge is a job that waits for somebody, with the notice that says so.
type Nudge struct {
	Job    Job
	Notice workflow.Notice
	// Link is where who is told opens the job, empty where that is not known.
	Link string
}

// linkedHeading names one of several jobs by its heading; the number leads to the job.
func linkedHeading(i storage.Issue, link string) chat.Text {
	if link == "" {
		return chat.Text{}.Bold(Heading(i))
	}
	return chat.Text{}.Link(Number(i.Number), link).Plain(" ").Bold(title(i))
}

// Nudges reminds one side of all that waits for it, in one message. channel is where it
// stands, as a ticket names it.
func (p *Presenter) Nudges(all []Nudge, channel string, now time.Time) chat.Message {
	m := chat.Message{Tone: chat.Waiting}
	if len(all) == 1 {
		m = p.Notice(all[0].Job, all[0].Notice, "")
	} else {
		m.Text = chat.Text{}.Bold(p.count(len(all), "{{.Count}} job waits for you:", "{{.Count}} jobs wait for you:"))
		for n, one := range all {
			if n == nudgesMost {
				m.Text = m.Text.Plain("\n" + p.count(len(all)-n, "… and {{.Count}} more.", "… and {{.Count}} more."))
				break
			}
			move := p.nextMove(one.Job)
			if a := one.Job.assignment(one.Notice.Assignment); a != nil && one.Notice.To != workflow.ToOperators {
				move = p.firmsMoveThere(a.Status)
			}
			m.Text = m.Text.Plain("\n• ").Append(linkedHeading(one.Job.Issue, one.Link)).Plain(" – ").Append(move)
		}
	}
	var numbers []string
	for n, one := range all {
		if n < nudgesMost {
			numbers = append(numbers, strconv.Itoa(one.Job.Number))
		}
	}
	later := func(id, label, when string) chat.Button {
		return chat.Button{ID: id, Label: label, Token: p.Sign(ticket.Ticket{
			Desk: p.Desk, Verb: string(workflow.Snooze), Channel: channel,
			Arg: when + "|" + strings.Join(numbers, " "), Expires: now.Add(buttonLife).Unix(),
		})}
	}
	m.Buttons = []chat.Button{later("tomorrow", p.say("Remind me tomorrow"), "tomorrow 9am"), later("nextweek", p.say("Next week"), "next week")}
	return m
}
