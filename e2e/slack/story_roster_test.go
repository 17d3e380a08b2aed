package slack_test

import (
	"slices"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// inside waits until somebody is, or is not, in a channel.
func (d *desk) inside(channel string, p *slacktest.Person, in bool) {
	d.t.Helper()
	what := p.Name() + " in the channel"
	if !in {
		what = p.Name() + " out of the channel"
	}
	until(d.t, what, func() bool { return slices.Contains(d.slack.Members(channel), p.ID()) == in })
}

// TestOperatorsInFirmsChannels: who joins the operations channel is put into every
// firm's channel; who leaves it is taken out and acts for nobody, also when that
// happened while the program was away. People of the firm are only noted.
func TestOperatorsInFirmsChannels(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		baker, _ := d.firm("York", "Baker")
		nora := d.slack.AddUser(slacktest.UserSpec{Name: "nora", RealName: "Nora"})
		olaf := d.slack.AddUser(slacktest.UserSpec{Name: "olaf", RealName: "Olaf"})
		for _, p := range []*slacktest.Person{nora, olaf} {
			d.must(d.slack.Join(d.ops, p.Name()))
			for _, channel := range []string{acme, baker} {
				d.inside(channel, p, true)
			}
		}
		d.must(d.slack.Settle())
		d.must(d.slack.Leave(d.ops, "nora"))
		for _, channel := range []string{acme, baker} {
			d.inside(channel, nora, false)
		}
		_, err := d.slack.WaitMessage(d.ops, showing("frank is in", "ext-leeds-acme"))
		d.must(err)

		d.must(d.slack.Settle())
		d.program.Stop()
		d.must(d.slack.Leave(d.ops, "olaf"))
		d.must(d.slack.Leave(acme, "oskar"))
		d.start(v)
		d.told(d.oskar, func() error {
			_, err := d.oskar.Command(d.ops, "/task contractor sync acme")
			return err
		}, "ext-leeds-acme")
		d.inside(acme, olaf, false)
		d.inside(acme, d.oskar, true)
		d.inside(acme, who[0], true)

		d.must(d.slack.Leave(acme, "frank"))
		_, err = d.slack.WaitMessage(d.ops, showing("frank is no longer in", "ext-leeds-acme"))
		d.must(err)
		d.says("/task contractor show acme", "frank (not in the channel)", "Desk:")
	})
}

// TestRosterOfAFirm: the desk writes down who belongs to a firm and what they do there.
// Whoever it takes off is taken out, stays out when the channel is compared, and comes
// back only when somebody says so; whom the firm brings in by itself is noted and left.
// A channel that was renamed, archived or left without the desk's people is set right as
// far as an app may, and what is left is said.
func TestRosterOfAFirm(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[2], options{})
	acme, who := d.firm("Leeds", "Acme", "frank", "fiona")
	frank, fiona := who[0], who[1]
	sync := func(parts ...string) {
		t.Helper()
		d.told(d.oskar, func() error {
			_, err := d.oskar.Command(d.ops, "/task contractor sync acme")
			return err
		}, parts...)
	}
	roster := func(command string, parts ...string) {
		t.Helper()
		d.sentence(d.says("/task contractor "+command, parts...).Plain())
	}
	_, err := d.slack.WaitMessage(d.ops, showing("fiona is in", "ext-leeds-acme"))
	d.must(err)
	sync("ext-leeds-acme", "is as it should be")
	roster("role acme frank foreman", "frank of Acme, Leeds: foreman")
	roster("role acme frank", "Say what frank does there")
	roster("role acme nobody foreman", "Usage:")
	d.says("/task contractor show acme", "frank (foreman", "fiona (brought in by the firm)", "Desk:")

	// Taken off.
	d.told(d.oskar, func() error {
		_, err := d.oskar.Command(d.ops, "/task contractor remove acme fiona")
		return err
	}, "fiona")
	d.inside(acme, fiona, false)
	d.says("/task contractor show acme", "Taken off:* fiona")
	d.must(d.slack.Join(acme, "fiona"))
	d.must(d.slack.Settle())
	sync("removing fiona")
	d.inside(acme, fiona, false)
	d.inside(acme, frank, true)

	// Drift that nobody told of.
	d.program.Stop()
	d.must(d.slack.Rename(acme, "acme-and-us"))
	d.must(d.slack.Leave(acme, "ada"))
	d.start(variants()[2])
	sync("acme-and-us")
	d.inside(acme, d.ada, true)
	d.says("/task contractor show acme", "acme-and-us")
	n, _ := d.offered(acme, "After the move", "acme")
	d.must(d.slack.Archive(acme, "ada"))
	_, err = d.slack.WaitMessage(d.ops, showing("acme-and-us", "archived"))
	d.must(err)
	sync("acme-and-us", "unarchive it or off-board the firm")
	d.must(d.slack.Unarchive(acme, "ada"))
	d.must(d.slack.Settle())
	sync("acme-and-us")
	d.must(frank.Click(acme, d.card(acme, n, "accept or decline").TS, "Accept"))
	d.status(n, "allocated", "accepted")
	// A firm manages nobody, and neither does who may not manage firms.
	d.command(d.ada, d.ops, "/task rights revoke oskar firms", "not have the right")
	roster("remove acme frank", "was taken")
	d.inside(acme, frank, true)
}
