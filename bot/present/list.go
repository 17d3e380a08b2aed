package present

import (
	"strconv"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/workflow"
)

// TurnPage is the verb of the buttons that lead to another page of a list.
const TurnPage workflow.Verb = "turn_page"

// CountMost is where counting a list stops: beyond it the exact number tells nobody
// anything.
const CountMost = 1000

// Page is a page of a list, as its reader may see it.
type Page struct {
	// Heading says which list it is and what it is narrowed by.
	Heading string
	// Count is how many there are in all, CountMost for that many or more.
	Count int
	Jobs  []Job
	// Links are the addresses of the jobs' cards by issue id, where the reader has one.
	Links map[string]string
	// Query is the list as it is typed, for the buttons; Older and Newer tell whether
	// there is more beyond either end.
	Query        string
	Older, Newer bool
}

// Counted is a heading with a count.
func (w Words) Counted(heading string, n int) string {
	if n >= CountMost {
		return heading + " (" + strconv.Itoa(CountMost) + "+)"
	}
	return heading + " (" + strconv.Itoa(n) + ")"
}

// List shows a page of a list, a line for each job.
func (p *Presenter) List(as Asked, side workflow.Role, pg Page) chat.Message {
	if len(pg.Jobs) == 0 {
		return chat.Message{Title: chat.Shorten(pg.Heading, 140), Text: p.text("There is nothing on this list.")}
	}
	m := chat.Message{Title: p.Counted(chat.Shorten(pg.Heading, 130), pg.Count)}
	for n, j := range pg.Jobs {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Append(p.jobLine(side, j, pg.Links[j.ID]))
	}
	first, last := pg.Jobs[0].Number, pg.Jobs[len(pg.Jobs)-1].Number
	if pg.Newer {
		m.Buttons = append(m.Buttons, p.pageButton(as, "previous", p.say("Previous"), "a"+strconv.Itoa(first), pg.Query))
	}
	if pg.Older {
		m.Buttons = append(m.Buttons, p.pageButton(as, "next", p.sense("Next", "a page"), "b"+strconv.Itoa(last), pg.Query))
	}
	if (pg.Older || pg.Newer) && side != workflow.Contractor {
		m.Notes = append(m.Notes, p.text("Narrow it down: {{.Command}}.", with{"Command": code(p.Command + " list waiting firm:acme topic:boiler city:leeds person:cora")}))
	}
	return m
}

// jobLine is a job in one line.
func (w Words) jobLine(side workflow.Role, j Job, link string) chat.Text {
	var t chat.Text
	if link != "" {
		t = t.Link(Number(j.Number), link)
	} else {
		t = t.Bold(Number(j.Number))
	}
	t = t.Plain(" ")
	if j.Overdue {
		t = t.Bold(w.say("overdue")).Plain(" · ")
	}
	if workflow.Breached(j.Issue.Issue) {
		t = t.Bold(w.say("time limit missed")).Plain(" · ")
	}
	t = t.Plain(chat.Shorten(oneLine(j.Title), 80) + " · ")
	a := j.live()
	if a == nil {
		return t.Plain(w.term(j.Status.Label()))
	}
	t = t.Plain(w.term(a.Status.Label()))
	if side != workflow.Contractor {
		// A firm's list has its own jobs alone.
		t = t.Plain(" · " + chat.Shorten(oneLine(w.FirmOf(j, a.Contractor)), 60))
	}
	switch {
	case a.Status == workflow.Assigned && !a.Terms.AcceptBy.IsZero():
		t = t.Plain(" · ").Append(w.text("answer by {{.When}}", with{"When": at(a.Terms.AcceptBy)}))
	case workflow.Taken(a.Status) && a.InCharge.Name != "":
		t = t.Plain(" · " + chat.Shorten(oneLine(a.InCharge.Name), 40))
	}
	return t
}

// pageButton leads to the page before or after a number.
func (p *Presenter) pageButton(as Asked, id, label, from, query string) chat.Button {
	return chat.Button{
		ID: id, Label: label,
		Token: p.formToken(as, ticket.Ticket{Verb: string(TurnPage), Arg: from + " " + query}),
	}
}
