package slack_test

import (
	"fmt"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// TestCertificatesBeforeWork: the desk enters what it has checked, asks for it on a job,
// and no way leads to a firm that lacks it, until its certificate has ended: then the desk
// is told, and the firm goes on with what it has.
func TestCertificatesBeforeWork(t *testing.T) {
	t.Parallel()
	each(t, sockets(), func(t *testing.T, v variant) {
		clock := newMovedClock(t)
		d := open(t, v, options{clock: clock})
		acme, who := d.firm("Leeds", "Acme", "frank")
		baker, _ := d.firm("York", "Baker", "bea")
		frank := who[0]
		day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }

		// A line, or a form, which the button under the list opens as well.
		list := d.told(d.oskar, func() error {
			_, err := d.oskar.Command(d.ops, "/task contractor certificate acme")
			return err
		}, "None has been entered yet")
		d.must(d.oskar.ClickOld(list, "Enter a certificate"))
		d.view(d.oskar, "New certificate")
		d.refusedForm(d.oskar, slacktest.Values{"Name": "Gas safety", "Valid until": day(-3)}, "until", "has passed")
		d.told(d.oskar, func() error {
			d.submit(d.oskar, "New certificate", slacktest.Values{"Name": "Gas safety", "Valid until": day(60), "Reference": "GS-4411"})
			return nil
		}, "Acme, Leeds has the certificate", "Gas safety")
		d.says("/task contractor certificate acme add F-gas", "F-gas", "with no end date")
		d.says("/task contractor certificate acme", "Gas safety", "checked by", "oskar", "GS-4411", "with no end date")
		for _, text := range []string{"/task contractor certificate acme add Heights until last year", "/task contractor certificate acme remove Heights", "/task contractor certificate acme sell"} {
			d.sentence(d.says(text).Plain())
		}

		// What a job needs, by the form of its requirements.
		n := d.newIssue("Boiler down")
		d.says(fmt.Sprintf("/task require %d", n))
		d.submit(d.oskar, fmt.Sprintf("Requirements #%d", n), slacktest.Values{"Certificates": "Gas safety"})
		d.card(d.ops, n, "Needs certificates", "Gas safety")
		d.sentence(d.says(fmt.Sprintf("/task assign %d baker", n), "Baker, York cannot get this job", "no certificate").Plain())
		d.sentence(d.says(fmt.Sprintf("/task assign %d acme, baker", n), "Baker, York cannot get this job").Plain())
		d.says(fmt.Sprintf("/task assign %d acme then baker", n), "is offered to", "Baker, York is passed over unless")
		card := d.card(acme, n, "accept or decline", "Needs certificates", "Gas safety")
		d.must(frank.Click(acme, card.TS, "Decline"))
		d.submit(frank, fmt.Sprintf("Decline #%d", n), slacktest.Values{"Reason": "Too far away"})
		d.happened(n, "chain_over")
		d.says(fmt.Sprintf("/task history %d", n), "Baker, York was passed over because it lacks the certificate Gas safety")
		if d.cards(baker, n) != 0 {
			t.Error("a firm without the certificate has a card")
		}
		n = d.newIssue("Boiler cold")
		d.says(fmt.Sprintf("/task require %d", n))
		d.submit(d.oskar, fmt.Sprintf("Requirements #%d", n), slacktest.Values{"Certificates": "gas safety"})
		d.says(fmt.Sprintf("/task assign %d acme", n), "is offered to")
		card = d.card(acme, n, "accept or decline")
		d.told(frank, func() error { return frank.Click(acme, card.TS, "Accept") }, "You are in charge")

		// A month before its end, and after it.
		d.arrives(clock, time.Now().AddDate(0, 0, 31))
		d.card(d.ops, n, "Accepted")
		_, err := d.slack.WaitMessage(d.ops, showing("The certificate", "Gas safety", "Acme, Leeds", "ends on"))
		d.must(err)
		d.arrives(clock, time.Now().AddDate(0, 0, 62))
		_, err = d.slack.WaitMessage(d.ops, showing("Gas safety", "ended on", "Work that was accepted goes on"))
		d.must(err)
		other := d.newIssue("Another boiler")
		d.says(fmt.Sprintf("/task require %d", other))
		d.submit(d.oskar, fmt.Sprintf("Requirements #%d", other), slacktest.Values{"Certificates": "Gas safety, F-gas"})
		d.sentence(d.says(fmt.Sprintf("/task assign %d acme", other), "ended on").Plain())
		d.must(frank.Click(acme, card.TS, "Start"))
		d.card(acme, n, "In progress")
		for _, m := range append(d.slack.Messages(acme), d.slack.Messages(baker)...) {
			if showing("GS-4411")(m) {
				t.Errorf("a firm reads %q", m.Plain())
			}
		}
		d.says("/task contractor certificate acme add Gas safety until "+day(400), "Gas safety")
		d.says(fmt.Sprintf("/task assign %d acme", other), "is offered to")
		d.card(acme, other, "accept or decline")
	})
}
