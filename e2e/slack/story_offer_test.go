package slack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// create: one line is enough; the rest is offered as a form. The operators' card
// has a thread of its own for internal notes.
func (s *story) create() {
	d := s.desk
	a := d.says("/task new Boiler down at 4 Elm St", "Created", "Boiler down at 4 Elm St")
	n := d.created(a.Plain())
	card := d.card(d.ops, n, "Boiler down at 4 Elm St", "Reported", "Replies in this thread stay internal")
	d.buttons(card, "Offer to a firm", "Edit details", "Close", "Ask somebody outside")

	answer := d.ephemeral(d.oskar, "Created", "Boiler down")
	d.must(d.oskar.ClickOld(answer, "Add details"))
	d.submit(d.oskar, fmt.Sprintf("Job #%d", n), slacktest.Values{
		"Description": "No hot water since Monday.\n<!channel> & <script>", "Topic": "Heating", "Priority": "Urgent",
		"Place": "4 Elm St, Leeds", "Due": "2031-12-01 14:00", "Reference link": "https://crm.example.com/deals/77",
	})
	card = d.card(d.ops, n, "No hot water since Monday", "Heating", "Urgent", "4 Elm St, Leeds", "crm.example.com/deals/77")
	if len(calls(card)) > 0 {
		d.t.Errorf("what was typed calls %v", calls(card))
	}
	i := d.issue(n)
	if i.Status != "reported" || i.Priority != "urgent" || i.DueAt == nil || i.URL != "https://crm.example.com/deals/77" || i.Description != "No hot water since Monday.\n<!channel> & <script>" {
		d.t.Errorf("the issue is %+v", i)
	}

	_, err := d.oskar.Reply(d.ops, card.TS, "Landlord pays, do not tell the firm")
	d.must(err)
	if c := d.once(n, "Landlord pays, do not tell the firm"); c.Visibility != "internal" || c.Author.Name != "oskar" {
		d.t.Errorf("the note is %+v", c)
	}
	d.says(fmt.Sprintf("/task note %d Keys are with the caretaker", n), "only the desk reads it")
	d.reply(card, "Keys are with the caretaker")
	if c := d.once(n, "Keys are with the caretaker"); c.Visibility != "internal" {
		d.t.Errorf("the note is %+v", c)
	}
}

// ephemeral finds the newest private message that shows every part.
func (d *desk) ephemeral(p *slacktest.Person, parts ...string) slacktest.Message {
	d.t.Helper()
	m, err := p.WaitEphemeral(showing(parts...))
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// createByForm: the form has everything, and the firm can be chosen in it.
func (s *story) createByForm() {
	d := s.desk
	d.says("/task new")
	v := d.view(d.oskar, "New job")
	for _, label := range []string{"Title", "Description", "Topic", "Priority", "Place", "Due", "Customer", "Reference", "Reference link", "Contractor", "Answer by"} {
		if _, ok := v.Control(label); !ok {
			d.t.Errorf("the form does not ask for %q", label)
		}
	}
	filled := slacktest.Values{
		"Title": "Roof leaks", "Description": "Above the stairs", "Topic": "Roof", "Priority": "High", "Place": "9 Oak Rd",
		"Customer": "Mrs Patel, 0113 496 0123", "Reference": "CRM-78",
		"Due": "next thing", "Reference link": "https://crm.example.com/deals/78", "Contractor": "Acme Heating, Leeds", "Answer by": "2h",
	}
	d.refusedForm(d.oskar, filled, "due", "tomorrow 9am")
	filled["Due"] = "tomorrow 9am"
	filled["Answer by"] = "10s ago"
	d.refusedForm(d.oskar, filled, "accept_by")
	filled["Answer by"] = "2h"
	filled["Reference link"] = "javascript:alert(1)"
	d.refusedForm(d.oskar, filled, "url", "https://")
	filled["Reference link"] = "https://crm.example.com/deals/78"
	m := d.told(d.oskar, func() error {
		d.submit(d.oskar, "New job", filled)
		return nil
	}, "Created", "Roof leaks", "is offered to Acme Heating, Leeds")
	n := d.created(m.Plain())
	firms := d.card(s.acme, n, "Roof leaks", "Above the stairs", "accept or decline", "High", "9 Oak Rd", "Answer by")
	d.lacks("the firm's card", firms.Plain(), "Patel", "CRM-78", "deals/78")
	d.card(d.ops, n, "Acme Heating, Leeds", "Assigned", "Mrs Patel, 0113 496 0123", "CRM-78")
	i := d.issue(n)
	if len(i.Assignments) != 1 || i.Assignments[0].AcceptBy == nil {
		d.t.Fatalf("the issue is %+v", i)
	}
	if left := time.Until(*i.Assignments[0].AcceptBy); left < 118*time.Minute || left > 2*time.Hour {
		d.t.Errorf("the firm may answer within %v", left)
	}
	// A window that was closed does nothing.
	d.says("/task new")
	d.view(d.oskar, "New job")
	d.must(d.oskar.CloseView())
	d.says(fmt.Sprintf("/task cancel %d", n), "withdrawn")
	d.buttons(d.card(s.acme, n, "Canceled"))
	d.buttons(d.card(d.ops, n, "Reported"), "Offer elsewhere", "Edit details", "Close", "Ask somebody outside")
}

// offer: the firm's channel gets a card with terms and two buttons, and everybody
// in it is notified.
func (s *story) offer() {
	d := s.desk
	n := d.newIssue("Radiator cold")
	d.says(fmt.Sprintf("/task assign %d acm by 3h", n), "Radiator cold", "is offered to Acme Heating, Leeds", "until")
	card := d.card(s.acme, n, "Radiator cold", "Answer by", "Please accept or decline")
	d.buttons(card, "Accept", "Decline", "Suggest other terms")
	if !slices.Contains(calls(card), "channel") {
		d.t.Errorf("nobody is notified: %v", calls(card))
	}
	d.lacks("the card", card.Plain(), "<!channel>A")
	d.buttons(d.card(d.ops, n, "Allocated", "Assigned", "Answer by"), "Reply to firm", "Edit details", "Withdraw offer")

	// The same from the card's button, with terms.
	n = d.newIssue("Tap drips")
	ops := d.card(d.ops, n, "Reported")
	d.must(d.oskar.Click(d.ops, ops.TS, "Offer to a firm"))
	d.submit(d.oskar, fmt.Sprintf("Offer #%d", n), slacktest.Values{"Contractor": "Acme Heating, Leeds", "Answer by": "90m", "Terms": "Limit 200 EUR"})
	d.card(s.acme, n, "Tap drips", "Limit 200 EUR")

	// And as a form from the command.
	n = d.newIssue("Gas smell")
	d.says(fmt.Sprintf("/task assign %d", n))
	d.submit(d.oskar, fmt.Sprintf("Offer #%d", n), slacktest.Values{"Contractor": "Acme Heating, Leeds"})
	d.card(s.acme, n, "Gas smell")
}

// ambiguous: a name that fits two firms is asked back.
func (s *story) ambiguous() {
	d := s.desk
	other, _ := d.addFirm("Bradford", "Acme Roofing")
	n := d.newIssue("Which one")
	d.says(fmt.Sprintf("/task assign %d acme by 2h", n), "2 firms fit", "Which one gets")
	ask := d.ephemeral(d.oskar, "2 firms fit", fmt.Sprintf("#%d", n))
	d.told(d.oskar, func() error { return d.oskar.SelectOld(ask, "Choose a contractor", "Acme Roofing, Bradford") }, "is offered to Acme Roofing, Bradford")
	d.card(other, n, "accept or decline")
	if d.cards(s.acme, n) != 0 {
		d.t.Error("the other firm has a card too")
	}
	d.says(fmt.Sprintf("/task assign %d acme he", n), "is offered to Acme Heating, Leeds")
	d.card(s.acme, n, "accept or decline")
	a := d.says(fmt.Sprintf("/task assign %d zenith", n), "No firm fits", "/task contractor list")
	d.sentence(a.Plain())
	// What a firm cannot take now is said.
	d.says("/task contractor pause roofing", "gets no new offers")
	d.says(fmt.Sprintf("/task assign %d roofing", d.newIssue("Paused")), "is paused", "/task contractor resume")
	d.says("/task contractor resume roofing", "gets offers again")
}

// accept: who accepts is in charge, and both cards follow.
func (s *story) accept() {
	d := s.desk
	n, card := d.offered(s.acme, "Pump is loud", "acme heating")
	d.told(s.frank, func() error { return s.frank.Click(s.acme, card.TS, "Accept") }, "You are in charge", "Pump is loud")
	now := d.card(s.acme, n, "Accepted", "In charge", "frank")
	d.buttons(now, "Start", "Complete", "Hand over", "Steps and more")
	if slices.Contains(calls(now), "channel") {
		d.t.Error("a card that changed calls everybody again")
	}
	ops := d.card(d.ops, n, "Accepted", "In charge", "frank", "Acme Heating, Leeds")
	d.reply(ops, "frank", "accepted")
	d.must(s.frank.Click(s.acme, card.TS, "Start"))
	d.buttons(d.card(s.acme, n, "In progress", "frank"), "Complete", "Hand over", "Steps and more")
	d.card(d.ops, n, "In progress")
	d.status(n, "allocated", "in_progress")
	if got := d.cards(s.acme, n); got != 1 {
		d.t.Errorf("the firm has %d cards", got)
	}
}

// handOver: a colleague takes over.
func (s *story) handOver() {
	d := s.desk
	n, card := d.accepted(s.acme, "Thermostat", "acme heating", s.frank)
	d.must(s.frank.Click(s.acme, card.TS, "Hand over"))
	d.submit(s.frank, fmt.Sprintf("Hand over #%d", n), slacktest.Values{"New person in charge": "fiona"})
	d.card(s.acme, n, "In progress", "fiona")
	d.card(d.ops, n, "In progress", "fiona")
	d.reply(card, "over to fiona")
}

// decline: the firm says why, and operators can offer the job elsewhere at once.
func (s *story) decline() {
	d := s.desk
	n, card := d.offered(s.acme, "Far away", "acme heating")
	d.must(s.frank.Click(s.acme, card.TS, "Decline"))
	d.view(s.frank, fmt.Sprintf("Decline #%d", n))
	d.refusedForm(s.frank, slacktest.Values{}, "reason", required)
	d.refusedForm(s.frank, slacktest.Values{"Reason": "Other"}, "text", "why")
	d.told(s.frank, func() error {
		d.submit(s.frank, fmt.Sprintf("Decline #%d", n), slacktest.Values{"Reason": "Too far away", "Anything to add": "Two hours each way"})
		return nil
	}, "You declined")
	d.buttons(d.card(s.acme, n, "Declined", "Too far away", "Two hours each way"))
	ops := d.card(d.ops, n, "Reported", "Declined", "Too far away")
	d.reply(ops, "frank", "declined", "Two hours each way")
	d.buttons(ops, "Offer elsewhere", "Edit details", "Close", "Ask somebody outside")
	d.must(d.oskar.Click(d.ops, ops.TS, "Offer elsewhere"))
	d.submit(d.oskar, fmt.Sprintf("Offer #%d", n), slacktest.Values{"Contractor": "Acme Roofing, Bradford"})
	d.card(d.slack.ChannelID("ext-bradford-acme-roofing"), n, "accept or decline")
	d.card(d.ops, n, "Assigned", "Acme Roofing, Bradford")
	i := d.issue(n)
	if i.Assignments[0].DeclinedReason != "location" {
		d.t.Errorf("the reason is %q", i.Assignments[0].DeclinedReason)
	}
}

// TestNoAnswerInTime: the shortest offer there is warns the firm and ends by
// itself.
func TestNoAnswerInTime(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{slack: slacktest.Options{WaitTimeout: 100 * time.Second}})
	acme, who := d.firm("Leeds", "Acme", "frank")
	n := d.newIssue("Nobody answers")
	d.says(fmt.Sprintf("/task assign %d acme by 30s", n), "Write it like")
	d.says(fmt.Sprintf("/task assign %d acme by 0m", n), "a minute at least")
	d.says(fmt.Sprintf("/task assign %d acme by 1m", n), "is offered to")
	card := d.card(acme, n, "accept or decline")
	warning := d.reply(card, "Please answer this offer by")
	if !slices.Contains(calls(warning), "channel") {
		t.Errorf("the warning calls nobody: %v", calls(warning))
	}
	d.buttons(d.card(acme, n, "Declined", "No answer in time"))
	d.reply(card, "The time to answer is over")
	ops := d.card(d.ops, n, "Reported", "No answer in time")
	d.reply(ops, "did not answer in time")
	d.buttons(ops, "Offer elsewhere", "Edit details", "Close", "Ask somebody outside")
	d.told(who[0], func() error { return who[0].ClickOld(card, "Accept") }, "ask the desk to offer it again")
	if kinds := strings.Join(d.events(n), " "); !strings.Contains(kinds, "warned") {
		t.Errorf("the history is %s", kinds)
	}
}
