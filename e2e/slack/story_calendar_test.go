package slack_test

import (
	"fmt"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// clockChanges are the next two Sundays on which the clocks of a zone are changed.
func clockChanges(t *testing.T, zone *time.Location) []time.Time {
	t.Helper()
	var out []time.Time
	y, m, d := time.Now().In(zone).Date()
	for n := 8; n < 400 && len(out) < 2; n++ {
		day, next := time.Date(y, m, d+n, 0, 0, 0, 0, zone), time.Date(y, m, d+n+1, 0, 0, 0, 0, zone)
		if next.Sub(day) != 24*time.Hour {
			out = append(out, day)
		}
	}
	if len(out) != 2 {
		t.Fatalf("the clocks of %v change on %v", zone, out)
	}
	return out
}

// to sets the clock to a moment.
func (c *movedClock) to(moment time.Time) {
	c.t.Helper()
	c.set(time.Until(moment))
}

// arrives lets time pass until a moment, once there is nothing more to say.
func (d *desk) arrives(c *movedClock, moment time.Time) {
	d.t.Helper()
	d.pass(c, time.Until(moment))
}

// near checks that a moment is the one wanted or a little after it: things happen when
// the clock is next moved, and never before their time.
func (d *desk) near(what string, got *time.Time, want time.Time) {
	d.t.Helper()
	if got == nil || got.Before(want) || got.After(want.Add(10*time.Minute)) {
		d.t.Errorf("%s is %v, want %v", what, got, want.UTC())
	}
}

// summaries counts the summaries in a channel.
func (d *desk) summaries(channel string) int {
	n := 0
	for _, m := range d.slack.Messages(channel) {
		if !m.IsReply() && showing("Summary: ")(m) {
			n++
		}
	}
	return n
}

// TestWeekendOfTheClocks is a long weekend on which the clocks are changed, in spring and
// in autumn: times to answer are counted in each firm's own hours over a holiday and the
// change, reminders wait for working hours, and the summaries of the days and of the week
// come on the first working day at their hour of the new time.
func TestWeekendOfTheClocks(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for n, sunday := range clockChanges(t, berlin) {
		t.Run(sunday.Format("January"), func(t *testing.T) {
			t.Parallel()
			weekendOfTheClocks(t, sockets()[n], sunday)
		})
	}
}

func weekendOfTheClocks(t *testing.T, v variant, sunday time.Time) {
	t.Helper()
	at := func(days, hour, minute int) time.Time {
		y, m, d := sunday.Date()
		return time.Date(y, m, d+days, hour, minute, 0, 0, sunday.Location())
	}
	clock := newMovedClock(t)
	clock.to(at(-3, 15, 30))
	d := open(t, v, options{clock: clock})
	managers := d.slack.AddChannel(slacktest.ChannelSpec{Name: "managers", Private: true, Members: []string{"ada"}})
	d.command(d.ada, managers, "/task here managers", "This is now the managers channel")
	holiday := at(-2, 0, 0).Format(time.DateOnly)
	_, err := d.ada.Command(d.ops, "/task settings calendar")
	d.must(err)
	d.view(d.ada, "Working hours")
	d.refusedForm(d.ada, slacktest.Values{"Time zone": "Europe/Nowhere"}, "zone", "Europe/Berlin")
	d.refusedForm(d.ada, slacktest.Values{"Working hours": "Mon-Fri 17:00-09:00, 10:00-12:00"}, "hours")
	d.refusedForm(d.ada, slacktest.Values{"Holidays": "2027-02-30"}, "holidays", "2026-12-25 Christmas")
	d.submit(d.ada, "Working hours", slacktest.Values{"Time zone": "Europe/Berlin", "Working hours": "Mon-Fri 09:00-17:00", "Holidays": holiday + " Feast"})
	acme, _ := d.firm("Leeds", "Acme", "frank")
	night, _ := d.firm("Berlin", "Night Watch")
	d.hours("acme", slacktest.Values{"Time zone": "Europe/London", "Working hours": "Mon-Fri 08:00-12:00, 13:00-16:00", "Holidays": holiday + " Feast"})
	d.hours("night", slacktest.Values{"Time zone": "Europe/Berlin", "Working hours": "Sat 20:00-10:00"})

	// Thursday at four in Berlin, three in London, with an hour of London's day left.
	d.arrives(clock, at(-3, 16, 0))
	counted, watch, dated, dawn := d.newIssue("Counted in hours"), d.newIssue("Through the night"), d.newIssue("By a date"), d.newIssue("By Monday")
	d.says(fmt.Sprintf("/task assign %d acme by 2h", counted), "is offered to")
	d.says(fmt.Sprintf("/task assign %d night by 8h", watch), "is offered to")
	d.says(fmt.Sprintf("/task assign %d acme by %s", dated, at(-2, 11, 0).Format("2006-01-02 15:04")), "is offered to")
	d.says(fmt.Sprintf("/task assign %d acme by %s", dawn, at(1, 7, 50).Format("2006-01-02 15:04")), "is offered to")
	card := d.card(acme, counted, "accept or decline")
	d.card(night, watch, "accept or decline")
	d.near("the end of two hours", d.issue(counted).Assignments[0].AcceptBy, at(1, 10, 0))
	d.near("the end of a night", d.issue(watch).Assignments[0].AcceptBy, at(-1, 20, 0).Add(8*time.Hour))
	d.near("the end by a date", d.issue(dated).Assignments[0].AcceptBy, at(-2, 11, 0))

	// On the holiday only what was given a date ends, and nobody is reminded.
	d.arrives(clock, at(-2, 18, 0))
	d.happened(dated, "expired")
	d.arrives(clock, at(-1, 20, 0).Add(7*time.Hour+50*time.Minute))
	d.happened(watch, "warned")
	d.stands(watch, "allocated", "assigned")
	d.arrives(clock, at(-1, 20, 0).Add(8*time.Hour+3*time.Minute))
	d.near("the silence of the night", new(d.when(watch, "expired")), at(-1, 20, 0).Add(8*time.Hour))
	d.arrives(clock, at(1, 7, 52))
	d.near("the end by Monday", new(d.when(dawn, "expired")), at(1, 7, 50))
	d.must(d.slack.Settle())
	if n := d.summaries(managers); n != 0 {
		t.Errorf("%d summaries came before Monday at eight", n)
	}
	if n := d.count(card, "accept or decline"); n != 0 {
		t.Errorf("the firm was reminded %d times while it does not work", n)
	}

	// The first working day, by the new time.
	d.arrives(clock, at(1, 8, 1))
	for _, title := range []string{
		fmt.Sprintf("Summary: Thursday %d to Sunday %s", at(-3, 0, 0).Day(), sunday.Format("2 January")),
		fmt.Sprintf("Summary: week from %s to %s", at(-6, 0, 0).Format("2 January"), sunday.Format("2 January")),
	} {
		m, err := d.slack.WaitMessage(managers, showing(title, "4 jobs were created"))
		d.must(err)
		d.reply(m, "Jobs created and closed on each day")
	}
	d.arrives(clock, at(1, 9, 32))
	d.near("the warning", new(d.when(counted, "warned")), at(1, 9, 30))
	d.reply(card, "Please answer this offer by")
	d.arrives(clock, at(1, 10, 3))
	d.near("the silence", new(d.when(counted, "expired")), at(1, 10, 0))
	d.card(acme, counted, "Declined", "No answer in time")
	d.must(d.slack.Settle())
	if n := d.summaries(managers); n != 2 {
		t.Errorf("%d summaries came, want that of the days and that of the week", n)
	}
}

// hours sets a firm's own working time by the form.
func (d *desk) hours(firm string, v slacktest.Values) {
	d.t.Helper()
	d.says("/task contractor hours " + firm)
	d.submit(d.oskar, "Working hours", v)
}

// TestAnswerAtTheEnd: the time of many offers is over in the moment in which they are
// accepted. Each is one or the other, once, and whoever pressed reads which.
func TestAnswerAtTheEnd(t *testing.T) {
	t.Parallel()
	each(t, sockets(), func(t *testing.T, v variant) {
		clock := newMovedClock(t)
		d := open(t, v, options{clock: clock})
		acme, who := d.firm("Leeds", "Acme", "frank", "fiona")
		var jobs []int
		cards := map[int]slacktest.Message{}
		for n := range 6 {
			job := d.newIssue(fmt.Sprintf("At the last moment %d", n))
			d.says(fmt.Sprintf("/task assign %d acme by 30m", job), "is offered to")
			jobs, cards[job] = append(jobs, job), d.card(acme, job, "accept or decline")
		}
		until(t, "an empty outbox", func() bool { return d.waiting() == 0 })
		end := *d.issue(jobs[len(jobs)/2]).Assignments[0].AcceptBy
		d.race(func(p *slacktest.Person) error {
			if p.Name() == "fiona" {
				clock.to(end)
				return nil
			}
			for _, job := range jobs {
				if err := p.ClickOld(cards[job], "Accept"); err != nil {
					return fmt.Errorf("#%d: %w", job, err)
				}
			}
			return nil
		}, who...)
		clock.to(end.Add(time.Minute))
		for _, job := range jobs {
			until(t, fmt.Sprintf("an end of #%d", job), func() bool { return d.issue(job).Assignments[0].Status != "assigned" })
			kinds := map[string]int{}
			for _, kind := range d.events(job) {
				kinds[kind]++
			}
			switch i := d.issue(job); i.Assignments[0].Status {
			case "accepted":
				d.card(acme, job, "Accepted", "frank")
				d.ephemeral(who[0], "You are in charge", fmt.Sprintf("#%d", job))
				if kinds["accepted"] != 1 || kinds["expired"] != 0 || i.Status != "allocated" {
					t.Errorf("#%d is %s, its history is %v", job, i.Status, kinds)
				}
			case "declined":
				d.card(acme, job, "Declined", "No answer in time")
				if kinds["accepted"] != 0 || kinds["expired"] != 1 || i.Status != "reported" {
					t.Errorf("#%d is %s, its history is %v", job, i.Status, kinds)
				}
				d.told(who[0], func() error { return who[0].ClickOld(cards[job], "Accept") }, "ask the desk to offer it again")
			default:
				t.Errorf("#%d is %s", job, i.Assignments[0].Status)
			}
		}
	})
}
