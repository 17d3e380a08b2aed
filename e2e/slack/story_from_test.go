package slack_test

import (
	"regexp"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestTaskFromMessage: an operator makes a task of a message, in its menu and by its
// link; nobody reads by it what they are not shown otherwise.
func TestTaskFromMessage(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	_, who := d.firm("Leeds", "Acme Heating", "frank")
	tenants := d.slack.AddChannel(slacktest.ChannelSpec{Name: "tenants", Private: true, NoBot: true, Members: []string{"oskar", "stella"}})
	m, err := d.slack.Person("stella").Say(tenants, "The boiler is cold.\nSince Sunday, flat 3, *urgent*.")
	d.must(err)

	// In the menu of the message, where the app need not be in the channel.
	d.must(d.oskar.Shortcut(tenants, m.TS, "make_task"))
	v := d.view(d.oskar, "New job")
	if !strings.Contains(string(v.Blocks), "The boiler is cold.") || !strings.Contains(string(v.Blocks), "Since Sunday, flat 3") {
		t.Errorf("the form lacks what the message says: %s", v.Blocks)
	}
	_, err = d.oskar.Submit(slacktest.Values{})
	d.must(err)
	card := d.card(d.ops, 1, "The boiler is cold.")
	link := "/archives/" + tenants + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if !strings.Contains(string(card.Blocks), link) {
		t.Errorf("the desk's card lacks the source %s: %s", link, card.Blocks)
	}
	d.must(d.stella.Shortcut(tenants, m.TS, "make_task"))
	d.lacks("the answer to a stranger", d.ephemeral(d.stella, "does not know you").Plain(), "boiler")
	if err := who[0].Shortcut(tenants, m.TS, "make_task"); err == nil {
		t.Error("somebody of another organisation has a shortcut")
	}

	// By its link, which the app follows only where it and the asker are.
	url := regexp.MustCompile(`https://[^"|>]+` + regexp.QuoteMeta(link)).FindString(string(card.Blocks))
	d.says("/task from "+url, "no such message in a channel that you and I are both in")
	d.must(d.slack.Join(tenants, d.slack.BotUserID()))
	d.must(d.slack.Settle())
	d.says("/task from " + url)
	v = d.view(d.oskar, "New job")
	if !strings.Contains(string(v.Blocks), "Since Sunday, flat 3") {
		t.Errorf("the form lacks what the message says: %s", v.Blocks)
	}
	d.must(d.oskar.CloseView())
	a := d.command(d.ada, d.ops, "/task from "+url, "no such message in a channel that you and I are both in")
	d.lacks("the answer to who is not in the channel", a.Plain(), "boiler", "Sunday")
}
