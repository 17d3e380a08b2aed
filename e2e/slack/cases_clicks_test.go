package slack_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// TestE25BothPressAccept: two people press Accept at the same moment; one is in
// charge, the other is told who was first, and a third click changes nothing.
func TestE25BothPressAccept(t *testing.T) {
	t.Parallel()
	each(t, variants(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank", "fiona")
		n, card := d.offered(acme, "Wanted by both", "acme")
		d.race(func(p *slacktest.Person) error { return p.ClickOld(card, "Accept") }, who...)
		winner, loser := who[0], who[1]
		m, err := loser.WaitEphemeral(nil)
		d.must(err)
		if showing("You are in charge")(m) {
			winner, loser = loser, winner
		}
		d.ephemeral(winner, "You are in charge", fmt.Sprintf("#%d", n))
		m = d.ephemeral(loser, winner.Name())
		d.sentence(m.Plain())
		d.card(acme, n, "Accepted", winner.Name())
		d.card(d.ops, n, "Accepted", winner.Name())
		d.told(loser, func() error { return loser.ClickOld(card, "Accept") }, "lready accepted by "+winner.Name())
		d.told(loser, func() error { return loser.ClickOld(card, "Decline") }, "accepted this already")
		i := d.status(n, "allocated", "accepted")
		if len(i.Assignments) != 1 {
			t.Errorf("there are %d assignments", len(i.Assignments))
		}
		if kinds := d.events(n); strings.Count(strings.Join(kinds, " "), "accepted") != 1 {
			t.Errorf("the history is %v", kinds)
		}
		updates := 0
		for _, c := range d.slack.Calls("chat.update") {
			if c.Args["channel"] == acme && c.Args["ts"] == card.TS {
				updates++
			}
		}
		if updates != 1 {
			t.Errorf("the card was updated %d times", updates)
		}
	})
}

// race lets people do something at the same moment.
func (d *desk) race(act func(*slacktest.Person) error, who ...*slacktest.Person) {
	d.t.Helper()
	var all sync.WaitGroup
	start := make(chan struct{})
	for _, p := range who {
		all.Go(func() {
			<-start
			if err := act(p); err != nil {
				d.t.Errorf("%s: %v", p.Name(), err)
			}
		})
	}
	close(start)
	all.Wait()
}

// TestE25TwoFirmsPressAccept: a job that is offered to two firms goes to the first;
// the other's card closes.
func TestE25TwoFirmsPressAccept(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[1], options{})
	acme, franks := d.firm("Leeds", "Acme", "frank")
	zenith, zoes := d.firm("York", "Zenith", "zoe")
	n, first := d.offered(acme, "Offered to two", "acme")
	d.says(fmt.Sprintf("/task assign %d zenith", n), "is offered to")
	second := d.card(zenith, n, "accept or decline")
	card := map[string]slacktest.Message{"frank": first, "zoe": second}
	d.race(func(p *slacktest.Person) error { return p.ClickOld(card[p.Name()], "Accept") }, franks[0], zoes[0])
	won, lost := first, second
	until(t, "one firm to have it", func() bool {
		taken, open := 0, 0
		for _, a := range d.issue(n).Assignments {
			switch a.Status {
			case "accepted":
				taken++
				if a.Contractor.Company == "Zenith" {
					won, lost = second, first
				}
			case "assigned":
				open++
			}
		}
		return taken == 1 && open == 0
	})
	d.buttons(d.card(lost.Channel, n, "Canceled"))
	d.card(won.Channel, n, "Accepted")
}

// TestE26ForeignClicks: who is not of the firm has no say, whatever button is on
// the screen.
func TestE26ForeignClicks(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, _ := d.firm("Leeds", "Acme", "frank")
		zenith, who := d.firm("York", "Zenith", "zoe")
		zoe := who[0]
		n, card := d.offered(acme, "Not for others", "acme")
		ops := d.card(d.ops, n, "Assigned")

		// Another firm's person presses the button as if it stood in her channel.
		moved := card
		moved.Channel = zenith
		d.refusedClick(zoe, n, func() error { return zoe.ClickOld(moved, "Accept") })
		// A guest of the operators' channel presses an operator's button, and so
		// does a person of another organisation who was let in.
		d.refusedClick(d.gustav, n, func() error { return d.gustav.Click(d.ops, ops.TS, "Withdraw offer") })
		d.must(d.slack.Join(d.ops, "zoe"))
		d.must(d.slack.Settle())
		d.refusedClick(zoe, n, func() error { return zoe.Click(d.ops, ops.TS, "Withdraw offer") })
		// An operator does not answer for the firm.
		d.refusedClick(d.oskar, n, func() error { return d.oskar.Click(acme, card.TS, "Accept") })
		// A button on somebody else's private message is not theirs.
		d.says(fmt.Sprintf("/task show %d", n), "Not for others")
		private := d.ephemeral(d.oskar, "Not for others", "Status")
		d.refusedClick(d.gustav, n, func() error { return d.gustav.ClickOld(private, "Withdraw offer") })
		if _, open := zoe.View(); open {
			t.Error("a form opened")
		}
	})
}

// refusedClick expects a private explanation and no change.
func (d *desk) refusedClick(p *slacktest.Person, number int, act func() error) {
	d.t.Helper()
	was := d.issue(number).Assignments
	m := d.told(p, act)
	d.sentence(m.Plain())
	d.lacks("the answer to "+p.Name(), m.Plain(), "You are in charge", "withdrawn")
	if is := d.issue(number).Assignments; fmt.Sprint(is) != fmt.Sprint(was) {
		d.t.Errorf("%s changed %+v to %+v", p.Name(), was, is)
	}
}

// TestE27FormDidNotOpen: the person gets a button to try again.
func TestE27FormDidNotOpen(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		late := func() {
			d.slack.Inject(slacktest.Fault{Method: "views.open", Kind: slacktest.FaultError, Code: "expired_trigger_id"})
		}
		late()
		m := d.told(d.oskar, func() error {
			_, err := d.oskar.Command(d.ops, "/task new")
			return err
		}, "did not open in time")
		d.must(d.oskar.ClickOld(m, "Open the form"))
		d.submit(d.oskar, "New job", slacktest.Values{"Title": "On the second try"})
		n := d.created(d.ephemeral(d.oskar, "Created").Plain())

		ops := d.card(d.ops, n, "Reported")
		late()
		m = d.told(d.oskar, func() error { return d.oskar.Click(d.ops, ops.TS, "Edit details") }, "did not open in time")
		d.must(d.oskar.ClickOld(m, "Open the form"))
		d.submit(d.oskar, fmt.Sprintf("Job #%d", n), slacktest.Values{"Place": "5 Ash Ave"})
		d.card(d.ops, n, "5 Ash Ave")

		n, card := d.handedIn(acme, "Late forms", "acme", who[0])
		ops = d.card(d.ops, n, "Waiting approval")
		late()
		m = d.told(d.oskar, func() error { return d.oskar.Click(d.ops, ops.TS, "Send back") }, "did not open in time")
		d.must(d.oskar.ClickOld(m, "Open the form"))
		d.submit(d.oskar, fmt.Sprintf("Send back #%d", n), slacktest.Values{"What is missing": "The key"})
		d.card(card.Channel, n, "In progress", "The key")
	})
}

// TestE28CyrillicForm: letters of two bytes fit, errors stand at their fields, and
// the form with what was typed stays open.
func TestE28CyrillicForm(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		d.says("/task new")
		was := d.view(d.oskar, "New job")
		typed := slacktest.Values{
			"Title": "Отоплениедом", "Description": strings.Repeat("Ж", 3000), "Topic": "Отопление", "Place": "Ленина 5",
			"Due": "послезавтра", "Reference link": "ftp://example.com",
		}
		got, err := d.oskar.Submit(typed)
		d.must(err)
		if got.Closed || got.View == nil || got.View.ID != was.ID || got.View.Hash != was.Hash {
			t.Fatalf("the form was replaced: %+v", got)
		}
		if got.Errors["due"] == "" && got.Errors["url"] == "" || got.Errors["title"] != "" {
			t.Errorf("the errors are %v", got.Errors)
		}
		typed["Due"], typed["Reference link"] = "friday 14:00", ""
		d.submit(d.oskar, "New job", typed)
		n := d.created(d.ephemeral(d.oskar, "Created", "Отоплениедом").Plain())
		card := d.card(d.ops, n, "Отоплениедом", "Отопление", "Ленина 5")
		if i := d.issue(n); i.Description != strings.Repeat("Ж", 3000) {
			t.Errorf("the description has %d bytes", len(i.Description))
		}
		d.must(d.oskar.Click(d.ops, card.TS, "Edit details"))
		if c, ok := d.view(d.oskar, fmt.Sprintf("Job #%d", n)).Control("Title"); !ok {
			t.Errorf("no title: %+v", c)
		}
		d.submit(d.oskar, fmt.Sprintf("Job #%d", n), slacktest.Values{"Topic": "Горячая вода"})
		d.card(d.ops, n, "Отоплениедом", "Горячая вода")
	})
}

// TestStaleAndRepeatedClicks: late, double and replayed clicks and forms have no
// effect and say so.
func TestStaleAndRepeatedClicks(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	frank := who[0]
	n, card := d.offered(acme, "Clicked too often", "acme")
	d.says(fmt.Sprintf("/task cancel %d", n), "withdrawn")
	d.told(frank, func() error { return frank.ClickOld(card, "Accept") }, "can no longer be accepted")
	d.told(frank, func() error { return frank.ClickOld(card, "Decline") }, "can no longer be declined")
	// The same offer made anew has a new card; the old one stays dead.
	d.says(fmt.Sprintf("/task assign %d acme", n), "is offered to")
	fresh := d.card(acme, n, "accept or decline")
	d.told(frank, func() error { return frank.ClickOld(card, "Accept") })
	d.status(n, "allocated", "assigned")
	d.told(frank, func() error { return frank.Click(acme, fresh.TS, "Accept") }, "You are in charge")
	accepted := d.card(acme, n, "Accepted")
	// A form that stood open while the work went on without it.
	d.must(frank.Click(acme, accepted.TS, "Complete"))
	d.view(frank, fmt.Sprintf("Complete #%d", n))
	ops := d.card(d.ops, n, "Accepted")
	d.must(d.oskar.Click(d.ops, ops.TS, "Complete early"))
	d.card(acme, n, "Complete")
	got, err := frank.Submit(slacktest.Values{"What was done": "Too late"})
	d.must(err)
	if got.Closed || len(got.Errors) == 0 {
		t.Errorf("the late form is gone: %+v", got)
	}
	for _, text := range got.Errors {
		d.sentence(text)
	}
	d.must(frank.CloseView())
	d.status(n, "resolved", "complete")
}

// TestForgedRequests: what Slack did not sign, or signed too long ago, is answered
// 401 and leaves nothing behind.
func TestForgedRequests(t *testing.T) {
	t.Parallel()
	d, frank, n, card := thread(t, variants()[0], options{})
	d.must(d.slack.VerifyURL())
	d.slack.Hold()
	said, err := frank.Reply(card.Channel, card.TS, "genuine")
	d.must(err)
	event := []byte(d.heldEvent(said).Body)
	forged := bytes.ReplaceAll(event, []byte("genuine"), []byte("forged!"))
	command := []byte(url.Values{"command": {"/task"}, "text": {fmt.Sprintf("close %d", n)}, "user_id": {d.oskar.ID()}, "channel_id": {d.ops}, "team_id": {d.slack.TeamID()}}.Encode())
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for _, tc := range []struct {
		name   string
		body   []byte
		header http.Header
	}{
		{"another body", forged, d.slack.Sign(event, time.Now())},
		{"too old", event, d.slack.Sign(event, time.Now().Add(-301*time.Second))},
		{"from the future", event, d.slack.Sign(event, time.Now().Add(10*time.Minute))},
		{"unsigned", event, http.Header{}},
	} {
		for _, path := range []string{"/slack/events", "/slack/interactions", "/slack/commands"} {
			d.unauthorised(path, tc.body, tc.header)
		}
	}
	d.unauthorised("/slack/commands", command, form)
	if got := d.comments(n); len(got) != 0 {
		t.Errorf("the ledger is %+v", got)
	}
	// A signed command that is sent twice acts once.
	create := []byte(url.Values{"command": {"/task"}, "text": {"new Sent twice"}, "user_id": {d.oskar.ID()}, "channel_id": {d.ops}, "team_id": {d.slack.TeamID()}, "trigger_id": {"1.2.replayed"}}.Encode())
	var answers [2]string
	for i := range answers {
		h := d.slack.Sign(create, time.Now())
		h.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := d.slack.Post("/slack/commands", create, h)
		d.must(err)
		answers[i] = string(res.Body)
	}
	if !strings.Contains(answers[0], "Created") {
		t.Errorf("the answer is %s", answers[0])
	}
	// The repeat is told what the first was told; buttons may be left out.
	if d.created(answers[0]) != d.created(answers[1]) {
		t.Errorf("the repeat was told %s", answers[1])
	}
	d.slack.Release()
	d.once(n, "genuine")
	d.status(n, "allocated", "in_progress")
}
