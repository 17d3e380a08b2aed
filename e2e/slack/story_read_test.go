package slack_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// read: lists, single jobs, figures and help are right for the person who asks.
func (s *story) read() {
	d := s.desk
	d.must(d.slack.Join(s.acme, "ina")) // She is of the workspace and works for the firm.
	ina := d.slack.Person("ina")
	d.must(d.slack.Settle())
	other := d.newIssue("Secret of the desk")
	n, _ := d.accepted(s.acme, "Visible to the firm", "acme heating", s.frank)

	d.says("/task list", "Open jobs", fmt.Sprintf("#%d", other), fmt.Sprintf("#%d", n), "Accepted · Acme Heating, Leeds")
	d.says("/task list new", "New jobs", "Secret of the desk")
	d.lacks("the list of the new", d.says("/task list new").Plain(), "Visible to the firm")
	d.lacks("the firm's list", d.says("/task list open acme heating", "Visible to the firm").Plain(), "Secret of the desk")
	d.says("/task list done", "Completed jobs", "Flue blocked")
	for kind, title := range map[string]string{
		"mine": "My jobs", "waiting": "Waiting acceptance or approval", "offered": "Waiting acceptance", "declined": "Declined jobs",
		"progress": "Accepted or in progress", "approval": "Waiting approval", "overdue": "Overdue jobs",
	} {
		d.says("/task list "+kind, title)
	}
	show := d.says(fmt.Sprintf("/task show %d", n), "Visible to the firm", "Accepted", "frank")
	d.lacks("what is shown", show.Plain(), "<!channel>")
	d.says("/task summary", "Summary", "today", "created")
	d.says("/task summary week acme heating", "Summary", "7 days", "Acme Heating, Leeds", "Offers:", "Time to accept", "9 of 10 within")
	week := d.says("/task summary week", "Post it here with a chart")
	shown := slacktest.Message{Channel: d.ops, Text: week.Text, Blocks: week.Blocks, Ephemeral: true}
	d.must(d.oskar.ClickOld(shown, "Post it here with a chart"))
	posted, err := d.slack.WaitMessage(d.ops, func(m slacktest.Message) bool {
		return !m.IsReply() && showing("Summary: the last 7 days", "Offers:", "Time to accept")(m)
	})
	d.must(err)
	if chart := d.reply(posted, "Jobs created and closed on each day from"); len(chart.FileIDs) != 1 {
		d.t.Errorf("the chart has the files %v", chart.FileIDs)
	}
	d.says("/task score acme heating", "Score: Acme Heating, Leeds", "Accepted", "Time to answer")
	d.command(ina, s.acme, "/task score", "Score: Acme Heating, Leeds", "Only your own firm")
	d.command(ina, s.acme, "/task score bolt", "your own firm's score only")
	d.says("/task help", "/task new [title]", "/task assign N CONTRACTOR")
	d.lacks("an operator's help", d.says("/task help").Plain(), "/task here")

	// Somebody of the firm with an account here sees the firm's and nothing else.
	a := d.command(ina, s.acme, "/task list", "Visible to the firm")
	d.lacks("the firm's list", a.Plain(), "Secret of the desk")
	d.command(ina, s.acme, fmt.Sprintf("/task show %d", n), "Visible to the firm")
	d.command(ina, s.acme, fmt.Sprintf("/task show %d", other), "no such job here")
	d.command(ina, s.acme, "/task show 4711", "no such job here")
	d.lacks("a contractor's help", d.command(ina, s.acme, "/task help", "You need no command").Plain(), "/task assign", "/task summary")
	for _, text := range []string{"new Mine", fmt.Sprintf("assign %d acme", n), "summary", "contractor list", fmt.Sprintf("approve %d", n), fmt.Sprintf("note %d hello", n)} {
		d.sentence(d.command(ina, s.acme, "/task "+text, "Only the desk").Plain())
	}
	// And people of another organisation have no commands at all: they need none.
	if _, err := s.frank.Command(s.acme, "/task list"); err == nil {
		d.t.Error("somebody of another organisation used a command")
	}
	d.must(d.slack.Leave(s.acme, "ina"))
	d.must(d.slack.Settle())
}

// mistakes: every wrong input gets a sentence that says what to do.
func (s *story) mistakes() {
	d := s.desk
	n := d.newIssue("For mistakes")
	for text, want := range map[string]string{
		"asign 1 acme":       "Did you mean /task assign?",
		"frobnicate":         "/task help",
		"assign":             "Usage: /task assign N CONTRACTOR",
		"assign twelve acme": "Usage: /task assign",
		"assign 99999 acme":  "check its number",
		fmt.Sprintf("assign %d acme heating by soon", n): "Write it like 90m",
		fmt.Sprintf("assign %d acme heating by 0m", n):   "a minute at least",
		fmt.Sprintf("approve %d", n):                     "offer it to one first",
		fmt.Sprintf("cancel %d", n):                      "offer it to one first",
		fmt.Sprintf("comment %d", n) + " hello":          "Offer it first",
		fmt.Sprintf("approve %d now", n):                 "Usage: /task approve N",
		"show":                                           "Usage: /task show N",
		"remind 1":                                       "Usage: /task remind N WHEN",
		fmt.Sprintf("remind %d yesterday", n):            "Write it like",
		"contractor":                                     "Usage: /task contractor",
		"contractor add Leeds":                           "Usage: /task contractor add CITY | COMPANY",
		"contractor add | Acme":                          "Give the city",
		"contractor invite zenith a@example.com":         "No firm fits",
		"here operations":                                "administrator",
		"new " + strings.Repeat("x", 151):                "150 characters",
		"list of everything":                             "No firm fits",
	} {
		a := d.says("/task "+text, want)
		d.sentence(a.Plain())
	}
	d.says("/task", "What you can do here")
	d.says("/task   HELP  ", "What you can do here")
	d.says("/task contractor add")
	d.view(d.oskar, "New contractor")
	d.refusedForm(d.oskar, slacktest.Values{"City": " ", "Company": "Void"}, "city", "Give the city")
	d.must(d.oskar.CloseView())
}

// TestManagers: members of the managers' channel read, and change nothing.
func TestManagers(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[1], options{})
	d.slack.AddUser(slacktest.UserSpec{Name: "mona"})
	managers := d.slack.AddChannel(slacktest.ChannelSpec{Name: "managers", Private: true, Members: []string{"ada", "mona"}})
	d.command(d.ada, managers, "/task here managers", "This is now the managers channel")
	n := d.newIssue("Seen from above")
	mona := d.slack.Person("mona")
	d.command(mona, managers, "/task summary week", "1 job was created")
	d.command(mona, managers, "/task list", "Seen from above")
	d.command(mona, managers, fmt.Sprintf("/task show %d", n), "Seen from above")
	m := d.ephemeral(mona, "Seen from above", "Status")
	d.buttons(m)
	d.sentence(d.command(mona, managers, fmt.Sprintf("/task close %d", n), "Only the desk").Plain())
	d.lacks("a manager's help", d.command(mona, managers, "/task help", "/task summary").Plain(), "/task assign")
}
