package slack_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// home opens a person's Home tab and waits until it says all parts and none that begin
// with "-".
func (d *desk) home(p *slacktest.Person, parts ...string) slacktest.View {
	d.t.Helper()
	p.Home()
	return d.homeNow(p, parts...)
}

func (d *desk) homeNow(p *slacktest.Person, parts ...string) slacktest.View {
	d.t.Helper()
	v, err := p.WaitHome(func(v slacktest.View) bool {
		for _, part := range parts {
			without, absent := strings.CutPrefix(part, "-")
			if strings.Contains(v.Plain(), without) == absent {
				return false
			}
		}
		return true
	})
	if err != nil {
		d.t.Fatalf("%v: wanted %q in\n%s", err, parts, v.Plain())
	}
	return v
}

// TestHomeTab: what lies with an operator, with somebody of a firm and with a stranger,
// kept current, and acted on from there.
func TestHomeTab(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		_, who := d.firm("Leeds", "Acme Heating", "frank")
		frank := who[0]
		n := d.newIssue("Boiler down at Elm St")
		secret := d.newIssue("Secret of the desk")

		d.home(d.oskar, "Waiting for you", "New jobs (2)", "Boiler down at Elm St", "Secret of the desk", "Waiting approval (0)")
		d.home(frank, "To accept or decline (0)", "-Boiler", "-Secret")
		d.home(d.stella, "hands jobs to outside firms", "ask", "-Boiler")
		d.home(d.gustav, "hands jobs to outside firms", "-Boiler")

		d.says(fmt.Sprintf("/task assign %d acme heating", n), "is offered")
		d.homeNow(d.oskar, "New jobs (1)")
		d.homeNow(frank, "To accept or decline (1)", "Boiler down at Elm St", "-Secret")
		d.must(frank.UseHome("Accept", ""))
		d.homeNow(frank, "To accept or decline (0)", "My jobs (1)")
		d.must(frank.UseHome("Show a list", "My jobs (1)"))
		d.homeNow(frank, "My jobs (1)", "Boiler down at Elm St", "Back", "-To accept or decline (0)")
		d.must(frank.UseHome("Back", ""))
		d.homeNow(frank, "To accept or decline (0)")

		// A form opens from the Home tab as from a card.
		d.must(d.oskar.UseHome("Show a list", "New jobs (1)"))
		d.homeNow(d.oskar, "New jobs (1)", "Secret of the desk", "-Waiting approval (0)")
		d.must(d.oskar.UseHome("Edit details", ""))
		d.view(d.oskar, fmt.Sprintf("Job #%d", secret))
		d.must(d.oskar.CloseView())
		if len(d.slack.Violations()) > 0 {
			d.t.Errorf("against Slack's rules: %v", d.slack.Violations())
		}
	})
}

// TestListPages: the buttons of a list lead through all of it, for the one who asked.
func TestListPages(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[1], options{})
	for n := range 14 {
		d.newIssue(fmt.Sprintf("Job number %d.", n+1))
	}
	d.says("/task list new", "New jobs (14)", "Job number 14.")
	first := d.ephemeral(d.oskar, "New jobs (14)", "Job number 14.")
	d.must(d.oskar.ClickOld(first, "Next"))
	second := d.ephemeral(d.oskar, "New jobs (14)", "Job number 1.")
	d.lacks("the second page", second.Plain(), "Job number 14.")
	if second.TS != first.TS {
		t.Errorf("the second page is a message of its own")
	}
	d.must(d.oskar.ClickOld(second, "Previous"))
	d.ephemeral(d.oskar, "New jobs (14)", "Job number 14.")
}
