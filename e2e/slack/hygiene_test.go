package slack_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestNothingWrittenShowsSecretsOrWords lives through a job whose every text bears a
// mark, at the most talkative log level, while Slack fails in ways that repeat what
// they were sent. No token, address, trigger or marked text is in the log, the metrics,
// what the service says of itself, or an address that was called.
func TestNothingWrittenShowsSecretsOrWords(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		frank := who[0]
		echo := func(method string, kinds ...slacktest.FaultKind) {
			for _, kind := range kinds {
				d.slack.Inject(slacktest.Fault{Method: method, Kind: kind, Status: http.StatusBadGateway})
			}
		}
		n := d.newIssue("markedtitle at markedplace")
		d.says(fmt.Sprintf("/task assign %d acme by 2h", n), "is offered to")
		card := d.card(acme, n, "accept or decline")
		d.told(frank, func() error { return frank.Click(acme, card.TS, "Accept") }, "You are in charge")

		// What is sent fails with a page that repeats it, and gets through in the end.
		echo("chat.postMessage", slacktest.FaultEcho, slacktest.FaultGarbled)
		echo("chat.update", slacktest.FaultEcho)
		d.says(fmt.Sprintf("/task comment %d markedcomment from the desk", n), "Sent")
		d.reply(card, "markedcomment")
		reply, err := frank.Reply(acme, card.TS, "markedreply and markedmail@acme.example")
		d.must(err)
		d.once(n, "markedreply and markedmail@acme.example")
		d.must(frank.Edit(acme, reply.TS, "markededit"))
		d.once(n, "markededit")
		d.must(frank.Delete(acme, reply.TS))
		until(t, "the deletion", func() bool { return d.once(n, "markededit").DeletedAt != nil })

		// What Slack refuses with an error that repeats it is given up.
		echo("conversations.inviteShared", slacktest.FaultEchoCode)
		echo("users.lookupByEmail", slacktest.FaultEcho)
		_, err = d.oskar.Command(d.ops, "/task contractor invite acme markedguest@else.example")
		d.must(err)
		until(t, "the invitation that was given up", func() bool {
			return strings.Contains(d.program.Log(), "dispatcher: dropped")
		})
		echo("views.open", slacktest.FaultEchoCode)
		d.must(frank.Click(acme, card.TS, "Complete"))
		until(t, "a form that did not open", func() bool { return strings.Contains(d.program.Log(), "did not open") })

		var seen strings.Builder
		for _, path := range []string{"/metrics", "/readyz", "/healthz"} {
			res, err := d.program.Call(http.MethodGet, path, nil)
			d.must(err)
			seen.Write(res.Body)
		}
		// Forged and unknown requests are not repeated either.
		_, err = d.slack.Post("/slack/commands", []byte("text=markedforgery&token=markedtoken"), http.Header{"X-Slack-Signature": {"v0=markedsignature"}})
		d.must(err)
		text := seen.String() + d.program.Log()
		if m := regexp.MustCompile(`.*marked[a-z]+.*`).FindString(text); m != "" {
			t.Errorf("what people wrote is in the open: %s", m)
		}
		for _, sign := range []string{"xoxb-", "xapp-", "response_url", "hooks.slack", "Bearer", d.slack.SigningSecret(), d.slack.BotToken()} {
			if strings.Contains(text, sign) {
				t.Errorf("%q is in the open", sign)
			}
		}
		for _, c := range d.slack.Calls("") {
			for name, value := range c.Args {
				for _, secret := range []string{"trigger_id", "token"} {
					if name == secret && len(value) > 8 && strings.Contains(text, value) {
						t.Errorf("a %s is in the open", secret)
					}
				}
			}
		}
		if !strings.Contains(text, "dispatcher: postponed") {
			t.Error("nothing failed, so nothing was shown")
		}
	})
}
