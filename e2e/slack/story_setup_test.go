package slack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// operationsChannel: an administrator says which channel is the desk's; from then
// on its full members are operators.
func (s *story) operationsChannel() {
	d := s.desk
	a := d.command(d.oskar, d.ops, "/task new Too early", "no operations channel yet", "/task here operations")
	d.sentence(a.Plain())
	a = d.command(d.oskar, d.ops, "/task here operations", "administrator")
	d.sentence(a.Plain())
	d.command(d.ada, d.ops, "/task here", "Usage: /task here operations|managers")

	d.command(d.ada, d.ops, "/task here operations", "This is now the operations channel", "operators")
	d.command(d.oskar, d.ops, "/task list", "Open jobs")
	d.command(d.ada, "general", "/task list", "Open jobs")
	// A guest in the channel is not an operator, and neither is anybody else.
	for _, p := range []*slacktest.Person{d.gustav, d.stella} {
		a := d.command(p, "general", "/task new Not mine to say")
		d.lacks("the answer to somebody else", a.Plain(), "Created")
		d.sentence(a.Plain())
	}
	// Who joins is one from then on; who leaves is not.
	nora := d.slack.AddUser(slacktest.UserSpec{Name: "nora"})
	d.must(d.slack.Join("general", "nora"))
	d.must(d.slack.Join(d.ops, "nora"))
	d.must(d.slack.Settle())
	d.command(nora, d.ops, "/task list", "Open jobs")
	d.must(d.slack.Leave(d.ops, "nora"))
	d.must(d.slack.Settle())
	d.lacks("the answer to who left", d.command(nora, "general", "/task list").Plain(), "Open jobs")
}

// contractor: a firm gets a channel with the operators in it and a welcome, and its
// people are asked in by e-mail.
func (s *story) contractor() {
	d := s.desk
	id, name := d.addFirm("Leeds", "Acme Heating")
	if name != "ext-leeds-acme-heating" {
		d.t.Errorf("the channel is called %q", name)
	}
	welcome, err := d.slack.WaitMessage(id, showing("Welcome, Acme Heating", "Accept", "Decline", "thread", "Complete"))
	d.must(err)
	if len(calls(welcome)) > 0 {
		d.t.Errorf("the welcome calls %v", calls(welcome))
	}
	until(d.t, "the operators in the firm's channel", func() bool {
		members := d.slack.Members(id)
		return slices.Contains(members, d.ada.ID()) && slices.Contains(members, d.oskar.ID())
	})
	for _, p := range []*slacktest.Person{d.gustav, d.stella} {
		if slices.Contains(d.slack.Members(id), p.ID()) {
			d.t.Errorf("%s is in the firm's channel", p.Name())
		}
	}
	d.says("/task contractor add leeds | acme heating", "is here already", name)
	d.says("/task contractor list", "Acme Heating, Leeds", name)

	s.acme = id
	s.frank = s.guestOf("Acme Heating", "frank", "frank@acme.example")
	s.invites()
	// A colleague joins without an invitation of ours.
	s.fiona = d.slack.AddUser(slacktest.UserSpec{Name: "fiona", RealName: "fiona", Team: "Acme Heating"})
	d.must(d.slack.Join(id, "fiona"))
	d.must(d.slack.Settle())
}

func (s *story) guestOf(team, name, email string) *slacktest.Person {
	return s.slack.AddUser(slacktest.UserSpec{Name: name, RealName: strings.ToUpper(name[:1]) + name[1:], Email: email, Team: team})
}

// invites: one accepts, one declines, one is of the workspace, and one is no
// address at all; how each stands is shown.
func (s *story) invites() {
	d := s.desk
	d.told(d.oskar, func() error {
		_, err := d.oskar.Command(d.ops, "/task contractor invite acme frank@acme.example")
		return err
	}, "frank@acme.example", "invitation")
	inv, err := d.slack.WaitInvite("frank@acme.example")
	d.must(err)
	if inv.Channel != s.acme || inv.ExternalLimited {
		d.t.Errorf("the invitation is %+v", inv)
	}
	d.says("/task contractor show acme", "frank@acme.example was sent an invitation")
	d.must(d.slack.AcceptInvite(inv.ID, "frank", true))
	_, err = d.slack.WaitMessage(d.ops, showing("frank@acme.example", "administrator"))
	d.must(err)
	d.must(d.slack.ApproveInvite(inv.ID, "ada"))
	_, err = d.slack.WaitMessage(d.ops, showing("frank@acme.example was approved"))
	d.must(err)

	s.guestOf("Acme Heating", "dora", "dora@acme.example")
	s.slack.AddUser(slacktest.UserSpec{Name: "ina", RealName: "Ina Inside", Email: "ina@desk.example"})
	// Said in the firm's channel, the firm need not be named; several at once work.
	d.command(d.oskar, s.acme, "/task contractor invite dora@acme.example ina@desk.example", "dora@acme.example", "ina@desk.example")
	inv, err = d.slack.WaitInvite("dora@acme.example")
	d.must(err)
	d.must(d.slack.DeclineInvite(inv.ID, "dora"))
	_, err = d.slack.WaitMessage(d.ops, showing("dora@acme.example declined"))
	d.must(err)
	until(d.t, "ina in the channel", func() bool { return slices.Contains(d.slack.Members(s.acme), d.slack.Person("ina").ID()) })
	a := d.says("/task contractor show acme", "frank@acme.example is in the channel", "dora@acme.example declined", "ina@desk.example is in the channel")
	d.lacks("what is over", a.Plain(), "Slack has sent the invitation")
	a = d.says("/task contractor invite acme", "Usage: /task contractor invite")
	d.sentence(a.Plain())
	d.told(d.oskar, func() error {
		_, err := d.oskar.Command(d.ops, "/task contractor invite acme nobody@")
		return err
	}, "nobody@ could not be invited")
}

// TestOperationsChannelByConfiguration: a desk can be set up without a word in
// chat.
func TestOperationsChannelByConfiguration(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[2], options{configured: true})
	n := d.newIssue("Configured, not typed")
	d.card(d.ops, n, "Reported")
	a := d.command(d.ada, d.ops, "/task help", "/task here operations|managers")
	d.has("help", a.Plain(), "/task new [title]")
}

// TestConnectIsMissing: without Slack Connect the invitation says why it failed.
func TestConnectIsMissing(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{slack: slacktest.Options{NoConnect: true}})
	d.addFirm("Leeds", "Acme")
	d.told(d.oskar, func() error {
		_, err := d.oskar.Command(d.ops, "/task contractor invite acme frank@acme.example")
		return err
	}, "frank@acme.example could not be invited")
	d.says("/task contractor show acme", "frank@acme.example could not be invited")
}

// TestNamesOfChannels: every name gives a channel that Slack accepts, and one that
// is taken gives way.
func TestNamesOfChannels(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	old := d.slack.AddChannel(slacktest.ChannelSpec{Name: "ext-kiel-nord", NoBot: true})
	d.must(d.slack.Archive(old, "ada"))
	long := strings.TrimSpace(strings.Repeat("Long and winding name ", 5))[:100]
	for _, tc := range []struct{ city, company, want string }{
		{"Köln", "Müller & Söhne", "ext-k"},
		{"Москва", "Строй Сервис", "ext-moskva-stroi"},
		{"Kiel", "Nord", "ext-kiel-nord-2"},
		{"Leeds", long, "ext-leeds-long-and-winding"},
		{"???", "!!!", "ext-"},
	} {
		id, name := d.addFirm(tc.city, tc.company)
		if !strings.HasPrefix(name, tc.want) || len(name) > 80 || strings.HasSuffix(name, "-") || id == old {
			d.t.Errorf("%s | %s became %q (%s)", tc.city, tc.company, name, id)
		}
		_, err := d.slack.WaitMessage(id, showing("Welcome"))
		d.must(err)
		d.says("/task contractor show "+tc.company, tc.company, tc.city, name)
	}
	a := d.says("/task contractor add Leeds | "+strings.Repeat("x", 101), fmt.Sprintf("up to %d characters", 100))
	d.sentence(a.Plain())
}
