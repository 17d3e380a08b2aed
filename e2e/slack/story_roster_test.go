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
		d.program.stop()
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
