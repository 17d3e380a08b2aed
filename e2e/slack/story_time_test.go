package slack_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// TestTimePasses is a desk over two weeks: reminders in words and at their time, an offer
// counted in a firm's hours, a summary that comes by itself, and an invitation that
// nobody answers.
func TestTimePasses(t *testing.T) {
	t.Parallel()
	v := variants()[0]
	began := time.Now()
	d := open(t, v, options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	baker, _ := d.firm("Hull", "Baker", "berta")
	frank := who[0]
	managers := d.slack.AddChannel(slacktest.ChannelSpec{Name: "managers", Private: true, Members: []string{"ada"}})
	d.command(d.ada, managers, "/task here managers", "This is now the managers channel")

	// Dates are typed as people say them; what is none is refused with examples.
	n := d.newIssue("Boiler down")
	for text, want := range map[string]string{
		"whenever": "2026-12-01 14:00", "yesterday": "Write it like", "31 February": "Write it like", "": "like tomorrow 9am",
	} {
		was := d.issue(n).RemindAt
		d.sentence(d.says(fmt.Sprintf("/task remind %d %s", n, text), want).Plain())
		if is := d.issue(n).RemindAt; was == nil || is == nil || !is.Equal(*was) {
			t.Errorf("remind %q moved the reminder from %v to %v", text, was, is)
		}
	}
	for _, text := range []string{"tomorrow 9am", "friday", "2h", "in 3 days", "2031-12-01 14:00"} {
		d.says(fmt.Sprintf("/task remind %d %s", n, text), fmt.Sprintf("The reminder of #%d", n))
	}
	if at := d.issue(n).RemindAt; at == nil || at.Year() != 2031 {
		t.Errorf("the reminder comes %v", at)
	}
	d.sentence(d.command(d.stella, "general", fmt.Sprintf("/task remind %d tomorrow", n), "does not know you").Plain())

	// A new offer moves the reminder by itself; what comes due is told each side once.
	var jobs []int
	for _, title := range []string{"Gutter loose", "Lift stuck"} {
		job := d.newIssue(title)
		d.says(fmt.Sprintf("/task assign %d acme by 5d", job), "is offered to")
		jobs = append(jobs, job)
	}
	other := d.newIssue("Secret of another firm")
	d.says(fmt.Sprintf("/task assign %d baker by 5d", other), "is offered to")
	d.card(baker, other, "accept or decline")
	d.told(d.oskar, func() error {
		_, err := d.oskar.Command(d.ops, "/task contractor invite acme dora@acme.example")
		return err
	}, "dora@acme.example", "invitation")
	d.later(v, 25*time.Hour)
	waits, err := d.slack.WaitMessage(acme, showing("2 jobs wait for you", "Gutter loose", "Lift stuck"))
	d.must(err)
	d.lacks("the firm's reminder", waits.Plain(), "Secret", "Boiler")
	before := *d.issue(jobs[0]).RemindAt
	d.told(frank, func() error { return frank.ClickOld(waits, "Next week") }, "reminded of 2 jobs again")
	// Next week begins on Monday, which on a Sunday may be before the day after is over.
	if after := d.issue(jobs[0]).RemindAt; after == nil || after.Equal(before) || after.UTC().Weekday() != time.Monday || after.Before(time.Now()) {
		t.Errorf("put off from %v to %v", before, after)
	}
	told := 0
	for _, m := range d.slack.Messages(acme) {
		if showing("wait for you")(m) {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the firm was reminded %d times", told)
	}
	if summaryComes(began, 25*time.Hour) {
		_, err = d.slack.WaitMessage(managers, showing("Summary: ", "were created"))
		d.must(err)
	}

	// Nobody answered the invitation for two weeks: the desk may send it again, once.
	d.later(v, 14*24*time.Hour)
	lapsed, err := d.slack.WaitMessage(d.ops, func(m slacktest.Message) bool {
		return showing("dora@acme.example", "did not answer")(m) && slices.ContainsFunc(m.Controls(), func(c slacktest.Control) bool { return c.Label == "Invite again" })
	})
	d.must(err)
	d.refusedHere(d.gustav, func() error { return d.gustav.ClickOld(lapsed, "Invite again") })
	d.told(d.oskar, func() error { return d.oskar.ClickOld(lapsed, "Invite again") }, "dora@acme.example", "invitation")
	d.told(d.ada, func() error { return d.ada.ClickOld(lapsed, "Invite again") }, "invited again already")
	sent := 0
	for _, i := range d.slack.Invites() {
		if i.Email == "dora@acme.example" {
			sent++
		}
	}
	if sent != 2 {
		t.Errorf("%d invitations were sent", sent)
	}
	d.says("/task contractor show acme", "dora@acme.example was sent an invitation")
	// Offers that nobody answered in all that time are over.
	for _, job := range jobs {
		d.status(job, "reported", "declined")
	}
	d.says("/task list declined", "Gutter loose", "Lift stuck")
}

// summaryComes tells whether the summary of a day certainly comes in what passes from a
// moment on: it comes at eight on Mondays to Fridays.
func summaryComes(from time.Time, passed time.Duration) bool {
	// What happens between the moment and the passing of the time takes its time as well.
	from = from.UTC().Add(time.Hour)
	at := time.Date(from.Year(), from.Month(), from.Day(), 8, 0, 0, 0, time.UTC)
	for at.Before(from) || at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.AddDate(0, 0, 1)
	}
	return !at.After(from.Add(passed - time.Hour))
}

// refusedHere expects a private explanation for somebody who has no say.
func (d *desk) refusedHere(p *slacktest.Person, act func() error) {
	d.t.Helper()
	m := d.told(p, act)
	d.sentence(m.Plain())
	d.lacks("the answer to "+p.Name(), m.Plain(), "was sent")
}

// TestWorkRefused: twice, too late and by the wrong person nothing happens, and whoever
// tried reads why.
func TestWorkRefused(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[2], options{})
	acme, who := d.firm("Leeds", "Acme", "frank", "fiona")
	frank, fiona := who[0], who[1]
	n, card := d.accepted(acme, "Done only once", "acme", frank)
	accepted := d.card(acme, n, "Accepted")
	nothing := func(p *slacktest.Person, act func() error, parts ...string) {
		t.Helper()
		was := d.issue(n).Assignments
		d.sentence(d.told(p, act, parts...).Plain())
		if is := d.issue(n).Assignments; is[0].Status != was[0].Status || is[0].Revision != was[0].Revision {
			t.Errorf("it became %+v", is[0])
		}
	}
	menu := func(p *slacktest.Person, of slacktest.Message, option string) func() error {
		return func() error { return p.SelectOld(of, "Steps and more", option) }
	}
	d.must(frank.Click(acme, card.TS, "Start"))
	started := d.card(acme, n, "In progress")
	nothing(fiona, func() error { return fiona.ClickOld(accepted, "Start") }, "has started already")
	nothing(frank, menu(frank, started, "Take charge"), "in charge already")
	nothing(d.oskar, menu(d.oskar, started, "Step: Travel"), "firm")
	nothing(d.oskar, func() error { return d.oskar.ClickOld(started, "Complete") }, "firm")
	d.must(frank.Select(acme, card.TS, "Steps and more", "Pause the work…"))
	d.submit(frank, fmt.Sprintf("Pause #%d", n), slacktest.Values{"Reason": "Weather"})
	paused := d.card(acme, n, "Paused.")
	nothing(fiona, menu(fiona, started, "Pause the work…"), "paused this already")
	d.must(fiona.Click(acme, card.TS, "Resume"))
	d.card(acme, n, "In progress. Press")
	nothing(frank, func() error { return frank.ClickOld(paused, "Resume") })
	for command, want := range map[string]string{"approve": "not handed in", "cancel": "accepted this already", "reopen": "", "counter": "Usage"} {
		nothing(d.oskar, func() error { _, err := d.oskar.Command(d.ops, fmt.Sprintf("/task %s %d", command, n)); return err }, want)
	}
	d.must(frank.Click(acme, card.TS, "Complete"))
	d.submit(frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "Once"})
	ops := d.card(d.ops, n, "Waiting approval")
	for _, late := range []string{"Complete", "Hand over"} {
		nothing(fiona, func() error { return fiona.ClickOld(started, late) }, "handed in")
	}
	nothing(fiona, menu(fiona, started, "Step: Work"), "handed in already")
	nothing(frank, func() error { m := ops; m.Channel = acme; return frank.ClickOld(m, "Approve") })
	d.must(d.oskar.Click(d.ops, ops.TS, "Approve"))
	d.status(n, "resolved", "complete")
	nothing(d.ada, func() error { return d.ada.ClickOld(ops, "Approve") })
	nothing(d.ada, func() error { return d.ada.ClickOld(ops, "Send back") }, "reopen it")

	// What is over is taken up again with all that it had, and closed at last.
	d.says(fmt.Sprintf("/task reopen %d", n), "is open again")
	d.status(n, "allocated", "in_progress")
	d.buttons(d.card(acme, n, "In progress", "frank"), "Complete", "Hand over", "Steps and more")
	d.says(fmt.Sprintf("/task complete %d", n), "is complete")
	d.says(fmt.Sprintf("/task rate %d 5 Well done", n))
	d.says(fmt.Sprintf("/task close %d", n), "is closed")
	nothing(d.oskar, func() error { _, err := d.oskar.Command(d.ops, fmt.Sprintf("/task close %d", n)); return err })
	d.says("/task score acme", "Score: Acme, Leeds", "Rating: 5.0 of 5")
}

// TestRemindedUntilItIsDone: whoever has to act is reminded again day after day, the firm
// until it has answered and handed in, the desk until it has approved; of a job that is
// closed nobody is reminded.
func TestRemindedUntilItIsDone(t *testing.T) {
	t.Parallel()
	clock := newMovedClock(t)
	d := open(t, sockets()[0], options{clock: clock})
	acme, who := d.firm("Leeds", "Acme", "frank")
	n := d.newIssue("Never forgotten")
	d.says(fmt.Sprintf("/task assign %d acme by 20d", n), "is offered to")
	card, ops := d.card(acme, n, "accept or decline"), d.card(d.ops, n, "Assigned")
	days := 0
	// A day later one side has one reminder more, and the other none.
	dayLater := func(firm, desk int) {
		t.Helper()
		days++
		d.pass(clock, time.Duration(days)*25*time.Hour)
		until(t, fmt.Sprintf("reminders on day %d", days), func() bool {
			return d.count(card, "Remind me tomorrow") == firm && d.count(ops, "Remind me tomorrow") == desk
		})
	}
	dayLater(1, 0)
	dayLater(2, 0)
	d.must(who[0].Click(acme, card.TS, "Accept"))
	d.card(acme, n, "Accepted")
	dayLater(3, 0)
	dayLater(4, 0)
	d.must(who[0].Click(acme, card.TS, "Complete"))
	d.submit(who[0], fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "All of it"})
	d.card(d.ops, n, "Waiting approval")
	dayLater(4, 1)
	dayLater(4, 2)
	d.says(fmt.Sprintf("/task close %d", n), "is closed")
	days += 10
	// What comes due for another job shows that time has passed.
	other := d.newIssue("Another one")
	d.says(fmt.Sprintf("/task assign %d acme by 20d", other), "is offered to")
	second := d.card(acme, other, "accept or decline")
	d.pass(clock, time.Duration(days)*25*time.Hour)
	d.reply(second, "Remind me tomorrow")
	dayLater(4, 2)
}
