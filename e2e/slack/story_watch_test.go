package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// TestWatchingOneJob: an operator and a manager watch one job of two. Each is told in their
// own conversation with the bot of what others did with it, once and together; a firm cannot
// watch, and who leaves the desk's channels hears no more.
func TestWatchingOneJob(t *testing.T) {
	t.Parallel()
	for _, v := range sockets() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			clock := newMovedClock(t)
			clock.set(0)
			d := open(t, v, options{clock: clock})
			acme, who := d.firm("Leeds", "Acme", "frank")
			frank := who[0]
			d.slack.AddUser(slacktest.UserSpec{Name: "mona", RealName: "Mona"})
			mona := d.slack.Person("mona")
			managers := d.slack.AddChannel(slacktest.ChannelSpec{Name: "managers", Private: true, Members: []string{"ada", "mona"}})
			d.command(d.ada, managers, "/task here managers", "This is now the managers channel")

			n, other := d.newIssue("Boiler down"), d.newIssue("Nobody looks")
			d.says(fmt.Sprintf("/task watch %d", n), "You watch", "Boiler down", "in working hours")
			d.command(mona, managers, fmt.Sprintf("/task watch %d", n), "You watch")
			d.says("/task watch", "Jobs you watch", "Boiler down")
			d.sentence(d.says("/task watch 99", "no such job").Plain())

			d.says(fmt.Sprintf("/task assign %d acme by 3h", n), "is offered to")
			d.says(fmt.Sprintf("/task assign %d acme by 3h", other), "is offered to")
			card := d.card(acme, n, "accept or decline")
			d.told(frank, func() error { return frank.Click(acme, card.TS, "Accept") }, "You are in charge")
			_, err := frank.Reply(acme, card.TS, "Here by noon")
			d.must(err)
			d.once(n, "Here by noon")
			d.says(fmt.Sprintf("/task note %d The landlord pays", n), "only the desk reads it")
			d.says(fmt.Sprintf("/task comment %d Mind the dog", n), "Sent to")

			d.pass(clock, 4*time.Minute)
			oskars, err := d.oskar.Direct()
			d.must(err)
			monas, err := mona.Direct()
			d.must(err)
			hers := d.reads(monas, "News of 1 job that you watch", "Boiler down", "In progress", "offered it", "accepted it", "noon", "Mind the dog")
			his := d.reads(oskars, "News of 1 job that you watch", "accepted it", "noon")
			d.lacks("what the operator did himself", his.Plain(), "offered it", "Mind the dog")
			for _, m := range []slacktest.Message{hers, his} {
				d.lacks("the news", m.Plain(), "landlord", "Nobody looks")
				if len(calls(m)) > 0 {
					t.Errorf("the news call %v", calls(m))
				}
			}

			// Nothing is told twice, nor to whoever has left.
			d.must(d.slack.Leave(managers, "mona"))
			d.says(fmt.Sprintf("/task unwatch %d", n), "no longer watch")
			_, err = frank.Reply(acme, card.TS, "All done")
			d.must(err)
			d.once(n, "All done")
			d.says(fmt.Sprintf("/task watch %d", other), "You watch")
			d.told(frank, func() error {
				return frank.Click(acme, d.card(acme, other, "accept or decline").TS, "Accept")
			}, "You are in charge")
			d.pass(clock, 12*time.Minute)
			d.reads(oskars, "Nobody looks", "accepted it")
			for channel, want := range map[string]int{oskars: 2, monas: 1} {
				news := 0
				for _, m := range d.slack.Messages(channel) {
					if strings.Contains(m.Plain(), "that you watch") {
						news++
					}
				}
				if news != want {
					t.Errorf("in %s there are %d news, want %d", channel, news, want)
				}
			}
		})
	}
}
